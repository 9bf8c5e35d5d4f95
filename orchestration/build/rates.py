"""Every reference rate that is known: packaged, landed from the European Central Bank, and landed from the operator's files.

Here: landing the operator's files, which source counts for a day and currency, and the two tables that a candidate gets. Not here:
reading a source (`rate_sources`), asking the bank (`fetch.rates`); which rate a fact is held against, when a value counts as a new
one, and whether it can be right (dbt).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from orchestration.build.rate_sources import (
    Quote,
    Rate,
    crosses,
    packaged_days,
    packaged_rates,
    packaged_until,
    read_quotes,
    second_source,
    weekly_packaged_on,
    weekly_rates,
)
from orchestration.fetch.known import UNANSWERED
from orchestration.landing.records import RATES_BOARD, Response
from orchestration.landing.store import Landing
from orchestration.parse.ecb import read_ecb

RATES_BEFORE = dt.timedelta(days=70)
"""A verdict looks back 60 days from the day listed, and over a week without rates before that."""

A_MONTH = dt.timedelta(days=30)
_FILE = "rates/"  # what an operator's file is landed as having been asked for: rates/<name>
_SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        ("currency", pa.string()),
        ("krw_per_unit", pa.float64()),
        ("usd_per_unit", pa.float64()),
        ("rate_source", pa.string()),
        ("recorded_at", pa.timestamp("us", tz="UTC")),
    ]
)
_SECOND = pa.schema([("day", pa.date32()), ("currency", pa.string()), ("krw_per_unit", pa.float64())])


@dataclass(frozen=True, slots=True)
class Rates:
    """`rates`: a row per day, currency and moment at which a value became known; `second`: a row per day and currency that the
    second source has."""

    rates: pa.Table
    second: pa.Table


def load_rates(landing: Landing, first: dt.date, last: dt.date) -> Rates:
    """Every rate of the days from `first` to `last`, both included, with each value that it had. Asks and lands nothing."""
    packaged = [*packaged_rates(first, last), *weekly_rates(first, last)]
    landed = [rate for rate in bank_rates(landing) if first <= rate.day <= last]
    quotes = [quote for quote in landed_quotes(landing) if first <= quote.day <= last]
    rates = merge(packaged, landed, quotes)
    second = second_source(first, last, frozenset(rate.currency for rate in rates))
    return Rates(
        pa.table({name: [getattr(rate, name) for rate in rates] for name in _SCHEMA.names}, schema=_SCHEMA),
        pa.Table.from_pylist([dict(zip(_SECOND.names, row, strict=True)) for row in second], schema=_SECOND),
    )


def merge(packaged: Iterable[Rate], landed: Iterable[Rate], quotes: Iterable[Quote]) -> list[Rate]:
    """The operator's rates win over the banks' of the same day and currency, the European bank's over the Polish one's; KRW
    follows from USD."""
    # One row a stamp: a run may land the daily file and the ninety days in one instant, and both hold the day.
    banks = [*{(rate.day, rate.currency, rate.rate_source, rate.recorded_at): rate for rate in (*packaged, *landed)}.values()]
    european = {(rate.day, rate.currency) for rate in banks if rate.rate_source == "ecb"}
    banks = [rate for rate in banks if rate.rate_source == "ecb" or (rate.day, rate.currency) not in european]
    bank_dollar = {
        rate.day: rate.krw_per_unit for rate in sorted(banks, key=lambda rate: rate.recorded_at) if rate.currency == "USD"
    }
    quoted = sorted(quotes, key=lambda quote: (quote.day, quote.currency, quote.recorded_at))
    dollars = {(q.day, q.recorded_at): q.krw_per_unit for q in quoted if q.currency == "USD"}
    latest_dollar = {q.day: q.krw_per_unit for q in quoted if q.currency == "USD"}
    own: list[Rate] = []
    for quote in quoted:
        dollar = dollars.get((quote.day, quote.recorded_at)) or latest_dollar.get(quote.day) or bank_dollar.get(quote.day)
        usd = quote.krw_per_unit / dollar if dollar else None
        own.append(Rate(quote.day, quote.currency, quote.krw_per_unit, usd, "operator", quote.recorded_at))
        if quote.currency == "USD":
            own.append(Rate(quote.day, "KRW", 1.0, 1 / quote.krw_per_unit, "operator", quote.recorded_at))
    taken = {(rate.day, rate.currency) for rate in own}
    return [*(rate for rate in banks if (rate.day, rate.currency) not in taken), *own]


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day for which a source has rates, and of how many currencies besides the won."""

    rate_source: str
    day: dt.date
    currencies: int


