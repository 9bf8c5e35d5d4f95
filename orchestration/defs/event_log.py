"""Dagster's event log in SQLite, with many events in one transaction.

Here: the one place that reaches into Dagster's storage, and why. Not here: which events there are. A run over 60 days logs 5,280
check evaluations, 2,300 materialisations and as many plans. Dagster opens an engine, a connection and a transaction for each,
three times over: 15 ms an event, 150 s a run; in one transaction it is 2 ms. Dagster is pinned to the version tried.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.events import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

BUSY_TIMEOUT_SECONDS = 60.0


class EventLog(SqliteEventLogStorage):
    """Dagster's own storage and files; named in the `dagster.yaml` that boardhouse writes."""

    _owner: int | None = None  # the thread whose events go into one transaction
    _connections: dict[str, Connection]
    _stack: contextlib.ExitStack

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._tables: set[str] = set()
        self._planned: list[EventLogEntry] = []
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        """`base_dir` is the Dagster home; the files lie where Dagster's default puts them."""
        return cls(inst_data=inst_data, base_dir=str(Path(config_value["base_dir"]) / "history" / "runs"))

    def store_event(self, event: EventLogEntry) -> None:
        """A run begins with an event per asset and day that it plans, 2,500 of them for 60 days: they wait for the next access of
        any other kind, and are stored together before it."""
        if event.is_dagster_event and event.dagster_event_type is DagsterEventType.ASSET_MATERIALIZATION_PLANNED:
            self._planned.append(event)
            return
        super().store_event(event)

    def dispose(self) -> None:
        self._store_planned()
        super().dispose()

    def _store_planned(self) -> None:
        if self._planned:
            with self.together():
                pass  # which stores them first

    def has_table(self, table_name: str) -> bool:
        """Asked for each check evaluation, at a third of its cost; a table that is there stays."""
        if table_name not in self._tables:
            if not super().has_table(table_name):
                return False
            self._tables.add(table_name)
        return True

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What this thread stores inside is committed once, at the end, also where the inside raises: what happened, happened.
        Other threads and processes wait for it, so it must be short."""
        if self._owner == threading.get_ident():
            yield
            return
        with self._db_lock, contextlib.ExitStack() as self._stack:
            self._connections = {}
            self._owner = threading.get_ident()
            try:
                for event in self._planned:
                    super().store_event(event)
                self._planned = []
                yield
            finally:
                self._owner = None
                for connection in self._connections.values():
                    connection.commit()

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if self._owner != threading.get_ident():
            self._store_planned()
            with super()._connect(shard) as connection:
                yield connection
            return
        if shard not in self._connections:
            engine = create_engine(
                self.conn_string_for_shard(shard), poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
            )
            self._stack.callback(engine.dispose)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._connections[shard] = self._stack.enter_context(engine.connect())
            self._connections[shard].begin()
        yield self._connections[shard]


@contextlib.contextmanager
def together(instance: dg.DagsterInstance) -> Iterator[None]:
    """Store the events inside in one transaction, where the instance is boardhouse's; any other stores them one by one."""
    storage = instance.event_log_storage
    with storage.together() if isinstance(storage, EventLog) else contextlib.nullcontext():
        yield
