"""The scope of a run that asks nothing of the boards: which board-days the landing can rebuild, and from which lists.

Here: reading completeness from landed scopes and saved pages. Not here: parsing (handed in as `page_of`), or any request.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from orchestration.fetch.known import ScopeRecord, latest_complete, scope_records
from orchestration.fetch.strategies.steps import Days
from orchestration.forget.landed import forgetting
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.parse.records import Page
from orchestration.scope import BoardDay, Scope
from orchestration.settings import KST, Board, Settings

PageOf = Callable[[Response], Page]


def offline_scope(
    settings: Settings,
    boards: Sequence[Board],
    from_on: dt.date,
    to_on: dt.date,
    landing: Landing,
    run_id: str,
    page_of: PageOf,
) -> Scope:
    """The board-days of the range that the landing knows, both days included.

    complete: any landed scope says so; its lists are those of the latest such. ingested: only saved pages concern the day.
    failed: it was asked for, but never read completely. A day that nothing landed concerns is left out.
    """
    landing.seal(forgetting(settings, landing))
    board_days: list[BoardDay] = []
    listings: dict[str, None] = {}
    for board in boards:
        days = Days(max(from_on, board.first_day), to_on)
        for board_day, lists in _board_scope(board, days, landing, page_of):
            board_days.append(board_day)
            listings |= dict.fromkeys(lists)
    return Scope(run_id, from_on, to_on, offline=True, board_days=tuple(board_days), listings=tuple(listings))


def _board_scope(board: Board, days: Days, landing: Landing, page_of: PageOf) -> Iterator[tuple[BoardDay, tuple[str, ...]]]:
    """Each board-day that something landed concerns, with the ids of the lists that show it."""
    records = scope_records(landing.responses(board.id, purposes=["scope"]))
    complete = latest_complete(records)
    row_day = {document: day.day for record in records for day in record.days for document in day.documents}
    saved_lists, saved_days = _saved(board, landing, page_of, row_day)
    tried = _tried(records)
    day = days.from_on
    while day <= days.to_on:
        saved = tuple(saved_lists.get(day, ()))
        if day in complete:
            record, _ = complete[day]
            shown = tuple(response_id for response_id, shown_days in record.listings if day in shown_days)
            yield BoardDay(board.id, day, "complete"), (*shown, *saved)
        elif day in saved_days:
            yield BoardDay(board.id, day, "ingested"), saved
        elif day in tried:
            yield BoardDay(board.id, day, "failed", f"never read completely ({tried[day]}): run it without --offline"), ()
        day += dt.timedelta(days=1)


def _saved(
    board: Board, landing: Landing, page_of: PageOf, row_day: dict[int, dt.date]
) -> tuple[dict[dt.date, list[str]], set[dt.date]]:
    """(lists of saved pages by the days of their rows, days that saved pages concern). An article concerns the day of its row
    where any list shows one, else the day that it was published, else the Seoul day of its fetch."""
    lists: dict[dt.date, list[str]] = {}
    articles: list[tuple[int | None, dt.date]] = []
    row_day = dict(row_day)
    for response in landing.responses(board.id, purposes=["ingest"]):
        page = page_of(response)
        for row in page.rows:
            if row.listed_on and row.document_id is not None:
                row_day[row.document_id] = row.listed_on
        for day in sorted({row.listed_on for row in page.rows if row.listed_on and not row.is_notice}):
            lists.setdefault(day, []).append(response.response_id)
        if page.article:
            published = page.article.published_at
            own = published.astimezone(board.zone).date() if published else response.fetched_at.astimezone(KST).date()
            articles.append((page.article.document_id, own))
    concerned = {row_day.get(document, own) if document is not None else own for document, own in articles}
    return lists, concerned | set(lists)


def _tried(records: Sequence[ScopeRecord]) -> dict[dt.date, str]:
    """Days that were asked for without success, with the latest reason; also those of a run that never finished."""
    return {day.day: day.reason or "unknown" for record in records for day in record.days if day.state == "failed"}
