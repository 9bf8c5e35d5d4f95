"""Rows and paragraphs written exactly as stock templates and editors write them, read from the source without a tree.

Here: the shapes that almost every page has, and nothing else. Not here: meaning. Each function gives up (None) at the first
character that does not fit, and the tree decides (`xe`, `body`); where both read, they agree, which a test holds them to over
made-up markup. Reading a list page so takes a fifth of the time that its tree takes to build.
"""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

from orchestration.parse import urls
from orchestration.parse.body import APART_STYLE, BOLD_STYLE, Line, fold
from orchestration.parse.records import Row

_ROW = re.compile(
    r'\s*(?:<!-- [/A-Z ]+ -->\s*)*<tr(?: class="([a-z ]*)")?>\s*'
    r'<td class="(?:no|notice)">([^<]*)</td>\s*'
    r'<td class="title">\s*<a href="([^"<>]*)">(?:<span style="[^"<>]*">([^<]*)</span>|([^<]*))</a>\s*'
    r'(?:<a href="[^"<>]*" class="replyNum"[^<>]*>([^<]*)</a>\s*)?((?:<img [^<>]*>\s*)*)</td>\s*'
    r'<td class="author">(?:<a [^<>]*>([^<]*)</a>|([^<]*))</td>\s*'
    r'<td class="time">([^<]*)</td>\s*'
    r'(?:<td class="readNum">([^<]*)</td>\s*)?</tr>'
)
_BY = r'<a [^<>]*class="member_[0-9]+ author"[^<>]*>([^<]*)</a>'
_HEADER = re.compile(
    r'<div class="read_header">\s*<h1>\s*(?:<a href="[^"<>]*" class="category">([^<]*)</a>\s*)?'
    r'<a href="([^"<>]*)">([^<]*)</a>\s*</h1>\s*'
    rf'(?:<p class="time">([^<]*)</p>\s*<p class="meta">\s*{_BY}'
    rf'|<p class="meta">\s*<span class="author">\s*<i [^<>]*></i>\s*{_BY}\s*</span>\s*'
    r'<span class="time">\s*<i [^<>]*></i>([^<]*)</span>)'
)
_REST = re.compile(r"\s*(?:<!-- [/A-Z ]+ -->\s*)*")
_BLOCK = re.compile(
    r"\s*<(p|h[1-6])((?: [^<>]*)?)>"
    r"(?:([^<]*)|\s*<img ([^<>]*)>\s*|<(strong|b|em|span)((?: [^<>]*)?)>([^<]*)</\5>)</\1>"
)
_WRAPPER = re.compile(r'<div class="document_[0-9]+_-?[0-9]+ [a-z_ ]*xe_content">')
_STYLE = re.compile(r'(?<= )style="([^"]*)"')
_SOURCE = re.compile(r'(?:^|(?<= ))src="([^"]+)"')
# An ampersand that is no entity, or an unusual one, is a question for a real HTML parser.
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#0?39|[lr][sd]quo|hellip|middot|raquo|laquo|times|rarr|mdash|ndash);|&(?=\s)")


Header = tuple[str, str, str | None, str | None, str | None]
"""Of an article: title, its link, category, date text, author."""


class Strange(Exception):
    """Not as stock markup has it."""


def plain_rows(table: str, base: str | None, day: Callable[[str | None], date | None]) -> tuple[Row, ...] | None:
    """The rows of a list table with the columns number, title, author, date and perhaps views; None for any other table.

    `day`: of a date text, in the board's zone.
    """
    start, end = table.find("<tbody>"), table.find("</tbody>")
    columns = table.count("<th ", 0, start)
    if not 0 <= start < end or "<td" in table[:start]:
        return None
    if columns != 4 and (columns != 5 or "조회" not in table[:start]):
        return None
    host = urls.origin(base)
    texts: dict[str, str] = {}  # authors and dates repeat all down a page
    days: dict[str, date | None] = {}
    rows: list[Row] = []
    at = start + len("<tbody>")
    try:
        while match := _ROW.match(table, at, end):
            classes, number, href, styled, title, badge, icons, member, guest, shown_date, views = match.groups()
            shown = _text(title if styled is None else styled)
            if not shown or (columns == 4) != (views is None):
                return None
            author = guest if member is None else member
            for raw in (author, shown_date):
                if raw not in texts:
                    texts[raw] = _text(raw)
            date_text = texts[shown_date]
            if date_text not in days:
                days[date_text] = day(date_text)
            number = number.strip()
            if not number.isdigit():
                number = _text(number)
            is_notice = number == "공지" or (classes is not None and "notice" in classes.split())
            is_current = number == "»" or (classes is not None and "select" in classes.split())
            href = _address(href)
            plain = urls.PLAIN_LINK.fullmatch(href) if host else None
            document_id, url = (int(plain[2]), f"{host}{plain[1]}") if plain else urls.link(href, base)
            rows.append(
                Row(
                    len(rows),
                    None if is_notice or is_current else _count(number),
                    is_notice,
                    is_current,
                    'alt="secret"' in icons or '/secret.gif"' in icons,
                    document_id,
                    url,
                    shown,
                    texts[author] or None,
                    date_text or None,
                    days[date_text],
                    None,
                    _count(badge) if badge else None,
                    _count(views) if views else None,
                )
            )
            at = match.end()
    except Strange:
        return None
    rest = _REST.match(table, at, end)
    return tuple(rows) if rest and rest.end() == end else None


