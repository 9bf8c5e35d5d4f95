"""The pass that all strategies end with: list pages from one that begins before the range to one that ends behind it.

Here: where the pass begins and ends, and re-reading what moved under it. Not here: finding the first page (`linear`,
`bisection`, `date_search`).

Pages are read in forward order of time, newest first: only then do the numbers prove that nothing was lost between two pages
(`steps.joins`). Read backwards, one post added and one older post deleted in between hide each other.
"""

from orchestration.fetch.strategies.steps import PAGE_ROWS, Answer, Ask, Days, Reading, Sheets, Strategy, begins_newer, joins

_STILL = 20  # re-reads allowed beyond two per page; a board that outruns that is read when it is calmer


def sweep(strategy: str, start: int, days: Days, sheets: Sheets, *, may_carry: bool = False) -> Strategy:
    """Read from page `start` (or before it, where it begins within the range) until a page's worth of older posts follow one
    another: a manager may have dated single posts back, so the first older row ends nothing."""
    chain: list[Answer] = []
    page, rereads = max(1, start), 0
    while True:
        known = sheets.by_page.get(page)
        usable = known is not None and (not chain or (known.at > chain[-1].at and joins(chain[-1], known)))
        if known is not None and not usable:
            rereads += 1
            if rereads > _STILL + 2 * (len(sheets.by_page) + 1):
                return Reading(strategy, _pages(chain), rereads, "the list moved faster than it could be read")
        if known is not None and usable:
            answer = known
        else:
            note = "list page again: rows moved" if known else "list page of the range"
            given = yield Ask("list", note, page=page, may_carry=may_carry and known is None)
            assert given is not None
            answer = sheets.note(given)
        if chain and not joins(chain[-1], answer):
            # A deletion above drew unseen rows onto the page before: read it again, then this one.
            page = chain.pop().page
            del sheets.by_page[page]
            rereads += 1
            if rereads > _STILL + 2 * (len(sheets.by_page) + 1):
                return Reading(strategy, _pages(chain), rereads, "the list moved faster than it could be read")
            continue
        if not chain and page > 1 and not begins_newer(answer.rows, days):
            page -= 1
            continue
        chain.append(answer)
        if answer.rows and not any(row.listed_on for row in answer.rows):
            return Reading(strategy, _pages(chain), rereads, f"no date of list page {page} can be read")
        if _is_past(chain, days):
            return Reading(strategy, _pages(chain), rereads)
        page += 1


def _is_past(chain: list[Answer], days: Days) -> bool:
    end = chain[-1]
    if not end.rows or (end.last_page is not None and end.page >= end.last_page):
        return True
    older, seen = 0, set()
    for answer in reversed(chain[-3:]):
        for row in reversed(answer.rows):
            if row.listed_on is None or row.document_id in seen:
                continue
            if row.listed_on >= days.from_on:
                return older >= PAGE_ROWS
            seen.add(row.document_id)
            older += 1
    return older >= PAGE_ROWS


def _pages(chain: list[Answer]) -> tuple[int, ...]:
    return tuple(answer.page for answer in chain)
