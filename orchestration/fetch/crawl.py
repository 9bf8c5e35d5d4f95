"""A run's fetch: all its boards over a range of days, hosts side by side, boards of one host in turn.

Here: which boards run when, what earlier runs know, and the run's scope. Not here: one board (`board`).
"""

import contextlib
import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from orchestration.errors import BoardhouseError
from orchestration.fetch.asking import Limits
from orchestration.fetch.board import BoardCrawl, Past
from orchestration.fetch.client import Client, host_of
from orchestration.fetch.clock import Clock, Interrupted, utc_now
from orchestration.fetch.known import UNANSWERED, DayRecord, ScopeRecord, dated, ended, index, scope_records
from orchestration.fetch.politeness import Host
from orchestration.fetch.report import FetchReport, OnProgress, no_progress
from orchestration.fetch.strategies.steps import Days
from orchestration.forget.landed import forgetting, forgotten_documents
from orchestration.landing.spool import Spool
from orchestration.landing.store import Landing
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board, Settings

_MOST_HOSTS = 16  # side by side; each waits nearly all of its time
TAKEN_OVER_WITHIN = dt.timedelta(minutes=15)
"""A run that ended unfinished is continued by the next one that begins within this time of its last answer, as if it had not
been interrupted; later its lists are too old to stand beside new ones."""
ROBOTS_KEPT = dt.timedelta(hours=24)  # RFC 9309, 2.4: no longer than that


def fetch_range(
    settings: Settings,
    boards: Sequence[Board],
    from_on: dt.date,
    to_on: dt.date,
    landing: Landing,
    run_id: str,
    *,
    on_progress: OnProgress = no_progress,
    log: Callable[[str], None] = lambda line: None,
    warn: Callable[[str], None] = lambda line: None,
    now: Callable[[], dt.datetime] = utc_now,
) -> FetchReport:
    """Fetch the days from `from_on` to `to_on` (both included) of `boards` into `landing`; the run's scope and counts.

    A board that fails has its board-days `failed` with a reason, and leaves the others alone. Days before a board's first day
    are not in the scope. Raises BoardhouseError when the landing cannot be written, KeyboardInterrupt when interrupted; what
    landed stays.
    """
    sealing = landing.seal(forgetting(settings, landing))
    for damage in sealing.damaged:
        warn(f"{damage}; the rest of the file is sealed. The answers of these bytes are lost: check the disk")
    clock = Clock(now)
    hosts: dict[str, list[Board]] = {}
    for board in boards:
        if board.first_day <= to_on:
            hosts.setdefault(host_of(board.url), []).append(board)
    days = {board.id: Days(max(from_on, board.first_day), to_on) for board in itertools.chain.from_iterable(hosts.values())}
    spools: dict[str, Spool] = {}
    records: dict[str, ScopeRecord] = {}

    def crawl_host(name: str) -> None:
        host = Host(name, settings.home / "locks", clock)
        for board in hosts[name]:
            records[board.id] = _crawl_board(
                settings, board, days[board.id], landing, run_id, spools[board.id], host, clock, on_progress, log
            )

    with contextlib.ExitStack() as open_spools:
        # All at once: a board that waits behind another of its host is among what a run that died leaves to do.
        for board in itertools.chain.from_iterable(hosts.values()):
            spools[board.id] = open_spools.enter_context(landing.writer(run_id, board.id))
            spools[board.id].append(ScopeRecord.opening(run_id, clock.now(), days[board.id].each()).landed(board))
        with ThreadPoolExecutor(max_workers=min(_MOST_HOSTS, max(1, len(hosts))), thread_name_prefix="fetch") as pool:
            futures = [pool.submit(crawl_host, name) for name in hosts]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                clock.stop()
                raise
    landing.seal(forgetting(settings, landing))
    board_days = tuple(
        BoardDay(board.id, day.day, day.state, day.reason)
        for board in boards
        if board.id in records
        for day in records[board.id].days
    )
    listings = tuple(response_id for board in boards if board.id in records for response_id, _ in records[board.id].listings)
    scope = Scope(run_id, from_on, to_on, offline=False, board_days=board_days, listings=listings)
    listed = {(board_id, day.day): len(day.documents) for board_id, record in records.items() for day in record.days}
    return FetchReport(scope, {board_id: record.stats for board_id, record in records.items()}, listed)


def _crawl_board(
    settings: Settings,
    board: Board,
    days: Days,
    landing: Landing,
    run_id: str,
    spool: Spool,
    host: Host,
    clock: Clock,
    on_progress: OnProgress,
    log: Callable[[str], None],
) -> ScopeRecord:
    """One board; a mistake of ours on one board is that board's failure, not the others'."""
    past = read_past(landing, board, days, clock.now())
    limits = Limits(settings.max_attempts, board.max_requests)
    crawl = BoardCrawl(board, days, run_id, spool, Client(settings, board), host, clock, limits, past, on_progress, log)
    try:
        return crawl.run()
    except (BoardhouseError, Interrupted):
        raise
    except Exception as error:
        log(f"{board.id}: {type(error).__name__}: {error}")
        reason = f"boardhouse failed on it ({type(error).__name__}: {error}); please report this"
        failed = tuple(DayRecord(day, "failed", reason, ()) for day in days.each())
        return ScopeRecord(run_id, clock.now(), "none", failed, stats=crawl.stats.as_metadata())


def read_past(landing: Landing, board: Board, days: Days, now: dt.datetime) -> Past:
    """What the landing knows of the range. An article of a day cannot have been fetched before it, give or take a zone."""
    since = days.from_on - dt.timedelta(days=1)
    entries = list(landing.entries(board.id, since_on=since))
    records = scope_records(landing.responses(board.id, purposes=["scope"], since_on=since))
    finished = {record.run_id for record in ended(records)}
    last_at: dict[str, dt.datetime] = {}
    for entry in entries:
        if entry.purpose != "ingest":
            last_at[entry.run_id] = max(last_at.get(entry.run_id, entry.fetched_at), entry.fetched_at)
    writing = landing.writing()
    unfinished = {
        run_id
        for run_id, at in last_at.items()
        if run_id not in finished and (run_id, board.id) not in writing and now - at <= TAKEN_OVER_WITHIN
    }
    past = Past(known=index(entries), listed=dated(records))
    past.done |= forgotten_documents(landing).get(board.id, frozenset())  # never asked for again
    for run_id in sorted(unfinished, key=last_at.__getitem__):
        for response in landing.responses(board.id, run_id, purposes=["list", "article"], since_on=since):
            if (response.note or "").startswith(UNANSWERED):
                continue
            if response.sweep:
                past.replay.setdefault(response.url_asked, deque()).append(response)
            elif response.document_id is not None:
                past.done.add(response.document_id)
    fresh = [
        e
        for e in entries
        if e.purpose == "robots" and now - e.fetched_at < ROBOTS_KEPT and not (e.note or "").startswith(UNANSWERED)
    ]
    if fresh:
        past.robots = landing.get(max(fresh, key=lambda entry: entry.fetched_at).response_id, board_id=board.id, since_on=since)
    return past
