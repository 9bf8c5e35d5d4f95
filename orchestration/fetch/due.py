"""Board-days that a nightly run takes up again: with an article due by the refresh rule, or left unfinished.

Here: which days, and joining them into ranges. Not here: running them (`defs` does), or what is due (`known`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from orchestration.fetch.known import index, scope_records, why_due
from orchestration.landing.store import Landing
from orchestration.settings import Board


def due_days(boards: Sequence[Board], landing: Landing, now: dt.datetime, *, most: int) -> frozenset[tuple[str, dt.date]]:
    """(board id, day), at most `most` of them, unfinished ones first, then later days first. What is left over is due again the
    next night. Reads the landing's index only; asks nothing."""
    found: list[tuple[bool, dt.date, str]] = []
    for board in boards:
        known = index(landing.entries(board.id))
        state: dict[dt.date, tuple[bool, tuple[int, ...]]] = {}
        for record in sorted(scope_records(landing.responses(board.id, purposes=["scope"])), key=lambda record: record.at):
            for day in record.days:
                documents = day.documents if day.state == "complete" else state.get(day.day, (False, ()))[1]
                state[day.day] = (day.state != "complete", documents)
        for on, (is_unfinished, documents) in state.items():
            if on < board.first_day:
                continue
            if is_unfinished or any(why_due(known.get(document), None, board.refresh_ages, now) for document in documents):
                found.append((is_unfinished, on, board.id))
    found.sort(reverse=True)
    return frozenset((board_id, on) for _, on, board_id in found[:most])


def stretches(days: Iterable[dt.date]) -> tuple[tuple[dt.date, dt.date], ...]:
    """Contiguous ranges, both days included, oldest first: one run each."""
    ranges: list[tuple[dt.date, dt.date]] = []
    for day in sorted(set(days)):
        if ranges and day - ranges[-1][1] == dt.timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return tuple(ranges)
