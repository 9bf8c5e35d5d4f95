"""Bytes that went bad on the disk, met by a whole run: in the spool of a run that was killed, and in the published version."""

import datetime as dt
import itertools
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.defs.home import instance
from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.landing.records import Response
from orchestration.landing.spool import Damage, Spool, read_spool
from orchestration.publish.versions import current_version, warehouse_file
from orchestration.settings import Settings
from tests.support.stopping import die, ended_in_a_child
from tests.support.workplace import fingerprints, make_settings, run

END = dt.date(2026, 3, 15)
FIRST = END - dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
LANDED = 17
"""Answers that the killed run landed."""


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(generate(seed=3, end_day=END, days=2, posts=30), now=lambda: NOON) as started:
        yield started


def boardhouse(settings: Settings, *typed: str) -> Result:
    home = {"BOARDHOUSE_BOARDS": str(settings.boards), "BOARDHOUSE_HOME": str(settings.home)}
    return CliRunner(env=home).invoke(main, typed)


def killed_run(settings: Settings, landed: int) -> Path:
    """A run that dies when so many answers have landed; its spool of the board."""

    def act() -> None:
        write, count = Spool.write, itertools.count()

        def deadly(self: Spool, response: Response) -> None:
            if response.board_id == "demo" and response.purpose != "scope" and next(count) == landed:
                die()
            write(self, response)

        Spool.write = deadly  # type: ignore[method-assign]
        run(settings, FIRST, END)

    assert not ended_in_a_child(act)
    (spool,) = (settings.landing / "spool").glob("*.demo.zst")
    return spool


def damage(spool: Path) -> tuple[set[str], str]:
    """Zero some bytes in its middle. Returns the addresses whose answers are lost by it, and what is to be said of it."""
    whole = answers(spool)
    middle = spool.stat().st_size // 2
    with spool.open("r+b") as file:
        file.seek(middle)
        file.write(bytes(3000))
    with spool.open("rb") as file:
        (bad,) = (each for each in read_spool(file, spool) if isinstance(each, Damage))
    lost = whole - answers(spool)
    assert bad.start <= middle < bad.end and 0 < len(lost) < len(whole) // 2
    return lost, f"{spool.parents[1] / 'damaged' / spool.name}: bytes {bad.start} to {bad.end} cannot be read"


def answers(spool: Path) -> set[str]:
    with spool.open("rb") as file:
        return {each.url_asked for each in read_spool(file, spool) if isinstance(each, Response)}


def test_a_damaged_spool_of_a_killed_run_costs_what_it_touched_and_the_next_run_asks_for_that_again(
    tmp_path: Path, server: DemoServer, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    spool = killed_run(settings, LANDED)
    lost, said = damage(spool)
    damaged = spool.read_bytes()
    kept = answers(spool)
    asked = len(server.requests)

    assert run(settings, FIRST, END) == 0

    again = {f"{server.base_url}{request.target}" for request in server.requests[asked:]}
    assert lost <= again and not again & {url for url in kept if re.search("/news/[0-9]", url)}
    assert said in capfd.readouterr().err
    with instance(settings) as dagster:
        events = dagster.all_logs(dagster.get_runs(limit=1)[0].run_id)
        assert [said in event.user_message for event in events if event.level == logging.WARNING] == [True]
    assert [path.read_bytes() for path in (settings.landing / "damaged").iterdir()] == [damaged]
    doctor = boardhouse(settings, "doctor", "--offline").output
    assert any(line.startswith("warning  landing") and said in line for line in doctor.splitlines())
    status = boardhouse(settings, "status").output
    assert "1 stretch of the landing damaged" in status.splitlines()[0] and f"landing: {said}" in status

    (tmp_path / "whole").mkdir()
    whole = make_settings(tmp_path / "whole", {"id": "demo", "url": server.url})
    assert run(whole, FIRST, END) == 0
    assert fingerprints(settings) == fingerprints(whole)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda whole: whole[: len(whole) // 2],
    "empty": lambda whole: b"",
    "zeros in the middle": lambda whole: whole[: len(whole) // 2] + bytes(400_000) + whole[len(whole) // 2 + 400_000 :],
}


def test_over_a_damaged_version_every_command_says_so_and_a_rebuild_mends_it(tmp_path: Path, server: DemoServer) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
    assert run(settings, FIRST, END) == 0
    before = fingerprints(settings)
    file = warehouse_file(settings.published, 1)
    whole = file.read_bytes()
    days = ("--from", str(FIRST), "--to", str(END))
    for name, spoil in DAMAGES.items():
        file.write_bytes(spoil(whole))
        for command in (
            ["status"],
            ["doctor", "--offline"],
            ["query", "from articles"],
            ["export", "--out", "nowhere"],
            ["run", *days],
        ):
            done = boardhouse(settings, *command)
            lines = [line for line in done.output.splitlines() if "version 1 in" in line]
            assert done.exit_code == 1 and len(lines) == 1, (name, command, done.output)
            assert f"version 1 in {settings.published} is damaged" in lines[0] and "boardhouse rebuild" in lines[0]
        assert current_version(settings.published) == 1
    done = boardhouse(settings, "rebuild")
    assert done.exit_code == 0, done.output
    assert fingerprints(settings) == before
    assert run(settings, FIRST, END) == 0
    assert fingerprints(settings) == before
