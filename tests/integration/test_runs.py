"""A run as an operator meets it: one board down, a gate red, a page that is no board; and what Dagster records of it."""

import dataclasses
import datetime as dt
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build_defs
from orchestration.defs.assets_gates import check_name
from orchestration.defs.home import instance
from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.workplace import fingerprints, make_settings, rows, run

END = dt.date(2026, 3, 15)
FIRST = END - dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)


def small_board(seed: int = 3) -> DemoBoard:
    return generate(seed=seed, end_day=END, days=2, posts=30)


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(small_board(), now=lambda: NOON) as started:
        yield started


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, DemoServer]]:
    """Both days published by one run, and the board that goes on. Not to be changed: `copy` it."""
    with DemoServer(small_board(), now=lambda: NOON) as server:
        settings = make_settings(tmp_path_factory.mktemp("clean"), {"id": "demo", "url": server.url})
        assert run(settings, FIRST, END) == 0
        yield settings, server


def copy(settings: Settings, folder: Path) -> Settings:
    shutil.copytree(settings.home.parent, folder, symlinks=True, dirs_exist_ok=True)
    return settings.model_copy(update={"boards": folder / "boards.yaml", "home": folder / "home"})


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_one_board_down_one_empty_one_fine(tmp_path: Path, server: DemoServer, capfd: pytest.CaptureFixture[str]) -> None:
    # A first page without a single post is a login page, a moved board or a fault: never a day without news.
    with DemoServer(DemoBoard("news", "빈 게시판"), now=lambda: NOON) as quiet:
        settings = make_settings(
            tmp_path,
            {"id": "fine", "url": server.url},
            {"id": "down", "url": f"http://127.0.0.1:{closed_port()}/news"},
            {"id": "empty", "url": quiet.url},
        )
        status = run(settings, FIRST, END)
    assert status == 1
    assert rows(settings, "select board_id, count(*) > 10 from board_rows where not is_notice group by 1") == [("fine", True)]
    states = rows(settings, "select board_id, day, state from board_days where board_id not like '\\_%' escape '\\' order by 1, 2")
    assert states == [
        ("down", FIRST, "failed"), ("down", END, "failed"),
        ("empty", FIRST, "failed"), ("empty", END, "failed"),
        ("fine", FIRST, "published"), ("fine", END, "published"),
    ]  # fmt: skip
    last_line = capfd.readouterr().err.strip().splitlines()[-1]
    assert "down 2026-03-14 failed" in last_line
    assert "empty 2026-03-14 failed" in last_line
    with instance(settings) as dagster:
        materialized = {key: dagster.get_materialized_partitions(dg.AssetKey(["pages", key])) for key in ("fine", "down")}
        assert materialized == {"fine": {str(FIRST), str(END)}, "down": set()}
        # A day is green only when every board of boards.yaml stands as published on it.
        assert dagster.get_materialized_partitions(dg.AssetKey("published")) == set()
        assert dagster.get_runs(limit=1)[0].status is dg.DagsterRunStatus.FAILURE


def test_a_red_gate_holds_its_board_day_back_and_the_next_run_repairs_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    board = small_board()
    with DemoServer(board, now=lambda: NOON) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
        assert run(settings, FIRST, FIRST) == 0
        victims = [post for post in board.listed if post.regdate.date() == END][:3]
        # Posts dated after the day of their fetch: one would be refused alone, three are the board's clock.
        for victim in victims:
            board.change(victim.srl, regdate=dt.datetime.now(KST) + dt.timedelta(days=3))
        assert run(settings, FIRST, END) == 1
        assert "demo 2026-03-15 held back by documents.few_are_refused" in capfd.readouterr().err.strip().splitlines()[-1]
        states = "select day, state, gate is not null, reason is not null from board_days where board_id = 'demo' order by day"
        assert rows(settings, states) == [(FIRST, "published", False, False), (END, "held_back", True, True)]
        days = "select distinct listed_on from board_rows where listed_on >= date '2026-03-14' order by 1"
        assert rows(settings, days) == [(FIRST,)]
        assert rows(settings, "from quarantine") == []
        for victim in victims:
            board.change(victim.srl, regdate=victim.regdate)
        assert run(settings, FIRST, END) == 0
    assert rows(settings, days) == [(FIRST,), (END,)]
    assert rows(settings, "select distinct state from board_days where board_id = 'demo'") == [("published",)]


