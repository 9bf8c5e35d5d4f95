"""What a night has to take up again is known from the landing: posts dated back, days of a run that died, articles due."""

import dataclasses
import datetime as dt
import os
import signal

import pytest

from orchestration.demo import faults
from orchestration.fetch.due import due_days
from tests.integration.fetch.conftest import END, Desk, back

WITHOUT_DATE_SEARCH = faults.Fault(change=lambda a: dataclasses.replace(a, body=a.body.replace(b"regdate", b"nothing")))
OLD = 12


def due(desk: Desk, hours: float = 0) -> set[dt.date]:
    now = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    return {day for _, day in due_days([desk.board], desk.landing, now, until=END, most=99)}


@pytest.fixture
def far(make_desk) -> Desk:
    """A board without date search, whose old day stands behind the pages that a run of today reads; that day was read once."""
    desk = make_desk(posts=330, days=14, options={"refresh": []}, faults=faults.on("/news", WITHOUT_DATE_SEARCH))
    assert desk.fetch(OLD, OLD).stats["news"]["strategy"] == "bisection"
    assert not due(desk), "nothing is left to do, and days that no run was asked for are nobody's business"
    return desk


def bury(desk: Desk) -> None:
    """So many new posts that page 1 shows nothing of what it showed."""
    for _ in range(25):
        desk.server.site.add_post(mid="news", regdate=f"{END}T23:00:00+09:00")


def test_a_post_dated_back_to_where_no_page_of_its_day_shows_it_is_read_with_its_day(far: Desk) -> None:
    dated_back = far.server.site.add_post(mid="news", regdate=f"{back(OLD)}T08:00:00+09:00")
    assert far.states(far.fetch(0, 0)) == {"complete"}
    assert dated_back not in far.articles(), "it is no post of today"
    assert due(far) == {back(OLD)}
    bury(far)
    report = far.fetch(OLD, OLD)
    assert far.states(report) == {"complete"} and report.stats["news"]["strategy"] == "bisection"
    assert far.articles()[dated_back] == 1
    assert far.documents() == far.true_documents(OLD, OLD)
    note = next(e.note for e in far.landing.entries("news") if e.document_id == dated_back)
    assert (note or "").startswith("new: seen with the posts of another day")
    assert not due(far)
    far.fetch(0, 0)
    assert not due(far)


def test_a_known_post_that_is_dated_back_moves_to_its_new_day(far: Desk) -> None:
    far.fetch(0, 0)
    post = max(far.true_documents(0, 0))
    far.server.site.edit_post(post, regdate=f"{back(OLD)}T08:00:00+09:00")
    far.fetch(0, 0)
    assert post not in far.documents()
    assert due(far) == {back(OLD)}
    far.fetch(OLD, OLD)
    assert post in far.documents() and far.articles()[post] == 2
    far.fetch(0, 0)
    assert not due(far), "seen there again, unchanged, it is no news"


def test_articles_due_by_the_refresh_rule_make_their_day_due_until_they_are_read(make_desk) -> None:
    desk = make_desk(posts=100, options={"refresh": ["7d"]})
    desk.fetch(2, 1)
    assert due(desk, hours=167) == set()
    assert due(desk, hours=169) == {back(2), back(1)}
    desk.fetch(1, 1, now=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(hours=168))
    assert due(desk, hours=169) == {back(2)}


def test_days_of_a_run_that_was_killed_are_due_whichever_of_them_it_had_reached(make_desk) -> None:
    desk = make_desk(posts=100, days=6)
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(ready, 1)
        try:
            desk.fetch(4, 1)
        finally:
            os._exit(0)
    desk.server.faults = lambda asked: os.kill(child, signal.SIGKILL) if asked.target == "/news" else None
    os.write(go, b"x")
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    desk.server.faults = None
    assert due(desk) == {back(n) for n in (4, 3, 2, 1)}
    desk.fetch(4, 1)
    assert due(desk) == set()
