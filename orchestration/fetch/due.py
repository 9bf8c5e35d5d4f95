"""Board-days that the night takes up again: with an article due by the refresh rule, or left unfinished.

Here: which days, and joining them into the ranges of runs. Not here: running them (`defs`), or when an article is due (`known`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestration.fetch.known import dated, index, scope_records, why_due
from orchestration.forget.landed import forgotten_documents
from orchestration.landing.store import Landing
from orchestration.settings import Board


def due_days(
    boards: Sequence[Board], landing: Landing, now: dt.datetime, *, until: dt.date, most: int
) -> frozenset[tuple[str, dt.date]]:
    """(board id, day) before `until`, at most `most` of them, later days first, the boards in turn. What is left over is due again
    the next night.

    A day is unfinished when the last run that was asked for it did not read it completely, or died. It has an article due by
    the refresh rule, or when a list of another day shows one there that is new or has changed: a manager dated a post back.
    Days that no run was ever asked for, and those that a living run reads just now, are left alone. Reads the landing's index and
    scopes only; asks nothing.
    """
    writing = landing.writing()
    forgotten = forgotten_documents(landing)
    found: list[tuple[int, dt.date, str]] = []
    for board in boards:
        records = scope_records(landing.responses(board.id, purposes=["scope"]))
        known = index(landing.entries(board.id))
        documents = dated(records)
        gone = forgotten.get(board.id, frozenset())  # never asked for again, so never due
        state = {day.day: day.state for record in records for day in record.days}
        busy = {day.day for record in records if (record.run_id, board.id) in writing for day in record.days}
        due = [
            day
            for day, last in state.items()
            if board.first_day <= day < until
            and day not in busy
            and (
                last != "complete"
                or any(
                    why_due(known.get(d), mark, board.refresh_ages, now)
                    for d, mark in documents.get(day, {}).items()
                    if d not in gone
                )
            )
        ]
        found += [(turn, day, board.id) for turn, day in enumerate(sorted(due, reverse=True))]
    found.sort(key=lambda item: item[0])
    return frozenset((board_id, day) for _, day, board_id in found[:most])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that follow one another, both ends included, of these boards: one run."""

    from_on: dt.date
    to_on: dt.date
    boards: frozenset[str]


def stretches(board_days: Iterable[tuple[str, dt.date]]) -> tuple[Stretch, ...]:
    """As few runs as days that follow one another allow, oldest first. A run reads all its days of all its boards: a list page or
    two more cost less than a run more."""
    found: list[Stretch] = []
    for board_id, day in sorted(board_days, key=lambda item: item[1]):
        if found and (day - found[-1].to_on).days <= 1:
            found[-1] = Stretch(found[-1].from_on, day, found[-1].boards | {board_id})
        else:
            found.append(Stretch(day, day, frozenset((board_id,))))
    return tuple(found)
