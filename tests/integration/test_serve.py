"""`boardhouse serve`: the two processes of a server start on a home that is not there yet, and end on SIGTERM."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

BOARDS = """\
boards:
  - id: news
    name: 뉴스
    url: https://board.example/news
    first_day: 2025-01-01
"""
STARTS_WITHIN = 60.0


def start(folder: Path, *arguments: str, boards: str = BOARDS) -> "subprocess.Popen[str]":
    (folder / "boards.yaml").write_text(boards, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BOARDHOUSE_", "DAGSTER_"))}
    command = [str(Path(sys.executable).with_name("boardhouse")), "serve", *arguments]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def end(process: "subprocess.Popen[str]") -> str:
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=30)[0]


def test_the_ui_shows_the_location_of_this_home(tmp_path: Path) -> None:
    port = 30_000 + os.getpid() % 20_000
    process = start(tmp_path, "ui", "--port", str(port))
    try:
        question = {"query": "{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } } } } }"}
        deadline = time.monotonic() + STARTS_WITHIN
        answer = None
        while answer is None:
            assert process.poll() is None and time.monotonic() < deadline
            try:
                answer = requests.post(f"http://127.0.0.1:{port}/graphql", json=question, timeout=30).json()
            except requests.ConnectionError:
                time.sleep(0.2)
        assert answer["data"]["repositoriesOrError"]["nodes"] == [{"location": {"name": "boardhouse"}}]
        assert (tmp_path / ".boardhouse" / "dagster" / "dagster.yaml").exists()
    finally:
        end(process)


def test_the_daemon_starts_and_says_that_it_waits(tmp_path: Path) -> None:
    process = start(tmp_path, "daemon")
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "SensorDaemon" in line:
                break
        else:
            pytest.fail("the daemon ended")
    finally:
        end(process)


def test_a_mistake_in_boards_yaml_is_said_before_anything_starts(tmp_path: Path) -> None:
    process = start(tmp_path, "daemon", boards=BOARDS.replace("first_day", "firstday"))
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 2
    assert "boards.yaml line 2: boards.0.first_day is missing" in said and len(said.strip().splitlines()) == 1
    assert not (tmp_path / ".boardhouse").exists()
