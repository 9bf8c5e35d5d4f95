"""From failing rows to verdicts: one result per gate and board-day.

Here: pure grouping. Not here: how the failing rows were found (`runner`), or what a verdict leads to (`publish`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orchestration.gates.catalogue import Gate, Suite
from orchestration.gates.records import GateResult, Refusal

SAMPLE = 20
"""Failing rows put into a result; `Refusal`s carry all of them."""

Day = tuple[str, dt.date]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one gate found over the whole range. `rows`: every failing row; `details`: what a failure that names no rows says of
    itself; `error`: why it could not be judged, in one line."""

    gate: Gate
    passed: bool
    rows: Sequence[Row] = ()
    details: Sequence[Row] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a suite's relation holds of each board-day: how many rows, and, for a suite per board-day, its one row; `history`: the
    columns of `catalogue.History`, the most of each in the board-day's rows."""

    counts: Mapping[Day, int]
    facts: Mapping[Day, Row]
    history: Mapping[Day, Row] = field(default_factory=dict)


def verdicts_of(
    suite: Suite, findings: Iterable[Finding], built: Sequence[Day], judged: Judged
) -> tuple[list[GateResult], list[Refusal]]:
    """A result for each gate and board-day of `built`, passed ones too, and each failing row with its key.

    Rows outside `built` are left out, but in a relation that is no board's (rates): there they count for their own day. A row
    without a day, and a failure that names no rows, counts for every day of its board, for nothing says which is right.
    """
    days = list(dict.fromkeys((suite.board_id, day) for _, day in built)) if suite.board_id else list(dict.fromkeys(built))
    known = frozenset(days)
    results: list[GateResult] = []
    refusals: list[Refusal] = []
    for finding in findings:
        failing: dict[Day, list[Row]] = defaultdict(list)
        for row in finding.rows:
            for place in _places(suite, row, known):
                failing[place].append(row)
        for place in [*days, *sorted(failing.keys() - known)]:
            result = _result(suite, finding, place, failing.get(place, ()), judged)
            results.append(result)
            if result.outcome == "failed":
                refusals += (
                    Refusal(result.gate, result.severity, *place, {key: plain(row.get(key)) for key in suite.keys})
                    for row in failing.get(place, ())
                )
    return results, refusals


def _places(suite: Suite, row: Row, built: frozenset[Day]) -> Iterable[Day]:
    board, day = suite.board_id or row.get("board_id"), row.get(suite.day_column)
    if board is None or day is None:
        return [place for place in built if board in (None, place[0])]
    return [(board, day)] if suite.board_id or (board, day) in built else []


def _result(suite: Suite, finding: Finding, place: Day, rows: Sequence[Row], judged: Judged) -> GateResult:
    gate, error, count = finding.gate, finding.error, judged.counts.get(place, 0)
    if error is None and suite.is_per_day and place not in judged.facts:
        error = f"{suite.relation} has no row for it"
    common: dict[str, Any] = {
        "gate": gate.gate,
        "suite": suite.name,
        "board_id": place[0],
        "day": place[1],
        "refuses": gate.unit,
    }
    if error is not None:
        return GateResult(
            **common,
            severity="critical",
            outcome="error",
            observed=None,
            bound=None,
            failing_count=0,
            reason=f"could not be judged ({error}): {gate.reason}",
        )
    history = judged.history.get(place, {})
    known = history.get(gate.history.column) or 0 if gate.history else 0
    if gate.history and count and known < gate.history.least:
        return GateResult(
            **common,
            severity=gate.severity,
            outcome="not_enough_history",
            observed=float(known),
            bound=float(gate.history.least),
            failing_count=0,
            reason=f"not judged: {known} of the {gate.history.least} earlier days that it compares with are known. It holds "
            "nothing back; it is judged once they are published.",
        )
    severity = "warning" if gate.history and not history.get("is_closed", True) else gate.severity
    names_no_rows = not finding.passed and not finding.rows
    failed = names_no_rows or bool(rows)
    # A failure of the whole table makes each of its rows doubtful.
    failing_count = max(count, 1) if names_no_rows else len(rows)
    if suite.is_per_day and not names_no_rows:
        observed, bound = _compared(gate, judged.facts[place])
    else:
        observed, bound = (1.0 if names_no_rows else len(rows) / count if count else float(failed)), 0.0
    sample = finding.details if names_no_rows else sorted(rows, key=lambda row: [_order(row.get(key)) for key in suite.keys])
    return GateResult(
        **common,
        severity=severity,
        outcome="failed" if failed else "passed",
        observed=observed,
        bound=bound,
        failing_count=failing_count,
        reason=gate.reason,
        sample=tuple({name: plain(value) for name, value in row.items()} for row in sample[:SAMPLE]),
    )


def _compared(gate: Gate, fact: Row) -> tuple[float | None, float | None]:
    """The board-day's value and the bound that it is nearest to breaking."""
    value = fact.get(gate.column) if gate.column else None
    if isinstance(value, bool):
        return float(value), 1.0 if gate.low is None else gate.low
    if not isinstance(value, int | float | Decimal):
        return None, gate.high if gate.low is None else gate.low
    observed = float(value)
    if gate.low is None or gate.high is None:
        return observed, gate.high if gate.low is None else gate.low
    return observed, gate.low if abs(observed - gate.low) <= abs(observed - gate.high) else gate.high


def _order(value: Any) -> tuple[bool, Any]:
    """Nulls last, numbers as numbers."""
    return (value is None, value if value is not None else 0)


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dt.date():  # datetimes too
            return value.isoformat()
        case list() | tuple():
            return [plain(part) for part in value]
        case dict():
            return {str(name): plain(part) for name, part in value.items()}
        case _:
            return str(value)
