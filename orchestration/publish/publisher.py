"""One publish: a candidate becomes the next version, whole or not at all.

Here: what a run's publish fills into the next version, and the re-base. Not here: the merge (`merge`), the audit rows (`audit`),
how any version is written (`writing`), links, locks and retention (`versions`).
"""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.effects import Effects
from orchestration.gates.records import GateResult, Verdicts
from orchestration.publish import audit, merge, versions
from orchestration.publish.schema import EXCHANGE_RATES
from orchestration.publish.writing import exclusive, row_counts, write_version
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board


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
    with exclusive(published, keep, effects) as current:
        version = (current or 0) + 1

        def fill(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
            merge.check_candidate(connection)
            changed = _fill(
                connection, scope, verdicts, boards, now=now, base=base_version, current=current, version=version, effects=effects
            )
            counts = row_counts(connection)
            held = audit.held_back(scope, verdicts)
            audit.write_publish(connection, scope, held, counts, now=now, version=version, effects=effects)
            return counts, changed

        counts, changed = write_version(published, current, version, candidate, fill, run_id=scope.run_id, now=now, effects=effects)
    held = audit.held_back(scope, verdicts)
    return Published(
        warehouse_version=version,
        row_counts=counts,
        changed=changed,
        held_back=tuple(held[key] for key in sorted(held)),
        failed=scope.failed,
        seconds=time.monotonic() - started,
    )


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
