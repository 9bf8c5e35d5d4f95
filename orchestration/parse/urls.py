"""What a board's addresses say: which document, which listing, which page.

Here: the grammar of XE and Rhymix links, at every rewrite level. Not here: any request, or how a page is asked for (`fetch`).
"""

import re
from html import unescape
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from orchestration.parse.records import View

# What the number after it counts, where it is no document.
_OTHER_NUMBERS = {"category", "page", "comment", "tag", "division", "member"}
_NUMBER = re.compile(r"[0-9]{1,18}")
# What stock skins write: 20 a page, and ten times faster to read than the general way.
PLAIN_LINK = re.compile(
    r"(/(?!(?:category|page|comment|tag|division|member|files)/)[A-Za-z][A-Za-z0-9_-]*/([1-9][0-9]{0,17}))(?:[?#].*)?"
)
_QUERY_LINK = re.compile(r"(?P<host>https?://[^/?#\s]+)?(?P<path>/[^?#\s]*)\?(?P<query>[^#\s]*)(?:#.*)?")
_NAMED = re.compile(r"(?<![^&;])document_srl=([0-9]{1,18})(?=&|$)")
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_.-]*[A-Za-z0-9_-]")
_VIEWS = ("search_keyword", "category", "sort_index", "order_type")
_ORIGIN = re.compile(r"https?://[^/?#\s]+", re.IGNORECASE)


def origin(url: str | None) -> str | None:
    """`https://host` of an absolute address."""
    match = _ORIGIN.match(url or "")
    return match[0] if match else None


def document_id(url: str | None) -> int | None:
    """The document that a link names, by path (`/news/71603`) or query (`document_srl=71603`)."""
    if not url:
        return None
    parts = _split(url)
    if parts is None:
        return None
    named = dict(parse_qsl(parts.query)).get("document_srl", "")
    if _NUMBER.fullmatch(named):
        return int(named) or None
    before = ""
    for segment in parts.path.split("/"):
        if segment == "files":  # attachments lie in folders of numbers
            return None
        if _NUMBER.fullmatch(segment) and before.lower() not in _OTHER_NUMBERS:
            return int(segment) or None
        before = segment
    return None


def link(href: str, base: str | None) -> tuple[int | None, str | None]:
    """The document that a link names, and its canonical address: absolute, without page, search and fragment.

    (id, None) where neither the link nor `base` names a host.
    """
    if plain := PLAIN_LINK.fullmatch(href):
        host = origin(base)
        return int(plain[2]), host + plain[1] if host else None
    if (asked := _QUERY_LINK.fullmatch(href)) and (named := _NAMED.search(asked["query"])):
        host = asked["host"] or origin(base)
        kept = [part for part in asked["query"].replace("&amp;", "&").split("&") if part.startswith(("vid=", "mid="))]
        address = f"{host}{asked['path']}?{'&'.join([*sorted(kept, reverse=True), named[0]])}" if host else None
        return int(named[1]) or None, address
    number_or_none = document_id(href)
    parts = _split(absolute(href, base) or "")
    if number_or_none is None or parts is None or not parts.netloc:
        return number_or_none, None
    segment = re.search(rf"/0*{number_or_none}(?=/|$)", parts.path)
    path = parts.path[: segment.end()] if segment else parts.path
    return number_or_none, f"{parts.scheme}://{parts.netloc}{path}"


def board_address(url: str, document_id: int) -> str | None:
    """The board that an article's canonical address lies on: `/news` of `/news/71603`, `/?mid=news` of
    `/?mid=news&document_srl=71603`; of one that names no board, the site. None where the address is none."""
    parts = _split(url)
    if parts is None or not parts.netloc:
        return None
    query = "&".join(part for part in parts.query.split("&") if part.startswith(("vid=", "mid=")))
    site = f"{parts.scheme}://{parts.netloc}"
    if query:
        return f"{site}{parts.path}?{query}"
    segment = re.search(rf"/{document_id}(?=/|$)", parts.path)
    return site + ((parts.path[: segment.start()] if segment else "") or "/")


def absolute(href: str | None, base: str | None) -> str | None:
    """`href` with its scheme and host; None where there is no saying, or where it leads nowhere on the web."""
    if not href:
        return None
    if href[0] == "/" and _PLAIN_PATH.fullmatch(href):
        host = origin(base)
        return host + href if host else None
    try:
        joined = urljoin(base or "", href.strip())
    except ValueError:
        return None
    return joined if origin(joined) else None


def view_of(url: str | None) -> View:
    """Which listing an address asks for; `all` where it says nothing."""
    if not url or not any(word in url for word in _VIEWS):
        return "all"
    parts = _split(url)
    if parts is None:
        return "all"
    query = {key: value for key, value in parse_qsl(parts.query) if value.strip()}
    if "search_keyword" in query:
        return "search"
    if "category" in query or re.search(r"/category/[0-9]+", parts.path):
        return "category"
    sort, order = query.get("sort_index", "list_order"), query.get("order_type", "asc")
    return "all" if (sort, order.lower()) == ("list_order", "asc") else "sorted"


_REL = re.compile(r"\brel\s*=\s*[\"']?canonical\b", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_ASSIGNED = re.compile(r"current_url\s*=\s*[\"']([^\"']+)[\"']")


def canonical_link(head: str) -> str | None:
    """What the page's own `link rel=canonical` says (articles only, in stock engines)."""
    at = head.find("canonical")
    while at >= 0:  # found by its word: a pattern over every tag of the head took as long as all rows
        start, end = head.rfind("<", 0, at), head.find(">", at)
        tag = head[start : end + 1]
        if tag[:5].lower() == "<link" and _REL.search(tag) and (match := _HREF.search(tag)):
            return unescape(match[1])
        at = head.find("canonical", at + 1)
    return None


def current_url(head: str) -> str | None:
    """What the engine tells its own scripts that was asked for, parameters included."""
    at = head.find("current_url")
    match = _ASSIGNED.match(head, at) if at >= 0 else None
    return match[1].replace("\\/", "/").replace("&amp;", "&") if match else None


_BASE = re.compile(r"<base\b[^>]*?\bhref\s*=\s*[\"']?(https?://[^\"'\s>]+)", re.IGNORECASE)
_REQUEST_URI = re.compile(r"request_uri\s*=\s*[\"'](https?://[^\"']+)[\"']")


def site_root(head: str, base: str | None) -> str | None:
    """Where the engine is installed: what `./files/…` in a body is relative to, whatever the page's own path."""
    if "<base" in head and (named := _BASE.search(head)):
        return named[1]
    at = head.find("request_uri")
    if at >= 0 and (named := _REQUEST_URI.match(head, at)):
        return named[1].replace("\\/", "/")
    host = origin(base)
    return f"{host}/" if host else None


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(unescape(url) if "&amp;" in url else url)
    except ValueError:  # http://[ and the like
        return None
