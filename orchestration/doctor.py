"""Is this installation sound: what `boardhouse doctor` looks at, and what to do about each finding.

Here: checks that leave nothing behind but the lock of a host that was asked for its clock. Not here: the data (`status`, the
gates), or drawing (`console`). A check finds out by trying where it can: it locks, writes, opens.
"""

import datetime as dt
import fcntl
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from orchestration.build.rates import LastDay, known_until, last_days
from orchestration.build.run import DBT_PROJECT, MANIFEST
from orchestration.errors import BoardhouseError
from orchestration.fetch import addresses
from orchestration.fetch.client import Client, NoAnswer, host_of
from orchestration.fetch.clock import Clock
from orchestration.fetch.politeness import Host
from orchestration.fetch.rates import are_recent, last_published
from orchestration.landing.store import Landing
from orchestration.publish.reader import query
from orchestration.publish.versions import current_version
from orchestration.settings import PER_BOARD, Board, Settings

Level = Literal["ok", "warning", "bad"]

ROOT = Path(__file__).resolve().parents[1]
LOCK_FILE = ROOT / "requirements.lock"
LEAST_FREE_BYTES = 1 << 30
"""Below it a publish may end in the middle for want of room (it then publishes nothing)."""
FEW_VERSIONS_FREE = 5
"""A warning comes before there is room for so many copies of the current version."""
SKEW_TOLERATED = dt.timedelta(minutes=2)
ANSWERS_WITHIN = 5.0
EVENT_LOG = "orchestration.defs.event_log"


@dataclass(frozen=True, slots=True)
class Finding:
    """`said`: what is so, in one line; `do`: what to do about it, None where there is nothing."""

    check: str
    level: Level
    said: str
    do: str | None = None


