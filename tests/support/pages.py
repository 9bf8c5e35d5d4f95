"""Pages of a small board in the DOM of Rhymix's default skin, for tests that need bytes and not records.

Here: lists and articles with the few parts that a parser reads. Not here: the bundled board, which behaves like a real one
(`orchestration.demo`), or hand-made records (`candidate`).
"""

import datetime as dt
from html import escape
from typing import Any

from orchestration.landing.records import Response

HOST = "https://board.example"


def list_html(rows: list[tuple[int, int | str, str, dt.date]], *, page: int = 1, mid: str = "news") -> str:
    """`rows`: document id, number (or 공지, »), title, day."""
    body = "".join(
        f'<tr{" class=notice" if number == "공지" else ""}><td class="{"notice" if number == "공지" else "no"}">{number}</td>'
        f'<td class="title"><a href="/{mid}/{document}">{escape(title)}</a></td>'
        f'<td class="author"><a class="member_79" href="#">기자실</a></td><td class="time">{day:%Y.%m.%d}</td></tr>'
        for document, number, title, day in rows
    )
    return (
        '<div class="board"><div class="board_list" id="board_list"><table><thead><tr><th>번호</th><th>제목</th>'
        f"<th>글쓴이</th><th>날짜</th></tr></thead><tbody>{body}</tbody></table></div>"
        f'<div class="list_footer"><div class="pagination"><strong>{page}</strong></div></div></div>'
    )


def article_html(document: int, title: str, when: str, paragraphs: list[str], *, mid: str = "news", below: str = "") -> str:
    """`when`: as the page shows it, 2025.02.04 20:28."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        '<div class="board"><div class="board_read"><div class="read_header">'
        f'<h1><a href="/{mid}/{document}">{escape(title)}</a></h1><p class="time">{when}</p>'
        '<p class="meta"><a class="author member_79" href="#">기자실</a></p></div>'
        f'<div class="read_body"><!--BeforeDocument({document},79)-->'
        f'<div class="document_{document}_79 rhymix_content xe_content">{body}</div><!--AfterDocument({document},79)--></div>'
        f"</div></div>{below}"
    )


def document(content: str) -> bytes:
    head = '<meta charset="UTF-8"><meta name="generator" content="Rhymix"><title>뉴스</title>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{content}</body></html>".encode()


def response(content: str | bytes, url: str, fetched_at: dt.datetime, **changes: Any) -> Response:
    fields: dict[str, Any] = {
        "board_id": "news",
        "run_id": "fetch1",
        "purpose": "list",
        "url_asked": HOST + url,
        "url": HOST + url,
        "status": 200,
        "headers": {"content-type": "text/html; charset=UTF-8"},
        "fetched_at": fetched_at,
        "body": content if isinstance(content, bytes) else document(content),
    }
    return Response(**(fields | changes))


def list_page(rows: list[tuple[int, int | str, str, dt.date]], fetched_at: dt.datetime, **changes: Any) -> Response:
    return response(list_html(rows), "/news", fetched_at, **changes)


def article_page(number: int, title: str, when: str, paragraphs: list[str], fetched_at: dt.datetime, **changes: Any) -> Response:
    content = article_html(number, title, when, paragraphs)
    return response(content, f"/news/{number}", fetched_at, **({"purpose": "article", "document_id": number} | changes))


def no_article(number: int, status: int, fetched_at: dt.datetime, **changes: Any) -> Response:
    content = '<div id="access"><h1>대상을 찾을 수 없습니다.</h1></div>'
    fields = {"purpose": "article", "document_id": number, "status": status}
    return response(content, f"/news/{number}", fetched_at, **(fields | changes))
