"""Dagster's events, many in a transaction: nothing is lost, out of order, or hidden from who asks."""

import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

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


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the log's files, but the times of writing."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for file in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
                columns = [row[1] for row in connection.execute(f"pragma table_info({table})") if row[1] != "create_timestamp"]
                names = ", ".join(f'"{column}"' for column in columns)
                rows = connection.execute(f"select {names} from {table}").fetchall()
                found[f"{file.name}.{table}"] = sorted(rows, key=repr)
    return found


@pytest.mark.parametrize("fail", [False, True])
def test_the_files_hold_what_dagsters_own_storage_writes_of_the_same_events(tmp_path: Path, fail: bool) -> None:
    settings = make_settings(tmp_path, {"id": "demo", "url": "http://127.0.0.1:1/news"})
    with instance(settings) as dagster:
        ours = dagster.event_log_storage
        for _ in range(2):  # the second run meets the assets of the first
            run(dagster, fail=fail)
        own = SqliteEventLogStorage(str(tmp_path / "own"))
        for record in reversed(dagster.get_run_records()):
            for event in ours.get_records_for_run(record.dagster_run.run_id).records:
                own.store_event(event.event_log_entry)
        own.dispose()
        folder = Path(ours._base_dir)
    expected = tables(tmp_path / "own")
    found = tables(folder)
    secondary = {name for name in expected if name.endswith(".secondary_indexes")}  # stamped when they are made
    assert expected.keys() == found.keys()
    assert any(rows for name, rows in found.items() if name.endswith("asset_check_executions"))
    for name in expected.keys() - secondary:
        assert found[name] == expected[name], name