def examine(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    """Every finding, in the order in which an operator would mend them. `offline`: boards are not asked for their clock.
    A check that itself fails is a bad finding, never the end of the others."""
    checks: list[Callable[[Settings], Iterator[Finding]]] = [_python, _packages, _manifest, _variables, _boards, _home, _disk]
    checks += [_dagster, _landing, _rates, _locks, _published]
    checks += [] if offline else [_clock]
    for check in checks:
        try:
            yield from check(settings)
        except (OSError, BoardhouseError) as error:
            yield Finding(check.__name__.strip("_"), "bad", str(error), "mend what the line names")


def _python(_: Settings) -> Iterator[Finding]:
    running = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info < (3, 14):
        yield Finding("Python", "ok", running)
    else:
        yield Finding("Python", "bad", f"{running}, but 3.11 to 3.13 are needed", "make clean, then make install PYTHON=python3.12")


def _packages(_: Settings) -> Iterator[Finding]:
    wrong = wrong_packages(LOCK_FILE.read_text(encoding="utf-8"))
    if wrong:
        shown = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        yield Finding("packages", "bad", f"not as requirements.lock has them: {shown}", "make install")
    else:
        pinned = ", ".join(f"{name} {version(name)}" for name in ("dagster", "dbt-core", "duckdb", "great-expectations"))
        yield Finding("packages", "ok", f"as requirements.lock has them ({pinned})")


def wrong_packages(lock: str) -> list[str]:
    """Each locked package that is not installed in the locked version, where its marker asks for it here."""
    wrong = []
    for line in re.findall(r"^([A-Za-z0-9][^#\\\n]*==[^#\\\n]*)", lock, re.MULTILINE):
        wanted = Requirement(line.strip())
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            installed = version(wanted.name)
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(installed, prereleases=True):
            wrong.append(f"{wanted.name} is {installed}, not {str(wanted.specifier)[2:]}")
    return wrong


def _manifest(_: Settings) -> Iterator[Finding]:
    sources = [path for kind in ("*.sql", "*.yml", "*.csv") for path in DBT_PROJECT.rglob(kind) if "target" not in path.parts]
    yield manifest_finding(MANIFEST, sources)


def manifest_finding(manifest: Path, sources: list[Path]) -> Finding:
    """Whether dbt's manifest is there, and not older than a model."""
    if not manifest.exists():
        return Finding("dbt manifest", "bad", f"{manifest} is missing", "make install")
    newer = [path for path in sources if path.stat().st_mtime > manifest.stat().st_mtime]
    if newer:
        return Finding("dbt manifest", "bad", f"older than {len(newer)} files, such as {newer[0].name}", "make install")
    return Finding("dbt manifest", "ok", f"up to date with {len(sources)} files")


def _variables(settings: Settings) -> Iterator[Finding]:
    """Names only: a value may be a secret."""
    ids = {board.id.upper() for board in _readable_boards(settings)}
    known = {f"BOARDHOUSE_{name.upper()}" for name in Settings.model_fields}
    known |= {f"BOARDHOUSE_{kind}_{board_id}" for kind in PER_BOARD for board_id in ids}
    given = sorted(name for name in os.environ if name.startswith("BOARDHOUSE_"))
    if unknown := [name for name in given if name not in known]:
        yield Finding("environment", "warning", f"nothing reads {', '.join(unknown)}", "look for a slip in the name")
    else:
        yield Finding("environment", "ok", ", ".join(given) or "no BOARDHOUSE_ variable is set: all defaults")


def _readable_boards(settings: Settings) -> tuple[Board, ...]:
    """None where boards.yaml has a mistake: that is a finding of its own."""
    try:
        return settings.load_boards()
    except BoardhouseError:
        return ()


def _boards(settings: Settings) -> Iterator[Finding]:
    try:
        boards = settings.load_boards()
    except BoardhouseError as error:
        yield Finding("boards.yaml", "bad", str(error), "mend that line, or let boardhouse probe URL --write make an entry")
        return
    yield Finding("boards.yaml", "ok", f"{len(boards)} boards in {settings.boards}: {', '.join(board.id for board in boards)}")


def _home(settings: Settings) -> Iterator[Finding]:
    """Tries what publish and fetch rest on: writing, an OS lock, a rename, a symbolic link."""
    home = settings.home
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=there) as folder:
            trial = Path(folder, "trial")
            with trial.open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Path(folder, "link").symlink_to(trial.rename(Path(folder, "renamed")))
    except OSError as error:
        yield Finding("home", "bad", f"{there}: {error.strerror}", "give it to this user, or set BOARDHOUSE_HOME to a local disk")
        return
    parts = (settings.landing, settings.build, settings.published, settings.dagster_home, settings.rates)
    if shut := [folder for folder in parts if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK)]:
        yield Finding("home", "bad", f"{shut[0]} is not this user's to write", f"chown -R {os.geteuid()} {home}")
        return
    yield Finding("home", "ok", f"{home}{'' if home.exists() else ' (made by the first run)'}")


def _disk(settings: Settings) -> Iterator[Finding]:
    there = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    warehouse = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    yield disk_finding(shutil.disk_usage(there).free, warehouse)


def disk_finding(free: int, warehouse: int) -> Finding:
    """Bytes free, and of the current version."""
    said = f"{free / (1 << 30):.1f} GB free"
    if free < max(LEAST_FREE_BYTES, 2 * warehouse):
        return Finding("disk", "bad", f"{said}: a publish may not fit", "make room, or move BOARDHOUSE_HOME")
    if free < FEW_VERSIONS_FREE * warehouse:
        return Finding("disk", "warning", f"{said}: room for few more versions", "make room, or move BOARDHOUSE_HOME")
    return Finding("disk", "ok", said)


def _dagster(settings: Settings) -> Iterator[Finding]:
    config = settings.dagster_home / "dagster.yaml"
    if not config.exists():
        yield Finding("dagster.yaml", "ok", "made by the first run")
        return
    try:
        content = YAML(typ="safe").load(config.read_text(encoding="utf-8")) or {}
        storage = content.get("event_log_storage", {}).get("module")
    except (YAMLError, AttributeError):
        yield Finding("dagster.yaml", "bad", f"{config} is not valid", "remove it: the next run writes it anew")
        return
    if storage != EVENT_LOG:
        yield Finding("dagster.yaml", "warning", "it does not name boardhouse's event log: long runs are slow", f"remove {config}")
    else:
        yield Finding("dagster.yaml", "ok", str(config))


