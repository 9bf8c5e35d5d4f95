"""Dagster's event log in SQLite, with many events in one transaction and one statement per table.

Here: the one place that reaches into Dagster's storage, and why. Not here: which events there are. A run over 60 days logs 5,280
check evaluations, 2,300 materialisations and as many plans. Dagster stores each by itself: three connections and transactions,
three times its JSON, 15 ms an event, 150 s a run. Together they take 0.2 ms each. Dagster is pinned to the version tried.
"""

import contextlib
import functools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
    DagsterEventType,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import bindparam, create_engine, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

PLANS = {DagsterEventType.ASSET_MATERIALIZATION_PLANNED, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
INDEXED = ASSET_EVENTS | ASSET_CHECK_EVENTS | set(EVENT_TYPE_TO_PIPELINE_RUN_STATUS)
"""What Dagster keeps twice: in the run's own file, and in the index over all runs."""

Target = AssetCheckEvaluationTargetMaterializationData
Stored = tuple[EventLogEntry, dict[str, Any], int]
"""An event, its row, and the row's id in the index."""


class EventLog(SqliteEventLogStorage):
    """Dagster's own storage and files; named in the `dagster.yaml` that boardhouse writes."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._waiting: list[EventLogEntry] = []
        self._gathering: set[int] = set()  # threads inside `together`
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        """`base_dir` is the Dagster home; the files lie where Dagster's default puts them."""
        return cls(inst_data=inst_data, base_dir=str(Path(config_value["base_dir"]) / "history" / "runs"))

    def store_event(self, event: EventLogEntry) -> None:
        """A run begins with an event per asset and day that it plans, 2,500 of them for 60 days: they wait for the next access of
        any other kind, and are stored together before it. So do all events of a thread inside `together`."""
        if threading.get_ident() in self._gathering or (event.is_dagster_event and event.dagster_event_type in PLANS):
            self._waiting.append(event)
        else:
            super().store_event(event)

    def dispose(self) -> None:
        self._store_waiting()
        super().dispose()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What this thread stores inside is stored at once: at the end, also where the inside raises (what happened, happened),
        or before anything is read."""
        thread = threading.get_ident()
        if thread in self._gathering:
            yield
            return
        self._gathering.add(thread)
        try:
            yield
        finally:
            self._gathering.discard(thread)
            self._store_waiting()

    def _store_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.store_event_batch(waiting)

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """As Dagster connects, on an engine that is kept: it makes one for each access, which finds out about its database and
        compiles every statement anew, a tenth of a run of two days."""
        self._store_waiting()
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events, in their order, as Dagster would one by one."""
        rows = [self._event_to_row(event) for event in events]
        by_run: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_run[row["run_id"]].append(row)
        for run_id, its_rows in by_run.items():
            with self.run_connection(run_id) as connection:
                connection.execute(SqlEventLogStorageTable.insert(), its_rows)
        indexed = [(event, row) for event, row in zip(events, rows, strict=True) if event.dagster_event_type in INDEXED]
        if not indexed:
            return
        with self.index_connection() as connection:
            connection.execute(SqlEventLogStorageTable.insert(), [row for _, row in indexed])
            # The transaction is the only writer, so the ids of one statement follow each other.
            last: int = connection.exec_driver_sql("select last_insert_rowid()").scalar_one()
            ids = range(last - len(indexed) + 1, last + 1)
            stored = [(event, row, event_id) for (event, row), event_id in zip(indexed, ids, strict=True)]
            self._store_assets(connection, [each for each in stored if each[0].dagster_event_type in ASSET_EVENTS])
            _store_planned_checks(connection, _of_type(stored, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED))
            _store_evaluations(connection, _of_type(stored, DagsterEventType.ASSET_CHECK_EVALUATION))

    def _store_assets(self, connection: Connection, stored: Sequence[Stored]) -> None:
        """The events' tags; and in the table of assets, which knows the last event of each kind only, the last of each."""
        self._store_asset_event_tags(connection, [event for event, _, _ in stored], [event_id for _, _, event_id in stored])
        last: dict[tuple[str, str], Stored] = {(each[1]["asset_key"], each[1]["dagster_event_type"]): each for each in stored}
        for event, _, event_id in last.values():
            self._store_asset_event(connection, event, event_id)


@functools.lru_cache(maxsize=8)
def _engine(address: str) -> Engine:
    """It holds no connection. A daemon meets a file for each run: those of the last runs do."""
    return create_engine(address, poolclass=NullPool, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})


