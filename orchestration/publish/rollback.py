"""The content of an older version, published anew as the next one.

Here: what a rollback takes from the old version and what stays. Not here: the record of who decided it (`decisions`), or how a
version is written (`writing`).

Version numbers only rise, and consumers read by `changed_in_version`: so the old rows come as changes. The data tables are the old
version's; the audit tables keep their history, but for `board_days`, which says what stands now, and for what is usual for a board:
it was learnt from the days that are taken back.
"""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.publish import audit, merge, versions
from orchestration.publish.acceptance import NOTHING
from orchestration.publish.audit import DayState
from orchestration.publish.merge import BoardDayKey
from orchestration.publish.schema import DATA_TABLES, EXCHANGE_RATES
from orchestration.publish.writing import exclusive, is_intact, migrations, row_counts, write_version
from orchestration.scope import Scope


@dataclass(frozen=True, slots=True)
class RolledBack:
    """`changed`: rows of each data table that carry the new version's number; `lost_history`: the version before was damaged, so
    the audit tables are the old version's too."""

    warehouse_version: int
    old_version: int
    changed: dict[str, int]
    lost_history: bool


def choose_version(published: Path, wanted: int | None) -> int:
    """The version to roll back to: `wanted`, else the newest whole one before the current.

    Raises BoardhouseError where there is none, or `wanted` is not kept, is the current one or is damaged.
    """
    current = versions.current_version(published)
    if current is None:
        raise BoardhouseError(f"nothing is published in {published} yet: there is no version to roll back to")
    older = [version for version in versions.kept_versions(published) if version < current]
    if wanted is None:
        whole = (version for version in reversed(older) if is_intact(published, version))
        found = next(whole, None)
        if found is None:
            raise BoardhouseError(
                f"{published / 'versions'} keeps no whole version before {current}: there is none to roll back to"
            )
        return found
    if wanted not in older:
        kept = ", ".join(map(str, older)) or "none"
        raise BoardhouseError(f"version {wanted} is none that version {current} could be rolled back to; kept before it: {kept}")
    if not is_intact(published, wanted):
        raise BoardhouseError(f"version {wanted} in {published} is damaged: choose another")
    return wanted


def roll_back(
    published: Path,
    old_version: int,
    reason: str,
    *,
    now: dt.datetime,
    keep: versions.Retention = versions.Retention(),  # noqa: B008 (frozen)
    effects: Effects | None = None,
) -> RolledBack:
    """Publish the content of `old_version` as the next version.

    Raises BoardhouseError (one line) where that version is not kept or damaged, or the disk refuses; the current one then stays.
    """
    effects = effects or Effects()
    run_id = f"rollback-to-{old_version}-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    with exclusive(published, keep, effects) as current:
        choose_version(published, old_version)  # again, under the lock: retention may have taken it meanwhile
        assert current is not None
        is_current_whole = is_intact(published, current)
        version = current + 1

        def fill(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
            changed = _replace_all(connection, version, effects) if is_current_whole else _mark_all(connection, version, effects)
            before, old = audit.read_day_states(connection), audit.read_day_states(connection, "candidate.main")
            states = day_states(before, old, old_version, version, reason, run_id, now)
            audit.write_day_states(connection, states, effects)
            days = [state.day for state in states if not state.board_id.startswith("_")] or [now.date()]
            scope = Scope(run_id, min(days), max(days), True, ())
            counts = row_counts(connection)
            audit.write_publish(connection, scope, NOTHING, counts, now=now, version=version, effects=effects)
            return changed

        base = current if is_current_whole else old_version
        with _of_this_contract(published, old_version, effects) as candidate:
            changed = write_version(published, base, version, candidate, fill, run_id=run_id, now=now, effects=effects)
    return RolledBack(version, old_version, changed, not is_current_whole)


@contextlib.contextmanager
def _of_this_contract(published: Path, version: int, effects: Effects) -> Iterator[Path]:
    """The file of a version; of one from before a column or a table existed, a copy that has them, empty. The next publish
    removes the copy where this one dies."""
    file = versions.warehouse_file(published, version)
    with duckdb.connect(str(file), read_only=True) as connection:
        if not migrations(connection):
            yield file
            return
    copy = published / "versions" / f".{version}.tmp-{os.getpid()}.duckdb"
    effects.copy(file, copy)
    with duckdb.connect(str(copy)) as connection:
        for statement in migrations(connection):
            effects.execute(connection, statement)
    yield copy
    effects.remove(copy)


def day_states(
    before: Mapping[BoardDayKey, DayState],
    old: Mapping[BoardDayKey, DayState],
    old_version: int,
    version: int,
    reason: str,
    run_id: str,
    now: dt.datetime,
) -> list[DayState]:
    """The rows of `board_days` after a rollback: the old version's, and the days that it did not have as not run.

    All data of the old version was published by the new one, so a run whose candidate read another version is built anew.
    """
    states: list[DayState] = []
    for key in sorted(before.keys() | old.keys()):
        known, was = before.get(key), old.get(key)
        if was is None:
            why = f"rolled back to version {old_version} ({reason}), which did not have this day: run it again"
            states.append(DayState(*key, "not_run", None, why, now, None, run_id))
            continue
        since = known.since_at if known and known.state == was.state else now
        good = version if was.last_good_version is not None else None
        states.append(replace(was, since_at=since, last_good_version=good, run_id=run_id))
    return states


def _replace_all(connection: duckdb.DuckDBPyConnection, version: int, effects: Effects) -> dict[str, int]:
    """The data tables become the candidate's; a row that is equal keeps its number."""
    merge.check_candidate(connection)
    merge.choose_all_documents(connection)
    changed = merge.merge_documents(connection, version, effects)
    changed[EXCHANGE_RATES.name] = merge.replace_rates(connection, version, effects)
    merge.replace_habits(connection, effects)
    return changed


def _mark_all(connection: duckdb.DuckDBPyConnection, version: int, effects: Effects) -> dict[str, int]:
    """What the damaged version changed cannot be told any more, so every row counts as changed."""
    for table in DATA_TABLES:
        effects.execute(connection, f"update {table.name} set changed_in_version = {version}")
    return row_counts(connection)
