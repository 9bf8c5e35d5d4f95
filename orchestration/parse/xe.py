"""Reading the XpressEngine family: the list table, the article header and the body, in any skin that is described as data.

Here: where the parts stand in the source, and what their cells say. Not here: what a skin calls its parts (`rhymix`,
`sketchbook5`), or what the page is as a whole (`page`).

A tree of a whole page costs more than everything else, and four fifths of it are menus, scripts and comments. So the parts are
cut out of the source and only they become trees. Whatever authors wrote (body, comments) stands above the list and is never
searched for it; where an anchor is missing, doubled or commented out, the whole page becomes a tree and its structure decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from orchestration.parse import blocks, urls
from orchestration.parse.body import Line, body_lines, fold
from orchestration.parse.dates import day_of, instant_of
from orchestration.parse.plain import Header, plain_header, plain_lines, plain_rows
from orchestration.parse.records import Article, Row


@dataclass(frozen=True, slots=True)
class Skin:
    """What a skin calls its parts. `*_mark`: the attribute as the stock markup writes it; `*_css`: the same in a tree."""

    name: str
    list_mark: str
    list_css: str  # the tables
    header_mark: str
    header_css: str
    body_mark: str
    body_css: str
    title_css: str  # within the header: links, the last of them is the title
    category_css: str
    date_css: str
    author_css: str
    view_class: str  # of the cell with the views
    pager_mark: str
    pager_end: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a page's relative links and dates are relative to."""

    base: str | None  # the page's address
    canonical: str | None  # and what it says itself that it is
    head: str  # the beginning of its source, which says where the site is
    fetched_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Pager:
    page_no: int | None
    last_page: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """What stands on a page. `rows` is None where there is no list (an empty list is one)."""

    rows: tuple[Row, ...] | None
    article: Article | None
    pager: Pager


_BEFORE = re.compile(r"<!--BeforeDocument\(([0-9]{1,18}),-?[0-9]{1,18}\)-->")
_AUTHORED_END = ("<!--AfterDocument(", "<!--AfterComment(")
_AUTHORED_CLASSES = frozenset(("rhymix_content", "xe_content"))
_DATE_LABELS = frozenset(("날짜", "등록일", "작성일"))
_DIGITS = re.compile(r"[0-9][0-9,]{0,14}")
_PAGE_LINK = re.compile(r"(?:[?&;]page=|/page/)([0-9]{1,9})")
_PAGE_NUMBER = re.compile(r">\s*([0-9]{1,9})\s*<")
_STRONG_PAGE = re.compile(r"<strong[^>]*>\s*([0-9]{1,9})\s*</strong>")
_THIS_PAGE = re.compile(r"\bthis(?:\s[^\">]*)?\"[^>]*>\s*([0-9]{1,9})\s*<")


def read_board(html: str, skin: Skin, context: Context) -> Board:
    """The rows and the article of a page in `skin`."""
    page = _Source(html, skin)
    rows = _list(page, context)
    return Board(rows, _article(page, context), page.pager() if rows is not None else Pager(None, None))


