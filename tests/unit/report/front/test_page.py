"""The front page of a version: it tells what the version holds, and no text of a board becomes markup."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from orchestration.publish.schema import SUMMARY, TABLES
from orchestration.report.front import page as front
from orchestration.report.front.facts import Day, read_facts
from orchestration.report.front.page import SNIPPETS, render
from tests.support.front_version import HOSTILE, SCRIPT, board_days, hostile, make_version, odd

ROOT = Path(__file__).parents[4]
BROKEN = "This page could not be made"
LIMIT = 2_000_000


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_version(tmp_path_factory.mktemp("busy") / "20", board_days(2, 40), publishes=20)


def text_of(html: str, selector: str) -> str:
    return " ".join(" ".join(node.text() for node in HTMLParser(html).css(selector)).split())


def test_every_section_tells_what_the_version_holds(busy: Path) -> None:
    html = render(busy)
    assert "version 20" in text_of(html, ".brand")
    assert "2026-03-10 12:00 KST" in text_of(html, ".lede")
    assert text_of(html, ".tiles dd") == "1,560 1,560 100% 3,120 74 of 80 4"
    assert "held back by a gate; stands: 20 posts" in text_of(html, "td.held_back")
    assert "could not be read; stands: 20 posts" in text_of(html, "td.failed")
    assert "no run yet" in text_of(html, "td.gap")
    assert "board_rows.titled 제목이 비었다: 목록을 보라" in text_of(html, "#coverage .scroll")
    assert "제목 800" in text_of(html, ".posts")
    assert text_of(html, ".amounts li .sum strong").startswith("801조원 800조원 799조원")
    assert text_of(html, ".amounts li:first-child mark") == "801억 달러 801조원"
    assert "said in 2 posts" in text_of(html, ".amounts li:first-child")
    assert "USD/KRW" in text_of(html, "#rates figcaption")
    assert "stale" in text_of(html, "#rates .scroll")
    assert text_of(html, ".edits li:first-child .diff del") == "투자한다고"
    assert text_of(html, ".edits li:first-child .diff ins") == "투자하지 않는다고"
    assert "deleted" in text_of(html, "#edits .scroll")
    assert "articles.dated4" in text_of(html, "#quality .scroll")
    assert "10 in all" in text_of(html, "#quality figcaption")


def test_links_lead_to_the_board_the_articles_and_the_version_s_own_files(busy: Path) -> None:
    links = [node.attributes["href"] or "" for node in HTMLParser(render(busy)).css("a")]
    assert "https://board.example/board0" in links
    assert "https://board.example/board0/800" in links
    assert {"warehouse.duckdb", "manifest.json"} <= set(links)
    assert {f"parquet/{table.name}.parquet" for table in TABLES} <= set(links)


def test_links_to_the_documentation_lead_to_pages_that_make_docs_builds(busy: Path) -> None:
    links = {link for node in HTMLParser(render(busy)).css("a") if (link := node.attributes["href"] or "").startswith("../")}
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    built = {page.removesuffix(".md") + ".html" for page in re.findall(r"- (\S+\.md)", navigation)}
    assert links
    assert links <= {f"../../docs/site/{page}" for page in built} | {
        "../../docs/dbt/index.html",
        "../../docs/gx/index.html",
    }


def test_the_data_dictionary_has_every_table_and_column(busy: Path) -> None:
    html = HTMLParser(render(busy))
    names = [" ".join(node.text().split()) for node in html.css("#dictionary summary b")]
    assert names == [*(t.name for t in TABLES[:6]), SUMMARY.name, *(t.name for t in TABLES[6:])]
    columns = {node.text().removesuffix(" ?").strip() for node in html.css("#dictionary tbody th")}
    assert columns == {name for table in (*TABLES, SUMMARY) for name in table.column_names}


@pytest.mark.parametrize("name", [name for name, _, _ in SNIPPETS])
def test_what_a_snippet_asks_for_is_there(name: str, busy: Path) -> None:
    (text,) = [text for told, _, text in SNIPPETS if told == name]
    tables = {table.name: table for table in (*TABLES, SUMMARY)}
    asked = {table for known in (r"parquet/(\w+)\.parquet", r"\bfrom (\w+)", r"--table (\w+)") for table in re.findall(known, text)}
    assert asked
    assert asked <= tables.keys()
    columns = set(re.findall(r'(?:by|By|count|where)(?:\(| )"?(\w+_\w+|source|currency)', text))
    assert columns <= {column for table in asked for column in tables[table].column_names}


def test_the_snippets_of_python_and_duckdb_run_in_the_folder_that_holds_published(
    busy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "published" / "current").mkdir(parents=True)
    (tmp_path / "published" / "warehouse.duckdb").symlink_to(busy / "warehouse.duckdb")
    monkeypatch.chdir(tmp_path)
    snippets = {name: text for name, _, text in SNIPPETS}
    told: dict[str, object] = {}
    exec(snippets["pandas"], told)
    facts = told["facts"]
    assert len(facts) > 0 and (facts["amount_krw"] > 1e12).all()  # type: ignore
    command, _, statements = snippets["DuckDB"].partition("\n")
    with duckdb.connect(command.split()[-1], read_only=True) as connection:
        assert connection.execute(statements).fetchall()[0] == (dt.date(2026, 3, 10), 40)


def test_a_title_that_is_a_script_is_shown_as_text(tmp_path: Path) -> None:
    html = render(make_version(tmp_path / "1", [*board_days(2, 40), *hostile()]))
    assert BROKEN not in html
    page = HTMLParser(html)
    assert SCRIPT in page.css_first(".posts .what").text()
    assert HOSTILE[:60] in page.css_first(".amounts blockquote").text()
    # Nothing of it became an element, an attribute that runs, or a link.
    assert not page.css("script, img, iframe, object, embed, form, base, link:not([rel=icon])")
    assert len(page.css("style")) == 1
    assert not [name for node in page.css("*") for name in node.attributes if name.startswith("on") or name == "style"]
    targets = [node.attributes["href"] or "" for node in page.css("[href]") if node.tag == "a"]
    assert {urlsplit(target).scheme for target in targets} <= {"", "http", "https"}
    assert "{{ 7*7 }}" in page.css_first(".posts").text()


def test_the_policy_allows_the_page_s_own_style_and_nothing_else(busy: Path) -> None:
    page = HTMLParser(render(busy))
    policy = page.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"] or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "script-src" not in rules
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", rules["style-src"])
    # The policy must come before what it governs.
    assert [node.tag for node in page.css("head > *")][:2] == ["meta", "meta"]


def test_values_that_no_gate_would_let_pass_cost_no_page(tmp_path: Path) -> None:
    html = render(make_version(tmp_path / "1", [*board_days(2, 40), *odd()]))
    assert BROKEN not in html
    assert "(no title)" in html
    assert "nan" not in text_of(html, "#rates")
    assert len(html.encode()) < LIMIT


@pytest.mark.parametrize("table", [table.name for table in TABLES if table.name != "publishes"])
def test_a_page_is_made_where_a_table_is_empty(table: str, tmp_path: Path) -> None:
    html = render(make_version(tmp_path / "1", [*board_days(2, 10), f"delete from {table}"]))
    assert BROKEN not in html


def test_an_empty_warehouse_says_so_in_each_section(tmp_path: Path) -> None:
    html = render(make_version(tmp_path / "1"))
    assert BROKEN not in html
    assert "Nothing was published yet" in text_of(html, "#coverage")
    assert "No post is published yet" in text_of(html, "#newest")
    assert "No amount in won" in text_of(html, "#money")
    assert "No conversion could be checked" in text_of(html, "#rates")
    assert "No article was seen to change" in text_of(html, "#edits")


def test_a_warehouse_of_which_everything_was_held_back_shows_the_days_and_why(tmp_path: Path) -> None:
    data = [f"delete from {table.name}" for table in TABLES[:6]]
    html = render(
        make_version(tmp_path / "1", [*board_days(1, 10), *data, "update board_days set state = 'held_back', gate = 'g'"])
    )
    assert BROKEN not in html
    assert text_of(html, ".tiles .alarm dd") == "10"
    assert len(HTMLParser(html).css("td.held_back")) == 10


@pytest.mark.parametrize(("boards", "days"), [(1, 500), (5, 100), (60, 60)])
def test_the_page_stays_small_however_many_board_days_there_are(boards: int, days: int, tmp_path: Path) -> None:
    html = render(make_version(tmp_path / "1", board_days(boards, days, posts=2), publishes=40))
    assert BROKEN not in html
    assert len(html.encode()) < LIMIT / 2


def test_days_older_than_the_calendar_are_told_of(tmp_path: Path) -> None:
    html = render(make_version(tmp_path / "1", board_days(1, 500, posts=1)))
    assert "499 posts, 2024-10-27 to 2026-03-10; shown from 2025-03-05" in text_of(html, ".board h3")


def test_two_renderings_of_one_version_are_equal(busy: Path) -> None:
    assert render(busy) == render(busy)


def test_a_fault_of_the_page_costs_no_publish_and_is_told(
    busy: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise ValueError(f"odd {SCRIPT}")

    monkeypatch.setattr(front, "_parts", fail)
    html = render(busy)
    assert "ValueError: odd &lt;script&gt;" in html
    assert BROKEN in html
    assert "could not be made" in caplog.text


def calendar(*posts: int, state: Callable[[int], str | None] = lambda _: "published") -> list[Day]:
    first = dt.date(2026, 2, 26)
    return [Day("b", first + dt.timedelta(days=n), state(n), count, count, 0) for n, count in enumerate(posts)]


def test_a_calendar_has_whole_months_from_sunday_the_newest_first() -> None:
    months = front._months(calendar(1, 2, 3, 4), steps=[1, 3])
    assert [month.first for month in months] == [dt.date(2026, 3, 1), dt.date(2026, 2, 1)]
    march, february = months
    assert [cell.number for cell in march.weeks[0] if cell] == [1, 2, 3, 4, 5, 6, 7]  # 2026-03-01 is a Sunday
    assert [cell.css for cell in march.weeks[0] if cell and not cell.is_blank] == ["s2 published"]
    assert [cell.css for cell in february.weeks[-1] if cell and not cell.is_blank] == [
        "s1 published",
        "s1 published",
        "s2 published",
    ]


def test_shades_are_fifths_of_the_days_that_have_posts() -> None:
    assert front._steps([0, 0, *range(1, 101)]) == [1, 21, 41, 61, 81]
    assert front._steps([7] * 50) == [7]
    assert front._steps([]) == []


def test_reposts_are_told_once(busy: Path) -> None:
    facts = read_facts(busy / "warehouse.duckdb")
    assert len({amount.said_in for amount in facts.largest}) == len(facts.largest)
    assert unquote(facts.boards[0].url or "").startswith("https://board.example/")
