"""What a few requests to a real server show, and that they are polite."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.errors import BoardhouseError, ConfigError
from orchestration.probe.look import Found, NoBoard, Wishes, _Visit, look
from orchestration.settings import Settings

END = dt.date(2026, 3, 15)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)


def serve(skin: Any = "default", **options: Any) -> DemoServer:
    return DemoServer(generate(seed=3, end_day=END, days=60, posts=300, skin=skin), now=lambda: NOON, **options)


def probe(tmp_path: Path, url: str, wishes: Wishes | None = None, taken: frozenset[str] = frozenset()) -> Found | NoBoard:
    settings = Settings(boards=tmp_path / "boards.yaml", home=tmp_path / "home")
    return look(settings, url, wishes or Wishes(), taken, lambda line: None)


@pytest.mark.parametrize("skin", ["default", "xedition", "sketchbook5"])
def test_a_board_is_described_with_four_requests(tmp_path: Path, skin: str) -> None:
    with serve(skin) as server:
        found = probe(tmp_path, server.url)
        asked = [request.target for request in server.requests]
    assert isinstance(found, Found)
    assert (found.entry.id, found.entry.url, found.entry.engine, found.entry.skin) == ("news", server.url, "rhymix", skin)
    assert found.article is not None and found.article.blocks
    assert found.money
    assert found.post_count == max(row.post_no for row in server.site.true_rows("news") if row.post_no)
    assert found.entry.first_day == END - dt.timedelta(days=30)
    assert found.oldest_on is not None and found.oldest_on <= END - dt.timedelta(days=58)
    assert asked[:2] == ["/robots.txt", "/news"]
    assert asked[3:] == [f"/news?page={found.listed.page.last_page}"]
    assert found.ways[0][1] == "linear"


@pytest.mark.parametrize(
    "path", ["/news/", "/news?page=3", "/news?search_target=regdate&search_keyword=20260310", "/index.php?mid=news"]
)
def test_any_page_of_a_board_leads_to_its_list(tmp_path: Path, path: str) -> None:
    with serve() as server:
        found = probe(tmp_path, f"{server.base_url}{path}")
    assert isinstance(found, Found)
    assert found.entry.url == server.url
    assert found.listed.page.page_no == 1


def test_the_link_of_an_article_leads_to_its_board(tmp_path: Path) -> None:
    with serve() as server:
        number = server.site.true_rows("news")[5].document_id
        found = probe(tmp_path, f"{server.url}/{number}?page=2")
    assert isinstance(found, Found)
    assert found.entry.url == server.url


def test_robots_txt_is_asked_first_and_obeyed(tmp_path: Path) -> None:
    with serve(robots="User-agent: boardhouse\nDisallow: /news\n") as server:
        with pytest.raises(BoardhouseError, match=r"robots\.txt .* forbids"):
            probe(tmp_path, server.url)
        assert [request.target for request in server.requests] == ["/robots.txt"]


def test_the_delay_that_robots_txt_asks_for_is_kept_and_suggested(tmp_path: Path) -> None:
    with serve(robots="User-agent: *\nCrawl-delay: 0.2\n") as server:
        found = probe(tmp_path, server.url)
        assert server.shortest_gap() >= 0.19
    assert isinstance(found, Found)
    assert found.entry.delay_seconds == 0.2


def test_what_the_operator_gives_stands_in_the_entry(tmp_path: Path) -> None:
    with serve() as server:
        found = probe(tmp_path, server.url, Wishes(board_id="mine", name="우리 게시판", first_day=dt.date(2026, 1, 2)))
        taken = probe(tmp_path, server.url, taken=frozenset({"news"}))
    assert isinstance(found, Found) and isinstance(taken, Found)
    assert (found.entry.id, found.entry.name, found.entry.first_day) == ("mine", "우리 게시판", dt.date(2026, 1, 2))
    assert taken.entry.id != "news"


def test_times_ahead_of_the_clock_show_that_the_zone_is_wrong(tmp_path: Path) -> None:
    board = generate(seed=3, end_day=END, days=2, posts=30)
    with DemoServer(board, now=lambda: NOON) as server:
        assert getattr(probe(tmp_path, server.url), "zone_problem") is None  # noqa: B009
        for post in board.listed:
            board.change(post.srl, regdate=dt.datetime.now(KST) + dt.timedelta(hours=9))
        found = probe(tmp_path, server.url)
    assert isinstance(found, Found)
    assert "in the future" in (found.zone_problem or "")


def test_an_address_that_does_not_answer_or_is_none(tmp_path: Path) -> None:
    with serve() as server:
        gone = server.url
    with pytest.raises(BoardhouseError, match="nobody listens"):
        probe(tmp_path, gone)
    with pytest.raises(ConfigError, match="no address of a board"):
        probe(tmp_path, "ftp://board.example/news")
    with pytest.raises(ConfigError, match="no board id"):
        probe(tmp_path, gone, Wishes(board_id="Bad-Id"))


def test_a_public_site_cannot_lead_us_to_a_private_address(tmp_path: Path) -> None:
    settings = Settings(boards=tmp_path / "boards.yaml", home=tmp_path / "home")
    visit = _Visit(settings, "https://board.example/news", Wishes(), lambda line: None)
    visit._follow("https://www.board.example/news")
    with pytest.raises(BoardhouseError, match="private address"):
        visit._follow("http://127.0.0.1/admin")
