"""When a board-day counts as closed, so that its reference rates are final."""

import datetime as dt

from orchestration.build.closings import closings
from orchestration.fetch.known import DayRecord, ScopeRecord
from orchestration.settings import KST

DAY = dt.date(2025, 2, 4)


def read(at: dt.datetime, state: str = "complete") -> ScopeRecord:
    return ScopeRecord("run", at, "linear", (DayRecord(DAY, state, None, ()),))  # type: ignore[arg-type]


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2025, 2, day, hour, minute, tzinfo=KST)


def test_a_day_that_was_read_is_open_until_two_in_the_morning():
    assert closings([read(at(4, 12)), read(at(5, 1, 59))], [DAY]) == {DAY: (None, True)}


def test_the_first_complete_reading_after_that_closes_it_for_good():
    records = [read(at(4, 12)), read(at(5, 2), "failed"), read(at(5, 3)), read(at(9, 3))]
    assert closings(records, [DAY]) == {DAY: (at(5, 3), False)}


def test_a_reading_that_failed_does_not_open_it_and_a_day_that_nobody_fetched_is_neither():
    assert closings([read(at(4, 12), "failed")], [DAY]) == {DAY: (None, False)}
    assert closings([], [DAY]) == {DAY: (None, False)}
