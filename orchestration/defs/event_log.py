"""Dagster's event log in SQLite, with many events in one transaction.

Here: the one place that reaches into Dagster's storage, and why. Not here: which events there are. A run over 60 days logs 5,280
check evaluations and 1,900 materialisations; Dagster opens an engine, a connection and a transaction for each, three times over:
15 ms an event, 108 s a run. With one transaction it is about 1 ms. Dagster is pinned to the version that this was tried with.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
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
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        """`base_dir` is the Dagster home; the files lie where Dagster's default puts them."""
        return cls(inst_data=inst_data, base_dir=str(Path(config_value["base_dir"]) / "history" / "runs"))

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
                yield
            finally:
                self._owner = None
                for connection in self._connections.values():
                    connection.commit()

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if self._owner != threading.get_ident():
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
