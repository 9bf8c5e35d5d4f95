"""What a landed page keeps when documents of it are forgotten.

Here: the page without them, as a pure function. Not here: which responses there are and how they are rewritten (`landed`).

Of a list, the row stays in its place with its number, day and link, for the steps between its neighbours are judged; title,
author and what else it says are blanked. An answer about the document itself keeps nothing but the list below it. What comes out
is read again and compared: if any other row or article changed, or the title still stands somewhere, the whole page goes.
"""

import datetime as dt
import html
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from orchestration.landing.records import Response
from orchestration.parse import rhymix, sketchbook5
from orchestration.parse.body import fold
from orchestration.parse.encoding import decode
from orchestration.parse.records import Page, Row
from orchestration.parse.urls import document_id

PageOf = Callable[[Response], Page]

FORGOTTEN = "[forgotten]"
"""Stands where a title stood. A candidate takes a row with this title for no document."""

PAGES = ("list", "article", "ingest")

_TAG = re.compile(r"<[^<>]*>")
_ROW = re.compile(r"<tr\b[^<>]*>.*?</tr>", re.DOTALL | re.IGNORECASE)
_ANCHOR = re.compile(r"<a\b[^<>]*>.*?</a>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_SORTS = re.compile(r"[?&;](?:sort_index|order_type|act)=")
_SAYING = re.compile(r"\b(title|aria-label|data-[a-z-]+|alt)\s*=\s*(\"(?!secret\")[^\"]*\"|'(?!secret')[^']*')", re.IGNORECASE)
_MEMBER = re.compile(r"\bmember_[0-9]+")
_PLACE = re.compile(r"[\s0-9.,:/\[\]»-]*|공지|Notice", re.IGNORECASE)  # numbers, days and marks: what a row is placed by
_HEAD_SAYS = re.compile(
    r"<title\b.*?</title>|<script[^<>]*ld\+json.*?</script>|<meta\b(?=[^<>]*(?:description|keywords|author|og:|twitter:|article:))[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_LISTS = tuple(skin.list_mark for skin in (rhymix.DEFAULT, rhymix.XEDITION, sketchbook5.SKETCHBOOK5))
_SKIN_MARK = '<span class="read_count"></span>'
_TELLING = 4
"""Characters from which a title is looked for all over the page: a shorter one stands in many others."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A response without the documents. `is_changed`: it held some of them; `is_emptied`: nothing of its body is left."""

    response: Response
    is_changed: bool = False
    is_emptied: bool = False


def scrub(response: Response, documents: Collection[int], page_of: PageOf, at: dt.datetime) -> Scrubbed:
    """`response` without what it says of `documents`; the same where it says nothing of them. Doing it again changes nothing."""
    if response.purpose not in PAGES or not response.body:
        return Scrubbed(response)
    asked = {response.document_id, document_id(response.url), document_id(response.url_asked)} & set(documents)
    if not asked and not _may_name(response.body, documents):
        return Scrubbed(response)
    page = page_of(response)
    about = set(asked)
    if page.article is not None and page.article.document_id in documents:
        about.add(page.article.document_id or 0)
    rows = [row for row in page.rows if row.document_id in documents]
    text, codec = decode(response.body, response.headers.get("content-type"))
    codec = codec.partition(" ")[0]
    written = _without_article(text) if about else text
    if about and (written is None or not page.rows):
        return Scrubbed(_emptied(response, documents, at), is_changed=True, is_emptied=True)
    assert written is not None
    blank = _blank_text_rows if page.engine == "text" else _blank_html
    written = blank(written, set(documents), rows)
    for title in {row.title for row in rows} - {FORGOTTEN}:
        written = _without(written, title, page, rows)
    if written == text:
        return Scrubbed(response)
    changed = replace(
        response,
        body=written.encode(codec, "xmlcharrefreplace"),
        note=_noted(response.note, documents, at),
        headers=response.headers,
    )
    if not _is_right(changed, page, page_of(changed), set(documents), is_about=bool(about)):
        return Scrubbed(_emptied(response, documents, at), is_changed=True, is_emptied=True)
    return Scrubbed(changed, is_changed=True)


def _may_name(body: bytes, documents: Collection[int]) -> bool:
    """Cheap, and true too often: whether the page may say anything of them. Ids that no link carries are made of what the page
    says, so only reading it tells."""
    return any(number < 0 or str(number).encode() in body for number in documents)


def _emptied(response: Response, documents: Collection[int], at: dt.datetime) -> Response:
    """That there was an answer, and when, stays; its words do not."""
    return replace(response, body=b"", headers={}, note=_noted(response.note, documents, at))


def _noted(note: str | None, documents: Collection[int], at: dt.datetime) -> str:
    """The landing says of itself where it no longer is what came."""
    mark = f"[rewritten {at.astimezone(dt.UTC):%Y-%m-%d}: documents forgotten]"
    return note if note and note.endswith(mark) else f"{note or ''} {mark}".strip()


def _without_article(text: str) -> str | None:
    """The head, which says what the page is, and everything from the list on; None where there is no list."""
    at = max(text.rfind(mark) for mark in _LISTS)
    start = text.rfind("<", 0, at)
    if at < 0 or start < 0:
        return None
    end = text.lower().find("</head>")
    head = _HEAD_SAYS.sub("", text[:end] + "</head>") if 0 <= end < start else ""
    # One skin is told from another by this part of an article's header, where a site bundles its stylesheets.
    mark = _SKIN_MARK if _SKIN_MARK.partition(">")[0] in text else ""
    return f"{head}<body>{mark}{text[start:]}"


def _names(markup: str, documents: Collection[int]) -> bool:
    return any(document_id(html.unescape(next(filter(None, found), ""))) in documents for found in _HREF.findall(markup))


def _blank_html(text: str, documents: set[int], rows: list[Row]) -> str:
    """Rows of tables that link to one, and any other link to one."""

    def row(match: re.Match[str]) -> str:
        is_listed = "<td" in match[0] and _names(match[0], documents)
        return _blank_markup(match[0], documents, keep_places=True) if is_listed else match[0]

    def anchor(match: re.Match[str]) -> str:
        return _blank_markup(match[0], documents, keep_places=False) if _names(match[0], documents) else match[0]

    blanked = _ROW.sub(row, text)
    # Links outside of rows: those within are blanked already, and the placeholder stays as it is.
    return _ANCHOR.sub(lambda match: match[0] if FORGOTTEN in match[0] or _is_control(match[0]) else anchor(match), blanked)


def _is_control(anchor: str) -> bool:
    """A badge, a page number, or a heading that sorts the list: below an article they all link to it."""
    shown = fold(html.unescape(_TAG.sub("", anchor)))
    return _PLACE.fullmatch(shown) is not None or _SORTS.search(anchor) is not None


def _blank_markup(markup: str, documents: set[int], *, keep_places: bool) -> str:
    parts: list[str] = []
    at, is_within, is_titled = 0, False, False
    for tag in [*_TAG.finditer(markup), None]:
        shown = markup[at : tag.start() if tag else len(markup)]
        if shown.strip():
            if is_within and not is_titled:
                shown, is_titled = FORGOTTEN, True
            elif is_within or not keep_places or not _PLACE.fullmatch(html.unescape(shown).strip()):
                shown = shown if is_within and _PLACE.fullmatch(html.unescape(shown).strip()) and keep_places else ""
        parts.append(shown)
        if tag is None:
            break
        parts.append(_MEMBER.sub("member_0", _SAYING.sub(r'\1=""', tag[0])))
        name = tag[0][1:3].lower()
        if name in ("a ", "a\n", "a\t"):
            is_within = _names(tag[0], documents) and "reply" not in tag[0]
        elif name == "/a":
            is_within = False
        at = tag.end()
    return "".join(parts)


def _blank_text_rows(text: str, documents: set[int], rows: list[Row]) -> str:
    """Page text has no markup: the lines that hold a row's title lose title and author."""
    lines = text.splitlines(keepends=True)
    for row in rows:
        for number, line in enumerate(lines):
            if row.title != FORGOTTEN and row.title in fold(line):
                lines[number] = line.replace(row.title, FORGOTTEN).replace(row.author or "\0", "-")
    return "".join(lines)


def _without(text: str, title: str, page: Page, rows: list[Row]) -> str:
    """`text` without any other place that says a forgotten title, as it is or as HTML or a script write it."""
    others = [row.title for row in page.rows if row not in rows]
    if len(title) < _TELLING or any(title in other for other in others):
        return text
    for written in (title, html.escape(title), html.escape(title, quote=False), title.encode("unicode_escape").decode("ascii")):
        text = text.replace(written, FORGOTTEN)
    return text


def _is_right(changed: Response, before: Page, after: Page, documents: set[int], *, is_about: bool) -> bool:
    """Whether the page says of everything else what it said, and of the forgotten nothing."""
    gone = [row for row in before.rows if row.document_id in documents]
    if len(before.rows) != len(after.rows) or (before.view, before.page_no, before.last_page) != (
        after.view,
        after.page_no,
        after.last_page,
    ):
        return False
    for was, now in zip(before.rows, after.rows, strict=True):
        if was.document_id in documents:
            if now.title != FORGOTTEN or (was.post_no, was.listed_on, was.is_notice) != (now.post_no, now.listed_on, now.is_notice):
                return False
        elif was != now:
            return False
    if (after.article is not None) if is_about else (before.article != after.article):
        return False
    shown = fold(html.unescape(decode(changed.body, changed.headers.get("content-type"))[0]))
    told = [row.title for row in gone if len(row.title) >= _TELLING and row.title != FORGOTTEN]
    if is_about and before.article is not None:
        told += [block.text for block in before.article.blocks if len(block.text) > 2 * _TELLING]
        told += [before.article.title] if before.article.title and len(before.article.title) >= _TELLING else []
    others = " ".join(row.title for row in after.rows)
    return not any(text in shown and text not in others for text in told)
