"""Which strategy reaches a range, chosen by what page 1 shows.

Here: the choice, and putting the strategies' parts together. Not here: the parts.
"""

from orchestration.fetch.strategies import bisection, date_search, linear
from orchestration.fetch.strategies.steps import (
    PAGE_ROWS,
    Answer,
    Ask,
    Days,
    Sheets,
    Strategy,
    is_before_range,
    typical_day,
)
from orchestration.fetch.strategies.sweep import sweep


def reach(days: Days, *, with_date_search: bool = True) -> Strategy:
    """Read every list page that can hold a day of the range. `with_date_search`: whether to use it where the page offers it."""
    sheets = Sheets()
    first = yield Ask("list", "page 1: where the board stands")
    assert first is not None
    sheets.note(first)
    name = choose(first, days, with_date_search=with_date_search)
    if name == "linear":
        start = yield from linear.find_start(days, sheets)
        if start is not None:
            return (yield from sweep(name, start, days, sheets))
        name = "date search" if with_date_search and first.offers_date_search else "bisection"
    if name == "date search":
        start, found = yield from date_search.find_start(days)
        if start is not None:
            reading = yield from sweep(name, start, days, sheets, may_carry=True)
            swept = [row for answer in sheets.by_page.values() for row in answer.rows]
            yield from date_search.find_strays(days, found, swept, len(reading.pages))
            return reading
        name = "bisection"
    start = yield from bisection.find_start(days, sheets)
    return (yield from sweep(name, start, days, sheets))


def choose(first: Answer, days: Days, *, with_date_search: bool = True) -> str:
    """linear, date search or bisection; linear where the range should begin within the first ten pages at page 1's pace."""
    newest = typical_day(first.rows)
    if newest is None or not is_before_range(first, days) or (first.last_page or 1) <= linear.MOST_PAGES:
        return "linear"
    if 1 + (newest - days.to_on).days * pages_a_day(first) <= linear.MOST_PAGES:
        return "linear"
    return "date search" if with_date_search and first.offers_date_search else "bisection"


def pages_a_day(first: Answer) -> float:
    """The pace of the board by its first page, the outermost tenths of whose days are left out, as a post dated back would make
    the board seem slow; at least one page a day where the rest shows one day only."""
    days = sorted(row.listed_on for row in first.rows if row.listed_on)
    edge = len(days) // 10
    days = days[edge : len(days) - edge]
    span = (days[-1] - days[0]).days if days else 0
    return len(days) / PAGE_ROWS / span if span else 1.0
