"""Sensors: which events people are told of.

Here: failed runs, among them those that held a board-day back, and boards that are silent. Not here: how they are told (`alerts`),
or what is a silence (`silence`).
"""

import datetime as dt
import json
from collections.abc import Iterable, Sequence

import dagster as dg

from orchestration.alerts import Alert, post, record, send
from orchestration.errors import BoardhouseError
from orchestration.publish.reader import watch
from orchestration.settings import Board, Settings, today
from orchestration.silence import WEEKS, Silence, silence

LOOK_EVERY_SECONDS = 300


def alerting(settings: Settings, boards: Sequence[Board]) -> dg.Definitions:
    status = dg.DefaultSensorStatus.RUNNING if settings.schedules_on else dg.DefaultSensorStatus.STOPPED

    @dg.run_failure_sensor(
        name="alert_failed_runs",
        default_status=status,
        monitor_all_code_locations=True,  # a run of the command line belongs to no location and would be passed over
        description="Tells the webhook (BOARDHOUSE_WEBHOOK_URL) and alerts.jsonl of each run that failed or held a board-day back, "
        "with the line that names them.",
    )
    def alert_failed_runs(context: dg.RunFailureSensorContext) -> None:
        said = first_problem(context.get_step_failure_events()) or context.failure_event.message or "a run failed"
        send(settings, Alert("run_failed", said, context.dagster_run.run_id, dt.datetime.now(dt.UTC)))

    @dg.sensor(
        name="alert_silent_boards",
        default_status=status,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        description="Tells the webhook and alerts.jsonl, once per silence, of each board that has no new posts for longer than is "
        "usual for it at this hour of the week, and of each that cannot be read.",
    )
    def alert_silent_boards(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = dt.datetime.now(dt.UTC)
        watched = watch(settings.published, [board.id for board in boards], since_on=today() - dt.timedelta(weeks=WEEKS, days=1))
        found = (silence(board.id, board.name, watched[board.id], now) for board in boards if board.id in watched)
        told = json.loads(context.cursor or "{}")
        problem = tell(settings, [each for each in found if each], told, now)
        if problem:
            context.log.error(problem)
        # The cursor stands in Dagster's own storage: a restart repeats nothing.
        return dg.SensorResult(skip_reason=problem or "nothing more to tell", cursor=json.dumps(told))

    return dg.Definitions(sensors=[alert_failed_runs, alert_silent_boards])


def tell(settings: Settings, silences: Iterable[Silence], told: dict[str, list[str]], now: dt.datetime) -> str | None:
    """Write each new silence down, and post each that no webhook has taken yet. `told`, which is brought up to date: the last
    silence by its key, since when it lasts and whether it is `written` or also `posted`. Returns what the webhook said where it
    did not take one; it is asked again at the next look."""
    problem = None
    for each in silences:
        since, how_far = told.get(each.key, ["", ""])
        alert = Alert(each.kind, each.text, None, now, each.board_id)
        if not since or each.since > dt.datetime.fromisoformat(since):
            record(settings, alert)
            since, how_far = each.since.isoformat(), "written"
        if how_far == "written":
            try:
                post(settings, alert)
                how_far = "posted"
            except BoardhouseError as error:
                problem = str(error)
        told[each.key] = [since, how_far]
    return problem


def first_problem(events: Iterable[dg.DagsterEvent]) -> str | None:
    """The first failed step's own words, in one line: of an error of ours its text, which says what to do, whatever is beneath it;
    else of what is at the bottom."""
    ours = {kind.__name__ for kind in (BoardhouseError, *BoardhouseError.__subclasses__())}  # an event has names, no classes
    for event in events:
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            return str(data.user_failure_data.description)
        chain = []
        error = data.error
        while error:
            chain.append(error)
            error = error.cause
        if told := next((each for each in chain if each.cls_name in ours), None):
            return told.message.partition(": ")[2].strip().splitlines()[0]
        if chain:
            return f"{event.step_key}: {chain[-1].message.strip().splitlines()[0]}"
    return None
