"""The board's own date search: one search request, and one article that tells the list page that it stands on.

Here: using the search to find the first page of a range, and posts that a manager dated into it. Not here: the pass over the
range itself (`sweep`): the search restarts the numbers and leaves out secret posts, so it cannot replace the list.
"""

import datetime as dt
from collections.abc import Generator, Iterable

from orchestration.fetch.strategies.steps import PAGE_ROWS, Answer, Ask, Days, numbers
from orchestration.parse.records import Row


def find_start(days: Days) -> Generator[Ask, Answer | None, tuple[int | None, Answer]]:
    """(the page that holds the newest post of the last day, the search's answer); (None, …) where the search shows none, or
    the board does not tell the page below its articles."""
    found = yield Ask("search", f"the board's date search for {days.to_on}", day=days.to_on)
    assert found is not None
    first = next((row for row in found.rows if row.listed_on == days.to_on and row.document_id is not None), None)
    if first is None:
        return None, found
    shown = yield Ask("locate", "article that shows the list page it stands on", document_id=first.document_id)
    if shown is None or all(row.document_id != first.document_id for row in shown.rows):
        return None, found
    return shown.page, found


def find_strays(days: Days, found: Answer, swept: Iterable[Row], pages: int) -> Generator[Ask, Answer | None, None]:
    """Read the rest of the search for a day of which it counts more posts than the pass over `pages` list pages found: some were
    dated back and stand elsewhere in the list. `found`: its answer for the last day.

    One search a day is what this costs, so it is for ranges with a page a day at least; of others only the last day is counted.
    """
    shown: dict[dt.date | None, set[int | None]] = {}
    for row in swept:
        if not row.is_secret:  # guests do not find those
            shown.setdefault(row.listed_on, set()).add(row.document_id)
    for day in days.each() if len(days.each()) <= pages else [days.to_on]:
        answer = found
        if day != days.to_on:
            given = yield Ask("search", f"how many posts the board counts for {day}", day=day)
            assert given is not None
            answer = given
        counted = next((number for number in numbers(answer.rows) if number is not None), len(answer.rows))
        known = shown.get(day, set()) | {row.document_id for row in answer.rows}
        for page in range(2, -(-counted // PAGE_ROWS) + 1):
            if len(known) >= counted:
                break
            given = yield Ask("search", f"posts dated {day} that stand elsewhere in the list", page=page, day=day)
            assert given is not None
            known |= {row.document_id for row in given.rows}
