"""Linear paging from page 1: for ranges that begin within the first ten pages, which is nearly every run.

Here: counting pages down to the range. Not here: the pass over the range itself (`sweep`).
"""

from collections.abc import Generator

from orchestration.fetch.strategies.steps import Answer, Ask, Days, Sheets, is_before_range

MOST_PAGES = 10


def find_start(days: Days, sheets: Sheets) -> Generator[Ask, Answer | None, int | None]:
    """The page after which the range begins, or None where it lies behind the first ten. Page 1 is in `sheets`."""
    for page in range(1, MOST_PAGES + 1):
        answer = sheets.by_page.get(page)
        if answer is None:
            given = yield Ask("list", "list page on the way to the range", page=page)
            assert given is not None
            answer = sheets.note(given)
        if not is_before_range(answer, days):
            return max(1, page - 1)
        if page >= sheets.last_page:
            return page
    return None
