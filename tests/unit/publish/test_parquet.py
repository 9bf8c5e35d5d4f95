"""A Parquet file grown from the one before holds what the table holds, and anything unexpected has it written whole."""

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from publish_world import Document, World, day

from orchestration.effects import Effects
from orchestration.publish import parquet, thrift
from orchestration.publish.parquet import Before, changed_keys, read_footer, sha256, write_parquet
from orchestration.publish.schema import ARTICLE_BLOCKS as TABLE

ROWS = 30_000
GROUP = 2048  # the least that DuckDB makes


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """A table of documents with two blocks each."""
    monkeypatch.setattr(parquet, "GROUP_ROWS", GROUP)
    monkeypatch.setattr(parquet, "OPTIONS", f"(format parquet, compression zstd, row_group_size {GROUP})")
    with duckdb.connect() as connection:
        connection.execute(TABLE.ddl)
        connection.execute(
            f"""
            insert into article_blocks by name
            select 'news' as board_id, n // 2 as document_id, n % 2 as block_position, 'paragraph' as kind, md5(n::varchar) as text,
                1 as changed_in_version
            from range({ROWS}) as r(n)
            """
        )
        yield connection


def first(connection: duckdb.DuckDBPyConnection, folder: Path) -> Before:
    path = folder / "0.parquet"
    return Before(path, write_parquet(connection, TABLE, path, None, Effects()))


def change(connection: duckdb.DuckDBPyConnection, documents: list[int], version: int) -> None:
    """Write these documents anew, each with one to three blocks."""
    connection.execute(f"create or replace temp table {changed_keys(TABLE)} (board_id varchar, document_id bigint)")
    connection.execute(f"insert into {changed_keys(TABLE)} select 'news', unnest($1::bigint[])", [documents])
    connection.execute("delete from article_blocks where document_id in (select unnest($1))", [documents])
    connection.execute(
        f"""
        insert into article_blocks by name
        select 'news' as board_id, document_id, unnest(range(1 + document_id % 3)) as block_position, 'paragraph' as kind,
            md5(document_id || '/{version}') as text, {version} as changed_in_version
        from {changed_keys(TABLE)}
        """
    )


def check(connection: duckdb.DuckDBPyConnection, path: Path, digest: str) -> None:
    """The file holds the table's rows, for two readers that share no code."""
    assert sha256(path) == digest
    wanted = sorted(connection.execute("from article_blocks").fetchall())
    assert sorted(connection.execute(f"from read_parquet('{path}')").fetchall()) == wanted
    assert sorted(tuple(row.values()) for row in pq.read_table(path).to_pylist()) == wanted
    assert not path.with_suffix(".part").exists()


def test_a_file_grown_many_times_holds_what_the_table_holds(connection, tmp_path):
    before = first(connection, tmp_path)
    size = before.path.stat().st_size
    chosen = random.Random(5)
    grown = 0
    for version in range(2, 14):
        new = range(ROWS, ROWS + version)
        documents = [*chosen.sample(range(ROWS // 2), k=version % 4), *(n + version * 100 for n in new)]
        change(connection, documents, version)
        path = tmp_path / f"{version}.parquet"
        digest = write_parquet(connection, TABLE, path, before, Effects())
        check(connection, path, digest)
        kept = path.read_bytes()[:100] == before.path.read_bytes()[:100]
        grown += kept and read_footer(path).start > size
        before = Before(path, digest)
    assert grown >= 8
    assert before.path.stat().st_size < 2 * size


def test_an_unchanged_table_is_the_same_file_under_a_second_name(connection, tmp_path):
    before = first(connection, tmp_path)
    change(connection, [], 2)
    path = tmp_path / "2.parquet"
    assert write_parquet(connection, TABLE, path, before, Effects()) == before.sha256
    assert path.samefile(before.path)


def test_where_no_hard_link_can_be_made_the_file_is_copied(connection, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    before = first(connection, tmp_path)
    change(connection, [], 2)
    check(connection, tmp_path / "2.parquet", write_parquet(connection, TABLE, tmp_path / "2.parquet", before, Effects()))
    assert not (tmp_path / "2.parquet").samefile(before.path)


def damaged(before: Before) -> Before:
    raw = bytearray(before.path.read_bytes())
    raw[1000] ^= 1
    before.path.write_bytes(raw)
    return before


def no_parquet(before: Before) -> Before:
    before.path.write_bytes(b"x" * 5000)
    return before


def lost(before: Before) -> Before:
    before.path.unlink()
    return before


@pytest.mark.parametrize("spoil", [damaged, no_parquet, lost])
def test_a_file_that_is_not_what_its_manifest_says_is_not_built_upon(connection, tmp_path, spoil):
    before = spoil(first(connection, tmp_path))
    change(connection, [14_999], 2)
    path = tmp_path / "2.parquet"
    check(connection, path, write_parquet(connection, TABLE, path, before, Effects()))


def test_a_change_that_nobody_told_of_is_met(connection, tmp_path, caplog):
    before = first(connection, tmp_path)
    change(connection, [7], 2)
    connection.execute("delete from article_blocks where document_id = 9000")
    path = tmp_path / "2.parquet"
    check(connection, path, write_parquet(connection, TABLE, path, before, Effects()))
    assert "does not hold what the warehouse does: written whole" in caplog.text


def test_a_file_of_other_columns_is_not_built_upon(connection, tmp_path):
    connection.execute("alter table article_blocks drop column credit")
    before = first(connection, tmp_path)
    connection.execute("drop table article_blocks")
    connection.execute(TABLE.ddl)
    connection.execute(f"insert into article_blocks by name from read_parquet('{before.path}')")
    for documents in ([], [14_999]):
        change(connection, documents, 2)
        path = tmp_path / f"{len(documents)}.parquet"
        check(connection, path, write_parquet(connection, TABLE, path, before, Effects()))


def test_where_much_changed_the_file_is_written_whole(connection, tmp_path):
    before = first(connection, tmp_path)
    change(connection, list(range(0, ROWS // 2, 500)), 2)
    path = tmp_path / "2.parquet"
    check(connection, path, write_parquet(connection, TABLE, path, before, Effects()))
    assert read_footer(path).start < 1.1 * read_footer(before.path).start


def test_a_publish_links_the_tables_that_did_not_change(tmp_path):
    world = World(tmp_path)
    for _ in range(2):
        world.publish([Document(1, day(1), blocks=("100",))], [day(1)])
    one, two = (world.published / "versions" / str(n) / "parquet" for n in (1, 2))
    linked = {path.stem for path in two.iterdir() if path.samefile(one / path.name)}
    assert {"board_rows", "articles", "article_versions", "article_blocks", "currency_facts", "exchange_rates"} <= linked
    assert not linked & {"publishes", "board_days"}


def test_a_footer_is_written_as_it_was_read(tmp_path):
    for writer in ("duckdb", "pyarrow"):
        path = tmp_path / f"{writer}.parquet"
        if writer == "duckdb":
            duckdb.sql("select n, n::decimal(38, 4) as d, [n] as l, {'a': true} as s from range(50) as r(n)").write_parquet(
                str(path)
            )
        else:
            pq.write_table(duckdb.sql("select n, 'x' as t, true as b from range(5000) as r(n)").to_arrow_table(), path)
        assert len(read_footer(path).groups) == 1


@pytest.mark.parametrize("raw", [b"", b"\x15", b"\x15\x02\x00\x00", b"\x1b\x00\x00", b"\x18\x7fabc"])
def test_bytes_that_are_no_footer_are_an_error(raw):
    with pytest.raises(ValueError, match=r"cut off|too many|none of a footer's"):
        thrift.decode(raw)
