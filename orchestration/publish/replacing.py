"""A whole warehouse put in the place of the current one, as the next version: what a rebuild publishes.

Here: what is taken from the version before, which may be damaged or gone. Not here: how the new content is made (`rebuild`).
"""

import contextlib
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.publish import audit, merge, versions
from orchestration.publish.acceptance import NOTHING
from orchestration.publish.merge import BoardDayKey
from orchestration.publish.schema import AUDIT_TABLES, DATA_TABLES, DOCUMENT_TABLES, EXCHANGE_RATES, PUBLISHES
from orchestration.publish.writing import exclusive, is_intact, row_counts, write_version
from orchestration.scope import Scope


@dataclass(frozen=True, slots=True)
class Replaced:
    """`changed`: rows of each data table that carry the new number; `base`: the version whose audit tables went on, None where
    none could be read."""

    warehouse_version: int
    row_counts: dict[str, int]
    changed: dict[str, int]
    base: int | None


def newest_readable(published: Path) -> int | None:
    """The newest version whose file is byte for byte what was published."""
    return next((v for v in reversed(versions.kept_versions(published)) if is_intact(published, v)), None)


def take_over(
    scratch: Path, published: Path, old: int, forgotten: Collection[tuple[str, int]], now: dt.datetime
) -> dict[BoardDayKey, int]:
    """Copy into the scratch version the documents and rates that only `old` has, for no landed page speaks of them any more; gives
    how many documents of each board-day."""
    current = versions.current_version(scratch) or 0
    with duckdb.connect(str(versions.warehouse_file(scratch, current))) as connection:
        connection.execute("set TimeZone = 'UTC'")
        escaped = str(versions.warehouse_file(published, old)).replace("'", "''")
        connection.execute(f"attach '{escaped}' as old (read_only)")
        have = " union ".join(f"select board_id, document_id from main.{table.name}" for table in DOCUMENT_TABLES)
        connection.execute("create temp table gone_for_good (board_id varchar, document_id bigint)")
        connection.execute(
            "insert into gone_for_good select unnest($1), unnest($2)", [[b for b, _ in forgotten], [n for _, n in forgotten]]
        )
        connection.execute(
            f"""
            create temp table only_old as
            select * from ({merge.documents_by_day("old.main")}) as documents
            anti join ({have}) as known using (board_id, document_id)
            anti join gone_for_good using (board_id, document_id)
            """
        )
        for table in DOCUMENT_TABLES:
            connection.execute(
                f"insert into main.{table.name} by name from old.main.{table.name} semi join only_old using (board_id, document_id)"
            )
        key = ", ".join(EXCHANGE_RATES.key)
        connection.execute(
            f"insert into main.exchange_rates by name from old.main.exchange_rates anti join main.exchange_rates using ({key})"
        )
        counted = connection.execute("select board_id, day, count(*) from only_old group by all order by all").fetchall()
    return {(board_id, day): count for board_id, day, count in counted}


def replace_all(
    published: Path,
    made: Path,
    *,
    since: Sequence[int],
    after: int | None,
    forgotten: Collection[tuple[str, int]],
    run_id: str,
    now: dt.datetime,
    keep: versions.Retention,
    effects: Effects,
) -> Replaced | list[BoardDayKey]:
    """Publish the data tables of `made` as the next version. Where a version that is not among `since` is there, nothing is done,
    and the board-days come back that it published.

    Rows that are equal keep their number where the current version is whole; else all count as changed.
    """
    _mend_link(published, effects)
    with exclusive(published, keep, effects) as current:
        fresh = [version for version in versions.kept_versions(published) if version not in since]
        if fresh and current is not None and is_intact(published, current):
            return _published_since(versions.warehouse_file(published, current), max(since, default=0))
        base = newest_readable(published)
        is_current = base is not None and base == current
        version = max(current or 0, after or 0) + 1

        def fill(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
            merge.check_candidate(connection)
            merge.choose_all_documents(connection)
            gone = {*forgotten, *audit.forgotten(connection, ())}
            for board_id, number in gone:
                connection.execute("delete from documents where board_id = $1 and document_id = $2", [board_id, number])
            changed = merge.merge_documents(connection, version, effects)
            changed[EXCHANGE_RATES.name] = merge.replace_rates(connection, version, effects)
            if not is_current:
                for table in DATA_TABLES:
                    effects.execute(connection, f"update {table.name} set changed_in_version = {version}")
                    connection.execute(f"drop table if exists changed_{table.name}")
            if base is None:
                for table in AUDIT_TABLES:
                    if table is not PUBLISHES:
                        effects.execute(connection, f"insert into {table.name} by name from candidate.main.{table.name}")
            else:
                merge.merge_habits(connection, effects)
            for board_id, number in sorted(gone - audit.forgotten(connection, ())):
                listed = f"({_text(board_id)}, {number}, timestamptz '{now.isoformat()}')"
                effects.execute(connection, f"insert into forgotten values {listed}")
            _write_states(connection, version, run_id, now, effects)
            states = audit.read_day_states(connection)
            days = [day for board_id, day in states if not board_id.startswith("_")] or [now.date()]
            counts = row_counts(connection)
            scope = Scope(run_id, min(days), max(days), True, ())
            audit.write_publish(connection, scope, NOTHING, counts, now=now, version=version, effects=effects)
            return counts, changed if is_current else counts

        counts, changed = write_version(published, base, version, made, fill, run_id=run_id, now=now, effects=effects)
    return Replaced(version, counts, changed, base)


def _write_states(connection: duckdb.DuckDBPyConnection, version: int, run_id: str, now: dt.datetime, effects: Effects) -> None:
    """What the rebuild found of each day; of days that it did not build, what stood before. The data of all of them was published
    by this version, so a run that was under way is built anew."""
    before = audit.read_day_states(connection)
    made = audit.read_day_states(connection, "candidate.main")
    states = [
        replace(
            state,
            run_id=run_id,
            since_at=before[key].since_at if key in before and before[key].state == state.state else now,
            last_good_version=version if state.last_good_version is not None else None,
        )
        for key, state in sorted({**before, **made}.items())
    ]
    audit.write_day_states(connection, states, effects)


def _published_since(warehouse: Path, version: int) -> list[BoardDayKey]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select board_id, day from board_days where last_good_version > $1 and not starts_with(board_id, '_') order by all",
            [version],
        ).fetchall()


def _mend_link(published: Path, effects: Effects) -> None:
    """Where `current` is gone or names nothing, and versions are there, it names the newest of them, whole or not."""
    kept = versions.kept_versions(published)
    if not kept:
        with contextlib.suppress(FileNotFoundError):
            if (published / versions.CURRENT).is_symlink() and not (published / versions.CURRENT).exists():
                effects.remove(published / versions.CURRENT)
        return
    with versions.publish_lock(published, effects):
        try:
            current = versions.current_version(published)
        except BoardhouseError:
            current = None
        if current is None:
            if (published / versions.CURRENT).exists() and not (published / versions.CURRENT).is_symlink():
                raise BoardhouseError(f"{published / versions.CURRENT} is no link: move it away, then rebuild")
            versions.make_current(published, max(kept), effects)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