def _landing(settings: Settings) -> Iterator[Finding]:
    landing = Landing(settings.landing)
    spools = len(list((settings.landing / "spool").glob("*.zst")))
    held = landing.writing()
    if damaged := landing.damaged():
        for each in damaged:
            said = f"{each}; what could be read of the file is sealed"
            yield Finding("landing", "warning", said, "check the disk; run the days of that time again, then remove the file")
        return
    waiting = f"{spools - len(held)} spools of ended runs, sealed by the next" if spools > len(held) else "nothing left behind"
    yield Finding("landing", "ok", f"{len(held)} being written; {waiting}")


def _rates(settings: Settings) -> Iterator[Finding]:
    sources = last_days(Landing(settings.landing))
    if not (settings.landing / "sealed").exists():
        yield Finding("rates", "ok", f"{described(sources)}, as packaged: the first run asks for what came since")
        return
    yield rates_finding(sources, settings.rates, dt.datetime.now(dt.UTC))


def rates_finding(sources: list[LastDay], folder: Path, now: dt.datetime) -> Finding:
    """`folder`: of the operator's files."""
    until = known_until(sources)
    if are_recent(until, now):
        return Finding("rates", "ok", described(sources))
    do = (
        "boardhouse run asks the bank, and says where it does not answer; else set BOARDHOUSE_RATES_URL, or put "
        f"day,currency,krw_per_unit into a CSV in {folder}"
    )
    said = f"{described(sources)}: conversions after {until} stay unchecked, {last_published(now)} should be there"
    return Finding("rates", "warning", said, do)


def described(sources: list[LastDay]) -> str:
    """Each source of rates with its last day, in one line."""
    return "; ".join(f"{each.rate_source} to {each.day} ({each.currencies} currencies)" for each in sources)


def _locks(settings: Settings) -> Iterator[Finding]:
    files = [settings.published / "lock", *sorted((settings.home / "locks").glob("*.lock"))]
    held = [path.name for path in files if path.exists() and _is_held(path)]
    said = f"held by a process at work: {', '.join(held)}" if held else f"none of {len(files)} is held"
    yield Finding("locks", "ok", said)


def _is_held(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _published(settings: Settings) -> Iterator[Finding]:
    current = current_version(settings.published)
    if current is None:
        yield Finding("published", "ok", "nothing yet: boardhouse run")
        return
    newest = query(settings.published, "select max(warehouse_version) from publishes").records[0][0]
    if newest != current:
        yield Finding(
            "published", "bad", f"version {current} says that it is {newest}", "point published/current at another version"
        )
    elif not settings.warehouse.exists():
        yield Finding("published", "bad", f"{settings.warehouse} leads nowhere", "boardhouse run: the next publish makes it anew")
    else:
        yield Finding("published", "ok", f"version {current} opens")


def _clock(settings: Settings) -> Iterator[Finding]:
    """Against the Date header of the first board that answers; no board has to."""
    for board in _readable_boards(settings):
        client = Client(settings.model_copy(update={"request_timeout_seconds": ANSWERS_WITHIN}), board)
        clock = Clock()
        try:
            with Host(host_of(board.url), settings.home / "locks", clock).turn(board.delay_seconds):
                reply = client.get(addresses.robots(board.url), referer=None, now=clock.now())
            theirs = parsedate_to_datetime(reply.headers["date"])
        except (NoAnswer, KeyError, ValueError):
            continue
        yield clock_finding(clock.now() - theirs, board.id)
        return
    yield Finding("clock", "ok", "not compared: no board answers from here")


def clock_finding(skew: dt.timedelta, board_id: str) -> Finding:
    """`skew`: this machine's clock less the board's."""
    said = f"{abs(skew.total_seconds()):.0f} s {'ahead of' if skew > dt.timedelta(0) else 'behind'} the host of {board_id}"
    if abs(skew) > SKEW_TOLERATED:
        return Finding("clock", "bad", said, "set this machine's clock by NTP: times of fetch and “today” rest on it")
    return Finding("clock", "ok", said)
