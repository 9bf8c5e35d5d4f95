"""Which board-days a nightly run takes up again."""

import datetime as dt
from pathlib import Path

from orchestration.fetch.due import due_days, stretches
from orchestration.fetch.known import DayRecord, ScopeRecord
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.settings import Board

NOON = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)
BOARD = Board(id="news", name="뉴스", url="https://b.example/news", first_day=dt.date(2026, 11, 10), refresh=("1d",))
DAY = dt.timedelta(days=1)


def land(landing: Landing, run_id: str, at: dt.datetime, days: dict[int, tuple[str, tuple[int, ...]]]) -> None:
    records = tuple(DayRecord(dt.date(2026, 11, day), state, None, documents) for day, (state, documents) in days.items())
    scope = ScopeRecord(run_id, at, "linear", records, ())
    with landing.writer(run_id, "news") as spool:
        for document in {document for _, documents in days.values() for document in documents}:
            spool.append(
                Response("news", run_id, "article", f"u{document}", "u", 200, {}, at, b"", note="new", document_id=document)
            )
        spool.append(Response("news", run_id, "scope", "u", "u", 200, {}, at, scope.to_json()))


def test_days_with_an_article_due_or_unfinished_come_back_until_they_are_done(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    land(landing, "r1", NOON, {9: ("failed", ()), 18: ("complete", (1,)), 19: ("failed", ()), 20: ("complete", (2, 3))})
    days = {n: ("news", dt.date(2026, 11, n)) for n in (18, 19, 20)}
    assert due_days([BOARD], landing, NOON, most=9) == {days[19]}
    assert due_days([BOARD], landing, NOON + DAY, most=9) == set(days.values())
    assert due_days([BOARD], landing, NOON + DAY, most=2) == {days[19], days[20]}
    land(landing, "r2", NOON + DAY, {19: ("complete", ()), 20: ("complete", (2, 3))})
    assert due_days([BOARD], landing, NOON + 2 * DAY, most=9) == {days[18]}
    land(landing, "r3", NOON + 2 * DAY, {20: ("failed", ())})
    assert due_days([BOARD], landing, NOON + 2 * DAY, most=1) == {days[20]}


def test_one_stretch_per_run_of_days() -> None:
    days = [dt.date(2026, 11, n) for n in (30, 3, 1, 2, 7, 8)] + [dt.date(2026, 12, 1)]
    assert stretches(days) == (
        (dt.date(2026, 11, 1), dt.date(2026, 11, 3)),
        (dt.date(2026, 11, 7), dt.date(2026, 11, 8)),
        (dt.date(2026, 11, 30), dt.date(2026, 12, 1)),
    )
    assert stretches([]) == ()
