"""Reaching a range of days, and pages a second, beside linear paging, bare `requests` and Scrapy.

Reaching: list requests on a board of 2,400 pages (48,000 posts), and seconds at a simulated latency of 60 ms each. Scrapy pages
linearly with the same delay, so its requests are those of linear paging; one range is really reached, over sockets, by ours and by
Scrapy, with that latency and the same delay after it. Pages a second: 400 articles of a server in its own process, each answer
landed and fsynced by ours, dropped by the others; in rounds of all three, so that a
busy moment of the machine strikes each alike. A peer that is not installed shows as `-`.
"""

import contextlib
import datetime as dt
import importlib.util
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import requests

from orchestration.demo.content import generate
from orchestration.demo.site import Site
from orchestration.fetch import addresses
from orchestration.fetch.client import Client
from orchestration.fetch.crawl import fetch_range
from orchestration.fetch.strategies.choose import reach
from orchestration.fetch.strategies.steps import Answer, Ask, Days, Sheets, Strategy
from orchestration.fetch.strategies.sweep import sweep
from orchestration.landing.store import Landing, Sealing
from orchestration.parse.page import parse_page
from orchestration.settings import KST, Board, Settings

END = dt.date(2026, 11, 20)
LATENCY_SECONDS = 0.06
DELAY_SECONDS = 0.02
ROUNDS = 7
LANDED, SEALED, BARE, SCRAPY = range(4)  # of a round

_SERVER = """
import datetime as dt, sys
from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
days, posts, latency = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
with DemoServer(generate(1, dt.date(2026, 11, 20), days=days, posts=posts), latency=latency) as server:
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

_SCRAPY_REACHES = """
import datetime as dt, re, sys, time, scrapy
from scrapy.crawler import CrawlerProcess
url, day, delay = sys.argv[1], sys.argv[2], float(sys.argv[3])
class Spider(scrapy.Spider):
    name = "peer"
    custom_settings = {"LOG_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 1,
                       "DOWNLOAD_DELAY": delay, "RANDOMIZE_DOWNLOAD_DELAY": False, "TELNETCONSOLE_ENABLED": False}
    requests = 0
    async def start(self):
        type(self).began = time.perf_counter()
        yield scrapy.Request(url)
    def parse(self, response):
        type(self).requests += 1
        page = response.meta.get("page", 1)
        days = response.css("tr:not(.notice) td.time::text").re("[0-9]{4}[.][0-9]{2}[.][0-9]{2}")
        type(self).seconds = time.perf_counter() - self.began
        if days and max(days) >= day:
            yield scrapy.Request(f"{url}?page={page + 1}", meta={"page": page + 1})
process = CrawlerProcess()
process.crawl(Spider)
process.start()
print(Spider.requests, Spider.seconds)
"""


@contextlib.contextmanager
def near_server(*, days: int, posts: int, latency: float = 0.0) -> Iterator[str]:
    """The address of a bundled board in a process of its own."""
    told = [str(days), str(posts), str(latency)]
    server = subprocess.Popen([sys.executable, "-c", _SERVER, *told], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        yield server.stdout.readline().strip()
    finally:
        server.communicate("")


def run() -> list[dict[str, object]]:
    return [*_reaching(), *_really_reaching(), *_throughput()]


def _row(what: str, ours: object, linear: object = "-", bare: object = "-", scrapy: object = "-") -> dict[str, object]:
    return {"what": what, "ours": ours, "linear paging": linear, "bare requests": bare, "Scrapy": scrapy}


def _reaching() -> list[dict[str, object]]:
    site = Site(generate(1, END, days=778, posts=48_000))
    rows: list[dict[str, object]] = []
    for length in (1, 7, 30, 365):
        for back in (0, 300):
            days = Days(END - dt.timedelta(days=back + length - 1), END - dt.timedelta(days=back))
            what = f"{length} days, {'now' if not back else f'{back} days back'}"
            linear, _ = _drive(InProcess(site), sweep("linear", 1, days, Sheets()))
            searched, strategy = _drive(InProcess(site), reach(days))
            rows.append(_row(f"{what}: list requests, {strategy}", searched, linear, scrapy=linear))
            if back:
                bisected, strategy = _drive(InProcess(site), reach(days, with_date_search=False))
                rows.append(_row(f"{what}: list requests, {strategy}", bisected, linear, scrapy=linear))
            seconds, slowly = searched * LATENCY_SECONDS, linear * LATENCY_SECONDS
            rows.append(_row(f"{what}: seconds of list requests", seconds, slowly, scrapy=slowly))
    return rows


def _really_reaching() -> list[dict[str, object]]:
    """One day, 300 days back, over sockets: seconds until its last list page has come."""
    day = END - dt.timedelta(days=300)
    with near_server(days=778, posts=48_000, latency=LATENCY_SECONDS) as base:
        rows = []
        for with_date_search in (True, False):
            began = time.perf_counter()
            count, strategy = _drive(Sockets(base), reach(Days(day, day), with_date_search=with_date_search))
            rows.append((strategy, count, time.perf_counter() - began))
        peer: tuple[object, object] = ("-", "-")
        if importlib.util.find_spec("scrapy"):
            told = [f"{base}/news", f"{day:%Y.%m.%d}", str(DELAY_SECONDS)]
            done = subprocess.run([sys.executable, "-c", _SCRAPY_REACHES, *told], capture_output=True, text=True, check=True)
            requests_made, seconds = done.stdout.split()[-2:]
            peer = int(requests_made), float(seconds)
    what = "1 days, 300 days back, really asked"
    return [
        row
        for strategy, count, seconds in rows
        for row in (
            _row(f"{what}: list requests, {strategy}", count, scrapy=peer[0]),
            _row(f"{what}: seconds, {strategy}", seconds, scrapy=peer[1]),
        )
    ]


class InProcess:
    """A board that answers in this process."""

    def __init__(self, site: Site) -> None:
        self._site, self.url, self._cookie = site, f"{site.base}/news", ""

    def get(self, url: str, referer: str | None) -> bytes:
        headers = {"user-agent": "boardhouse/1", "cookie": self._cookie} | ({"referer": referer} if referer else {})
        answer = self._site.answer("GET", url.removeprefix(self._site.base), headers)
        self._cookie = "; ".join(c.partition(";")[0] for c in answer.cookies) or self._cookie
        return answer.body


class Sockets:
    """A board asked by the fetch's own client, with the delay between two requests."""

    def __init__(self, base: str) -> None:
        self.url = f"{base}/news"
        board = Board(id="news", name="news", url=self.url, first_day=dt.date(2024, 1, 1))
        self._client = Client(Settings(), board)

    def get(self, url: str, referer: str | None) -> bytes:
        body = self._client.get(url, referer=referer, now=dt.datetime.now(dt.UTC)).body
        time.sleep(DELAY_SECONDS)
        return body


