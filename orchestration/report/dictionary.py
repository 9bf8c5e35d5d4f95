"""The data dictionary: every published table and column, with its type and meaning.

Here: the schema that publish creates, joined with what the dbt contracts say of the marts. Not here: how it is laid out (the front
page, the documentation).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from orchestration.build.manifest import read_manifest
from orchestration.publish.schema import AUDIT_TABLES, DATA_TABLES, SUMMARY, Table


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """`type` as DuckDB writes it."""

    name: str
    type: str
    is_key: bool
    is_nullable: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """`meaning` begins with the grain. `is_audit`: it speaks of the runs, not of the boards."""

    name: str
    meaning: str
    is_audit: bool
    columns: tuple[ColumnEntry, ...]


@cache
def dictionary() -> tuple[TableEntry, ...]:
    """Every published table, data first. Raises BoardhouseError where the dbt manifest is missing."""
    models = _models()
    marts = [_entry(table, models.get(table.name)) for table in DATA_TABLES]
    return (*marts, _entry(SUMMARY, None), *(_entry(table, None) for table in AUDIT_TABLES))


def _models() -> dict[str, Any]:
    return {node["name"]: node for node in read_manifest()["nodes"].values() if node["resource_type"] == "model"}


def _entry(table: Table, model: dict[str, Any] | None) -> TableEntry:
    described = {name: column["description"] for name, column in model["columns"].items()} if model else {}
    columns = tuple(
        ColumnEntry(c.name, c.type, c.name in table.key, c.is_nullable, c.meaning or described.get(c.name, ""))
        for c in table.columns
    )
    meaning = table.meaning or (model["description"] if model else "")
    return TableEntry(table.name, meaning, table in AUDIT_TABLES, columns)
