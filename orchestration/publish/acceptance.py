"""What of a candidate is taken: which board-days, and which documents of them stay out.

Here: the gates' ruling together with what operators released, and the hash that names what a release approves. Not here: what the
gates say (`gates`), the merge (`merge`), or what is kept of refused rows (`quarantine`).
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from orchestration.decisions import Decision
from orchestration.gates.records import GateResult, Refusal, Verdicts
from orchestration.gates.refusal import Document, RateKey, decide
from orchestration.landing.records import RATES_BOARD
from orchestration.publish.merge import BoardDayKey, documents_by_day
from orchestration.publish.schema import DOCUMENT_TABLES
from orchestration.scope import Scope


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why a board-day is not published, and the hash of what would have been (None for rates)."""

    result: GateResult
    candidate_hash: str | None


@dataclass(frozen=True, slots=True)
class Release:
    """A board-day that a gate would hold back, and the operator's decision that publishes it all the same."""

    result: GateResult
    decision: Decision


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`accepted`: the board-days that are published; `held_back` and `released` are disjoint, and also name days of the rates;
    `refused`: the documents of accepted board-days that stay out, with their failing rows; `left_out`: all documents that do,
    those of held-back board-days too; `refused_rates`: days and currencies whose new rates stay out."""

    accepted: tuple[BoardDayKey, ...]
    held_back: Mapping[BoardDayKey, HeldBack]
    released: Mapping[BoardDayKey, Release]
    refused: Mapping[BoardDayKey, Mapping[Document, Sequence[Refusal]]]
    left_out: frozenset[Document]
    refused_rates: frozenset[RateKey] = frozenset()

    def without(self, forgotten: Collection[Document]) -> "Acceptance":
        """The same, with nothing about documents that were taken down, which a candidate begun before may still hold."""
        refused = {
            key: {document: rows for document, rows in documents.items() if document not in forgotten}
            for key, documents in self.refused.items()
        }
        return replace(self, refused=refused, left_out=self.left_out.difference(forgotten))

    @property
    def refused_documents(self) -> frozenset[Document]:
        return frozenset(document for documents in self.refused.values() for document in documents)


NOTHING = Acceptance((), {}, {}, {}, frozenset())
"""Of a version that no candidate was merged into."""


def accept(scope: Scope, verdicts: Verdicts, hashes: Mapping[BoardDayKey, str], decisions: Sequence[Decision] = ()) -> Acceptance:
    """What is taken of the board-days that `scope` built. `hashes`: of each built board-day that the gates hold back.

    A release counts for the content that it names. It lifts what is said about a set: a document that a gate refuses stays out,
    and what could not be judged stays held back.
    """
    ruling = decide(verdicts)
    built = {(bd.board_id, bd.day) for bd in scope.built}
    unjudged = {(result.board_id, result.day) for result in verdicts.results if result.outcome == "error"}
    approved = {(d.board_id, d.day, d.candidate_hash): d for d in decisions if d.kind == "release"}
    held_back: dict[BoardDayKey, HeldBack] = {}
    released: dict[BoardDayKey, Release] = {}
    for key, result in ruling.held_back.items():
        if key not in built and key[0] != RATES_BOARD:
            continue
        decision = approved.get((*key, hashes.get(key)))
        if decision is not None and key in built and key not in unjudged:
            released[key] = Release(result, decision)
        else:
            held_back[key] = HeldBack(result, hashes.get(key))
    accepted = tuple(key for key in sorted(built) if key not in held_back)
    refused = {key: ruling.refused[key] for key in accepted if key in ruling.refused}
    return Acceptance(accepted, held_back, released, refused, ruling.documents, ruling.rates)


def held_back_by_gates(scope: Scope, verdicts: Verdicts) -> list[BoardDayKey]:
    """The built board-days that the gates hold back, whatever an operator decided."""
    built = {(bd.board_id, bd.day) for bd in scope.built}
    return sorted(built & decide(verdicts).held_back.keys())


def candidate_hashes(connection: duckdb.DuckDBPyConnection, days: Iterable[BoardDayKey]) -> dict[BoardDayKey, str]:
    """A hash of what the attached `candidate` holds of each board-day: every row of its documents, but for the columns that move
    with every visit. Equal for two builds from one landing by one parser."""
    days = list(days)
    if not days:
        return {}
    board_ids, on = [board_id for board_id, _ in days], [day for _, day in days]
    rows = " union all ".join(
        f"""
        select board_id, day, md5('{table.name}' || to_json(struct_pack({", ".join(f'"{c}" := n."{c}"' for c in table.compared)})))
            as row_hash
        from candidate.main.{table.name} as n join hashed using (board_id, document_id)
        """
        for table in DOCUMENT_TABLES
    )
    found: list[tuple[str, dt.date, str]] = connection.execute(
        f"""
        with
            wanted as (select unnest($1::varchar[]) as board_id, unnest($2::date[]) as day),
            hashed as (select * from ({documents_by_day("candidate.main")}) as documents semi join wanted using (board_id, day)),
            rows as ({rows})
        select board_id, day, md5(coalesce(string_agg(row_hash, '' order by row_hash), ''))
        from wanted left join rows using (board_id, day)
        group by all
        """,
        [board_ids, on],
    ).fetchall()
    return {(board_id, day): value for board_id, day, value in found}
