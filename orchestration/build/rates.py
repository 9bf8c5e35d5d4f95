"""Reference rates of exchange: the European Central Bank's table as packaged, and the operator's files over it.

Here: reading both, which one counts, and their crosses into KRW and USD per unit. Not here: which rate a fact is held against,
or when a value counts as a new one (dbt).

The packaged table is read as it is: its library fills a missing day by interpolating towards the next rate, that is, with
tomorrow's. When a rate became known must not depend on the run that asks, so a packaged rate is stamped with midnight UTC of
the table's last day, and an operator's with the moment when its file was first landed.
"""

import csv
import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from orchestration.errors import ConfigError
from orchestration.landing.records import Response
from orchestration.landing.store import Landing

RATES_BOARD = "_rates"
RATES_BEFORE = dt.timedelta(days=70)
"""A verdict looks back 60 days from the day listed, and over a week without rates before that."""

HEADER = ["day", "currency", "krw_per_unit"]
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


@dataclass(frozen=True, slots=True)
class Rate:
    """`usd_per_unit` is null where that day has no rate of USD."""

    day: dt.date
    currency: str
    krw_per_unit: float
    usd_per_unit: float | None
    rate_source: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """One line of an operator's file."""

    day: dt.date
    currency: str
    krw_per_unit: float
    recorded_at: dt.datetime


def load_rates(folder: Path, landing: Landing, run_id: str, first: dt.date, last: dt.date) -> pa.Table:
    """Every rate of the days from `first` to `last`, both included, with each value that it had: a row per day, currency and
    `recorded_at`. Lands what the operator's files hold anew. Raises ConfigError naming file and line of a wrong one."""
    land_files(folder, landing, run_id, dt.datetime.now(dt.UTC))
    quotes = [quote for quote in landed_quotes(landing) if first <= quote.day <= last]
    rates = merge(packaged_rates(first, last), quotes)
    columns = {name: [getattr(rate, name) for rate in rates] for name in _SCHEMA.names}
    return pa.table(columns, schema=_SCHEMA)


def merge(packaged: Iterable[Rate], quotes: Iterable[Quote]) -> list[Rate]:
    """The operator's rates win over packaged ones of the same day and currency; KRW follows from USD."""
    by_key = {(rate.day, rate.currency): rate for rate in packaged}
    quoted = sorted(quotes, key=lambda quote: (quote.day, quote.currency, quote.recorded_at))
    dollars = {(q.day, q.recorded_at): q.krw_per_unit for q in quoted if q.currency == "USD"}
    latest_dollar = {q.day: q.krw_per_unit for q in quoted if q.currency == "USD"}
    own: list[Rate] = []
    for quote in quoted:
        known = by_key.get((quote.day, "USD"))
        dollar = dollars.get((quote.day, quote.recorded_at)) or latest_dollar.get(quote.day) or (known and known.krw_per_unit)
        usd = quote.krw_per_unit / dollar if dollar else None
        own.append(Rate(quote.day, quote.currency, quote.krw_per_unit, usd, "operator", quote.recorded_at))
        if quote.currency == "USD":
            own.append(Rate(quote.day, "KRW", 1.0, 1 / quote.krw_per_unit, "operator", quote.recorded_at))
    taken = {(rate.day, rate.currency) for rate in own}
    return [*(rate for key, rate in by_key.items() if key not in taken), *own]


def packaged_rates(first: dt.date, last: dt.date) -> Iterator[Rate]:
    """The bank's rates of the days from `first` to `last` on which it gives one of KRW."""
    header, days = _packaged_table()
    recorded_at = dt.datetime.combine(max(days), dt.time(), dt.UTC)
    for day, line in days.items():
        if not first <= day <= last:
            continue
        per_euro = {currency: rate for currency, text in zip(header, line.split(",")[1:], strict=False) if (rate := _rate(text))}
        won, dollar = per_euro.get("KRW"), per_euro.get("USD")
        if won is None:
            continue
        for currency, rate in {**per_euro, "EUR": 1.0}.items():
            yield Rate(day, currency, won / rate, dollar / rate if dollar else None, "ecb", recorded_at)


@cache
def _packaged_table() -> tuple[list[str], dict[dt.date, str]]:
    """The currencies of the table's columns, and its lines by day."""
    import currency_converter

    with zipfile.ZipFile(Path(currency_converter.__file__).with_name("eurofxref-hist.zip")) as archive:
        head, *lines = archive.read(archive.namelist()[0]).decode("ascii").splitlines()
    return head.split(",")[1:], {dt.date.fromisoformat(line[:10]): line for line in lines if line}


def _rate(text: str) -> float | None:
    return float(text) if text and text != "N/A" else None


def land_files(folder: Path, landing: Landing, run_id: str, now: dt.datetime) -> None:
    """Land each `*.csv` of the folder whose content is not what was landed last under its name. A wrong file lands nothing."""
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
        for quote in read_quotes(response.url_asked.removeprefix(_FILE), response.body, response.fetched_at)
    ]


def _landed(landing: Landing) -> list[Response]:
    """The operator's files, oldest first."""
    found = (r for r in landing.responses(RATES_BOARD, purposes=("rates",)) if r.url_asked.startswith(_FILE))
    return sorted(found, key=lambda response: response.fetched_at)


def read_quotes(name: str, body: bytes, recorded_at: dt.datetime) -> Iterator[Quote]:
    """The lines of an operator's file. Raises ConfigError naming the line, what is wrong and what would be right."""
    where = f"rates/{name}"
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{where}: not UTF-8; save it as CSV in UTF-8") from None
    lines = csv.reader(io.StringIO(text, newline=""))
    header = next(lines, None)
    if header is None or [cell.strip() for cell in header] != HEADER:
        raise ConfigError(f"{where} line 1: the columns must be {','.join(HEADER)}")
    seen: dict[tuple[dt.date, str], float] = {}
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        at = f"{where} line {lines.line_num}"
        if len(cells) != len(HEADER):
            raise ConfigError(f"{at}: {len(cells)} values where {','.join(HEADER)} are 3; write 1450.5, without separators")
        day_text, currency, rate_text = (cell.strip() for cell in cells)
        try:
            day = dt.date.fromisoformat(day_text)
        except ValueError:
            raise ConfigError(f"{at}: {day_text!r} is no day; write it as 2025-02-04") from None
        if not re.fullmatch(r"[A-Z]{3}", currency) or currency == "KRW":
            raise ConfigError(f"{at}: {currency!r} is no currency to be priced in KRW; write an ISO 4217 code such as USD")
        rate = _number(rate_text)
        if rate is None:
            raise ConfigError(f"{at}: {rate_text!r} is no rate; write KRW per unit as a number above zero, such as 1450.5")
        if seen.setdefault((day, currency), rate) != rate:
            raise ConfigError(f"{at}: {currency} of {day} stands twice with different rates; keep one")
        yield Quote(day, currency, rate, recorded_at)


def _number(text: str) -> float | None:
    """A positive number in plain or exponent form."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?", text, re.ASCII):
        return None
    value = float(text)
    return value if value > 0 and math.isfinite(value) else None
