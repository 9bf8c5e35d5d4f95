"""Great Expectations' pages of the suites: every gate in its words, red where its rows are wrong, and nothing from elsewhere."""

import shutil
import socket
from pathlib import Path

import pytest

from orchestration.errors import BoardhouseError
from orchestration.gates.catalogue import SUITES, load_suites
from orchestration.gates.data_docs import TEMPLATES, write_data_docs
from tests.support.data_docs import asked_of_others, broken_links, failing_rows, pages, promises, results, shown
from tests.unit.gates.test_suites import GATES, OF_TYPES, PLACES, RED

HOSTILE = "제목 <script>alert(1)</script><img src=x onerror=alert(2)> $gate {{ 7*7 }}"
ABOUT = "Judged: <b>what</b> was wrong."
RETYPED = "article_blocks.columns_and_types"


@pytest.fixture(scope="module")
def candidate(tmp_path_factory, make_candidate) -> Path:
    """Every gate on rows is red, on a board-day of its own, and one on types; a title that is a script fails in 30 rows."""
    sql = [RED[gate].replace("{b}", board).replace("{d}", str(day)) for gate, (board, day) in PLACES.items()]
    many = (
        "insert into int_board_rows by name select r.* replace (i as document_id, false as is_title_clean,"
        f" '{HOSTILE}' as title) from int_board_rows as r, range(100000, 100030) as numbers(i) where r.document_id = 1"
    )
    retyped = "alter table int_article_blocks alter column image_url type blob using null"
    path = tmp_path_factory.mktemp("candidate") / "candidate.duckdb"
    return make_candidate(path, [board for board, _ in PLACES.values()], *sql, many, retyped)


@pytest.fixture(scope="module")
def site(tmp_path_factory, candidate) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "gx"
    assert write_data_docs(folder, load_suites(SUITES), candidate, [ABOUT]) == folder / "index.html"
    return folder


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory) -> Path:
    return write_data_docs(tmp_path_factory.mktemp("docs") / "gx", load_suites(SUITES), None, ["Nothing is judged."]).parent


@pytest.mark.parametrize("suite", load_suites(SUITES), ids=lambda suite: suite.name)
def test_every_gate_stands_on_its_suite_s_page_with_its_promise_and_what_red_means(suite, unjudged):
    said = promises(unjudged, suite.name)
    assert said.keys() == {gate.gate for gate in suite.gates}
    for gate in suite.gates:
        words = f"{gate.promise} {gate.gate} · red refuses: {gate.effect} {gate.reason} ({gate.owner})"
        assert said[gate.gate] == " ".join(words.split())


@pytest.mark.parametrize("suite", load_suites(SUITES), ids=lambda suite: suite.name)
def test_every_gate_is_shown_red_where_its_rows_are_wrong_and_green_where_not(suite, site):
    found = results(site, suite.name)
    assert found.keys() == {gate.gate for gate in suite.gates}
    assert {name for name, (is_red, _) in found.items() if not is_red} == (set(OF_TYPES) - {RETYPED}) & found.keys()
    for gate in suite.gates:
        assert gate.promise in found[gate.gate][1] and " ".join(gate.reason.split()) in found[gate.gate][1]
        assert failing_rows(site, suite.name, gate.gate) or not found[gate.gate][0]


def test_failing_rows_are_shown_a_line_each_with_their_keys_first_and_how_many_there_are(site):
    rows = failing_rows(site, "board_rows", "board_rows.title_clean")
    assert len(rows) == 20
    assert list(rows[0])[:3] == ["board_id", "listed_on", "document_id"]
    assert "31 unexpected values found" in results(site, "board_rows")["board_rows.title_clean"][1]
    assert {row["title"] for row in rows} >= {HOSTILE}


def test_a_column_of_another_type_is_named_with_both_types(site):
    (row,) = failing_rows(site, "article_blocks", RETYPED)
    assert row == {"column": "image_url", "expected": "VARCHAR", "found": "BLOB"}


def test_the_first_page_counts_what_is_red_and_says_what_was_judged(site):
    said = shown(site / "index.html")
    assert ABOUT in said
    gates = [gate for gate in GATES.values() if gate.suite == "board_rows"]
    critical = sum(gate.severity == "critical" for gate in gates) - 1  # the one on types is green
    assert f"board_rows int_board_rows {len(gates)} ✗ {critical} critical" in said


def test_without_a_candidate_the_pages_say_what_is_promised_and_that_nothing_is_judged(unjudged):
    said = shown(unjudged / "index.html")
    assert "Nothing is judged." in said
    assert said.count("not judged") == len(load_suites(SUITES))
    assert not (unjudged / "validations").exists()


def test_no_page_asks_another_host_or_runs_a_script_and_every_link_leads_to_a_page(site, unjudged):
    assert len(pages(site)) == 1 + 2 * len(load_suites(SUITES))
    for page in (*pages(site), *pages(unjudged)):
        assert asked_of_others(page) == [] and broken_links(page) == [], page


def test_what_a_board_wrote_is_text_and_no_markup(site):
    for page in pages(site):
        assert "<script" not in page.read_text(encoding="utf-8") and "<img" not in page.read_text(encoding="utf-8"), page


def test_drawing_asks_nothing_of_the_network_and_changes_no_candidate(candidate, tmp_path, monkeypatch, capfd):
    def refuse(*_):
        raise AssertionError("the network was asked")

    before = candidate.read_bytes()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    write_data_docs(tmp_path / "gx", load_suites(SUITES)[:1], candidate, [])
    assert candidate.read_bytes() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("template", "page"), [("page.j2", r"expectations/article_blocks\.html"), ("index_page.j2", r"index\.html")]
)
def test_a_page_that_the_library_leaves_out_or_empty_is_an_error(template, page, tmp_path, monkeypatch):
    templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (templates / template).write_text("{{ 1 / 0 }}")
    monkeypatch.setattr("orchestration.gates.data_docs.TEMPLATES", templates)
    with pytest.raises(BoardhouseError, match=f"drew no {page}"):
        write_data_docs(tmp_path / "gx", load_suites(SUITES)[:1], None, [])


def test_a_gate_that_could_not_be_judged_is_red(make_candidate, tmp_path):
    path = make_candidate(tmp_path / "candidate.duckdb", ["news"], "alter table int_articles drop column is_title_clean")
    (articles,) = [suite for suite in load_suites(SUITES) if suite.name == "articles"]
    write_data_docs(tmp_path / "gx", [articles], path, [])
    found = results(tmp_path / "gx", "articles")
    assert {gate for gate, (is_red, _) in found.items() if is_red} == {"articles.columns_and_types", "articles.title_clean"}
    assert "raised an exception" in found["articles.title_clean"][1]
