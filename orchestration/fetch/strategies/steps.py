"""What strategies ask, what they are told, and what the dates and numbers of one list page say.

Here: the vocabulary of all strategies, and reading one page's rows robustly. Not here: any sequence of pages.
"""

import datetime as dt
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import Literal

from orchestration.parse.records import Row

PAGE_ROWS = 20
"""Rows of a stock list page; only margins rest on it."""


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both included."""

    from_on: dt.date
    to_on: dt.date

    def __contains__(self, day: dt.date | None) -> bool:
        return day is not None and self.from_on <= day <= self.to_on

    def each(self) -> list[dt.date]:
        return [self.from_on + dt.timedelta(days=n) for n in range((self.to_on - self.from_on).days + 1)]


@dataclass(frozen=True, slots=True)
class Ask:
    """list: page `page` of the board (`may_carry`: an article asked for anyway may show it below); search: page `page` of the
    board's date search for `day`; locate: the list page that holds `document_id`, from below its article."""

    what: Literal["list", "search", "locate"]
    note: str
    page: int = 1
    day: dt.date | None = None
    document_id: int | None = None
    may_carry: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One list as it was shown: `rows` are its posts in order, without notices; empty past the end. `last_page`: by its pager."""

    page: int
    rows: tuple[Row, ...]
    last_page: int | None
    at: dt.datetime
    response_id: str = ""
    offers_date_search: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a strategy came to. `problem`: why the range cannot count as read completely, else None."""

    strategy: str
    pages: tuple[int, ...] = ()
    rereads: int = 0
    problem: str | None = None


Strategy = Generator[Ask, Answer | None, Reading]
"""Is sent an Answer for each Ask, or None where a `locate` showed no list whose page is known."""


@dataclass(slots=True)
class Sheets:
    """The latest answer for each list page: a page is asked again only where drift forces it."""

    by_page: dict[int, Answer] = field(default_factory=dict)

    def note(self, answer: Answer) -> Answer:
        self.by_page[answer.page] = answer
        return answer

    @property
    def last_page(self) -> int:
        latest = max(self.by_page.values(), key=lambda answer: answer.at, default=None)
        return max(1, (latest.last_page or latest.page) if latest else 1)


def typical_day(rows: Sequence[Row]) -> dt.date | None:
    """The middle of the rows' days: a post dated back or forth does not move it; None where no row is dated."""
    days = sorted(row.listed_on for row in rows if row.listed_on)
    return median_low(days) if days else None


def is_before_range(answer: Answer, days: Days) -> bool:
    """Whether the page lies before the range, that is, mostly holds newer posts."""
    day = typical_day(answer.rows)
    return day is not None and day > days.to_on


def begins_newer(rows: Sequence[Row], days: Days) -> bool:
    """Whether the top of a list is newer than the range, whatever single rows are dated: three of the first five."""
    top = [row.listed_on for row in rows if row.listed_on][:5]
    return len(top) > 0 and sum(day > days.to_on for day in top) * 2 > len(top)


def numbers(rows: Sequence[Row]) -> list[int | None]:
    """The post numbers, that of the row marked » by its neighbour."""
    found = [row.post_no for row in rows]
    for at, row in enumerate(rows):
        if row.is_current and found[at] is None:
            above, below = found[at - 1] if at else None, found[at + 1] if at + 1 < len(found) else None
            found[at] = above - 1 if above is not None else below + 1 if below is not None else None
    return found


def joins(newer: Answer, older: Answer) -> bool:
    """Whether no post that existed all along can lie unseen between two neighbouring pages, the second read after the first.

    A row shown on both proves it. Else the numbers do: a post that slipped from the second page to the first, unseen, has a
    number between them, and deletions can only lower it. Without numbers there is no telling, and it counts as joined.
    """
    if {row.document_id for row in newer.rows} & {row.document_id for row in older.rows}:
        return True
    if not newer.rows:
        return True
    last = numbers(newer.rows)[-1]
    first = numbers(older.rows)[0] if older.rows else 0  # past the end, which lies behind number 1
    return last is None or first is None or first >= last - 1
