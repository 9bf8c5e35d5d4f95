"""The commands, as a person types them: what they print, and with which exit status they end."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.landing.records import Response
from orchestration.landing.store import Landing

BOARDS = """\
boards:
  - id: news
    name: 뉴스
    url: https://board.example/news
    first_day: 2025-01-01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "boards.yaml").write_text(BOARDS, encoding="utf-8")
    return tmp_path


def boardhouse(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What the installed command does, in this process: importing takes longer than all that it does. An error that no command
    expects is raised here."""
    foreign = {key: None for key in os.environ if key.startswith(("BOARDHOUSE_", "DAGSTER_"))}
    with contextlib.chdir(folder):
        result = CliRunner(env=foreign).invoke(main, arguments, input=stdin, prog_name="boardhouse", catch_exceptions=False)
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout_bytes, result.stderr_bytes)


def installed(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The installed command, as a process of its own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("BOARDHOUSE_", "DAGSTER_"))}
    command = [str(Path(sys.executable).with_name("boardhouse")), *arguments]
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, timeout=120, env=environment)


def one_line(result: subprocess.CompletedProcess[bytes]) -> str:
    lines = result.stderr.decode().strip().splitlines()
    assert len(lines) == 1, result.stderr.decode()
    return lines[0]


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "ingest",
        "parse",
        "probe",
        "money",
        "query",
        "status",
        "doctor",
        "release",
        "requeue",
        "forget",
        "rollback",
        "rebuild",
        "landed",
    ],
)
def test_every_command_explains_itself_with_an_example(folder: Path, command: str) -> None:
    result = boardhouse(folder, command, "--help")
    assert result.returncode == 0
    assert f"boardhouse {command}" in result.stdout.decode().replace("| ", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("run", "--from", "yesteryear"),
        ("run", "--from", "2026-01-02", "--to", "2026-01-01"),
        ("run", "--to", "2999-01-01"),
        ("run", "--board", "nosuch"),
        ("ingest", "--board", "news"),
        ("parse", "no-such-file.html"),
    ],
)
def test_wrong_usage_ends_with_two(folder: Path, arguments: tuple[str, ...]) -> None:
    result = boardhouse(folder, *arguments)
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr


def test_the_installed_command_ends_like_the_one_in_this_process(folder: Path) -> None:
    for arguments in (("fly",), ("query", "select 1"), ("status",)):
        here, there = boardhouse(folder, *arguments), installed(folder, *arguments)
        assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)


def test_an_unknown_engine_names_the_line_and_what_would_be_right(folder: Path) -> None:
    (folder / "boards.yaml").write_text(BOARDS + "    engine: phpbb\n", encoding="utf-8")
    result = boardhouse(folder, "run")
    assert result.returncode == 2
    assert "line 6" in one_line(result)
    assert "'rhymix'" in one_line(result)


def test_a_query_before_anything_is_published_says_what_to_do(folder: Path) -> None:
    result = boardhouse(folder, "query", "select 1")
    assert result.returncode == 1
    assert "boardhouse run" in one_line(result)


def test_status_before_anything_is_published_says_what_to_do(folder: Path) -> None:
    result = boardhouse(folder, "status")
    assert result.returncode == 0
    assert "nothing is published yet" in result.stdout.decode()


def test_a_page_that_is_no_board_is_refused_with_its_reason_and_kept(folder: Path) -> None:
    page = folder / "page.html"
    page.write_text("<!DOCTYPE html><html><body><h1>hello</h1></body></html>", encoding="utf-8")
    parsed = installed(folder, "parse", "page.html")
    assert parsed.returncode == 3
    assert json.loads(parsed.stdout)["kind"] == "none"
    ingested = installed(folder, "ingest", "page.html", "--board", "news", "--url", "https://board.example/news")
    assert ingested.returncode == 1
    assert "page.html" in ingested.stderr.decode()
    assert ingested.stdout.decode().startswith("0 landed, 1 refused")
    assert page.exists()
    assert not (folder / ".boardhouse" / "published").exists()


def test_money_answers_a_line_with_a_line(folder: Path) -> None:
    result = installed(folder, "money", stdin="5000억 달러(약 718조원)\n\n가구 2만\n".encode())
    first, second, third = (json.loads(line) for line in result.stdout.splitlines())
    assert [(m["text"], m["currency"], m["amount"], m["paired_with"]) for m in first] == [
        ("5000억 달러", "USD", "500000000000", None),
        ("718조원", "KRW", "718000000000000", 0),
    ]
    assert (second, third) == ([], [])


def test_an_offline_run_over_nothing_says_so(folder: Path) -> None:
    result = boardhouse(folder, "run", "--offline", "--from", "2026-01-01", "--to", "2026-01-02")
    assert result.returncode == 1
    assert "nothing has landed" in result.stderr.decode().strip().splitlines()[-1]


def test_a_landed_page_is_printed_as_it_came_and_an_unknown_one_is_one_line(folder: Path) -> None:
    body, url = "<p>똠".encode("cp949") + b"\xff", "https://board.example/news/7"
    page = Response("news", "r1", "article", url, url, 200, {}, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), body)
    with Landing(folder / ".boardhouse" / "landing").writer("r1", "news") as spool:
        spool.append(page)
    found = boardhouse(folder, "landed", page.response_id)
    assert (found.returncode, found.stdout) == (0, body)
    assert one_line(found) == f"200 {url}, fetched 2026-03-01 09:00:00 KST"
    missing = boardhouse(folder, "landed", "none")
    assert missing.returncode == 2 and "give the response_id of a failing row" in one_line(missing)
