"""One publish: a candidate becomes the next version, whole or not at all.

Here: what a run's publish fills into the next version, and the re-base. Not here: the merge (`merge`), the audit rows (`audit`),
how any version is written (`writing`), links, locks and retention (`versions`).
"""

import datetime as dt
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.decisions import Decision
from orchestration.effects import Effects
from orchestration.gates.records import GateResult, Verdicts
from orchestration.landing.records import RATES_BOARD
from orchestration.publish import audit, merge, versions
from orchestration.publish.acceptance import Acceptance, accept, candidate_hashes, held_back_by_gates
from orchestration.publish.quarantine import write_quarantine
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
    acceptance: Acceptance
    failed: tuple[BoardDay, ...]
    seconds: float

    @property
    def held_back(self) -> tuple[GateResult, ...]:
        """The gates that hold board-days back, by board and day."""
        return tuple(held.result for _, held in sorted(self.acceptance.held_back.items(), key=lambda item: item[0]))


def publish(
    published: Path,
    candidate: Path,
    scope: Scope,
    verdicts: Verdicts,
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    base_version: int | None,
    decisions: Sequence[Decision] = (),
    keep: versions.Retention = versions.Retention(),  # noqa: B008 (frozen)
    effects: Effects | None = None,
) -> Published:
    """Merge the accepted board-days of `candidate` into a copy of the current version, and make that current.

    `boards`: all that are configured; `base_version`: the version that the candidate read its history from, None where there
    was none; `decisions`: what operators released, requeued and had forgotten; `keep`: which older versions stay. Audit tables
    are published also when nothing was accepted. Until the last step readers see the version before, and where anything goes
    wrong they keep it.

    Raises Stale where the candidate must be built anew, BoardhouseError (one line) where the disk is full, a folder cannot be
    written, or the current version or the candidate cannot be read.
    """
    effects = effects or Effects()
    started = time.monotonic()
    with exclusive(published, keep, effects) as current:
        version = (current or 0) + 1

        def fill(connection: duckdb.DuckDBPyConnection) -> Published:
            merge.check_candidate(connection)
            forgotten = audit.forgotten(connection, decisions)
            hashes = candidate_hashes(connection, held_back_by_gates(scope, verdicts))
            acceptance = accept(scope, verdicts, hashes, decisions).without(forgotten)
            changed = _fill(
                connection,
                scope,
                verdicts,
                acceptance,
                forgotten,
                boards,
                now=now,
                base=base_version,
                current=current,
                version=version,
                decisions=decisions,
                effects=effects,
            )
            counts = row_counts(connection)
            audit.write_publish(connection, scope, acceptance, counts, now=now, version=version, effects=effects)
            return Published(version, counts, changed, acceptance, scope.failed, 0.0)

        done = write_version(published, current, version, candidate, fill, run_id=scope.run_id, now=now, effects=effects)
    return replace(done, seconds=time.monotonic() - started)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    verdicts: Verdicts,
    acceptance: Acceptance,
    forgotten: Collection[merge.DocumentKey],
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    base: int | None,
    current: int | None,
    version: int,
    decisions: Sequence[Decision],
    effects: Effects,
) -> dict[str, int]:
    """Everything but the row of `publishes`. Returns the changed rows of each data table."""
    built = [(bd.board_id, bd.day) for bd in scope.built]
    merge.choose_documents(connection, acceptance.accepted, acceptance.left_out, forgotten)
    if current != base:
        if (base or 0) > (current or 0):
            raise Stale(f"the candidate was built on version {base}, which is gone")
        if touched := merge.published_since(connection, built, base or 0):
            days = ", ".join(f"{board_id} {day}" for board_id, day in touched[:5]) + (" …" if len(touched) > 5 else "")
            raise Stale(f"published by another run since version {base or 0}: {days}")
    changed = merge.merge_documents(connection, version, effects)
    held_back = [day for board_id, day in acceptance.held_back if board_id == RATES_BOARD]
    changed[EXCHANGE_RATES.name] = merge.merge_rates(connection, held_back, acceptance.refused_rates, version, effects)
    write_quarantine(connection, acceptance, verdicts.results, decisions, run_id=scope.run_id, now=now, effects=effects)
    states = audit.day_states(audit.read_day_states(connection), scope, verdicts, acceptance, boards, now=now, version=version)
    audit.write_day_states(connection, states, effects)
    audit.write_habits(connection, effects)
    audit.write_gate_results(connection, verdicts.results, scope.run_id, version, effects)
    return changed
