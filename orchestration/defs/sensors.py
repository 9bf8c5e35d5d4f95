"""Sensors: which events people are told of.

Here: failed runs, among them those that held a board-day back. Not here: how they are told (`alerts`).
"""

import datetime as dt
from collections.abc import Iterable

import dagster as dg

from orchestration.alerts import Alert, send
from orchestration.settings import Settings


def alerting(settings: Settings) -> dg.Definitions:
    status = dg.DefaultSensorStatus.RUNNING if settings.schedules_on else dg.DefaultSensorStatus.STOPPED

    @dg.run_failure_sensor(
        name="alert_failed_runs",
        default_status=status,
        description="Tells the webhook (BOARDHOUSE_WEBHOOK_URL) and alerts.jsonl of each run that failed or held a board-day back, "
        "with the line that names them.",
    )
    def alert_failed_runs(context: dg.RunFailureSensorContext) -> None:
        said = first_problem(context.get_step_failure_events()) or context.failure_event.message or "a run failed"
        send(settings, Alert("run_failed", said, context.dagster_run.run_id, dt.datetime.now(dt.UTC)))

    return dg.Definitions(sensors=[alert_failed_runs])


def first_problem(events: Iterable[dg.DagsterEvent]) -> str | None:
    """The first failed step's own words, in one line."""
    for event in events:
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            return str(data.user_failure_data.description)
        error = data.error
        while error and error.cause:
            error = error.cause
        if error:
            return f"{event.step_key}: {error.message.strip().splitlines()[0]}"
    return None
