"""Fill a run's candidate: what the landing knows of the documents of the scope, and their published history.

Here: which documents a run is about, and the rows of the schemas `raw` and `history`. Not here: parsing (`parsed`), rates
(`rates`), and what follows from the rows (dbt).
"""

from pathlib import Path

import duckdb

_SCHEMAS = Path(__file__).with_name("candidate.sql")


def create_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """The empty tables of `raw` and `history`."""
    connection.execute(_SCHEMAS.read_text(encoding="utf-8"))
