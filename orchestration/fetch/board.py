"""One board's part of a run: drive its strategy, ask its articles, land everything, say which days are complete.

Here: which request comes next, what counts as an answer, and when the board is given up. Not here: the strategies' decisions
(`strategies`), one request (`client`), turn-taking (`politeness`), other boards (`crawl`).
"""

import datetime as dt
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from orchestration.fetch import addresses, robots
from orchestration.fetch.client import NoAnswer, Reply, Transport
from orchestration.fetch.clock import Clock
from orchestration.fetch.known import UNANSWERED, DayRecord, Known, ScopeRecord, note_with_mark, row_mark, why_due
from orchestration.fetch.politeness import Host
from orchestration.fetch.report import BoardStats, OnProgress
from orchestration.fetch.strategies.choose import reach
from orchestration.fetch.strategies.steps import Answer, Ask, Days, Reading
from orchestration.landing.records import Purpose, Response
from orchestration.landing.spool import Spool
from orchestration.parse import urls
from orchestration.parse.page import parse_page
from orchestration.parse.records import Page, Row
from orchestration.settings import Board

MOST_REDIRECTS = 5
LONGEST_RETRY_AFTER = 120.0  # a host that wants a longer rest gets it: the board's part ends, the next run comes back
FIRST_BACKOFF_SECONDS = 0.25
_BROKEN_AFTER = 3  # requests in a row without an answer, each tried max_attempts times
_SKEW_TOLD_SECONDS = 300.0


class GivenUp(Exception):
    """The board's part ends here; what landed stays. The message is the reason that an operator reads."""


class Unanswered(Exception):
    """One request was tried as often as is allowed and got no answer."""


