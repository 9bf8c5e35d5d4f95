"""However many processes, runs, boards and days share a host: one request in flight, and never less than the delay between two."""

import datetime as dt
import multiprocessing
from pathlib import Path

from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
from orchestration.fetch.crawl import fetch_range
from orchestration.landing.store import Landing
from orchestration.settings import Board, Settings

END = dt.date(2026, 11, 20)
DELAY = 0.02


def fetch(home: Path, boards: list[Board], first: int, last: int, run_id: str) -> None:
    settings = Settings(boards=home / "boards.yaml", home=home)
    fetch_range(settings, boards, END - dt.timedelta(days=first), END - dt.timedelta(days=last), Landing(settings.landing), run_id)


def test_processes_that_fetch_from_one_host_take_turns(tmp_path: Path) -> None:
    """Four processes, two boards, days that overlap; one home."""
    mids = ("news", "other")
    sites = [generate(seed, END, days=6, posts=60, mid=mid) for seed, mid in enumerate(mids)]
    with DemoServer(*sites, latency=0.005) as server:
        boards = [
            Board(id=mid, name=mid, url=f"{server.base_url}/{mid}", first_day=dt.date(2026, 1, 1), delay_seconds=DELAY)
            for mid in mids
        ]
        context = multiprocessing.get_context("fork")
        work = [(boards, 1, 0), (boards[:1], 3, 2), (boards[1:], 5, 4), (boards, 2, 1)]
        running = [context.Process(target=fetch, args=(tmp_path, *what, f"run-{at}")) for at, what in enumerate(work)]
        for process in running:
            process.start()
        for process in running:
            process.join(120)
        assert [process.exitcode for process in running] == [0, 0, 0, 0]
        by_run = {entry.run_id for entry in Landing(tmp_path / "landing").entries() if entry.purpose == "list"}
        assert by_run == {f"run-{at}" for at in range(4)}
        assert server.most_in_flight() == 1
        assert server.shortest_gap() >= DELAY
