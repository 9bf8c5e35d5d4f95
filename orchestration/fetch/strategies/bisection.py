"""Bisection over list pages, steered by their typical day: 13 requests where linear paging takes 925.

Here: closing in on the first page of a range. Not here: the pass over the range itself (`sweep`).
"""

from collections.abc import Generator

from orchestration.fetch.strategies.steps import Answer, Ask, Days, Sheets, typical_day


def find_start(days: Days, sheets: Sheets) -> Generator[Ask, Answer | None, int]:
    """The last page that mostly holds posts newer than the range. Page 1, in `sheets`, must be such a page.

    Every second guess interpolates between the days at both ends of the bracket, as boards grow evenly; the others halve
    it, so that the worst case stays at 2·log2(pages). A page whose day does not fit between the ends (posts dated back in
    bulk) steers nothing: its neighbour is asked instead.
    """
    low = sheets.by_page[1]
    high_page = sheets.last_page + 1
    high: Answer | None = None
    for page, sheet in sorted(sheets.by_page.items()):
        if 1 < page < high_page and _side(sheet, days, low, None) == "newer":
            low = sheet
    misfits: set[int] = set()
    step, stretch, last_side = 0, 1, ""
    while high_page - low.page > 1:
        free = [page for page in range(low.page + 1, high_page) if page not in misfits] if misfits else None
        if free == []:
            break
        guess = _interpolate(low, high, high_page, days, last_side, stretch) if step % 3 != 2 else (low.page + high_page) // 2
        step += 1
        if free:
            guess = min(free, key=lambda page, aim=guess: abs(page - aim))  # type: ignore[misc]
        answer = sheets.by_page.get(guess)
        if answer is None:
            given = yield Ask("list", f"closing in on {days.to_on}", page=guess)
            assert given is not None
            answer = sheets.note(given)
        side = _side(answer, days, low, high)
        if side == "misfit":
            misfits.add(guess)
            continue
        stretch = stretch * 2 if side == last_side else 1
        last_side = side
        if side == "newer":
            low = answer
        else:
            high_page, high = guess, answer
    return low.page


def _side(answer: Answer, days: Days, low: Answer, high: Answer | None) -> str:
    """newer: mostly newer than the range; older: not; misfit: out of order with the ends of the bracket."""
    if not answer.rows:
        return "older"  # past the end
    day = typical_day(answer.rows)
    newest, oldest = typical_day(low.rows), typical_day(high.rows) if high else None
    if day is None or (newest and day > newest) or (oldest and day < oldest):
        return "misfit"
    return "newer" if day > days.to_on else "older"


def _interpolate(low: Answer, high: Answer | None, high_page: int, days: Days, last_side: str, stretch: int) -> int:
    """Where the range should begin if the board grew evenly; a guess that fell short twice reaches out twice as far."""
    first, last = low.page + 1, high_page - 1
    newest, oldest = typical_day(low.rows), typical_day(high.rows) if high else None
    if high is None or newest is None or oldest is None or newest <= oldest:
        return last if high is None else (first + last) // 2
    share = ((newest - days.to_on).days - 0.5) / (newest - oldest).days
    guess = low.page + share * (high_page - low.page)
    if last_side:
        guess += stretch if last_side == "newer" else -stretch
    return min(last, max(first, round(guess)))
