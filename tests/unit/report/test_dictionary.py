"""The data dictionary speaks of every published column, and says what the dbt contracts say."""

import duckdb
import pytest

from orchestration.publish import schema
from orchestration.report import dictionary as module
from orchestration.report.dictionary import dictionary


@pytest.mark.parametrize("table", dictionary(), ids=lambda table: table.name)
def test_every_table_and_column_has_a_meaning(table):
    assert table.meaning.endswith(".")
    assert {column.name: column.meaning for column in table.columns if not column.meaning.endswith(".")} == {}


def test_it_has_the_tables_columns_and_types_that_a_publish_creates():
    with duckdb.connect() as connection:
        for table in schema.TABLES:
            connection.execute(table.ddl)
        connection.execute(schema.DAILY_BOARD_SUMMARY)
        created = {
            name: [(column, kind) for column, kind, *_ in connection.execute(f"describe {name}").fetchall()]
            for (name,) in connection.execute("show tables").fetchall()
        }
    assert {table.name: [(column.name, column.type) for column in table.columns] for table in dictionary()} == created


def test_null_and_type_are_what_the_dbt_contracts_promise():
    models = module._models()
    for table in schema.DATA_TABLES:
        promised = {
            name: (column["data_type"].upper(), not any(rule["type"] == "not_null" for rule in column["constraints"]))
            for name, column in models[table.name]["columns"].items()
        }
        assert {column.name: (column.type, column.is_nullable) for column in table.columns} == promised, table.name