class _Source:
    """A page's source, its parts, and its whole tree once it is needed."""

    def __init__(self, html: str, skin: Skin) -> None:
        self.html = html
        self.skin = skin
        self._whole: LexborHTMLParser | None = None
        self.list_at = -1

    def whole(self) -> LexborHTMLParser:
        if self._whole is None:
            self._whole = LexborHTMLParser(self.html)
        return self._whole

    def list_table(self) -> str | LexborNode | None:
        """The table of the list: its source where that is beyond doubt, else its node."""
        html, mark = self.html, self.skin.list_mark
        at = html.rfind(mark)
        if at < 0 and not self._says(mark):
            return None
        start = html.rfind("<", 0, at)
        end = html.find("</table>", at)
        authored = max(html.rfind(end_mark) for end_mark in _AUTHORED_END)
        if at > authored and end > 0 and ">" not in html[start:at] and self._is_live(start):
            cut = html[start : end + 8]
            if cut.count("<table") == 1:
                self.list_at = at
                return cut
        tables = [node for node in self.whole().css(self.skin.list_css) if not _is_authored(node)]
        return tables[-1] if tables else None

    def header(self) -> tuple[int, str] | LexborNode | None:
        """The article's header: where it begins and its source, where that is beyond doubt, else its node."""
        html, mark = self.html, self.skin.header_mark
        if not self._says(mark):
            return None
        at = html.find(mark)
        start, end = html.rfind("<", 0, at), html.find(self.skin.body_mark, at)
        first_marker = html.find("<!--BeforeDocument(")
        if start >= 0 and 0 <= at < end and (first_marker < 0 or at < first_marker) and self._is_live(start):
            return start, html[start : html.rfind("<", 0, end)]
        heads = [node for node in self.whole().css(self.skin.header_css) if not _is_authored(node)]
        return heads[0] if heads else None

    def body(self, header_at: int) -> tuple[str | LexborNode | None, int | None]:
        """What the author wrote, and the document id that the engine's markers give it; (None, None) for a password form.

        As its source where that is beyond doubt, else as its node.
        """
        html = self.html
        marker = _BEFORE.search(html, max(header_at, 0))
        if marker and html.count("<!--BeforeDocument(") == 1 == html.count("<!--AfterDocument(") and self._is_live(marker.start()):
            end = html.find("<!--AfterDocument" + marker[0][len("<!--BeforeDocument") :], marker.end())
            if end > 0:
                return html[marker.end() : end], int(marker[1])
        if header_at >= 0 and marker is None:
            form = html[html.find(self.skin.body_mark, header_at) :][:4000]
            if 'type="password"' in form and "xe_content" not in form:
                return None, None
        # An author can write the markers, but not leave the element that the engine put around the text.
        for area in self.whole().css(self.skin.body_css):
            if not _is_authored(area):
                content = area.css_first(".rhymix_content, .xe_content")
                number = re.search(r"\bdocument_([0-9]{1,18})_", (content.attributes.get("class") or "") if content else "")
                return content, int(number[1]) if number else None
        return None, None

    def pager(self) -> Pager:
        """The page that the list is, and the last one; each None where the page does not say."""
        html = self.html
        at = html.find(self.skin.pager_mark, max(self.list_at, 0)) if self.list_at >= 0 else html.rfind(self.skin.pager_mark)
        end = html.find(self.skin.pager_end, at)
        if at < 0 or end < 0:
            return Pager(None, None)
        cut = html[at:end]
        current = _STRONG_PAGE.search(cut) or _THIS_PAGE.search(cut)
        page_no = int(current[1]) if current else None
        pages = [int(number) for number in (*_PAGE_LINK.findall(cut), *_PAGE_NUMBER.findall(cut))]
        return Pager(page_no, max(pages, default=None))

    def _says(self, mark: str) -> bool:
        """Whether the page may hold the part in other quotes or with more classes, so that only a tree can tell."""
        return mark.partition('"')[2].strip('" ') in self.html

    def _is_live(self, at: int) -> bool:
        """Whether a place in the source is neither in a comment nor in a script."""
        html = self.html
        return html.rfind("<!--", 0, at) <= html.rfind("-->", 0, at) and html.rfind("<script", 0, at) <= html.rfind(
            "</script", 0, at
        )


def _is_authored(node: LexborNode) -> bool:
    """Whether a node stands in what somebody wrote."""
    parent = node.parent
    while parent is not None:
        if not _AUTHORED_CLASSES.isdisjoint((parent.attributes.get("class") or "").split()):
            return True
        parent = parent.parent
    return False


def _children(node: LexborNode, *tags: str) -> Iterator[LexborNode]:
    return (child for child in node.iter() if child.tag in tags)


def _list(page: _Source, context: Context) -> tuple[Row, ...] | None:
    table = page.list_table()
    if not isinstance(table, str):
        return None if table is None else tuple(_rows(table, page.skin, context))
    rows = plain_rows(table, context.base, lambda shown: day_of(shown, context.fetched_at, context.zone))
    if rows is not None:
        return rows
    node = LexborHTMLParser(table).css_first("table")
    return None if node is None else tuple(_rows(node, page.skin, context))


def _rows(table: LexborNode, skin: Skin, context: Context) -> Iterator[Row]:
    labels: list[str] = []
    position = 0
    for line in table.css("tr"):
        cells = list(_children(line, "td"))
        if not cells:
            labels = labels or [fold(head.text()) for head in _children(line, "th")]
            continue
        row = _row(line, cells, labels, position, skin, context)
        if row is not None:
            yield row
            position += 1


def _row(line: LexborNode, cells: list[LexborNode], labels: list[str], position: int, skin: Skin, context: Context) -> Row | None:
    """One row; None for a line that lists nothing (an empty board says so in a cell of its own)."""
    known: dict[str, LexborNode] = {}
    for column, cell in enumerate(cells):
        label = labels[column] if len(labels) == len(cells) else ""
        for name in (cell.attributes.get("class") or "").split():
            # Skins give two columns one class: last update and date, votes and views. The heading tells them apart.
            if name not in known or (name == "time" and label in _DATE_LABELS):
                if name == skin.view_class and labels and "조회" not in label:
                    continue
                known[name] = cell
    title_cell = known.get("title")
    if title_cell is None:
        return None
    title, document_id, url, badge, is_secret = _title(title_cell, context)
    if not title:
        return None
    number = _folded(known.get("no") or known.get("notice"))
    classes = line.attributes.get("class") or ""
    is_notice = number == "공지" or "notice" in classes.split()
    is_current = number == "»" or "select" in classes.split()
    date_text = _folded(known.get("time"))
    return Row(
        position=position,
        post_no=None if is_notice or is_current else _count(number),
        is_notice=is_notice,
        is_current=is_current,
        is_secret=is_secret,
        document_id=document_id,
        url=url,
        title=title,
        author=_name(known.get("author")),
        date_text=date_text,
        listed_on=day_of(date_text, context.fetched_at, context.zone),
        category=_folded(known.get("cate")),
        comment_count=_count(badge),
        view_count=_count(_folded(known.get(skin.view_class))),
    )


