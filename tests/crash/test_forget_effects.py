"""A takedown stopped at any of its side effects leaves each version as it was or without the document; again, it is completed."""

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest
from pages import article_page, list_page
from publish_world import NOW, Document, World, day
from stopping import Stopped, Stopping, die, ended_in_a_child, stop

from orchestration.decisions import Decision, recorded_decisions
from orchestration.effects import Effects
from orchestration.forget.carry_out import forget
from orchestration.landing.store import Landing
from orchestration.publish.schema import TABLES
from orchestration.publish.versions import kept_versions, warehouse_file
from orchestration.publish.writing import is_intact
from orchestration.settings import Settings

WORD = "지워야할제목"
GONE = 2
BOARDS = "boards:\n  - id: news\n    name: 뉴스\n    url: https://board.example/news\n    first_day: 2026-03-01\n"


def prepare(home: Path) -> None:
    """Two versions and a landing, sealed and not, that all speak of the document; what was read is cached."""
    home.mkdir(parents=True)
    (home / "boards.yaml").write_text(BOARDS, encoding="utf-8")
    world = World(home)
    for _ in range(2):
        world.publish([Document(1, day(1)), Document(GONE, day(1), title=WORD, blocks=(WORD, "200"))], [day(1)])
    landing = Landing(home / "landing")
    pages = [
        list_page([(3, 12, "셋째 글", day(1)), (GONE, 11, WORD, day(1)), (1, 10, "첫째 글", day(1))], NOW),
        article_page(GONE, WORD, "2026.03.01 10:00", [f"{WORD}에 관한 글"], NOW),
    ]
    for page in pages:
        with landing.writer("fetch1", "news") as spool:
            spool.append(page)
        landing.seal()
    with landing.writer("fetch2", "news") as spool:
        spool.append(
            list_page([(GONE, 11, WORD, day(1)), (1, 10, "첫째 글", day(1))], NOW + dt.timedelta(hours=1), run_id="fetch2")
        )


def act(home: Path, effects: Effects) -> None:
    settings = Settings(boards=home / "boards.yaml", home=home)
    asked = Decision("forget", NOW, "a@b", "부탁", board_id="news", documents=(GONE,))
    forget(settings, asked, blank_events=lambda *_: 0, effects=effects)


def content(home: Path, version: int) -> dict[str, list]:
    with duckdb.connect(str(warehouse_file(home / "published", version)), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        return {t.name: sorted(connection.execute(f"from {t.name}").fetchall(), key=repr) for t in TABLES if t.name in names}


class Case:
    def __init__(self, folder: Path) -> None:
        self.start, self.trials = folder / "start", folder / "trials"
        prepare(self.start)
        self.before = {version: content(self.start, version) for version in (1, 2)}
        done = self.copy("done")
        effects = Stopping(0, stop)
        act(done, effects)
        self.effects = effects.seen
        self.after = {version: content(done, version) for version in (1, 2)}
        self.check_complete(done)

    def copy(self, name: str) -> Path:
        home = self.trials / name
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.start, home, symlinks=True)
        return home

    def check(self, home: Path) -> None:
        assert kept_versions(home / "published") == [1, 2]
        for version in (1, 2):
            assert content(home, version) in (self.before[version], self.after[version])
            assert is_intact(home / "published", version)
        act(home, Effects())
        self.check_complete(home)

    def check_complete(self, home: Path) -> None:
        assert {version: content(home, version) for version in (1, 2)} == self.after
        assert {path.name for path in (home / "published" / "versions").iterdir()} == {"1", "2"}
        assert len(recorded_decisions(Landing(home / "landing"), ["forget"])) == 1
        responses = list(Landing(home / "landing").responses("news"))
        assert len(responses) == 3
        assert not [response for response in responses if WORD in response.body.decode()]
        for path in home.rglob("*"):
            if path.is_file():
                assert WORD.encode() not in path.read_bytes(), path

    def points(self, is_all: bool) -> list[int]:
        last_of_kind = {what: n for n, what in enumerate(self.effects, start=1)}
        return list(range(1, len(self.effects) + 1)) if is_all else sorted(last_of_kind.values())


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> Case:
    return Case(tmp_path_factory.mktemp("forget"))


ALL = [False, pytest.param(True, marks=pytest.mark.slow)]


@pytest.mark.parametrize("is_all", ALL, ids=["the last of each kind", "all"])
def test_killed_at_the_nth_effect(case, is_all):
    for n in case.points(is_all):
        home = case.copy("killed")
        assert not ended_in_a_child(lambda n=n, home=home: act(home, Stopping(n, die))), f"effect {n}: {case.effects[n - 1]}"
        case.check(home)


@pytest.mark.slow
def test_raised_at_the_nth_effect(case):
    for n in case.points(True):
        home = case.copy("raised")
        with pytest.raises(Stopped):
            act(home, Stopping(n, stop))
        case.check(home)


def test_every_kind_of_effect_is_met(case):
    assert {"execute", "exchange", "rename", "remove", "sync", "write", "write_at", "create"} <= set(case.effects)


def test_where_the_system_exchanges_no_folders_it_is_renames(case, monkeypatch):
    monkeypatch.setattr("orchestration.effects._exchanged", lambda one, other: False)
    home = case.copy("renamed")
    act(home, Effects())
    case.check_complete(home)
