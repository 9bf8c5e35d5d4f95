"""Start dbt on a run's candidate, in this process.

Here: the arguments and environment that dbt gets, wherever it is started, and what came out. Not here: filling the candidate
(`candidate`), or Dagster's way to start the same project (`defs`, which takes `dbt_environment` and `BUILD_ARGUMENTS`).
"""

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.build.dbt_plugin import CANDIDATE_VARIABLE
from orchestration.errors import BoardhouseError

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"
CANDIDATE = "candidate.duckdb"
"""Always this name: dbt takes the database's name from it."""

BUILD_ARGUMENTS = ("build", "--exclude-resource-type", "unit_test")
"""Unit tests prove the code, not the data: they run in the tests, not in each run."""

PARTIAL_PARSE = "partial_parse.msgpack"

_ONE_AT_A_TIME = threading.Lock()  # dbt keeps its flags, adapter and connection in globals


class BuildError(BoardhouseError):
    """dbt failed: a bug of ours, never the fault of a page."""


@dataclass(frozen=True, slots=True)
class DbtResult:
    """What a build did. `failures`: one line each, node and message; empty where all is well."""

    success: bool
    seconds: float
    node_count: int
    failures: tuple[str, ...]


def dbt_environment(run_dir: Path) -> dict[str, str]:
    """What a dbt process needs to build in this run's candidate: no call home, no question for a newer version, artefacts and
    logs in the run's folder."""
    return {
        CANDIDATE_VARIABLE: str(run_dir / CANDIDATE),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(run_dir / "target"),
        "DBT_LOG_PATH": str(run_dir),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
    }


def run_dbt(run_dir: Path, arguments: tuple[str, ...] = BUILD_ARGUMENTS) -> DbtResult:
    """Run dbt on `run_dir/candidate.duckdb`. Raises BuildError only where dbt could not start; a failed model or test is in
    the result."""
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    started = time.perf_counter()
    parsed = PROJECT_DIR / "target" / PARTIAL_PARSE
    reuse = ("--partial-parse-file-path", str(parsed)) if parsed.exists() else ()
    with _ONE_AT_A_TIME, environment(dbt_environment(run_dir)), _quiet_dbt():
        try:
            outcome = dbtRunner().invoke([*arguments, *reuse, "--quiet", "--no-write-json", "--log-level-file", "warn"])
        finally:
            _close_connections()
            reset_adapters()
    seconds = time.perf_counter() - started
    if outcome.exception is not None:
        raise BuildError(f"dbt could not run: {_one_line(str(outcome.exception))}")
    results = getattr(outcome.result, "results", ()) or ()
    failures = tuple(
        f"{node.node.name}: {_one_line(str(node.message or node.status))}"
        for node in results
        if node.status in ("error", "fail", "runtime error", "skipped")
    )
    return DbtResult(bool(outcome.success), seconds, len(results), failures)


def build(run_dir: Path) -> DbtResult:
    """`run_dbt`, and a BuildError that names the first failures where it did not succeed."""
    result = run_dbt(run_dir)
    if not result.success:
        shown = "; ".join(result.failures[:3]) or "no node failed, see dbt.log"
        raise BuildError(f"dbt failed in {run_dir}: {shown}")
    return result


def _close_connections() -> None:
    """dbt-duckdb keeps the candidate open in this process until the next run; gates and publish open it after us."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _quiet_dbt() -> Iterator[None]:
    """dbt's own log goes to the run's folder; what it prints of the same through `logging` would stand in our output."""
    logger = logging.getLogger("dbt")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]
