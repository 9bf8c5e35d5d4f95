"""The European Central Bank's own files of reference rates, asked for as politely as a board's pages.

Here: when they are asked, which of the two, and landing what came, under the board `_rates`. Not here: what a file says
(`parse.ecb`), and what becomes of the rates (`build.rates`).

The bank publishes a working day's rates at about 16:00 in Frankfurt, and no file ever holds tomorrow's: so a run asks only where a
working day is over whose rates are not known, and not within 50 minutes of the last answer (on a holiday there is nothing new).
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from orchestration.fetch import addresses, robots
from orchestration.fetch.client import Client, NoAnswer, Reply, Transport, host_of, may_be_private
from orchestration.fetch.clock import Clock, utc_now
from orchestration.fetch.known import UNANSWERED
from orchestration.fetch.politeness import Host
from orchestration.landing.records import RATES_BOARD, Purpose, Response
from orchestration.landing.store import Landing
from orchestration.parse.ecb import read_ecb
from orchestration.settings import Board, Settings

DAILY, NINETY_DAYS = "eurofxref-daily.xml", "eurofxref-hist-90d.xml"
FRANKFURT, PUBLISHED_AT = ZoneInfo("Europe/Berlin"), dt.time(16)
ASKED_AGAIN_AFTER = dt.timedelta(minutes=50)
ROBOTS_KEPT = dt.timedelta(hours=24)  # RFC 9309, 2.4: no longer than that
DELAY_SECONDS = 1.0  # none on loopback
ATTEMPTS = 2  # what fails is asked again by the next run, an hour later
MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it: `days` are the rate days of the files that were landed, `problem` one line for the operator."""

    requests: int = 0
    days: frozenset[dt.date] = frozenset()
    problem: str | None = None


def last_published(now: dt.datetime) -> dt.date:
    """The last working day whose rates the bank should have published; it knows holidays, this does not."""
    there = now.astimezone(FRANKFURT)
    day = there.date() if there.time() >= PUBLISHED_AT else there.date() - dt.timedelta(days=1)
    return _working_day(day)


def ask_bank(
    settings: Settings,
    address: str,
    landing: Landing,
    run_id: str,
    known: Collection[dt.date],
    *,
    log: Callable[[str], None] = lambda line: None,
    now: Callable[[], dt.datetime] = utc_now,
    transport: Transport | None = None,
) -> Asked:
    """Ask `address` for the rates of the days that are over and not `known` (the bank's days that packaged and landed files
    hold): the daily file, and the ninety days where the working day before is not known either.

    What cannot be had is a `problem`, never an error. Raises BoardhouseError where the landing cannot be written.
    """
    due = last_published(now())
    if due in known:
        return Asked()
    past = [response for response in landing.responses(RATES_BOARD) if response.url_asked.startswith(("http://", "https://"))]
    last = max((response.fetched_at for response in past if response.url_asked.endswith(".xml")), default=None)
    if last is not None and now() - last < ASKED_AGAIN_AFTER:
        return Asked()
    # The host is known to the client as a board's is: its delay, caps and address checks are those of a board.
    host = Board.model_construct(id=RATES_BOARD, url=f"{address.rstrip('/')}/{DAILY}", private_network=False)
    host = host.model_copy(update={"delay_seconds": 0.0 if may_be_private(host) else DELAY_SECONDS})
    bank = _Bank(settings, host, landing, run_id, transport or Client(settings, host), Clock(now))
    try:
        bank.read_robots([response for response in past if response.purpose == "robots"])
        days = bank.days_of(host.url)
        if _working_day(max(days) - dt.timedelta(days=1)) not in known:
            days |= bank.days_of(f"{address.rstrip('/')}/{NINETY_DAYS}")
    except _Unanswered as error:
        log(f"rates: {error}")
        return Asked(bank.requests, frozenset(bank.days), str(error))
    return Asked(bank.requests, frozenset(days))


class _Unanswered(Exception):
    """The message is what an operator reads."""


class _Bank:
    def __init__(self, settings: Settings, host: Board, landing: Landing, run_id: str, transport: Transport, clock: Clock) -> None:
        self._board, self._landing, self._run_id, self._transport, self._clock = host, landing, run_id, transport, clock
        self._host = Host(host_of(host.url), settings.home / "locks", clock)
        self._robots = robots.Robots(None)
        self.requests = 0
        self.days: set[dt.date] = set()

    def read_robots(self, landed: list[Response]) -> None:
        url = addresses.robots(self._board.url)
        fresh = [r for r in landed if r.url_asked == url and self._clock.now() - r.fetched_at < ROBOTS_KEPT]
        newest = max(fresh, key=lambda response: response.fetched_at, default=None)
        read = robots.read_robots(newest.status, newest.body) if newest else None
        if read is None:
            reply = self._ask("robots", url, lambda reply: None if robots.read_robots(reply.status, reply.body) else "no answer")
            read = robots.read_robots(reply.status, reply.body)
            assert read is not None
        self._robots = read

    def days_of(self, url: str) -> set[dt.date]:
        """The rate days of one file, which is landed. Raises _Unanswered."""
        if not self._robots.allows(url):
            raise _Unanswered(f"{url}: robots.txt of {self._host.name} forbids it")
        found = set(read_ecb(self._ask("rates", url, _is_no_file).body))
        self.days |= found
        return found

    def _ask(self, purpose: Purpose, url: str, judge: Callable[[Reply], str | None]) -> Reply:
        """The answer to one question, landed. Raises _Unanswered."""
        problem = ""
        for _ in range(ATTEMPTS):
            try:
                answered, reply = self._send(url)
            except NoAnswer as error:
                problem = f"{url}: {error}"
                if error.is_refusal:
                    break
                continue
            why_not = judge(reply)
            self._land(purpose, url, answered, reply, why_not)
            if why_not is None:
                return reply
            problem = f"{url}: {why_not}"
            if 400 <= reply.status < 500:
                break
        raise _Unanswered(problem)

    def _send(self, url: str) -> tuple[str, Reply]:
        """(address that answered, its answer); redirects are followed within the host, which the client holds to."""
        for _ in range(MOST_REDIRECTS + 1):
            with self._host.turn(max(self._board.delay_seconds, self._robots.crawl_delay_seconds)):
                self.requests += 1
                reply = self._transport.get(url, referer=None, now=self._clock.now())
            target = reply.headers.get("location")
            if not 300 <= reply.status < 400 or not target:
                return url, reply
            url = urljoin(url, target)
        raise NoAnswer(f"more than {MOST_REDIRECTS} redirects", is_refusal=True)

    def _land(self, purpose: Purpose, asked: str, answered: str, reply: Reply, why_not: str | None) -> None:
        note = "the bank's reference rates" if purpose == "rates" else "what the host allows"
        with self._landing.writer(self._run_id, RATES_BOARD) as spool:
            spool.append(
                Response(
                    board_id=RATES_BOARD,
                    run_id=self._run_id,
                    purpose=purpose,
                    url_asked=asked,
                    url=answered,
                    status=reply.status,
                    headers=reply.headers,
                    fetched_at=reply.fetched_at,
                    body=reply.body,
                    note=f"{UNANSWERED} ({why_not}): {note}" if why_not else note,
                )
            )


def _is_no_file(reply: Reply) -> str | None:
    if reply.status != 200:
        return f"HTTP {reply.status}"
    try:
        read_ecb(reply.body)
    except ValueError as error:
        return f"no file of the European Central Bank: {error}"
    return None


def _working_day(day: dt.date) -> dt.date:
    """`day`, or the Friday before."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
