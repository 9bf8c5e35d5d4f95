"""`make demo` and `make dev`: the bundled board beside a run, or beside the Dagster UI.

Here: starting the board as a process of its own and ending it whatever happens. Not here: the board (`server`, `content`) or
the run.
"""

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click
import requests

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.settings import Board, Settings, today

DAYS = 60
STARTS_WITHIN = 60.0
"""Seconds the bundled board may take to answer; it takes 1 to 3 on a free machine."""

TOUR = (
    (
        "The newest rows",
        "select listed_on, post_no, title, author from board_rows where not is_notice order by post_no desc limit 5",
    ),
    (
        "The largest conversions, against the reference rate of the day",
        "select f.listed_on, o.text as original, f.text as restated, round(f.implied_rate, 2) as implied, "
        "round(f.reference_rate, 2) as reference, f.rate_verdict as verdict "
        "from currency_facts f join currency_facts o on o.fact_id = f.paired_fact_id "
        "where f.currency = 'KRW' order by f.amount desc, f.fact_id limit 5",
    ),
    ("What the gates said", "select severity, outcome, count(*) as results from gate_results group by all order by all"),
)


def demo_run(settings: Settings, days: int) -> int:
    """Publish the last `days` of the bundled board; the exit status of the run."""
    from orchestration.console import near, print_rows
    from orchestration.publish.reader import query
    from orchestration.run import run_days

    board = bundled_board(settings)
    with bundled_server(settings, board):
        status = run_days(settings, [board], today() - dt.timedelta(days=days - 1), today(), offline=False)
    if settings.warehouse.exists():
        for title, sql in TOUR:
            click.echo(f"\n{title}")
            print_rows(query(settings.published, sql), "table")
        click.echo("\nnext:  make dev                                   the Dagster UI, on http://127.0.0.1:3000")
        click.echo('       .venv/bin/boardhouse query "select …"      the published tables (docs/contract.md)')
        click.echo(f"       {near(settings.warehouse)}    the same, for DuckDB, pandas or a BI tool")
        click.echo(f"       {near(settings.front_page)}    what was published, as a page for your browser")
    return status


def dev_session(settings: Settings, port: int) -> int:
    """The bundled board and the Dagster UI, until a signal or until one of them ends."""
    from orchestration.defs.home import ensure_home

    board = bundled_board(settings)
    ensure_home(settings)
    root = Path(__file__).parents[2]
    with bundled_server(settings, board):
        command = [str(Path(sys.executable).with_name("dagster")), "dev", "-w", "workspace.yaml", "--port", str(port)]
        # Schedules begin switched on here, unless the environment says otherwise.
        environment = {"BOARDHOUSE_SCHEDULES_ON": "true", **os.environ, "BOARDHOUSE_BOARDS": str(settings.boards)}
        ui = subprocess.Popen(command, cwd=root, start_new_session=True, env=environment)
        click.echo(f"board  {board.url}\nUI     http://127.0.0.1:{port}   (Ctrl-C ends both)", err=True)
        with ending(ui):
            return ui.wait()


def bundled_board(settings: Settings) -> Board:
    """The entry of boards.yaml that is the bundled board: the one on loopback with the id `demo`."""
    for board in settings.load_boards():
        if board.is_bundled:
            return board
    raise ConfigError(f"{settings.boards} has no board `demo` on 127.0.0.1: take the entry from the project's own boards.yaml")


@contextlib.contextmanager
def bundled_server(settings: Settings, board: Board) -> Iterator[None]:
    """The bundled board, answering at the address of `board`; one that is already there (from `make dev`) is used."""
    if _answers(board.url):
        yield
        return
    port = urllib.parse.urlsplit(board.url).port or 80
    command = [sys.executable, "-m", "orchestration.demo", "--port", str(port)]
    server = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    with ending(server):
        deadline = time.monotonic() + STARTS_WITHIN
        while not _answers(board.url):
            if server.poll() is not None:
                raise BoardhouseError(f"the bundled board did not start on port {port}: is the port taken? its own line above says")
            if time.monotonic() > deadline:
                raise BoardhouseError(f"the bundled board did not answer at {board.url} within {STARTS_WITHIN:.0f} s")
            time.sleep(0.1)
        yield


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


@contextlib.contextmanager
def ending(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """End the process and all that it started, also on SIGTERM: `dagster dev` in the background outlives a SIGTERM to itself."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        for sign, patience in ((signal.SIGINT, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            if not _group_alive(process.pid):
                break


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
