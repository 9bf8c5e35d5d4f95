"""From verdicts to what stays out: documents, or whole board-days."""

import datetime as dt
from dataclasses import replace

import pytest

from orchestration.gates.records import GateResult, Refusal, Verdicts
from orchestration.gates.refusal import SHARE, decide, shares

DAY, NEXT = ("news", dt.date(2025, 2, 4)), ("news", dt.date(2025, 2, 5))


def red(gate, *document_ids, place=DAY, outcome="failed", refuses="document", severity="critical"):
    result = GateResult(gate, "rows", severity, *place, outcome, None, None, len(document_ids), "Look.", refuses=refuses)
    return [result], [Refusal(gate, severity, *place, {"document_id": n}) for n in document_ids]


def verdicts(*reds):
    return Verdicts(tuple(r for results, _ in reds for r in results), tuple(r for _, refusals in reds for r in refusals))


def refused(ruling):
    return {place: set(documents) for place, documents in ruling.refused.items()}


def test_a_document_with_a_failing_row_is_refused_and_the_rest_goes_on():
    ruling = decide(verdicts(red("rows.title", 7)))
    assert refused(ruling) == {DAY: {("news", 7)}} and ruling.documents == {("news", 7)}
    assert ruling.held_back == {}


def test_every_failing_row_of_a_document_is_named():
    ruling = decide(verdicts(red("rows.title", 7, 7, 8), red("rows.date", 7)))
    assert [refusal.gate for refusal in ruling.refused[DAY]["news", 7]] == ["rows.title", "rows.title", "rows.date"]


def test_a_warning_refuses_nothing():
    ruling = decide(verdicts(red("rows.note", 7, severity="warning")))
    assert (ruling.refused, ruling.held_back) == ({}, {})


def test_a_wrong_rate_refuses_its_day_and_currency_and_holds_nothing_back():
    result, _ = red("exchange_rates.krw_positive", place=("_rates", DAY[1]), refuses="rate")
    refusal = Refusal(result[0].gate, "critical", "_rates", DAY[1], {"day": str(DAY[1]), "currency": "USD"})
    ruling = decide(Verdicts(tuple(result), (refusal,)))
    assert ruling.rates == {(DAY[1], "USD")} and (ruling.refused, ruling.held_back) == ({}, {})


def test_rates_that_could_not_be_judged_hold_their_day_back():
    assert set(decide(verdicts(red("exchange_rates.krw_positive", outcome="error", refuses="rate"))).held_back) == {DAY}


def test_a_fact_about_a_set_holds_its_board_day_back_and_no_other():
    ruling = decide(verdicts(red("listings.step", 7, refuses="board_day"), red("rows.title", 8, place=NEXT)))
    assert {place: result.gate for place, result in ruling.held_back.items()} == {DAY: "listings.step"}
    assert refused(ruling) == {NEXT: {("news", 8)}}


def test_a_document_is_refused_also_where_its_board_day_is_held_back():
    """A release of the board-day is then no release of the document."""
    ruling = decide(verdicts(red("listings.step", 7, refuses="board_day"), red("rows.title", 8)))
    assert refused(ruling) == {DAY: {("news", 8)}} and set(ruling.held_back) == {DAY}


@pytest.mark.parametrize("outcome", ["error", "failed"])
def test_a_gate_that_names_no_document_holds_its_board_day_back(outcome):
    assert set(decide(verdicts(red("rows.title", outcome=outcome))).held_back) == {DAY}


def test_a_failing_row_without_a_document_id_holds_its_board_day_back():
    assert set(decide(verdicts(red("rows.title", 7, None))).held_back) == {DAY}


@pytest.mark.parametrize(
    ("wrong", "documents", "is_held_back"),
    [
        (2, 40, False),  # 5 % of 40
        (3, 40, True),
        (1, 3, False),  # one may always be refused
        (2, 3, True),
        (1, 1, False),
        (2, 59, False),  # 2.95 documents: two
        (3, 59, True),
        (1, 0, False),  # a row that no day could be read of
        (2, 0, True),
    ],
)
def test_over_the_bound_the_board_day_is_held_back(wrong, documents, is_held_back):
    found = verdicts(red("rows.title", *range(wrong)))
    (share,) = shares(found, {DAY: documents}, {})
    assert (share.gate, share.failing_count) == (SHARE.gate, wrong)
    assert share.observed == (wrong / documents if documents else wrong)
    assert (share.observed > share.bound) == is_held_back
    assert (DAY in decide(replace(found, results=(*found.results, share))).held_back) == is_held_back


def test_a_board_may_have_a_bound_of_its_own():
    found = verdicts(red("rows.title", *range(8)))
    assert [share.outcome for share in shares(found, {DAY: 40}, {"news": 0.2})] == ["passed"]
    assert [share.outcome for share in shares(found, {DAY: 40}, {"local": 0.2})] == ["failed"]


def test_a_document_that_several_gates_refuse_counts_once():
    (share,) = shares(verdicts(red("rows.title", 7), red("rows.date", 7)), {DAY: 3}, {})
    assert (share.outcome, share.failing_count) == ("passed", 1)
