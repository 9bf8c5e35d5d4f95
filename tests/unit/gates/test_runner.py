"""Running suites on a candidate: what is asked of it, what is not, and what cannot be judged."""

import datetime as dt
import json
import shutil
import socket
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.gates.catalogue import catalogue
from orchestration.gates.records import Verdicts
from orchestration.gates.refusal import SHARE, decide
from orchestration.gates.runner import judge
from orchestration.scope import BoardDay, Scope

FIRST_DAY = dt.date(2025, 1, 1)
SECOND_DAY = dt.date(2025, 1, 2)


def scope(*board_days: BoardDay) -> Scope:
    return Scope("run", FIRST_DAY, SECOND_DAY, offline=True, board_days=board_days)


BOTH = scope(BoardDay("news", FIRST_DAY, "complete"), BoardDay("local", SECOND_DAY, "complete"))


@pytest.fixture
def suites(tmp_path):
    """A folder with one small suite on board_rows."""
    folder = tmp_path / "suites"
    folder.mkdir()
    write(folder, expectation("title_present", "expect_column_values_to_not_be_null", column="title"))
    return folder


def expectation(promise, kind, severity="critical", **kwargs):
    meta = {"gate": f"small.{promise}", "owner": "parsers", "reason": "Look at the page."}
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": meta}


def write(folder, *expectations, **meta):
    meta = {"relation": "int_board_rows", "keys": ["board_id", "document_id"], "refuses": "document", **meta}
    (folder / "small.json").write_text(json.dumps({"name": "small", "expectations": expectations, "meta": meta}))


@pytest.fixture
def candidate(tmp_path, make_candidate):
    def make(*sql):
        (tmp_path / "candidate.duckdb").unlink(missing_ok=True)
        return make_candidate(tmp_path / "candidate.duckdb", ["news", "local"], *sql)

    return make


def outcomes(verdicts: Verdicts) -> dict[tuple[str, str], str]:
    return {(result.gate, result.board_id): result.outcome for result in verdicts.results if result.gate != SHARE.gate}


def test_a_thousand_failing_rows_are_all_listed(candidate, suites):
    path = candidate(
        "insert into int_board_rows by name (select r.* replace (i as document_id, null as title)"
        " from int_board_rows r, range(1000, 2000) as numbers(i) where document_id = 1)"
    )
    verdicts = judge(path, BOTH, suites)
    assert {refusal.key["document_id"] for refusal in verdicts.refusals} == set(range(1000, 2000))
    result, share = [result for result in verdicts.results if result.outcome == "failed"]
    assert (share.gate, share.failing_count, share.observed) == (SHARE.gate, 1000, 1000 / 1003)
    assert (result.failing_count, len(result.sample), result.observed) == (1000, 20, 1000 / 1003)
    assert [row["document_id"] for row in result.sample] == list(range(1000, 1020))


def test_a_thousand_repeated_keys_are_all_listed(candidate, suites):
    write(suites, expectation("unique", "expect_compound_columns_to_be_unique", column_list=["board_id", "document_id"]))
    path = candidate(
        "insert into int_board_rows by name (select r.* replace (1000 + i // 2 as document_id)"
        " from int_board_rows r, range(1000) as numbers(i) where document_id = 1)"
    )
    verdicts = judge(path, BOTH, suites)
    assert len(verdicts.refusals) == 1000
    assert {refusal.key["document_id"] for refusal in verdicts.refusals} == set(range(1000, 1500))


def test_rows_outside_the_built_board_days_are_left_out(candidate, suites):
    path = candidate("update int_board_rows set title = null")
    built = scope(BoardDay("news", FIRST_DAY, "complete"), BoardDay("local", SECOND_DAY, "failed", "the board is down"))
    verdicts = judge(path, built, suites)
    assert outcomes(verdicts) == {("small.title_present", "news"): "failed"}
    assert {refusal.board_id for refusal in verdicts.refusals} == {"news"}


def test_a_warning_shows_and_holds_nothing_back(candidate, suites):
    write(suites, expectation("title_present", "expect_column_values_to_not_be_null", severity="warning", column="title"))
    verdicts = judge(candidate("update int_board_rows set title = null"), BOTH, suites)
    assert set(outcomes(verdicts).values()) == {"failed"}
    assert decide(verdicts).held_back == {}


