"""Operators' decisions stay, in order, and are landed like everything that the tables are made from."""

import datetime as dt

import pytest

from orchestration.decisions import DECISIONS_BOARD, Decision, operator, record_decision, recorded_decisions
from orchestration.landing.store import Landing

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
RELEASE = Decision("release", NOON, "a@b", "둘러보니 맞다", board_id="news", day=dt.date(2026, 2, 28), candidate_hash="c0ffee")
FORGET = Decision("forget", NOON + dt.timedelta(hours=1), "a@b", "a takedown", board_id="news", documents=(7, -9))
ROLLBACK = Decision("rollback", NOON + dt.timedelta(hours=2), "a@b", "wrong parser", version=12)
REQUEUE = Decision("requeue", NOON + dt.timedelta(hours=3), "a@b", "parser mended")


def test_decisions_are_read_back_as_they_were_made_oldest_first(tmp_path):
    landing = Landing(tmp_path)
    for decision in (ROLLBACK, RELEASE, REQUEUE, FORGET):
        record_decision(landing, decision)
    assert recorded_decisions(landing) == [RELEASE, FORGET, ROLLBACK, REQUEUE]
    assert recorded_decisions(landing, ["forget", "requeue"]) == [FORGET, REQUEUE]


def test_sealing_the_landing_changes_no_decision(tmp_path):
    landing = Landing(tmp_path)
    record_decision(landing, RELEASE)
    landing.seal()
    record_decision(landing, FORGET)
    assert recorded_decisions(landing) == [RELEASE, FORGET]
    landing.seal()
    assert recorded_decisions(landing) == [RELEASE, FORGET]


def test_without_a_decision_there_is_none(tmp_path):
    assert recorded_decisions(Landing(tmp_path)) == []


def test_a_decision_is_no_page_of_a_board(tmp_path):
    landing = Landing(tmp_path)
    record_decision(landing, FORGET)
    assert list(landing.responses("news")) == []
    (landed,) = landing.responses(DECISIONS_BOARD)
    assert (landed.purpose, landed.note) == ("decision", "a@b: a takedown")


def test_who_decides_is_named_also_where_the_user_has_no_name(monkeypatch: pytest.MonkeyPatch):
    def nameless() -> str:
        raise KeyError("uid 4711")

    assert "@" in operator()
    monkeypatch.setattr("getpass.getuser", nameless)
    assert operator().startswith("unknown@")
