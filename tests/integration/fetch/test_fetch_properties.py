"""Whatever happens to the board between any two requests: posts that stayed are read, posts that went are asked by link, and a
quiet run afterwards knows the board as it is. The site answers in this process, so that hundreds of runs take seconds."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.demo.content import generate
from orchestration.demo.site import Site
from orchestration.fetch import crawl
from orchestration.fetch.client import Reply
from orchestration.fetch.known import ended, scope_records
from orchestration.landing.store import Landing
from orchestration.settings import Board, Settings
from tests.support.moving import OPERATIONS, change

END = dt.date(2026, 11, 20)


class InProcess:
    """A client whose board is a function call away; keeps its session as a real one does."""

    def __init__(self, site: Site, before: Callable[[int], None]) -> None:
        self.site, self.before, self.asked, self.cookie = site, before, [], ""

    def forget_session(self) -> None:
        self.cookie = ""

    def get(self, url: str, *, referer: str | None, now: dt.datetime) -> Reply:
        self.before(len(self.asked))
        target = url.removeprefix(self.site.base)
        self.asked.append(target)
        headers = {"user-agent": "boardhouse/1", "cookie": self.cookie} | ({"referer": referer} if referer else {})
        answer = self.site.answer("GET", target, headers)
        self.cookie = "; ".join(c.partition(";")[0] for c in answer.cookies) or self.cookie
        return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.body, now)


@given(
    seed=st.integers(0, 50),
    posts=st.sampled_from([90, 420]),
    skin=st.sampled_from(["default", "xedition", "sketchbook5"]),
    first=st.integers(0, 9),
    length=st.integers(1, 2),
    changes=st.dictionaries(
        st.integers(1, 60), st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 10**6)), max_size=3), max_size=12
    ),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_stayed_is_read_what_went_is_asked(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    posts: int,
    skin: str,
    first: int,
    length: int,
    changes: dict[int, list[tuple[str, int]]],
) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    site = Site(generate(seed, END, days=10, posts=posts, skin=skin))
    board = Board(id="news", name="뉴스", url=f"{site.base}/news", first_day=dt.date(2026, 1, 1), delay_seconds=0)
    to_on = END - dt.timedelta(days=first)
    from_on = to_on - dt.timedelta(days=length - 1)
    landing = Landing(home / "landing")
    config = Settings(boards=home / "boards.yaml", home=home)

    def wanted() -> set[int]:
        return {row.document_id for row in site.true_rows("news") if from_on <= row.listed_on <= to_on}

    stayed, ever = wanted(), wanted()

    def before(number: int) -> None:
        nonlocal stayed, ever
        for operation, at in changes.get(number, []):
            change(site, operation, at, END)
            stayed &= wanted()
            ever |= wanted()

    def run(run_id: str, transport: InProcess) -> tuple[set[int], set[str]]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(crawl, "Client", lambda settings, board: transport)
            report = crawl.fetch_range(config, [board], from_on, to_on, landing, run_id)
        (record,) = ended(scope_records(landing.responses(run_id=run_id, purposes=["scope"])))
        listed = [document for day in record.days for document in day.documents]
        assert len(listed) == len(set(listed)), "each under one day"
        return set(listed), {f"{board_day.state} {board_day.reason}" for board_day in report.scope.board_days}

    moving = InProcess(site, before)
    listed, states = run("moving", moving)
    assert states == {"complete None"}
    assert stayed <= listed <= ever
    answered = {e.document_id for e in landing.entries() if e.purpose == "article"}
    assert listed <= answered
    assert len([t for t in moving.asked if urlsplit(t).path != "/news"]) == len(answered) + 1, "each article once, and robots.txt"

    changes.clear()
    now_listed, states = run("quiet", InProcess(site, before))
    assert states == {"complete None"}
    assert now_listed == wanted()
    gone = listed - now_listed
    asked_again = {e.document_id for e in landing.entries() if e.run_id == "quiet" and e.purpose == "article"}
    seen = {row.document_id for row in site.true_rows("news")}
    assert {document for document in gone if document not in seen} <= asked_again
