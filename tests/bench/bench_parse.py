"""CPU per page: ours beside a bare lexbor tree of the same bytes, trafilatura, and BeautifulSoup with equal selectors.

Real captures where they lie beside the repository, else the tests' own pages. A peer that is not installed shows as `-`.
"""

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from orchestration.parse.page import parse_page

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ROOT.parent / "shared" / "captures"
PAGES = ROOT / "tests" / "golden" / "pages"
KINDS = {
    "list, default": (CAPTURES / "list_p1.html", PAGES / "default_list.html"),
    "list, xedition": (CAPTURES / "listx_p1.html", PAGES / "xedition_category.html"),
    "list, query links": (CAPTURES / "rw0_list_p1.html", PAGES / "xe1_cp949.html"),
    "list, sketchbook5": (None, PAGES / "sketchbook5_list.html"),
    "article and list": (CAPTURES / "art_seed_browser_first.html", PAGES / "default_article.html"),
    "article, 12 comments": (CAPTURES / "art_comments12.html", PAGES / "default_article.html"),
    "article, xedition": (CAPTURES / "artx_old.html", PAGES / "xedition_secret.html"),
}
KST = ZoneInfo("Asia/Seoul")
FETCHED_AT = dt.datetime(2026, 11, 24, 4, 0, tzinfo=KST)
URL = "http://board.example/news"
ROUNDS, CALLS = 30, 5  # the smallest of many short rounds: neighbours on the machine only ever add
# A fresh process pays page faults for every tree, which a long-running one (the pipeline) does not: freeing one large block lifts
# the allocator's threshold, and the bare tree then takes half the time. Without it our ratios would flatter us.
ALLOCATOR_WARM_UP = 30_000_000  # bytes


def run() -> list[dict[str, object]]:
    """One row per kind of page; times in milliseconds of CPU."""
    bytearray(ALLOCATOR_WARM_UP)
    rows: list[dict[str, object]] = []
    for kind, (capture, own) in KINDS.items():
        body = (capture if capture is not None and capture.is_file() else own).read_bytes()
        if parse_page(body, url=URL, fetched_at=FETCHED_AT, zone=KST).kind == "none":
            raise RuntimeError(f"{kind}: the page is not read, so its time says nothing")
        ours, bare = _together(
            lambda page=body: parse_page(page, url=URL, fetched_at=FETCHED_AT, zone=KST), lambda page=body: LexborHTMLParser(page)
        )
        rows.append(
            {
                "page": kind,
                "bytes": len(body),
                "ours ms": ours,
                "bare lexbor ms": bare,
                "ours / bare": ours / bare,
                "trafilatura ms": _peer(_trafilatura, body),
                "BeautifulSoup ms": _peer(_beautifulsoup, body),
            }
        )
    return rows


def _together(*readers: Callable[[], object]) -> list[float]:
    """The least time of each, in turns, so that a slow minute of the machine meets all of them."""
    best = [float("inf")] * len(readers)
    for _ in range(ROUNDS):
        for position, reader in enumerate(readers):
            start = time.process_time_ns()
            for _ in range(CALLS):
                reader()
            best[position] = min(best[position], (time.process_time_ns() - start) / CALLS / 1e6)
    return best


def _peer(read: Callable[[bytes], object], body: bytes) -> float | str:
    try:
        read(body)
    except ImportError:
        return "-"
    best = float("inf")
    for _ in range(3):
        start = time.process_time_ns()
        read(body)
        best = min(best, (time.process_time_ns() - start) / 1e6)
    return best


def _trafilatura(body: bytes) -> object:
    import trafilatura

    return trafilatura.bare_extraction(body.decode(), with_metadata=True, include_comments=False)


def _beautifulsoup(body: bytes) -> object:
    """The same parts by the same selectors; texts only, no dates, no blocks."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(body, "lxml")
    rows = []
    for line in soup.select("#board_list tbody tr, table.bd_lst tbody tr"):
        cells = {name: line.select_one(f"td.{name}") for name in ("no", "title", "author", "time", "readNum", "m_no")}
        link = line.select_one("td.title a[href]")
        badge = line.select_one("td.title a.replyNum")
        texts = {name: cell.get_text(" ", strip=True) for name, cell in cells.items() if cell}
        rows.append((texts, link.get("href") if link else None, badge.get_text() if badge else None))
    head = [
        soup.select_one(css)
        for css in (".read_header h1 a, .rd_hd h1 a", ".read_header .time, .rd_hd .date", ".read_header .author")
    ]
    content = soup.select_one(".read_body .xe_content, .rd_body .xe_content")
    text = [line.get_text(" ", strip=True) for line in content.select("p, h3, div")] if content else []
    return (
        rows,
        [part.get_text(" ", strip=True) for part in head if part],
        text,
        soup.select_one(".pagination strong, .bd_pg .this"),
    )
