"""One board's part of a run: drive its strategy, ask its articles, say which days are complete.

Here: which request comes next, and what the lists showed. Not here: the strategies' decisions (`strategies`), asking until there
is an answer (`asking`), other boards (`crawl`).
"""

import datetime as dt
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from orchestration.fetch import addresses
from orchestration.fetch.answers import holds_article, why_no_article, why_no_list
from orchestration.fetch.asking import Asker, GivenUp, Limits, Unanswered
from orchestration.fetch.client import Transport
from orchestration.fetch.clock import Clock
from orchestration.fetch.known import DayRecord, Known, ScopeRecord, note_with_mark, row_mark, why_due
from orchestration.fetch.politeness import Host
from orchestration.fetch.report import BoardStats, OnProgress
from orchestration.fetch.strategies.choose import reach
from orchestration.fetch.strategies.steps import Answer, Ask, Days, Reading
from orchestration.landing.lander import Lander
from orchestration.landing.records import Purpose, Response
from orchestration.landing.spool import Spool
from orchestration.parse import reading as page_reading
from orchestration.parse.records import Page, Row
from orchestration.settings import Board

LOGGED_EVERY = 60.0  # seconds


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
        self._board, self._days, self._run_id = board, days, run_id
        self._host, self._clock, self._past = host, clock, past
        self._on_progress, self._log = on_progress, log
        self.stats = BoardStats()
        self._lander = Lander(spool)
        self._asker = Asker(board, run_id, self._lander, transport, host, clock, limits, past.replay, self.stats, log)
        self._shown = page_reading.Reading.of(board).shown
        self._listings: list[tuple[str, tuple[dt.date, ...]]] = []
        self._rows: dict[int, Row] = {}  # the latest sighting of each document dated in the range
        self._outside: dict[int, Row] = {}  # and of each dated outside it
        self._seen: set[int] = set()  # every document that any list showed
        # Articles to ask: the marks of their rows, and why. Ordered: taking the first of a plain dict again and again is quadratic.
        self._pending: OrderedDict[int, tuple[str | None, str]] = OrderedDict()
        self._answered: set[int] = set()
        self._unanswered: dict[int, str] = {}
        self._still_listed: dict[int, dt.date] = {}  # vanished documents that answered, by their day
        self._unplanned: dict[int, None] = {}  # sighted in the range since articles were planned last
        self._can_carry = True
        self._told_at = clock.monotonic()

    def run(self) -> ScopeRecord:
        """Everything that is to be asked, asked; then the board's scope, landed. Raises Interrupted, and BoardhouseError when
        the landing cannot be written."""
        with self._lander:
            record = self._crawl()
            self._lander.settle()  # the scope says what landed, so it comes to the disk last
            self._lander.land(record.landed(self._board))
            self._lander.settle()
            return record

    def _crawl(self) -> ScopeRecord:
        began = self._clock.monotonic()
        waited = self._host.waited_seconds
        reading = Reading("none", problem="its lists were not read")
        stopped: str | None = None
        try:
            self._asker.read_robots(self._past.robots)
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
        self._log(f"{self._board.id}: {self.stats}")
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
            page = self._shown(response)
            return why_no_list(page, ask), page

        response, page = self._asker.ask("list", url, ask.note, judge, sweep=ask.what)
        self._tell("list")
        return self._observe(response, page or self._shown(response), ask.page)

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
                self._unplanned[row.document_id] = None
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
        response, page = found[0], found[1] or self._shown(found[0])
        posts = any(not row.is_notice for row in page.rows)
        if page.kind != "article+list" or page.view != "all" or page.page_no is None or not posts:
            return None
        return self._observe(response, page, page.page_no) if number in (None, page.page_no) else None

    # articles

    def _plan_articles(self) -> None:
        now = self._clock.now()
        unplanned, self._unplanned = self._unplanned, {}
        for document_id in unplanned:
            row = self._rows.get(document_id)
            if row is None or document_id in self._answered or document_id in self._unanswered or document_id in self._pending:
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

        def judge(response: Response) -> tuple[str | None, Page | None]:
            if holds_article(response, document_id):
                return None, None
            page = self._shown(response)
            return why_no_article(response, page, document_id), page

        try:
            response, shown = self._asker.ask(
                "article", url, note_with_mark(why, mark), judge, sweep=sweep, document_id=document_id
            )
        except Unanswered as error:
            self._unanswered[document_id] = str(error)
            return None
        self._tell("article")
        self._answered.add(document_id)
        if document_id not in self._rows:
            article = (shown or self._shown(response)).article
            if article and article.published_at:
                self._still_listed[document_id] = article.published_at.date()
        return response, shown

    def _tell(self, purpose: Purpose) -> None:
        """Progress: `expected` is known once articles are asked. Who has only the log, as in Dagster's UI, reads a line
        a minute."""
        doing = "articles" if purpose == "article" else "list pages"
        expected = self.stats.requests + len(self._pending) if purpose == "article" else None
        self._on_progress(self._board.id, self.stats.requests, expected, doing)
        now = self._clock.monotonic()
        if now - self._told_at >= LOGGED_EVERY:
            self._told_at = now
            self._log(f"{self._board.id}: {doing}, {self.stats.requests} requests of about {expected or '?'}")

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


def _span(pages: Iterable[int]) -> str:
    listed = list(pages)
    return f"{listed[0]} to {listed[-1]}" if listed else "none"
