"""parse_page: what kind of page a response is, and the traps that pages set."""

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.parse.page import parse_page, to_json
from orchestration.parse.records import Page

KST = ZoneInfo("Asia/Seoul")
FETCHED_AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=KST)
PAGES = Path(__file__).resolve().parents[2] / "golden" / "pages"
LIST = (PAGES / "default_list.html").read_text("utf-8")
ARTICLE = (PAGES / "default_article.html").read_text("utf-8")
SECRET = (PAGES / "xedition_secret.html").read_text("utf-8")
SKETCHBOOK = (PAGES / "sketchbook5_article.html").read_text("utf-8")
ALERT = (PAGES / "xe1_deleted.html").read_text("utf-8")
TEXT = (PAGES / "page_text.txt").read_text("utf-8")


def parse(
    body: str | bytes,
    *,
    url: str | None = None,
    status: int = 200,
    content_type: str | None = None,
    engine: str = "auto",
    skin: str = "auto",
) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return parse_page(
        data, url=url, status=status, content_type=content_type, fetched_at=FETCHED_AT, zone=KST, engine=engine, skin=skin
    )


def why(page: Page) -> str:
    assert (page.kind, page.rows, page.article) == ("none", (), None)
    assert page.reason is not None
    assert "\n" not in page.reason
    return page.reason.partition(":")[0]


def document(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


# What it refuses


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("", 200, "empty"),
        ("", 301, "moved"),
        ("", 404, "error"),
        (LIST, 500, "error"),
        (LIST, 404, "error"),
        (document("<div id='access'><h1>대상을 찾을 수 없습니다.</h1></div>"), 404, "deleted"),
        (document("<div id='access'><h1>대상을 찾을 수 없습니다.</h1></div>"), 200, "deleted"),
        (document("<div id='access'><h1>권한이 없습니다.</h1></div>"), 200, "login"),
        (document("<div id='access'><h1>로그인이 필요합니다</h1></div>"), 403, "login"),
        (document("<div id='access'><h1>점검 중입니다</h1></div>"), 200, "error"),
        (document('<div class="hd"></div><div class="bd"><div class="hx h2"></div><ul class="lt"></ul></div>'), 200, "mobile"),
        (document("<p>아무 글</p>", "<title>남의 집</title>"), 200, "unknown"),
        (
            document(
                '<h2>제목</h2><!--BeforeDocument(5,1)--><div class="document_5_1 xe_content">글</div><!--AfterDocument(5,1)-->'
            ),
            200,
            "unknown",
        ),
        ('<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>', 200, "feed"),
        ("그냥 적어 둔 글\n둘째 줄", 200, "unknown"),
        ('{"error": -1}', 200, "unknown"),
    ],
)
def test_a_page_that_is_no_board_is_none_and_says_why(body: str, status: int, reason: str) -> None:
    assert why(parse(body, status=status)) == reason


