"""From verdicts to what stays out: documents, or whole board-days."""

import datetime as dt

import pytest

from orchestration.gates.catalogue import Gate
from orchestration.gates.records import GateResult, Refusal, Verdicts
from orchestration.gates.refusal import SHARE_GATE, decide

DAY, NEXT = ("news", dt.date(2025, 2, 4)), ("news", dt.date(2025, 2, 5))


def gate(name, unit="document", severity="critical"):
    return Gate(name, "rows", "int_rows", severity, "Look.", "parsers", "it is right", unit, None, None, None)


TITLE, NOTE, LISTING = gate("rows.title"), gate("rows.note", severity="warning"), gate("listings.step", unit="board_day")
GATES = (TITLE, NOTE, LISTING)


def red(gate, *document_ids, place=DAY, outcome="failed"):
    result = GateResult(gate.gate, "rows", gate.severity, *place, outcome, None, None, len(document_ids), gate.reason)
    return [result], [Refusal(gate.gate, gate.severity, *place, {"document_id": n}) for n in document_ids]


def verdicts(*reds):
    return Verdicts(tuple(r for results, _ in reds for r in results), tuple(r for _, refusals in reds for r in refusals))


def test_a_document_with_a_failing_row_is_refused_and_the_rest_goes_on():
    decision = decide(verdicts(red(TITLE, 7)), GATES, {DAY: 40, NEXT: 40})
    assert decision.refused == {DAY: {("news", 7): "rows.title"}}
    assert decision.held_back == {}


def test_a_warning_refuses_nothing():
    decision = decide(verdicts(red(NOTE, 7)), GATES, {DAY: 40})
    assert (decision.refused, decision.held_back) == ({}, {})


def test_a_fact_about_a_set_holds_its_board_day_back_and_no_other():
    decision = decide(verdicts(red(LISTING, 7), red(TITLE, 8, place=NEXT)), GATES, {DAY: 40, NEXT: 40})
    assert {place: result.gate for place, result in decision.held_back.items()} == {DAY: "listings.step"}
    assert decision.refused == {NEXT: {("news", 8): "rows.title"}}


def test_documents_of_a_board_day_that_is_held_back_are_not_refused_one_by_one():
    assert decide(verdicts(red(LISTING, 7), red(TITLE, 8)), GATES, {DAY: 40}).refused == {}


@pytest.mark.parametrize("outcome", ["error", "failed"])
def test_a_gate_that_names_no_document_holds_its_board_day_back(outcome):
    decision = decide(verdicts(red(TITLE, outcome=outcome)), GATES, {DAY: 40})
    assert set(decision.held_back) == {DAY}


def test_a_failing_row_without_a_document_id_holds_its_board_day_back():
    assert set(decide(verdicts(red(TITLE, 7, None)), GATES, {DAY: 40}).held_back) == {DAY}


@pytest.mark.parametrize(
    ("refused", "documents", "held_back"),
    [
        (2, 40, False),  # 5 % of 40
        (3, 40, True),
        (1, 3, False),  # one may always be refused
        (2, 3, True),
        (1, 1, False),
        (2, 59, False),  # 2.95 documents: two
        (3, 59, True),
    ],
)
def test_over_the_bound_the_board_day_is_held_back(refused, documents, held_back):
    decision = decide(verdicts(red(TITLE, *range(refused))), GATES, {DAY: documents})
    assert (DAY in decision.held_back) == held_back
    (share,) = decision.shares
    assert (share.gate, share.failing_count, share.observed) == (SHARE_GATE, refused, refused / documents)
    assert (share.observed > share.bound) == held_back


def test_a_board_may_have_a_bound_of_its_own():
    refused = verdicts(red(TITLE, *range(8)))
    assert set(decide(refused, GATES, {DAY: 40}, {"news": 0.2}).held_back) == set()
    assert set(decide(refused, GATES, {DAY: 40}, {"local": 0.2}).held_back) == {DAY}


def test_a_document_that_several_gates_refuse_counts_once():
    decision = decide(verdicts(red(TITLE, 7), red(gate("rows.title"), 7)), GATES, {DAY: 3})
    assert decision.held_back == {} and decision.shares[0].failing_count == 1
