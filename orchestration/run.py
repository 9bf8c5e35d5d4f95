"""A Dagster run started from the terminal.

Here: the run's arguments, its exit status and its last line. Not here: its steps (`defs` and what they call).
"""

import datetime as dt
import warnings
from collections.abc import Sequence

import click
import dagster as dg

from orchestration.console import Console
from orchestration.definitions import build_defs
from orchestration.defs.home import instance
from orchestration.defs.partitions import range_tags
from orchestration.defs.schedules import JOB, selection
from orchestration.defs.sensors import first_problem
from orchestration.fetch.offline import offline_scope
from orchestration.fetch.plan import plan
from orchestration.landing.store import Landing
from orchestration.parse.reading import page_of
from orchestration.settings import Board, Settings

INTERRUPTED = 130


def run_days(settings: Settings, boards: Sequence[Board], from_on: dt.date, to_on: dt.date, *, offline: bool) -> int:
    """One run over the range, both days included, in this process, recorded where the UI looks.

    Returns the contract's exit status: 0 all published, 1 something failed or was held back, 130 interrupted.
    """
    configured = settings.load_boards()
    console = Console()
    with console, instance(settings) as dagster_instance:
        with warnings.catch_warnings():
            # Partitioned checks and backfill policies are marked so in the version that is pinned: nothing an operator can act on.
            warnings.simplefilter("ignore", dg.PreviewWarning)
            warnings.simplefilter("ignore", dg.BetaWarning)
            job = build_defs(settings, configured, console).resolve_job_def(JOB)
        try:
            result = job.execute_in_process(
                instance=dagster_instance,
                asset_selection=selection(job, configured, {board.id for board in boards}),
                tags=range_tags(from_on, to_on),
                run_config={
                    "ops": {"fetch": {"config": {"offline": offline}}, "rates": {"config": {"offline": offline}}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                raise_on_error=False,
            )
        except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError):
            raise KeyboardInterrupt from None
    problem = None if result.success else _problem(result)
    console.summary(settings, result.run_id, problem)
    return 1 if problem else 0


def plan_run(settings: Settings, boards: Sequence[Board], from_on: dt.date, to_on: dt.date, *, offline: bool) -> None:
    """Print what a run would build and ask for. Asks nothing, changes nothing."""
    landing = Landing(settings.landing)
    if offline:
        scope = offline_scope(settings, boards, from_on, to_on, landing, "dry-run", page_of(boards))
        for day in scope.board_days:
            click.echo(f"{day.board_id} {day.day}: {day.state}{f' ({day.reason})' if day.reason else ''}; no request")
        if not scope.board_days:
            click.echo("nothing has landed for these days: run without --offline")
        return
    for board_plan in plan(settings, boards, from_on, to_on, landing, now=dt.datetime.now(dt.UTC)):
        click.echo(str(board_plan))


def _problem(result: dg.ExecuteInProcessResult) -> str:
    return first_problem(result.get_step_failure_events()) or f"run {result.run_id} failed; its log is in the Dagster UI (make dev)"
