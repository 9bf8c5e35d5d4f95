"""Parsed records of the landing, as Parquet: read once, used by every later run.

Here: what one response becomes (a row with its list's rows, its answer about an article and the mentions of money in its new
texts), and the cache of these rows. Not here: how a page is read (`parse`, `money`), or which rows a run loads (`candidate`).

One cached file per sealed landing file, under the version of the parsers and the board's settings; both decide what is read.
Deleting the cache costs time, never data.
"""

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.money.reader import read_mentions
from orchestration.parse.identity import content_hash
from orchestration.parse.reading import Reading
from orchestration.parse.records import Article, Page
from orchestration.parse.urls import document_id
from orchestration.parse.version import parser_version
from orchestration.settings import KST

_TEXT = pa.string()
_STAMP = pa.timestamp("us", tz="UTC")
_BLOCK = pa.struct([("kind", _TEXT), ("text", _TEXT), ("credit", _TEXT), ("image_url", _TEXT)])
_ROW = pa.struct(
    [
        ("position", pa.int32()),
        ("document_id", pa.int64()),
        ("post_no", pa.int32()),
        ("is_notice", pa.bool_()),
        ("is_current", pa.bool_()),
        ("is_secret", pa.bool_()),
        ("url", _TEXT),
        ("title", _TEXT),
        ("author", _TEXT),
        ("date_text", _TEXT),
        ("listed_on", pa.date32()),
        ("category", _TEXT),
        ("comment_count", pa.int32()),
        ("view_count", pa.int32()),
    ]
)
_ROW_FIELDS = [field.name for field in _ROW]
_ANSWER = pa.struct(
    [
        ("document_id", pa.int64()),
        ("outcome", _TEXT),
        ("url", _TEXT),
        ("title", _TEXT),
        ("author", _TEXT),
        ("date_text", _TEXT),
        ("published_at", _STAMP),
        ("published_precision", _TEXT),
        ("category", _TEXT),
        ("source", _TEXT),
        ("image_count", pa.int32()),
        ("blocks", pa.list_(_BLOCK)),
        ("content_hash", _TEXT),
        ("day", pa.date32()),  # of its publication in the board's zone, else of the fetch in KST: where it stands without a row
    ]
)
MENTION = pa.struct(
    [
        ("text_key", _TEXT),
        ("ordinal", pa.int32()),
        ("char_start", pa.int32()),
        ("char_end", pa.int32()),
        ("text", _TEXT),
        ("kind", _TEXT),
        ("currency", _TEXT),
        ("amount", _TEXT),
        ("amount_min", _TEXT),
        ("amount_max", _TEXT),
        ("qualifiers", pa.list_(_TEXT)),
        ("per", _TEXT),
        ("paired_ordinal", pa.int32()),
        ("rounding_unit", _TEXT),
    ]
)
SCHEMA = pa.schema(
    [
        ("response_id", _TEXT),
        ("board_id", _TEXT),
        ("run_id", _TEXT),
        ("purpose", _TEXT),
        ("sweep", _TEXT),
        ("url", _TEXT),
        ("status", pa.int32()),
        ("fetched_at", _STAMP),
        ("document_id", pa.int64()),
        ("kind", _TEXT),
        ("engine", _TEXT),
        ("skin", _TEXT),
        ("encoding", _TEXT),
        ("view", _TEXT),
        ("page_no", pa.int32()),
        ("last_page", pa.int32()),
        ("row_count", pa.int32()),
        ("is_complete", pa.bool_()),
        ("reason", _TEXT),
        ("rows", pa.list_(_ROW)),
        ("answer", _ANSWER),
        ("mentions", pa.list_(MENTION)),  # of the texts that no earlier response of the file has
    ]
)

PAGES = ("list", "article", "ingest")
"""The purposes whose responses are pages of a board."""

_INTEGER = 2**31 - 1  # a number beyond it is no rank and no count of a board
_ROWS_AT_ONCE = 256  # a page and its records take about 60 kB as Python objects


def parsed_files(cache: Path, landing: Landing, reading: Reading) -> list[Path]:
    """The cached records of every sealed file of a board; what is missing is parsed now. Any number of processes may do so at
    once: each file appears whole, and two that write the same one write the same.
    """
    folder = cache / parser_version() / f"board_id={reading.board_id}" / reading.key
    files = []
    for sealed in landing.sealed_files(reading.board_id):
        stat = sealed.stat()
        # A sealed file may be replaced by one that holds more (a run that went on after its spool was sealed).
        path = folder / f"{sealed.parent.name}.{sealed.stem}.{stat.st_size:x}.{stat.st_mtime_ns:x}.parquet"
        if not path.exists():
            write_parsed(path, landing.read_sealed(sealed), reading)
        files.append(path)
    return files


