"""A takedown on a real board: nothing of the document is left, everything else is as it was, and no run brings it back."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.server import DemoServer
from orchestration.landing.store import Landing
from orchestration.publish.versions import kept_versions, manifest
from orchestration.publish.writing import is_intact
from orchestration.settings import Settings
from tests.support.workplace import make_settings, rows, run

END = dt.date(2026, 3, 15)
FIRST = END - dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
WORD = "지워야할제목"
"""Stands in the title and in the body, and nowhere else."""


@pytest.fixture
def board() -> DemoBoard:
    return generate(seed=3, end_day=END, days=2, posts=30)


@pytest.fixture
def server(board: DemoBoard) -> Iterator[DemoServer]:
    with DemoServer(board, now=lambda: NOON) as started:
        yield started


def boardhouse(settings: Settings, monkeypatch: pytest.MonkeyPatch, *typed: str) -> Result:
    monkeypatch.setenv("BOARDHOUSE_BOARDS", str(settings.boards))
    monkeypatch.setenv("BOARDHOUSE_HOME", str(settings.home))
    return CliRunner().invoke(main, typed)


def everything(settings: Settings) -> Iterator[tuple[str, str]]:
    """(where, text) of all that a home holds, read as what it is, and as bytes."""
    for response in Landing(settings.landing).responses():
        yield f"landing {response.purpose} {response.url} {response.note}", response.body.decode("utf-8", "replace")
    for path in settings.home.rglob("*"):
        if path.is_dir() or path.is_symlink():
            continue
        yield str(path), path.read_bytes().decode("utf-8", "ignore")
        if path.suffix == ".parquet":
            yield str(path), str(pq.read_table(path).to_pylist())
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (table,) in connection.execute("show tables").fetchall():
                    yield f"{path} {table}", str(connection.execute(f"from {table}").fetchall())
        elif path.suffix == ".db":
            with sqlite3.connect(path) as connection:
                yield str(path), "".join(connection.iterdump()).encode().decode("unicode_escape", "ignore")


def places(settings: Settings, word: str) -> list[str]:
    return [where for where, text in everything(settings) if word in text]


def others(settings: Settings, number: int) -> dict[str, list]:
    """Every row of every other document, but for what moves with each visit."""
    moving = "last_seen_at, last_fetched_at, view_count, changed_in_version"
    return {
        table: rows(
            settings,
            f"select columns(c -> c not in ({', '.join(repr(m) for m in moving.split(', '))})) from {table}"
            f" where document_id <> {number} order by all",
        )
        for table in ("board_rows", "articles", "article_versions", "article_blocks", "currency_facts")
    }


def test_nothing_of_a_forgotten_document_is_left_and_no_run_brings_it_back(
    tmp_path: Path, board: DemoBoard, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    post = next(post for post in reversed(board.listed) if post.regdate.date() == END)
    # Refused first, for what it shows, so that quarantine, refused versions and Dagster's checks have it; then published.
    board.change(post.srl, title=replace(post.title, text=f"{WORD} \ufffd 둘"))
    assert run(settings, FIRST, END) == 0
    board.change(post.srl, title=replace(post.title, text=f"{WORD} 하나"))
    assert run(settings, FIRST, END) == 0
    for table in ("board_rows", "articles", "quarantine"):
        assert rows(settings, f"select count(*) > 0 from {table} where document_id = {post.srl}") == [(True,)], table
    assert places(settings, WORD)
    before = others(settings, post.srl)

    unknown = boardhouse(settings, monkeypatch, "forget", "--board", "demo", "--document", "999999999", "--reason", "typo")
    assert (unknown.exit_code, "no document 999999999 of demo" in unknown.stderr) == (1, True)

    path = settings.warehouse.resolve()
    with duckdb.connect(str(path), read_only=True) as reader:
        asked = f"select count(*) from board_rows where document_id = {post.srl}"
        assert reader.execute(asked).fetchone() == (1,)
        done = boardhouse(settings, monkeypatch, "forget", "--board", "demo", "--document", str(post.srl), "--reason", "부탁")
        assert done.exit_code == 0, done.output
        # Who has the file open reads the old one on.
        assert reader.execute(asked).fetchone() == (1,)
    assert "0 pages blanked" not in done.stdout
    assert places(settings, WORD) == []
    assert others(settings, post.srl) == before
    assert rows(settings, "select board_id, document_id from forgotten") == [("demo", post.srl)]
    for version in kept_versions(settings.published):
        assert is_intact(settings.published, version)
        assert manifest(settings.published, version)["rewritten"]
    counted = "select row_counts['board_rows'] = (select count(*) from board_rows) from publishes order by warehouse_version desc"
    assert rows(settings, f"{counted} limit 1") == [(True,)]
    notes = [response.note for response in Landing(settings.landing).responses("demo") if "forgotten" in (response.note or "")]
    assert notes

    # The board still lists it: it is not asked for, not landed, not published; its neighbours are judged as before.
    asked_before = len(server.requests)
    assert run(settings, FIRST, END, offline=True) == 0
    assert run(settings, FIRST, END) == 0
    assert not [request for request in server.requests[asked_before:] if f"/{post.srl}" in str(request)]
    assert places(settings, WORD) == []
    assert others(settings, post.srl) == before
    again = boardhouse(settings, monkeypatch, "forget", "--board", "demo", "--document", str(post.srl), "--reason", "부탁")
    assert again.exit_code == 0, again.output
    assert "versions written anew: none" in again.stdout
    assert "forgotten: 1 document of demo" in boardhouse(settings, monkeypatch, "status").stdout
