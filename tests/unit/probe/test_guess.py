"""An address that is no board: what it is taken for, and what its reader is told to try."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.parse.page import parse_page
from orchestration.probe.guess import Guess, guess
from orchestration.settings import KST

CAPTURES = Path(__file__).parents[4] / "shared" / "captures"
AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def guessed(html: str, *, url: str = "https://board.example/news", status: int = 200, content_type: str = "text/html") -> Guess:
    page = parse_page(html.encode(), url=url, status=status, content_type=content_type, fetched_at=AT, zone=KST)
    return guess(
        html, page, url=url, status=status, headers={"content-type": content_type}, cookie_variable="BOARDHOUSE_COOKIE_NEWS"
    )


RHYMIX = '<meta name="generator" content="Rhymix">'
MEMBERS_ONLY = '<div id="access"><h1>로그인이 필요합니다.</h1></div>'


def document(body: str = "", head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("html", "options", "what"),
    [
        (document('<a href="/bbs/board.php?bo_table=news&wr_id=3">글</a>', '<script>var g5_url="/"</script>'), {}, "Gnuboard"),
        (document("글", '<meta name="generator" content="WordPress 6.5">'), {}, "WordPress,"),
        (document('<div class="kboard-document"></div><link href="/wp-content/plugins/kboard/a.css">'), {}, "KBoard"),
        (document('<div id="root"></div><script src="/app.js"></script>'), {}, "JavaScript"),
        (document("x", "<title>Just a moment...</title>"), {"status": 403}, "check against robots"),
        (document("<h1>403 Forbidden</h1>"), {"status": 403}, "firewall"),
        (document(MEMBERS_ONLY, RHYMIX), {}, "members"),
        (document("nothing"), {"status": 404}, "not there"),
        (document("oops"), {"status": 502}, "server's fault"),
        ('<?xml version="1.0"?><rss></rss>', {"content_type": "text/xml"}, "a feed"),
        ('{"a": 1}', {"content_type": "application/json"}, "application/json"),
        (document("<p>hello</p>"), {}, "unknown to boardhouse"),
    ],
)  # fmt: skip
def test_what_it_is_taken_for_and_something_to_try(html: str, options: dict[str, object], what: str) -> None:
    found = guessed(html, **options)  # type: ignore[arg-type]
    assert what in found.what
    assert found.tries


def test_a_page_for_members_names_the_variable_for_a_cookie() -> None:
    found = guessed(document(MEMBERS_ONLY, RHYMIX))
    assert "BOARDHOUSE_COOKIE_NEWS" in found.tries[0]


def test_the_front_page_of_a_board_site_names_its_boards_those_with_documents_first() -> None:
    html = document(
        '<a href="/about">소개</a><a href="/news">뉴스</a><a href="/news/12">글</a>'
        '<a href="https://other.example/x">x</a><a href="/login">로그인</a>',
        RHYMIX,
    )
    found = guessed(html, url="https://board.example/")
    assert found.what.startswith("Rhymix")
    assert found.links == (("https://board.example/news", "뉴스"), ("https://board.example/about", "소개"))


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures of a real board are not beside this checkout")
def test_pages_of_a_real_board_that_are_no_list() -> None:
    deleted = guessed((CAPTURES / "art_deleted.html").read_text(), url="https://board.example/news/69252", status=404)
    assert deleted.links[0][0] == "https://board.example/news"
    mobile = guessed((CAPTURES / "list_m1.html").read_text(), url="https://board.example/news?m=1")
    assert "mobile" in mobile.what
    feed = guessed((CAPTURES / "rss.xml").read_text(), url="https://board.example/news/rss", content_type="text/xml")
    assert "feed" in feed.what
