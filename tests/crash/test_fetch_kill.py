"""A fetch killed at any request or write goes on in the next run: the same documents and lists, and no finished request twice."""

import datetime as dt
import itertools
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.demo.content import generate
from orchestration.demo.faults import Asked
from orchestration.demo.server import DemoServer
from orchestration.fetch.crawl import fetch_range
from orchestration.fetch.known import ScopeRecord, ended, scope_records
from orchestration.landing.store import Landing
from orchestration.settings import Board, Settings

END = dt.date(2026, 11, 20)


class Place:
    """A home and a server; the server runs in the parent, so that it outlives the killed fetch."""

    def __init__(self, home: Path, server: DemoServer, first: int, last: int) -> None:
        self.settings = Settings(boards=home / "boards.yaml", home=home)
        self.landing = Landing(self.settings.landing)
        self.board = Board(id="news", name="뉴스", url=server.url, first_day=dt.date(2026, 1, 1), delay_seconds=0)
        self.server = server
        self.range = (END - dt.timedelta(days=first), END - dt.timedelta(days=last))

    def fetch(self, run_id: str) -> None:
        fetch_range(self.settings, [self.board], *self.range, self.landing, run_id)

    def outcome(self) -> tuple[object, ...]:
        (record,) = self.scopes()
        return record.strategy, record.days

    def scopes(self) -> list[ScopeRecord]:
        return ended(scope_records(self.landing.responses(purposes=["scope"])))

    def landed(self) -> Counter[str]:
        return Counter(entry.url_asked for entry in self.landing.entries() if entry.purpose != "scope")


def in_child(work: Callable[[], None]) -> bool:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


@pytest.fixture(params=[(1, 0), (19, 18)], ids=["linear", "date search"])
def days(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture
def server() -> DemoServer:
    with DemoServer(generate(3, END, days=20, posts=230)) as server:
        yield server


def kill_writes_at(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left = itertools.count(n, -1)
    for module, name in ((os, "pwrite"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
        function = getattr(module, name)

        def wrapped(*args: object, function: Callable = function, **given: object) -> object:
            if next(left) == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **given)

        monkeypatch.setattr(module, name, wrapped)


def check(place: Place, wanted: tuple[object, ...], n: int) -> None:
    """The next run ends as an undisturbed one and repeats no request whose answer had landed."""
    before = place.landed()
    asked = len(place.server.requests)
    place.fetch("second")
    assert place.outcome() == wanted, f"killed at {n}"
    assert max(place.landed().values()) == 1, f"killed at {n}"
    again = {f"{place.server.base_url}{request.target}" for request in place.server.requests[asked:]}
    assert not again & set(before), f"killed at {n}"


def undisturbed(tmp_path: Path, server: DemoServer, days: tuple[int, int]) -> tuple[Place, tuple[object, ...]]:
    place = Place(tmp_path / "undisturbed", server, *days)
    place.fetch("only")
    return place, place.outcome()


@pytest.mark.slow
def test_killed_at_any_request_the_next_run_goes_on(tmp_path: Path, server: DemoServer, days: tuple[int, int]) -> None:
    _, wanted = undisturbed(tmp_path, server, days)
    total = len(server.requests)
    for n in range(1, total + 1):
        place = Place(tmp_path / str(n), server, *days)
        count = itertools.count(1)
        child: list[int] = []

        def strike(asked: Asked, n: int = n, count: itertools.count = count, child: list[int] = child) -> None:
            if next(count) == n:
                os.kill(child[0], signal.SIGKILL)

        server.faults = strike
        pid = os.fork()
        if pid == 0:
            try:
                import time

                time.sleep(0.01)  # until the parent knows whom to kill
                place.fetch("first")
            finally:
                os._exit(0)
        child.append(pid)
        _, status = os.waitpid(pid, 0)
        server.faults = None
        assert os.WIFSIGNALED(status)
        assert sum(place.landed().values()) == n - 1, "each answer that had come"
        check(place, wanted, n)


@pytest.mark.slow
def test_killed_at_any_write_the_next_run_goes_on(
    tmp_path: Path, server: DemoServer, days: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, wanted = undisturbed(tmp_path, server, days)
    for n in itertools.count(1):
        place = Place(tmp_path / str(n), server, *days)

        def work(n: int = n, place: Place = place) -> None:
            kill_writes_at(n, monkeypatch)
            place.fetch("first")

        if in_child(work):
            break
        if not place.scopes():
            check(place, wanted, n)
        else:
            assert place.outcome() == wanted
    assert n > 50