def test_bytes_that_are_no_text_are_none() -> None:
    assert why(parse(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", content_type="image/png")) == "unknown"


def test_a_missing_document_is_deleted_and_a_missing_page_an_error() -> None:
    assert why(parse("<html></html>", url="http://forum.example/daily/5", status=404)) == "deleted"
    assert why(parse("<html></html>", url="http://forum.example/daily", status=404)) == "error"


def test_an_unknown_page_gives_its_title() -> None:
    assert "남의 집" in (parse(document("", "<title>남의 집</title>")).reason or "")


@pytest.mark.parametrize("whole", [LIST, ARTICLE, SECRET, SKETCHBOOK])
def test_a_document_that_was_cut_off_is_never_read(whole: str) -> None:
    for share in range(1, 20):
        page = parse(whole[: len(whole) * share // 20])
        assert not page.complete
        assert why(page) in ("truncated", "unknown", "login", "empty")
    assert parse(whole).complete


def test_a_document_cut_off_within_a_character_says_truncated() -> None:
    body = ARTICLE.encode()
    assert why(parse(body[: body.index("같은".encode()) + 1])) == "truncated"


def test_a_fetch_time_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zone"):
        parse_page(b"", url=None, fetched_at=dt.datetime(2026, 3, 2), zone=KST)  # noqa: DTZ001


# XE1's alert


def test_the_alert_counts_for_a_document_and_not_for_a_list() -> None:
    assert why(parse(ALERT, url="http://forum.example/old/338")) == "deleted"
    assert parse(ALERT, url="http://forum.example/old").kind == "list"


def test_an_alert_in_a_title_is_a_title() -> None:
    assert parse(LIST, url="http://forum.example/daily/9999").kind == "list"


def test_a_skins_own_alerts_are_not_the_boards_answer() -> None:
    page = parse(
        ALERT.replace("\\ub300\\uc0c1\\uc744", "").replace(
            "\\ucc3e\\uc744 \\uc218 \\uc5c6\\uc2b5\\ub2c8\\ub2e4.", "내용을 적어 주세요"
        )
    )
    assert page.kind == "list"


# Who wrote what


def test_comments_navigation_and_forms_are_never_read() -> None:
    read = json.dumps(to_json(parse(ARTICLE)), ensure_ascii=False)
    for foreign in ("가짜 글", "구름일보", "9억 달러", "바로가기", "약관", "File Size", "photo", "메뉴 건너뛰기"):
        assert foreign not in read


FAKE_ROW = '<td class="no">1</td><td class="title"><a href="/daily/1">가짜</a></td><td class="time">2020.01.01</td>'
FAKE_LIST = f'<div class="board_list" id="board_list"><table><tbody><tr>{FAKE_ROW}</tr></tbody></table></div>'
FAKE_HEADER = '<div class="read_header"><h1><a href="/daily/1">가짜</a></h1><p class="time">2020.01.01 00:00</p></div>'
FAKE_END = "<!--AfterDocument(9117,7)--></div>"
FAKE_ARTICLE = '<!--BeforeDocument(1,1)--><div class="document_1_1 xe_content"><p>가짜</p></div><!--AfterDocument(1,1)-->'


@pytest.mark.parametrize("fake", [FAKE_LIST, FAKE_HEADER, FAKE_ARTICLE, FAKE_LIST + FAKE_HEADER + FAKE_ARTICLE])
def test_markup_typed_by_an_author_is_text(fake: str) -> None:
    honest = parse(ARTICLE)
    page = parse(ARTICLE.replace("<h3>걸어서", f"{fake}<h3>걸어서"))
    assert page.rows == honest.rows
    assert page.article is not None and honest.article is not None
    assert (page.article.document_id, page.article.title) == (9117, honest.article.title)
    assert page.article.published_at == honest.article.published_at
    assert page.article.blocks[-2:] == honest.article.blocks[-2:]


@pytest.mark.parametrize("fake", [FAKE_LIST, FAKE_HEADER, FAKE_ARTICLE])
def test_markup_typed_by_a_commenter_is_not_read(fake: str) -> None:
    assert parse(ARTICLE.replace("<p>잘 읽었습니다", f"{fake}<p>잘 읽었습니다")) == parse(ARTICLE)


def test_a_list_typed_by_an_author_is_none_where_the_board_shows_none() -> None:
    start, end = ARTICLE.index('<div class="board_list"'), ARTICLE.index('<div class="list_footer"')
    alone = (ARTICLE[:start] + ARTICLE[end:]).replace("<h3>걸어서", f"{FAKE_LIST}<h3>걸어서")
    page = parse(alone)
    assert (page.kind, page.rows, page.view) == ("article", (), None)


def test_a_typed_end_marker_does_not_end_the_body() -> None:
    page = parse(ARTICLE.replace("<h3>걸어서", "<!--AfterDocument(9117,7)--><h3>걸어서"))
    assert page.article == parse(ARTICLE).article


def test_parts_that_are_commented_out_or_in_a_script_are_not_there() -> None:
    for opened, closed in (("<!--", "-->"), ("<script>", "</script>")):
        page = parse(LIST.replace("</footer>", f"</footer>{opened}{FAKE_LIST}{closed}"))
        assert page.rows == parse(LIST).rows


# Rows


def row_of(
    title_cell: str, *, number: str = "7", cells: str = '<td class="author">하늘</td><td class="time">2026.03.01</td>'
) -> str:
    body = f'<tr><td class="no">{number}</td><td class="title">{title_cell}</td>{cells}</tr>'
    return document(f'<div class="board_list" id="board_list"><table><tbody>{body}</tbody></table></div>')


@pytest.mark.parametrize(
    ("cell", "title", "comments"),
    [
        ('<a href="/a/5">글</a>', "글", None),
        ('<a href="/a/5">글 [12]</a>', "글 [12]", None),
        ('<a href="/a/5">글</a> <a href="/a/5#comment" class="replyNum">[12]</a>', "글", 12),
        ('<a href="/a/5">글</a> <a href="#5_comment" class="replyNum">1,024</a>', "글", 1024),
        ('<a href="/a/5"><span style="color:red"><b>굵은</b> 글</span></a>', "굵은 글", None),
        ('<a href="/a/5">\n\t 글 \t\n</a>', "글", None),
        ('<a href="/a/5">&lt;b&gt;글&lt;/b&gt; &amp;amp; &#039;글&#039;</a>', "<b>글</b> &amp; '글'", None),
        ('<a href="/a?category=3" class="category">분류</a> <a href="/a/5">글</a>', "글", None),
        ('<a href="/a/5">글</a> <img src="/x/secret.gif" alt="secret"> <img src="/x/new.gif" alt="new">', "글", None),
        ('<a href="/a/5"><img src="/t.png" alt="그림 제목"></a>', "그림 제목", None),
    ],
)
def test_a_title_is_what_its_link_shows(cell: str, title: str, comments: int | None) -> None:
    (row,) = parse(row_of(cell)).rows
    assert (row.title, row.comment_count, row.document_id) == (title, comments, 5)


def test_a_title_without_a_link_is_still_a_row() -> None:
    (row,) = parse(row_of('볼 수 없는 글 <a class="replyNum" href="#c">[3]</a>')).rows
    assert (row.title, row.document_id, row.url, row.comment_count) == ("볼 수 없는 글", None, None, 3)


def test_columns_are_known_by_name_whatever_their_order() -> None:
    html = document(
        '<div id="board_list"><table><thead><tr><th>날짜</th><th>글쓴이</th><th>제목</th><th>조회 수</th></tr></thead><tbody>'
        '<tr class="x"><td class="time">2026.02.03</td><td class="author"><img src="/n.gif" alt="그림 이름"></td>'
        '<td class="title"><a href="/a/5">글</a></td><td class="readNum">1,204</td></tr></tbody></table></div>'
    )
    (row,) = parse(html).rows
    assert (row.post_no, row.author, row.listed_on, row.view_count) == (None, "그림 이름", dt.date(2026, 2, 3), 1204)


def test_an_empty_board_is_a_list_without_rows() -> None:
    html = document('<div id="board_list"><table><tbody><tr><td colspan="5">등록된 글이 없습니다.</td></tr></tbody></table></div>')
    page = parse(html)
    assert (page.kind, page.rows, page.reason) == ("list", (), None)


def test_a_date_that_is_none_leaves_the_text_to_the_gates() -> None:
    (row,) = parse(row_of('<a href="/a/5">글</a>', cells='<td class="time">언젠가</td>')).rows
    assert (row.date_text, row.listed_on) == ("언젠가", None)


def test_the_row_of_the_shown_article_has_no_number() -> None:
    (row,) = parse(row_of('<a href="/a/5">글</a>', number="&raquo;")).rows
    assert (row.post_no, row.is_current, row.is_notice) == (None, True, False)


@pytest.mark.parametrize(
    ("url", "view"),
    [
        ("http://forum.example/daily?page=3", "all"),
        ("http://forum.example/daily?search_target=regdate&search_keyword=20260302", "search"),
        ("http://forum.example/daily/category/3", "category"),
        ("http://forum.example/daily?sort_index=regdate&order_type=desc", "sorted"),
    ],
)
def test_the_address_says_which_listing_it_is(url: str, view: str) -> None:
    assert parse(LIST, url=url).view == view


def test_past_the_end_no_page_is_current() -> None:
    page = parse(LIST.replace("<strong>3</strong>", '<a href="/daily?page=3">3</a>'))
    assert (page.page_no, page.last_page) == (None, 121)


# Articles


def test_a_secret_article_is_read_but_for_its_body() -> None:
    page = parse(SECRET, status=403)
    assert page.article is not None
    assert (page.article.body_readable, page.article.blocks, page.article.title) == (False, (), "여덟째 글")
    assert len(page.rows) == 3


def test_a_password_field_elsewhere_makes_no_article_secret() -> None:
    assert 'type="password"' in ARTICLE
    article = parse(ARTICLE).article
    assert article is not None and article.body_readable


def test_other_quotes_and_classes_are_found_by_structure() -> None:
    varied = ARTICLE.replace('class="read_header"', "class='clear read_header'")
    varied = varied.replace('<div class="board_list" id="board_list">', "<div class='board_list' id='board_list'>")
    assert parse(varied) == parse(ARTICLE)


# What a board is known to be


def test_a_stated_skin_is_the_only_one_tried() -> None:
    assert parse(SKETCHBOOK, skin="sketchbook5").kind == "article+list"
    assert why(parse(SKETCHBOOK, skin="default")) == "unknown"
    assert parse(LIST, skin="xedition").skin == "xedition"


def test_page_text_needs_its_columns_or_a_word_from_its_board() -> None:
    assert parse(TEXT).kind == "article+list"
    assert parse(TEXT.split("번호 제목")[0]).kind == "none"
    assert parse(TEXT.split("번호 제목")[0], engine="text").kind == "article"
    assert parse("번호" + TEXT.split("번호")[-1]).kind == "list"


def test_text_about_markup_is_text() -> None:
    assert parse(TEXT.replace("걸어서 12분", "<div>란 무엇인가")).engine == "text"


# Whatever comes

SEEDS = [path.read_bytes() for path in sorted(PAGES.iterdir()) if path.suffix != ".json"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=st.binary(max_size=3000),
    status=st.sampled_from([200, 301, 403, 404, 500]),
    engine=st.sampled_from(["auto", "rhymix", "text"]),
)
def test_no_bytes_make_it_raise(body: bytes, status: int, engine: str) -> None:
    page = parse(body, status=status, engine=engine, url="http://forum.example/daily/5")
    json.dumps(to_json(page)).encode()
    assert (page.reason is None) == (page.kind != "none")


DEBRIS = [b"<", b"<!--", b"-->", b"</td>", b"<table>", b"</table>", b'"', b"&#x110000;", b"<script>", b"\xff", b"\0", b"<p"]
GRAFTS = st.one_of(st.binary(max_size=30), st.sampled_from(DEBRIS), st.floats(0, 1))
WOUNDS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 400), GRAFTS), min_size=1, max_size=4)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.sampled_from(SEEDS), wounds=WOUNDS)
def test_no_damage_makes_it_raise(body: bytes, wounds: list[tuple[float, int, bytes | float]]) -> None:
    for place, size, with_ in wounds:
        start = int(place * len(body))
        graft = with_ if isinstance(with_, bytes) else body[int(with_ * len(body)) :][:300]  # debris, or a piece of the page itself
        body = body[:start] + graft + body[start + size :]
    page = parse(body)
    json.dumps(to_json(page)).encode()
    assert (page.reason is None) == (page.kind != "none")
