"""The landing of a small board to a candidate's raw tables, without dbt."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from orchestration.build.candidate import base_version, prepare_candidate
from orchestration.errors import BoardhouseError
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board, Settings
from tests.support.pages import HOST, article_page, list_page, no_article

DAY3, DAY4, DAY5 = (dt.date(2025, 2, day) for day in (3, 4, 5))
BOARD = Board(id="news", name="뉴스", url=HOST + "/news", first_day=DAY3, delay_seconds=0)


def at(hour: int, day: int = 5) -> dt.datetime:
    return dt.datetime(2025, 2, day, hour, tzinfo=dt.UTC)


class World:
    def __init__(self, folder: Path) -> None:
        (folder / "boards.yaml").touch()
        self.settings = Settings(boards=folder / "boards.yaml", home=folder / "home")
        self.landing = Landing(self.settings.landing)

    def land(self, *responses: Response, run_id: str = "fetch1", seal: bool = True) -> list[str]:
        with self.landing.writer(run_id, "news") as spool:
            for response in responses:
                spool.append(response)
        if seal:
            self.landing.seal()
        return [response.response_id for response in responses]

    def prepare(self, *days: dt.date, judged: list[str] | None = None, boards: tuple[Board, ...] = (BOARD,)) -> Path:
        scope = Scope(
            "run1", min(days), max(days), True, tuple(BoardDay("news", day, "complete") for day in days), tuple(judged or ())
        )
        return prepare_candidate(self.settings, boards, scope, self.landing).path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def rows(candidate: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(candidate), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_document_of_the_scope_comes_with_all_that_is_known_of_it(world: World):
    world.land(
        list_page([(1, 1, "하나", DAY3), (2, 2, "둘", DAY3)], at(1, 3)),
        article_page(1, "하나", "2025.02.03 09:00", ["글"], at(2, 3)),
    )
    world.land(list_page([(1, 1, "하나", DAY4)], at(1, 4)), no_article(1, 404, at(2, 4)), run_id="fetch2")
    candidate = world.prepare(DAY4)
    assert rows(candidate, "select document_id, listed_on from raw.listing_rows order by all") == [(1, DAY3), (1, DAY4)]
    assert rows(candidate, "select outcome from raw.article_reads order by all") == [("deleted",), ("read",)]
    assert rows(candidate, "select count(*) from raw.pages") == [(4,)]


def test_a_judged_list_is_loaded_whole_and_another_only_for_its_documents(world: World):
    judged = world.land(list_page([(9, "공지", "규칙", DAY3), (2, 2, "둘", DAY4), (1, 1, "하나", DAY3)], at(1)))
    world.land(list_page([(3, 3, "셋", DAY5), (2, 2, "둘", DAY4)], at(2)), run_id="fetch2")
    candidate = world.prepare(DAY4, judged=judged)
    assert rows(
        candidate,
        "select is_judged, r.document_id from raw.listing_rows r join raw.pages using (response_id) order by all",
    ) == [(False, 2), (True, 1), (True, 2), (True, 9)]


def test_what_is_not_sealed_yet_counts_too(world: World):
    world.land(list_page([(1, 1, "하나", DAY4)], at(1)), seal=False)
    assert rows(world.prepare(DAY4), "select document_id from raw.listing_rows") == [(1,)]


def test_a_response_landed_in_two_runs_counts_once(world: World):
    page = list_page([(1, 1, "하나", DAY4)], at(1))
    world.land(page)
    world.land(page, run_id="fetch2")
    world.land(page, run_id="fetch3", seal=False)
    candidate = world.prepare(DAY4)
    assert rows(candidate, "select document_id from raw.listing_rows") == [(1,)]
    assert rows(candidate, "select count(*) from raw.pages") == [(1,)]


def test_an_article_that_no_list_shows_belongs_to_its_day(world: World):
    world.land(
        article_page(1, "하나", "2025.02.04 09:00", ["글"], at(1), purpose="ingest"),
        article_page(2, "둘", "2025.02.03 09:00", ["글"], at(1), purpose="ingest"),
    )
    assert rows(world.prepare(DAY4), "select document_id from raw.article_reads") == [(1,)]


def test_a_board_that_is_no_longer_configured_is_still_read(world: World):
    world.land(list_page([(1, 1, "하나", DAY4)], at(1)))
    candidate = world.prepare(DAY4, boards=())
    assert rows(candidate, "select board_id, time_zone, url from raw.boards") == [("news", "Asia/Seoul", None)]
    assert rows(candidate, "select document_id from raw.listing_rows") == [(1,)]


def test_a_scope_without_anything_landed_is_an_empty_candidate(world: World):
    candidate = world.prepare(DAY4)
    assert rows(candidate, "select count(*) from raw.pages") == [(0,)]
    assert base_version(candidate) is None


def test_mentions_are_loaded_for_the_texts_of_the_run_alone(world: World):
    judged = world.land(list_page([(2, 2, "예산 10억원 확정", DAY5), (1, 1, "예산 20억원 확정", DAY4)], at(1)))
    assert rows(world.prepare(DAY4), "select text from raw.mentions") == [("20억원",)]
    assert len(rows(world.prepare(DAY4, judged=judged), "select text from raw.mentions")) == 2


def test_rates_reach_seventy_days_back_and_no_further(world: World):
    candidate = world.prepare(DAY4)
    assert rows(candidate, "select min(day), max(day) from raw.rates") == [(dt.date(2024, 11, 26), DAY4)]


def test_an_unreadable_landing_file_is_named(world: World):
    world.land(list_page([(1, 1, "하나", DAY4)], at(1)))
    (sealed,) = world.landing.sealed_files("news")
    sealed.write_bytes(b"PAR1 torn")
    with pytest.raises(BoardhouseError, match=sealed.name):
        world.prepare(DAY4)


def test_preparing_again_starts_anew(world: World):
    world.land(list_page([(1, 1, "하나", DAY4)], at(1)))
    candidate = world.prepare(DAY4)
    assert world.prepare(DAY4) == candidate
    assert rows(candidate, "select count(*) from raw.listing_rows") == [(1,)]
