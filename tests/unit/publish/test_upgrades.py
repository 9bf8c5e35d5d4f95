"""Versions that an earlier release published, before a column or a table existed: read, migrated by the next publish, and kept."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from publish_world import Document, World, day, rate

from orchestration.build.candidate import HISTORY, _load_history, create_schemas
from orchestration.publish.reader import status
from orchestration.publish.rollback import roll_back
from orchestration.publish.schema import TABLES

EARLIER = {
    "a column of a data table": ["alter table board_rows drop column category"],
    "a column that may not be null": ["alter table articles drop column char_count"],
    "a column of an audit table": ["alter table board_days drop column candidate_hash"],
    "a table": ["drop table refused_versions"],
    "a data table": ["drop table exchange_rates"],
    "all of them": [
        "alter table board_rows drop column category",
        "alter table articles drop column char_count",
        "alter table board_days drop column candidate_hash",
        "drop table refused_versions",
        "drop table exchange_rates",
    ],
}


def make_earlier(world: World, version: int, statements: list[str]) -> None:
    """As if a release that did not know of these had published the version."""
    folder = world.published / "versions" / str(version)
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in ["drop view daily_board_summary", *statements]:
            connection.execute(statement)
            word, _, rest = statement.partition(" table ")
            table = rest.split()[0] if rest else None
            file = folder / "parquet" / f"{table}.parquet"
            if table and word == "drop":
                file.unlink()
            elif table:
                connection.execute(f"copy {table} to '{file}' (format parquet)")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["warehouse"]["sha256"] = digest(path)
    manifest["tables"] = {
        name: {**entry, "sha256": digest(folder / entry["file"])}
        for name, entry in manifest["tables"].items()
        if (folder / entry["file"]).exists()
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def described(world: World) -> dict[str, list[tuple]]:
    return {table.name: world.sql(f"describe {table.name}") for table in TABLES}


@pytest.fixture
def documents() -> list[Document]:
    return [Document(n, day(1), blocks=("100",)) for n in range(1, 4)]


@pytest.mark.parametrize("statements", EARLIER.values(), ids=EARLIER)
def test_the_next_publish_brings_it_to_this_contract_and_keeps_its_rows(world, documents, statements):
    world.publish(documents, [day(1)], rates=[rate(day(1))])
    titles, names = world.sql("select document_id, title from board_rows order by 1"), {*described(world)}
    make_earlier(world, 1, statements)
    assert status(world.published).warehouse_version == 1
    world.publish([Document(9, day(2))], [day(2)], rates=[rate(day(2))])
    assert world.sql("select document_id, title from board_rows where document_id < 9 order by 1") == titles
    there = described(world)
    assert {*there} == names
    for table in TABLES:
        assert {name for name, *_ in there[table.name]} == {*table.column_names}
        file = world.published / "current" / "parquet" / f"{table.name}.parquet"
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            in_parquet = connection.execute(f"select {', '.join(table.column_names)} from '{file}'").fetchall()
        columns = ", ".join(table.column_names)
        assert sorted(in_parquet, key=repr) == sorted(world.sql(f"select {columns} from {table.name}"), key=repr)
    assert world.sql("select sum(row_count) from daily_board_summary") == [(4,)]


def test_a_document_that_is_published_again_gets_what_it_lacked_and_counts_as_changed(world, documents):
    world.publish(documents, [day(1)])
    make_earlier(world, 1, EARLIER["all of them"])
    world.publish(documents[:1], [day(1)])
    found = world.sql("select document_id, char_count is not null, changed_in_version from articles order by 1")
    assert found == [(1, True, 2), (2, False, 1), (3, False, 1)]


@pytest.mark.parametrize("statements", EARLIER.values(), ids=EARLIER)
def test_it_can_be_rolled_back_to(world, documents, statements):
    world.publish(documents, [day(1)])
    make_earlier(world, 1, statements)
    world.publish([Document(1, day(1), title="다음")], [day(1)])
    roll_back(world.published, 1, "그때가 맞았다", now=world.now)
    assert world.sql("select document_id, title from board_rows order by 1") == [(n, "제목") for n in (1, 2, 3)]
    assert {name for name, *_ in described(world)["board_rows"]} == {*TABLES[0].column_names}
    assert world.leftovers() == []


def test_a_candidate_reads_its_history_from_it(world, documents):
    """What is not there is empty, or null."""
    world.publish(documents, [day(1)])
    make_earlier(world, 1, EARLIER["all of them"])
    with duckdb.connect() as connection:
        create_schemas(connection)
        connection.execute(f"attach '{world.published / 'warehouse.duckdb'}' as published (read_only)")
        connection.execute("create temp table documents as select board_id, document_id from published.main.board_rows")
        _load_history(connection, world.scope([day(1)]))
        counts = {table: connection.execute(f"select count(*) from history.{table}").fetchone()[0] for table in HISTORY}
    assert counts["board_rows"] == counts["articles"] == 3
    assert counts["refused_versions"] == 0
