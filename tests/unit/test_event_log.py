"""Dagster's events, many in a transaction: nothing is lost, out of order, or hidden from who asks."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.event_log import EventLog, together
from orchestration.defs.home import instance
from tests.support.workplace import make_settings

DAILY = dg.DailyPartitionsDefinition("2026-01-01", end_offset=1)
DAYS = [f"2026-01-0{n}" for n in range(1, 6)]
RANGE = {"dagster/asset_partition_range_start": DAYS[0], "dagster/asset_partition_range_end": DAYS[-1]}
CHECK = dg.AssetCheckKey(dg.AssetKey("verdicts"), "gate")


def run(dagster: dg.DagsterInstance, *, fail: bool) -> dg.ExecuteInProcessResult:
    @dg.multi_asset(
        specs=[dg.AssetSpec("verdicts", partitions_def=DAILY)],
        check_specs=[dg.AssetCheckSpec("gate", asset="verdicts", partitions_def=DAILY)],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def gates(context):
        with together(context.instance):
            for day in DAYS:
                context.log_event(
                    dg.AssetCheckEvaluation(asset_key=CHECK.asset_key, check_name="gate", passed=day != DAYS[1], partition=day)
                )
            if fail:
                raise dg.Failure("red")
        yield dg.MaterializeResult(asset_key="verdicts")

    job = dg.Definitions(assets=[gates], jobs=[dg.define_asset_job("job")], executor=dg.in_process_executor).resolve_job_def("job")
    return job.execute_in_process(instance=dagster, tags=RANGE, raise_on_error=False)


@pytest.mark.parametrize("fail", [False, True])
def test_what_was_logged_together_is_there_also_where_the_step_fails(tmp_path: Path, fail: bool) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": "http://127.0.0.1:1/news"})
    with instance(settings) as dagster:
        assert isinstance(dagster.event_log_storage, EventLog)
        result = run(dagster, fail=fail)
        assert result.success is not fail
    with instance(settings) as reopened:
        history = reopened.event_log_storage.get_asset_check_execution_history(CHECK, limit=10)
        assert {record.partition: record.status.value == "SUCCEEDED" for record in history} == {day: day != DAYS[1] for day in DAYS}
        assert reopened.get_materialized_partitions(CHECK.asset_key) == (set() if fail else set(DAYS))
        kinds = [record.event_log_entry.dagster_event_type for record in reopened.get_records_for_run(result.run_id).records]
        planned = [n for n, kind in enumerate(kinds) if kind is dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED]
        assert len(planned) == len(DAYS)
        assert max(planned) < kinds.index(dg.DagsterEventType.RUN_START)