def last_days(landing: Landing) -> list[LastDay]:
    """Of each source that is known, the newest first. Asks and lands nothing."""
    ends, weekly_end = packaged_until(), weekly_packaged_on()
    banks = (*packaged_rates(ends, ends), *weekly_rates(weekly_end - A_MONTH, weekly_end), *bank_rates(landing))
    quoted = [(rate.rate_source, rate.day, rate.currency) for rate in banks]
    quoted += [("operator", quote.day, quote.currency) for quote in landed_quotes(landing)]
    known: dict[str, dict[dt.date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for source, day, currency in quoted:
        if currency != "KRW":
            known[source][day].add(currency)
    found = [LastDay(source, max(days), len(days[max(days)])) for source, days in known.items()]
    return sorted(found, key=lambda last: (last.day, last.currencies), reverse=True)


def known_until(sources: Iterable[LastDay]) -> dt.date:
    """The last day of the sources that quote every working day; the one that quotes once a week says nothing of it."""
    return max(last.day for last in sources if last.rate_source != "nbp")


def bank_days(landing: Landing) -> frozenset[dt.date]:
    """The days whose rates the European bank's packaged and landed files hold."""
    return packaged_days() | {rate.day for rate in bank_rates(landing)}


def bank_rates(landing: Landing) -> Iterator[Rate]:
    """The rates of every file of the bank that was ever landed, oldest first, each with the moment of its fetch."""
    for response in _landed(landing):
        if not response.url_asked.startswith(_FILE) and not (response.note or "").startswith(UNANSWERED):
            for day, per_euro in sorted(read_ecb(response.body).items()):
                yield from crosses(day, per_euro, response.fetched_at)


def land_files(folder: Path, landing: Landing, run_id: str, now: dt.datetime) -> None:
    """Land each `*.csv` of the operator's folder whose content is not what was landed last under its name. Raises ConfigError
    naming file and line of a wrong one, and then lands nothing."""
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    if not files:
        return
    for name, body in files.items():
        for _ in read_quotes(name, body, now):
            pass
    latest = {response.url_asked: response.body for response in _landed(landing)}
    anew = {name: body for name, body in files.items() if latest.get(_FILE + name) != body}
    if not anew:
        return
    with landing.writer(run_id, RATES_BOARD) as spool:
        for name, body in anew.items():
            spool.append(
                Response(
                    board_id=RATES_BOARD,
                    run_id=run_id,
                    purpose="rates",
                    url_asked=_FILE + name,
                    url=_FILE + name,
                    status=200,
                    headers={"content-type": "text/csv; charset=utf-8"},
                    fetched_at=now,
                    body=body,
                    note="a file of the operator",
                )
            )


def landed_quotes(landing: Landing) -> list[Quote]:
    """Every line of every operator's file that was ever landed, also of one that is gone: a rate once used stays known."""
    return [
        quote
        for response in _landed(landing)
        if response.url_asked.startswith(_FILE)
        for quote in read_quotes(response.url_asked.removeprefix(_FILE), response.body, response.fetched_at)
    ]


def _landed(landing: Landing) -> list[Response]:
    """The files of rates, oldest first."""
    return sorted(landing.responses(RATES_BOARD, purposes=("rates",)), key=lambda response: response.fetched_at)
