"""A few polite requests to an address, and what they show.

Here: which pages are asked for (robots.txt, the list, one article, the last list page), and the facts drawn from them. Not here:
what a page is that is no board (`guess`), the suggested entry's file (`entry`).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from pydantic import ValidationError

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.fetch import addresses
from orchestration.fetch.client import Client, NoAnswer, Reply, host_of, may_be_private
from orchestration.fetch.clock import Clock
from orchestration.fetch.politeness import Host
from orchestration.fetch.robots import Robots, read_robots
from orchestration.fetch.strategies.choose import choose
from orchestration.fetch.strategies.steps import Answer, Days
from orchestration.money.reader import read_mentions
from orchestration.money.records import Mention
from orchestration.parse.encoding import decode
from orchestration.parse.page import parse_page
from orchestration.parse.records import Article, Page, Row
from orchestration.probe.entry import suggest_id
from orchestration.probe.guess import Guess, guess, title_of
from orchestration.settings import Board, Settings

MOST_REDIRECTS = 5
POLITE_SECONDS = 1.0
"""Between two requests to a host, and the delay suggested where robots.txt asks for no longer one."""
FIRST_DAYS = 30
"""How far back the suggested first day lies, where the board goes back so far."""
AHEAD_TOLERATED = dt.timedelta(minutes=10)
"""An article dated later than this after its answer was not dated in the zone assumed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: `url` answered after redirects, `reply`, its `page` as parsed, the page's own `title`."""

    url: str
    reply: Reply
    page: Page
    title: str | None

    @property
    def content_type(self) -> str:
        return self.reply.headers.get("content-type", "no content type")


@dataclass(frozen=True, slots=True)
class NoBoard:
    """The address is none of a board that can be read."""

    seen: Seen
    guess: Guess


