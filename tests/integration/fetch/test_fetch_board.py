"""A range of days is fetched whole, once, and the scope says so."""

import datetime as dt
import re
from pathlib import Path

import duckdb
import pytest

from orchestration.demo import faults
from orchestration.fetch import board as board_module
from orchestration.fetch.offline import offline_scope
from orchestration.fetch.plan import plan
from orchestration.landing.records import Response
from orchestration.parse.page import parse_page
from orchestration.settings import KST, Board

HOUR = dt.timedelta(hours=1)


def later(hours: float):
    return lambda: dt.datetime.now(dt.UTC) + hours * HOUR


def page_of(response: Response):
    return parse_page(
        response.body,
        url=response.url,
        status=response.status,
        content_type=response.headers.get("content-type"),
        fetched_at=response.fetched_at,
        zone=KST,
    )


@pytest.mark.parametrize(
    ("first", "last", "strategy"), [(1, 0, "linear"), (4, 3, "linear"), (9, 0, "linear"), (19, 19, "date search")]
)
def test_every_listed_document_of_the_range_is_listed_and_read_once(make_desk, first, last, strategy) -> None:
    desk = make_desk(posts=420)
    report = desk.fetch(first, last)
    assert desk.states(report) == {"complete"}
    assert len(report.scope.board_days) == first - last + 1
    assert desk.documents() == desk.true_documents(first, last)
    assert set(desk.articles()) == desk.true_documents(first, last)
    assert set(desk.articles().values()) == {1}
    assert report.stats["news"]["strategy"] == strategy
    targets = [request.target for request in desk.server.requests]
    assert len(targets) == len(set(targets))


def test_listings_of_the_scope_are_landed_lists(desk) -> None:
    report = desk.fetch()
    pages = [page_of(desk.landing.get(response_id)) for response_id in report.scope.listings]
    assert pages and all(page.rows for page in pages)


def test_a_second_run_asks_only_the_lists(desk) -> None:
    desk.fetch()
    before = len(desk.server.requests)
    report = desk.fetch()
    again = [request.target for request in desk.server.requests[before:]]
    assert again and all(re.fullmatch(r"/news(\?page=\d+)?", target) for target in again)
    assert report.stats["news"]["unchanged"] == len(desk.true_documents())
    assert desk.documents() == desk.true_documents()


def test_articles_are_read_again_by_the_refresh_rule_and_then_never(make_desk) -> None:
    desk = make_desk(posts=60, options={"refresh": ["1h", "1d"]})
    counts = []
    for hours in (0, 0.5, 1.5, 2, 25, 26, 500):
        desk.fetch(now=later(hours))
        counts.append(max(desk.articles().values()))
    assert counts == [1, 1, 2, 2, 3, 3, 3]


def test_an_article_whose_row_changed_is_read_again_at_once(desk) -> None:
    desk.fetch()
    edited = min(desk.true_documents())
    desk.server.site.edit_post(edited, title="고친 제목")
    desk.fetch()
    assert [document for document, count in desk.articles().items() if count == 2] == [edited]


def test_documents_that_vanished_are_asked_by_link_and_absence_alone_says_nothing(desk) -> None:
    desk.fetch()
    deleted, moved, pinned, secret, *_ = sorted(desk.true_documents())
    site = desk.server.site
    site.delete_post(deleted)
    site.move(moved, "other")
    site.pin_notice(pinned)
    site.make_secret(secret)
    desk.fetch()
    answers = {e.document_id: e.status for e in desk.landing.entries("news") if e.run_id == "run-2" and e.purpose == "article"}
    assert answers == {deleted: 404, moved: 301, secret: 403}
    assert desk.record().stats["vanished"] == 2
    before = len(desk.server.requests)
    desk.fetch()
    assert not any(str(deleted) in request.target for request in desk.server.requests[before:])


def test_the_offline_scope_knows_what_was_read_and_asks_nothing(desk) -> None:
    online = desk.fetch().scope
    asked = len(desk.server.requests)
    offline = offline_scope(
        desk.settings, [desk.board], online.from_on - dt.timedelta(days=2), online.to_on, desk.landing, "off", page_of
    )
    assert len(desk.server.requests) == asked
    assert offline.board_days == online.board_days and offline.offline
    assert set(offline.listings) <= set(online.listings)
    one = offline_scope(desk.settings, [desk.board], online.to_on, online.to_on, desk.landing, "off", page_of)
    days = {row.listed_on for r in one.listings for row in page_of(desk.landing.get(r)).rows if not row.is_notice}
    assert online.to_on in days and len(one.listings) < len(online.listings)


