"""The dates that boards show.

Here: from a date text to a day or an instant, relative to the fetch, in the board's zone. Not here: any clock. A day that a list
shows is taken as it stands and never converted; only the relative forms need the time of the fetch.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from orchestration.parse.records import Precision

Instant = tuple[dt.datetime | None, Precision | None]

_TIME = r"(?:(?P<half>오전|오후|AM|PM)\s*)?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_LABEL = re.compile(r"^(?:등록일|작성일|날짜|입력|date)\s*:?\s*", re.IGNORECASE)
_FULL = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{2})(?:\s*년\s*|\s*[.\-/]\s*)(?P<month>[0-9]{1,2})(?:\s*월\s*|\s*[.\-/]\s*)(?P<day>[0-9]{1,2})(?:\s*[일.])?"
    rf"(?:\s*\([월화수목금토일]\))?(?:[\sT]+{_TIME})?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?P<month>[0-9]{{1,2}})(?:\s*월\s*|[.\-/])(?P<day>[0-9]{{1,2}})(?:\s*[일.])?(?:\s+{_TIME})?", re.IGNORECASE
)
_CLOCK = re.compile(_TIME, re.IGNORECASE)
_AGO = re.compile(r"(?P<count>[0-9]{1,4})\s*(?P<unit>초|분|시간|일)\s*전")
_JUST_NOW = {"방금 전", "방금전", "방금"}

# A clock time later than the fetch by more than this was yesterday's; within it, the two clocks differ.
_CLOCK_SKEW = dt.timedelta(minutes=10)


def day_of(text: str | None, fetched_at: dt.datetime, zone: ZoneInfo) -> dt.date | None:
    """The day that a list shows, in the board's zone; None where `text` is no date."""
    if text and len(text) == 10 and text[4] == text[7] == "." and text.isascii():  # 2025.02.05, as stock skins have it
        try:
            return dt.date.fromisoformat(text.replace(".", "-"))
        except ValueError:
            return None
    instant, _ = instant_of(text, fetched_at, zone)
    return instant.date() if instant else None


def instant_of(text: str | None, fetched_at: dt.datetime, zone: ZoneInfo) -> Instant:
    """When `text` says that something was published, in `zone`, and how exactly; (None, None) where it is no date.

    `day` precision stands at midnight. Of `3시간 전` and `2일 전` only the day is known.
    """
    if not text or len(text) > 60:
        return None, None
    if len(text) == 16 and text[4] == text[7] == "." and text[10] == " " and text.isascii():  # 2025.02.04 20:28
        try:
            return dt.datetime.fromisoformat(text.replace(".", "-")).replace(tzinfo=zone), "minute"
        except ValueError:
            return None, None
    shown = _LABEL.sub("", " ".join(text.split()))
    now = fetched_at.astimezone(zone)
    if shown in _JUST_NOW:
        return now.replace(second=0, microsecond=0), "minute"
    if ago := _AGO.fullmatch(shown):
        return _ago(int(ago["count"]), ago["unit"], now)
    if shown in ("어제", "그제", "그저께"):
        return _midnight(now.date() - dt.timedelta(days=1 if shown == "어제" else 2), zone), "day"
    try:
        if full := _FULL.fullmatch(shown):
            return _at(dt.date(_year(full["year"], now.year), int(full["month"]), int(full["day"])), full, zone)
        if short := _MONTH_DAY.fullmatch(shown):
            return _at(_latest(int(short["month"]), int(short["day"]), now.date()), short, zone)
        if clock := _CLOCK.fullmatch(shown):
            instant, precision = _at(now.date(), clock, zone)
            if instant and instant - now > _CLOCK_SKEW:
                instant, precision = _at(now.date() - dt.timedelta(days=1), clock, zone)
            return instant, precision
    except (ValueError, OverflowError):
        pass
    return None, None


def names_its_year(text: str | None) -> bool:
    """Whether a date text means the same whenever it is read."""
    return bool(text and _FULL.fullmatch(_LABEL.sub("", " ".join(text.split()))))


def _ago(count: int, unit: str, now: dt.datetime) -> Instant:
    # In UTC, so that a zone's change of offset does not stretch the minutes.
    then = now.astimezone(dt.UTC) - {"초": dt.timedelta(seconds=1), "분": dt.timedelta(minutes=1)}.get(unit, dt.timedelta()) * count
    if unit in ("초", "분"):
        return then.astimezone(now.tzinfo).replace(second=0, microsecond=0), "minute"
    then -= dt.timedelta(hours=count) if unit == "시간" else dt.timedelta(days=count)
    return then.astimezone(now.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0), "day"


def _year(text: str, this_year: int) -> int:
    if len(text) == 4:
        return int(text)
    year = 2000 + int(text)
    return year if year <= this_year + 1 else year - 100


def _latest(month: int, day: int, today: dt.date) -> dt.date:
    """The latest such day that is not after tomorrow (a board east of us is ahead). ValueError where there is none."""
    for year in range(today.year + 1, today.year - 9, -1):
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if found <= today + dt.timedelta(days=1):
            return found
    raise ValueError("no such day")


def _at(day: dt.date, match: re.Match[str], zone: ZoneInfo) -> Instant:
    if match["hour"] is None:
        return _midnight(day, zone), "day"
    hour = int(match["hour"])
    if half := match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half.upper() in ("오후", "PM") else 0)
    time = dt.time(hour, int(match["minute"]), int(match["second"] or 0))
    return dt.datetime.combine(day, time, zone), "second" if match["second"] else "minute"


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)
