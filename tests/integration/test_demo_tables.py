"""The bundled board, published: every row, block and amount that its generator knows, and the same however it was read."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.workplace import DATA_TABLES, fingerprints, make_settings, rows, run

END = dt.date(2026, 3, 15)
DAYS = 6
FIRST = END - dt.timedelta(days=DAYS - 1)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)


@pytest.fixture(scope="module")
def board() -> DemoBoard:
    return generate(seed=7, end_day=END, days=DAYS, posts=180)


@pytest.fixture(scope="module")
def server(board: DemoBoard) -> Iterator[DemoServer]:
    with DemoServer(board, now=lambda: NOON) as started:
        yield started


def home(folder: Path, board: DemoBoard, server: DemoServer) -> Settings:
    settings = make_settings(folder, {"id": "demo", "url": server.url, "first_day": FIRST})
    settings.rates.mkdir(parents=True)
    board.write_rates(settings.rates / "demo.csv", END)
    return settings


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, board: DemoBoard, server: DemoServer) -> Settings:
    settings = home(tmp_path_factory.mktemp("whole"), board, server)
    assert run(settings, FIRST, END) == 0
    return settings


def test_every_row_is_as_the_generator_knows_it(published: Settings, board: DemoBoard, server: DemoServer) -> None:
    got = rows(
        published,
        """select document_id, post_no, is_notice, title, title_tags, author, listed_on, comment_count, view_count, url, status
           from board_rows order by document_id""",
    )
    wanted = [
        (
            row.document_id,
            row.post_no,
            row.is_notice,
            row.title,
            list(row.title_tags),
            row.author,
            row.listed_on,
            row.comment_count,
            row.view_count,
            server.base_url + row.url,
            "secret" if row.is_secret else "listed",
        )
        for row in sorted(board.true_rows(), key=lambda row: row.document_id)
        if FIRST <= row.listed_on <= END
    ]
    assert got == wanted


def test_every_article_and_block_is_as_the_generator_knows_it(published: Settings, board: DemoBoard, server: DemoServer) -> None:
    known = sorted(
        (a for a in board.true_articles() if a.body_readable and FIRST <= a.published_at.date() <= END), key=lambda a: a.document_id
    )
    articles = rows(
        published,
        """select document_id, version, title, author, published_at, published_precision, source, image_count, block_count
           from articles order by 1""",
    )
    assert articles == [
        (
            a.document_id,
            1,
            a.title.text,
            a.author,
            a.published_at.astimezone(dt.UTC),
            "minute",
            a.source,
            a.image_count,
            len(a.blocks),
        )
        for a in known
    ]
    blocks = rows(
        published,
        "select document_id, block_position, kind, text, credit from article_blocks order by document_id, block_position",
    )
    assert blocks == [(a.document_id, n, b.kind, b.text, b.credit) for a in known for n, b in enumerate(a.blocks)]


def test_every_amount_and_conversion_is_as_the_generator_knows_it(published: Settings, board: DemoBoard) -> None:
    got = rows(
        published,
        """select f.document_id, f.place, coalesce(f.block_position, -1), f.char_start, f.char_end, f.text, f.currency, f.amount,
                  o.text, round(f.implied_rate, 6), f.rate_verdict
           from currency_facts f left join currency_facts o on o.fact_id = f.paired_fact_id
           order by 1, 3, 4""",
    )
    wanted = []
    titles = {row.document_id: row for row in board.true_rows() if FIRST <= row.listed_on <= END}
    for article in board.true_articles():
        if article.document_id not in titles:
            continue
        places = [("title", -1, article.title.money), *(("body", n, block.money) for n, block in enumerate(article.blocks))]
        for place, position, money in places:
            for m in money:
                original = money[m.paired_with] if m.paired_with is not None else None
                wanted.append(
                    (
                        article.document_id, place, position, m.start, m.end, m.text, m.currency, m.amount,
                        original.text if original else None,
                        round(m.implied_rate, 6) if m.implied_rate is not None else None,
                        m.verdict,
                    )
                )  # fmt: skip
    assert got == sorted(wanted, key=lambda fact: (fact[0], fact[2], fact[3]))


def test_a_run_says_what_it_published(published: Settings) -> None:
    ((version, from_on, to_on, boards, held),) = rows(
        published, "select warehouse_version, from_on, to_on, boards, held_back from publishes"
    )
    assert (version, from_on, to_on, boards, held) == (1, FIRST, END, ["demo"], [])
    assert rows(published, "select state, count(*) from board_days group by 1") == [("published", DAYS)]
    assert rows(
        published,
        "select count(*) > 0, bool_and(outcome in ('passed', 'not_enough_history')) from gate_results where severity = 'critical'",
    ) == [(True, True)]


GALLERY = Path(__file__).parents[2] / "docs" / "gallery.md"
QUERIES = dict(re.findall(r"^## (.+?)\n.*?```sql\n(.*?)```", GALLERY.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))
NOTHING_TO_TELL = {
    "What was edited after it was published, and how?",
    "What was taken down?",
    "Which rows have no article yet, and why?",
    "What is not to be trusted today?",
}
"""Of a board without secret posts that was read once, and without a fault."""


@pytest.mark.parametrize("question", QUERIES)
def test_the_queries_of_the_gallery_answer(published: Settings, question: str) -> None:
    assert bool(rows(published, QUERIES[question])) is (question not in NOTHING_TO_TELL)


def test_the_gallery_has_fifteen_queries() -> None:
    assert len(QUERIES) == 15


def test_days_in_pieces_backwards_and_again_publish_the_same_rows(
    tmp_path: Path, published: Settings, board: DemoBoard, server: DemoServer
) -> None:
    pieces = home(tmp_path, board, server)
    for last, first in ((5, 3), (2, 0), (4, 1)):
        assert run(pieces, FIRST + dt.timedelta(days=first), FIRST + dt.timedelta(days=last)) == 0
    assert fingerprints(pieces) == fingerprints(published)


def test_two_offline_runs_over_one_landing_are_equal_in_every_column(published: Settings) -> None:
    assert run(published, FIRST, END, offline=True) == 0
    first = fingerprints(published, every_column=True)
    assert run(published, FIRST, END, offline=True) == 0
    assert fingerprints(published, every_column=True) == first
    assert set(first) == set(DATA_TABLES)
