"""From what a page said to the gate that goes red: dbt derives the facts, the suites judge them.

One dbt run over a board for each corruption. Here the raw rows are wrong, as a page or a parser would make them; that each gate
of each suite can go red at all is held by tests/unit/gates/test_suites.py.
"""

import copy
import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.catalogue import load_suites
from orchestration.gates.runner import judge
from orchestration.scope import BoardDay, Scope
from tests.support.candidate import Rows, article_read, listing_row, mention, page, raw_rows, write_candidate

SUITES = Path(__file__).parents[2] / "expectations"
DAY = dt.date(2025, 2, 4)
NEXT = DAY + dt.timedelta(days=1)
TEXT = "총 100억 달러(약 14조5000억원)를 들여 항만을 넓힌다."
WON = "14조5000억원"


def clean(board: str, first_id: int) -> Rows:
    """One board and day: a list of four rows, an article with one pair of amounts. Its texts are its own."""
    text = TEXT.replace("항만", f"항만 {first_id}")
    ids = [first_id + n for n in range(4)]
    return {
        "pages": [
            page(f"{board}-list", board_id=board, row_count=4),
            page(f"{board}-art", board_id=board, kind="article", purpose="article", view=None, page_no=None, last_page=None,
                 document_id=ids[0], is_judged=False),
        ],
        "listing_rows": [
            listing_row(f"{board}-list", n, ids[n], 40 - n, f"[속보] <KBS 뉴스> 제목 {n}", DAY) for n in range(4)
        ],
        "article_reads": [article_read(f"{board}-art", ids[0], [("paragraph", text)], title="[속보] <KBS 뉴스> 제목 0")],
        "mentions": [
            mention(text, 0, "100억 달러", "USD", "10000000000"),
            mention(text, 1, WON, "KRW", "14500000000000", qualifiers=["약"], paired_ordinal=0, rounding_unit="100000000"),
        ],
    }  # fmt: skip


def row(n: int, **changes) -> Callable[[Rows], None]:
    return lambda raw: raw["listing_rows"][n].update(changes)


def article(**changes) -> Callable[[Rows], None]:
    return lambda raw: raw["article_reads"][0].update(changes)


def won(**changes) -> Callable[[Rows], None]:
    return lambda raw: raw["mentions"][1].update(changes)


def lose_a_row(raw: Rows) -> None:
    del raw["listing_rows"][2]


def retitle_block(text: str) -> Callable[[Rows], None]:
    def change(raw: Rows) -> None:
        raw["article_reads"][0]["blocks"][0]["text"] = text
        raw["mentions"].clear()

    return change


def drop_the_list(raw: Rows) -> None:
    raw["listing_rows"] = raw["listing_rows"][1:]
    for nth, listed in enumerate(raw["listing_rows"]):
        listed["position"] = nth


