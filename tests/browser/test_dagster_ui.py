"""An operator's morning in the Dagster UI, in a real browser: the graph, a backfill of three days, a red check and its rows.

`boardhouse dev` runs beside the bundled board, with a home of its own. The pictures of README and docs are taken here.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
from orchestration.settings import KST, Settings
from tests.browser.conftest import Picture
from tests.support.ui import Dev, dev
from tests.support.workplace import make_settings, rows

pytestmark = pytest.mark.browser

BACKFILL_WITHIN = 240_000
"""Milliseconds. The daemon looks for new backfills, and for ended ones, twice a minute; the run itself takes 20 s."""
TITLE = "깨진 \ufffd목"


@dataclass
class Session:
    """`boardhouse dev` on a board of ten days, of which the last three are asked for. A title of the middle one is broken."""

    dev: Dev
    days: tuple[dt.date, ...]

    @property
    def url(self) -> str:
        return self.dev.url

    @property
    def settings(self) -> Settings:
        return self.dev.settings

    @property
    def range(self) -> str:
        return f"[{self.days[0]}...{self.days[-1]}]"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[Session]:
    last = dt.datetime.now(KST).date() - dt.timedelta(days=1)
    days = tuple(last - dt.timedelta(days=back) for back in (2, 1, 0))
    board = generate(seed=3, end_day=last, days=10, posts=150)
    victim = next(post for post in board.listed if post.regdate.date() == days[1])
    board.change(victim.srl, title=dataclasses.replace(victim.title, text=TITLE))
    with DemoServer(board) as server:
        entry = {"id": "demo", "name": "데모뉴스", "url": server.url, "engine": "rhymix", "first_day": last - dt.timedelta(days=9)}
        settings = make_settings(tmp_path_factory.mktemp("ui"), entry)
        settings.rates.mkdir(parents=True)
        board.write_rates(settings.rates / "demo.csv", last)
        with dev(settings) as started:
            yield Session(started, days)


def test_the_graph_shows_the_flow_at_one_glance(session: Session, page: Page, picture: Picture) -> None:
    page.goto(f"{session.url}/asset-groups/")
    for group in ("1_fetch", "2_candidate", "3_staging", "4_intermediate", "5_marts", "6_gates", "7_publish"):
        expect(page.get_by_text(group, exact=True).first).to_be_visible()
    picture(page, "graph")


def test_a_backfill_of_three_days_started_in_the_ui_ends_green(session: Session, page: Page, picture: Picture) -> None:
    page.goto(f"{session.url}/asset-groups/")
    page.get_by_role("button", name="Materialize all").click()
    dialog = page.get_by_role("dialog")
    days = dialog.get_by_role("textbox").first
    days.fill(session.range)
    days.press("Enter")
    expect(dialog.get_by_text("3 partitions", exact=True)).to_be_visible()
    picture(page, "backfill")
    dialog.get_by_role("button", name="Launch backfill").click()
    expect(dialog).to_be_hidden()

    page.goto(f"{session.url}/runs")
    expect(page.get_by_text("Success", exact=True)).to_be_visible(timeout=BACKFILL_WITHIN)
    picture(page, "backfill-done", height=300)
    published = rows(session.settings, "select day from board_days where board_id = 'demo' and state = 'published' order by day")
    assert [day for (day,) in published] == list(session.days)


def test_a_red_check_shows_the_rows_that_failed(session: Session, page: Page, picture: Picture) -> None:
    page.goto(f"{session.url}/assets/verdicts?view=checks")
    page.get_by_placeholder("Filter checks").fill("board_rows__title_clean")
    page.get_by_text("board_rows__title_clean").first.click()
    page.get_by_role("tab", name="Partitions").last.click()
    expect(page.get_by_text("Failed (1)")).to_be_visible()
    expect(page.get_by_text("Passed (2)")).to_be_visible()
    page.locator(f"text={session.days[1]} >> visible=true").last.click()
    expect(page.get_by_text(TITLE)).to_be_visible()
    picture(page, "red-check")


def test_the_numbers_of_each_day_are_a_picture_and_plots(session: Session, page: Page, picture: Picture) -> None:
    page.goto(f"{session.url}/assets/published")
    bars = page.get_by_alt_text("rows a day").first
    expect(bars).to_be_visible()
    assert bars.evaluate("image => image.naturalWidth") > 0, "the picture is drawn, not stripped from the Markdown"
    picture(page, "published")
    page.get_by_text("Plots", exact=True).click()
    for plot in ("day/rows", "day/articles", "day/facts", "day/quarantined"):
        expect(page.get_by_text(plot, exact=True).first).to_be_visible()
    assert page.locator("canvas").count() >= 4
    picture(page, "plots")


def test_no_process_is_left_when_the_session_has_ended(session: Session) -> None:
    assert len(session.dev.processes()) > 2, "the board's server, the UI and the daemon"
    session.dev.end()
    assert session.dev.processes() == []