def _drive(board: InProcess | Sockets, strategy: Strategy) -> tuple[int, str]:
    """(list requests, strategy): articles that are asked anyway and show a list page below are no list requests."""
    count = 0
    carriers: list[int] = []
    asked: set[int] = set()

    def get(url: str, *, referer: bool = False) -> Answer:
        now = dt.datetime.now(dt.UTC)
        page = parse_page(board.get(url, board.url if referer else None), url=url, fetched_at=now, zone=KST)
        posts = tuple(row for row in page.rows if not row.is_notice)
        carriers.extend(row.document_id for row in posts if row.document_id and row.document_id not in asked)
        return Answer(page.page_no or 0, posts, page.last_page, now, offers_date_search=page.offers_date_search)

    try:
        ask: Ask = next(strategy)
        while True:
            if ask.what == "locate" or (ask.may_carry and carriers):
                document = ask.document_id or carriers.pop()
                asked.add(document)
                answer = get(addresses.article(board.url, document, None if ask.what == "locate" else ask.page), referer=True)
            else:
                count += 1
                if ask.what == "search":
                    url = addresses.search_page(board.url, ask.day or END, ask.page)
                else:
                    url = addresses.list_page(board.url, ask.page)
                answer = get(url)
            ask = strategy.send(answer)
    except StopIteration as stop:
        return count, stop.value.strategy


class _TimedLanding(Landing):
    """Knows how long sealing took."""

    sealing_seconds = 0.0

    def seal(self, *given: Any) -> Sealing:
        began = time.perf_counter()
        try:
            return super().seal(*given)
        finally:
            self.sealing_seconds += time.perf_counter() - began


def _throughput() -> list[dict[str, object]]:
    has_scrapy = importlib.util.find_spec("scrapy") is not None
    with near_server(days=8, posts=400) as base:
        _, _, share, urls = _ours(base)  # writes the server's pages for the first time, so it is not counted
        rounds = [(*_ours(base)[:2], bare(urls), _scrapy(urls) if has_scrapy else math.nan) for _ in range(ROUNDS)]
    best = [max(rates) for rates in zip(*rounds, strict=True)]

    def rows(what: str, ours: int) -> list[dict[str, object]]:
        of_bare, of_peer = (median(round_[ours] / round_[theirs] for round_ in rounds) for theirs in (BARE, SCRAPY))
        return [
            _row(
                f"pages a second, near server, {what}: the best round",
                best[ours],
                bare=best[BARE],
                scrapy=best[SCRAPY] if has_scrapy else "-",
            ),
            _row("ours as a share of it: the median round", 1.0, bare=of_bare, scrapy=of_peer if has_scrapy else "-"),
        ]

    return [
        *rows("landed and fsynced", LANDED),
        *rows("sealing included", SEALED),
        _row("peak memory of this process, MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        _row("landing, share of the bytes served", share),
    ]


def _ours(base: str) -> tuple[float, float, float, list[str]]:
    """(requests a second, the same with sealing; the landing's share of the bytes; the addresses asked)."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(boards=home / "boards.yaml", home=home)
        board = Board(id="news", name="news", url=f"{base}/news", first_day=dt.date(2026, 1, 1), delay_seconds=0)
        landing = _TimedLanding(settings.landing)
        began = time.perf_counter()
        report = fetch_range(settings, [board], END - dt.timedelta(days=7), END, landing, "bench")
        seconds = time.perf_counter() - began
        stats = report.stats["news"]
        size = sum(path.stat().st_size for path in landing.sealed_files())
        urls = [entry.url_asked for entry in landing.entries() if entry.purpose in ("list", "article")]
        requests_made = int(stats["requests"])
        return requests_made / (seconds - landing.sealing_seconds), requests_made / seconds, size / float(stats["bytes"]), urls


def bare(urls: list[str]) -> float:
    """Pages a second of a `requests.Session` that keeps nothing."""
    with requests.Session() as session:
        began = time.perf_counter()
        for url in urls:
            assert session.get(url).content
        return len(urls) / (time.perf_counter() - began)


def _scrapy(urls: list[str]) -> float:
    done = subprocess.run([sys.executable, "-c", _SCRAPY], input=json.dumps(urls), capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])
