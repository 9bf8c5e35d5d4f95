"""Two runs at the same time, each in a process of its own: both arrive, no board-day is lost, and nothing of either is mixed.

As the command line makes them; and, slow, from the UI: through its server, the daemon and its queue.
"""

import datetime as dt
import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.defs.partitions import range_tags
from orchestration.defs.schedules import JOB
from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.forked import Forked, forked
from tests.support.ui import Dev, dev
from tests.support.workplace import fingerprints, make_settings, rows, run

END = dt.date(2026, 3, 15)
DAYS = [END - dt.timedelta(days=n) for n in (3, 2, 1, 0)]
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
WITHIN = 500.0  # seconds
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
EVERY_DAY = [(day, "published") for day in DAYS]


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(generate(seed=7, end_day=END, days=4, posts=48), now=lambda: NOON) as started:
        yield started


@pytest.fixture(scope="module")
def one_after_the_other(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What two runs in turn publish of the four days."""
    folder = tmp_path_factory.mktemp("in_turn")
    settings = make_settings(folder, {"id": "demo", "url": server.url})
    for first, last in ((DAYS[0], DAYS[2]), (DAYS[2], DAYS[3])):
        assert forked(lambda first=first, last=last: run(settings, first, last), folder / "answer") == 0
    return found(settings)


def found(settings: Settings) -> dict[str, str]:
    fingerprint: dict[str, str] = forked(lambda: fingerprints(settings), settings.home.parent / "answer")
    return fingerprint


@contextmanager
def none_publishes_yet(settings: Settings) -> Iterator[Callable[[int, Callable[[], bool]], None]]:
    """Nobody can publish meanwhile. What it gives waits until so many runs have a judged candidate, so that all are built on the
    same version; it fails where they take too long, or `alive` is no longer so."""
    settings.published.mkdir(parents=True, exist_ok=True)

    def wait(runs: int, alive: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WITHIN
        while len(list(settings.build.glob("*/verdicts.json"))) < runs and alive():
            assert time.monotonic() < deadline, "the runs did not come as far as their verdicts"
            time.sleep(0.1)

    with (settings.published / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield wait
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)  # closing it would not do: a forked run holds it too


def both_at_once(settings: Settings, *ranges: tuple[dt.date, dt.date]) -> None:
    """Start a run of each range on a home that is not there yet."""
    with none_publishes_yet(settings) as wait:
        runs = [
            Forked(lambda days=days: run(settings, *days), settings.home.parent / f"answer {n}") for n, days in enumerate(ranges)
        ]
        wait(len(runs), lambda: not any(each.has_ended for each in runs))
    assert [each.result() for each in runs] == [0] * len(runs)


def range_run(ui: Dev, first: dt.date, last: dt.date) -> str:
    """One run of a range, as the launchpad asks for it; its id."""
    answer = ui.ask(
        """mutation ($of: ExecutionParams!) { launchRun(executionParams: $of)
        { __typename ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }""",
        of={
            "selector": {"repositoryLocationName": "boardhouse", "repositoryName": "__repository__", "jobName": JOB},
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in range_tags(first, last).items()]},
        },
    )["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return str(answer["run"]["runId"])


def backfill(ui: Dev, first: dt.date, last: dt.date) -> str:
    """A backfill of all assets, as "Materialize all" asks for it; its id."""
    every_asset = ui.ask("{ assetNodes { assetKey { path } } }")["assetNodes"]
    answer = ui.ask(
        """mutation ($of: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $of)
        { __typename ... on LaunchBackfillSuccess { backfillId } ... on Error { message } } }""",
        of={
            "assetSelection": [{"path": node["assetKey"]["path"]} for node in every_asset],
            "partitionNames": [str(first + dt.timedelta(days=n)) for n in range((last - first).days + 1)],
        },
    )["launchPartitionBackfill"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    return str(answer["backfillId"])


def statuses(ui: Dev) -> list[str]:
    runs = ui.ask("{ runsOrError { ... on Runs { results { status } } } }")["runsOrError"]["results"]
    return [run["status"] for run in runs]


def check_both_arrive_from_the_ui(
    settings: Settings, launch: Callable[[Dev, dt.date, dt.date], str], *ranges: tuple[dt.date, dt.date]
) -> None:
    """Ask a session's server for all ranges at once: the daemon's queue starts a run of each, and all end green."""
    with dev(settings) as ui:
        with none_publishes_yet(settings) as wait:
            launched = [launch(ui, *days) for days in ranges]
            assert len(set(launched)) == len(ranges)
            wait(len(ranges), lambda: "FAILURE" not in statuses(ui))
            assert statuses(ui) == ["STARTED"] * len(ranges), ui.said()
        deadline = time.monotonic() + WITHIN
        while not set(statuses(ui)) <= ENDED:
            assert time.monotonic() < deadline, ui.said()
            time.sleep(0.5)
        assert statuses(ui) == ["SUCCESS"] * len(ranges), ui.said()
    assert ui.processes() == []


def check_whole(settings: Settings, versions: int) -> None:
    """All days stand, every version is there, and no lock, candidate or temporary file is left."""
    assert rows(settings, "select day, state from board_days where board_id = 'demo' order by day") == EVERY_DAY
    assert rows(settings, "select warehouse_version from publishes order by 1") == [(n,) for n in range(1, versions + 1)]
    twice = "select count(*) from board_rows group by board_id, document_id having count(*) > 1"
    assert rows(settings, twice) == []
    assert {path.name for path in settings.build.iterdir()} <= {"lock", "parsed"}
    assert list((settings.landing / "spool").iterdir()) == []
    assert {path.name for path in (settings.published / "versions").iterdir()} == {str(n) for n in range(1, versions + 1)}
    assert not [path for path in settings.home.rglob("*") if ".tmp" in path.name]


def test_two_runs_of_different_days_started_together_both_arrive(
    tmp_path: Path, server: DemoServer, one_after_the_other: dict[str, str]
) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    both_at_once(settings, (DAYS[0], DAYS[1]), (DAYS[2], DAYS[3]))
    forked(lambda: check_whole(settings, 2), tmp_path / "answer")
    assert found(settings) == one_after_the_other


def test_two_runs_of_overlapping_days_started_together_both_arrive(
    tmp_path: Path, server: DemoServer, one_after_the_other: dict[str, str]
) -> None:
    """The one that comes second finds a day of its own published since it was built: it is built and judged anew."""
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    both_at_once(settings, (DAYS[0], DAYS[2]), (DAYS[1], DAYS[3]))
    forked(lambda: check_whole(settings, 2), tmp_path / "answer")
    assert found(settings) == one_after_the_other


@pytest.mark.slow
def test_two_runs_of_different_days_asked_for_together_in_the_ui_both_arrive(
    tmp_path: Path, server: DemoServer, one_after_the_other: dict[str, str]
) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    check_both_arrive_from_the_ui(settings, range_run, (DAYS[0], DAYS[1]), (DAYS[2], DAYS[3]))
    forked(lambda: check_whole(settings, 2), tmp_path / "answer")
    assert found(settings) == one_after_the_other


@pytest.mark.slow
def test_two_backfills_of_overlapping_days_asked_for_together_in_the_ui_both_arrive(
    tmp_path: Path, server: DemoServer, one_after_the_other: dict[str, str]
) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    check_both_arrive_from_the_ui(settings, backfill, (DAYS[0], DAYS[2]), (DAYS[1], DAYS[3]))
    forked(lambda: check_whole(settings, 2), tmp_path / "answer")
    assert found(settings) == one_after_the_other
