"""How Great Expectations speaks to DuckDB: an SQLAlchemy dialect that reads each result at once and knows the column types.

Here: what duckdb-engine lacks for it. Not here: any gate, or any import of Great Expectations.
"""

from typing import Any

import sqlalchemy as sa
from duckdb_engine import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import ReflectedColumn


class DuckDBType(sa.types.UserDefinedType[Any]):
    """A column's type in DuckDB's own words, e.g. `DECIMAL(38,4)`; str() gives them back."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class _ReadAtOnce(DefaultExecutionContext):
    """duckdb-engine's cursor is its connection, and Great Expectations gives the connection back before it reads: the next query
    would take the rows away."""

    def post_exec(self) -> None:
        if self.cursor is not None and self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, alternate_description=self.cursor.description, initial_buffer=self.cursor.fetchall()
            )


class BufferedDuckDB(Dialect):
    driver = "buffered"
    supports_statement_cache = False
    execution_ctx_cls = _ReadAtOnce  # type: ignore[assignment]

    def get_columns(self, connection: sa.Connection, table_name: str, schema: str | None = None, **_: Any) -> list[ReflectedColumn]:
        """The columns in their order. duckdb-engine 0.17 asks for pg_collation, which DuckDB lacks: it fails, types are lost."""
        rows = connection.exec_driver_sql(
            "select column_name, data_type, is_nullable from duckdb_columns()"
            " where table_name = $1 and schema_name = $2 and database_name = current_database() order by column_index",
            (str(table_name), schema or "main"),
        ).fetchall()
        if not rows:
            raise sa.exc.NoSuchTableError(table_name)
        return [{"name": str(n), "type": DuckDBType(str(kind)), "nullable": bool(null), "default": None} for n, kind, null in rows]


registry.register("duckdb.buffered", __name__, BufferedDuckDB.__name__)
