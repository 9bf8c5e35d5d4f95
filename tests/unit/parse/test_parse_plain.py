"""The source readers against the tree: wherever the first read at all, both say the same."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from orchestration.parse import plain, rhymix, xe
from orchestration.parse.body import body_lines
from orchestration.parse.dates import day_of
from orchestration.parse.records import Row

KST = ZoneInfo("Asia/Seoul")
FETCHED_AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=KST)
BASE = "https://h.example/daily/1"
CONTEXT = xe.Context(BASE, None, "", FETCHED_AT, KST)
PAGES = Path(__file__).resolve().parents[2] / "golden" / "pages"


def fast_rows(table: str) -> tuple[Row, ...] | None:
    return plain.plain_rows(table, BASE, lambda text: day_of(text, FETCHED_AT, KST))


def tree_rows(table: str) -> tuple[Row, ...]:
    node = LexborHTMLParser(table).css_first("table")
    assert node is not None
    return tuple(xe._rows(node, rhymix.DEFAULT, CONTEXT))


def cut(name: str, start: str, end: str) -> str:
    html = (PAGES / name).read_text("utf-8")
    return html[html.index(start) : html.index(end, html.index(start)) + len(end)]


@pytest.mark.parametrize("name", ["default_list.html", "default_article.html", "xedition_secret.html", "xe1_deleted.html"])
def test_stock_lists_are_read_from_the_source(name: str) -> None:
    table = cut(name, "<table>\n<thead><tr><th scope", "</table>")
    rows = fast_rows(table)
    assert rows == tree_rows(table)
    assert rows


TEXTS = st.text(st.sampled_from("가나 \t\n[]12,»韓😀—\u200b\u00a0\u3000'"), max_size=8)
PIECES = st.lists(
    st.one_of(
        TEXTS,
        st.sampled_from(
            ["&amp;", "&lt;b&gt;", "&nbsp;", "&#039;", "& ", "&", "&copy", "&#8203;", "&hellip;", "<b>굵게</b>", "<br>", "<!-- -->"]
        ),
    ),
    max_size=3,
).map("".join)
LINKS = st.sampled_from(
    [
        "/daily/5",
        "/daily/5?page=2",
        "/index.php?mid=a&amp;document_srl=7",
        "/category/3",
        "/a/category/3",
        "#",
        "",
        "http://o.example/a/9",
        "/a/0",
    ]
)
ICONS = st.sampled_from(["", '<img src="/i/secret.gif" alt="secret">', '<img src="/i/new.gif" alt="new" title="new" />'])
BADGES = st.sampled_from(
    ["", '<a href="/daily/5#comment" class="replyNum" title="Replies">[12]</a>', '<a href="#" class="replyNum">1,024</a>']
)
STYLED = st.sampled_from(["{}", '<span style="color:red">{}</span>', "<strong>{}</strong>"])
NUMBERS = st.sampled_from(["12", " 1,204\n", "공지", "&raquo;", "", "a1"])
DATES = st.sampled_from(["2026.03.01", " 2026.02.30 ", "08:15", "3분 전", "", "<b>어제</b>"])
CLASSES = st.sampled_from(["", ' class="notice"', ' class="select"', ' class="notice select"', " id=x"])


@st.composite
def list_rows(draw: st.DrawFn) -> str:
    title = draw(STYLED).format(draw(PIECES))
    author = draw(st.sampled_from(["{}", '<a href="#p" class="member_7">{}</a>'])).format(draw(TEXTS))
    return (
        f'<tr{draw(CLASSES)}>\n<td class="no">{draw(NUMBERS)}</td>\n<td class="title"> <a href="{draw(LINKS)}">{title}</a>\n'
        f'{draw(BADGES)}{draw(ICONS)}</td><td class="author">{author}</td><td class="time">{draw(DATES)}</td></tr>'
    )


COLUMNS = "".join(f'<th scope="col">{name}</th>' for name in ("번호", "제목", "글쓴이", "날짜"))
HEAD = f"<table><thead><tr>{COLUMNS}</tr></thead>"


@settings(max_examples=150, deadline=None)
@given(st.lists(list_rows(), max_size=3))
def test_rows_read_from_the_source_are_those_of_the_tree(rows: list[str]) -> None:
    table = f"{HEAD}<tbody>\n<!-- LIST -->{''.join(rows)}\n<!-- /LIST --></tbody></table>"
    read = fast_rows(table)
    if read is not None:
        assert read == tree_rows(table)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<td class="no">', '<td class="vote">1</td><td class="no">'),
        ("</td></tr>", "</td><td>x</td></tr>"),
        ("<tr>", "<tr><!-- x -->"),
        ('<th scope="col">날짜</th>', ""),
        ("글</a>", "글<b></b></a>"),
        ("글</a>", "&bogus;</a>"),
        ("</tbody>", "<tr></tr></tbody>"),
    ],
)
def test_any_other_markup_is_left_to_the_tree(old: str, new: str) -> None:
    title = '<td class="title"><a href="/a/5">글</a></td>'
    cells = f'<td class="no">1</td>{title}<td class="author">나</td><td class="time">2026.03.01</td>'
    row = f"<tr>{cells}</tr>"
    table = f"{HEAD}<tbody>{row}</tbody></table>"
    assert fast_rows(table)
    assert old in table
    assert fast_rows(table.replace(old, new)) is None


INLINE = st.sampled_from(
    ["{}", "<strong>{}</strong>", "<b>{}</b>", "<em>{}</em>", '<span style="color:#888;">{}</span>', "<span>{}</span>", "<u>{}</u>"]
)
BLOCK = st.sampled_from(
    [
        "<p>{}</p>",
        "<h3>{}</h3>",
        '<p style="text-align:center;">{}</p>',
        "<p style='font-weight:bold'>{}</p>",
        '<p class="a" style="font-weight:700">{}</p>',
        '<p style="display:none">{}</p>',
        "<div>{}</div>",
        "<p>{}",
        "{}",
    ]
)
IMAGES = st.sampled_from(
    [
        '<img src="/a.jpg" alt="x" />',
        '<img alt="" src="https://o.example/b.jpg?x=1&amp;y=2">',
        "<img>",
        '<img src="./files/c.jpg">',
        '<img data-src="/d.jpg">',
        "<img src=e.jpg>",
    ]
)


@st.composite
def body_blocks(draw: st.DrawFn) -> str:
    inner = draw(st.one_of(st.builds(lambda shape, text: shape.format(text), INLINE, PIECES), IMAGES))
    return draw(BLOCK).format(inner)


@settings(max_examples=250, deadline=None)
@given(st.lists(body_blocks(), max_size=5), st.sampled_from(["", "\n\n"]))
def test_lines_read_from_the_source_are_those_of_the_tree(parts: list[str], between: str) -> None:
    body = f'<div class="document_5_-1 rhymix_content xe_content">{between.join(parts)}</div>'
    read = plain.plain_lines(body, BASE)
    if read is not None:
        root = LexborHTMLParser(body).body
        assert root is not None
        lines, images = body_lines(root, BASE)
        # The tree names the block that a line shares with its image; here no two things stand in one block.
        assert read == (lines, images)


def test_a_plain_body_is_read_from_the_source() -> None:
    body = (
        '<div class="document_5_7 rhymix_content xe_content"><p>가</p>\n\n<p>&nbsp;</p><p><img src="/a.jpg"></p><h3>나</h3></div>'
    )
    read = plain.plain_lines(body, BASE)
    assert read is not None
    assert [(line.text, line.heading, line.image_url) for line in read[0]] == [
        ("가", False, None),
        ("나", True, "https://h.example/a.jpg"),
    ]


@pytest.mark.parametrize(
    "extra",
    ["<p>가<br>나</p>", "<p>가 <b>나</b></p>", "글", "<div><p>가</p></div>", "<p>가</p></div><p>나</p>", "<p>가 &bogus;</p>"],
)
def test_a_body_with_more_in_it_is_left_to_the_tree(extra: str) -> None:
    assert plain.plain_lines(f'<div class="document_5_7 xe_content"><p>가</p>{extra}</div>', BASE) is None


@pytest.mark.parametrize(("name", "skin"), [("default_article.html", rhymix.DEFAULT), ("xedition_secret.html", rhymix.XEDITION)])
def test_a_header_read_from_the_source_is_that_of_the_tree(name: str, skin: xe.Skin) -> None:
    html = (PAGES / name).read_text("utf-8")
    at = html.index('<div class="read_header">')
    read = plain.plain_header(html, at)
    root = LexborHTMLParser(html[at : html.index('<div class="read_body">')]).body
    assert read is not None
    assert read == xe._header(root, skin)
