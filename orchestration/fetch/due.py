"""Board-days that a nightly run takes up again: with an article due by the refresh rule, or left unfinished.

Here: which days, and joining them into ranges. Not here: running them (`defs` does), or what is due (`known`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from orchestration.fetch.known import dated, index, scope_records, why_due
from orchestration.landing.store import Landing
from orchestration.settings import Board


def due_days(boards: Sequence[Board], landing: Landing, now: dt.datetime, *, most: int) -> frozenset[tuple[str, dt.date]]:
    """(board id, day), at most `most` of them, later days first, the boards in turn. What is left over is due again the next night.

    A day is unfinished when the last run that was asked for it did not read it completely, or died. It has an article due by
    the refresh rule, or when a list of another day shows one there that is new or has changed: a manager dated a post back.
    Days that no run was ever asked for, and those that a living run reads just now, are left alone. Reads the landing's index and
    scopes only; asks nothing.
    """
    writing = landing.writing()
    found: list[tuple[int, dt.date, str]] = []
    for board in boards:
        records = scope_records(landing.responses(board.id, purposes=["scope"]))
        known = index(landing.entries(board.id))
        documents = dated(records)
        state = {day.day: day.state for record in records for day in record.days}
        busy = {day.day for record in records if (record.run_id, board.id) in writing for day in record.days}
        due = [
            day
            for day, last in state.items()
            if day >= board.first_day
            and day not in busy
            and (
                last != "complete"
                or any(why_due(known.get(d), mark, board.refresh_ages, now) for d, mark in documents.get(day, {}).items())
            )
        ]
        found += [(turn, day, board.id) for turn, day in enumerate(sorted(due, reverse=True))]
    found.sort(key=lambda item: item[0])
    return frozenset((board_id, day) for _, day, board_id in found[:most])


def stretches(days: Iterable[dt.date]) -> tuple[tuple[dt.date, dt.date], ...]:
    """Contiguous ranges, both days included, oldest first: one run each."""
    ranges: list[tuple[dt.date, dt.date]] = []
    for day in sorted(set(days)):
        if ranges and day - ranges[-1][1] == dt.timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return tuple(ranges)
