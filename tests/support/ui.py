"""`boardhouse dev` as a process beside a test: the UI's server, the daemon with its queue, and its questions in GraphQL.

Here: starting it on a test's home, asking it, ending it. Not here: what is asked of it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from orchestration.settings import Settings

STARTS_WITHIN = 120.0
"""Seconds; it takes 10 to 20 on a free machine."""


@dataclass
class Dev:
    """`url`: of the UI; `log`: what its processes say."""

    url: str
    settings: Settings
    process: "subprocess.Popen[bytes]"
    log: Path

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a GraphQL answer; fails with what it says where it is an error."""
        answer = requests.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def processes(self) -> list[str]:
        """The commands of all processes that have this home in their environment."""
        found = []
        mark = f"BOARDHOUSE_HOME={self.settings.home}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:  # ended meanwhile, or somebody else's
                continue
        return found

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@contextmanager
def dev(settings: Settings) -> Iterator[Dev]:
    """The session, from when its location is loaded. No run begins in it but those that are asked for. The settings' board `demo`
    must answer already."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOARDHOUSE_", "DAGSTER_"))}
    environment = {
        **kept,
        "BOARDHOUSE_BOARDS": str(settings.boards),
        "BOARDHOUSE_HOME": str(settings.home),
        "BOARDHOUSE_RATES_URL": settings.rates_url,
        "BOARDHOUSE_SCHEDULES_ON": "false",
    }
    port = free_port()
    command = [str(Path(sys.executable).with_name("boardhouse")), "dev", "--port", str(port)]
    log = settings.home.parent / "dev.log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
    session = Dev(f"http://127.0.0.1:{port}", settings, process, log)
    try:
        _wait_until_it_answers(session)
        yield session
    finally:
        session.end()


def _wait_until_it_answers(session: Dev) -> None:
    """Until the location is loaded: before, the UI shows an empty workspace."""
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        assert session.process.poll() is None and time.monotonic() < deadline, session.said()
        try:
            if session.ask("{ assetNodes { id } }")["assetNodes"]:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.3)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
