"""Documents taken out of every kept version: the one exception to versions that never change.

Here: one version written anew without them, and put in the place of the old one in one step. Not here: the landing (`forget`), or
what keeps them out of later versions (`publisher`).

A DuckDB file keeps the bytes of deleted rows in free blocks, so the file is made anew and not deleted from. A reader that has the
old file open reads it to its end; its disk is free when the last of them closes it. The table `forgotten` of a version says which
documents it was written without: so an interrupted takedown knows what is done.
"""

import datetime as dt
import json
import logging
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.effects import Effects
from orchestration.publish import versions
from orchestration.publish.parquet import sha256, write_parquet
from orchestration.publish.schema import DATA_TABLES, FORGOTTEN, GATE_RESULTS, TABLES
from orchestration.publish.writing import MEMORY, clear_errors, described, literal, write_front_page

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakenDown:
    """`versions`: those that were written anew; `rows`: that went, from all of them; `removed`: damaged ones, which nobody can
    search; `damaged`: the current one, where it is so: it still holds what was to go."""

    versions: tuple[int, ...]
    rows: int
    removed: tuple[int, ...]
    damaged: int | None


def is_known(published: Path, board_id: str, documents: Collection[int]) -> set[int]:
    """Those of `documents` that the newest readable version holds anything of."""
    for version in reversed(versions.kept_versions(published)):
        try:
            with duckdb.connect(":memory:") as connection:
                connection.execute(f"attach {literal(versions.warehouse_file(published, version))} as old (read_only)")
                return _found(connection, board_id, documents)
        except duckdb.Error:
            continue
    return set()


def take_down(
    published: Path, board_id: str, documents: Collection[int], *, now: dt.datetime, effects: Effects | None = None
) -> TakenDown:
    """Take these documents out of every kept version. Repeating it, also after a crash, goes on where it stopped.

    Raises BoardhouseError (one line) where the disk refuses; each version is then as it was, or without them.
    """
    effects = effects or Effects()
    if not versions.kept_versions(published):
        return TakenDown((), 0, (), None)
    written: list[int] = []
    removed: list[int] = []
    rows = 0
    damaged: int | None = None
    with clear_errors(published), versions.publish_lock(published, effects):
        current = versions.current_version(published)
        versions.clean(published, current, effects)
        for version in versions.kept_versions(published):
            try:
                if _is_done(published, version, board_id, documents):
                    continue
                rows += _rewrite(published, version, board_id, documents, now, effects)
                written.append(version)
            except duckdb.Error as error:
                if version == current:
                    damaged = version
                    continue
                log.warning("version %d cannot be read (%s): removed, for nobody can tell what it holds", version, error)
                _remove(versions.version_folder(published, version), effects)
                removed.append(version)
    return TakenDown(tuple(written), rows, tuple(removed), damaged)


def _is_done(published: Path, version: int, board_id: str, documents: Collection[int]) -> bool:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach {literal(versions.warehouse_file(published, version))} as old (read_only)")
        if FORGOTTEN.name not in _tables(connection):
            return False
        known = connection.execute("select document_id from old.main.forgotten where board_id = $1", [board_id]).fetchall()
        # A rollback to a version that an interrupted takedown did not reach may have brought rows back.
        return set(documents) <= {number for (number,) in known} and not _found(connection, board_id, documents)


