"""The European Central Bank's files of reference rates, `eurofxref-daily.xml` and `eurofxref-hist-90d.xml`.

Here: bytes in, units per euro by day out. Not here: asking for them (`fetch.rates`), crosses into KRW and USD (`build.rates`).
"""

import datetime as dt
import math
import re
from xml.etree import ElementTree

CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


def read_ecb(body: bytes) -> dict[dt.date, dict[str, float]]:
    """Units of each currency per euro, by day: one day of the daily file, ninety of the other.

    Raises ValueError saying what is wrong; a file with one wrong line is none, for what else of it is right nobody knows.
    """
    try:
        root = ElementTree.fromstring(body)  # expat bounds what entities may grow to
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML ({error})") from None
    days: dict[dt.date, dict[str, float]] = {}
    for cube in root.iter(CUBE):
        stamp = cube.get("time")
        if stamp is None:
            continue
        try:
            day = dt.date.fromisoformat(stamp)
        except ValueError:
            raise ValueError(f"{stamp!r} is no day") from None
        days[day] = dict(_quote(line, day) for line in cube.iter(CUBE) if line is not cube)
    if not any(days.values()):
        raise ValueError("it holds no rates")
    return days


def _quote(line: ElementTree.Element, day: dt.date) -> tuple[str, float]:
    currency, text = line.get("currency") or "", line.get("rate") or ""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(f"{currency!r} of {day} is no currency")
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"{text!r} of {currency}, {day}, is no rate")
    return currency, rate
