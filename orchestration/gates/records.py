"""What the gates say of a candidate.

Here: one result per gate and board-day, every failing row, and their file. Not here: how a suite is run (`runner`), and what
follows (`refusal`).
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["passed", "failed", "not_enough_history", "error"]
Severity = Literal["critical", "warning"]
Unit = Literal["document", "board_day", "rate"]
"""What a failing row refuses: its document; where it is a fact about a set, the board-day; the rate of its day and currency."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate on one board-day: a row of the published `gate_results`."""

    gate: str
    suite: str
    severity: Severity
    board_id: str
    day: dt.date
    outcome: Outcome
    observed: float | None  # failing share of the rows judged, or the value that was compared
    bound: float | None  # the most (or least) that passes
    failing_count: int
    reason: str  # what red means and what to do
    sample: tuple[Mapping[str, Any], ...] = ()  # up to 20 failing rows: their keys and the value that failed
    refuses: Unit = "board_day"

    @property
    def is_severe(self) -> bool:
        """Something stays out for it. `error` counts as a critical failure: what could not be judged is not published."""
        return self.outcome == "error" or (self.outcome == "failed" and self.severity == "critical")


def page_of(row: Mapping[str, Any]) -> str | None:
    """The id of the landed page that a failing row was read from."""
    found = row.get("response_id") or row.get("latest_response_id")
    return str(found) if found else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One failing row of one gate, with its key: what quarantine keeps."""

    gate: str
    severity: Severity
    board_id: str
    day: dt.date
    key: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every result of a run's gates, and every failing row, however many."""

    results: tuple[GateResult, ...]
    refusals: tuple[Refusal, ...]

    def write(self, run_dir: Path) -> Path:
        """Write `verdicts.json` into the run's folder, whole or not at all."""
        path = run_dir / "verdicts.json"
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(self), default=str, ensure_ascii=False), encoding="utf-8")
        temporary.replace(path)
        return path

    @classmethod
    def read(cls, run_dir: Path) -> "Verdicts":
        raw = json.loads((run_dir / "verdicts.json").read_text(encoding="utf-8"))
        results = (
            GateResult(**{**r, "day": dt.date.fromisoformat(r["day"]), "sample": tuple(r["sample"])}) for r in raw["results"]
        )
        refusals = (Refusal(**{**r, "day": dt.date.fromisoformat(r["day"])}) for r in raw["refusals"])
        return cls(tuple(results), tuple(refusals))
