"""A whole run killed with SIGKILL anywhere: what is published is the old version or the new one, and the next run mends the rest.

Ten points from the first request to the last clean-up, by what they are; and ten by the count of its effects on landing and
published folder, by an exception too. Those of landing and publish alone are stopped one by one in the other files of this folder.
"""

import datetime as dt
import importlib
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.forked import KILLED, forked
from tests.support.workplace import fingerprints, make_settings, rows, run

END = dt.date(2026, 3, 13)
FIRST = END - dt.timedelta(days=1)

POINTS = {  # name: module, what is called, and at which of its calls the process dies
    "a few pages have landed": ("orchestration.landing.spool", "Spool.write", 5),
    "half of the articles have landed": ("orchestration.landing.spool", "Spool.write", 16),
    "the scope is about to be written": ("orchestration.scope", "Scope.write", 1),
    "the candidate is about to be made": ("orchestration.defs.assets_build", "prepare_candidate", 1),
    "dbt is about to build": ("orchestration.defs.assets_build", "run_dbt", 1),
    "the gates are about to judge": ("orchestration.gates.runner", "judge", 1),
    "the verdicts are about to be written": ("orchestration.gates.records", "Verdicts.write", 1),
    "the new version is being filled": ("orchestration.publish.publisher", "Effects.execute", 4),
    "the link is about to be swapped": ("orchestration.publish.publisher", "Effects.point", 1),
    "the new version is current, the run not ended": ("orchestration.defs.assets_publish", "days_published", 1),
}


def die_at(module: str, path: str, n: int) -> None:
    """Let this process die at the n-th call."""
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    function = getattr(owner, name)
    calls = iter(range(1, n + 1))

    def deadly(*args: Any, **given: Any) -> Any:
        if next(calls) == n:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **given)

    setattr(owner, name, deadly)


class Place:
    """A home whose board's earlier day is published, and whose two last days are about to be."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings

    def run(self) -> Any:
        return forked(lambda: run(self.settings, FIRST, END), self.folder / "answer")

    def die(self, point: tuple[str, str, int]) -> Any:
        return forked(lambda: (die_at(*point), run(self.settings, FIRST, END)), self.folder / "answer")

    def tables(self) -> Any:
        return forked(lambda: fingerprints(self.settings), self.folder / "answer")

    def version(self) -> Any:
        return forked(lambda: rows(self.settings, "select max(warehouse_version) from publishes")[0][0], self.folder / "answer")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("base")
    with DemoServer(generate(5, END, days=3, posts=36)) as server:
        settings = make_settings(folder, {"id": "demo", "url": server.url, "first_day": END - dt.timedelta(days=2)})
        before = END - dt.timedelta(days=2)
        assert forked(lambda: run(settings, before, before), folder / "answer") == 0

        def copy(name: str) -> Place:
            there = tmp_path_factory.mktemp(name) / "place"
            shutil.copytree(folder, there, symlinks=True)
            return Place(there, Settings(boards=there / "boards.yaml", home=there / "home"))

        undisturbed = copy("undisturbed")
        old = undisturbed.tables()
        assert undisturbed.run() == 0
        yield copy, server, old, undisturbed.tables()


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_anywhere_leaves_a_whole_version_and_the_next_run_mends_the_rest(world, point: str) -> None:
    copy, server, old, new = world
    place = copy("killed")

    assert place.die(POINTS[point]) == KILLED

    assert place.tables() == (new if "is current" in point else old)
    asked_before = landed(place.settings)
    requests = len(server.requests)

    check_mended(place, new)

    again = asked_before & {f"{server.base_url}{request.target}" for request in server.requests[requests:]}
    if "landed" not in point:  # its fetch had ended: the next run looks at the lists anew, and at no article
        again = {url for url in again if re.search("/news/[0-9]", url)}
    assert not again


def check_mended(place: Place, new: Any) -> None:
    """The next run ends green with all of it, and no lock, candidate, temporary file or half version is left."""
    assert place.run() == 0
    assert place.tables() == new
    home = place.settings.home
    assert {path.name for path in place.settings.build.iterdir()} <= {"lock", "parsed"}
    assert list((home / "landing" / "spool").iterdir()) == []
    versions = {path.name for path in (home / "published" / "versions").iterdir()}
    assert versions == {str(n) for n in range(1, place.version() + 1)}
    assert not [path for path in home.rglob("*") if ".tmp" in path.name]


def stop_at(n: int, how: str) -> list[int]:
    """Let this process die, or raise, at its n-th effect; the list's one number counts them."""
    from orchestration.effects import Effects

    count = [0]

    def before(self: Effects, what: str, target: object) -> None:
        count[0] += 1
        if count[0] == n:
            if how == KILLED:
                os.kill(os.getpid(), signal.SIGKILL)
            raise RuntimeError(f"stopped before {what} of {target}")

    Effects.before = before  # type: ignore[method-assign]
    return count


@pytest.fixture(scope="module")
def effect_count(world) -> int:
    """Of an undisturbed run: what landing and publish do to the disk."""
    place = world[0]("counted")

    def counted() -> int:
        count = stop_at(0, "raised")
        assert run(place.settings, FIRST, END) == 0
        return count[0]

    found: int = forked(counted, place.folder / "answer")
    assert found > 100
    return found


@pytest.mark.slow
@pytest.mark.parametrize("how", ["killed", "raised"])
@pytest.mark.parametrize("tenth", range(10))
def test_a_run_stopped_at_ten_of_its_effects_leaves_a_whole_version_too(world, effect_count: int, tenth: int, how: str) -> None:
    """Spread from the first landed byte to the last clean-up; where it raises, the run ends red, or fetched nothing."""
    copy, _, old, new = world
    n = 1 + tenth * (effect_count - 1) // 9
    place = copy(how)

    def act() -> int:
        stop_at(n, how)
        return run(place.settings, FIRST, END)

    ended = forked(act, place.folder / "answer")
    assert ended == KILLED if how == KILLED else ended in (0, 1)
    found = place.tables()
    # A run whose fetch fails publishes its rates all the same, and what it could not read stays as it was.
    assert found.pop("exchange_rates") in (old["exchange_rates"], new["exchange_rates"])
    assert found in [{name: value for name, value in tables.items() if name != "exchange_rates"} for tables in (old, new)]
    check_mended(place, new)


def landed(settings: Settings) -> set[str]:
    """Of the run that was killed: the addresses whose answers had landed."""
    from orchestration.landing.store import Landing

    entries = [entry for entry in Landing(settings.landing).entries() if entry.purpose != "scope"]
    last_run = max(entries, key=lambda entry: entry.fetched_at).run_id
    return {entry.url_asked for entry in entries if entry.run_id == last_run}