def test_a_missing_table_is_an_error_that_holds_every_board_day_back(candidate, suites):
    verdicts = judge(candidate("drop table int_board_rows"), BOTH, suites)
    assert set(outcomes(verdicts).values()) == {"error"}
    assert set(decide(verdicts).held_back) == {("news", FIRST_DAY), ("local", SECOND_DAY)}
    assert "int_board_rows" in verdicts.results[0].reason and "\n" not in verdicts.results[0].reason


def test_a_missing_column_is_an_error_of_its_gate_alone(candidate, suites):
    write(
        suites,
        expectation("author_present", "expect_column_values_to_not_be_null", severity="warning", column="author"),
        expectation("title_present", "expect_column_values_to_not_be_null", column="title"),
    )
    verdicts = judge(candidate("alter table int_board_rows drop column author"), BOTH, suites)
    assert outcomes(verdicts) == {
        ("small.author_present", "news"): "error",
        ("small.author_present", "local"): "error",
        ("small.title_present", "news"): "passed",
        ("small.title_present", "local"): "passed",
    }
    assert len(decide(verdicts).held_back) == 2, "what could not be judged is not published, whatever its severity"


def test_a_gate_that_cannot_be_evaluated_is_an_error(candidate, suites):
    write(suites, expectation("in_range", "expect_column_values_to_be_between", column="title", min_value=1))
    verdicts = judge(candidate(), BOTH, suites)
    assert set(outcomes(verdicts).values()) == {"error"}


def test_a_flag_that_was_not_derived_fails(candidate, suites):
    write(suites, expectation("clean", "expect_column_values_to_be_true", column="is_title_clean"))
    verdicts = judge(candidate("update int_board_rows set is_title_clean = null where board_id = 'news'"), BOTH, suites)
    assert outcomes(verdicts) == {("small.clean", "news"): "failed", ("small.clean", "local"): "passed"}


def test_a_board_day_without_its_row_of_facts_is_an_error(candidate, suites):
    write(
        suites,
        expectation("pages_read", "expect_column_values_to_be_between", column="unread_list_count", min_value=0, max_value=0),
        relation="int_board_days",
        keys=["board_id", "listed_on"],
        refuses="board_day",
    )
    verdicts = judge(candidate("delete from int_board_days where board_id = 'news'"), BOTH, suites)
    assert outcomes(verdicts) == {("small.pages_read", "news"): "error", ("small.pages_read", "local"): "passed"}


def test_a_failing_row_is_shown_with_the_address_of_its_landed_page(candidate, suites):
    path = candidate(
        "create schema raw",
        "create table raw.pages as select 'news-list' as response_id, 'http://127.0.0.1/news?page=2' as url",
        "update int_board_rows set title = null",
    )
    write(suites, expectation("title_present", "expect_column_values_to_not_be_null", column="title"), shows=["latest_response_id"])
    shown = {r.board_id: {row.get("page") for row in r.sample} for r in judge(path, BOTH, suites).results if r.gate != SHARE.gate}
    assert shown == {"news": {"http://127.0.0.1/news?page=2"}, "local": {None}}


def own_history(suites, relation, column, **meta):
    """A suite with one gate that compares with the board's own days."""
    gate = expectation("as_usual", "expect_column_values_to_be_between", column=column, max_value=1)
    gate["meta"]["history"] = {"column": meta.pop("days"), "least": 4}
    write(suites, gate, relation=relation, refuses="board_day", **meta)


@pytest.fixture(params=["per day", "per row"])
def usual(request, suites):
    """The relation of such a suite; a corruption of the board `news` in it comes with one value too high."""
    if request.param == "per day":
        own_history(suites, "int_board_days", "row_count_ratio", days="same_weekday_count", keys=["board_id", "listed_on"])
        return (
            "update int_board_days set row_count_ratio = 2, same_weekday_count = {days}, is_closed = {closed}"
            " where board_id = 'news'"
        )
    own_history(suites, "int_board_day_fields", "filled_share", days="history_day_count", keys=["board_id", "listed_on", "field"])
    return (
        "update int_board_day_fields set filled_share = 2, history_day_count = {days}, is_closed = {closed} where board_id = 'news'"
    )


