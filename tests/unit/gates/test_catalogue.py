"""The suites as files: valid, stable in form, and refused with a clear word where they are not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.errors import ConfigError
from orchestration.gates.catalogue import catalogue, describe, load_suites

SUITES = Path(__file__).parents[3] / "expectations"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
GOOD = {
    "name": "rows",
    "expectations": [
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "title"},
            "severity": "critical",
            "meta": {"gate": "rows.title_present", "reason": "Look at the page.", "owner": "parsers"},
        }
    ],
    "meta": {"relation": "int_rows", "keys": ["board_id", "document_id"], "refuses": "document"},
}


def test_there_is_a_suite_for_each_data_table_the_lists_the_documents_and_the_board_days():
    names = {suite.name for suite in load_suites(SUITES)}
    tables = {"board_rows", "articles", "article_versions", "article_blocks", "currency_facts", "exchange_rates"}
    assert names == tables | {"listings", "listing_pages", "documents", "board_days", "board_day_fields"}


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.json")), ids=lambda path: path.stem)
def test_a_suite_is_written_with_sorted_keys(path):
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("gate", catalogue(SUITES), ids=lambda gate: gate.gate)
def test_a_reason_says_in_a_few_sentences_what_red_means(gate):
    assert 40 <= len(gate.reason) <= 400
    assert gate.reason[0].isupper() and gate.reason.endswith(".") and "\n" not in gate.reason
    assert gate.promise


def test_the_catalogue_loads_without_great_expectations():
    code = (
        "import sys; from pathlib import Path; from orchestration.gates.catalogue import catalogue;"
        f"assert catalogue(Path({str(SUITES)!r})); assert 'great_expectations' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def changed(**changes):
    return {**GOOD, **changes}


def with_expectation(**changes):
    return changed(expectations=[{**GOOD["expectations"][0], **changes}])


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        (changed(name="other"), "is named 'other' inside; name it 'rows'"),
        (changed(expectations=[]), "cannot fail"),
        (changed(meta={"keys": []}), "needs name, expectations and meta"),
        (changed(meta={**GOOD["meta"], "refuses": "everything"}), "document, board_day"),
        (with_expectation(severity="info"), "critical, warning"),
        (with_expectation(meta={"gate": "rows.x", "owner": "me"}), "has no reason"),
        (with_expectation(meta={"gate": "other.x", "owner": "me", "reason": "So."}), "must be named rows."),
        (with_expectation(kwargs={"column": "title", "mostly": 0.9}), "mostly"),
        (
            with_expectation(meta={**GOOD["expectations"][0]["meta"], "history": {"column": "n"}}),
            'write {"column": <a count of days>',
        ),
        (with_expectation(type="expect_the_best"), "no words for expect_the_best"),
        (changed(expectations=GOOD["expectations"] * 2), "stands twice"),
    ],
)
def test_a_suite_that_is_wrong_is_refused_with_its_file_and_what_is_wrong(suite, message, tmp_path):
    (tmp_path / "rows.json").write_text(json.dumps(suite))
    with pytest.raises(ConfigError, match=message) as caught:
        load_suites(tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="holds no suite"):
        load_suites(tmp_path)


def test_a_file_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "rows.json").write_text("{")
    with pytest.raises(ConfigError, match="no readable suite"):
        load_suites(tmp_path)


@pytest.mark.parametrize(
    ("kind", "kwargs", "words"),
    [
        ("expect_column_values_to_not_be_null", {"column": "title"}, "title is never null"),
        ("expect_column_values_to_be_true", {"column": "is_clean"}, "is_clean is true in every row"),
        ("expect_column_values_to_be_in_set", {"column": "step", "value_set": [1]}, "step is 1"),
        ("expect_column_values_to_be_in_set", {"column": "lost", "value_set": [False]}, "lost is false"),
        ("expect_column_values_to_be_in_set", {"column": "kind", "value_set": ["a", "b", "c"]}, "kind is a, b or c"),
        ("expect_column_values_to_not_be_in_set", {"column": "kind", "value_set": ["a"]}, "kind is never a"),
        ("expect_column_values_to_be_between", {"column": "n", "min_value": 0}, "n is at least 0"),
        ("expect_column_values_to_be_between", {"column": "n", "min_value": 0, "strict_min": True}, "n is more than 0"),
        ("expect_column_values_to_be_between", {"column": "n", "min_value": 0, "max_value": 0}, "n is 0"),
        ("expect_column_values_to_be_between", {"column": "n", "min_value": 1, "max_value": 3}, "n is at least 1 and at most 3"),
        ("expect_column_value_lengths_to_be_between", {"column": "s", "min_value": 3, "max_value": 3}, "s has 3 characters"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}, "no two rows share a, b"),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "a", "column_B": "b", "or_equal": True},
            "a is at least b",
        ),
        (GREATER, {"column_A": "a", "column_B": "b"}, "a is more than b"),
        ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}, "a equals b"),
        (
            "expect_table_column_types_to_be",
            {"column_types": {"b": "X", "a": "X"}},
            "it has 2 columns with their types: a, b",
        ),
    ],
)
def test_a_bound_is_said_in_plain_words(kind, kwargs, words):
    assert describe(kind, kwargs) == words
