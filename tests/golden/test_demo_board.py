"""The parsers read from the bundled board's pages exactly what its generator knows, in every skin and charset."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from orchestration.demo.content import KST, generate
from orchestration.demo.site import Answer, Site
from orchestration.money.reader import read_mentions
from orchestration.parse.page import parse_page
from orchestration.parse.records import Page

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=KST)
BASE = "http://board.example"

VARIANTS = {
    "default": {},
    "xedition": {"skin": "xedition", "categories": ("정치", "경제")},
    "sketchbook5": {"skin": "sketchbook5", "categories": ("정치", "경제")},
    "cp949": {"charset": "cp949"},
    "xe": {"engine": "xe"},
}


@pytest.fixture(scope="module", params=VARIANTS)
def site(request: pytest.FixtureRequest) -> Site:
    board = generate(3, dt.date(2026, 11, 20), days=6, posts=300, **VARIANTS[request.param])
    site = Site(board, base=BASE, now=lambda: NOW)
    site.make_secret(board.listed[17].srl)
    site.add_post("[속보] “따옴표” & <꺾쇠> '작은' \"큰\" 檢…½ 📈")
    return site


def parse(target: str, answer: Answer) -> Page:
    return parse_page(
        answer.body,
        url=f"{BASE}{target}",
        status=answer.status,
        content_type=answer.headers["Content-Type"],
        fetched_at=NOW,
        zone=ZoneInfo("Asia/Seoul"),
    )


def get(site: Site, target: str, agent: str = "python-requests/2.32") -> Page:
    return parse(target, site.answer("GET", target, {"user-agent": agent}))


def absolute(url: str | None) -> str | None:
    return BASE + url if url and url.startswith("/") else url


def test_every_row_is_read_as_the_generator_knows_it(site: Site) -> None:
    read = {}
    pages = site.page_count()
    for number in range(1, pages + 1):
        page = get(site, f"/news?page={number}")
        assert (page.kind, page.view, page.page_no, page.last_page, page.complete) == ("list", "all", number, pages, True)
        assert page.offers_date_search
        for row in page.rows:
            read[row.document_id] = (
                row.document_id,
                row.post_no,
                row.is_notice,
                row.is_secret,
                row.title,
                row.author,
                row.listed_on,
                row.category,
                row.comment_count,
                row.view_count,
                row.url,
            )
    known = {
        row.document_id: (
            row.document_id,
            row.post_no,
            row.is_notice,
            row.is_secret,
            row.title,
            row.author,
            row.listed_on,
            row.category,
            row.comment_count,
            row.view_count,
            absolute(row.url),
        )
        for row in site.true_rows()
    }
    assert read == known


def test_every_article_is_read_as_the_generator_knows_it(site: Site) -> None:
    for known in site.true_articles():
        page = get(site, known.url)
        read = page.article
        assert read is not None, (known.url, page.reason)
        assert (read.document_id, read.url, read.title, read.author, read.published_at, read.published_precision) == (
            known.document_id,
            absolute(known.url),
            known.title.text,
            known.author,
            known.published_at,
            "minute",
        )
        assert (read.category, read.source, read.image_count, read.body_readable) == (
            known.category,
            known.source,
            known.image_count,
            known.body_readable,
        )
        assert [(b.kind, b.text, b.credit, b.image_url) for b in read.blocks] == [
            (b.kind, b.text, b.credit, absolute(b.image_url)) for b in known.blocks
        ]


def test_past_the_end_there_are_notices_only(site: Site) -> None:
    page = get(site, f"/news?page={site.page_count() + 1}")
    assert page.page_no is None and page.last_page == site.page_count()
    assert page.rows and all(row.is_notice for row in page.rows)


def test_a_search_is_told_from_the_whole_board(site: Site) -> None:
    assert get(site, "/news?search_target=regdate&search_keyword=20261118").view == "search"


def test_what_is_no_board_page_is_read_as_none(site: Site) -> None:
    for target in ("/news/9", "/nosuchboard", "/news?m=1"):
        page = get(site, target)
        assert page.kind == "none" and page.reason, target


def test_every_mention_of_money_is_read_as_the_generator_knows_it() -> None:
    for article in generate(3, dt.date(2026, 11, 20), days=6, posts=300).true_articles():
        for line in (article.title, *article.blocks):
            read = [
                (m.text, m.start, m.end, m.currency, m.amount, m.qualifiers, m.paired_with, m.kind)
                for m in read_mentions(line.text)
            ]
            known = [(m.text, m.start, m.end, m.currency, m.amount, m.qualifiers, m.paired_with, "amount") for m in line.money]
            assert read == known, line.text
