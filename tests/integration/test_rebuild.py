"""Rebuilt from the landing alone, the data tables are what a history of runs published, in every column but the number."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.publish.versions import current_version, kept_versions, warehouse_file
from orchestration.settings import Settings
from tests.support.workplace import DATA_TABLES, make_settings, rows, run

END = dt.date(2026, 3, 15)
FIRST = END - dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)


def boardhouse(settings: Settings, *typed: str) -> Result:
    home = {"BOARDHOUSE_BOARDS": str(settings.boards), "BOARDHOUSE_HOME": str(settings.home)}
    return CliRunner(env=home).invoke(main, typed)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Five runs: an edit that is refused and one that is accepted after it, one refused for good, a deletion, a day released, a
    document forgotten."""
    board = generate(seed=3, end_day=END, days=2, posts=30)
    with DemoServer(board, now=lambda: NOON) as server:
        settings = make_settings(tmp_path_factory.mktemp("history"), {"id": "demo", "url": server.url})
        assert run(settings, FIRST, END) == 0
        last = [post for post in board.listed if post.regdate.date() == END]
        before = [post for post in board.listed if post.regdate.date() == FIRST]
        edited, kept, *victims = last[:5]
        gone, forgotten = before[:2]
        good = edited.title
        board.change(edited.srl, title=replace(good, text="제\ufffd목"))
        assert run(settings, FIRST, END) == 0
        board.change(edited.srl, title=replace(good, text="고친 제목이다"))
        board.change(kept.srl, title=replace(kept.title, text="또\ufffd"))
        board.remove(gone.srl)
        assert run(settings, FIRST, END) == 0
        for victim in victims:
            board.change(victim.srl, title=replace(victim.title, text="제\ufffd목"))
        assert run(settings, FIRST, END) == 1
        assert boardhouse(settings, "release", "--board", "demo", "--day", str(END), "--reason", "봤다").exit_code == 0
        assert (
            boardhouse(settings, "forget", "--board", "demo", "--document", str(forgotten.srl), "--reason", "부탁").exit_code == 0
        )
        assert run(settings, FIRST, END) == 0
    yield settings


HABITS = ("board_day_facts", "board_day_fields")
"""What is usual of a board: of its closed days."""


def tables(settings: Settings) -> dict[str, list]:
    """Every row of what a rebuild makes, without the number of its version."""
    numberless = "select columns(c -> c <> 'changed_in_version')"
    return {table: rows(settings, f"{numberless} from {table} order by all") for table in (*DATA_TABLES, *HABITS)}


@pytest.fixture
def home(history: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(history.home.parent, tmp_path / "copy", symlinks=True)
    return Settings(boards=tmp_path / "copy" / "boards.yaml", home=tmp_path / "copy" / "home")


def test_a_lost_folder_comes_back_equal_in_every_column_but_the_number(home: Settings) -> None:
    before, states = tables(home), rows(home, "select board_id, day, state from board_days order by all")
    assert rows(home, "select count(*) from refused_versions")[0][0] > 0
    shutil.rmtree(home.published)
    done = boardhouse(home, "rebuild", "--after", "41")
    assert done.exit_code == 0, done.output
    assert "published version 42" in done.stdout
    after = tables(home)
    for table in (*DATA_TABLES, *HABITS):
        assert before[table] and after[table] == before[table], table
    assert rows(home, "select distinct changed_in_version from articles") == [(42,)]
    assert rows(home, "select board_id, day, state from board_days order by all") == states
    assert rows(home, "select count(*) from forgotten") == [(1,)]
    assert {path.name for path in home.build.iterdir()} <= {"lock", "parsed"}
    assert run(home, FIRST, END, offline=True) in (0, 1)
    assert tables(home) == after


def test_a_damaged_current_version_is_replaced_and_history_goes_on_from_the_last_whole_one(home: Settings) -> None:
    before = tables(home)
    current = current_version(home.published) or 0
    file = warehouse_file(home.published, current)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    done = boardhouse(home, "rebuild")
    assert done.exit_code == 0, done.output
    assert tables(home) == before
    assert current_version(home.published) == current + 1
    assert len(rows(home, "from publishes")) == current  # all but that of the damaged one, and its own


def test_without_a_landing_nothing_is_published_and_the_line_says_so(home: Settings) -> None:
    before = tables(home)
    shutil.rmtree(home.landing / "sealed" / "board_id=demo")
    nothing = boardhouse(home, "rebuild")
    assert (nothing.exit_code, "nothing has landed" in nothing.stderr) == (1, True)
    assert tables(home) == before
    assert kept_versions(home.published)[-1] == current_version(home.published)
