"""A hostile or broken board: what is no answer is asked again, then its days fail with a reason; nothing false is complete."""

import base64
import dataclasses
import datetime as dt
import itertools
import time
from email.utils import format_datetime

import pytest

from orchestration.demo import faults
from orchestration.fetch import asking, client, politeness
from orchestration.parse.reading import Reading
from orchestration.settings import Board, Credentials

LIST = r"^/(news(\?page=\d+)?|again.*)$"
ARTICLE = r"^/news/\d+"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_BACKOFF_SECONDS", 0.01)


def reasons(report) -> str:
    return " | ".join(board_day.reason or "" for board_day in report.scope.board_days)


ONCE = {
    "a 500": faults.status(500),
    "a 503 without Retry-After": faults.status(503),
    "a 429": faults.status(429, "0"),
    "a timeout": faults.slow(0.8),
    "a reset in mid-body": faults.reset(),
    "a body cut short": faults.hang_up(),
    "a truncated page": faults.truncated(),
    "a login page": faults.login_page(),
    "a changed template": faults.changed_template(),
    "a page that is no board": faults.answers("hello", "text/plain"),
    "a 403 of a firewall": faults.answers("<html><body>Access denied</body></html>", "text/html", 403),
    "garbage as gzip": faults.Fault(change=lambda a: type(a)(a.status, {**a.headers, "Content-Encoding": "gzip"}, b"no gzip")),
}


@pytest.mark.parametrize("what", ONCE)
@pytest.mark.parametrize("where", [LIST, ARTICLE], ids=["list", "article"])
def test_one_bad_answer_is_asked_again(make_desk, what, where) -> None:
    desk = make_desk(posts=60, faults=faults.first(1, faults.on(where, ONCE[what])))
    report = desk.fetch(0, 0)
    assert desk.states(report) == {"complete"}, reasons(report)
    assert desk.documents() == desk.true_documents(0, 0)
    assert report.stats["news"]["retries"] == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.status(500), "500"),
        (faults.slow(0.8), "no answer within 0.5 s"),
        (faults.reset(), "connection"),
        (faults.hang_up(), "mid-body"),
        (faults.truncated(), "truncated"),
        (faults.login_page(), "login"),
        (faults.changed_template(), "no list and no article"),
        (faults.empty_list(), "the list is empty"),
        (faults.redirects_forever(), "more than 5 redirects"),
        (faults.redirects_to("http://board.example/news"), "board.example is not the board's host"),
        (faults.redirects_to("http://169.254.169.254/latest/"), "169.254.169.254 is not the board's host"),
        (faults.redirects_to("file:///etc/passwd"), "file: is no scheme of a board"),
        (faults.gzip_bomb(), "exceeds 8 MB"),
    ],
)
def test_a_list_that_never_answers_fails_its_days_with_the_reason(make_desk, fault, words) -> None:
    desk = make_desk(posts=60, faults=faults.on(LIST, fault))
    report = desk.fetch()
    assert desk.states(report) == {"failed"}
    assert words in reasons(report)
    assert len(report.scope.board_days) == 2


def test_a_page_that_fails_behind_the_first_leaves_no_day_complete(make_desk) -> None:
    desk = make_desk(faults=faults.on(r"page=2$", faults.status(502)))
    report = desk.fetch(6, 0)
    assert desk.states(report) == {"failed"} and "list page 2" in reasons(report)
    assert desk.articles(), "what page 1 lists is read and landed all the same"


def test_an_empty_list_in_the_middle_is_no_end_of_the_board(make_desk) -> None:
    desk = make_desk(faults=faults.on(r"page=2$", faults.empty_list()))
    assert "the list is empty" in reasons(desk.fetch(6, 0))


