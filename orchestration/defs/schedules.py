"""Jobs and schedules.

Here: what runs when. "Today" is Seoul's. Not here: what a run does.
"""

import datetime as dt

import dagster as dg

from orchestration.defs.partitions import range_tags
from orchestration.settings import KST

JOB = "publish_days"


def automation(*, schedules_on: bool = False) -> dg.Definitions:
    """The job and its schedules; `schedules_on`: they begin switched on, until somebody switches them in the UI."""
    status = dg.DefaultScheduleStatus.RUNNING if schedules_on else dg.DefaultScheduleStatus.STOPPED
    publish_days = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="From the boards to published tables, for a range of days.",
        executor_def=dg.in_process_executor,
    )

    @dg.schedule(
        name="hourly_refresh",
        job=publish_days,
        cron_schedule="5 * * * *",
        execution_timezone="Asia/Seoul",
        default_status=status,
        description="Refreshes yesterday and today, five minutes past each hour.",
    )
    def hourly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = _day(context)
        return dg.RunRequest(run_key=_key(context), tags=range_tags(day - dt.timedelta(days=1), day))

    @dg.schedule(
        name="nightly_close",
        job=publish_days,
        cron_schedule="0 2 * * *",
        execution_timezone="Asia/Seoul",
        default_status=status,
        description="Closes the day before, at 02:00 in Seoul.",
    )
    def nightly_close(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = _day(context) - dt.timedelta(days=1)
        return dg.RunRequest(run_key=_key(context), tags=range_tags(day, day))

    return dg.Definitions(jobs=[publish_days], schedules=[hourly_refresh, nightly_close])


def _day(context: dg.ScheduleEvaluationContext) -> dt.date:
    return context.scheduled_execution_time.astimezone(KST).date()


def _key(context: dg.ScheduleEvaluationContext) -> str:
    """A tick asks for one run, however often it is evaluated."""
    return context.scheduled_execution_time.isoformat()
