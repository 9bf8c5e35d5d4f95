"""Our own pages, one per skin and trap, each with what it says beside it; the answers were checked by eye."""

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.parse.page import parse_page, to_json
from orchestration.parse.records import Page

KST = ZoneInfo("Asia/Seoul")
PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.name for path in PAGES.iterdir() if path.suffix != ".json")


def read(name: str) -> Page:
    body = (PAGES / name).read_bytes()
    return parse_page(body, url=None, fetched_at=dt.datetime(2026, 3, 2, 9, 0, tzinfo=KST), zone=KST)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reads_as_the_answer_beside_it(name: str) -> None:
    expected = json.loads((PAGES / name).with_suffix(".json").read_text("utf-8"))
    assert to_json(read(name)) == expected


def test_every_skin_has_a_page() -> None:
    pages = [read(name) for name in NAMES]
    assert {(page.engine, page.skin) for page in pages if page.kind != "none"} == {
        ("rhymix", "default"),
        ("rhymix", "xedition"),
        ("xe", "default"),
        ("xe", "sketchbook5"),
        ("text", None),
    }


@pytest.mark.parametrize(
    ("name", "view", "page_no", "last_page", "offers_date_search"),
    [
        ("default_list.html", "all", 3, 121, True),
        ("default_article.html", "all", 3, 121, True),
        ("xedition_category.html", "category", 1, 1, True),
        ("xe1_cp949.html", "all", 1, 2, False),
        ("sketchbook5_list.html", "all", 2, 48, False),
        ("page_text.txt", "all", None, None, False),
    ],
)
def test_a_list_says_which_listing_and_page_it_is(
    name: str, view: str, page_no: int, last_page: int, offers_date_search: bool
) -> None:
    page = read(name)
    assert (page.view, page.page_no, page.last_page, page.offers_date_search) == (view, page_no, last_page, offers_date_search)


def test_rows_carry_canonical_links_and_marks() -> None:
    page = read("default_article.html")
    assert [row.url for row in page.rows][:2] == ["http://forum.example/daily/501", "http://forum.example/daily/9120"]
    assert [row.is_current for row in page.rows] == [False, False, False, True, False, False, False]
    assert [row.is_secret for row in page.rows] == [False, False, False, False, False, True, False]
    assert [row.position for row in page.rows] == list(range(7))


def test_korean_beyond_euc_kr_is_read() -> None:
    page = read("xe1_cp949.html")
    assert page.encoding == "cp949"
    assert [row.title[0] for row in page.rows[1:]] == ["똠", "펲"]


def test_a_missing_document_of_xe1_is_deleted_though_it_answers_200() -> None:
    page = read("xe1_deleted.html")
    assert (page.kind, page.rows) == ("none", ())
    assert page.reason == "deleted: the board says '대상을 찾을 수 없습니다.'"
