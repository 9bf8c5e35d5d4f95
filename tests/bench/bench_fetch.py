"""Reaching a range of days, and pages a second, beside linear paging, bare `requests` and Scrapy.

Reaching: list requests on a board of 2,400 pages (48,000 posts), and seconds at a simulated latency of 60 ms each. Scrapy pages
linearly with the same delay: its requests are those of linear paging. Pages a second: 400 articles of a server in its own process,
each answer landed and fsynced by ours, dropped by the others. A peer that is not installed shows as `-`.
"""

import datetime as dt
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from orchestration.demo.content import generate
from orchestration.demo.site import Site
from orchestration.fetch import addresses
from orchestration.fetch.crawl import fetch_range
from orchestration.fetch.strategies.choose import reach
from orchestration.fetch.strategies.steps import Answer, Ask, Days, Sheets, Strategy
from orchestration.fetch.strategies.sweep import sweep
from orchestration.landing.store import Landing
from orchestration.parse.page import parse_page
from orchestration.settings import KST, Board, Settings

END = dt.date(2026, 11, 20)
LATENCY_SECONDS = 0.06
ROUNDS = 3

_SERVER = """
import datetime as dt, sys
from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
with DemoServer(generate(1, dt.date(2026, 11, 20), days=8, posts=400)) as server:
    print(server.base_url, flush=True)
    sys.stdin.read()
"""

_SCRAPY = """
import json, sys, time, scrapy
from scrapy.crawler import CrawlerProcess
urls = json.load(sys.stdin)
class Spider(scrapy.Spider):
    name = "peer"
    custom_settings = {"LOG_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 1, "DOWNLOAD_DELAY": 0,
                       "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": False}
    async def start(self):
        self.began = time.perf_counter()
        for url in urls:
            yield scrapy.Request(url, dont_filter=True)
    def parse(self, response):
        self.ended = time.perf_counter()
        type(self).rate = len(urls) / (self.ended - self.began)
process = CrawlerProcess()
process.crawl(Spider)
process.start()
print(Spider.rate)
"""


def run() -> list[dict[str, object]]:
    return [*_reaching(), *_throughput()]


def _row(what: str, ours: object, linear: object = "-", bare: object = "-", scrapy: object = "-") -> dict[str, object]:
    return {"what": what, "ours": ours, "linear paging": linear, "bare requests": bare, "Scrapy": scrapy}


def _reaching() -> list[dict[str, object]]:
    site = Site(generate(1, END, days=778, posts=48_000))
    rows: list[dict[str, object]] = []
    for length in (1, 7, 30, 365):
        for back in (0, 300):
            days = Days(END - dt.timedelta(days=back + length - 1), END - dt.timedelta(days=back))
            what = f"{length} days, {'now' if not back else f'{back} days back'}"
            linear, _ = _drive(site, sweep("linear", 1, days, Sheets()))
            searched, strategy = _drive(site, reach(days))
            rows.append(_row(f"{what}: list requests, {strategy}", searched, linear, scrapy=linear))
            if back:
                bisected, strategy = _drive(site, reach(days, with_date_search=False))
                rows.append(_row(f"{what}: list requests, {strategy}", bisected, linear, scrapy=linear))
            rows.append(
                _row(
                    f"{what}: seconds of list requests",
                    searched * LATENCY_SECONDS,
                    linear * LATENCY_SECONDS,
                    scrapy=linear * LATENCY_SECONDS,
                )
            )
    return rows


def _drive(site: Site, strategy: Strategy) -> tuple[int, str]:
    """(list requests, strategy): articles that are asked anyway and show a list page below are no list requests."""
    board_url, count = f"{site.base}/news", 0
    carriers: list[int] = []
    cookie = ""

    def get(url: str, *, referer: bool = False) -> Answer:
        nonlocal cookie
        headers = {"user-agent": "boardhouse/1", "cookie": cookie} | ({"referer": board_url} if referer else {})
        answer = site.answer("GET", url.removeprefix(site.base), headers)
        cookie = "; ".join(c.partition(";")[0] for c in answer.cookies) or cookie
        now = dt.datetime.now(dt.UTC)
        page = parse_page(answer.body, url=url, fetched_at=now, zone=KST)
        posts = tuple(row for row in page.rows if not row.is_notice)
        carriers.extend(row.document_id for row in posts if row.document_id and row.document_id not in asked)
        return Answer(page.page_no or 0, posts, page.last_page, now, offers_date_search=page.offers_date_search)

    asked: set[int] = set()
    try:
        ask: Ask = next(strategy)
        while True:
            if ask.what == "locate" or (ask.may_carry and carriers):
                document = ask.document_id or carriers.pop()
                asked.add(document)
                answer = get(addresses.article(board_url, document, None if ask.what == "locate" else ask.page), referer=True)
            else:
                count += 1
                if ask.what == "search":
                    url = addresses.search_page(board_url, ask.day or END, ask.page)
                else:
                    url = addresses.list_page(board_url, ask.page)
                answer = get(url)
            ask = strategy.send(answer)
    except StopIteration as stop:
        return count, stop.value.strategy


def _throughput() -> list[dict[str, object]]:
    server = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        base = server.stdout.readline().strip()
        first, urls = _ours(base)  # writes the server's pages for the first time, so it is not counted
        assert first
        ours = max(_ours(base)[0] for _ in range(ROUNDS))
        bare = max(_bare(urls) for _ in range(ROUNDS))
        scrapy = max(_scrapy(urls) for _ in range(ROUNDS)) if importlib.util.find_spec("scrapy") else None
        return [
            _row("pages a second, near server", ours, bare=bare, scrapy=scrapy or "-"),
            _row("ours as a share of it", 1.0, bare=ours / bare, scrapy=ours / scrapy if scrapy else "-"),
            _row("peak memory of this process, MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            _row("landing, share of the bytes served", _ours.share),  # type: ignore[attr-defined]
        ]
    finally:
        server.communicate("")


def _ours(base: str) -> tuple[float, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(boards=home / "boards.yaml", home=home)
        board = Board(id="news", name="news", url=f"{base}/news", first_day=dt.date(2026, 1, 1), delay_seconds=0)
        landing = Landing(settings.landing)
        began = time.perf_counter()
        report = fetch_range(settings, [board], END - dt.timedelta(days=7), END, landing, "bench")
        seconds = time.perf_counter() - began
        stats = report.stats["news"]
        size = sum(path.stat().st_size for path in landing.sealed_files())
        _ours.share = size / float(stats["bytes"])  # type: ignore[attr-defined]
        urls = [entry.url_asked for entry in landing.entries() if entry.purpose in ("list", "article")]
        return int(stats["requests"]) / seconds, urls


def _bare(urls: list[str]) -> float:
    with requests.Session() as session:
        began = time.perf_counter()
        for url in urls:
            assert session.get(url).content
        return len(urls) / (time.perf_counter() - began)


def _scrapy(urls: list[str]) -> float:
    done = subprocess.run([sys.executable, "-c", _SCRAPY], input=json.dumps(urls), capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])
