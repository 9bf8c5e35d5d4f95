"""Strategies reach every post of a range within their request bounds, while the board moves under them."""

import datetime as dt
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.fetch.strategies.choose import reach
from orchestration.fetch.strategies.steps import Answer, Days, joins

TODAY = dt.date(2026, 11, 20)


def back(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


@st.composite
def days_of_board(draw: st.DrawFn) -> list[dt.date]:
    """The days of a board's posts, newest first: uneven, with empty days, and now and then some posts dated back."""
    counts = draw(st.lists(st.integers(0, 45), min_size=1, max_size=60))
    days = [back(n) for n, count in enumerate(counts) for _ in range(count)]
    if days:
        for at, length, by in draw(
            st.lists(st.tuples(st.integers(0, len(days) - 1), st.integers(1, 6), st.integers(1, 400)), max_size=4)
        ):
            for place in range(at, min(at + length, len(days))):
                days[place] -= dt.timedelta(days=by)
    return days


def in_order(days: list[dt.date]) -> set[int]:
    """Places whose day fits both sides: nothing before it is older, nothing behind it newer."""
    oldest_before, keep = dt.date.max, set()
    newest_behind = list(days)
    for at in range(len(days) - 2, -1, -1):
        newest_behind[at] = max(days[at], newest_behind[at + 1])
    for at, day in enumerate(days):
        if day == newest_behind[at]:
            keep.add(at)
        oldest_before = min(oldest_before, day)
    return keep


@given(
    days=days_of_board(),
    reach_back=st.integers(0, 60),
    length=st.integers(1, 12),
    offers=st.booleans(),
    tells=st.booleans(),
    changes=st.lists(st.lists(st.tuples(st.sampled_from(["add", "delete"]), st.integers(0, 3000)), max_size=3), max_size=25),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_post_that_existed_throughout_is_seen_within_the_bound(
    model_board, days, reach_back, length, offers, tells, changes
) -> None:
    from_on, to_on = back(reach_back + length - 1), back(reach_back)
    script = iter(changes)

    def between(board) -> None:
        for what, at in next(script, []):
            board.add(TODAY) if what == "add" else board.delete(at)

    post = type("Post", (), {})

    def made(at: int, day: dt.date):
        item = post()
        item.document_id, item.day, item.is_secret = 10_000 - 2 * at, day, at % 11 == 0
        return item

    posts = [made(at, day) for at, day in enumerate(days)]
    board = model_board(posts=list(posts), offers_date_search=offers, tells_page_below=tells, between=between)
    pages, of_range = board.pages, board.pages_of(from_on, to_on)
    steady = {posts[at].document_id for at in in_order(days) if from_on <= days[at] <= to_on}

    reading = board.drive(reach(Days(from_on, to_on)))

    assert reading.problem is None
    assert steady & board.throughout <= board.seen
    # 10 for linear paging, 1 that proves the end, and the search's own pages; a change may force its page and the next again.
    searched = sum(ask.what == "search" for ask in board.asks)
    assert len(board.asks) - searched <= of_range + 2 * math.log2(pages + 1) + 14 + 3 * board.changes


def test_a_deletion_between_two_pages_is_noticed_and_its_neighbour_found(model_board, even_posts) -> None:
    posts = even_posts(100, 30, TODAY)
    hidden = posts[20].document_id

    def between(board) -> None:
        if len(board.asks) == 1:
            board.delete(5)

    board = model_board(posts=posts, between=between)
    reading = board.drive(reach(Days(TODAY, TODAY)))
    assert hidden in board.seen and reading.rereads > 0 and reading.problem is None


def test_without_the_check_of_numbers_that_post_would_be_lost(model_board, even_posts, monkeypatch) -> None:
    monkeypatch.setattr("orchestration.fetch.strategies.sweep.joins", lambda newer, older: True)
    posts = even_posts(100, 30, TODAY)
    hidden = posts[20].document_id

    def between(board) -> None:
        if len(board.asks) == 1:
            board.delete(5)

    board = model_board(posts=posts, between=between)
    board.drive(reach(Days(TODAY, TODAY)))
    assert hidden not in board.seen


@pytest.mark.parametrize(("where", "length"), [(3, 1), (10, 12), (18, 4)])
def test_posts_dated_back_end_no_pass_early(model_board, even_posts, where, length) -> None:
    posts = even_posts(200, 40, TODAY)
    for post in posts[where : where + length]:
        post.day = back(300)
    board = model_board(posts=posts)
    board.drive(reach(Days(back(1), TODAY)))
    wanted = {post.document_id for post in posts if post.day in (TODAY, back(1))}
    assert wanted <= board.seen


def test_a_whole_page_dated_back_steers_no_bisection(model_board, even_posts) -> None:
    posts = even_posts(20 * 400, 60, TODAY)
    for at in range(20 * 99, 20 * 101):
        posts[at].day = back(900)
    board = model_board(posts=posts)
    reading = board.drive(reach(Days(back(60), back(60))))
    assert {post.document_id for post in posts if post.day == back(60)} <= board.seen
    assert reading.strategy == "bisection"


def test_a_post_dated_back_far_off_is_found_by_date_search(model_board, even_posts) -> None:
    posts = even_posts(20 * 300, 45, TODAY)
    posts[7].day = back(90)
    board = model_board(posts=posts, offers_date_search=True)
    reading = board.drive(reach(Days(back(90), back(90))))
    assert reading.strategy == "date search"
    assert posts[7].document_id in board.seen


def test_a_post_dated_back_into_the_middle_of_a_range_is_found_too_at_one_search_a_day(model_board, even_posts) -> None:
    posts = even_posts(20 * 300, 45, TODAY)
    posts[7].day, posts[4000].day = back(92), back(91)
    board = model_board(posts=posts, offers_date_search=True)
    board.drive(reach(Days(back(93), back(90))))
    assert {posts[7].document_id, posts[4000].document_id} <= board.seen
    searches = [ask for ask in board.asks if ask.what == "search"]
    assert {ask.day for ask in searches} == {back(n) for n in range(90, 94)}
    assert len(searches) <= 4 + 2 * 2, "one for each day, and the rest of the two days that lack a post"


def test_posts_dated_back_on_page_1_make_no_board_seem_slow(model_board, even_posts) -> None:
    posts = even_posts(20 * 300, 45, TODAY)
    posts[3].day = posts[7].day = back(60)
    board = model_board(posts=posts, offers_date_search=True)
    board.drive(reach(Days(back(90), back(90))))
    assert [ask.what for ask in board.asks][:3] == ["list", "search", "locate"]


def test_a_quiet_board_is_not_searched_for_each_of_its_days(model_board, even_posts) -> None:
    board = model_board(posts=even_posts(20 * 60, 0.5, TODAY), offers_date_search=True)
    board.drive(reach(Days(back(1000), back(900))))
    assert sum(ask.what == "search" for ask in board.asks) == 1


def test_a_day_without_public_posts_falls_back_to_bisection(model_board, even_posts) -> None:
    posts = even_posts(20 * 300, 45, TODAY)
    for post in posts:
        post.is_secret = post.day == back(90)
    board = model_board(posts=posts, offers_date_search=True)
    reading = board.drive(reach(Days(back(90), back(90))))
    assert reading.strategy == "bisection"
    assert {post.document_id for post in posts if post.day == back(90)} <= board.seen


@pytest.mark.parametrize("days_back", [30, 100, 300, 500, 777])
def test_one_day_far_back_on_a_board_of_2400_pages_takes_16_list_requests_at_most(model_board, even_posts, days_back) -> None:
    posts = even_posts(48_000, 61.7, TODAY)
    board = model_board(posts=posts)
    board.drive(reach(Days(back(days_back), back(days_back))))
    assert {post.document_id for post in posts if post.day == back(days_back)} <= board.seen
    assert len(board.asks) <= 16


def test_a_range_before_the_boards_first_post_ends_at_its_last_page(model_board, even_posts) -> None:
    board = model_board(posts=even_posts(20 * 50, 20, TODAY))
    reading = board.drive(reach(Days(back(900), back(890))))
    assert reading.problem is None and len(board.asks) <= 20


def test_a_list_that_moves_by_some_posts_at_each_request_is_read_all_the_same(model_board, even_posts) -> None:
    board = model_board(posts=even_posts(2000, 200, TODAY), between=lambda board: [board.delete(0) for _ in range(3)])
    reading = board.drive(reach(Days(TODAY, TODAY)))
    assert reading.problem is None
    assert {post.document_id for post in board.posts if post.day == TODAY} <= board.seen


def test_a_list_that_moves_by_a_page_at_each_request_is_given_up_with_a_reason(model_board, even_posts) -> None:
    board = model_board(posts=even_posts(6000, 6000, TODAY), between=lambda board: [board.delete(0) for _ in range(41)])
    reading = board.drive(reach(Days(TODAY, TODAY)))
    assert reading.problem == "the list moved faster than it could be read"


def test_numbers_that_gap_do_not_join_and_a_shared_row_does(model_board, even_posts) -> None:
    board = model_board(posts=even_posts(60, 60, TODAY))
    first, second = (Answer(n, tuple(board._rows(board.posts, n)), 3, dt.datetime(2026, 1, n, tzinfo=dt.UTC)) for n in (1, 2))
    assert joins(first, second)
    board.delete(0)
    moved = Answer(2, tuple(board._rows(board.posts, 2)), 3, dt.datetime(2026, 1, 3, tzinfo=dt.UTC))
    assert not joins(first, moved)
    board.add(TODAY)
    board.add(TODAY)
    assert joins(first, Answer(2, tuple(board._rows(board.posts, 2)), 3, dt.datetime(2026, 1, 4, tzinfo=dt.UTC)))


def test_past_the_end_proves_nothing_while_a_lower_number_is_missing(model_board, even_posts) -> None:
    board = model_board(posts=even_posts(41, 60, TODAY))
    second = Answer(2, tuple(board._rows(board.posts, 2)), 3, dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    past_end = Answer(3, (), 2, dt.datetime(2026, 1, 3, tzinfo=dt.UTC))
    assert not joins(second, past_end)  # number 1 slipped onto page 2
