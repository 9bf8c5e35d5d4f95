"""Writing the next version's folder: whole and current, or not at all.

Here: what every new version goes through, whatever fills it: the lock, the copy, Parquet, manifest, fsync, the commit, and what an
operator reads when a step cannot be done. Not here: what is filled in (`publisher`, `rollback`), links and retention (`versions`).
"""

import contextlib
import datetime as dt
import errno
import json
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import duckdb

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.publish import versions
from orchestration.publish.parquet import Before, sha256, write_parquet
from orchestration.publish.schema import CONTRACT_VERSION, DAILY_BOARD_SUMMARY, DATA_TABLES, TABLES, Table, missing

log = logging.getLogger(__name__)
Filled = TypeVar("Filled")

MEMORY = "1GB"
"""What DuckDB may use before it spills beside the new version. A day into a million rows takes 0.6 GB, a million rows at once 2.6
where nothing holds it back, and the same time."""

KEPT = "nothing was published, and what was published before stays readable"


@contextlib.contextmanager
def exclusive(published: Path, keep: versions.Retention, effects: Effects) -> Iterator[int | None]:
    """Hold the publish lock, with what dead publishes left removed; gives the current version. Afterwards expired versions go;
    where the inside raises, what it left does. An operating system's refusal becomes one line."""
    with clear_errors(published):
        for folder in (published, published / "versions"):
            effects.make_folder(folder)
        with versions.publish_lock(published, effects):
            current = versions.current_version(published)
            versions.clean(published, current, effects)
            try:
                yield current
                _retire(published, keep, effects)
            except BaseException:
                # Best effort: what cannot be removed now, the next publish removes.
                with contextlib.suppress(OSError, BoardhouseError):
                    versions.clean(published, versions.current_version(published), Effects())
                raise


def _retire(published: Path, keep: versions.Retention, effects: Effects) -> None:
    """After the commit nothing may say that the publish failed: what cannot be removed now, a later publish removes."""
    version = versions.current_version(published)
    try:
        versions.retire(published, version or 0, keep, effects)
    except OSError as error:
        log.warning("version %s is published, but an expired one could not be removed: %s", version, error)


