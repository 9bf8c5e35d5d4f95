"""What `landing_keep_days` lets go, and what stays whatever it says."""

import datetime as dt
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from publish_world import Document, World, red, refusing

from orchestration import retention
from orchestration.errors import ConfigError
from orchestration.fetch.known import DayRecord, ScopeRecord
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.settings import Board, Settings, load_settings

NOW = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)
FIRST = dt.date(2026, 3, 1)


class Place:
    """A home with one board. `read` lands the reading of a day at its noon, `publish` publishes days an hour later."""

    def __init__(self, folder: Path, keep_days: int | None = 60) -> None:
        self.board = Board(id="news", name="news", url="http://127.0.0.1/news", first_day=FIRST)
        self.settings = Settings(boards=folder / "boards.yaml", home=folder, landing_keep_days=keep_days)
        self.landing = Landing(self.settings.landing)
        self.world = World(folder, boards=(self.board,))
        self.runs = 0

    def read(self, day: dt.date, state: str = "complete", purpose: str = "list", board_id: str = "news") -> Path:
        self.runs += 1
        at = dt.datetime.combine(day, dt.time(3), tzinfo=dt.UTC)
        page = Response(board_id, f"r{self.runs}", purpose, "u", "u", 200, {}, at, b"<html>")
        record = ScopeRecord(f"r{self.runs}", at, "linear", (DayRecord(day, state, "down" if state == "failed" else None, ()),))
        with self.landing.writer(f"r{self.runs}", board_id) as spool:
            spool.append(page)
            if purpose == "list":
                spool.append(record.landed(self.board.model_copy(update={"id": board_id})))
        (path,) = self.landing.seal().files
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def publish(self, *days: dt.date, hours: int = 1, **given) -> None:
        self.world.now = dt.datetime.combine(max(days), dt.time(3), tzinfo=dt.UTC) + dt.timedelta(hours=hours - 1)
        documents = given.pop("documents", [Document(n, day) for n, day in enumerate(days)])
        self.world.publish(documents, days, **given)

    def going(self) -> tuple[Path, ...]:
        return retention.going(self.settings, [self.board], self.landing, lambda _: None, NOW).files


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_without_the_setting_everything_stays(tmp_path):
    place = Place(tmp_path, keep_days=None)
    place.read(DAY)
    place.publish(DAY)
    assert place.going() == ()


def test_what_is_old_and_published_goes(place):
    old, new = place.read(DAY), place.read(NOW.date() - dt.timedelta(days=59))
    place.publish(DAY, NOW.date() - dt.timedelta(days=59))
    assert place.going() == (old,)
    said = []
    retention.apply(place.settings, [place.board], place.landing, lambda _: None, NOW, said.append)
    assert place.landing.sealed_files() == [new]
    assert not old.parent.exists()
    assert said[0].startswith("1 landed files older than 60 days removed")


def test_from_the_first_day_that_does_not_stand_as_published_everything_stays(place):
    days = [DAY + dt.timedelta(days=n) for n in range(3)]
    before, failed, after = place.read(days[0]), place.read(days[1], "failed"), place.read(days[2])
    place.publish(days[0], days[2])
    assert place.going() == (before,)
    place.publish(days[1], documents=[Document(7, days[1])], hours=9)
    assert place.going() == (before, failed, after)


def test_a_day_that_a_gate_holds_back_keeps_its_landing(place):
    place.read(DAY)
    place.publish(DAY, results=[red("news", DAY)])
    assert place.going() == ()


def test_a_day_with_a_document_in_quarantine_keeps_its_landing(place):
    place.read(DAY)
    place.publish(DAY, documents=[Document(1, DAY), Document(2, DAY)], refused=[refusing("news", DAY, 2)])
    assert place.going() == ()


def test_a_day_that_was_read_again_since_it_was_published_keeps_its_landing(place):
    place.publish(DAY, hours=-5)
    place.read(DAY)
    assert place.going() == ()


def test_a_page_of_long_ago_that_was_handed_over_today_stays(place):
    path = place.read(DAY, purpose="ingest")
    place.publish(DAY)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert place.going() == ()


def test_decisions_and_boards_that_are_no_longer_configured_stay(place):
    place.read(DAY, purpose="decision", board_id="_decisions")
    place.read(DAY, board_id="gone")
    place.publish(DAY)
    assert place.going() == ()


def test_what_the_refresh_rule_still_needs_stays(tmp_path):
    place = Place(tmp_path, keep_days=60)
    place.board = place.board.model_copy(update={"refresh": ("300d",)})
    place.read(DAY)
    place.publish(DAY)
    assert place.going() == ()


@pytest.mark.parametrize("value", ["0", "-1", "29", "soon"])
def test_a_setting_that_would_drop_what_runs_need_is_refused(monkeypatch, value):
    monkeypatch.setenv("BOARDHOUSE_LANDING_KEEP_DAYS", value)
    with pytest.raises(ConfigError, match="BOARDHOUSE_LANDING_KEEP_DAYS"):
        load_settings()
