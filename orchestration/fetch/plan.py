"""What a run would do, without a request: `boardhouse run --dry-run`.

Here: estimates from what has landed. Not here: any decision that a run takes; it takes them by what the board shows.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.fetch.known import dated, index, latest_complete, scope_records, why_due
from orchestration.fetch.strategies.choose import choose
from orchestration.fetch.strategies.steps import Answer, Days
from orchestration.landing.store import Landing
from orchestration.parse.reading import Reading
from orchestration.settings import Board, Settings


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """`strategy`: None where no page 1 of the board has landed yet; `articles_due`: of the documents known for the days;
    `days_unread`: days of the range that no run has read completely, whose articles are not counted; `requests`: list pages and
    articles together as far as they are known."""

    board_id: str
    from_on: dt.date
    to_on: dt.date
    strategy: str | None
    list_pages: int | None
    articles_due: int
    days_unread: int
    delay_seconds: float

    @property
    def requests(self) -> int | None:
        return None if self.list_pages is None else self.list_pages + self.articles_due

    def __str__(self) -> str:
        days = f"{self.from_on} to {self.to_on}"
        if self.strategy is None or self.requests is None:
            return f"{self.board_id}: {days}; never asked so far: its first page decides strategy and requests"
        unread = f", and the articles of {self.days_unread} days not read yet" if self.days_unread else ""
        least = self.requests * self.delay_seconds
        return (
            f"{self.board_id}: {days}; {self.strategy}; about {self.list_pages} list pages and {self.articles_due} articles due"
            f"{unread}; at least {least:.0f} s at one request in {self.delay_seconds:g} s"
        )


def plan(
    settings: Settings, boards: Sequence[Board], from_on: dt.date, to_on: dt.date, landing: Landing, *, now: dt.datetime
) -> tuple[BoardPlan, ...]:
    """What a run over the range would ask, by what earlier runs landed. Asks nothing, changes nothing."""
    return tuple(
        _plan_board(board, Days(max(from_on, board.first_day), to_on), landing, now) for board in boards if board.first_day <= to_on
    )


def _plan_board(board: Board, days: Days, landing: Landing, now: dt.datetime) -> BoardPlan:
    entries = list(landing.entries(board.id))
    known = index(entries)
    records = scope_records(landing.responses(board.id, purposes=["scope"]))
    inside = [found for day, (_, found) in latest_complete(records).items() if day in days]
    due = sum(
        why_due(known.get(document), mark, board.refresh_ages, now) is not None
        for day, documents in dated(records).items()
        for document, mark in documents.items()
        if day in days
    )
    wanted = (days.to_on - days.from_on).days + 1
    latest = max(
        (e for e in entries if e.purpose == "list" and e.url_asked == board.url and e.status == 200),
        key=lambda entry: entry.fetched_at,
        default=None,
    )
    strategy, pages = None, None
    if latest:
        landed = landing.get(latest.response_id, board_id=board.id)
        page = Reading.of(board).shown(landed)
        posts = tuple(row for row in page.rows if not row.is_notice)
        first = Answer(1, posts, page.last_page, landed.fetched_at, offers_date_search=page.offers_date_search)
        strategy = choose(first, days)
        rows = sum(len(found.documents) for found in inside) / max(1, len(inside)) * wanted if inside else len(posts) * wanted
        pages = 2 + round(rows / max(1, len(posts)))
    return BoardPlan(board.id, days.from_on, days.to_on, strategy, pages, due, wanted - len(inside), board.delay_seconds)