def _title(cell: LexborNode, context: Context) -> tuple[str, int | None, str | None, str | None, bool]:
    """Of a title cell: the title, its document and canonical link, the comment badge, whether it carries the secret icon.

    Only the first link that names a document is the title; `[12]` within it belongs to it, in a link of its own it is the badge.
    """
    title, unnamed, document_id, url, badge, is_secret = "", "", None, None, None, False
    for part in cell.iter():
        tag = part.tag
        if tag == "a":
            attributes = part.attributes
            classes = attributes.get("class") or ""
            if "reply" in classes:
                badge = part.text()
            elif document_id is None and "category" not in classes:
                document_id, url = urls.link(attributes.get("href") or "", context.base)
                if document_id is not None:
                    title = _name(part) or ""
                else:
                    unnamed = unnamed or _name(part) or ""
        elif tag in ("img", "i"):
            is_secret = is_secret or _is_secret_icon(part)
        else:
            is_secret = is_secret or any(_is_secret_icon(icon) for icon in part.css("img, i"))
    if not title:  # a list may show titles that it does not link
        title = unnamed or fold("".join(part.text() for part in cell.iter(include_text=True) if part.tag not in ("a", "img", "i")))
    return title, document_id, url, badge, is_secret


def _is_secret_icon(icon: LexborNode) -> bool:
    attributes = icon.attributes
    if icon.tag == "img":
        return attributes.get("alt") == "secret" or (attributes.get("src") or "").endswith("/secret.gif")
    return "lock" in (attributes.get("class") or "")


def _name(cell: LexborNode | None) -> str | None:
    """What a cell or link shows; of one that is a picture (a nickname, a title) its `alt` or `title`."""
    if cell is None:
        return None
    name = fold(cell.text())
    if not name and (picture := cell.css_first("img")) is not None:
        name = fold(picture.attributes.get("alt") or picture.attributes.get("title") or "")
    return name or None


def _count(text: str | None) -> int | None:
    """`[12]`, `1,234`, `47241`."""
    if not text:
        return None
    match = _DIGITS.search(text)
    return int(match[0].replace(",", "")) if match else None


def _article(page: _Source, context: Context) -> Article | None:
    found = page.header()
    if found is None:
        return None
    header_at, header = (-1, None) if isinstance(found, LexborNode) else (found[0], plain_header(page.html, found[0]))
    if header is None:
        header = _header(found if isinstance(found, LexborNode) else LexborHTMLParser(found[1]).body, page.skin)
    if header is None:
        return None
    title, href, category, date_text, author = header
    body, marked_id = page.body(header_at)
    canonical = context.canonical
    link_id, link_url = urls.link(href, context.base)
    document_id = marked_id or link_id or urls.document_id(canonical)
    is_own = canonical is not None and urls.document_id(canonical) == document_id
    url = urls.absolute(canonical, context.base) if is_own else link_url
    published_at, precision = instant_of(date_text, context.fetched_at, context.zone)
    lines, image_count = _lines(body, url or context.base, context)
    read, source = blocks.read_blocks(lines)
    return Article(
        document_id=document_id,
        url=url,
        title=title or None,
        author=author,
        date_text=date_text,
        published_at=published_at,
        published_precision=precision,
        category=category,
        source=source,
        image_count=image_count,
        body_readable=body is not None,
        blocks=read,
    )


def _header(node: LexborNode | None, skin: Skin) -> Header | None:
    """What an article's header says; None without a title, which no skin leaves out."""
    links = node.css(skin.title_css) if node is not None else []
    titles = [link for link in links if "category" not in (link.attributes.get("class") or "")]
    if node is None or not titles:
        return None
    return (
        fold(titles[-1].text()),
        titles[-1].attributes.get("href") or "",
        _folded(node.css_first(skin.category_css)),
        _folded(node.css_first(skin.date_css)),
        _name(node.css_first(skin.author_css)),
    )


def _lines(body: str | LexborNode | None, base: str | None, context: Context) -> tuple[tuple[Line, ...], int]:
    if body is None:
        return (), 0
    if isinstance(body, str):
        plain = plain_lines(body, base)
        if plain is not None:
            return plain
        node = LexborHTMLParser(body).body
    else:
        node = body
    return body_lines(node, base, urls.site_root(context.head, context.base)) if node is not None else ((), 0)


def _folded(node: LexborNode | None) -> str | None:
    return (fold(node.text()) or None) if node is not None else None
