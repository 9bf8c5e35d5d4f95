"""From an address to its first published day, as a person types it: probe, write, run."""

import datetime as dt
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.integration.test_command_line import boardhouse
from tests.support.workplace import rows

END = dt.date(2026, 3, 15)


def test_a_probed_board_publishes_its_first_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = generate(seed=3, end_day=END, days=3, posts=40)
    with DemoServer(board, now=lambda: dt.datetime(2026, 3, 16, 12, tzinfo=KST)) as server:
        shown = boardhouse(tmp_path, "probe", server.url)
        assert shown.returncode == 0, shown.stderr.decode()
        assert not (tmp_path / "boards.yaml").exists()
        assert f"    url: {server.url}\n" in shown.stdout.decode()
        written = boardhouse(tmp_path, "probe", server.url, "--write")
        assert written.returncode == 0, written.stderr.decode()
        again = boardhouse(tmp_path, "probe", server.url, "--write")
        assert again.returncode == 2
        assert "already, as board 'news'" in again.stderr.decode()
        # What it prints as the next thing to type is what publishes the first day.
        typed = re.search(r"^next: boardhouse (run .*)$", written.stdout.decode(), re.MULTILINE)
        assert typed is not None
        settings = Settings(boards=tmp_path / "boards.yaml", home=tmp_path / ".boardhouse")
        monkeypatch.setenv("BOARDHOUSE_BOARDS", str(settings.boards))  # in this process: dbt and GX are imported once
        monkeypatch.setenv("BOARDHOUSE_HOME", str(settings.home))
        ran = CliRunner().invoke(main, typed[1].split())
        assert ran.exit_code == 0, ran.output
    day = END - dt.timedelta(days=1)
    assert rows(settings, "select day, state from board_days where board_id = 'news'") == [(day, "published")]
    listed = {row.document_id for row in server.site.true_rows("news") if row.listed_on == day and not row.is_notice}
    found = rows(settings, "select document_id from board_rows where not is_notice")
    assert {document_id for (document_id,) in found} == listed


def test_an_address_that_is_no_board_ends_with_three_and_says_what_to_try(tmp_path: Path) -> None:
    with DemoServer(generate(seed=3, end_day=END, days=2, posts=20)) as server:
        result = boardhouse(tmp_path, "probe", f"{server.base_url}/", "--write")
    assert result.returncode == 3
    said = result.stdout.decode()
    assert "What to try" in said and f"boardhouse probe {server.base_url}/" in said
    assert "is no board that boardhouse reads: Rhymix" in result.stderr.decode().splitlines()[-1]
    assert not (tmp_path / "boards.yaml").exists()
