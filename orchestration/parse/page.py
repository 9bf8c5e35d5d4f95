"""One response read: which engine and skin, what kind of page, or why it is none.

Here: the entry point of parsing, `parse_page`, what it refuses, and the JSON that `boardhouse parse` prints. Not here: markup
(`xe` and the skins), dates, blocks. Pure: no clock, no network, no state.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from orchestration.parse import rhymix, text, urls, xe
from orchestration.parse.body import fold
from orchestration.parse.encoding import decode
from orchestration.parse.records import Page, PageKind
from orchestration.parse.sketchbook5 import SKETCHBOOK5

_HEAD = 20_000  # characters in which a page's own address and engine are looked for
_GENERATOR = re.compile(r"<meta\b(?=[^>]*\bname=[\"']?generator)[^>]*?\bcontent=[\"']?([A-Za-z]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]{0,200})", re.IGNORECASE)
_SCRIPT_ALERT = re.compile(
    r"<script[^>]*>(?:(?!</script).){0,400}?\balert\(\s*([\"'])((?:(?!\1).){1,200})\1", re.IGNORECASE | re.DOTALL
)
_JS_CHARACTER = re.compile(r"\\u([0-9a-fA-F]{4})")
_GONE = re.compile(r"찾을 수 없|존재하지 않|삭제(?:된|되었|됐)|없는 (?:글|게시물|문서)|not found|does not exist", re.IGNORECASE)
_REFUSED = re.compile(r"권한|로그인|회원만|log ?in|permission|permitted", re.IGNORECASE)
_MESSAGE_CSS = "#access h1, #access .login-header h1, .xedition-error p, .xedition-error h1, .message h1, #message, .error_message"
_STRANGE_ARTICLE = "unknown: an article whose header is in no skin that boardhouse reads"
_SHORT_REASON = 160


def parse_page(
    body: bytes,
    *,
    url: str | None,
    status: int = 200,
    content_type: str | None = None,
    fetched_at: datetime,
    zone: ZoneInfo,
    engine: str = "auto",
    skin: str = "auto",
) -> Page:
    """Everything that one response says.

    `url`: the address that answered (None: only what the page says of itself); `fetched_at`: aware; `zone`: the board's;
    `engine`, `skin`: `auto`, or what the board is known to be. Never raises for what the bytes hold: a page that cannot be read
    is of kind `none` with a reason whose first word says which: deleted, refused, login, moved, error, mobile, feed, empty,
    truncated, unknown. ValueError for a `fetched_at` without a zone.
    """
    if fetched_at.tzinfo is None:
        raise ValueError("fetched_at must carry its zone")
    content, encoding = decode(body, content_type)
    nothing = Page(
        engine=None,
        skin=None,
        kind="none",
        rows=(),
        article=None,
        encoding=encoding,
        view=None,
        page_no=None,
        last_page=None,
        offers_date_search=False,
        complete=True,
    )
    if not content.strip("\ufeff \t\r\n\0"):
        reason = "empty: the answer has no body" if status < 300 else _reason_of_status(status, url, None)
        return replace(nothing, reason=reason)
    if engine == "text" or (engine == "auto" and not _is_html(content, content_type)):
        return _parse_text(content, nothing, status, content_type, fetched_at, zone, given=engine == "text")
    return _parse_html(content, nothing, url, status, fetched_at, zone, engine, skin)


def _is_html(content: str, content_type: str | None) -> bool:
    start = content[:1000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<") or "<html" in start or "<!doctype" in start:
        return True
    return "html" in (content_type or "").lower() and text.find_list_header(content) is None


def _parse_text(
    content: str, nothing: Page, status: int, content_type: str | None, fetched_at: datetime, zone: ZoneInfo, *, given: bool
) -> Page:
    if status >= 400:
        return replace(nothing, engine="text", reason=_reason_of_status(status, None, None))
    if "\0" in content or (content_type and re.match(r"(?:image|audio|video|application/(?!xhtml))", content_type)):
        return replace(nothing, reason=f"unknown: neither HTML nor text ({content_type or 'it holds NUL bytes'})")
    if not given and text.find_list_header(content) is None:
        return replace(nothing, reason="unknown: no HTML, and no line names the columns of a list (번호 제목 글쓴이 날짜)")
    rows, article = text.read_text(content, fetched_at, zone)
    kind = _kind(rows is not None, article is not None)
    reason = "unknown: the text holds neither a list nor an article" if kind == "none" else None
    return replace(
        nothing, engine="text", kind=kind, rows=rows or (), article=article, view="all" if rows is not None else None, reason=reason
    )


def _parse_html(
    html: str, nothing: Page, url: str | None, status: int, fetched_at: datetime, zone: ZoneInfo, engine: str, skin: str
) -> Page:
    head = html[:_HEAD]
    if head.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<rss", "<feed")) and "<html" not in head:
        return replace(nothing, reason="feed: RSS or Atom, not a page of the board")
    page = replace(nothing, complete=_is_complete(html), engine=_engine_of(head) if engine == "auto" else engine)
    if status >= 300 and status != 403:
        return replace(page, reason=_reason_of_status(status, url, html))
    described = _skins_of(html) if skin == "auto" else iter([_SKINS[skin]])
    if not page.complete and (first := next(described, None)):
        return replace(page, skin=first.name, reason=_truncated(html))
    current = urls.current_url(head)
    canonical = urls.canonical_link(html[: html.find("</head>", 0, _HEAD)])
    base = next((known for known in (url, canonical, current) if urls.origin(known)), None)
    context = xe.Context(base, canonical, head, fetched_at, zone)
    for tried in described:
        board = xe.read_board(html, tried, context)
        kind = _kind(board.rows is not None, board.article is not None)
        if kind != "none":
            break
    else:
        return replace(page, reason=_reason_of_content(html, page, status, url))
    if board.article is None:
        if "<!--BeforeDocument(" in html:
            return replace(page, reason=_STRANGE_ARTICLE)
        if gone := _alert_instead(html, url):
            return replace(page, reason=gone)
    view = urls.view_of(url)  # what was asked, and what the page tells its own scripts was asked
    return replace(
        page,
        skin=tried.name,
        kind=kind,
        rows=board.rows or (),
        article=board.article,
        view=None if board.rows is None else view if view != "all" else urls.view_of(current),
        page_no=board.pager.page_no,
        last_page=board.pager.last_page,
        offers_date_search='<option value="regdate"' in html,
    )


_SKINS = {described.name: described for described in (rhymix.DEFAULT, rhymix.XEDITION, SKETCHBOOK5)}


def _kind(has_list: bool, has_article: bool) -> PageKind:
    if has_article:
        return "article+list" if has_list else "article"
    return "list" if has_list else "none"


def _is_complete(html: str) -> bool:
    """Whether the document that was opened is closed; a fragment that opens none counts as whole."""
    if html.rfind("</html", -4000) >= 0 or "</html" in html[-4000:].lower():
        return True
    return not re.search(r"<html|<!doctype", html[:2000], re.IGNORECASE)


def _truncated(html: str) -> str:
    return f"truncated: the document was cut off after {len(html)} characters (no </html>); fetch it again"


def _engine_of(head: str) -> str | None:
    generator = _GENERATOR.search(head)
    name = generator[1].lower() if generator else ""
    if name == "rhymix" or "rhymix" in head:
        return "rhymix"
    if name in ("xpressengine", "xe") or "xe.xpressengine" in head or "current_mid" in head:
        return "xe"
    return None


def _skins_of(html: str) -> Iterator[xe.Skin]:
    """The skins whose parts the page may hold: by words, which authors can write too, so each is tried until one reads."""
    if "board_list" in html or "read_header" in html:
        yield rhymix.skin_of(html)
    if "bd_lst" in html or "rd_hd" in html:
        yield SKETCHBOOK5


def _alert_instead(html: str, url: str | None) -> str | None:
    """XE1 answers 200 for a missing document: an alert, and the list or nothing below it."""
    if url is not None and urls.document_id(url) is None:
        return None
    for match in _SCRIPT_ALERT.finditer(html):
        message = _unescape_js(match[2])
        if _GONE.search(message):
            return f"deleted: the board says {message!r}"
        if url is not None and _REFUSED.search(message):
            return f"refused: the board says {message!r}"
    return None


def _unescape_js(literal: str) -> str:
    plain = _JS_CHARACTER.sub(lambda match: chr(int(match[1], 16)), literal)
    whole = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return fold(whole.replace("\\n", " ").replace("\\/", "/"))[:_SHORT_REASON]


def _reason_of_status(status: int, url: str | None, html: str | None) -> str:
    message = _message(html) if html else None
    says = f", saying {message!r}" if message else ""
    if status in (404, 410):
        of_document = urls.document_id(url) is not None or bool(message and "대상" in message)
        return f"deleted: the board answers {status}{says}" if of_document else f"error: no such page ({status}{says})"
    if status in (401, 403):
        return f"login: the board answers {status}{says}"
    if 300 <= status < 400:
        return f"moved: the board answers {status}"
    return f"error: the board answers {status}{says}"


def _reason_of_content(html: str, page: Page, status: int, url: str | None) -> str:
    """Why a page without any part of a board is none."""
    if _is_mobile(html):
        return "mobile: the mobile view shows no numbers; ask for the desktop one (m=0)"
    message = _message(html)
    if message and _GONE.search(message):
        return f"deleted: the board says {message!r}"
    if status in (401, 403) or (message and _REFUSED.search(message)) or "dispMemberLoginForm" in (url or ""):
        return f"login: the board asks for a login{f', saying {message!r}' if message else ''}"
    if gone := _alert_instead(html, url):
        return gone
    if not page.complete:
        return _truncated(html)
    if message:
        return f"error: the board says {message!r}"
    if "<!--BeforeDocument(" in html:
        return _STRANGE_ARTICLE
    title = _TITLE.search(html[:_HEAD])
    titled = f" (titled {fold(title[1])[:_SHORT_REASON]!r})" if title and title[1].strip() else ""
    return f"unknown: no list and no article of a skin that boardhouse reads{titled}"


def _is_mobile(html: str) -> bool:
    return "/m.skins/" in html or ('<div class="hx h2">' in html and '<div class="bd">' in html)


def _message(html: str) -> str | None:
    """What an error page tells its reader."""
    if not any(mark in html for mark in ("access", "error", "message")):
        return None
    shown = [fold(node.text()) for node in LexborHTMLParser(html).css(_MESSAGE_CSS)]
    said = " ".join(dict.fromkeys(part for part in shown if part))
    return said[:_SHORT_REASON] or None


def to_json(page: Page) -> dict[str, Any]:
    """The object that `boardhouse parse` prints: docs/contract.md, the last section; stamps in ISO with the zone's offset."""
    article = page.article
    return {
        "engine": page.engine,
        "skin": page.skin,
        "kind": page.kind,
        "rows": [
            {
                "post_no": row.post_no,
                "is_notice": row.is_notice,
                "document_id": row.document_id,
                "title": row.title,
                "author": row.author,
                "date_text": row.date_text,
                "listed_on": row.listed_on.isoformat() if row.listed_on else None,
                "category": row.category,
                "comment_count": row.comment_count,
                "view_count": row.view_count,
            }
            for row in page.rows
        ],
        "article": None
        if article is None
        else {
            "document_id": article.document_id,
            "title": article.title,
            "author": article.author,
            "date_text": article.date_text,
            "published_at": article.published_at.isoformat() if article.published_at else None,
            "source": article.source,
            "image_count": article.image_count,
            "body_readable": article.body_readable,
            "blocks": [
                {"kind": block.kind, "text": block.text, "credit": block.credit, "image_url": block.image_url}
                for block in article.blocks
            ],
        },
    }
