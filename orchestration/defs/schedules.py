"""Jobs and schedules.

Here: what runs when. "Today" is Seoul's. Not here: what a run does, or which days have work left (`fetch.due`).
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import dagster as dg

from orchestration.defs.assets_fetch import pages
from orchestration.defs.assets_rates import RATES
from orchestration.defs.partitions import range_tags
from orchestration.fetch.due import due_days, stretches
from orchestration.landing.store import Landing
from orchestration.settings import CLOSES_AT, KST, Board, Settings

JOB = "publish_days"
RATES_JOB = "refresh_rates"


def selection(job: dg.JobDefinition, configured: Sequence[Board], asked: Collection[str]) -> list[dg.AssetKey]:
    """Every asset of a run that asks these boards only."""
    left_out = {pages(board.id) for board in configured if board.id not in asked}
    return sorted(set(job.asset_layer.executable_asset_keys) - left_out)


def automation(settings: Settings, boards: Sequence[Board]) -> dg.Definitions:
    """The job and its schedules; with `schedules_on` they begin switched on, until somebody switches them in the UI."""
    status = dg.DefaultScheduleStatus.RUNNING if settings.schedules_on else dg.DefaultScheduleStatus.STOPPED
    publish_days = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="From the boards to published tables, for a range of days.",
        executor_def=dg.in_process_executor,
    )

    refresh_rates = dg.define_asset_job(
        RATES_JOB,
        selection=dg.AssetSelection.assets(RATES),
        description="New reference rates into the landing; the next run of publish_days uses them.",
        executor_def=dg.in_process_executor,
    )

    @dg.schedule(
        name="rates_refresh",
        job=refresh_rates,
        cron_schedule="30 0,1 * * *",
        execution_timezone="Asia/Seoul",
        default_status=status,
        description="Fetches the day's reference rates, published at about 16:00 in Frankfurt, before the day is closed.",
    )
    def rates_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = max(_day(context) - dt.timedelta(days=1), min(board.first_day for board in boards))
        return dg.RunRequest(run_key=_key(context), tags=range_tags(day, day))

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
        from_on = max(day - dt.timedelta(days=1), min(board.first_day for board in boards))
        return dg.RunRequest(run_key=_key(context), tags=range_tags(from_on, day))

    @dg.schedule(
        name="nightly_close",
        job=publish_days,
        cron_schedule=f"{CLOSES_AT.minute} {CLOSES_AT.hour} * * *",
        execution_timezone="Asia/Seoul",
        default_status=status,
        description="Closes the day before, at 02:00 in Seoul, and takes up older days with work left: an article due by "
        "the board's refresh rule, a reading that failed or died, a post dated back. One run for days that follow one another.",
    )
    def nightly_close(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        day = _day(context) - dt.timedelta(days=1)
        landing, now = Landing(settings.landing), context.scheduled_execution_time
        assert context.repository_def
        job = context.repository_def.get_job(JOB)
        older = due_days(boards, landing, now, until=day, most=settings.nightly_days)
        for stretch in stretches({(board.id, day) for board in boards if board.first_day <= day} | older):
            yield dg.RunRequest(
                run_key=f"{_key(context)} {stretch.from_on}",
                tags=range_tags(stretch.from_on, stretch.to_on),
                asset_selection=selection(job, boards, stretch.boards),
            )

    return dg.Definitions(jobs=[publish_days, refresh_rates], schedules=[rates_refresh, hourly_refresh, nightly_close])


def _day(context: dg.ScheduleEvaluationContext) -> dt.date:
    return context.scheduled_execution_time.astimezone(KST).date()


def _key(context: dg.ScheduleEvaluationContext) -> str:
    """A tick asks for one run, however often it is evaluated."""
    return context.scheduled_execution_time.isoformat()
