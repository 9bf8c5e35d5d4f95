"""Which board-days a nightly run takes up again."""

import datetime as dt
from pathlib import Path

from orchestration.fetch.due import Stretch, due_days, stretches
from orchestration.fetch.known import DayRecord, ScopeRecord
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.settings import Board

NOON = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)
BOARD = Board(id="news", name="뉴스", url="https://b.example/news", first_day=dt.date(2026, 11, 10), refresh=("1d",))
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 21)


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def read(document: int, run_id: str, at: dt.datetime, note: str = "new") -> Response:
    return Response("news", run_id, "article", f"u{document}", "u", 200, {}, at, b"", note=note, document_id=document)


def land(landing: Landing, run_id: str, at: dt.datetime, days: dict[int, tuple[str, tuple[int, ...]]], **given: object) -> None:
    records = tuple(DayRecord(on(day), state, None, documents) for day, (state, documents) in days.items())
    with landing.writer(run_id, "news") as spool:
        for document in {document for _, documents in days.values() for document in documents}:
            spool.append(read(document, run_id, at))
        spool.append(ScopeRecord(run_id, at, "linear", records, **given).landed(BOARD))


def test_days_with_an_article_due_or_unfinished_come_back_until_they_are_done(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    land(landing, "r1", NOON, {9: ("failed", ()), 18: ("complete", (1,)), 19: ("failed", ()), 20: ("complete", (2, 3))})
    days = {n: ("news", on(n)) for n in (18, 19, 20)}
    assert due_days([BOARD], landing, NOON, until=TODAY, most=9) == {days[19]}
    assert due_days([BOARD], landing, NOON + DAY, until=TODAY, most=9) == set(days.values())
    assert due_days([BOARD], landing, NOON + DAY, until=TODAY, most=2) == {days[19], days[20]}
    land(landing, "r2", NOON + DAY, {19: ("complete", ()), 20: ("complete", (2, 3))})
    assert due_days([BOARD], landing, NOON + 2 * DAY, until=TODAY, most=9) == {days[18]}
    land(landing, "r3", NOON + 2 * DAY, {20: ("failed", ())})
    assert due_days([BOARD], landing, NOON + 2 * DAY, until=TODAY, most=1) == {days[20]}


def test_a_day_is_due_when_another_days_list_shows_a_new_or_changed_post_of_it(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    land(landing, "r1", NOON, {18: ("complete", (1,)), 19: ("complete", (2,)), 20: ("complete", ())})
    assert not due_days([BOARD], landing, NOON, until=TODAY, most=9)
    land(
        landing,
        "r2",
        NOON,
        {20: ("complete", ())},
        outside={on(18): {7: "aaaaaaaa"}, on(12): {8: "aaaaaaaa"}, on(19): {2: "bbbbbbbb"}},
    )
    assert due_days([BOARD], landing, NOON, until=TODAY, most=9) == {("news", on(18))}, (
        "12 was never asked for; of 2 nobody knows the row before"
    )
    with landing.writer("r3", "news") as spool:
        spool.append(read(7, "r3", NOON, "new [row aaaaaaaa]"))
    assert not due_days([BOARD], landing, NOON, until=TODAY, most=9)
    land(landing, "r4", NOON, {20: ("complete", ())}, outside={on(18): {7: "cccccccc"}})
    assert due_days([BOARD], landing, NOON, until=TODAY, most=9) == {("news", on(18))}


def test_days_of_a_run_that_died_are_due_and_those_of_a_living_run_are_not(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    with landing.writer("r1", "news") as spool:
        spool.append(ScopeRecord.opening("r1", NOON, [on(18), on(19)]).landed(BOARD))
        assert not due_days([BOARD], landing, NOON, until=TODAY, most=9)
    assert due_days([BOARD], landing, NOON, until=TODAY, most=9) == {("news", on(18)), ("news", on(19))}


def test_a_board_that_is_down_for_long_takes_no_turn_of_the_others(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    other = BOARD.model_copy(update={"id": "other"})
    land(landing, "r1", NOON, dict.fromkeys(range(11, 21), ("failed", ())))
    with landing.writer("r1", "other") as spool:
        spool.append(ScopeRecord.opening("r1", NOON, [on(11)]).landed(other))
    assert due_days([BOARD, other], landing, NOON, until=TODAY, most=3) == {("news", on(20)), ("other", on(11)), ("news", on(19))}


def test_today_and_yesterday_are_left_to_their_own_schedules(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    land(landing, "r1", NOON, {18: ("failed", ()), 19: ("failed", ()), 20: ("failed", ())})
    assert due_days([BOARD], landing, NOON, until=on(19), most=9) == {("news", on(18))}


def test_one_run_for_days_that_follow_one_another_with_the_boards_that_have_work_there() -> None:
    days = [("a", on(3)), ("b", on(1)), ("a", on(2)), ("b", on(7)), ("b", on(8)), ("a", on(30)), ("b", dt.date(2026, 12, 1))]
    assert stretches(days) == (
        Stretch(on(1), on(3), frozenset("ab")),
        Stretch(on(7), on(8), frozenset("b")),
        Stretch(on(30), dt.date(2026, 12, 1), frozenset("ab")),
    )
    assert stretches([]) == ()
