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
    chain: list[Answer] = []  # readings, each joined to the one before it; the last is as far as the pass has come
    page, rereads, back = max(1, start), 0, 0
    while True:
        known = sheets.by_page.get(page)
        if known is None or (chain and not _goes_on(chain[-1], known)):
            if known is not None:
                rereads += 1
                if rereads > _STILL + 2 * len(sheets.by_page):
                    return Reading(strategy, _pages(chain), rereads, "the list moved faster than it could be read")
            note = "list page of the range" if known is None else "list page again: rows moved"
            known = yield Ask("list", note, page=page, may_carry=may_carry and known is None)
            assert known is not None
            sheets.note(known)
        if not chain and page > 1 and not begins_newer(known.rows, days):
            page -= 1
            continue
        if chain and not joins(chain[-1], known):
            # Deletions above drew unseen rows onto the pages before: read those again, nearest first, until one joins.
            page, back = max(1, chain[-1].page - back), back + 1
            continue
        back = 0
        chain.append(known)
        if known.rows and not any(row.listed_on for row in known.rows):
            return Reading(strategy, _pages(chain), rereads, f"no date of list page {page} can be read")
        if _is_past(chain, days):
            return Reading(strategy, _pages(chain), rereads)
        page += 1


def _goes_on(last: Answer, known: Answer) -> bool:
    """Whether an answer given earlier can stand next in the chain: it shares a row with its end, or was read after it and joins."""
    shared = {row.document_id for row in last.rows} & {row.document_id for row in known.rows}
    return known is not last and (bool(shared) or (known.at > last.at and joins(last, known)))


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
    return tuple(dict.fromkeys(answer.page for answer in chain))
