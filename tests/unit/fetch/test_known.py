"""When an article is due, and what a landed scope tells later runs."""

import datetime as dt
from dataclasses import replace

import pytest

from orchestration.fetch.known import DayRecord, Known, ScopeRecord, index, latest_complete, note_with_mark, row_mark, why_due
from orchestration.landing.records import Response
from orchestration.landing.sealed import Entry, entry_of
from orchestration.parse.records import Row

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
    assert why_due(known, ROW, AGES, NOON + now * HOUR) == due


@pytest.mark.parametrize(
    "change", [{"title": "고침"}, {"is_secret": True}, {"listed_on": None}, {"author": None}, {"category": "경제"}]
)
def test_a_change_of_the_row_makes_it_due(change) -> None:
    known = index([entry(0, note_with_mark("new", ROW))])[5]
    assert why_due(known, ROW, AGES, NOON) is None
    assert why_due(known, replace(ROW, **change), AGES, NOON) == "the list shows a change"


def test_counts_and_place_are_no_change() -> None:
    moved = replace(ROW, position=9, post_no=3, view_count=99, comment_count=5, is_current=True)
    assert row_mark(moved) == row_mark(ROW)


def test_what_was_no_answer_leaves_an_article_unread() -> None:
    assert index([entry(0, "unanswered (HTTP 500): new", 500)]) == {}


def test_a_question_by_link_keeps_the_mark_of_the_row() -> None:
    known = index([entry(0, note_with_mark("new", ROW)), entry(1, "no longer listed", 404)])[5]
    assert known == Known(NOON, NOON + HOUR, row_mark(ROW))


def record(run_id: str, hours: float, *days: DayRecord) -> ScopeRecord:
    return ScopeRecord(run_id, NOON + hours * HOUR, "linear", days, (("a" * 32, (dt.date(2026, 11, 20),)),), {"pages": 3})


def test_a_scope_comes_back_from_the_landing_as_it_was() -> None:
    before = record("r1", 0, DayRecord(dt.date(2026, 11, 20), "complete", None, (3, 5)), DayRecord(NOON.date(), "failed", "왜", ()))
    landed = Response("news", "r1", "scope", "u", "u", 200, {}, before.at, before.to_json())
    assert ScopeRecord.of(landed) == before


def test_the_latest_complete_reading_of_a_day_counts_whatever_failed_later() -> None:
    day = dt.date(2026, 11, 20)
    first = record("r1", 0, DayRecord(day, "complete", None, (1,)))
    second = record("r2", 1, DayRecord(day, "complete", None, (1, 2)))
    third = record("r3", 2, DayRecord(day, "failed", "down", ()))
    assert latest_complete([third, second, first])[day][0].run_id == "r2"
