"""The European Central Bank's files: asked when there can be something new, and no oftener."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.fetch.client import NoAnswer, Reply
from orchestration.fetch.rates import ask_bank, last_published
from orchestration.landing.records import RATES_BOARD
from orchestration.landing.store import Landing
from orchestration.settings import ECB, KST, Settings, load_boards

BANK = "http://127.0.0.1:1/rates"
NOW = dt.datetime(2026, 11, 25, 0, 30, tzinfo=KST)  # a Wednesday; 16:30 of Tuesday in Frankfurt
TUESDAY = dt.date(2026, 11, 24)


def file(*days: dt.date) -> bytes:
    cubes = "".join(f'<Cube time="{day}"><Cube currency="KRW" rate="1600"/></Cube>' for day in days)
    return f'<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>{cubes}</Cube></e>'.encode()


class Bank:
    """Answers from a table by the last part of the address; a callable is asked, bytes are a 200."""

    def __init__(self, **answers: bytes | int | Exception) -> None:
        self.answers = {"robots": 404, "daily": file(TUESDAY), "hist-90d": file(TUESDAY, TUESDAY - dt.timedelta(days=1)), **answers}
        self.asked: list[str] = []

    def get(self, url: str, *, referer: str | None, now: dt.datetime) -> Reply:
        name = url.rsplit("/", 1)[-1].split(".")[0].removeprefix("eurofxref-")
        self.asked.append(name)
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        status, body = (answer, b"") if isinstance(answer, int) else (200, answer)
        return Reply(status, {"content-type": "text/xml"}, body, now)

    def forget_session(self) -> None:
        pass


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(boards=tmp_path / "boards.yaml", home=tmp_path)


def ask(home: Settings, bank: Bank, known: set[dt.date], now: dt.datetime = NOW, run_id: str = "run1"):
    return ask_bank(home, BANK, Landing(home.landing), run_id, known, now=lambda: now, transport=bank)


def landed(home: Settings) -> list[tuple[str, int, bool]]:
    found = Landing(home.landing).responses(RATES_BOARD)
    return [(r.url_asked.rsplit("/", 1)[-1], r.status, (r.note or "").startswith("unanswered")) for r in found]


def test_the_days_before_are_asked_for_where_they_are_not_known(home: Settings):
    bank = Bank()
    asked = ask(home, bank, {dt.date(2026, 10, 30)})
    assert bank.asked == ["robots", "daily", "hist-90d"]
    assert asked.days == {TUESDAY, TUESDAY - dt.timedelta(days=1)} and asked.problem is None and asked.requests == 3
    assert landed(home) == [("robots.txt", 404, False), ("eurofxref-daily.xml", 200, False), ("eurofxref-hist-90d.xml", 200, False)]


def test_one_day_is_one_file(home: Settings):
    bank = Bank()
    assert ask(home, bank, {TUESDAY - dt.timedelta(days=1)}).days == {TUESDAY}
    assert bank.asked == ["robots", "daily"]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (NOW, TUESDAY),
        (dt.datetime(2026, 11, 24, 23, 59, tzinfo=KST), TUESDAY - dt.timedelta(days=1)),  # 15:59 in Frankfurt
        (dt.datetime(2026, 7, 1, 23, 0, tzinfo=KST), dt.date(2026, 7, 1)),  # 16:00 there, in summer
        (dt.datetime(2026, 11, 23, 12, tzinfo=KST), dt.date(2026, 11, 20)),  # a Monday morning
        (dt.datetime(2026, 11, 22, 12, tzinfo=KST), dt.date(2026, 11, 20)),  # a Sunday
    ],
)
def test_nobody_is_asked_before_there_can_be_something_new(home: Settings, now: dt.datetime, day: dt.date):
    assert last_published(now) == day
    bank = Bank()
    assert ask(home, bank, {day}, now).requests == 0 and bank.asked == []


def test_on_a_holiday_the_bank_is_asked_once_an_hour_and_its_robots_once_a_day(home: Settings):
    bank = Bank(daily=file(TUESDAY - dt.timedelta(days=1)))
    known = {TUESDAY - dt.timedelta(days=1), TUESDAY - dt.timedelta(days=4)}
    ask(home, bank, known)
    ask(home, bank, known, NOW + dt.timedelta(minutes=30), "run2")
    assert bank.asked == ["robots", "daily"]
    ask(home, bank, known, NOW + dt.timedelta(minutes=60), "run3")
    assert bank.asked == ["robots", "daily", "daily"]


@pytest.mark.parametrize(
    ("answers", "says", "asked"),
    [
        (
            {"robots": NoAnswer("its name leads nowhere (DNS)")},
            "127.0.0.1:1: robots.txt cannot be read, so the board waits (robots.txt: its name leads nowhere (DNS))",
            2,
        ),
        ({"daily": NoAnswer("no answer within 30 s")}, "/rates/eurofxref-daily.xml: no answer within 30 s", 3),
        ({"daily": 404}, "eurofxref-daily.xml: HTTP 404", 3),
        ({"daily": 503}, "eurofxref-daily.xml: HTTP 503", 3),
        ({"daily": b"<html>Sorry"}, "eurofxref-daily.xml: no file of the European Central Bank: not XML", 3),
        (
            {"robots": b"User-agent: *\nDisallow: /rates"},
            "robots.txt of 127.0.0.1:1 forbids http://127.0.0.1:1/rates/eurofxref-daily.xml",
            1,
        ),
    ],
)
def test_what_cannot_be_had_is_said_in_a_line_and_no_error(home: Settings, answers: dict, says: str, asked: int):
    bank = Bank(**answers)
    found = ask(home, bank, set())
    assert found.problem and says in found.problem and "\n" not in found.problem
    assert len(bank.asked) == asked and found.days == frozenset()
    assert all(is_unanswered for name, status, is_unanswered in landed(home) if name.endswith(".xml"))


def test_the_address_is_the_bank_s_unless_the_bundled_board_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    demo = "  - {id: demo, name: 데모, url: 'http://127.0.0.1:8765/news', first_day: 2026-09-01}\n"
    other = "  - {id: news, name: 뉴스, url: 'http://127.0.0.1:8766/news', first_day: 2026-09-01}\n"
    (tmp_path / "boards.yaml").write_text("boards:\n" + demo)
    boards = load_boards(tmp_path / "boards.yaml")
    monkeypatch.delenv("BOARDHOUSE_RATES_URL", raising=False)
    assert Settings(boards=tmp_path / "boards.yaml").rates_address(boards) == "http://127.0.0.1:8765/rates"
    (tmp_path / "boards.yaml").write_text("boards:\n" + demo + other)
    boards = load_boards(tmp_path / "boards.yaml")
    assert Settings(boards=tmp_path / "boards.yaml").rates_address(boards) == ECB
    assert (
        Settings(boards=tmp_path / "boards.yaml", rates_url="http://rates.example/x").rates_address(boards)
        == "http://rates.example/x"
    )
    assert Settings(boards=tmp_path / "boards.yaml", rates_url="none").rates_address(boards) is None


@pytest.mark.parametrize("wrong", ["ecb", "ftp://x/y", "https://user:password@host/"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, wrong: str):
    with pytest.raises(ValueError, match="is no address"):
        Settings(boards=tmp_path / "boards.yaml", rates_url=wrong)
