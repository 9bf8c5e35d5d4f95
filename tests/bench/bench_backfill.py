"""A board of 2,400 list pages and 48,000 posts, fetched whole from a near server: memory, disk, and pages a second.

Memory is the peak of the process that fetches, sealing included; the landing's share is of the bytes served, decompressed. The
bare `requests` beside it asks for 2,000 of the same addresses, before and after, and keeps nothing. Takes some minutes.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile

import requests
from bench_fetch import END, bare, near_server

from orchestration.demo.content import generate
from orchestration.demo.site import Site

POSTS, DAYS = 48_000, 778

_FETCH = """
import datetime as dt, json, resource, sys, time
from pathlib import Path
from orchestration.fetch.crawl import fetch_range
from orchestration.landing.store import Landing
from orchestration.settings import Board, Settings
home, base, days = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
end = dt.date(2026, 11, 20)
settings = Settings(boards=home / "boards.yaml", home=home)
board = Board(id="news", name="news", url=f"{base}/news", first_day=end - dt.timedelta(days=days), delay_seconds=0)
landing = Landing(settings.landing)
began = time.perf_counter()
report = fetch_range(settings, [board], board.first_day, end, landing, "bench")
seconds = time.perf_counter() - began
entries = list(landing.entries())
print(json.dumps({
    **report.stats["news"],
    "complete": all(day.state == "complete" for day in report.scope.board_days),
    "documents": len({entry.document_id for entry in entries if entry.purpose == "article"}),
    "seconds": seconds,
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "landed": sum(path.stat().st_size for path in landing.sealed_files()),
    "urls": [entry.url_asked for entry in entries[:: max(1, len(entries) // 2000)] if entry.purpose in ("list", "article")],
}))
"""


def run() -> list[dict[str, object]]:
    with near_server(days=DAYS, posts=POSTS) as base, tempfile.TemporaryDirectory() as home:
        for page in range(1, 2401):  # the server writes each page once; that is not the fetch's time
            assert requests.get(f"{base}/news?page={page}", timeout=60).ok
        told = subprocess.run([sys.executable, "-c", _FETCH, home, base, str(DAYS)], stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(told.stdout)
        rate = found["requests"] / found["seconds"]
        beside = bare(found["urls"])
    first_day = END - dt.timedelta(days=DAYS)
    true = [row for row in Site(generate(1, END, days=DAYS, posts=POSTS)).true_rows("news") if row.listed_on >= first_day]
    assert found["complete"] and found["documents"] == len(true), f"{found['documents']} of {len(true)} posts were read"
    return [
        {"what": "list pages", "figure": found["pages"], "aim": ""},
        {"what": "articles", "figure": found["documents"], "aim": ""},
        {"what": "requests", "figure": found["requests"], "aim": ""},
        {"what": "seconds", "figure": found["seconds"], "aim": ""},
        {"what": "pages a second", "figure": rate, "aim": ""},
        {"what": "of bare requests, measured after it", "figure": rate / beside, "aim": ""},
        {"what": "peak memory, MB", "figure": found["megabytes"], "aim": "below 500"},
        {"what": "landing, share of the bytes served", "figure": found["landed"] / found["bytes"], "aim": "below 0.25"},
    ]