def test_one_article_that_never_answers_fails_its_day_only(make_desk) -> None:
    desk = make_desk(posts=100)
    broken = min(desk.true_documents(2, 2))
    desk.server.faults = faults.on(rf"/news/{broken}", faults.status(500))
    report = desk.fetch(3, 0)
    assert [board_day.state for board_day in report.scope.board_days] == ["complete", "failed", "complete", "complete"]
    assert str(broken) in reasons(report)
    desk.server.faults = None
    assert desk.states(desk.fetch(3, 0)) == {"complete"}
    assert desk.articles()[broken] == 1


def test_a_host_that_stays_broken_is_left_alone_soon(make_desk) -> None:
    desk = make_desk(posts=400, faults=faults.on(ARTICLE, faults.status(500)))
    report = desk.fetch(5, 0)
    assert "given up after 3 requests in a row" in reasons(report)
    assert {d.state for d in report.scope.board_days} == {"failed"}
    assert sum("/news/" in request.target for request in desk.server.requests) == 3 * 3


def test_one_board_down_leaves_the_other_alone(make_desk) -> None:
    desk = make_desk(posts=60)
    down = Board(id="down", name="꺼짐", url="http://127.0.0.1:9/news", first_day=dt.date(2026, 1, 1), delay_seconds=0)
    report = desk.fetch(boards=[down, desk.board])
    states = {(board_day.board_id, board_day.state) for board_day in report.scope.board_days}
    assert states == {("down", "failed"), ("news", "complete")}
    assert "nobody listens there" in reasons(report)


def test_retry_after_is_obeyed(make_desk) -> None:
    desk = make_desk(posts=40, faults=faults.first(1, faults.on(ARTICLE, faults.status(429, "1"))))
    assert desk.states(desk.fetch(0, 0)) == {"complete"}
    refused = next(at for at, request in enumerate(desk.server.requests) if request.status == 429)
    before, after = desk.server.requests[refused : refused + 2]
    assert after.started_at - before.ended_at >= 0.99


def test_a_moment_to_come_back_at_is_obeyed_too(make_desk) -> None:
    """Retry-After may be a date; a whole second of it can be lost to rounding."""
    until = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=2)
    desk = make_desk(posts=40, faults=faults.first(1, faults.on(LIST, faults.status(503, format_datetime(until, usegmt=True)))))
    assert desk.states(desk.fetch(0, 0)) == {"complete"}
    assert dt.datetime.now(dt.UTC) >= until and desk.record().stats["waits_seconds"] > 0


def test_bursts_of_server_errors_cost_attempts_and_nothing_else(make_desk) -> None:
    """Two errors after every five answers."""
    desk = make_desk(posts=120, faults=lambda asked: faults.status(502) if asked.number % 7 in (5, 6) else None)
    report = desk.fetch(3, 0)
    assert desk.states(report) == {"complete"} and desk.documents() == desk.true_documents(3, 0)
    stats = report.stats["news"]
    failed = sum(request.status == 502 for request in desk.server.requests)
    assert failed >= 10 and stats["retries"] == failed and set(desk.articles().values()) == {1}


def test_a_host_that_asks_for_a_long_rest_gets_it_from_every_run(make_desk) -> None:
    desk = make_desk(posts=40, faults=faults.on(LIST, faults.status(503, "3000")))
    report = desk.fetch()
    assert "asks to be left alone for 3000 s" in reasons(report)
    host = politeness.Host(client.host_of(desk.board.url), desk.home / "locks", _Impatient())
    with pytest.raises(_WouldWait) as waiting, host.turn(0):
        pass
    assert 2900 < waiting.value.args[0] <= 3000


class _WouldWait(Exception):
    pass


class _Impatient:
    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        raise _WouldWait(seconds)


