"""`boardhouse serve`: the two processes of a server start on a home that is not there yet, and end on SIGTERM."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from orchestration.settings import today
from tests.unit.test_alerts import Webhook, webhook  # noqa: F401  (a fixture)

BOARDS = """\
boards:
  - id: news
    name: 뉴스
    url: https://board.example/news
    first_day: 2025-01-01
"""
STARTS_WITHIN = 180.0
TOLD_WITHIN = 120.0
"""Seconds; the daemon looks for failed runs twice a minute."""


def clean_environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("BOARDHOUSE_", "DAGSTER_"))} | more


def start(folder: Path, *arguments: str, boards: str = BOARDS, **more: str) -> "subprocess.Popen[str]":
    (folder / "boards.yaml").write_text(boards, encoding="utf-8")
    environment = clean_environment(**more)
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


def test_the_daemon_tells_a_webhook_of_a_run_of_the_command_line_that_failed(
    tmp_path: Path,
    webhook: Webhook,  # noqa: F811
) -> None:
    alerts = {"SCHEDULES_ON": "true", "WEBHOOK_URL": f"http://127.0.0.1:{webhook.server_port}/s3cret", "WEBHOOK_FORMAT": "slack"}
    boards = BOARDS.replace("https://board.example", "http://127.0.0.1:1")
    daemon = start(tmp_path, "daemon", boards=boards, **{f"BOARDHOUSE_{name}": value for name, value in alerts.items()})
    try:
        assert daemon.stdout is not None
        for line in daemon.stdout:
            if "Initiating alert_failed_runs" in line:  # it tells of what fails from now on
                break
        day = str(today() - dt.timedelta(days=1))
        command = [str(Path(sys.executable).with_name("boardhouse")), "run", "--from", day, "--to", day]
        done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=180)
        assert done.returncode == 1
        deadline = time.monotonic() + TOLD_WITHIN
        while not webhook.received:
            assert daemon.poll() is None and time.monotonic() < deadline, "nothing was told"
            time.sleep(0.3)
    finally:
        end(daemon)
    (told,) = webhook.received
    assert f"news {day} failed" in told["text"] and "the connection was refused" in told["text"]
    assert f"news {day} failed" in (tmp_path / ".boardhouse" / "alerts.jsonl").read_text(encoding="utf-8")


def test_a_mistake_in_boards_yaml_is_said_before_anything_starts(tmp_path: Path) -> None:
    process = start(tmp_path, "daemon", boards=BOARDS.replace("first_day", "firstday"))
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 2
    assert "boards.yaml line 2: boards.0.first_day is missing" in said and len(said.strip().splitlines()) == 1
    assert not (tmp_path / ".boardhouse").exists()
