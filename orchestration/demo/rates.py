"""The exchange rates of the bundled board's world.

Here: a deterministic walk per currency, and the two forms in which it is handed out: the operator's CSV and the XML form of
the European Central Bank. Not here: which rate an article uses (`content`), or what the pipeline makes of it.
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

EPOCH = dt.date(2015, 1, 1)
"""Where every walk begins, so that a day's rate is the same whatever the end day."""

CENTRE = {"USD": 1390.0, "EUR": 1512.0, "JPY": 9.32, "CNY": 193.5, "GBP": 1768.0}
"""KRW per unit that each walk returns to: near the real ones of recent years, so that a rate of another source is no absurdity."""

_PULL, _STEP = 0.02, 0.006
"""Of the logarithm, per business day: a standing spread of 3 %, so that a rate a month old is often 2 to 4 % away."""


class Rates:
    """KRW per unit for every business day from EPOCH to `until`, both included."""

    def __init__(self, seed: int, until: dt.date) -> None:
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
            lines = "".join(f'\t\t\t<Cube currency="{c}" rate="{units[c]:.6g}"/>\n' for c in sorted(units))
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
def _walk(seed: int, until: dt.date) -> tuple[list[dt.date], dict[str, list[float]]]:
    days = [day for n in range((until - EPOCH).days + 1) if (day := EPOCH + dt.timedelta(days=n)).weekday() < 5]
    columns: dict[str, list[float]] = {}
    for currency, centre in CENTRE.items():
        rng = random.Random(f"rates:{seed}:{currency}")
        offset, column = 0.0, []
        for _ in days:
            offset += -_PULL * offset + _STEP * rng.gauss(0, 1)
            column.append(round(centre * math.exp(offset), 4))
        columns[currency] = column
    return days, columns
