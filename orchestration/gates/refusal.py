"""What red gates lead to: which documents stay out, and which board-days are held back.

Here: the decision, as pure functions over verdicts. Not here: keeping the refused rows, leaving them out, and what an operator
released (`publish`).

The unit of refusal is the document: a refused row, article, block or fact keeps the document's whole new state out, and its last
published state stays; of the exchange rates it is one day's rate of one currency. A board-day is held back where a fact about a
set fails, where a gate could not say which document is wrong, or where too many documents are.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestration.gates.catalogue import Gate
from orchestration.gates.records import GateResult, Refusal, Verdicts

SHARE_BOUND = 0.05
"""The most of a board-day's documents that may be refused before the board-day is held back; one always may be."""

SHARE = Gate(
    gate="documents.few_are_refused",
    suite="documents",
    relation="documents",
    severity="critical",
    reason="Too many of the day's documents are refused: not a bad page, but a board or a parser that changed. Look at the gates "
    "that refuse them; mend the parser and run the day again offline.",
    owner="operators",
    promise=f"at most {SHARE_BOUND:.0%} of a board-day's documents are refused, or what boards.yaml says; one always may be",
    unit="board_day",
    column=None,
    low=None,
    high=SHARE_BOUND,
)
"""The gate that no suite holds, for it judges what the others say."""

Day = tuple[str, dt.date]
Document = tuple[str, int]
RateKey = tuple[dt.date, str]
"""(day, currency)"""


@dataclass(frozen=True, slots=True)
class Ruling:
    """`refused`: (board_id, document_id) by the board-day that it counts against, with every failing row of it, also where the
    board-day is held back; `held_back`: board-days, with the result that says why; `rates`: those that stay out, also where all
    rates of their day do."""

    refused: Mapping[Day, Mapping[Document, Sequence[Refusal]]]
    held_back: Mapping[Day, GateResult]
    rates: frozenset[RateKey] = frozenset()

    @property
    def documents(self) -> frozenset[Document]:
        """All that are refused."""
        return frozenset(document for documents in self.refused.values() for document in documents)


def decide(verdicts: Verdicts) -> Ruling:
    """What follows from `verdicts`. A gate that can name documents but does not name one for each failing row holds the
    board-day back."""
    severe: dict[tuple[str, Day], GateResult] = {
        (result.gate, (result.board_id, result.day)): result for result in verdicts.results if result.is_severe
    }
    named: dict[tuple[str, Day], list[Refusal]] = defaultdict(list)
    rates: dict[tuple[str, Day], set[RateKey]] = defaultdict(set)
    unnamed: set[tuple[str, Day]] = set()
    for refusal in verdicts.refusals:
        where = (refusal.gate, (refusal.board_id, refusal.day))
        result = severe.get(where)
        if result is None or result.refuses == "board_day":
            continue
        if result.refuses == "rate":
            rates[where].add((refusal.day, str(refusal.key["currency"])))
        elif refusal.key.get("document_id") is None:
            unnamed.add(where)
        else:
            named[where].append(refusal)
    refused: dict[Day, dict[Document, list[Refusal]]] = defaultdict(dict)
    for (_, place), refusals in named.items():
        for refusal in refusals:
            refused[place].setdefault((refusal.board_id, int(refusal.key["document_id"])), []).append(refusal)
    held_back: dict[Day, GateResult] = {}
    for where, result in severe.items():
        if where in unnamed or (where not in named and where not in rates):
            held_back.setdefault(where[1], result)
    return Ruling(refused, held_back, frozenset(key for keys in rates.values() for key in keys))


def shares(verdicts: Verdicts, documents: Mapping[Day, int], bounds: Mapping[str, float]) -> Iterator[GateResult]:
    """The gate on the share of refused documents, for each board-day of `documents` (how many it has). `bounds`: of boards that
    have one of their own."""
    refused = decide(verdicts).refused
    for place, count in sorted(documents.items()):
        bound = bounds.get(place[0], SHARE_BOUND)
        wrong = len(refused.get(place, ()))
        allowed = max(1, math.floor(bound * count + 1e-9))  # 0.29 of 100 are 29, in floating point less
        yield GateResult(
            gate=SHARE.gate,
            suite=SHARE.suite,
            severity=SHARE.severity,
            board_id=place[0],
            day=place[1],
            outcome="failed" if wrong > allowed else "passed",
            observed=wrong / (count or 1),
            bound=max(bound, 1 / (count or 1)),
            failing_count=wrong,
            reason=SHARE.reason,
        )
