"""One question to a board, asked until it is answered or given up, every answer landed.

Here: attempts, redirects, robots.txt, Retry-After, the budget and the circuit breaker. Not here: one request (`client`),
turn-taking (`politeness`), what counts as an answer (`answers`), which question comes next (`board`).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from orchestration.fetch import addresses, robots
from orchestration.fetch.answers import is_moved, why_no_robots
from orchestration.fetch.client import NoAnswer, Reply, Transport
from orchestration.fetch.clock import Clock
from orchestration.fetch.known import UNANSWERED
from orchestration.fetch.politeness import Host
from orchestration.fetch.report import BoardStats
from orchestration.landing.lander import Lander
from orchestration.landing.records import Purpose, Response
from orchestration.parse.records import Page
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


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_attempts` of one question; `max_requests` to the board's host in one run, whichever of its boards made them."""

    max_attempts: int
    max_requests: int


Judge = Callable[[Response], tuple[str | None, Page | None]]
"""(why a response is no answer to what was asked, or None when it is one; its page, where judging took reading it)."""


class Asker:
    """The requests of one board in one run. `replay`: the answers of an unfinished run to take over, by address asked."""

    def __init__(
        self,
        board: Board,
        run_id: str,
        lander: Lander,
        transport: Transport,
        host: Host,
        clock: Clock,
        limits: Limits,
        replay: dict[str, deque[Response]],
        stats: BoardStats,
        log: Callable[[str], None],
    ) -> None:
        self._board, self._run_id, self._lander, self._transport = board, run_id, lander, transport
        self._host, self._clock, self._limits, self._replay = host, clock, limits, replay
        self._stats, self._log = stats, log
        self._robots = robots.Robots(None)
        self._in_a_row = 0

    def read_robots(self, landed: Response | None) -> None:
        """Keep to the host's robots.txt, `landed` or asked for now. Raises GivenUp where it cannot be read."""
        read = robots.read_robots(landed.status, landed.body) if landed else None
        if read is None:
            url = addresses.robots(self._board.url)
            try:
                response, _ = self.ask("robots", url, "what the host allows", lambda response: (why_no_robots(response), None))
            except Unanswered as error:
                raise GivenUp(f"robots.txt cannot be read, so the board waits ({error})") from None
            read = robots.read_robots(response.status, response.body)
            assert read is not None
        self._robots = read
        if read.crawl_delay_seconds > self._board.delay_seconds:
            self._log(f"{self._board.id}: robots.txt asks for {read.crawl_delay_seconds:g} s between two requests")

    def ask(
        self, purpose: Purpose, url: str, note: str, judge: Judge, *, sweep: str | None = None, document_id: int | None = None
    ) -> tuple[Response, Page | None]:
        """The answer to one question, and its page where judging took reading it. `note`: why it is asked.

        Raises Unanswered after the last attempt, GivenUp when the board is to rest.
        """
        if taken := self._replay.get(url):
            response = taken.popleft()
            self._stats.taken_over += 1
            return response, None
        if purpose != "robots" and not self._robots.allows(url):
            raise GivenUp(f"robots.txt of {self._host.name} forbids {url}")
        problem = ""
        for attempt in range(1, self._limits.max_attempts + 1):
            if attempt > 1:
                self._stats.retries += 1
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
                self._lander.land(response)
                self._in_a_row = 0
                self._stats.pages += purpose == "list"
                self._stats.articles += purpose == "article"
                return response, page
            self._lander.land(self._response(purpose, url, asked, reply, f"{UNANSWERED} ({problem}): {note}", sweep, document_id))
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
            if self._host.requests >= self._limits.max_requests:
                budget = f"the budget of {self._limits.max_requests} requests to {self._host.name} in one run"
                raise GivenUp(f"{budget} is used up; the next run goes on from here")
            delay = max(self._board.delay_seconds, self._robots.crawl_delay_seconds)
            with self._host.turn(delay):
                self._stats.requests += 1
                referer = self._board.url if document_id is not None else None
                reply = self._transport.get(url, referer=referer, now=self._clock.now())
            self._stats.bytes += len(reply.body)
            if purpose != "article":  # each run begins with a list
                self._notice_skew(reply)
            target = reply.headers.get("location")
            if not 300 <= reply.status < 400 or not target:
                return url, reply
            if document_id is not None and is_moved(url, target, document_id):
                return url, reply
            url = urljoin(url, target)
            if purpose != "robots" and not self._robots.allows(url):
                raise NoAnswer(f"robots.txt forbids {url}, where it redirects to", is_refusal=True)
        raise NoAnswer(f"more than {MOST_REDIRECTS} redirects", is_refusal=True)

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

    def _rest(self, reply: Reply) -> None:
        """Obey Retry-After."""
        seconds = _retry_after(reply) if reply.status in (429, 503) else None
        if seconds is None:
            return
        self._host.hold_off(seconds)
        if seconds > LONGEST_RETRY_AFTER:
            raise GivenUp(
                f"{self._host.name} asks to be left alone for {seconds:.0f} s (HTTP {reply.status}); a later run comes back"
            )

    def _notice_skew(self, reply: Reply) -> None:
        try:
            skew = (reply.fetched_at - parsedate_to_datetime(reply.headers.get("date", ""))).total_seconds()
        except (ValueError, TypeError):
            return
        if abs(skew) > _SKEW_TOLD_SECONDS and not self._stats.clock_skew_seconds:
            self._log(f"{self._board.id}: this machine's clock and the board's differ by {skew:.0f} s; times of fetch are ours")
            self._stats.clock_skew_seconds = skew


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
    return "robots.txt" if purpose == "robots" else url
