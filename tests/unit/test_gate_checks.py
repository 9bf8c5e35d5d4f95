"""What Dagster is told of a gate: a check per day, the failing rows, and the way to the page that was judged."""

import datetime as dt

import dagster as dg

from orchestration.defs.assets_gates import evaluations
from orchestration.gates.records import GateResult, Verdicts

DAY = dt.date(2025, 2, 4)
ROWS = tuple(
    {"board_id": "news", "document_id": n, "title": None, "response_id": "a1b2", "page": "http://127.0.0.1/news?page=2"}
    for n in range(30)
)


def result(**changes) -> GateResult:
    told = {
        "gate": "listings.title_present",
        "suite": "listings",
        "severity": "critical",
        "board_id": "news",
        "day": DAY,
        "outcome": "failed",
        "observed": 0.5,
        "bound": 0.0,
        "failing_count": 30,
        "reason": "A row of a list has no title.",
        "sample": ROWS,
    }
    return GateResult(**{**told, **changes})


def evaluated(*results: GateResult) -> dg.AssetCheckEvaluation:
    (evaluation,) = evaluations(Verdicts(results, ()), {})
    return evaluation


def test_a_red_gate_shows_value_bound_count_rows_and_the_page_they_were_read_from():
    red = evaluated(result())
    assert (red.passed, red.partition, red.severity) == (False, "2025-02-04", dg.AssetCheckSeverity.ERROR)
    shown = red.metadata
    assert (shown["observed"].value, shown["bound"].value, shown["failing_count"].value) == (0.5, 0.0, 30)
    assert len(shown["failing_rows"].records) == 20
    assert shown["page"] == dg.MetadataValue.url("http://127.0.0.1/news?page=2")
    assert shown["landed_page"].value == "boardhouse landed a1b2 > page.html"


def test_too_little_history_is_a_failed_check_that_only_warns():
    young = evaluated(result(outcome="not_enough_history", sample=(), failing_count=0))
    assert (young.passed, young.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert young.metadata["outcome"].value == "not_enough_history"
    assert not {"page", "landed_page", "failing_rows"} & set(young.metadata)