def _of_type(stored: Sequence[Stored], kind: DagsterEventType) -> list[Stored]:
    return [each for each in stored if each[0].dagster_event_type is kind]


def _store_planned_checks(connection: Connection, stored: Sequence[Stored]) -> None:
    """A row per check and day that is planned; the evaluation fills it in."""
    rows = []
    for event, row, event_id in stored:
        planned = event.get_dagster_event().asset_check_planned_data
        subset = planned.partitions_subset
        days: list[str | None] = [*subset.get_partition_keys()] if subset else [None]
        rows += [
            {
                "asset_key": planned.asset_key.to_string(),
                "check_name": planned.check_name,
                "partition": partition,
                "run_id": event.run_id,
                "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
                "evaluation_event": row["event"],
                "evaluation_event_timestamp": row["timestamp"],
                "evaluation_event_storage_id": event_id,
            }
            for partition in days
        ]
    if rows:
        connection.execute(AssetCheckExecutionsTable.insert(), rows)


def _store_evaluations(connection: Connection, stored: Sequence[Stored]) -> None:
    """Each evaluation in the row that its run planned for it, else in a row of its own."""
    if not stored:
        return
    table = AssetCheckExecutionsTable.c
    runs = {event.run_id for event, _, _ in stored}
    planned = {
        tuple(key): row_id
        for row_id, *key in connection.execute(
            select(table.id, table.run_id, table.asset_key, table.check_name, table.partition).where(table.run_id.in_(runs))
        )
    }
    filled: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for event, row, event_id in stored:
        evaluation = event.get_dagster_event().asset_check_evaluation_data
        key = (event.run_id, evaluation.asset_key.to_string(), evaluation.check_name, evaluation.partition)
        status = AssetCheckExecutionRecordStatus.SUCCEEDED if evaluation.passed else AssetCheckExecutionRecordStatus.FAILED
        target = evaluation.target_materialization_data
        values = {
            "execution_status": status.value,
            "evaluation_event": row["event"],
            "evaluation_event_timestamp": row["timestamp"],
            "evaluation_event_storage_id": event_id,
            "materialization_event_storage_id": target.storage_id if target else None,
        }
        if key in planned:
            filled.append({"row_id": planned[key], **values})
        else:
            new.append(dict(zip(("run_id", "asset_key", "check_name", "partition"), key, strict=True)) | values)
    if filled:
        connection.execute(AssetCheckExecutionsTable.update().where(table.id == bindparam("row_id")), filled)
    if new:
        connection.execute(AssetCheckExecutionsTable.insert(), new)


@contextlib.contextmanager
def together(instance: dg.DagsterInstance) -> Iterator[None]:
    """Store the events inside at once, where the instance is boardhouse's; any other stores them one by one."""
    storage = instance.event_log_storage
    with storage.together() if isinstance(storage, EventLog) else contextlib.nullcontext():
        yield


def last_materializations(instance: dg.DagsterInstance, asset_key: dg.AssetKey, run_id: str) -> Mapping[str, Target]:
    """By day, what a check of the asset says that it judged; `run_id`: the run that has just materialised it."""
    kind, now = DagsterEventType.ASSET_MATERIALIZATION, time.time()
    found = instance.event_log_storage.get_latest_storage_id_by_partition(asset_key, kind)
    return {day: Target(storage_id=storage_id, run_id=run_id, timestamp=now) for day, storage_id in found.items()}
