"""The European Central Bank's own files of reference rates, asked for as politely as a board's pages.

Here: when they are asked, which of the two, and landing what came, under the board `_rates`. Not here: what a file says
(`parse.ecb`), and what becomes of the rates (`build.rates`).

The bank publishes a working day's rates at about 16:00 in Frankfurt, and no file ever holds tomorrow's: so a run asks only where a
working day is over whose rates are not known, and not within 50 minutes of the last answer (on a holiday there is nothing new).
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from orchestration.fetch import addresses
from orchestration.fetch.asking import Asker, GivenUp, Limits, Unanswered
from orchestration.fetch.client import Client, Transport, host_of, may_be_private
from orchestration.fetch.clock import Clock, utc_now
from orchestration.fetch.known import UNANSWERED
from orchestration.fetch.politeness import Host
from orchestration.fetch.report import BoardStats
from orchestration.landing.lander import Lander
from orchestration.landing.records import RATES_BOARD, Response
from orchestration.landing.store import Landing
from orchestration.parse.ecb import read_ecb
from orchestration.settings import Board, Settings

DAILY, NINETY_DAYS = "eurofxref-daily.xml", "eurofxref-hist-90d.xml"
FRANKFURT, PUBLISHED_AT = ZoneInfo("Europe/Berlin"), dt.time(16)
ASKED_AGAIN_AFTER = dt.timedelta(minutes=50)
ROBOTS_KEPT = dt.timedelta(hours=24)  # RFC 9309, 2.4: no longer than that
LONGEST_WITHOUT = dt.timedelta(days=4)
"""From Maundy Thursday to Easter Monday, the bank publishes nothing."""
DELAY_SECONDS = 1.0  # none on loopback
ATTEMPTS = 2  # what fails is asked again by the next run, an hour later
MOST_REQUESTS = 20  # redirects and second attempts too


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


def are_recent(last: dt.date, now: dt.datetime) -> bool:
    """Whether the bank can have published nothing newer than `last` but what holidays explain."""
    return last >= last_published(now) - LONGEST_WITHOUT


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
    bank = Board.model_construct(id=RATES_BOARD, url=f"{address.rstrip('/')}/{DAILY}", private_network=False)
    bank = bank.model_copy(update={"delay_seconds": 0.0 if may_be_private(bank) else DELAY_SECONDS})
    stats, clock, days = BoardStats(), Clock(now), set[dt.date]()
    host = Host(host_of(bank.url), settings.home / "locks", clock)
    with landing.writer(run_id, RATES_BOARD) as spool, Lander(spool) as lander:
        asker = Asker(
            bank, run_id, lander, transport or Client(settings, bank), host, clock, Limits(ATTEMPTS, MOST_REQUESTS), {}, stats, log
        )
        try:
            asker.read_robots(_fresh_robots(past, addresses.robots(bank.url), now()))
            days |= _days_of(asker, bank.url)
            if _working_day(max(days) - dt.timedelta(days=1)) not in known:
                days |= _days_of(asker, f"{address.rstrip('/')}/{NINETY_DAYS}")
        except (Unanswered, GivenUp) as error:
            return Asked(stats.requests, frozenset(days), f"{host_of(bank.url)}: {error}")
        finally:
            lander.settle()
    return Asked(stats.requests, frozenset(days))


def _fresh_robots(past: list[Response], url: str, now: dt.datetime) -> Response | None:
    fresh = [
        r for r in past if r.url_asked == url and now - r.fetched_at < ROBOTS_KEPT and not (r.note or "").startswith(UNANSWERED)
    ]
    return max(fresh, key=lambda response: response.fetched_at, default=None)


def _days_of(asker: Asker, url: str) -> set[dt.date]:
    """The rate days of one file, which is landed. Raises Unanswered or GivenUp."""
    response, _ = asker.ask("rates", url, "the bank's reference rates", lambda response: (_why_no_file(response), None))
    return set(read_ecb(response.body))


def _why_no_file(response: Response) -> str | None:
    if response.status != 200:
        return f"{response.url_asked}: HTTP {response.status}"
    try:
        read_ecb(response.body)
    except ValueError as error:
        return f"{response.url_asked}: no file of the European Central Bank: {error}"
    return None


def _working_day(day: dt.date) -> dt.date:
    """`day`, or the Friday before."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
