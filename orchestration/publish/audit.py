"""What a run leaves in the audit tables: the state of each board-day, the publish itself, every gate's result.

Here: those rows. Not here: the data they speak of (`merge`).
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from orchestration.decisions import Decision
from orchestration.effects import Effects
from orchestration.gates.records import GateResult, Verdicts
from orchestration.landing.records import RATES_BOARD
from orchestration.publish.acceptance import Acceptance
from orchestration.publish.merge import BoardDayKey
from orchestration.publish.parquet import changed_keys
from orchestration.publish.schema import BOARD_DAYS, CONTRACT_VERSION, GATE_RESULTS, HABIT_TABLES, PUBLISHES, Table
from orchestration.scope import Scope
from orchestration.settings import Board

NOT_RUN = "no run has reached this day yet"


@dataclass(frozen=True, slots=True)
class DayState:
    """A row of `board_days`. `since_at`: since when this state holds, whatever its reason; `last_good_version`: the version that
    last published the day's data; `candidate_hash`: of a day that gates hold back, what a release approves. A released day is
    published, with the gate that it was released from."""

    board_id: str
    day: dt.date
    state: str
    gate: str | None
    reason: str | None
    since_at: dt.datetime
    last_good_version: int | None
    run_id: str
    candidate_hash: str | None = None


def day_states(
    before: Mapping[BoardDayKey, DayState],
    scope: Scope,
    verdicts: Verdicts,
    acceptance: Acceptance,
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    version: int,
) -> list[DayState]:
    """The rows of `board_days` that this run writes, by board and day.

    A day of `boards` in the range that the run did not reach is written only where nothing is known of it: what stands there
    still stands. Days of the rates are written when they are held back, and when they no longer are.
    """
    states: dict[BoardDayKey, DayState] = {}

    def state(
        key: BoardDayKey, name: str, *, gate: str | None = None, reason: str | None = None, candidate_hash: str | None = None
    ) -> None:
        known = before.get(key)
        since = known.since_at if known and known.state == name else now
        good = version if name == "published" else known.last_good_version if known else None
        states[key] = DayState(*key, name, gate, reason, since, good, scope.run_id, candidate_hash)

    for board in boards:
        day = max(scope.from_on, board.first_day)
        while day <= scope.to_on:
            if (board.id, day) not in before:
                state((board.id, day), "not_run", reason=NOT_RUN)
            day += dt.timedelta(days=1)
    for bd in scope.built:
        state((bd.board_id, bd.day), "published")
    for bd in scope.failed:
        state((bd.board_id, bd.day), "failed", reason=bd.reason)
    for result in verdicts.results:
        key = (result.board_id, result.day)
        if result.board_id == RATES_BOARD and key in before:
            state(key, "published")
    for key, held in acceptance.held_back.items():
        state(key, "held_back", gate=held.result.gate, reason=held.result.reason, candidate_hash=held.candidate_hash)
    for key, release in acceptance.released.items():
        decision = release.decision
        why = f"released by {decision.by}: {decision.reason}"
        state(key, "published", gate=release.result.gate, reason=why, candidate_hash=decision.candidate_hash)
    return [states[key] for key in sorted(states)]


def read_day_states(connection: duckdb.DuckDBPyConnection, schema: str = "main") -> dict[BoardDayKey, DayState]:
    """The rows of `board_days`, also of a version that an earlier release wrote: what it lacks is null."""
    found = connection.execute(f"from {schema}.board_days")
    names = [column[0] for column in found.description or ()]
    states = (DayState(**dict(zip(names, row, strict=True))) for row in found.fetchall())
    return {(state.board_id, state.day): state for state in states}


def write_day_states(connection: duckdb.DuckDBPyConnection, states: Sequence[DayState], effects: Effects) -> None:
    register(connection, BOARD_DAYS, [asdict(state) for state in states])
    effects.execute(connection, "delete from board_days where (board_id, day) in (select (board_id, day) from incoming)")
    effects.execute(connection, "insert into board_days by name from incoming order by board_id, day")


def write_gate_results(
    connection: duckdb.DuckDBPyConnection, results: Sequence[GateResult], run_id: str, version: int, effects: Effects
) -> None:
    """A run that publishes again (its first publish was stale, or it was retried) replaces its own results."""
    rows = [
        {name: getattr(result, name, None) for name in GATE_RESULTS.column_names}
        | {"run_id": run_id, "warehouse_version": version}
        | {"sample": json.dumps(result.sample, ensure_ascii=False, default=str) if result.sample else None}
        for result in results
    ]
    register(connection, GATE_RESULTS, rows)
    connection.execute(f"create or replace temp table {changed_keys(GATE_RESULTS)} as select {_literal(run_id)} as run_id")
    effects.execute(connection, f"delete from gate_results where run_id = {_literal(run_id)}")
    effects.execute(connection, "insert into gate_results by name from incoming order by board_id, day, gate")


def forgotten(connection: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> set[tuple[str, int]]:
    """(board id, document id) of every document that was taken down: by what operators decided, also where a takedown has not
    come this far, and by the version itself, also where the decision came after a run read them."""
    decided = {(decision.board_id or "", n) for decision in decisions if decision.kind == "forget" for n in decision.documents}
    return decided | set(connection.execute("select board_id, document_id from main.forgotten").fetchall())


def write_habits(connection: duckdb.DuckDBPyConnection, effects: Effects) -> None:
    """Replace what is known of the days in the temporary table `accepted`; of one that was still open nothing is usual."""
    for table in HABIT_TABLES:
        connection.execute(f"create or replace temp table {changed_keys(table)} as from accepted")
        columns = ", ".join("listed_on as day" if name == "day" else name for name in table.column_names)
        connection.execute(
            f"""
            create or replace temp table new_{table.name} as
            select {columns} from candidate.main.int_{table.name}
            where is_closed and (board_id, listed_on) in (select (board_id, day) from accepted)
            """
        )
        if connection.execute(f"select 1 from {table.name} semi join accepted using (board_id, day) limit 1").fetchone():
            effects.execute(connection, f"delete from {table.name} where (board_id, day) in (select (board_id, day) from accepted)")
        if connection.execute(f"select 1 from new_{table.name} limit 1").fetchone():
            effects.execute(connection, f"insert into {table.name} by name from new_{table.name} order by {', '.join(table.key)}")


def write_publish(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    acceptance: Acceptance,
    row_counts: Mapping[str, int],
    *,
    now: dt.datetime,
    version: int,
    effects: Effects,
) -> None:
    row = {
        "warehouse_version": version,
        "run_id": scope.run_id,
        "published_at": now,
        "from_on": scope.from_on,
        "to_on": scope.to_on,
        "boards": list(scope.boards),
        "held_back": [
            {"board_id": board_id, "day": day, "gate": held.result.gate}
            for (board_id, day), held in sorted(acceptance.held_back.items())
        ],
        "released": [
            {"board_id": board_id, "day": day, "reason": d.reason, "candidate_hash": d.candidate_hash}
            for (board_id, day), d in sorted((key, release.decision) for key, release in acceptance.released.items())
        ],
        "row_counts": list(row_counts.items()),
        "contract_version": CONTRACT_VERSION,
    }
    register(connection, PUBLISHES, [row])
    effects.execute(connection, "insert into publishes by name from incoming")


def register(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make `rows` readable as the view `incoming`, in the types of `table`: one statement for thousands of rows, where
    `executemany` takes about a millisecond a row."""
    import pyarrow as pa

    shape = connection.execute(f"from {table.name} limit 0").to_arrow_table().schema
    connection.register("incoming", pa.Table.from_pylist([dict(row) for row in rows], schema=shape))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