def test_the_offline_scope_tells_failed_days_and_saved_pages_apart(desk) -> None:
    desk.server.faults = faults.on(r"/news/", faults.status(500))
    failed = desk.fetch(0, 0).scope.board_days[0]
    assert failed.state == "failed"
    body = desk.server.site.answer("GET", "/news?page=4", {}).body
    with desk.landing.writer("ingest-1", "news") as spool:
        spool.append(Response("news", "ingest-1", "ingest", "", f"{desk.board.url}?page=4", 200, {}, dt.datetime.now(dt.UTC), body))
    scope = offline_scope(desk.settings, [desk.board], failed.day - dt.timedelta(days=19), failed.day, desk.landing, "o", page_of)
    states = {board_day.day: board_day for board_day in scope.board_days}
    assert states[failed.day].state == "failed" and "never read completely" in (states[failed.day].reason or "")
    saved = {row.listed_on for row in page_of(next(desk.landing.responses(run_id="ingest-1"))).rows if not row.is_notice}
    assert {day for day, board_day in states.items() if board_day.state == "ingested"} == saved
    assert len(scope.board_days) == 1 + len(saved)


def test_boards_of_one_host_share_its_turn_and_the_delay_holds(make_desk) -> None:
    desk = make_desk(posts=40, days=20, options={"delay_seconds": 0.05})
    desk.server.site.move(min(desk.true_documents(19, 0)), "other")
    other = Board(id="other", name="다른", url=f"{desk.server.base_url}/other", first_day=dt.date(2026, 1, 1), delay_seconds=0.05)
    report = desk.fetch(3, 0, boards=[desk.board, other])
    assert {board_day.board_id for board_day in report.scope.board_days} == {"news", "other"}
    assert desk.server.most_in_flight() == 1
    assert desk.server.shortest_gap() >= 0.05 - 0.002


def test_a_dry_run_tells_strategy_and_requests_and_asks_nothing(desk) -> None:
    now = dt.datetime.now(dt.UTC)
    (unknown,) = plan(desk.settings, [desk.board], dt.date(2026, 11, 19), dt.date(2026, 11, 20), desk.landing, now=now)
    assert unknown.strategy is None and "never asked so far" in str(unknown)
    desk.fetch()
    asked = len(desk.server.requests)
    (told,) = plan(desk.settings, [desk.board], dt.date(2026, 11, 19), dt.date(2026, 11, 20), desk.landing, now=now)
    assert len(desk.server.requests) == asked
    assert told.strategy == "linear" and told.articles_due == 0 and told.days_unread == 0
    assert told.requests is not None and abs(told.requests - desk.record().stats["pages"]) <= 2


def test_the_counts_of_a_run_stand_in_its_log(make_desk) -> None:
    desk = make_desk(posts=60, faults=faults.first(1, faults.on("page=2", faults.status(500))))
    stats = desk.fetch().stats["news"]
    (line,) = [line for line in desk.log if "articles unchanged" in line]
    wanted = f"{stats['requests']} requests, {stats['pages']} list pages, {stats['articles']} articles"
    assert wanted in line and "1 retries" in line and "s of waits, 0 articles unchanged" in line
    desk.fetch()
    assert f"0.0 s of waits, {len(desk.true_documents())} articles unchanged" in desk.log[-1]


def test_a_long_run_tells_its_log_how_far_it_is(desk, monkeypatch) -> None:
    monkeypatch.setattr(board_module, "LOGGED_EVERY", 0.0)
    stats = desk.fetch().stats["news"]
    told = [line for line in desk.log if "requests of about" in line]
    assert len(told) == stats["pages"] + stats["articles"]
    assert told[-1] == f"news: articles, {stats['requests']} requests of about {stats['requests']}"


def test_why_each_request_was_made_stands_in_the_landing(desk) -> None:
    desk.fetch()
    notes = [(response.purpose, response.note) for response in desk.landing.responses("news")]
    assert all(note for _, note in notes)
    assert any(purpose == "article" and note.startswith("new") for purpose, note in notes if note)


def test_the_queries_of_the_documentation_tell_why(desk) -> None:
    desk.fetch()
    page = (Path(__file__).parents[3] / "docs/landing.md").read_text(encoding="utf-8")
    each, counted = (sql.replace(".boardhouse", str(desk.home)) for sql in re.findall(r"```sql\n(.*?)```", page, re.DOTALL))
    with duckdb.connect() as connection:
        rows = connection.execute(each).fetchall()
        reasons = {(purpose, why): count for _, purpose, why, count, _ in connection.execute(counted).fetchall()}
    assert len(rows) == len(desk.server.requests) == sum(reasons.values())
    assert reasons["article", "new"] == len(desk.true_documents()) and reasons["robots", "what the host allows"] == 1
