"""The exchange rates of the bundled board's world.

Here: the European Central Bank's as far as they are packaged, a deterministic walk on from there, and the two forms in which they
are handed out: the operator's CSV and the bank's own XML. Not here: which rate an article uses (`content`), or what the pipeline
makes of it, which holds them against a second source: so they must be real where that is.
"""

import bisect
import csv
import datetime as dt
import io
import math
import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from orchestration.build.rate_sources import packaged_per_euro

EPOCH = dt.date(2015, 1, 1)
"""The first day that has rates."""

CURRENCIES = ("USD", "EUR", "JPY", "CNY", "GBP")

_PULL, _STEP = 0.02, 0.006
"""Of the logarithm, per business day: about what real rates do, and a standing spread of 3 % around the last real one, so that a
rate a month old is often 2 to 4 % away."""


class Rates:
    """KRW per unit for every business day from EPOCH to `until`, both included."""

    def __init__(self, seed: int, until: dt.date) -> None:
        self._real = _real(until)
        self.days, self._columns = _walk(seed, until)

    def on(self, currency: str, day: dt.date) -> tuple[dt.date, float]:
        """The last rate day on or before `day`, and its rate."""
        index = bisect.bisect_right(self.days, day) - 1
        return self.days[index], self._columns[currency][index]

    def recent(self, currency: str, day: dt.date, count: int) -> list[tuple[dt.date, float]]:
        """The last `count` rate days on or before `day`, newest first."""
        index = bisect.bisect_right(self.days, day)
        first = max(0, index - count)
        return list(zip(self.days[first:index], self._columns[currency][first:index], strict=True))[::-1]

    def rows(self, start: dt.date, until: dt.date) -> Iterator[tuple[dt.date, str, float]]:
        """(day, currency, krw_per_unit), ordered by day and currency, from `start` to `until`, both included."""
        for index in range(bisect.bisect_left(self.days, start), bisect.bisect_right(self.days, until)):
            for currency in sorted(self._columns):
                yield self.days[index], currency, self._columns[currency][index]

    def to_csv(self, start: dt.date, until: dt.date) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("day", "currency", "krw_per_unit"))
        writer.writerows((day.isoformat(), currency, f"{rate:.4f}") for day, currency, rate in self.rows(start, until))
        return out.getvalue()

    def write_csv(self, path: Path, start: dt.date, until: dt.date) -> None:
        """Write the operator's file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".tmp")
        temporary.write_text(self.to_csv(start, until), encoding="utf-8")
        temporary.replace(path)

    def to_ecb_xml(self, days: int, until: dt.date) -> str:
        """The last `days` rate days on or before `until`, newest first, as units per euro in the bank's envelope (1: its daily
        file, 90: its ninety-day file)."""
        cubes = []
        end = bisect.bisect_right(self.days, until)
        for index in range(end - 1, max(-1, end - 1 - days), -1):
            euro = self._columns["EUR"][index]
            units = {"KRW": euro, **{c: euro / column[index] for c, column in self._columns.items() if c != "EUR"}}
            units = {c: float(f"{rate:.6g}") for c, rate in units.items()} | self._real.get(self.days[index], {})
            lines = "".join(f'\t\t\t<Cube currency="{c}" rate="{units[c]!r}"/>\n' for c in sorted(units))
            cubes.append(f'\t\t<Cube time="{self.days[index].isoformat()}">\n{lines}\t\t</Cube>\n')
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
            ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
            "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
            "\t<gesmes:Sender>\n\t\t<gesmes:name>Bundled board</gesmes:name>\n\t</gesmes:Sender>\n"
            f"\t<Cube>\n{''.join(cubes)}\t</Cube>\n</gesmes:Envelope>\n"
        )


@lru_cache(maxsize=8)
def _real(until: dt.date) -> dict[dt.date, dict[str, float]]:
    """Units per euro of every currency, on each day from EPOCH to `until` that is packaged."""
    return packaged_per_euro(EPOCH, until)


@lru_cache(maxsize=8)
def _walk(seed: int, until: dt.date) -> tuple[list[dt.date], dict[str, list[float]]]:
    """The rate days, and KRW per unit of each currency on them. A day's rate is the same whatever the end day."""
    real = {day: units for day, units in _real(until).items() if units.keys() >= {"KRW", *CURRENCIES} - {"EUR"}}
    first = max(real) + dt.timedelta(days=1)
    after = [day for n in range((until - first).days + 1) if (day := first + dt.timedelta(days=n)).weekday() < 5]
    columns: dict[str, list[float]] = {}
    for currency in CURRENCIES:
        rng = random.Random(f"rates:{seed}:{currency}")
        column = [round(units["KRW"] / units.get(currency, 1.0), 4) for units in real.values()]
        centre, offset = column[-1], 0.0
        for _ in after:
            offset += -_PULL * offset + _STEP * rng.gauss(0, 1)
            column.append(round(centre * math.exp(offset), 4))
        columns[currency] = column
    return [*real, *after], columns
