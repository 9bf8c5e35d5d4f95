"""From failing rows to verdicts, without a database."""

import dataclasses
import datetime as dt
from decimal import Decimal

from orchestration.gates.catalogue import Gate, Suite
from orchestration.gates.grouping import Finding, Judged, plain, verdicts_of

ONE, TWO, OTHER = dt.date(2025, 2, 4), dt.date(2025, 2, 5), dt.date(2025, 1, 1)
BUILT = [("news", ONE), ("news", TWO), ("local", ONE)]
GATE = Gate("rows.title", "rows", "int_rows", "critical", "Look.", "parsers", "title is clean", "document", "title", None, None)
ROWS = Suite("rows", "int_rows", ("board_id", "document_id"), "listed_on", (), None, (GATE,), ())
COUNTS = Judged(dict.fromkeys(BUILT, 10), {})
DAYS = dataclasses.replace(ROWS, keys=("board_id", "listed_on"))


def row(board, day, document=1):
    return {"board_id": board, "listed_on": day, "document_id": document, "title": "x"}


def failed(*rows, **finding):
    return Finding(GATE, passed=False, rows=rows, **finding)


def by_place(results):
    return {(result.board_id, result.day): result for result in results}


def test_each_failing_row_counts_against_its_own_board_day():
    results, refusals = verdicts_of(ROWS, [failed(row("news", ONE, 2), row("news", ONE, 1))], BUILT, COUNTS)
    places = by_place(results)
    assert {place: result.outcome for place, result in places.items()} == {
        ("news", ONE): "failed",
        ("news", TWO): "passed",
        ("local", ONE): "passed",
    }
    red = places["news", ONE]
    assert (red.observed, red.bound, red.failing_count) == (0.2, 0.0, 2)
    assert [sample["document_id"] for sample in red.sample] == [1, 2], "in the order of their keys"
    assert [refusal.key for refusal in refusals] == [{"board_id": "news", "document_id": 2}, {"board_id": "news", "document_id": 1}]


def test_a_row_of_a_day_that_was_not_built_counts_nowhere():
    results, refusals = verdicts_of(ROWS, [failed(row("news", OTHER))], BUILT, COUNTS)
    assert {result.outcome for result in results} == {"passed"} and refusals == []


def test_a_row_without_a_day_counts_for_every_day_of_its_board():
    results, refusals = verdicts_of(ROWS, [failed(row("news", None))], BUILT, COUNTS)
    assert {(r.board_id, r.day) for r in results if r.outcome == "failed"} == {("news", ONE), ("news", TWO)}
    assert len(refusals) == 2


def test_a_row_without_a_board_counts_for_every_board_day():
    results, _ = verdicts_of(ROWS, [failed(row(None, ONE))], BUILT, COUNTS)
    assert {result.outcome for result in results} == {"failed"}


def test_a_failure_that_names_no_rows_counts_for_every_board_day_with_its_details():
    results, refusals = verdicts_of(ROWS, [failed(details=[{"column": "title", "found": None}])], BUILT, COUNTS)
    assert {(r.outcome, r.failing_count, r.observed) for r in results} == {("failed", 10, 1.0)}
    assert results[0].sample == ({"column": "title", "found": None},) and refusals == []


def test_what_could_not_be_judged_is_critical_and_says_why():
    warning = dataclasses.replace(GATE, severity="warning")
    results, _ = verdicts_of(ROWS, [Finding(warning, passed=False, error="no such column")], BUILT, COUNTS)
    assert {(r.outcome, r.severity, r.is_severe) for r in results} == {("error", "critical", True)}
    assert results[0].reason == "could not be judged (no such column): Look."


def test_a_sample_is_bounded_and_the_refusals_are_not():
    results, refusals = verdicts_of(
        ROWS, [failed(*(row("news", ONE, n) for n in range(50)))], BUILT, Judged({("news", ONE): 50}, {})
    )
    assert (by_place(results)["news", ONE].failing_count, len(by_place(results)["news", ONE].sample), len(refusals)) == (50, 20, 50)


def test_rows_that_belong_to_no_board_count_for_their_own_day_also_outside_the_range():
    rates = dataclasses.replace(ROWS, board_id="_rates", keys=("listed_on",))
    results, _ = verdicts_of(rates, [failed(row("_rates", OTHER))], BUILT, Judged({}, {}))
    assert {(r.board_id, r.day): r.outcome for r in results} == {
        ("_rates", ONE): "passed",
        ("_rates", TWO): "passed",
        ("_rates", OTHER): "failed",
    }


def test_a_suite_per_board_day_shows_the_value_and_the_bound_nearest_to_it():
    gate = dataclasses.replace(GATE, column="n", low=0.0, high=10.0)
    facts = {("news", ONE): {"n": 12}, ("news", TWO): {"n": Decimal(1)}, ("local", ONE): {"n": None}}
    finding = Finding(gate, passed=False, rows=[{"board_id": "news", "listed_on": ONE, "n": 12}])
    places = by_place(verdicts_of(DAYS, [finding], BUILT, Judged(dict.fromkeys(BUILT, 1), facts))[0])
    assert [(places[p].outcome, places[p].observed, places[p].bound) for p in BUILT] == [
        ("failed", 12.0, 10.0),
        ("passed", 1.0, 0.0),
        ("passed", None, 0.0),
    ]


def test_a_board_day_without_its_row_of_facts_could_not_be_judged():
    places = by_place(verdicts_of(DAYS, [Finding(GATE, passed=True)], BUILT, Judged({}, {("news", ONE): {"title": True}}))[0])
    assert [places[place].outcome for place in BUILT] == ["passed", "error", "error"]


def test_values_are_as_json_holds_them():
    assert plain(
        {"at": dt.datetime(2025, 2, 4, 20, 28, tzinfo=dt.UTC), "on": ONE, "amount": Decimal("1.5"), "tags": ("속보",)}
    ) == {
        "at": "2025-02-04T20:28:00+00:00",
        "on": "2025-02-04",
        "amount": "1.5",
        "tags": ["속보"],
    }