@pytest.mark.parametrize(
    ("robots", "asked"),
    [
        ("User-agent: *\nDisallow: /news\n", False),
        ("User-agent: boardhouse\nDisallow: /\n", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: boardhouse\nDisallow: /admin\n", True),
        ("User-agent: x\nDisallow: /", True),
    ],
)
def test_robots_txt_is_obeyed(make_desk, robots, asked) -> None:
    desk = make_desk(posts=40, robots=robots)
    report = desk.fetch()
    assert desk.states(report) == ({"complete"} if asked else {"failed"})
    assert asked or "robots.txt of" in reasons(report)
    assert asked == any(request.target.startswith("/news") for request in desk.server.requests)


def test_robots_txt_is_asked_once_a_day_and_its_delay_honoured(make_desk) -> None:
    desk = make_desk(posts=20, robots="User-agent: *\nCrawl-delay: 0.05\n")
    desk.fetch(0, 0)
    desk.fetch(0, 0)
    assert [request.target for request in desk.server.requests].count("/robots.txt") == 1
    gaps = [b.started_at - a.ended_at for a, b in itertools.pairwise(desk.server.requests)]
    assert min(gaps) >= 0.048, "also before the first request after robots.txt itself"


def test_a_redirect_to_where_robots_txt_forbids_is_not_followed(make_desk) -> None:
    robots = "User-agent: *\nDisallow: /private\n"
    desk = make_desk(posts=40, robots=robots, faults=faults.on(LIST, faults.redirects_to("/private/news")))
    assert "robots.txt forbids" in reasons(desk.fetch())
    assert not any(request.target.startswith("/private") for request in desk.server.requests)


@pytest.mark.parametrize("fault", [faults.status(500), faults.reset(0)])
def test_a_robots_txt_that_cannot_be_read_makes_the_board_wait(make_desk, fault) -> None:
    desk = make_desk(posts=40, faults=faults.on("robots", fault))
    report = desk.fetch()
    assert "robots.txt cannot be read, so the board waits" in reasons(report)
    assert all(request.target == "/robots.txt" for request in desk.server.requests)


def test_mobile_pages_slip_in_nowhere(make_desk) -> None:
    """A cookie that a mobile visit left makes Rhymix answer in mobile; the session is dropped then."""
    desk = make_desk(posts=60)

    def mobile_once(asked):
        if asked.number == 3:
            return faults.Fault(change=lambda a: type(a)(a.status, a.headers, desk.server.site.answer("GET", "/news?m=1", {}).body))
        return None

    desk.server.faults = mobile_once
    assert desk.states(desk.fetch()) == {"complete"}
    assert desk.documents() == desk.true_documents()


def test_the_budget_ends_a_boards_part_and_the_next_run_goes_on(make_desk) -> None:
    desk = make_desk(posts=200, options={"max_requests": 25})
    report = desk.fetch(6, 0)
    assert "the budget of 25 requests to 127.0.0.1:" in reasons(report)
    assert len(desk.server.requests) == 25
    assert report.scope.board_days[-1].state == "complete", "what was read before the budget ended stands"
    for _ in range(10):
        report = desk.fetch(6, 0)
        if desk.states(report) == {"complete"}:
            break
    assert desk.states(report) == {"complete"}
    assert set(desk.articles().values()) == {1}


def test_the_budget_is_the_hosts_whichever_of_its_boards_used_it(make_desk) -> None:
    desk = make_desk(posts=60, options={"max_requests": 15})
    other = desk.board.model_copy(update={"id": "other"})
    report = desk.fetch(2, 0, boards=[desk.board, other])
    assert len(desk.server.requests) == 15
    assert {day.state for day in report.scope.board_days if day.board_id == "other"} == {"failed"}


@pytest.mark.parametrize(
    ("codec", "label"),
    [("cp949", "euc-kr"), ("cp949", "ks_c_5601-1987"), ("cp949", None), ("cp949", "utf-8"), ("utf-8", None), ("utf-8", "euc-kr")],
)
def test_boards_in_other_charsets_are_read_and_landed_as_they_came(make_desk, codec, label) -> None:
    desk = make_desk(posts=40, faults=faults.on("/news", faults.encoded(codec, label)))
    assert desk.states(desk.fetch(0, 0)) == {"complete"}
    page = next(desk.landing.responses("news", purposes=["list"]))
    assert "목록" in page.body.decode(codec) or "제목" in page.body.decode(codec)
    assert page.headers["content-type"] == ("text/html" if label is None else f"text/html; charset={label}")
    shown = {row.document_id: row.title for row in Reading.of(desk.board).shown(page).rows}
    true = {row.document_id: row.title for row in desk.server.site.true_rows("news")}
    common = shown.keys() & true.keys()
    assert common and all(shown[document] == true[document] for document in common)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(9, 0), (0, 9), (0, -24 * 400)], ids=["ours ahead", "theirs ahead", "theirs long ago"]
)
def test_a_wrong_clock_is_told_and_the_days_are_read_all_the_same(make_desk, ours, theirs) -> None:
    def off(hours: int):
        return lambda: dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)

    desk = make_desk(posts=20, now=off(theirs))
    assert desk.states(desk.fetch(0, 0, now=off(ours))) == {"complete"}
    assert any("clock" in line for line in desk.log)
    assert abs(desk.record().stats["clock_skew_seconds"] - (ours - theirs) * 3600) < 60
    assert desk.documents() == desk.true_documents(0, 0)


