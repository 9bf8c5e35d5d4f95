"""The Dagster home inside boardhouse's: its folder and `dagster.yaml`.

Here: where runs are recorded, so that the UI shows those of the command line too. Not here: what a run does.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from orchestration.settings import Settings

CONFIG = """\
# Written by boardhouse when the file is missing; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    max_concurrent_runs: 2
run_monitoring:
  enabled: true
run_retries:
  enabled: true
# Dagster's own files, written in fewer transactions (orchestration/defs/event_log.py).
event_log_storage:
  module: orchestration.defs.event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""


def ensure_home(settings: Settings) -> None:
    """Make `dagster/` with its `dagster.yaml` and databases, and point DAGSTER_HOME at it."""
    instance(settings).dispose()


def instance(settings: Settings) -> dg.DagsterInstance:
    """The instance that the UI shows."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    os.environ["DAGSTER_HOME"] = str(home)
    with _alone(home):
        if not config.exists():
            config.write_text(CONFIG, encoding="utf-8")
        return dg.DagsterInstance.from_config(str(home))


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Whoever opens a home first makes its databases, and Dagster does so unguarded: of two first runs started together, one
    died of `table … already exists` or `database is locked`, in two trials of three."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def foreign_home(settings: Settings) -> str | None:
    """One line where this process's DAGSTER_HOME is not boardhouse's (a bare `dagster dev`), else None."""
    there = os.environ.get("DAGSTER_HOME")
    if there and Path(there).resolve() == settings.dagster_home.resolve():
        return None
    shown = there or "a temporary one"
    here = settings.dagster_home
    return f"DAGSTER_HOME is {shown}: runs of `boardhouse run` are not shown here; set DAGSTER_HOME={here} or use `make dev`"