@dataclass(slots=True)
class Past:
    """What the landing knows: `known` articles, `listed` documents of each day (where any list showed them last, with the marks
    of rows that no run has judged), the answers of an unfinished run to take over (`replay`, by address asked), articles which
    that run has done, robots.txt if fresh."""

    known: dict[int, Known] = field(default_factory=dict)
    listed: dict[dt.date, dict[int, str | None]] = field(default_factory=dict)
    replay: dict[str, deque[Response]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    robots: Response | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    max_attempts: int
    max_requests: int


Judge = Callable[[Response], tuple[str | None, Page | None]]
"""(why a response is no answer to what was asked, or None when it is one; its page, where judging took reading it)."""


class BoardCrawl:
    """Reads one range of days of one board into one spool."""

    def __init__(
        self,
        board: Board,
        days: Days,
        run_id: str,
        spool: Spool,
        transport: Transport,
        host: Host,
        clock: Clock,
        limits: Limits,
        past: Past,
        on_progress: OnProgress,
        log: Callable[[str], None],
    ) -> None:
        self._board, self._days, self._run_id, self._spool = board, days, run_id, spool
        self._transport, self._host, self._clock, self._limits, self._past = transport, host, clock, limits, past
        self._on_progress, self._log = on_progress, log
        self.stats = BoardStats()
        self._robots = robots.Robots(None)
        self._listings: list[tuple[str, tuple[dt.date, ...]]] = []
        self._rows: dict[int, Row] = {}  # the latest sighting of each document dated in the range
        self._outside: dict[int, Row] = {}  # and of each dated outside it
        self._seen: set[int] = set()  # every document that any list showed
        # Articles to ask: the marks of their rows, and why. Ordered: taking the first of a plain dict again and again is quadratic.
        self._pending: OrderedDict[int, tuple[str | None, str]] = OrderedDict()
        self._answered: set[int] = set()
        self._unanswered: dict[int, str] = {}
        self._still_listed: dict[int, dt.date] = {}  # vanished documents that answered, by their day
        self._in_a_row = 0
        self._can_carry = True
        self._lander = ThreadPoolExecutor(1, thread_name_prefix=f"land-{board.id}")
        self._landing: Future[None] | None = None

    def run(self) -> ScopeRecord:
        """Everything that is to be asked, asked; then the board's scope, landed. Raises Interrupted, and BoardhouseError when
        the landing cannot be written."""
        try:
            record = self._crawl()
            self._land(record.landed(self._board))
            self._settle()
            return record
        finally:
            self._lander.shutdown()

    def _crawl(self) -> ScopeRecord:
        began = self._clock.monotonic()
        waited = self._host.waited_seconds
        reading = Reading("none", problem="its lists were not read")
        stopped: str | None = None
        try:
            self._read_robots()
            try:
                reading = self._sweep()
            except Unanswered as error:
                # What was listed so far is read all the same: the next run has less to ask.
                reading = Reading("none", problem=str(error))
            self._plan_articles()
            if reading.problem is None:
                self._plan_vanished()
            self._read_articles()
        except GivenUp as error:
            stopped = str(error)
        self.stats.strategy = reading.strategy
        self.stats.rereads = reading.rereads
        self.stats.waits_seconds = self._host.waited_seconds - waited
        self.stats.seconds = self._clock.monotonic() - began
        return self._record(reading, stopped)

    # lists

    def _sweep(self) -> Reading:
        strategy = reach(self._days)
        try:
            ask = next(strategy)
            while True:
                ask = strategy.send(self._answer(ask))
        except StopIteration as stop:
            reading: Reading = stop.value
            self._log(
                f"{self._board.id}: {reading.strategy}, list pages {_span(reading.pages)}, {self.stats.pages} list requests"
                + (f", {reading.rereads} re-read as the list moved" if reading.rereads else "")
            )
            return reading

    def _answer(self, ask: Ask) -> Answer | None:
        if ask.what == "locate":
            return self._locate(ask)
        if ask.may_carry and (carried := self._carried(ask.page)):
            return carried
        if ask.what == "search":
            assert ask.day is not None
            url = addresses.search_page(self._board.url, ask.day, ask.page)
        else:
            url = addresses.list_page(self._board.url, ask.page)

        def judge(response: Response) -> tuple[str | None, Page | None]:
            page = self._parse(response)
            return self._is_no_list(page, ask), page

        response, page = self._ask("list", url, ask.note, judge, sweep=ask.what)
        return self._observe(response, page or self._parse(response), ask.page)

    def _is_no_list(self, page: Page, ask: Ask) -> str | None:
        posts = [row for row in page.rows if not row.is_notice]
        wanted = "all" if ask.what == "list" else "search"
        if page.kind != "list":
            return f"list page {ask.page}: {page.reason or 'an article stands in its place'}"
        if page.view != wanted:
            return f"list page {ask.page}: the board shows another listing ({page.view})"
        if page.page_no is not None and page.page_no != ask.page:
            return f"list page {ask.page}: its pager says page {page.page_no}"
        if wanted == "all" and not posts and (ask.page == 1 or ask.page <= (page.last_page or 0)):
            return f"list page {ask.page}: the list is empty; if the board is new, this ends with its first post"
        return None

    def _observe(self, response: Response, page: Page, number: int) -> Answer:
        posts = tuple(row for row in page.rows if not row.is_notice)
        days = sorted({row.listed_on for row in posts if row.listed_on})
        self._listings.append((response.response_id, tuple(days)))
        for row in page.rows:
            if row.document_id is None:
                continue
            self._seen.add(row.document_id)
            if row.listed_on:
                here, there = (self._rows, self._outside) if row.listed_on in self._days else (self._outside, self._rows)
                there.pop(row.document_id, None)
                here[row.document_id] = row
        return Answer(number, posts, page.last_page, response.fetched_at, response.response_id, page.offers_date_search)

    def _locate(self, ask: Ask) -> Answer | None:
        """The list below an article that is to be read anyway; None unless its pager says which page it is."""
        assert ask.document_id is not None
        row = self._rows.get(ask.document_id)
        found = self._article(ask.document_id, row_mark(row) if row else None, ask.note, sweep="locate")
        return self._below(found)

    def _carried(self, number: int) -> Answer | None:
        """List page `number` below an article that is to be read anyway: an article's link carries the page to show."""
        self._plan_articles()
        if not self._can_carry or not self._pending:
            return None
        document_id = next(iter(self._pending))
        mark, why = self._pending[document_id]
        answer = self._below(self._article(document_id, mark, why, sweep="carried", page=number), number)
        self._can_carry = answer is not None
        return answer

    def _below(self, found: tuple[Response, Page | None] | None, number: int | None = None) -> Answer | None:
        if found is None:
            return None
        response, page = found[0], found[1] or self._parse(found[0])
        posts = any(not row.is_notice for row in page.rows)
        if page.kind != "article+list" or page.view != "all" or page.page_no is None or not posts:
            return None
        return self._observe(response, page, page.page_no) if number in (None, page.page_no) else None

    # articles

    def _plan_articles(self) -> None:
        now = self._clock.now()
        for document_id, row in self._rows.items():
            if document_id in self._answered or document_id in self._unanswered or document_id in self._pending:
                continue
            if document_id in self._past.done:
                self._answered.add(document_id)
                self.stats.taken_over += 1
            elif why := why_due(self._past.known.get(document_id), row_mark(row), self._board.refresh_ages, now):
                self._pending[document_id] = (row_mark(row), why)
            else:
                self._answered.add(document_id)
                self.stats.unchanged += 1

    def _plan_vanished(self) -> None:
        """Documents that earlier lists showed in the range and that no list of this run shows are asked by their link: they went,
        or stand far off in the list because a manager dated them back."""
        found = self._seen | self._past.done | self._answered
        for day, documents in self._past.listed.items():
            for document_id, mark in documents.items():
                if day in self._days and document_id not in found:
                    is_known = document_id in self._past.known
                    self._pending[document_id] = (
                        mark,
                        "no longer listed" if is_known else "new: seen with the posts of another day",
                    )
                    self.stats.vanished += is_known

    def _read_articles(self) -> None:
        while self._pending:
            document_id, (mark, why) = next(iter(self._pending.items()))
            self._article(document_id, mark, why)

    def _article(
        self, document_id: int, mark: str | None, why: str, *, sweep: str | None = None, page: int | None = None
    ) -> tuple[Response, Page | None] | None:
        """Ask one article; None where it did not answer, which is noted against its day."""
        url = addresses.article(self._board.url, document_id, page)
        self._pending.pop(document_id, None)
        try:
            response, shown = self._ask(
                "article",
                url,
                note_with_mark(why, mark),
                lambda response: self._judge_article(response, document_id),
                sweep=sweep,
                document_id=document_id,
            )
        except Unanswered as error:
            self._unanswered[document_id] = str(error)
            return None
        self._answered.add(document_id)
        if document_id not in self._rows:
            article = (shown or self._parse(response)).article
            if article and article.published_at:
                self._still_listed[document_id] = article.published_at.date()
        return response, shown

    def _judge_article(self, response: Response, document_id: int) -> tuple[str | None, Page | None]:
        if _holds_article(response, document_id):
            return None, None
        page = self._parse(response)
        return self._is_no_article(response, page, document_id), page

    def _is_no_article(self, response: Response, page: Page, document_id: int) -> str | None:
        name = f"article {document_id}"
        word = (page.reason or "").partition(":")[0]
        if response.status == 403:
            # A page of the board (a secret post, a refusal) answers; one of something before it (a firewall) does not.
            return None if page.article or page.engine else f"{name}: blocked (HTTP 403, no page of the board)"
        if response.status in (404, 410) or _is_moved(response.url, response.headers.get("location"), document_id):
            return None
        if page.article is not None:
            other = page.article.document_id not in (None, document_id)
            return f"{name}: answered with article {page.article.document_id}" if other else None
        return None if word in ("deleted", "refused") else f"{name}: {page.reason or 'a list without the article'}"

    # requests

    def _read_robots(self) -> None:
        landed = self._past.robots
        read = robots.read_robots(landed.status, landed.body) if landed else None
        if read is None:
            url = addresses.robots(self._board.url)
            try:
                response, _ = self._ask("robots", url, "what the host allows", _is_no_robots)
            except Unanswered as error:
                raise GivenUp(f"robots.txt cannot be read, so the board waits ({error})") from None
            read = robots.read_robots(response.status, response.body)
            assert read is not None
        self._robots = read
        if read.crawl_delay_seconds > self._board.delay_seconds:
            self._log(f"{self._board.id}: robots.txt asks for {read.crawl_delay_seconds:g} s between two requests")

    def _ask(
        self, purpose: Purpose, url: str, note: str, judge: Judge, *, sweep: str | None = None, document_id: int | None = None
    ) -> tuple[Response, Page | None]:
        """One question, asked until it is answered. Raises Unanswered after the last attempt, GivenUp when the board is to rest."""
        if taken := self._past.replay.get(url):
            response = taken.popleft()
            self.stats.taken_over += 1
            return response, None
        if purpose != "robots" and not self._robots.allows(url):
            raise GivenUp(f"robots.txt of {self._host.name} forbids {url}")
        problem = ""
        for attempt in range(1, self._limits.max_attempts + 1):
            if attempt > 1:
                self.stats.retries += 1
                self._host.hold_off(max(self._board.delay_seconds, FIRST_BACKOFF_SECONDS) * 2 ** (attempt - 2))
            try:
                asked, reply = self._send(purpose, url, document_id)
            except NoAnswer as error:
                problem = f"{_name(purpose, url)}: {error}"
                if error.is_refusal:
                    break
                continue
            response = self._response(purpose, url, asked, reply, note, sweep, document_id)
            why_not, page = judge(response)
            problem = why_not or ""
            if not problem:
                self._land(response)
                self._in_a_row = 0
                self._count(purpose)
                return response, page
            self._land(self._response(purpose, url, asked, reply, f"{UNANSWERED} ({problem}): {note}", sweep, document_id))
            if problem.partition(": ")[2].startswith("mobile"):
                self._transport.forget_session()
            self._rest(reply)
        self._in_a_row += 1
        self._log(f"{self._board.id}: {problem}")
        if self._in_a_row >= _BROKEN_AFTER:
            raise GivenUp(f"given up after {self._in_a_row} requests in a row without an answer; the last: {problem}")
        raise Unanswered(problem)

    def _send(self, purpose: Purpose, url: str, document_id: int | None) -> tuple[str, Reply]:
        """(address that answered, its answer), redirects followed within the board's host; a redirect of an article to another
        board is its answer."""
        for _ in range(MOST_REDIRECTS + 1):
            if self.stats.requests >= self._limits.max_requests:
                raise GivenUp(f"the budget of {self._limits.max_requests} requests is used up; the next run goes on from here")
            delay = max(self._board.delay_seconds, self._robots.crawl_delay_seconds)
            with self._host.turn(delay):
                self.stats.requests += 1
                referer = self._board.url if document_id is not None else None
                reply = self._transport.get(url, referer=referer, now=self._clock.now())
            self.stats.bytes += len(reply.body)
            self._notice_skew(reply)
            target = reply.headers.get("location")
            if not 300 <= reply.status < 400 or not target:
                return url, reply
            if document_id is not None and _is_moved(url, target, document_id):
                return url, reply
            url = urljoin(url, target)
            if purpose != "robots" and not self._robots.allows(url):
                raise NoAnswer(f"robots.txt forbids {url}, where it redirects to", is_refusal=True)
        raise NoAnswer(f"more than {MOST_REDIRECTS} redirects", is_refusal=True)

    def _land(self, response: Response) -> None:
        """Land while the next request is under way: an fsync takes as long as a near host's answer. One at a time and in order,
        so what a kill loses is the one answer that was not landed yet."""
        self._settle()
        self._landing = self._lander.submit(self._spool.append, response)

    def _settle(self) -> None:
        """Wait for what is being landed. Raises BoardhouseError when it cannot be written."""
        if self._landing:
            landing, self._landing = self._landing, None
            landing.result()

    def _response(
        self, purpose: Purpose, asked: str, answered: str, reply: Reply, note: str, sweep: str | None, document_id: int | None
    ) -> Response:
        return Response(
            board_id=self._board.id,
            run_id=self._run_id,
            purpose=purpose,
            url_asked=asked,
            url=answered,
            status=reply.status,
            headers=reply.headers,
            fetched_at=reply.fetched_at,
            body=reply.body,
            sweep=sweep,
            note=note,
            document_id=document_id,
        )

    def _parse(self, response: Response) -> Page:
        return parse_page(
            response.body,
            url=response.url,
            status=response.status,
            content_type=response.headers.get("content-type"),
            fetched_at=response.fetched_at,
            zone=self._board.zone,
            engine=self._board.engine,
            skin=self._board.skin,
        )

    def _rest(self, reply: Reply) -> None:
        """Obey Retry-After."""
        if reply.status not in (429, 503):
            return
        seconds = _retry_after(reply)
        if seconds is None:
            return
        self._host.hold_off(seconds)
        if seconds > LONGEST_RETRY_AFTER:
            raise GivenUp(
                f"{self._host.name} asks to be left alone for {seconds:.0f} s (HTTP {reply.status}); a later run comes back"
            )

    def _notice_skew(self, reply: Reply) -> None:
        stamp = reply.headers.get("date")
        if not stamp:
            return
        try:
            skew = (reply.fetched_at - parsedate_to_datetime(stamp)).total_seconds()
        except (ValueError, TypeError):
            return
        if abs(skew) > _SKEW_TOLD_SECONDS and not self.stats.clock_skew_seconds:
            self._log(f"{self._board.id}: this machine's clock and the board's differ by {skew:.0f} s; times of fetch are ours")
            self.stats.clock_skew_seconds = skew

    def _count(self, purpose: Purpose) -> None:
        self.stats.pages += purpose == "list"
        self.stats.articles += purpose == "article"
        doing = "articles" if purpose == "article" else "list pages"
        expected = self.stats.requests + len(self._pending) if purpose == "article" else None
        self._on_progress(self._board.id, self.stats.requests, expected, doing)

    # the scope

    def _record(self, reading: Reading, stopped: str | None) -> ScopeRecord:
        """A day is complete when the lists were read to their end and every article that it lists, or listed, has its answer."""
        records = []
        by_day: dict[dt.date, set[int]] = {}
        for document, row in self._rows.items():
            if row.listed_on:
                by_day.setdefault(row.listed_on, set()).add(document)
        for day in self._days.each():
            listed = by_day.get(day, set())
            vanished = {document for document in self._past.listed.get(day, ()) if document not in self._seen}
            unread = (listed | vanished) - self._answered - self._past.done
            why = None
            if reading.problem:
                why = (stopped if reading.strategy == "none" else None) or reading.problem
            elif unread:
                why = next((text for document, text in self._unanswered.items() if document in unread), stopped)
                why = why or f"{len(unread)} articles were not asked"
            listed |= {document for document, on in self._still_listed.items() if on == day}
            records.append(DayRecord(day, "failed" if why else "complete", why, tuple(sorted(listed))))
        outside: dict[dt.date, dict[int, str]] = {}
        for document, row in self._outside.items():
            if row.listed_on:
                outside.setdefault(row.listed_on, {})[document] = row_mark(row)
        stats = self.stats.as_metadata()
        return ScopeRecord(self._run_id, self._clock.now(), reading.strategy, tuple(records), tuple(self._listings), stats, outside)


def _is_no_robots(response: Response) -> tuple[str | None, Page | None]:
    return None if robots.read_robots(response.status, response.body) else f"robots.txt: HTTP {response.status}", None


def _holds_article(response: Response, document_id: int) -> bool:
    """Whether the bytes show, without being parsed, the whole desktop page of the article asked for. Parsing every article here
    would take more than half of the fetch's own time, and `build` parses it anyway."""
    body = response.body
    return (
        response.status == 200
        and b"<!--BeforeDocument(%d," % document_id in body
        and (b"read_header" in body or b"rd_hd" in body)
        and b"/m.skins/" not in body
        and b"</html" in body[-4000:].lower()
    )


def _is_moved(url: str, location: str | None, document_id: int) -> bool:
    """Whether a redirect says that the document stands on another board: its own id, another board's name."""
    if not location:
        return False
    target = urljoin(url, location)
    return urls.document_id(target) == document_id and addresses.mid_of(target) != addresses.mid_of(url)


def _retry_after(reply: Reply) -> float | None:
    """Seconds that the host asks for, by number or date."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - reply.fetched_at).total_seconds())
    except (ValueError, TypeError):
        return None


def _name(purpose: Purpose, url: str) -> str:
    return url if purpose in ("list", "article") else f"{purpose}.txt"


def _span(pages: Iterable[int]) -> str:
    listed = list(pages)
    return f"{listed[0]} to {listed[-1]}" if listed else "none"
