"""The board's own date search: one search request, and one article that tells the list page that it stands on.

Here: using the search to find the first page of a range, and posts that a manager dated into it. Not here: the pass over the
range itself (`sweep`): the search restarts the numbers and leaves out secret posts, so it cannot replace the list.
"""

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


def find_strays(days: Days, found: Answer, swept: Iterable[Row]) -> Generator[Ask, Answer | None, None]:
    """Read the rest of the search where it counts more posts of the last day than the pass found: some were dated back and
    stand elsewhere in the list."""
    counted = next((number for number in numbers(found.rows) if number is not None), len(found.rows))
    known = {row.document_id for row in swept if row.listed_on == days.to_on and not row.is_secret}
    known |= {row.document_id for row in found.rows}
    for page in range(2, -(-counted // PAGE_ROWS) + 1):
        if len(known) >= counted:
            return
        answer = yield Ask("search", f"posts dated {days.to_on} that stand elsewhere in the list", page=page, day=days.to_on)
        assert answer is not None
        known |= {row.document_id for row in answer.rows}