def _count(text: str) -> int:
    digits = text.strip(" \t\r\n[]")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 15):
        digits = digits.replace(",", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 15):
            raise Strange
    return int(digits)


def plain_header(html: str, at: int) -> Header | None:
    """What the article header that begins at `at` says, in the stock skins; None for any other markup."""
    match = _HEADER.match(html, at)
    if match is None:
        return None
    category, href, title, date_text, author, author_x, date_x = match.groups()
    try:
        by, when = _text(author or author_x or ""), _text(date_text or date_x or "")
        return _text(title), _address(href), _text(category or "") or None, when or None, by or None
    except Strange:
        return None


def plain_lines(body: str, base: str | None) -> tuple[tuple[Line, ...], int] | None:
    """What `body.body_lines` finds, for a body of paragraphs and headings that hold one piece of text or one image each."""
    wrapper = _WRAPPER.match(body)
    if wrapper is None:
        return None
    lines: list[Line] = []
    at, gap, images, image = wrapper.end(), 0, 0, None
    try:
        while match := _BLOCK.match(body, at):
            tag, attributes, text, picture, inline, inner, inlined = match.groups()
            at = match.end()
            if picture is not None:
                _styles(attributes)
                images, image, gap = images + 1, _picture(picture, base), 0
                continue
            shown = _text(text if inline is None else inlined)
            bold, apart = inline in ("strong", "b"), inline == "em"
            for style in (_styles(attributes), _styles(inner) if inner else None):
                if style:
                    bold = bold or bool(BOLD_STYLE.search(style))
                    apart = apart or bool(APART_STYLE.search(style))
            if shown:
                lines.append(Line(shown, gap, tag != "p", bold, apart, False, image, False))
                gap, image = 0, None
            else:
                gap += 1
    except Strange:
        return None
    return (tuple(lines), images) if body[at:].strip(" \t\r\n\f") == "</div>" else None


def _text(raw: str) -> str:
    if raw == "&nbsp;":  # an editor's blank line
        return ""
    if "&" in raw:
        # What the engine escapes a title with; each needs its own &, so the order matters to none but the last.
        raw = raw.replace("&quot;", '"').replace("&#039;", "'").replace("&lt;", "<").replace("&gt;", ">")
        if raw.count("&") == raw.count("&amp;"):
            raw = raw.replace("&amp;", "&")
        elif "&" in _ENTITY.sub("", raw):
            raise Strange
        else:
            raw = unescape(raw)
    if raw.isprintable() and "  " not in raw:  # no other white space than single blanks, and nothing invisible
        return raw.strip(" ")
    if "\0" in raw:
        raise Strange
    return fold(raw)


def _address(raw: str) -> str:
    if not raw.isprintable():
        raise Strange
    if "&" in raw:
        if raw.count("&") != raw.count("&amp;"):
            raise Strange
        return raw.replace("&amp;", "&")
    return raw


def _styles(attributes: str) -> str | None:
    if "style" not in attributes.lower():
        return None
    style = _STYLE.search(attributes)
    if style is None or "&" in style[1] or "display" in style[1].lower():
        raise Strange
    return style[1]


def _picture(attributes: str, base: str | None) -> str:
    source = _SOURCE.search(attributes)
    if source is None or source[1].startswith("."):
        raise Strange
    return urls.absolute(_address(source[1]), base) or ""
