"""Start dbt on a run's candidate, in this process.

Here: the arguments that dbt gets, and what came out. Not here: filling the candidate (`candidate`), or what Dagster makes of
the results (`defs`).
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.errors import BoardhouseError

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MANIFEST = DBT_PROJECT / "target" / "manifest.json"
CANDIDATE = "candidate.duckdb"
"""Always this name: dbt takes the database's name from it."""

PARTIAL_PARSE = "partial_parse.msgpack"

BUILD = ("build", "--exclude-resource-type", "unit_test")
"""Unit tests prove the code, not the data: they run in the tests (`UNIT_TESTS`), not in each run."""

UNIT_TESTS = ("test", "--select", "test_type:unit")

QUIET = ("--quiet", "--no-write-json", "--log-level", "none", "--log-level-file", "none")
"""What went wrong is in the result; writing 2,000 events a run that nobody reads takes a fifth of its time."""

_ONE_AT_A_TIME = threading.Lock()  # dbt keeps its flags, adapter and connection in globals


class BuildError(BoardhouseError):
    """dbt failed: a bug of ours, never the fault of a page."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """One model, seed or test. `failing`: rows that failed a test; `message`: dbt's own, in one line."""

    unique_id: str
    passed: bool
    seconds: float
    failing: int
    message: str


@dataclass(frozen=True, slots=True)
class DbtResult:
    """What a build did, in the order in which its nodes ended."""

    success: bool
    seconds: float
    nodes: tuple[NodeResult, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """One line each, node and message; empty where all is well."""
        return tuple(f"{node.unique_id.split('.')[2]}: {node.message}" for node in self.nodes if not node.passed)


def dbt_arguments(run_dir: Path) -> list[str]:
    """The project, its profile, and the run's folder for artefacts and log; nothing asked of or told to the outside."""
    project = ("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT))
    folders = ("--target-path", str(run_dir / "target"), "--log-path", str(run_dir))
    return [*project, *folders, "--no-version-check", "--no-send-anonymous-usage-stats"]


def run_dbt(run_dir: Path, command: Sequence[str] = BUILD) -> DbtResult:
    """Run a dbt command on `run_dir/candidate.duckdb`. Raises BuildError only where dbt could not start; a failed model or test
    is in the result."""
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    started = time.perf_counter()
    parsed = DBT_PROJECT / "target" / PARTIAL_PARSE
    reuse = ("--partial-parse-file-path", str(parsed)) if parsed.exists() else ()
    with _ONE_AT_A_TIME, _quiet_dbt():
        try:
            outcome = dbtRunner().invoke([*command, *dbt_arguments(run_dir), *reuse, *QUIET])
        finally:
            _close_connections()
            reset_adapters()  # type: ignore[no-untyped-call]
    seconds = time.perf_counter() - started
    if outcome.exception is not None:
        raise BuildError(f"dbt could not run: {_one_line(str(outcome.exception))}")
    results = getattr(outcome.result, "results", ()) or ()
    nodes = tuple(
        NodeResult(
            unique_id=node.node.unique_id,
            passed=node.status not in ("error", "fail", "runtime error", "skipped"),
            seconds=node.execution_time,
            failing=node.failures or 0,
            message=_one_line(str(node.message or node.status)),
        )
        for node in results
    )
    return DbtResult(bool(outcome.success), seconds, nodes)


def build(run_dir: Path) -> DbtResult:
    """`run_dbt`, and a BuildError that names the first failures where it did not succeed."""
    result = run_dbt(run_dir)
    if not result.success:
        shown = "; ".join(result.failures[:3]) or "no node failed"
        raise BuildError(f"dbt failed in {run_dir}: {shown}")
    return result


def _close_connections() -> None:
    """dbt-duckdb keeps the candidate open in this process until the next run; gates and publish open it after us."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment: Any = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


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
