"""Rows and paragraphs written exactly as stock templates and editors write them, read from the source without a tree.

Here: the shapes that almost every page has, and nothing else. Not here: meaning. Each function gives up (None) at the first
character that does not fit, and the tree decides (`xe`, `body`); where both read, they agree, which a test holds them to over
made-up markup. Reading a list page so takes a fifth of the time that its tree takes to build.
"""

import re
from html import unescape

from orchestration.parse import urls
from orchestration.parse.body import APART_STYLE, BOLD_STYLE, Line, fold

_ROW = re.compile(
    r'\s*(?:<!-- [/A-Z ]+ -->\s*)*<tr(?: class="([a-z ]*)")?>\s*'
    r'<td class="(?:no|notice)">([^<]*)</td>\s*'
    r'<td class="title">\s*<a href="([^"<>]*)">(?:<span style="[^"<>]*">([^<]*)</span>|([^<]*))</a>\s*'
    r'(?:<a href="[^"<>]*" class="replyNum"[^<>]*>([^<]*)</a>\s*)?((?:<img [^<>]*>\s*)*)</td>\s*'
    r'<td class="author">(?:<a [^<>]*>([^<]*)</a>|([^<]*))</td>\s*'
    r'<td class="time">([^<]*)</td>\s*'
    r'(?:<td class="readNum">([^<]*)</td>\s*)?</tr>'
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


class Strange(Exception):
    """Not as stock markup has it."""


RawRow = tuple[str, str, str, str, str | None, bool, str, str, str | None]
"""Of one row: the line's classes, number, link, title, badge, whether it carries the secret icon, author, date, views."""


def plain_rows(table: str) -> list[RawRow] | None:
    """The rows of a list table with the columns number, title, author, date and perhaps views; None for any other table."""
    start, end = table.find("<tbody>"), table.find("</tbody>")
    columns = table.count("<th ", 0, start)
    if not 0 <= start < end or "\0" in table or "<td" in table[:start]:
        return None
    rows: list[RawRow] = []
    at = start + len("<tbody>")
    try:
        while match := _ROW.match(table, at, end):
            classes, number, href, styled, title, badge, icons, member, guest, date, views = match.groups()
            if columns != (4 if views is None else 5):
                return None
            shown = _text(title if styled is None else styled)
            if not shown:
                return None
            is_secret = 'alt="secret"' in icons or '/secret.gif"' in icons
            author = _text(guest if member is None else member)
            rows.append((classes or "", _text(number), _address(href), shown, badge, is_secret, author, _text(date), views))
            at = match.end()
    except Strange:
        return None
    rest = _REST.match(table, at, end)
    return rows if rest and rest.end() == end and (columns == 4 or "조회" in table[:start]) else None


def plain_lines(body: str, base: str | None, site: str | None) -> tuple[tuple[Line, ...], int] | None:
    """What `body.body_lines` finds, for a body of paragraphs and headings that hold one piece of text or one image each."""
    wrapper = _WRAPPER.match(body)
    if wrapper is None or "\0" in body:
        return None
    lines: list[Line] = []
    at, gap, images, image = wrapper.end(), 0, 0, None
    try:
        while match := _BLOCK.match(body, at):
            tag, attributes, text, picture, inline, inner, inlined = match.groups()
            at = match.end()
            if picture is not None:
                _styles(attributes)
                images, image, gap = images + 1, _picture(picture, base, site), 0
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
    if "&" in raw:
        if "&" in _ENTITY.sub("", raw):
            raise Strange
        raw = unescape(raw)
    return fold(raw)


def _address(raw: str) -> str:
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


def _picture(attributes: str, base: str | None, site: str | None) -> str:
    source = _SOURCE.search(attributes)
    if source is None:
        raise Strange
    address = _address(source[1])
    return urls.absolute(address, site if address.startswith("./") else base) or ""
