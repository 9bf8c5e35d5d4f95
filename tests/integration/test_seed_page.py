"""The page that the project was created from, ingested and published: exactly what a person read in it."""

import datetime as dt
import json
from pathlib import Path

import pytest

from orchestration.ingest import ingest_pages
from orchestration.settings import Settings
from tests.support.workplace import make_settings, rows, run

SEED = Path(__file__).parents[2] / ".." / "shared" / "seed"

pytestmark = pytest.mark.skipif(not SEED.is_dir(), reason="../shared/seed is not beside the checkout")

FEB_4, FEB_5 = dt.date(2025, 2, 4), dt.date(2025, 2, 5)
READ_AT = dt.datetime(2025, 2, 5, 9, tzinfo=dt.timezone(dt.timedelta(hours=9)))


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((SEED / "expected.json").read_text(encoding="utf-8"))


def publish(folder: Path, page: str, fetched_at: dt.datetime | None) -> Settings:
    settings = make_settings(folder, {"id": "news", "url": "http://board.example/news"})
    (board,) = settings.load_boards()
    report = ingest_pages(settings, board, [SEED / page], url=None, status=200, fetched_at=fetched_at)
    assert not report.refused
    assert run(settings, FEB_4, FEB_5, offline=True) == 0
    return settings


@pytest.fixture(scope="module", params=["page.html", "page.txt"])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Settings]:
    page = request.param
    return page, publish(tmp_path_factory.mktemp("seed"), page, READ_AT if page.endswith("txt") else None)


def test_its_twenty_rows_are_published_and_no_other(published: tuple[str, Settings], expected: dict) -> None:
    page, settings = published
    got = rows(settings, "select post_no, title, author, listed_on, is_notice, status from board_rows order by post_no desc")
    # One title was typed with a no-break space; a title is folded to what a reader sees, as in the captures' expected answers.
    shown = [(r["post_no"], r["title"].replace("\xa0", " "), r["author"]) for r in expected["board_rows"]]
    assert got == [(*row, FEB_5, False, "listed") for row in shown]
    ids = [i for (i,) in rows(settings, "select document_id from board_rows")]
    assert all((i < 0) == page.endswith("txt") for i in ids)
    assert len(set(ids)) == 20


def test_its_article_has_its_blocks_credits_and_outlet(published: tuple[str, Settings], expected: dict) -> None:
    page, settings = published
    blocks = rows(settings, "select kind, text, credit from article_blocks order by block_position")
    assert blocks == [(b["kind"], b["text"], b.get("credit")) for b in expected["article"]["blocks"]]
    ((source, title, day),) = rows(settings, "select source, title, listed_on from articles")
    assert source == expected["article"]["source"]
    if page.endswith("txt"):
        assert title is None
        assert day == FEB_5
    else:
        assert title.startswith("이재용-손정의-올트먼")
        assert day == FEB_4


def test_its_money_is_three_pairs_with_the_rates_they_imply(published: tuple[str, Settings], expected: dict) -> None:
    page, settings = published
    got = rows(
        settings,
        """select text, char_start, char_end, amount, currency, list_contains(qualifiers, '최소'), paired_fact_id is not null
           from currency_facts where place = 'body' order by block_position, char_start""",
    )
    wanted = [
        (m["text"], m["char_start"], m["char_end"], int(m["amount"]), m["currency"], m["qualifier"] == "최소", n == 1)
        for fact in expected["currency_facts"]
        for n, m in enumerate(fact["mentions"])
    ]
    assert [(*g[:3], int(g[3]), *g[4:]) for g in got] == wanted
    pairs = rows(
        settings,
        """select implied_rate, rate_pair, rate_verdict, best_fit_on from currency_facts
           where paired_fact_id is not null order by block_position""",
    )
    assert [(round(rate, 6), pair) for rate, pair, *_ in pairs] == [(1436.0, "USD/KRW"), (1440.0, "USD/KRW"), (1460.0, "USD/KRW")]
    if page.endswith("html"):  # listed on 2025-02-04; page text is listed on the day that it was read
        assert [(verdict, fit) for *_, verdict, fit in pairs] == [
            ("stale", dt.date(2025, 1, 23)),
            ("stale", dt.date(2025, 1, 30)),
            ("consistent", None),
        ]


def test_a_day_of_saved_pages_alone_is_published_with_a_warning(published: tuple[str, Settings]) -> None:
    _, settings = published
    gate = "select day, outcome, severity from gate_results where gate = 'board_days.not_from_saved_pages' order by day"
    days = rows(settings, "select day from board_days where board_id = 'news' and state = 'published' order by day")
    assert (FEB_5,) in days
    assert rows(settings, gate) == [(day, "failed", "warning") for (day,) in days]


def test_an_amount_without_currency_in_a_title_is_a_bare_mention(published: tuple[str, Settings]) -> None:
    _, settings = published
    got = rows(
        settings,
        """select f.text, f.kind, f.currency, f.amount
           from currency_facts f join board_rows r using (board_id, document_id) where r.post_no = 47234""",
    )
    assert [(t, k, c, int(a)) for t, k, c, a in got] == [("4억", "bare", "KRW", 400_000_000)]
