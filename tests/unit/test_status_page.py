"""The morning page says first whether anything asks for a look."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.build.rates import land_files
from orchestration.console import print_status, spark
from orchestration.landing.store import Landing
from orchestration.settings import KST, Settings
from tests.support.publish_world import Document, World, board, red
from tests.support.workplace import make_settings

TODAY = dt.datetime.now(KST).date()
YESTERDAY = TODAY - dt.timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home", (board(first_day=YESTERDAY),), now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=3))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, {"id": "news", "name": "뉴스", "url": "http://127.0.0.1:1/news", "first_day": YESTERDAY})


def shown(settings: Settings, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_status(settings)
    return capsys.readouterr().out.splitlines()


def test_before_the_first_publish_it_says_how_to_begin(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(settings, capsys)[0].startswith("nothing is published yet: start a run")


def test_all_is_well_is_one_line_and_the_board_has_a_bar_for_each_day(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    world.publish([Document(1, YESTERDAY), Document(2, YESTERDAY), Document(3, TODAY)], [YESTERDAY, TODAY])
    lines = shown(settings, capsys)
    assert lines[0] == "all is well: nothing is held back, nothing failed, no board is silent"
    assert any("뉴스" in line and "············█▄" in line for line in lines)


def test_the_last_day_of_each_source_of_rates_is_shown(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    folder = settings.home.parent / "own"
    folder.mkdir()
    (folder / "own.csv").write_text(f"day,currency,krw_per_unit\n{TODAY},USD,1450\n{TODAY},EUR,1500\n")
    land_files(folder, Landing(settings.landing), "run1", dt.datetime.now(dt.UTC))
    (line,) = (line for line in shown(settings, capsys) if line.startswith("rates: "))
    assert line.startswith(f"rates: operator to {TODAY} (2 currencies); ecb to 20")


def test_what_asks_for_a_look_is_counted_in_the_first_line(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    world.publish([Document(1, YESTERDAY)], [YESTERDAY], results=[red("news", YESTERDAY)])
    world.now -= dt.timedelta(hours=3)  # it has failed for more than two hours
    world.publish([], [TODAY], failed=[("news", TODAY)])
    lines = shown(settings, capsys)
    assert lines[0] == "look: 1 board-day failed, 1 board-day held back, 1 board unreachable"
    assert any(line.startswith("뉴스 (news): site unreachable, last read") for line in lines)


@pytest.mark.parametrize(("values", "drawn"), [([], ""), ([0, 0], "··"), ([1, 8, 4], "▁█▄"), ([3, 3], "██"), ([1, 1000], "▁█")])
def test_a_block_is_as_high_as_its_number_and_nothing_is_a_dot(values: list[int], drawn: str) -> None:
    assert spark(values) == drawn