def _rewrite(published: Path, version: int, board_id: str, documents: Collection[int], now: dt.datetime, effects: Effects) -> int:
    """One version without them, in the place of the old one. Returns how many rows went."""
    folder = versions.version_folder(published, version)
    work = published / "versions" / f".{version}.tmp-{os.getpid()}"
    effects.make_folder(work)
    effects.make_folder(work / "parquet")
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"set temp_directory = {literal(work / 'spill')}")
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"attach {literal(folder / versions.WAREHOUSE)} as old (read_only)")
        effects.execute(connection, f"attach {literal(work / versions.WAREHOUSE)} as new")
        tables = _tables(connection)
        effects.execute(connection, "copy from database old to new (schema)")
        effects.execute(connection, "begin")
        gone = 0
        for table in tables:
            where = ""
            if _holds_documents(connection, table):
                numbers = ", ".join(map(str, sorted(documents)))
                is_gone = f"coalesce(board_id = {_text(board_id)} and document_id in ({numbers}), false)"
                gone += _one(connection, f"select count(*) from old.main.{table} where {is_gone}")
                where = f"where not {is_gone}"
            columns = "*"
            if table == GATE_RESULTS.name and _has_samples(connection):
                # Failing rows beside a verdict hold texts of pages; all of the board's go, for whose they are is not always told.
                columns = f"* replace (case when board_id <> {_text(board_id)} then sample end as sample)"
            effects.execute(connection, f"insert into new.main.{table} select {columns} from old.main.{table} {where}")
        if FORGOTTEN.name not in tables:
            effects.execute(connection, FORGOTTEN.ddl.replace("create table ", "create table new.main."))
        for number in sorted(documents):
            effects.execute(
                connection,
                f"""
                insert into new.main.forgotten select {_text(board_id)}, {number}, timestamptz '{now.isoformat()}'
                where not exists (from new.main.forgotten where board_id = {_text(board_id)} and document_id = {number})
                """,
            )
        # The row of this version itself counts what is in it now; rows of other versions say what those held.
        counts = ", ".join(f"{_text(t.name)}: (select count(*) from new.main.{t.name})" for t in DATA_TABLES if t.name in tables)
        effects.execute(
            connection, f"update new.main.publishes set row_counts = map {{{counts}}} where warehouse_version = {version}"
        )
        effects.execute(connection, "commit")
        effects.execute(connection, "checkpoint new")
        row_counts, digests = {}, {}
        connection.execute("use new")
        for known in TABLES:
            if known.name in tables or known is FORGOTTEN:
                row_counts[known.name] = _one(connection, f"select count(*) from {known.name}")
                # Whole: a grown file keeps the bytes of row groups that it no longer names.
                target = work / "parquet" / f"{known.name}.parquet"
                digests[known.name] = write_parquet(connection, known, target, None, effects)
        connection.execute("use memory")
        connection.execute("detach new")
    effects.remove(work / "spill")
    write_front_page(work, effects)
    _describe(published, version, work, row_counts, digests, now, effects)
    for path in (*sorted((work / "parquet").iterdir()), work / "parquet", *sorted(p for p in work.iterdir() if p.is_file()), work):
        effects.sync(path)
    effects.exchange(work, folder)
    effects.sync(folder.parent)
    effects.remove(work)
    return gone


def _describe(
    published: Path,
    version: int,
    work: Path,
    row_counts: dict[str, int],
    digests: dict[str, str],
    now: dt.datetime,
    effects: Effects,
) -> None:
    """The manifest with the new digests; it says that and when the version was written anew."""
    old = versions.manifest(published, version)
    rewritten = old.get("rewritten", [])
    manifest = {
        **old,
        "warehouse": described(work, work / versions.WAREHOUSE, sha256(work / versions.WAREHOUSE)),
        "front_page": described(work, work / versions.FRONT_PAGE, sha256(work / versions.FRONT_PAGE)),
        "tables": {
            name: {"rows": count, **described(work, work / "parquet" / f"{name}.parquet", digests[name])}
            for name, count in row_counts.items()
        },
        "rewritten": [*(rewritten if isinstance(rewritten, list) else []), now.astimezone(dt.UTC).isoformat()],
    }
    effects.write(work / versions.MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))


def _has_samples(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether its gate results have failing rows beside them: an earlier release kept none."""
    return any(name == "sample" for name, *_ in connection.execute("describe old.main.gate_results").fetchall())


def _found(connection: duckdb.DuckDBPyConnection, board_id: str, documents: Collection[int]) -> set[int]:
    """Those of `documents` of which any table holds a row."""
    tables = [name for name in _tables(connection) if _holds_documents(connection, name)]
    union = " union ".join(
        f"select document_id from old.main.{name} where board_id = $1 and list_contains($2::bigint[], document_id)"
        for name in tables
    )
    return {number for (number,) in connection.execute(union, [board_id, sorted(documents)]).fetchall()}


def _remove(folder: Path, effects: Effects) -> None:
    going = folder.with_name(f".{folder.name}.gone-{os.getpid()}")
    effects.rename(folder, going)
    effects.remove(going)


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("select table_name from duckdb_tables() where database_name = 'old' order by table_name").fetchall()
    return [name for (name,) in found]


def _holds_documents(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Every table with these two columns, also one that a later release added; not the list of those that are gone."""
    columns = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'old' and table_name = $1", [table]
    ).fetchall()
    return table != FORGOTTEN.name and {("board_id",), ("document_id",)} <= set(columns)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
