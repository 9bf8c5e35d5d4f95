"""When an article is due, and what a landed scope tells later runs."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from orchestration.fetch.known import (
    DayRecord,
    Known,
    ScopeRecord,
    dated,
    index,
    latest_complete,
    note_with_mark,
    row_mark,
    scope_records,
    why_due,
)
from orchestration.landing.records import Response
from orchestration.landing.sealed import Entry, entry_of
from orchestration.parse.records import Row
from orchestration.settings import Board

NOON = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
AGES = (HOUR, 6 * HOUR, 24 * HOUR)
ROW = Row(
    position=0,
    post_no=7,
    is_notice=False,
    is_current=False,
    is_secret=False,
    document_id=5,
    url=None,
    title="[속보] 환율",
    author="기자",
    date_text="2026.11.20",
    listed_on=dt.date(2026, 11, 20),
    category=None,
    comment_count=1,
    view_count=10,
)
MARK = row_mark(ROW)


def entry(hours: float, note: str = "new", status: int = 200, **given: object) -> Entry:
    response = Response("news", "r", "article", "u", "u", status, {}, NOON + hours * HOUR, b"", note=note, document_id=5)
    return replace(entry_of(response), **given)


@pytest.mark.parametrize(
    ("read_at", "now", "due"),
    [
        ([], 0, "new"),
        ([0], 0.9, None),
        ([0], 1, "refresh after 1 h"),
        ([0, 1.2], 5, None),
        ([0, 1.2], 6, "refresh after 6 h"),
        ([0], 30, "refresh after 1 h"),
        ([0, 30], 40, None),
        ([0, 1, 6, 24], 9999, None),
    ],
)
def test_an_article_is_due_once_per_age_of_the_rule(read_at, now, due) -> None:
    known = index(entry(hours) for hours in read_at).get(5)
    assert why_due(known, MARK, AGES, NOON + now * HOUR) == due


@pytest.mark.parametrize(
    "change", [{"title": "고침"}, {"is_secret": True}, {"listed_on": None}, {"author": None}, {"category": "경제"}]
)
def test_a_change_of_the_row_makes_it_due(change) -> None:
    known = index([entry(0, note_with_mark("new", MARK))])[5]
    assert why_due(known, MARK, AGES, NOON) is None
    assert why_due(known, row_mark(replace(ROW, **change)), AGES, NOON) == "the list shows a change"


def test_counts_and_place_are_no_change() -> None:
    moved = replace(ROW, position=9, post_no=3, view_count=99, comment_count=5, is_current=True)
    assert row_mark(moved) == row_mark(ROW)


def test_what_was_no_answer_leaves_an_article_unread() -> None:
    assert index([entry(0, "unanswered (HTTP 500): new", 500)]) == {}


def test_a_question_by_link_keeps_the_mark_of_the_row() -> None:
    known = index([entry(0, note_with_mark("new", MARK)), entry(1, "no longer listed", 404)])[5]
    assert known == Known(NOON, NOON + HOUR, row_mark(ROW))


BOARD = Board(id="news", name="뉴스", url="https://b.example/news", first_day=dt.date(2026, 11, 1))
TODAY = dt.date(2026, 11, 20)
BEFORE = TODAY - 24 * HOUR


def record(run_id: str, hours: float, *days: DayRecord, **given: object) -> ScopeRecord:
    return ScopeRecord(run_id, NOON + hours * HOUR, "linear", days, (("a" * 32, (TODAY,)),), {"pages": 3}, **given)


def complete(day: dt.date, *documents: int) -> DayRecord:
    return DayRecord(day, "complete", None, documents)


def test_a_scope_comes_back_from_the_landing_as_it_was() -> None:
    days = complete(TODAY, 3, 5), DayRecord(BEFORE, "failed", "왜", ())
    for before in (record("r1", 0, *days, outside={BEFORE: {7: MARK}}), ScopeRecord.opening("r1", NOON, [TODAY, BEFORE])):
        assert ScopeRecord.of(before.landed(BOARD)) == before


def test_a_scope_landed_by_version_0_1_0_is_read() -> None:
    landed = record("r1", 0, complete(TODAY, 3)).landed(BOARD)
    raw = {key: value for key, value in json.loads(landed.body).items() if key not in ("outside", "has_ended")}
    assert ScopeRecord.of(replace(landed, body=json.dumps(raw).encode())) == record("r1", 0, complete(TODAY, 3))


def test_the_end_of_a_run_follows_its_beginning_also_where_the_clock_stood_still() -> None:
    opening, end = ScopeRecord.opening("r1", NOON, [TODAY]), record("r1", 0, complete(TODAY, 3))
    assert scope_records([end.landed(BOARD), opening.landed(BOARD)]) == [opening, end]


def test_the_latest_complete_reading_of_a_day_counts_whatever_failed_later() -> None:
    first = record("r1", 0, complete(TODAY, 1))
    second = record("r2", 1, complete(TODAY, 1, 2))
    third = record("r3", 2, DayRecord(TODAY, "failed", "down", ()))
    assert latest_complete([first, second, third])[TODAY][0].run_id == "r2"


def test_a_document_stands_under_the_day_of_its_latest_sighting_and_goes_when_its_day_was_read_without_it() -> None:
    first = record("r1", 0, complete(TODAY, 1, 2), complete(BEFORE, 3))
    assert dated([first]) == {TODAY: {1: None, 2: None}, BEFORE: {3: None}}
    dated_back = record("r2", 1, complete(TODAY, 2), outside={BEFORE: {1: MARK, 4: MARK}})
    assert dated([first, dated_back]) == {TODAY: {2: None}, BEFORE: {3: None, 1: MARK, 4: MARK}}
    judged = record("r3", 2, complete(BEFORE, 1, 4))
    assert dated([first, dated_back, judged]) == {TODAY: {2: None}, BEFORE: {1: None, 4: None}}
    failed = record("r4", 3, DayRecord(BEFORE, "failed", "down", (5,)))
    assert dated([first, failed]) == {TODAY: {1: None, 2: None}, BEFORE: {3: None, 5: None}}
