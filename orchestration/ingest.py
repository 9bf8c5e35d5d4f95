"""Saved pages into the landing, as if fetched.

Here: which address, status and time a saved page is landed with, and which pages are refused. Not here: reading a page
(`parse`), storage (`landing`), or building anything from it (an offline run does).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.forget.landed import forgetting
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.parse.reading import Reading
from orchestration.parse.records import Page
from orchestration.settings import Board, Settings


@dataclass(frozen=True, slots=True)
class Refused:
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """`days`: the days that the landed pages list or are dated with."""

    landed: tuple[Path, ...]
    refused: tuple[Refused, ...]
    days: frozenset[dt.date]


def ingest_pages(
    settings: Settings, board: Board, paths: Iterable[Path], *, url: str | None, status: int, fetched_at: dt.datetime | None
) -> IngestReport:
    """Land the saved pages of `board`. A page that says nothing is refused with its reason and stays where it is; the others
    land. Landing the same page with the same time twice adds nothing."""
    landing = Landing(settings.landing)
    landed: list[Path] = []
    refused: list[Refused] = []
    days: set[dt.date] = set()
    run_id = f"ingest-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}"
    with landing.writer(run_id, board.id) as spool:
        for path in paths:
            body = path.read_bytes()
            stamp = fetched_at or dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
            response = Response(
                board_id=board.id,
                run_id=run_id,
                purpose="ingest",
                url_asked=url or "",
                url=url or "",
                status=status,
                headers={},
                fetched_at=stamp.astimezone(dt.UTC),
                body=body,
                note=f"ingested from {path.name}",
            )
            page = Reading.of(board).shown(response)
            address = url or (page.article.url if page.article else None) or ""
            if reason := _refusal(page, address, status, fetched_at):
                refused.append(Refused(path, reason))
                continue
            spool.append(replace(response, url_asked=address, url=address, response_id=""))
            landed.append(path)
            days |= _days(page, stamp, board)
    landing.seal(forgetting(settings, landing))
    return IngestReport(tuple(landed), tuple(refused), frozenset(days))


def _refusal(page: Page, address: str, status: int, fetched_at: dt.datetime | None) -> str | None:
    """Why the page can't be landed, or None."""
    if page.engine == "text":
        return None if fetched_at else "page text does not say when it was read: give --fetched-at, e.g. 2025-02-05T09:00+09:00"
    if not address:
        return "the page does not say its address: give it with --url"
    if page.kind == "none" and status == 200:
        return f"no list and no article in it: {page.reason}"
    if not page.complete:
        return "the page is cut off: save it again, whole"
    return None


def _days(page: Page, stamp: dt.datetime, board: Board) -> set[dt.date]:
    days = {row.listed_on for row in page.rows if row.listed_on and not row.is_notice}
    if page.article:
        days.add((page.article.published_at or stamp).astimezone(board.zone).date())
    return days