# What the page said wrongly, and the gates that it turns red: all of them, and no other.
CORRUPTIONS: dict[str, tuple[Callable[[Rows], None], set[str]]] = {
    "an impossible date": (
        row(1, date_text="2025.13.01", listed_on=None),
        {"listings.date_well_formed"},
    ),
    "a date with a short year": (
        row(1, date_text="25/02-04"),
        {"listings.date_well_formed", "board_rows.date_well_formed"},
    ),
    "a lost row": (lose_a_row, {"listings.post_no_falls_by_one"}),
    "a number that repeats": (row(2, post_no=39), {"listings.post_no_falls_by_one"}),
    "numbers that rise": (row(2, post_no=45), {"listings.post_no_falls_by_one", "listing_pages.pages_join"}),
    "a row without its number": (row(2, post_no=None), {"listings.post_no_present"}),
    "a number that is none": (
        row(3, post_no=0),
        {"listings.post_no_falls_by_one", "listings.post_no_positive", "board_rows.post_no_positive"},
    ),
    "a lost character": (row(1, title="제\ufffd목"), {"listings.title_clean", "board_rows.title_clean"}),
    "a tag in a title": (row(1, title="<span>제목</span>"), {"listings.title_clean", "board_rows.title_clean"}),
    "a title escaped twice": (row(1, title="A&amp;B"), {"listings.title_clean", "board_rows.title_clean"}),
    "a blank title": (row(1, title=" "), {"listings.title_clean", "board_rows.title_clean"}),
    "a tag in the text": (retitle_block("문단 <br> 하나"), {"article_blocks.text_clean"}),
    "an article read as from tomorrow": (
        article(date_text="2025.02.07 09:00", published_at=dt.datetime(2025, 2, 7, tzinfo=dt.UTC)),
        {"articles.published_before_fetch", "articles.day_agrees_with_row"},
    ),
    "a time read in the wrong zone": (
        article(published_at=dt.datetime(2025, 2, 4, 20, 28, tzinfo=dt.UTC)),
        {"articles.day_agrees_with_row"},
    ),
    "an article that no list shows": (drop_the_list, {"articles.has_row_if_fetched"}),
    "an amount off by ten thousand": (
        won(amount="1450000000"),
        {"currency_facts.rate_within_threefold", "currency_facts.rate_not_suspect", "currency_facts.amount_of_its_text"},
    ),
    "an amount twice too large": (
        won(amount="29000000000000"),
        {"currency_facts.rate_not_suspect", "currency_facts.amount_of_its_text"},
    ),
    "a currency that is none": (won(currency="WON"), {"currency_facts.currency_known", "currency_facts.currency_of_its_text"}),
    "a span that slipped": (won(char_start=3, char_end=3 + len(WON)), {"currency_facts.span_right"}),
    "a negative amount": (
        won(amount="-14500000000000", paired_ordinal=None),
        {"currency_facts.amount_positive", "currency_facts.amount_of_its_text"},
    ),
    "an amount that no column holds": (won(amount="1" + "0" * 40, paired_ordinal=None), {"currency_facts.amount_fits"}),
    "a page that was cut off": (
        lambda raw: raw["pages"][0].update(is_complete=False),
        {"board_days.lists_all_read"},
    ),
    "nothing": (lambda raw: None, set()),
}
BOARDS = {name: f"b{n:02}" for n, name in enumerate(CORRUPTIONS)}


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw: Rows = {
        "scope": [{"board_id": board, "day": DAY, "completeness": "complete"} for board in BOARDS.values()],
        "boards": [{**raw_rows()["boards"][0], "board_id": board} for board in BOARDS.values()],
        "rates": raw_rows()["rates"],
    }
    for n, (name, board) in enumerate(BOARDS.items()):
        own = copy.deepcopy(clean(board, 1000 + n * 10))
        CORRUPTIONS[name][0](own)
        for table, rows in own.items():
            raw.setdefault(table, []).extend(rows)
    path = tmp_path_factory.mktemp("corrupted") / "candidate.duckdb"
    result = write_candidate(path, raw)
    assert result.success, result.failures
    return path


@pytest.fixture(scope="module")
def red(candidate: Path) -> dict[str, set[str]]:
    scope = Scope("run", DAY, DAY, offline=True, board_days=tuple(BoardDay(board, DAY, "complete") for board in BOARDS.values()))
    found: dict[str, set[str]] = defaultdict(set)
    for result in judge(candidate, scope, SUITES).results:
        if result.outcome in ("failed", "error"):
            found[result.board_id].add(result.gate)
    return found


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_what_a_page_says_wrongly_turns_the_gate_red_that_names_it(name: str, red: dict[str, set[str]]) -> None:
    assert red[BOARDS[name]] == CORRUPTIONS[name][1]


def test_the_rates_are_clean(red: dict[str, set[str]]) -> None:
    assert red["_rates"] == set()


def test_every_fact_that_a_gate_compares_with_false_is_never_null(candidate: Path) -> None:
    """The library's set expectations leave nulls out, so a null here would pass unseen."""
    with duckdb.connect(str(candidate), read_only=True) as connection:
        for suite in load_suites(SUITES):
            for raw in suite.expectations:
                if raw["kwargs"].get("value_set") == [False]:
                    column = raw["kwargs"]["column"]
                    (nulls,) = connection.execute(f"select count(*) from {suite.relation} where {column} is null").fetchall()[0]
                    assert nulls == 0, (suite.relation, column)
