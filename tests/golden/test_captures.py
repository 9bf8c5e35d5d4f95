"""Real responses of a running board, and the page that the project began with: every record, read as a person read it.

They lie beside the repository and may be missing; the project's own pages are in `test_pages.py`.
"""

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.parse.body import fold
from orchestration.parse.page import parse_page, to_json

KST = ZoneInfo("Asia/Seoul")
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
CAPTURES = SHARED / "captures"
SEED = SHARED / "seed"
FETCHED_AT = dt.datetime(2026, 11, 24, 4, 0, tzinfo=KST)
EXPECTED = json.loads((CAPTURES / "expected.json").read_text("utf-8")) if (CAPTURES / "expected.json").is_file() else {}

needs_captures = pytest.mark.skipif(not EXPECTED, reason="no captures beside the repository")
needs_seed = pytest.mark.skipif(not (SEED / "expected.json").is_file(), reason="no seed page beside the repository")


@needs_captures
@pytest.mark.parametrize("name", sorted(EXPECTED) or [""])
def test_a_captured_page_reads_as_its_board_knows_it(name: str) -> None:
    body, expected = (CAPTURES / name).read_bytes(), EXPECTED[name]
    read = to_json(parse_page(body, url=None, fetched_at=FETCHED_AT, zone=KST))
    assert read["kind"] == ("none" if expected["kind"] == "mobile" else expected["kind"])
    wanted = {"rows": expected["rows"], "article": expected["article"]}
    keys = set(expected["article"] or ())
    found = {
        "rows": [{key: row[key] for key in wanted_row} for row, wanted_row in zip(read["rows"], expected["rows"], strict=True)],
        "article": {key: value for key, value in read["article"].items() if key in keys} if read["article"] else None,
    }
    assert found == wanted


@needs_captures
@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("art_deleted.html", 404, "deleted"),
        ("mid_missing.html", 404, "error"),
        ("art_seed_m1.html", 200, "mobile"),
        ("rss.xml", 200, "feed"),
    ],
)
def test_a_page_that_is_none_says_why(name: str, status: int, reason: str) -> None:
    page = parse_page((CAPTURES / name).read_bytes(), url=None, status=status, fetched_at=FETCHED_AT, zone=KST)
    assert (page.kind, (page.reason or "").split(":")[0]) == ("none", reason)


def seed_rows(read: dict) -> list[dict]:  # type: ignore[type-arg]
    return [{key: row[key] for key in ("post_no", "title", "author", "listed_on")} for row in read["rows"] if not row["is_notice"]]


@needs_seed
@pytest.mark.parametrize("name", ["page.html", "page.txt"])
def test_the_seed_page_reads_as_a_person_read_it(name: str) -> None:
    expected = json.loads((SEED / "expected.json").read_text("utf-8"))
    fetched_at = dt.datetime(2025, 2, 5, 9, 0, tzinfo=KST)
    read = to_json(parse_page((SEED / name).read_bytes(), url=None, fetched_at=fetched_at, zone=KST))
    # One title holds a no-break space, which the captures' answers show as a space, and so do we: docs/parsing.md.
    assert seed_rows(read) == [
        {"post_no": row["post_no"], "title": fold(row["title"]), "author": row["author"], "listed_on": row["posted_on"]}
        for row in expected["board_rows"]
    ]
    article = read["article"]
    assert article["source"] == expected["article"]["source"]
    blocks = [{"kind": block["kind"], "text": block["text"], "credit": block["credit"]} for block in article["blocks"]]
    assert blocks == [{"credit": None, **block} for block in expected["article"]["blocks"]]


@needs_seed
def test_a_picture_goes_with_its_caption() -> None:
    page = parse_page((SEED / "page.html").read_bytes(), url=None, fetched_at=FETCHED_AT, zone=KST)
    assert page.article is not None
    captions = [block.image_url for block in page.article.blocks if block.kind == "caption"]
    assert page.article.image_count == len(captions) == 3
    assert all(url and url.startswith("http://board.example/files/") for url in captions)