@dataclass(frozen=True, slots=True)
class Found:
    """A board. `entry`: the suggested entry; `article`: of a new post, with its money by text (title first), else
    `article_problem`; `robots_status`: of robots.txt; `oldest_on`: the day of its oldest post, None where its last page did not
    show it; `ways`: how single days would be reached; `zone_problem`: why the assumed zone cannot be right."""

    entry: Board
    listed: Seen
    article: Article | None
    article_problem: str | None
    money: tuple[tuple[str, Mention], ...]
    robots_status: int
    crawl_delay_seconds: float
    oldest_on: dt.date | None
    ways: tuple[tuple[dt.date, str], ...]
    zone_problem: str | None

    @property
    def posts(self) -> tuple[Row, ...]:
        return tuple(row for row in self.listed.page.rows if not row.is_notice)

    @property
    def post_count(self) -> int | None:
        """How many posts the board has, by the number of the newest."""
        return max((row.post_no for row in self.posts if row.post_no), default=None)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator gave; None where boardhouse is to suggest it."""

    board_id: str | None = None
    name: str | None = None
    first_day: dt.date | None = None
    private_network: bool = False


def look(settings: Settings, url: str, wishes: Wishes, taken: frozenset[str], say: Callable[[str], None]) -> Found | NoBoard:
    """Ask the address and the few pages that tell what a run would meet. `taken`: ids that are not free; `say`: is told what is
    asked next.

    Raises ConfigError for what is no address, BoardhouseError where it does not answer or robots.txt forbids it.
    """
    visit = _Visit(settings, url, wishes, say)
    asked = visit.get(visit.board.url, "the page")
    if asked.page.kind == "none" or not _board_address(asked):
        return visit.no_board(asked)
    address = _board_address(asked) or asked.url
    listed = asked
    if asked.page.kind != "list" or asked.page.view != "all" or asked.page.page_no not in (None, 1) or address != asked.url:
        visit.move_to(address)
        listed = visit.get(visit.board.url, "the list, page 1")
        if listed.page.kind != "list":
            return visit.no_board(listed)
    return _found(visit, listed, wishes, taken)


def _found(visit: "_Visit", listed: Seen, wishes: Wishes, taken: frozenset[str]) -> Found:
    posts = [row for row in listed.page.rows if not row.is_notice]
    robots, robots_status = visit.robots()
    article, problem = _one_article(visit, posts)
    money = tuple((text, mention) for text in _texts(article) for mention in read_mentions(text)) if article else ()
    oldest_on = _oldest_day(visit, listed)
    first = Answer(
        1, tuple(posts), listed.page.last_page, listed.reply.fetched_at, offers_date_search=listed.page.offers_date_search
    )
    today = listed.reply.fetched_at.astimezone(visit.board.zone).date()
    newest = max((row.listed_on for row in posts if row.listed_on and row.listed_on <= today), default=today)
    days_back = newest - dt.timedelta(days=FIRST_DAYS)
    first_day = wishes.first_day or max(days_back, oldest_on or days_back)
    entry = _board(
        id=wishes.board_id or suggest_id(visit.board.url, taken),
        name=wishes.name or listed.title or urlsplit(visit.board.url).hostname,
        url=visit.board.url,
        engine=listed.page.engine or "auto",
        skin=listed.page.skin or "auto",
        delay_seconds=max(visit.delay_seconds, robots.crawl_delay_seconds),
        first_day=first_day,
        private_network=wishes.private_network,
    )
    shown = sorted({newest - dt.timedelta(days=1), first_day, *([oldest_on] if oldest_on else [])}, reverse=True)
    return Found(
        entry=entry,
        listed=listed,
        article=article,
        article_problem=problem,
        money=money,
        robots_status=robots_status,
        crawl_delay_seconds=robots.crawl_delay_seconds,
        oldest_on=oldest_on,
        ways=tuple((day, choose(first, Days(day, day))) for day in shown),
        zone_problem=_zone_problem(article, listed),
    )


def _one_article(visit: "_Visit", posts: list[Row]) -> tuple[Article | None, str | None]:
    """The newest post that is open to everyone, one that names money in its title before others; (None, why) where there is
    none or it does not show an article."""
    open_posts = [row for row in posts if row.document_id is not None and not row.is_secret]
    row = next((row for row in open_posts if read_mentions(row.title)), next(iter(open_posts), None))
    if row is None or row.document_id is None:
        return None, "no post on the first page is open to everyone"
    try:
        seen = visit.get(addresses.article(visit.board.url, row.document_id), "one article")
    except BoardhouseError as error:
        return None, str(error)
    if seen.page.article is None:
        return None, f"{seen.url}: {seen.page.reason or 'no article'}"
    return seen.page.article, None


def _texts(article: Article) -> list[str]:
    return [text for text in (article.title, *(block.text for block in article.blocks)) if text]


def _oldest_day(visit: "_Visit", listed: Seen) -> dt.date | None:
    last = listed
    if (listed.page.last_page or 1) > 1:
        try:
            last = visit.get(addresses.list_page(visit.board.url, listed.page.last_page or 1), "the last list page")
        except BoardhouseError:
            return None
    return min((row.listed_on for row in last.page.rows if row.listed_on and not row.is_notice), default=None)


def _zone_problem(article: Article | None, listed: Seen) -> str | None:
    if article is None or article.published_at is None or article.published_precision == "day":
        return None
    ahead = article.published_at - listed.reply.fetched_at
    if ahead <= AHEAD_TOLERATED:
        return None
    hours = ahead.total_seconds() / 3600
    return f"its newest article would be dated {hours:.1f} h in the future: set the zone of the times that the board shows"


def _board_address(seen: Seen) -> str | None:
    """The list page of the board that a page is of, by the links of its own rows: whatever page, search or article was asked.

    None where no link leads to a document, so that nothing could be asked for.
    """
    links = [row.url for row in seen.page.rows if row.url] + ([seen.page.article.url] if seen.page.article else [])
    found = [address for address in (addresses.board_of(link) for link in links if link) if address]
    return max(set(found), key=found.count) if found else None


def _is_loopback(place: str) -> bool:
    return place.startswith(("localhost", "127."))


def _board(**values: object) -> Board:
    """Raises ConfigError for what an entry cannot hold."""
    try:
        return Board.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        said = str(first.get("ctx", {}).get("error") or first["msg"])
        raise ConfigError(said if str(first["input"]) in said else f"{first['loc'][0]}: {said}, not {first['input']!r}") from None


class _Moved(Exception):
    """A redirect to another host."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class _Visit:
    """Requests to the host of one board, one after the other, with its pauses; redirects are followed, also to another host."""

    def __init__(self, settings: Settings, url: str, wishes: Wishes, say: Callable[[str], None]) -> None:
        self._settings, self._wishes, self._say = settings, wishes, say
        self._clock = Clock()
        self._robots: dict[str, tuple[Robots, int]] = {}
        self.move_to(url if "://" in url else f"{'http' if _is_loopback(url) else 'https'}://{url}")

    def move_to(self, url: str) -> None:
        parts = urlsplit(url)
        plain = urlunsplit(
            (parts.scheme, parts.netloc.lower(), parts.path.rstrip("/") if not parts.query else parts.path, parts.query, "")
        )
        # The id names the credentials that are sent, where the operator has set some for it.
        self.board = _board(
            id=self._wishes.board_id or "probe",
            name="probe",
            url=plain,
            first_day=dt.date.min,
            private_network=self._wishes.private_network,
        )
        self._client = Client(self._settings, self.board)
        self._host = Host(host_of(plain), self._settings.home / "locks", self._clock)

    @property
    def delay_seconds(self) -> float:
        """None on loopback: it is the operator's own machine."""
        return 0.0 if _is_loopback(urlsplit(self.board.url).netloc) else POLITE_SECONDS

    def robots(self) -> tuple[Robots, int]:
        """What the host allows, and the status of its robots.txt. Raises BoardhouseError where it cannot be read."""
        if self._host.name not in self._robots:
            self._say("robots.txt")
            url, reply = self._send(addresses.robots(self.board.url), 0.0)
            read = read_robots(reply.status, reply.body)
            if read is None:
                raise BoardhouseError(
                    f"{url} answers {reply.status}: what the host allows is unknown, so a run would wait; try again later"
                )
            self._robots[self._host.name] = read, reply.status
            self._host.hold_off(read.crawl_delay_seconds)  # robots.txt itself was asked for before this was known
        return self._robots[self._host.name]

    def get(self, url: str, what: str) -> Seen:
        """Raises BoardhouseError where there is no answer, or robots.txt forbids asking."""
        for _ in range(MOST_REDIRECTS):
            try:
                return self._get(url, what)
            except _Moved as moved:
                # robots.txt moves with its site: the page is then asked for there.
                is_robots = urlsplit(moved.url).path == "/robots.txt"
                url = urlunsplit((*urlsplit(moved.url)[:2], *urlsplit(url)[2:])) if is_robots else moved.url
                self._follow(url)
        raise BoardhouseError(f"{url}: led on to more than {MOST_REDIRECTS} other hosts")

    def _get(self, url: str, what: str) -> Seen:
        robots, _ = self.robots()
        if not robots.allows(url):
            raise BoardhouseError(
                f"robots.txt of {self._host.name} forbids {url}: ask its owner to allow `boardhouse`, or save pages and ingest them"
            )
        self._say(what)
        answered, reply = self._send(url, robots.crawl_delay_seconds)
        page = parse_page(
            reply.body,
            url=answered,
            status=reply.status,
            content_type=reply.headers.get("content-type"),
            fetched_at=reply.fetched_at,
            zone=self.board.zone,
        )
        return Seen(answered, reply, page, title_of(self.text(reply)))

    def _send(self, url: str, crawl_delay_seconds: float) -> tuple[str, Reply]:
        """(address that answered, its answer), redirects followed within the host. Raises _Moved where one leads elsewhere."""
        for _ in range(MOST_REDIRECTS + 1):
            try:
                with self._host.turn(max(self.delay_seconds, crawl_delay_seconds)):
                    reply = self._client.get(url, referer=None, now=self._clock.now())
            except NoAnswer as error:
                raise BoardhouseError(f"{url}: {error}; is the address right? does a browser on this machine open it?") from None
            target = reply.headers.get("location")
            if not 300 <= reply.status < 400 or not target:
                return url, reply
            url = urljoin(url, target)
            if host_of(url) != self._host.name:
                raise _Moved(url)
        raise BoardhouseError(f"{url}: more than {MOST_REDIRECTS} redirects")

    def _follow(self, url: str) -> None:
        """To another host, but never from a public one to a private one."""
        was_private = may_be_private(self.board)
        self.move_to(url)
        if may_be_private(self.board) and not was_private:
            raise BoardhouseError(f"it redirects to {url}, a private address: if that is meant, probe that address")
        self._say(f"moved to {self._host.name}")

    def no_board(self, seen: Seen) -> NoBoard:
        variable = f"BOARDHOUSE_COOKIE_{self.board.id.upper()}"
        return NoBoard(
            seen,
            guess(
                self.text(seen.reply),
                seen.page,
                url=seen.url,
                status=seen.reply.status,
                headers=seen.reply.headers,
                cookie_variable=variable,
            ),
        )

    def text(self, reply: Reply) -> str:
        return decode(reply.body, reply.headers.get("content-type"))[0]