def test_a_bad_document_is_refused_alone_and_passes_when_the_board_has_mended_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    board = small_board()
    with DemoServer(board, now=lambda: NOON) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
        victim = next(post for post in reversed(board.listed) if post.regdate.date() == END)
        board.change(victim.srl, title=dataclasses.replace(victim.title, text="제\ufffd목"))
        assert run(settings, FIRST, END) == 0
        out = capfd.readouterr()
        assert "refused: 1 document stays out" in out.out
        assert rows(settings, f"from board_rows where document_id = {victim.srl}") == []
        assert rows(settings, f"from articles where document_id = {victim.srl}") == []
        assert rows(settings, "select distinct state from board_days where board_id = 'demo'") == [("published",)]
        kept = rows(settings, "select distinct document_id, table_name, listed_on, resolution from quarantine order by all")
        assert kept == [(victim.srl, table, END, None) for table in ("articles", "board_rows")]
        assert rows(settings, "select day, quarantined_count from daily_board_summary where quarantined_count > 0") == [(END, 1)]
        board.change(victim.srl, title=victim.title)
        assert run(settings, FIRST, END) == 0
    assert rows(settings, f"select title from board_rows where document_id = {victim.srl}") == [(victim.title.text,)]
    assert rows(settings, f"select version from articles where document_id = {victim.srl}") == [(1,)]
    assert rows(settings, "select distinct resolution from quarantine") == [("superseded",)]
    assert "refused" not in capfd.readouterr().out


def test_each_gate_is_a_check_with_a_partition_per_day(clean: tuple[Settings, DemoServer]) -> None:
    settings, _ = clean
    gates = [gate for (gate,) in rows(settings, "select distinct gate from gate_results order by 1")]
    with instance(settings) as dagster:
        for gate in gates:
            key = dg.AssetCheckKey(dg.AssetKey("verdicts"), check_name(gate))
            history = dagster.event_log_storage.get_asset_check_execution_history(key, limit=10)
            asked = {str(FIRST), str(END)}
            days = {record.partition for record in history}
            # Rates are judged as far back as verdicts look; a failing one stands under its own day.
            assert days == asked or (gate.startswith("exchange_rates.") and days > asked), gate
            infos = dagster.event_log_storage.get_asset_check_partition_info([key])
            assert all(day.is_current for day in infos if day.partition_key in asked), (
                "a verdict on an older materialisation is shown as missing"
            )
        assert dagster.get_materialized_partitions(dg.AssetKey("published")) == {str(FIRST), str(END)}
        last = dagster.get_latest_materialization_event(dg.AssetKey("published")).asset_materialization.metadata
        assert last["day/rows"].value == rows(settings, f"select row_count from daily_board_summary where day = '{END}'")[0][0]
        assert last["summary"].value.startswith("![rows a day, ")
        tags = dagster.get_runs(limit=1)[0].tags
        assert (tags["boards"], tags["days"]) == ("demo", f"{FIRST} to {END}")


def test_a_run_leaves_no_candidate_behind(clean: tuple[Settings, DemoServer]) -> None:
    settings, _ = clean
    assert {path.name for path in settings.build.iterdir()} <= {"lock", "parsed"}
    assert not list((settings.landing / "spool").glob("*"))


def test_a_board_taken_out_keeps_its_rows(tmp_path: Path, server: DemoServer) -> None:
    with DemoServer(small_board(seed=4), now=lambda: NOON) as other:
        settings = make_settings(tmp_path, {"id": "one", "url": server.url}, {"id": "two", "url": other.url})
        assert run(settings, END, END) == 0
        before = rows(settings, "select * exclude (changed_in_version) from board_rows where board_id = 'two' order by all")
        settings = make_settings(tmp_path, {"id": "one", "url": server.url})
        assert run(settings, END, END) == 0
    assert before
    assert rows(settings, "select * exclude (changed_in_version) from board_rows where board_id = 'two' order by all") == before


def test_an_offline_run_asks_the_board_nothing(tmp_path: Path, clean: tuple[Settings, DemoServer]) -> None:
    published, server = clean
    settings = copy(published, tmp_path)
    before, asked = fingerprints(settings), len(server.requests)
    assert run(settings, FIRST, END, offline=True) == 0
    assert len(server.requests) == asked
    assert fingerprints(settings) == before


def test_the_location_loads_without_dbt_network_or_great_expectations() -> None:
    code = (
        "import sys, orchestration.definitions as d; d.defs();"
        "assert not {'great_expectations', 'dbt.cli.main'} & set(sys.modules), sorted(m for m in sys.modules if 'dbt' in m)[:5]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=120)


def test_the_graph_flows_one_way(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": "http://127.0.0.1:1/news"})
    graph = build_defs(settings, settings.load_boards()).resolve_asset_graph()

    def above(name: str | list[str]) -> set[str]:
        return {key.to_user_string() for key in graph.get_ancestor_asset_keys(dg.AssetKey(name))}

    assert above("scope") == {"pages/demo"}
    assert above("candidate") == {"pages/demo", "rates", "scope"} and above("rates") == set()
    assert {"candidate", "board_rows", "articles", "currency_facts"} <= above("verdicts")
    assert "verdicts" in above("published")
