"""How a board's pages are asked for: list pages, date search, articles.

Here: addresses built from the board's own, so that no link of a page is ever followed blindly. Not here: what an address says
(`parse.urls`).
"""

import datetime as dt
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from orchestration.parse.urls import document_id


def list_page(board_url: str, page: int) -> str:
    """Page 1 is the board's own address, as the pager's links have it."""
    return board_url if page == 1 else _with(board_url, page=page)


def search_page(board_url: str, day: dt.date, page: int) -> str:
    extra = {"page": page} if page > 1 else {}
    return _with(board_url, search_target="regdate", search_keyword=f"{day:%Y%m%d}", **extra)


def article(board_url: str, document_id: int, page: int | None = None) -> str:
    """By path (`/news/71603`) or query, as the board's own address is written; `page`: the list page to show below."""
    parts = urlsplit(board_url)
    if "mid" in dict(parse_qsl(parts.query)):
        base = _with(board_url, document_srl=document_id)
    else:
        base = urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{document_id}", parts.query, ""))
    return base if page is None else _with(base, page=page)


def robots(board_url: str) -> str:
    parts = urlsplit(board_url)
    return urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))


def mid_of(url: str) -> str | None:
    """The board's short name in an address, where it has one."""
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query)).get("mid")
    return named or next(
        (part for part in reversed(parts.path.split("/")) if part and not part.isdigit() and part != "index.php"), None
    )


def board_of(url: str) -> str | None:
    """The list page of the board that an address belongs to: `/news/71603?page=2` → `/news`,
    `/index.php?mid=news&document_srl=71603` → `/index.php?mid=news`. None where no board is named."""
    parts = urlsplit(url)
    path = parts.path.removesuffix(f"/{document_id(url)}")
    query = [(key, value) for key, value in parse_qsl(parts.query) if key in ("mid", "vid")]
    address = urlunsplit((parts.scheme, parts.netloc, path, urlencode(query), ""))
    return address if mid_of(address) else None


def _with(url: str, **query: object) -> str:
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in query]
    return urlunsplit((*parts[:3], urlencode([*kept, *query.items()]), ""))
