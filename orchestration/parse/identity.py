"""Who a document is where the source carries no links, and whether an article's content changed.

Here: ids and hashes of parsed content. Not here: ids in links (`urls`), fact ids (dbt).
"""

import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from orchestration.parse.dates import names_its_year
from orchestration.parse.records import Article, Page, Row


def text_document_id(
    board_id: str, kind: Literal["row", "article"], title: str | None, author: str | None, day: date | None, ordinal: int
) -> int:
    """Minus the first 62 bits of sha256 over what is known of a document; `ordinal`: from 0, among equal ones.

    Negative, so that it meets no id of a link; 62 bits, so that it fits BIGINT with its sign.
    """
    known = [board_id, kind, title, author, day.isoformat() if day else None, ordinal]
    digest = hashlib.sha256(json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()).digest()
    return -(int.from_bytes(digest[:8]) >> 2)


def with_ids(page: Page, board_id: str, fetched_at: datetime, zone: ZoneInfo) -> Page:
    """`page` with ids for the rows and the article of a source without links; a page with links as it is.

    Equal rows are counted from the bottom of the page: a new one is listed above, and takes no older one's id. An article's
    title is its first block where it has none; its day is the day of the fetch, in `zone`.
    """
    article = page.article
    if any(row.document_id is not None for row in page.rows) or (article is not None and article.document_id is not None):
        return page
    seen: Counter[tuple[str, str | None, date | None]] = Counter()
    rows: list[Row] = []
    for row in reversed(page.rows):
        key = (row.title, row.author, row.listed_on)
        rows.append(replace(row, document_id=text_document_id(board_id, "row", *key, seen[key])))
        seen[key] += 1
    if article is not None:
        title = article.title or (article.blocks[0].text if article.blocks else None)
        day = fetched_at.astimezone(zone).date()
        article = replace(article, document_id=text_document_id(board_id, "article", title, article.author, day, 0))
    return replace(page, rows=tuple(reversed(rows)), article=article)


def content_hash(article: Article) -> str:
    """Of what was read, not of the bytes: a csrf token or a comment changes the bytes of every page.

    The date counts where it names its year (`3분 전` changes by the minute), a picture by its path (a site that moves to https
    changes every address and no article).
    """
    content = [
        article.title,
        article.author,
        article.date_text if names_its_year(article.date_text) else None,
        article.category,
        article.source,
        article.image_count,
        article.body_readable,
        [
            [block.kind, block.text, block.credit, urlsplit(block.image_url).path if block.image_url else None]
            for block in article.blocks
        ],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")).hexdigest()
