"""One publish: a candidate becomes the next version, whole or not at all.

Here: the order of the steps, the re-base, and what an operator reads when a step cannot be done. Not here: the merge (`merge`),
the audit rows (`audit`), links, locks and retention (`versions`).
"""

import contextlib
import datetime as dt
import errno
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.gates.records import GateResult, Verdicts
from orchestration.publish import audit, merge, versions
from orchestration.publish.schema import CONTRACT_VERSION, DAILY_BOARD_SUMMARY, DATA_TABLES, EXCHANGE_RATES, TABLES
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board

log = logging.getLogger(__name__)

MEMORY = "1GB"
"""What DuckDB may use before it spills beside the new version. A day into a million rows takes 0.6 GB, a million rows at once 2.6
where nothing holds it back, and the same time."""


class Stale(Exception):
    """Another run published one of these board-days or documents after the candidate was begun: build and judge it anew on the
    version that is current now (nothing needs fetching), then publish again."""


@dataclass(frozen=True, slots=True)
class Published:
    """What one publish did. `changed`: rows of each data table that carry the new version's number."""

    warehouse_version: int
    row_counts: Mapping[str, int]
    changed: Mapping[str, int]
    held_back: tuple[GateResult, ...]
    failed: tuple[BoardDay, ...]
    seconds: float


def publish(
    published: Path,
    candidate: Path,
    scope: Scope,
    verdicts: Verdicts,
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    base_version: int | None,
    keep: versions.Retention = versions.Retention(),  # noqa: B008 (frozen)
    effects: Effects | None = None,
) -> Published:
    """Merge the accepted board-days of `candidate` into a copy of the current version, and make that current.

    `boards`: all that are configured; `base_version`: the version that the candidate read its history from, None where there
    was none; `keep`: which older versions stay. Audit tables are published also when nothing was accepted. Until the last step
    readers see the version before, and where anything goes wrong they keep it.

    Raises Stale where the candidate must be built anew, BoardhouseError (one line) where the disk is full, a folder cannot be
    written, or the current version or the candidate cannot be read.
    """
    effects = effects or Effects()
    started = time.monotonic()
    with _clear_errors(published):
        for folder in (published, published / "versions"):
            effects.make_folder(folder)
        with versions.publish_lock(published, effects):
            current = versions.current_version(published)
            versions.clean(published, current, effects)
            try:
                version, row_counts, changed = _next_version(
                    published, current, candidate, scope, verdicts, boards, now=now, base_version=base_version, effects=effects
                )
                _retire(published, version, keep, effects)
            except BaseException:
                # Best effort: what cannot be removed now, the next publish removes.
                with contextlib.suppress(OSError, BoardhouseError):
                    versions.clean(published, versions.current_version(published), Effects())
                raise
    held = audit.held_back(scope, verdicts)
    return Published(
        warehouse_version=version,
        row_counts=row_counts,
        changed=changed,
        held_back=tuple(held[key] for key in sorted(held)),
        failed=scope.failed,
        seconds=time.monotonic() - started,
    )


def _retire(published: Path, version: int, keep: versions.Retention, effects: Effects) -> None:
    """After the commit nothing may say that the publish failed: what cannot be removed now, a later publish removes."""
    try:
        versions.retire(published, version, keep, effects)
    except OSError as error:
        log.warning("version %d is published, but an expired one could not be removed: %s", version, error)


