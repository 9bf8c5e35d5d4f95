"""Which landed files go, where an operator set `landing_keep_days`; without it all are kept.

Here: the decision, and its doing at the end of a run. Not here: where files lie (`landing`), or which versions are kept
(`publish.versions`).

A page fetched on a day shows posts of that day and earlier ones. So of a board whose earliest board-day that still needs its
landing is D, nothing fetched on D or later goes.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.fetch.known import scope_records
from orchestration.fetch.offline import PageOf, offline_scope
from orchestration.landing.store import Landing
from orchestration.publish.reader import Standing, standing_days
from orchestration.settings import KST, Board, Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Going:
    """The files that the end of the next run removes, and their bytes."""

    files: tuple[Path, ...]
    bytes: int


NOTHING = Going((), 0)


def going(settings: Settings, boards: Sequence[Board], landing: Landing, page_of: PageOf, now: dt.datetime) -> Going:
    """Sealed files of `boards` that are older than `landing_keep_days`, by the day of their fetch and by when they were written
    (a page that was saved long ago may have been handed over today), and that no board-day needs.

    A board's refresh rule needs what was read within its longest age. Files of boards that boards.yaml no longer has, and
    operators' decisions, stay.
    """
    if settings.landing_keep_days is None:
        return NOTHING
    files: list[Path] = []
    for board in boards:
        kept = dt.timedelta(days=settings.landing_keep_days)
        kept = max(kept, *(age + dt.timedelta(days=1) for age in board.refresh_ages), kept)
        limit = (now - kept).astimezone(KST).date()
        old = [path for path in landing.sealed_files(board.id) if is_before(path, limit)]
        if not old:
            continue
        needed = needed_days(settings, board, landing, page_of, now)
        files += [path for path in old if is_before(path, min([limit, *needed]))]
    return Going(tuple(files), sum(path.stat().st_size for path in files))


def is_before(path: Path, day: dt.date) -> bool:
    """Whether a sealed file was fetched, and written, before this day (KST)."""
    fetched_on = path.parent.name.removeprefix("fetched_on=")
    return fetched_on < str(day) and dt.datetime.fromtimestamp(path.stat().st_mtime, KST).date() < day


def needed_days(settings: Settings, board: Board, landing: Landing, page_of: PageOf, now: dt.datetime) -> list[dt.date]:
    """The board-days that the landing has something of, and that do not stand as published with all of it; and those of documents
    in quarantine, which may be taken up again."""
    standing = standing_days(settings.published, board.id)
    records = scope_records(landing.responses(board.id, purposes=["scope"]))
    last_read = {day.day: record.at for record in records for day in record.days}
    today = now.astimezone(KST).date()
    scope = offline_scope(settings, [board], board.first_day, today, landing, "retention", page_of)
    return [day.day for day in scope.board_days if is_needed(day.day, standing, last_read)]


def is_needed(day: dt.date, standing: Mapping[dt.date, Standing], last_read: Mapping[dt.date, dt.datetime]) -> bool:
    stands = standing.get(day)
    if stands is None or not stands.is_published or stands.has_quarantined:
        return True
    return day in last_read and last_read[day] > stands.published_at


def apply(
    settings: Settings, boards: Sequence[Board], landing: Landing, page_of: PageOf, now: dt.datetime, tell: Callable[[str], None]
) -> None:
    """Remove what goes. After a publish nothing may say that the run failed: what cannot be removed now, a later run removes."""
    try:
        found = going(settings, boards, landing, page_of, now)
        landing.drop(found.files)
        if found.files:
            tell(f"{len(found.files)} landed files older than {settings.landing_keep_days} days removed ({found.bytes:,} bytes)")
    except OSError as error:
        log.warning("what is older than landing_keep_days could not be removed: %s", error)
