"""A small candidate made by hand: raw tables as `build` would fill them, without landing, parser or reader of money.

For tests of dbt, gates and publish. Board `news`, days 2025-02-04 and 2025-02-05, one page of the list and three articles;
change what `raw_rows` returns to make it wrong in the way that a test needs.
"""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import duckdb

from orchestration.build.candidate import create_schemas
from orchestration.build.run import CANDIDATE, DbtResult, run_dbt

DAY4, DAY5 = dt.date(2025, 2, 4), dt.date(2025, 2, 5)
SEEN_AT = dt.datetime(2025, 2, 5, 3, 0, tzinfo=dt.UTC)
READ_AT = dt.datetime(2025, 2, 5, 3, 5, tzinfo=dt.UTC)

Rows = dict[str, list[dict[str, Any]]]


def text_key(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def page(response_id: str, **changes: Any) -> dict[str, Any]:
    row = {
        "response_id": response_id,
        "board_id": "news",
        "run_id": "r1",
        "purpose": "list",
        "sweep": "pages",
        "url": "https://board.example/news",
        "status": 200,
        "fetched_at": SEEN_AT,
        "document_id": None,
        "kind": "list",
        "engine": "rhymix",
        "skin": "default",
        "encoding": "utf-8",
        "view": "all",
        "page_no": 1,
        "last_page": 1,
        "row_count": 0,
        "is_complete": True,
        "reason": None,
        "is_judged": True,
    }
    return row | changes


def listing_row(
    response_id: str, position: int, document_id: int, post_no: int | None, title: str, day: dt.date | None, **changes: Any
) -> dict[str, Any]:
    row = {
        "response_id": response_id,
        "position": position,
        "document_id": document_id,
        "post_no": post_no,
        "is_notice": False,
        "is_current": False,
        "is_secret": False,
        "url": f"https://board.example/news/{document_id}",
        "title": title,
        "author": "기자실",
        "date_text": day.strftime("%Y.%m.%d") if day else None,
        "listed_on": day,
        "category": None,
        "comment_count": None,
        "view_count": 10,
    }
    return row | changes


def article_read(response_id: str, document_id: int, blocks: list[tuple[str, str]], **changes: Any) -> dict[str, Any]:
    row = {
        "response_id": response_id,
        "document_id": document_id,
        "outcome": "read",
        "url": f"https://board.example/news/{document_id}",
        "title": f"기사 {document_id}",
        "author": "기자실",
        "date_text": "2025.02.04 20:28",
        "published_at": dt.datetime(2025, 2, 4, 11, 28, tzinfo=dt.UTC),
        "published_precision": "minute",
        "category": None,
        "source": "한빛일보",
        "image_count": 0,
        "blocks": [{"kind": kind, "text": text, "credit": None, "image_url": None} for kind, text in blocks],
        "content_hash": text_key("".join(text for _, text in blocks)),
    }
    return row | changes


def mention(text: str, ordinal: int, span: str, currency: str, amount: str | None, **changes: Any) -> dict[str, Any]:
    start = text.index(span)
    row = {
        "text_key": text_key(text),
        "ordinal": ordinal,
        "char_start": start,
        "char_end": start + len(span),
        "text": span,
        "kind": "amount",
        "currency": currency,
        "amount": amount,
        "amount_min": None,
        "amount_max": None,
        "qualifiers": [],
        "per": None,
        "paired_ordinal": None,
        "rounding_unit": None,
    }
    return row | changes


PAIR = "총 100억 달러(약 14조5000억원)를 들여 항만을 넓힌다."


def raw_rows() -> Rows:
    """The rows of schema `raw`, by table; every value a good page would give."""
    rates = [
        {
            "day": day,
            "currency": currency,
            "krw_per_unit": krw,
            "usd_per_unit": usd,
            "rate_source": "ecb",
            "recorded_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        }
        for day, won in ((dt.date(2025, 1, 31), 1440.0), (dt.date(2025, 2, 3), 1463.9), (DAY4, 1455.0))
        for currency, krw, usd in (("USD", won, 1.0), ("KRW", 1.0, 1 / won))
    ]
    return {
        "scope": [{"board_id": "news", "day": day, "completeness": "complete"} for day in (DAY4, DAY5)],
        "boards": [
            {"board_id": "news", "name": "뉴스", "url": "https://board.example/news", "time_zone": "Asia/Seoul", "first_day": DAY4}
        ],
        "pages": [
            page("list1", row_count=5),
            *(
                page(
                    f"art{n}",
                    purpose="article",
                    sweep=None,
                    kind="article",
                    view=None,
                    page_no=None,
                    last_page=None,
                    document_id=n,
                    fetched_at=READ_AT,
                    is_judged=False,
                )
                for n in (101, 102)
            ),
            page(
                "art103",
                purpose="article",
                sweep=None,
                kind="none",
                status=403,
                view=None,
                page_no=None,
                last_page=None,
                document_id=103,
                fetched_at=READ_AT,
                is_judged=False,
            ),
        ],
        "listing_rows": [
            listing_row("list1", 0, 90, None, "공지: 운영 원칙", DAY4, is_notice=True),
            listing_row("list1", 1, 103, 4, "회원만 보는 글", DAY5, is_secret=True),
            listing_row("list1", 2, 102, 3, "[속보] 항만 증설 확정", DAY5),
            listing_row("list1", 3, 101, 2, "[1보] 【단독】 항만에 100억 달러", DAY4, comment_count=3),
            listing_row("list1", 4, 100, 1, "어제의 글", DAY4),
        ],
        "article_reads": [
            article_read("art101", 101, [("paragraph", PAIR), ("heading", "다음 계획"), ("paragraph", "내년에 마친다.")]),
            article_read("art102", 102, [("paragraph", "오늘 확정했다.")]),
            {"response_id": "art103", "document_id": 103, "outcome": "secret"},
        ],
        "mentions": [
            mention(PAIR, 0, "100억 달러", "USD", "10000000000"),
            mention(
                PAIR, 1, "14조5000억원", "KRW", "14500000000000", qualifiers=["약"], paired_ordinal=0, rounding_unit="100000000"
            ),
            mention("[1보] 【단독】 항만에 100억 달러", 0, "100억 달러", "USD", "10000000000"),
        ],
        "rates": rates,
    }


def fill(connection: duckdb.DuckDBPyConnection, rows: Rows, schema: str = "raw") -> None:
    """Insert rows by column name; a column that a row leaves out is null."""
    for table, content in rows.items():
        for row in content:
            names = ", ".join(f'"{name}"' for name in row)
            places = ", ".join("?" for _ in row)
            connection.execute(f"insert into {schema}.{table} ({names}) values ({places})", list(row.values()))


def fill_candidate(path: Path, raw: Rows, history: Rows | None = None) -> None:
    """Write `path` (named candidate.duckdb) from the rows, without dbt."""
    if path.name != CANDIDATE:
        raise ValueError(f"a candidate is always named {CANDIDATE}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        create_schemas(connection)
        fill(connection, raw)
        fill(connection, history or {}, "history")


def write_candidate(path: Path, raw: Rows, history: Rows | None = None) -> DbtResult:
    """`fill_candidate`, and dbt on it."""
    fill_candidate(path, raw, history)
    return run_dbt(path.parent)


def small_candidate(path: Path) -> Path:
    """A good candidate at `path`: 5 rows, 2 articles, 4 blocks, 3 facts in 1 pair."""
    result = write_candidate(path, raw_rows())
    assert result.success, result.failures
    return path