def _next_version(
    published: Path,
    current: int | None,
    candidate: Path,
    scope: Scope,
    verdicts: Verdicts,
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    base_version: int | None,
    effects: Effects,
) -> tuple[int, dict[str, int], dict[str, int]]:
    version = (current or 0) + 1
    if current is not None and versions.contract_version(published, current) > CONTRACT_VERSION:
        raise BoardhouseError(f"version {current} in {published} was written by a newer boardhouse: install that one")
    work = published / "versions" / f".{version}.tmp-{os.getpid()}"
    effects.make_folder(work)
    effects.make_folder(work / "parquet")
    warehouse = work / versions.WAREHOUSE
    if current is not None:
        effects.copy(versions.warehouse_file(published, current), warehouse)
    with _clear_database_errors(published, current, candidate), duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"attach {_literal(candidate)} as candidate (read_only)")
        merge.check_candidate(connection)
        effects.execute(connection, "begin")
        if current is None:
            for table in TABLES:
                effects.execute(connection, table.ddl)
        effects.execute(connection, DAILY_BOARD_SUMMARY)
        changed = _fill(
            connection, scope, verdicts, boards, now=now, base=base_version, current=current, version=version, effects=effects
        )
        row_counts = {table.name: _count(connection, table.name) for table in DATA_TABLES}
        held = audit.held_back(scope, verdicts)
        audit.write_publish(connection, scope, held, row_counts, now=now, version=version, effects=effects)
        effects.execute(connection, "commit")
        effects.execute(connection, "checkpoint")
        all_counts = {table.name: _count(connection, table.name) for table in TABLES}
        for table in TABLES:
            target = work / "parquet" / f"{table.name}.parquet"
            # Level 1: a third of the time of the default, in as many bytes (100,000 articles: 0.27 s against 0.89, 10 MB).
            effects.execute(
                connection, f"copy {table.name} to {_literal(target)} (format parquet, compression zstd, compression_level 1)"
            )
    manifest = _manifest(work, version, scope.run_id, all_counts, now)
    effects.write(work / versions.MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    for path in (*sorted((work / "parquet").iterdir()), work / "parquet", *sorted(p for p in work.iterdir() if p.is_file()), work):
        effects.sync(path)
    effects.rename(work, versions.version_folder(published, version))
    effects.sync(published / "versions")
    versions.make_current(published, version, effects)
    return version, row_counts, changed


def _fill(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    verdicts: Verdicts,
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    base: int | None,
    current: int | None,
    version: int,
    effects: Effects,
) -> dict[str, int]:
    """Everything but the row of `publishes`. Returns the changed rows of each data table."""
    held = audit.held_back(scope, verdicts)
    built = [(bd.board_id, bd.day) for bd in scope.built]
    merge.choose_documents(connection, [key for key in built if key not in held])
    if current != base:
        if (base or 0) > (current or 0):
            raise Stale(f"the candidate was built on version {base}, which is gone")
        if touched := merge.published_since(connection, built, base or 0):
            days = ", ".join(f"{board_id} {day}" for board_id, day in touched[:5]) + (" …" if len(touched) > 5 else "")
            raise Stale(f"published by another run since version {base or 0}: {days}")
    changed = merge.merge_documents(connection, version, effects)
    refused_rates = [day for board_id, day in held if board_id == audit.RATES_BOARD]
    changed[EXCHANGE_RATES.name] = merge.merge_rates(connection, refused_rates, version, effects)
    states = audit.day_states(audit.read_day_states(connection), scope, verdicts, boards, now=now, version=version)
    audit.write_day_states(connection, states, effects)
    audit.write_gate_results(connection, verdicts.results, scope.run_id, version, effects)
    return changed


def _manifest(work: Path, version: int, run_id: str, row_counts: Mapping[str, int], now: dt.datetime) -> dict[str, object]:
    """What the version holds, with digests that tell a whole file from a damaged one."""
    return {
        "version": version,
        "contract_version": CONTRACT_VERSION,
        "created": now.astimezone(dt.UTC).isoformat(),
        "run_id": run_id,
        "warehouse": _described(work, work / versions.WAREHOUSE),
        "tables": {
            name: {"rows": count, **_described(work, work / "parquet" / f"{name}.parquet")} for name, count in row_counts.items()
        },
    }


def _described(work: Path, path: Path) -> dict[str, object]:
    return {"file": str(path.relative_to(work)), "bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


KEPT = "nothing was published, and what was published before stays readable"


@contextlib.contextmanager
def _clear_errors(published: Path) -> Iterator[None]:
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
            raise BoardhouseError(
                f"version {current} in {published} is damaged ({what}): nothing was published; "
                f"point {published / versions.CURRENT} at an older version in versions/ and run again"
            ) from error
        raise BoardhouseError(f"{candidate} could not be merged ({what}): {KEPT}") from error


def is_intact(published: Path, version: int) -> bool:
    """Whether a version's file is byte for byte what was published."""
    try:
        recorded = versions.manifest(published, version)["warehouse"]
        return isinstance(recorded, dict) and recorded["sha256"] == _sha256(versions.warehouse_file(published, version))
    except (OSError, KeyError):
        return False


def _disk_full(published: Path) -> str:
    return f"the disk that holds {published} is full: {KEPT}; free some space and run again"
