"""What red gates lead to: which documents stay out, and which board-days are held back.

Here: the decision, as pure functions over verdicts. Not here: keeping the refused rows, and leaving them out (`publish`).

The unit of refusal is the document: a refused row, article, block or fact keeps the document's whole new state out, and its last
published state stays. A board-day is held back where a fact about a set fails, where a gate could not say which document is wrong,
or where too many documents are.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.gates.catalogue import Gate
from orchestration.gates.records import GateResult, Verdicts

SHARE_BOUND = 0.05
"""The most of a board-day's documents that may be refused before the board-day is; at least one may always be."""

SHARE_GATE = "documents.few_are_refused"

Day = tuple[str, dt.date]
Document = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """`refused`: (board_id, document_id) by board-day, with the first gate that refuses it, of board-days that go on;
    `held_back`: the board-days that do not, with the result that says why; `shares`: the gate on the share, per board-day."""

    refused: Mapping[Day, Mapping[Document, str]]
    held_back: Mapping[Day, GateResult]
    shares: tuple[GateResult, ...]


def decide(
    verdicts: Verdicts, gates: Iterable[Gate], documents: Mapping[Day, int], bounds: Mapping[str, float] | None = None
) -> Decision:
    """`documents`: how many each built board-day has; `bounds`: the share bound of a board that has its own."""
    of_documents = {gate.gate for gate in gates if gate.unit == "document"}
    refused: dict[Day, dict[Document, str]] = defaultdict(dict)
    unnamed: set[tuple[str, Day]] = set()
    named: dict[tuple[str, Day], int] = defaultdict(int)
    for refusal in verdicts.refusals:
        if refusal.severity != "critical" or refusal.gate not in of_documents:
            continue
        place = (refusal.board_id, refusal.day)
        document_id = refusal.key.get("document_id")
        if document_id is None:
            unnamed.add((refusal.gate, place))
            continue
        named[refusal.gate, place] += 1
        refused[place].setdefault((refusal.board_id, document_id), refusal.gate)

    held_back: dict[Day, GateResult] = {}
    for result in verdicts.results:
        place = (result.board_id, result.day)
        says_which = result.outcome == "failed" and (result.gate, place) not in unnamed and named[result.gate, place] > 0
        if result.holds_back and not says_which:
            held_back.setdefault(place, result)

    shares = tuple(
        _share(place, len(refused.get(place, ())), count, (bounds or {}).get(place[0], SHARE_BOUND))
        for place, count in sorted(documents.items())
    )
    for result in shares:
        if result.holds_back:
            held_back.setdefault((result.board_id, result.day), result)
    return Decision({place: found for place, found in refused.items() if place not in held_back}, held_back, shares)


def _share(place: Day, refused: int, documents: int, bound: float) -> GateResult:
    allowed = max(1, math.floor(bound * documents))
    return GateResult(
        gate=SHARE_GATE,
        suite="documents",
        severity="critical",
        board_id=place[0],
        day=place[1],
        outcome="failed" if refused > allowed else "passed",
        observed=refused / documents if documents else float(refused > 0),
        bound=max(bound, 1 / documents) if documents else 0.0,
        failing_count=refused,
        reason=f"More than {bound:.0%} of the day's documents are refused: not a bad page but a board or a parser that changed. "
        "Look at the gates that refuse them; mend the parser and run the day again offline.",
    )