def write_parsed(path: Path, responses: Iterable[Response], reading: Reading) -> None:
    """Parse the pages among `responses` into one Parquet file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
            for batch in _batches(records(responses, reading)):
                writer.write_table(pa.Table.from_pylist(batch, schema=SCHEMA))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def records(responses: Iterable[Response], reading: Reading) -> Iterator[dict[str, Any]]:
    """One record (`SCHEMA`) per page."""
    known: set[str] = set()
    for response in responses:
        if response.purpose in PAGES:
            yield _record(response, reading.page(response), reading, known)


def _record(response: Response, page: Page, reading: Reading, known: set[str]) -> dict[str, Any]:
    elsewhere = is_elsewhere(response, reading.url)
    if elsewhere:  # the page of another board says nothing of this one
        page = replace(page, rows=(), article=None)
    asked = response.document_id if response.document_id is not None else document_id(response.url)
    if page.article is not None and page.article.document_id is not None:
        asked = page.article.document_id
    outcome = outcome_of(response, page, elsewhere) if asked is not None else None
    texts = [row.title for row in page.rows]
    answer = None
    if outcome is not None:
        answer = {"document_id": asked, "outcome": outcome}
        if outcome == "read" and page.article is not None:
            answer |= _article(page.article, response.fetched_at)
            texts += [text for text in (page.article.title, *(block.text for block in page.article.blocks)) if text]
    return {
        "response_id": response.response_id,
        "board_id": response.board_id,
        "run_id": response.run_id,
        "purpose": response.purpose,
        "sweep": response.sweep,
        "url": response.url,
        "status": response.status,
        "fetched_at": response.fetched_at,
        "document_id": asked,
        "kind": page.kind,
        "engine": page.engine,
        "skin": page.skin,
        "encoding": page.encoding,
        "view": page.view,
        "page_no": _within(page.page_no),
        "last_page": _within(page.last_page),
        "row_count": len(page.rows),
        "is_complete": page.complete,
        "reason": page.reason,
        "rows": [
            {name: getattr(row, name) for name in _ROW_FIELDS}
            | {name: _within(getattr(row, name)) for name in ("post_no", "comment_count", "view_count")}
            for row in page.rows
        ],
        "answer": answer,
        "mentions": [mention for text in dict.fromkeys(texts) if text not in known for mention in _new_mentions(text, known)],
    }


def outcome_of(response: Response, page: Page, elsewhere: bool) -> str | None:
    """What a response says of the article that it was asked for: read, secret, deleted, moved or unreadable; None for a page of
    the list."""
    if response.purpose == "list":
        return None
    if elsewhere:
        return "moved"
    if page.article is not None:
        if not page.article.body_readable:
            return "secret"
        return "read" if page.complete else "unreadable"
    # XE1 answers 200 with an alert for a missing document; the parser then says so.
    if response.status in (404, 410) or (page.reason or "").startswith("deleted"):
        return "deleted"
    return "unreadable"


def is_elsewhere(response: Response, board_url: str | None) -> bool:
    """Whether an article asked of this board was answered by another board: followed there, or sent there (301)."""
    if response.purpose != "article" or response.status >= 400:
        return False
    answered = response.url
    if 300 <= response.status < 400:
        answered = urljoin(response.url, response.headers.get("location", ""))
    if document_id(answered) != response.document_id:  # a login form, a front page: no word on where the article is
        return False
    mid = board_name(answered)
    homes = {board_name(response.url_asked), board_name(board_url) if board_url else None}
    return mid is not None and mid not in homes and homes != {None}


def board_name(url: str) -> str | None:
    """The board (`mid`) that an address names; None where it names only a document: /71603, /?document_srl=71603."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    query = dict(parse_qsl(parts.query))
    if "mid" in query:
        return query["mid"].lower()
    if "document_srl" in query and "index.php" in parts.path:
        return None
    named = [part for part in parts.path.split("/") if part and part != "index.php" and not re.fullmatch(r"[0-9]+", part)]
    return named[-1].lower() if named else None


def _article(article: Article, fetched_at: dt.datetime) -> dict[str, Any]:
    published = article.published_at
    return {
        "url": article.url,
        "title": article.title,
        "author": article.author,
        "date_text": article.date_text,
        "published_at": published,
        "published_precision": article.published_precision,
        "category": article.category,
        "source": article.source,
        "image_count": article.image_count,
        "blocks": [asdict(block) for block in article.blocks],
        "content_hash": content_hash(article),
        "day": published.date() if published else fetched_at.astimezone(KST).date(),
    }


def text_key(text: str) -> str:
    """md5 of a text: dbt's `md5(text)` is the same."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def mention_rows(text: str) -> list[dict[str, Any]]:
    """What money says of one text, as rows of `raw.mentions`; amounts as decimal strings without exponent."""
    found = read_mentions(text)
    key = text_key(text) if found else ""
    return [
        {
            "text_key": key,
            "ordinal": ordinal,
            "char_start": mention.start,
            "char_end": mention.end,
            "text": mention.text,
            "kind": mention.kind,
            "currency": mention.currency,
            "amount": _decimal(mention.amount),
            "amount_min": _decimal(mention.min),
            "amount_max": _decimal(mention.max),
            "qualifiers": list(mention.qualifiers),
            "per": mention.per,
            "paired_ordinal": mention.paired_with,
            "rounding_unit": _decimal(mention.rounding_unit),
        }
        for ordinal, mention in enumerate(found)
    ]


def _new_mentions(text: str, known: set[str]) -> list[dict[str, Any]]:
    known.add(text)
    return mention_rows(text)


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _within(number: int | None) -> int | None:
    return number if number is None or abs(number) <= _INTEGER else None


def _batches(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for item in items:
        batch.append(item)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
