"""What a page says, as plain values: the records that every parser returns.

Here: their fields and meaning. Not here: how they are read (one module per engine), or anything that a page does not say
itself (board id, warehouse keys, versions: `build` and dbt).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

PageKind = Literal["list", "article", "article+list", "none"]
BlockKind = Literal["paragraph", "heading", "caption"]
Precision = Literal["second", "minute", "day"]
View = Literal["all", "search", "category", "sorted"]
"""Which listing a list is: only `all` has numbers that are ranks of the whole board (the URL says which)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list, as shown."""

    position: int  # from 0, notices included
    post_no: int | None  # null for notices, for the row marked », and where none is shown
    is_notice: bool
    is_current: bool  # the row marked »
    is_secret: bool  # carries the secret icon
    document_id: int | None  # null where a source has no links
    url: str | None  # canonical link (absolute, without page and search parameters)
    title: str  # as shown, tags included, without comment badge and icons
    author: str | None
    date_text: str | None  # as shown
    listed_on: dt.date | None  # null where date_text is not a date
    category: str | None
    comment_count: int | None
    view_count: int | None


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    text: str
    credit: str | None = None  # of a caption
    image_url: str | None = None  # of a caption: absolute


@dataclass(frozen=True, slots=True)
class Article:
    document_id: int | None
    url: str | None
    title: str | None
    author: str | None
    date_text: str | None
    published_at: dt.datetime | None  # aware, in the board's zone
    published_precision: Precision | None
    category: str | None
    source: str | None  # the outlet named at its end
    image_count: int
    body_readable: bool  # false: secret, the body is a password form
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything read in one response. `reason`: for kind `none`, why (deleted, login, mobile, truncated, unknown …), in
    one line for an operator; `complete`: the document was closed (false: cut off on its way)."""

    engine: str | None
    skin: str | None
    kind: PageKind
    rows: tuple[Row, ...]
    article: Article | None
    encoding: str
    view: View | None  # null without a list
    page_no: int | None  # what the pager marks as current; null past the end and where there is no pager
    last_page: int | None
    offers_date_search: bool
    complete: bool
    reason: str | None = None
