"""Ids where there are no links, and the hash of an article's content."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.parse.identity import content_hash, text_document_id, with_ids
from orchestration.parse.page import parse_page
from orchestration.parse.records import Article, Page

KST = ZoneInfo("Asia/Seoul")
FETCHED_AT = dt.datetime(2026, 3, 1, 15, 30, tzinfo=dt.UTC)  # 2 March in Seoul
PAGES = Path(__file__).resolve().parents[2] / "golden" / "pages"
DAY = dt.date(2026, 3, 2)


def page_of(name: str) -> Page:
    return parse_page((PAGES / name).read_bytes(), url=None, fetched_at=FETCHED_AT, zone=KST)


def test_an_id_is_negative_fits_bigint_and_never_changes() -> None:
    made = text_document_id("daily", "row", "제목", "하늘", DAY, 0)
    assert -(2**62) < made < 0
    assert made == -4034857243167407135  # published tables hold it


@pytest.mark.parametrize(
    "other",
    [
        ("other", "row", "제목", "하늘", DAY, 0),
        ("daily", "article", "제목", "하늘", DAY, 0),
        ("daily", "row", "제목 ", "하늘", DAY, 0),
        ("daily", "row", "제목", None, DAY, 0),
        ("daily", "row", "제목", "하늘", None, 0),
        ("daily", "row", "제목", "하늘", DAY, 1),
    ],
)
def test_everything_known_of_a_document_is_in_its_id(other: tuple) -> None:  # type: ignore[type-arg]
    assert text_document_id(*other) != text_document_id("daily", "row", "제목", "하늘", DAY, 0)


def test_rows_and_article_of_a_text_page_get_ids() -> None:
    page = with_ids(page_of("page_text.txt"), "daily", FETCHED_AT, KST)
    ids = [row.document_id for row in page.rows]
    assert len({*ids, page.article.document_id if page.article else None}) == 5
    assert all(number is not None and number < 0 for number in ids)
    assert page.article is not None
    assert page.article.document_id == text_document_id("daily", "article", page.article.blocks[0].text, None, DAY, 0)


def test_a_page_with_links_is_left_as_it_is() -> None:
    page = page_of("default_list.html")
    assert with_ids(page, "daily", FETCHED_AT, KST) is page


def test_equal_rows_are_counted_from_the_bottom() -> None:
    page = page_of("page_text.txt")
    older = page.rows[1]
    below = replace(page, rows=(older,))
    above = replace(page, rows=(older, older))  # the same title again, listed above
    (first,) = with_ids(below, "daily", FETCHED_AT, KST).rows
    new, kept = with_ids(above, "daily", FETCHED_AT, KST).rows
    assert kept.document_id == first.document_id != new.document_id


def article_of(name: str) -> Article:
    article = page_of(name).article
    assert article is not None
    return article


def test_a_hash_is_of_the_content() -> None:
    article = article_of("default_article.html")
    hashed = content_hash(article)
    assert content_hash(article_of("default_article.html")) == hashed
    block = replace(article.blocks[1], text=article.blocks[1].text + " ")
    for changed in (
        replace(article, title="다른 제목"),
        replace(article, blocks=(article.blocks[0], block, *article.blocks[2:])),
        replace(article, blocks=article.blocks[:-1]),
        replace(article, source=None),
        replace(article, image_count=3),
        replace(article, date_text="2026.03.02 07:16"),
        replace(article, body_readable=False),
    ):
        assert content_hash(changed) != hashed


def test_a_hash_does_not_follow_the_clock_or_the_scheme() -> None:
    article = article_of("default_article.html")
    assert content_hash(replace(article, date_text="3분 전")) == content_hash(replace(article, date_text="4분 전"))
    secure = tuple(
        replace(block, image_url=block.image_url and block.image_url.replace("http:", "https:")) for block in article.blocks
    )
    assert content_hash(replace(article, url="https://moved.example/1", blocks=secure)) == content_hash(article)