def test_credentials_come_from_the_environment_and_stay_out_of_log_report_and_landing(make_desk, monkeypatch) -> None:
    monkeypatch.setenv("BOARDHOUSE_COOKIE_NEWS", "theme=dark; token=s3cret c00kie")
    monkeypatch.setenv("BOARDHOUSE_BASIC_NEWS", "reader:s3cret&p4ss")
    basic = base64.b64encode(b"reader:s3cret&p4ss").decode()
    forms = ("s3cret c00kie", "s3cret%20c00kie", "s3cret+c00kie", "s3cret&p4ss", "s3cret&amp;p4ss", "s3cret%26p4ss", basic)

    def echo(asked):
        sent = " ".join([*forms, asked.headers["authorization"]])
        headers = {"X-Echo": sent, "Set-Cookie": "session=s3ssion", "WWW-Authenticate": basic}
        return faults.Fault(
            change=lambda a: type(a)(a.status, {**a.headers, **headers}, a.body.replace(b"</body>", sent.encode() + b"</body>"))
        )

    desk = make_desk(posts=20, faults=echo)
    report = desk.fetch(0, 0)
    sent = desk.server.requests[-1].headers
    assert "s3cret c00kie" in sent["cookie"] and sent["authorization"] == f"Basic {basic}"
    landed = " ".join(repr(dataclasses.asdict(response)) for response in desk.landing.responses())
    for where in (landed, " ".join(desk.log), repr(report), repr(Credentials.of("news"))):
        assert not [form for form in ("s3cret", "s3ssion", basic) if form in where]
    assert client.STRUCK in landed and desk.states(report) == {"complete"}


def test_a_contact_stands_in_the_user_agent_and_the_range_is_read_all_the_same(make_desk, monkeypatch) -> None:
    """Rhymix takes an agent with an address in it for a robot and shows page 1 below every article."""
    monkeypatch.setenv("BOARDHOUSE_CONTACT", "https://news.example/contact")
    desk = make_desk(posts=330, days=14)
    report = desk.fetch(13, 13)
    agents = {request.headers["user-agent"] for request in desk.server.requests}
    assert len(agents) == 1 and agents.pop().endswith(" (+https://news.example/contact)")
    assert report.stats["news"]["strategy"] == "bisection"
    assert desk.states(report) == {"complete"} and desk.documents() == desk.true_documents(13, 13)


def test_a_session_is_kept_and_the_user_agent_names_the_project(desk) -> None:
    desk.fetch()
    agents = {request.headers.get("user-agent") for request in desk.server.requests}
    assert len(agents) == 1 and agents.pop().startswith("boardhouse/")
    articles = [request for request in desk.server.requests if "/news/" in request.target]
    assert articles and all("PHPSESSID" in request.headers.get("cookie", "") for request in articles)
    assert all(request.headers.get("referer") == desk.board.url for request in articles)