def of_news(verdicts):
    return next(result for result in verdicts.results if result.gate == "small.as_usual" and result.board_id == "news")


def test_a_day_with_too_little_history_is_not_judged_and_holds_nothing_back(candidate, suites, usual):
    verdicts = judge(candidate(usual.format(days=3, closed="true")), BOTH, suites)
    result = of_news(verdicts)
    assert (result.outcome, result.observed, result.bound, result.failing_count) == ("not_enough_history", 3, 4, 0)
    assert "3 of the 4" in result.reason and not result.is_severe
    assert decide(verdicts).held_back == {} and verdicts.refusals == ()
    assert outcomes(verdicts)["small.as_usual", "local"] == "passed"


def test_a_closed_day_against_its_history_is_held_back_and_an_open_one_only_shown(candidate, suites, usual):
    closed = judge(candidate(usual.format(days=4, closed="true")), BOTH, suites)
    assert (of_news(closed).outcome, of_news(closed).severity) == ("failed", "critical")
    assert set(decide(closed).held_back) == {("news", FIRST_DAY)}
    opened = judge(candidate(usual.format(days=4, closed="false")), BOTH, suites)
    assert (of_news(opened).outcome, of_news(opened).severity) == ("failed", "warning")
    assert decide(opened).held_back == {}


def test_rates_are_judged_under_their_own_board_and_day(tmp_path, make_candidate):
    folder = tmp_path / "rates"
    folder.mkdir()
    shutil.copy(Path(__file__).parents[3] / "expectations" / "exchange_rates.json", folder)
    path = make_candidate(
        tmp_path / "candidate.duckdb",
        ["news", "local", "far"],
        "update int_exchange_rates set krw_per_unit = -1 where day = '2025-01-03'",
    )
    verdicts = judge(path, BOTH, folder)
    results = [result for result in verdicts.results if result.gate != SHARE.gate]
    assert {result.board_id for result in results} == {"_rates"}
    ruling = decide(verdicts)
    assert ruling.rates == {(dt.date(2025, 1, 3), "EUR"), (dt.date(2025, 1, 3), "USD")}, "a bad rate of an older day stays out"
    assert not ruling.held_back
    assert len(results) == 2 * len(catalogue(folder)) + 1


def test_nothing_is_judged_where_nothing_was_built(tmp_path, suites):
    assert judge(tmp_path / "none.duckdb", scope(BoardDay("news", FIRST_DAY, "failed", "down")), suites) == Verdicts((), ())


def test_a_missing_candidate_is_named(tmp_path, suites):
    with pytest.raises(BoardhouseError, match=r"none\.duckdb: no such candidate"):
        judge(tmp_path / "none.duckdb", BOTH, suites)


def test_an_expectation_that_the_library_does_not_know_is_refused_with_its_file(candidate, suites):
    write(suites, expectation("between", "expect_column_values_to_be_between", column="title", minimum=3))
    with pytest.raises(ConfigError, match=r"small\.json"):
        judge(candidate(), BOTH, suites)


def test_the_candidate_is_read_only_and_the_network_is_not_asked(candidate, suites, monkeypatch, capfd):
    def refuse(*_, **__):
        raise AssertionError("the gates asked the network")

    path = candidate("update int_board_rows set title = null")
    before = path.read_bytes()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    judge(path, BOTH, suites)
    assert path.read_bytes() == before
    assert capfd.readouterr() == ("", ""), "no progress bars, no warnings"


def test_the_file_is_free_when_the_gates_are_done(candidate, suites):
    path = candidate()
    judge(path, BOTH, suites)
    with duckdb.connect(str(path)) as connection:  # fails while a read-only connection of this process is open
        connection.execute("create table written_after(n integer)")


def test_verdicts_survive_their_file(candidate, suites, tmp_path):
    verdicts = judge(candidate("update int_board_rows set title = null"), BOTH, suites)
    verdicts.write(tmp_path)
    assert Verdicts.read(tmp_path) == verdicts
