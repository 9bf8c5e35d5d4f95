"""What a run leaves in the audit tables: the state of each board-day, the publish itself, every gate's result.

Here: those rows. Not here: the data they speak of (`merge`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from orchestration.effects import Effects
from orchestration.gates.records import GateResult, Verdicts
from orchestration.publish.merge import BoardDayKey
from orchestration.publish.schema import BOARD_DAYS, CONTRACT_VERSION, GATE_RESULTS, PUBLISHES, Table
from orchestration.scope import Scope
from orchestration.settings import Board

RATES_BOARD = "_rates"
"""Stands for the exchange rates, which belong to no board, wherever a board-day is named."""

NOT_RUN = "no run has reached this day yet"


@dataclass(frozen=True, slots=True)
class DayState:
    """A row of `board_days`. `since_at`: since when this state holds, whatever its reason; `last_good_version`: the version that
    last published the day's data."""

    board_id: str
    day: dt.date
    state: str
    gate: str | None
    reason: str | None
    since_at: dt.datetime
    last_good_version: int | None
    run_id: str


def held_back(scope: Scope, verdicts: Verdicts) -> dict[BoardDayKey, GateResult]:
    """What this run holds back: board-days that it built, and days of the rates, each with the first gate that says so."""
    built = {(bd.board_id, bd.day) for bd in scope.built}
    return {key: result for key, result in verdicts.held_back.items() if key in built or key[0] == RATES_BOARD}


def day_states(
    before: Mapping[BoardDayKey, DayState],
    scope: Scope,
    verdicts: Verdicts,
    boards: Sequence[Board],
    *,
    now: dt.datetime,
    version: int,
) -> list[DayState]:
    """The rows of `board_days` that this run writes, by board and day.

    A day of `boards` in the range that the run did not reach is written only where nothing is known of it: what stands there
    still stands. Days of the rates are written when they are held back, and when they no longer are.
    """
    held = held_back(scope, verdicts)
    states: dict[BoardDayKey, DayState] = {}

    def state(key: BoardDayKey, name: str, *, gate: str | None = None, reason: str | None = None) -> None:
        known = before.get(key)
        since = known.since_at if known and known.state == name else now
        good = version if name == "published" else known.last_good_version if known else None
        states[key] = DayState(*key, name, gate, reason, since, good, scope.run_id)

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
    for key, result in held.items():
        state(key, "held_back", gate=result.gate, reason=result.reason)
    return [states[key] for key in sorted(states)]


def read_day_states(connection: duckdb.DuckDBPyConnection, schema: str = "main") -> dict[BoardDayKey, DayState]:
    columns = ", ".join(f'"{name}"' for name in BOARD_DAYS.column_names)
    return {(row[0], row[1]): DayState(*row) for row in connection.execute(f"select {columns} from {schema}.board_days").fetchall()}


def write_day_states(connection: duckdb.DuckDBPyConnection, states: Sequence[DayState], effects: Effects) -> None:
    _register(connection, BOARD_DAYS, [asdict(state) for state in states])
    effects.execute(connection, "delete from board_days where (board_id, day) in (select (board_id, day) from incoming)")
    effects.execute(connection, "insert into board_days by name from incoming order by board_id, day")


def write_gate_results(
    connection: duckdb.DuckDBPyConnection, results: Sequence[GateResult], run_id: str, version: int, effects: Effects
) -> None:
    """A run that publishes again (its first publish was stale, or it was retried) replaces its own results."""
    rows = [
        {name: getattr(result, name, None) for name in GATE_RESULTS.column_names} | {"run_id": run_id, "warehouse_version": version}
        for result in results
    ]
    _register(connection, GATE_RESULTS, rows)
    effects.execute(connection, f"delete from gate_results where run_id = {_literal(run_id)}")
    effects.execute(connection, "insert into gate_results by name from incoming order by board_id, day, gate")


def write_publish(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    held: Mapping[BoardDayKey, GateResult],
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
        "held_back": [{"board_id": board_id, "day": day, "gate": held[board_id, day].gate} for board_id, day in sorted(held)],
        "released": [],
        "row_counts": list(row_counts.items()),
        "contract_version": CONTRACT_VERSION,
    }
    _register(connection, PUBLISHES, [row])
    effects.execute(connection, "insert into publishes by name from incoming")


def _register(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make `rows` readable as the view `incoming`, in the types of `table`: one statement for thousands of rows, where
    `executemany` takes about a millisecond a row."""
    import pyarrow as pa

    shape = connection.execute(f"from {table.name} limit 0").to_arrow_table().schema
    connection.register("incoming", pa.Table.from_pylist([dict(row) for row in rows], schema=shape))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
