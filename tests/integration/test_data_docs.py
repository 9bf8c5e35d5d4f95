"""`make docs` draws the gates of what is published: from the landing, in its own folder, whatever else is under way."""

import datetime as dt
import fcntl
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.build.folder import claim, release
from orchestration.decisions import Decision, record_decision
from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.gates.catalogue import SUITES, load_suites
from orchestration.landing.store import Landing
from orchestration.report import gx_pages
from orchestration.report.gx_pages import build_gx_pages
from orchestration.settings import Settings
from tests.support.data_docs import asked_of_others, broken_links, failing_rows, pages, promises, results, shown
from tests.support.workplace import make_settings, run

END = dt.date(2026, 3, 15)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
WRONG = "제\ufffd목 <script>alert(1)</script>"
GATE = "board_rows.title_clean"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, list[int]]]:
    """Three days are published; then each title of the last is broken, so it is held back. With the numbers of its documents."""
    board = generate(seed=3, end_day=END, days=3, posts=45)
    with DemoServer(board, now=lambda: NOON) as server:
        settings = make_settings(tmp_path_factory.mktemp("published"), {"id": "demo", "url": server.url})
        assert run(settings, END - dt.timedelta(days=2), END) == 0
        last = [post for post in board.listed if post.regdate.date() == END]
        for post in last:
            board.change(post.srl, title=replace(post.title, text=WRONG))
        assert run(settings, END, END) == 1
    yield settings, [post.srl for post in last]


@pytest.fixture
def home(published: tuple[Settings, list[int]], tmp_path: Path) -> Settings:
    shutil.copytree(published[0].home.parent, tmp_path / "copy", symlinks=True)
    return Settings(boards=tmp_path / "copy" / "boards.yaml", home=tmp_path / "copy" / "home", rates_url="none")


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_newest_days_are_judged_with_what_is_red_and_nothing_else_is_changed_while_others_run(
    home: Settings, published: tuple[Settings, list[int]]
) -> None:
    before = files(home.published)
    other = claim(home.build, "another-run")
    (other / "candidate.duckdb").write_bytes(b"of the other")
    with (home.published / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run publishes
        site = build_gx_pages(home, home.home / "docs" / "gx").parent
    assert (other / "candidate.duckdb").read_bytes() == b"of the other"
    release(other)

    said = shown(site / "index.html")
    assert "the newest 3 board-days (at most 14), 2026-03-13 to 2026-03-15, of demo" in said
    assert "beside version 2; 1 of them held back." in said
    for suite in load_suites(SUITES):
        names = {gate.gate for gate in suite.gates}
        assert promises(site, suite.name).keys() == results(site, suite.name).keys() == names
    red = {gate for gate, (is_red, _) in results(site, "board_rows").items() if is_red}
    assert red == {GATE}
    rows = failing_rows(site, "board_rows", GATE)
    assert {int(row["document_id"]) for row in rows} == set(published[1])
    assert {row["listed_on"] for row in rows} == {str(END)} and all("<script>" in row["title"] for row in rows)
    for page in pages(site):
        assert asked_of_others(page) == [] and broken_links(page) == [], page

    assert files(home.published) == before
    assert {path.name for path in home.build.iterdir()} == {"lock", "parsed"}, "no candidate stays"


def test_at_most_so_many_board_days_are_judged(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gx_pages, "MOST_BOARD_DAYS", 1)
    first = build_gx_pages(home, home.home / "docs" / "gx")
    assert "the newest 1 board-days (at most 1), 2026-03-15 to 2026-03-15" in shown(first)


def test_a_document_that_is_forgotten_meanwhile_is_on_no_page(
    home: Settings, published: tuple[Settings, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, *others = published[1]
    built, decided = gx_pages._candidate, []

    def then_forget(*of: object) -> Path:
        path = built(*of)  # type: ignore[arg-type]
        if not decided:
            decided.append(Decision("forget", dt.datetime.now(dt.UTC), "operator", "부탁", "demo", documents=(victim,)))
            record_decision(Landing(home.landing), decided[0])
        return path

    monkeypatch.setattr(gx_pages, "_candidate", then_forget)
    site = build_gx_pages(home, home.home / "docs" / "gx").parent
    assert {int(row["document_id"]) for row in failing_rows(site, "board_rows", GATE)} == set(others)


def test_where_nothing_is_published_the_pages_say_what_is_promised_and_that_nothing_is_judged(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": "http://127.0.0.1:9/news"})
    site = build_gx_pages(settings, settings.home / "docs" / "gx").parent
    assert "Nothing is published yet, so nothing is judged" in shown(site / "index.html")
    for suite in load_suites(SUITES):
        assert promises(site, suite.name).keys() == {gate.gate for gate in suite.gates}
    assert not (site / "validations").exists()
    assert not settings.published.exists() and not settings.landing.exists()


def test_where_nothing_of_it_is_landed_the_pages_say_so_and_those_before_go(home: Settings) -> None:
    folder = home.home / "docs" / "gx"
    (folder / "validations" / "old").mkdir(parents=True)
    shutil.rmtree(home.landing)
    assert "no page is landed here, so nothing is judged" in shown(build_gx_pages(home, folder))
    assert not (folder / "validations").exists()