def write_version(
    published: Path,
    base: int | None,
    version: int,
    candidate: Path,
    fill: Callable[[duckdb.DuckDBPyConnection], Filled],
    *,
    run_id: str,
    now: dt.datetime,
    effects: Effects,
) -> Filled:
    """Make `version` out of a copy of `base` (None: empty tables), and make it current. `fill` changes the copy in one
    transaction, with `candidate` attached under that name, read only.

    Raises BoardhouseError where the base was written by a newer boardhouse, or a file cannot be read.
    """
    if base is not None and versions.contract_version(published, base) > CONTRACT_VERSION:
        raise BoardhouseError(f"version {base} in {published} was written by a newer boardhouse: install that one")
    work = published / "versions" / f".{version}.tmp-{os.getpid()}"
    effects.make_folder(work)
    effects.make_folder(work / "parquet")
    warehouse = work / versions.WAREHOUSE
    if base is not None:
        effects.copy(versions.warehouse_file(published, base), warehouse)
    with _clear_database_errors(published, base, candidate), duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"attach {literal(candidate)} as candidate (read_only)")
        effects.execute(connection, "begin")
        for statement in migrations(connection):
            effects.execute(connection, statement)
        effects.execute(connection, DAILY_BOARD_SUMMARY)
        filled = fill(connection)
        effects.execute(connection, "commit")
        effects.execute(connection, "checkpoint")
        counts = {table.name: _count(connection, table.name) for table in TABLES}
        digests: dict[str, str] = {}
        for table in TABLES:
            target = work / "parquet" / f"{table.name}.parquet"
            digests[table.name] = write_parquet(connection, table, target, _parquet_before(published, base, table), effects)
    write_front_page(work, effects)
    manifest = _manifest(work, version, run_id, counts, digests, now)
    effects.write(work / versions.MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    for path in (*sorted((work / "parquet").iterdir()), work / "parquet", *sorted(p for p in work.iterdir() if p.is_file()), work):
        effects.sync(path)
    effects.rename(work, versions.version_folder(published, version))
    effects.sync(published / "versions")
    versions.make_current(published, version, effects)
    return filled


def write_front_page(folder: Path, effects: Effects) -> None:
    """`index.html` of a version's folder, from its own file."""
    from orchestration.report.front.page import render  # here: the page reads what this package writes

    effects.write(folder / versions.FRONT_PAGE, render(folder))


def row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of each data table."""
    return {table.name: _count(connection, table.name) for table in DATA_TABLES}


def _parquet_before(published: Path, base: int | None, table: Table) -> Before | None:
    """The Parquet file of a table in the version that is copied; None where its manifest does not tell of it."""
    if base is None:
        return None
    match versions.manifest(published, base).get("tables"):
        case dict(tables):
            match tables.get(table.name):
                case {"file": str(file), "sha256": str(digest)}:
                    return Before(versions.version_folder(published, base) / file, digest)
    return None


def _manifest(
    work: Path, version: int, run_id: str, row_counts: Mapping[str, int], digests: Mapping[str, str], now: dt.datetime
) -> dict[str, object]:
    """What the version holds, with digests that tell a whole file from a damaged one."""
    warehouse, page = work / versions.WAREHOUSE, work / versions.FRONT_PAGE
    return {
        "version": version,
        "contract_version": CONTRACT_VERSION,
        "created": now.astimezone(dt.UTC).isoformat(),
        "run_id": run_id,
        "warehouse": described(work, warehouse, sha256(warehouse)),
        "front_page": described(work, page, sha256(page)),
        "tables": {
            name: {"rows": count, **described(work, work / "parquet" / f"{name}.parquet", digests[name])}
            for name, count in row_counts.items()
        },
    }


def described(work: Path, path: Path, digest: str) -> dict[str, object]:
    """A file of a version's folder `work`, as the manifest tells of it."""
    return {"file": str(path.relative_to(work)), "bytes": path.stat().st_size, "sha256": digest}


def migrations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The statements that bring the open file to this release's tables and columns; none where it has them."""
    found: dict[str, set[str]] = defaultdict(set)
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = current_database() and schema_name = 'main'"
    ).fetchall():
        found[table].add(column)
    return missing({table: frozenset(columns) for table, columns in found.items()})


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def literal(path: Path) -> str:
    """As SQL writes it."""
    return "'" + str(path).replace("'", "''") + "'"


@contextlib.contextmanager
def clear_errors(published: Path) -> Iterator[None]:
    """An operating system's refusal as one line."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BoardhouseError(_disk_full(published)) from error
        raise BoardhouseError(f"{error.filename or published}: {error.strerror or error}: {KEPT}") from error


@contextlib.contextmanager
def _clear_database_errors(published: Path, current: int | None, candidate: Path) -> Iterator[None]:
    """DuckDB's errors as one line. Whose file is at fault, its message does not always say; the manifest's digest does."""
    try:
        yield
    except duckdb.Error as error:
        what = str(error).strip().splitlines()[0]
        if os.strerror(errno.ENOSPC) in str(error) or os.strerror(errno.EDQUOT) in str(error):
            raise BoardhouseError(_disk_full(published)) from error
        if current is not None and not is_intact(published, current):
            raise versions.damaged(published, current, what) from error
        raise BoardhouseError(f"{candidate} could not be merged ({what}): {KEPT}") from error


def is_intact(published: Path, version: int) -> bool:
    """Whether a version's file is byte for byte what was published."""
    try:
        recorded = versions.manifest(published, version)["warehouse"]
        return isinstance(recorded, dict) and recorded["sha256"] == sha256(versions.warehouse_file(published, version))
    except (OSError, KeyError):
        return False


def _disk_full(published: Path) -> str:
    return f"the disk that holds {published} is full: {KEPT}; free some space and run again"
