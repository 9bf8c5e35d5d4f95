"""What the terminal shows: progress, tables, the morning page.

Here: drawing. Not here: facts (each comes from the step that knows it). Where standard error is no terminal, progress is plain
lines, one when a step begins and one every ten seconds.
"""

import csv
import datetime as dt
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import click
from rich.console import Console as Screen
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from orchestration.build.rates import known_until, last_days
from orchestration.doctor import Finding, described
from orchestration.errors import BoardhouseError
from orchestration.fetch.rates import are_recent
from orchestration.landing.store import Landing
from orchestration.parse.reading import page_of
from orchestration.publish.reader import (
    BoardFreshness,
    BoardWatch,
    OpenDay,
    RefusedDocument,
    Rows,
    Status,
    query,
    red_gates,
    rows_by_day,
    status,
    watch,
)
from orchestration.publish.versions import Retention, kept
from orchestration.retention import going
from orchestration.settings import KST, Board, Settings, today
from orchestration.silence import WEEKS, Silence, silence

Item = TypeVar("Item")

PLAIN_EVERY = 10.0
"""Seconds between two lines about one board where there is no terminal."""
MANY = 50
"""Fewer files are read before a bar is drawn."""
MOST_OPEN_DAYS = 30
SHOWN_DAYS = 14
BLOCKS = "▁▂▃▄▅▆▇█"
MOST_RED_GATES = 10
ROW_SHOWN = 200
"""Characters of a failing row."""
WIDEST = 10_000
"""Columns of a table that goes to a file or a pipe."""


class Console:
    """A `Progress` on standard error."""

    def __init__(self) -> None:
        self._screen = Screen(stderr=True)
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, float] = {}
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._screen,
            disable=not self._screen.is_terminal,
        )
        self._step: str | None = None

    def __enter__(self) -> "Console":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._finish_step()
        self._bars.stop()

    def step(self, name: str) -> None:
        with self._lock:
            self._finish_step()
            self._step = name
            self._tasks[name] = self._bars.add_task(name, total=None)
            if not self._screen.is_terminal:
                self._screen.print(f"{name} …", highlight=False)

    def board(self, board_id: str, done: int, expected: int | None, doing: str) -> None:
        with self._lock:
            label = f"  {board_id}: {doing}"
            if board_id not in self._tasks:
                self._tasks[board_id] = self._bars.add_task(label, total=expected)
            self._bars.update(self._tasks[board_id], completed=done, total=expected, description=label)
            now = time.monotonic()
            if not self._screen.is_terminal and now - self._told.get(board_id, 0.0) >= PLAIN_EVERY:
                self._told[board_id] = now
                self._screen.print(f"  {board_id}: {doing}, {done} of {expected or '?'}", highlight=False)

    def each(self, board_id: str, doing: str, items: Sequence[Item]) -> Iterator[Item]:
        """The items, one by one, told as progress where there are many."""
        for done, item in enumerate(items, start=1):
            yield item
            if len(items) >= MANY:
                self.board(board_id, done, len(items), doing)

    def note(self, line: str) -> None:
        with self._lock:
            self._screen.print(Text(line), soft_wrap=True)

    def _finish_step(self) -> None:
        if self._step:
            self._bars.update(self._tasks[self._step], total=1, completed=1)
            self._step = None

    def summary(self, settings: Settings, run_id: str, problem: str | None) -> None:
        """What the run published, and, last, what it did not."""
        try:
            self._tell_published(settings, run_id)
        except BoardhouseError as error:
            problem = problem or str(error)
        if problem:
            click.echo(f"boardhouse: {problem}", err=True)

    def _tell_published(self, settings: Settings, run_id: str) -> None:
        if settings.warehouse.exists():
            rows = query(
                settings.published,
                f"select warehouse_version, row_counts from publishes where run_id = '{run_id}' order by warehouse_version desc",
            )
            if rows.records:
                version, counts = rows.records[0]
                counted = ", ".join(f"{table} {count:,}" for table, count in dict(counts).items())
                click.echo(f"published version {version}: {counted}")
            documents_out = "select count(distinct (board_id, document_id)) from quarantine"
            refused = query(settings.published, f"{documents_out} where last_run_id = '{run_id}' and resolved_at is null").records[
                0
            ][0]
            if refused:
                documents = "1 document stays" if refused == 1 else f"{refused} documents stay"
                click.echo(f"refused: {documents} out, kept in quarantine with the reason (boardhouse status)")


def print_rows(rows: Rows, form: str) -> None:
    """Rows on standard output as a table, CSV (with a header) or a JSON list of objects."""
    if form == "json":
        json.dump(
            [dict(zip(rows.columns, record, strict=True)) for record in rows.records], sys.stdout, default=str, ensure_ascii=False
        )
        print()
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows.columns)
        writer.writerows(rows.records)
    else:
        # `[/b]` in a title is text, not markup. Nothing is cut off: a long value is folded, piped output as wide as its rows.
        table = Table(*[Column(Text(str(column)), overflow="fold") for column in rows.columns])
        for record in rows.records:
            table.add_row(*[Text("" if value is None else str(value)) for value in record])
        Screen(width=None if sys.stdout.isatty() else WIDEST).print(table)


def print_findings(findings: Iterable[Finding]) -> int:
    """Each finding on a line of its own as it comes, what to do below it; the exit status: 1 where one is bad."""
    screen = Screen()
    marks = {"ok": Text("ok     ", "green"), "warning": Text("warning", "yellow"), "bad": Text("bad    ", "bold red")}
    worst = 0
    for finding in findings:
        screen.print(marks[finding.level] + Text(f"  {finding.check:<13} {finding.said}", "default"), soft_wrap=True)
        if finding.do:
            screen.print(Text(f"         {'':<13} do: {finding.do}"), soft_wrap=True)
        worst |= finding.level == "bad"
    return worst


def print_status(settings: Settings) -> None:
    """The morning page: first whether anything asks for a look, then boards, what is held back and why, and the disk."""
    screen = Screen()
    configured = settings.load_boards()
    facts = status(settings.published)
    now = dt.datetime.now(dt.UTC)
    since_on = today() - dt.timedelta(weeks=WEEKS, days=1)
    watched = watch(settings.published, [board.id for board in configured], since_on=since_on)
    silences = {
        board.id: found
        for board in configured
        if board.id in watched and (found := silence(board.id, board.name, watched[board.id], now))
    }
    landing = Landing(settings.landing)
    damages = landing.damaged()
    if facts is None:
        screen.print("nothing is published yet: start a run (boardhouse run), or make demo", highlight=False)
    else:
        screen.print(_headline(facts, silences.values(), len(damages)))
        when = f"{facts.published_at.astimezone(KST):%Y-%m-%d %H:%M} KST"
        screen.print(f"version {facts.warehouse_version}, published {when} ({ago(facts.published_at)})", highlight=False)
    for found in silences.values():
        screen.print(Text(found.text, "red" if found.kind == "site_unreachable" else "yellow"), soft_wrap=True)
    days = [today() - dt.timedelta(days=back) for back in range(SHOWN_DAYS - 1, -1, -1)]
    counts = rows_by_day(settings.published, days[0], days[-1]) if facts else {}
    right = [Column(name, justify="right", no_wrap=True) for name in ("rows", "newest post", "last read")]
    drawn_days = Column(f"{SHOWN_DAYS} days", no_wrap=True, min_width=SHOWN_DAYS)
    boards = Table("board", Column("name", overflow="fold"), *right, Column("published", no_wrap=True), drawn_days)
    known = {board.board_id: board for board in facts.boards} if facts else {}
    for board in configured:
        freshness = _freshness(known.pop(board.id, None), watched.get(board.id))
        drawn = spark([counts.get((board.id, day), 0) for day in days])
        style = {"site_unreachable": "red", "no_new_posts": "yellow"}.get(silences[board.id].kind) if board.id in silences else None
        boards.add_row(board.id, Text(board.name), *freshness, drawn, style=style)
    for board_id, board_facts in known.items():
        boards.add_row(board_id, "(not in boards.yaml)", *_freshness(board_facts, None), "")
    screen.print(boards)
    if facts:
        _print_open_days(screen, "held back", facts.held_back)
        _print_open_days(screen, "failed", facts.failed)
        _print_open_days(screen, "released by an operator", facts.released)
        _print_refused(screen, facts.refused)
        for gone in facts.forgotten:
            documents = "1 document" if gone.document_count == 1 else f"{gone.document_count:,} documents"
            screen.print(f"forgotten: {documents} of {gone.board_id}, the last {ago(gone.last_at)}", highlight=False)
        _print_red_gates(screen, settings)
        screen.print(_versions_line(settings), highlight=False)
        if settings.front_page.exists():
            screen.print(f"front page: {near(settings.front_page)}", highlight=False, soft_wrap=True)
    sources = last_days(landing)
    style = "" if are_recent(known_until(sources), now) else "yellow"
    screen.print(Text(f"rates: {described(sources)}", style), soft_wrap=True)
    screen.print(_landing_line(settings, configured), highlight=False, soft_wrap=True)
    for damage in damages:
        screen.print(Text(f"landing: {damage}: run boardhouse doctor", "yellow"), soft_wrap=True)


def near(path: Path) -> str:
    """As one would type it: from the working folder on for what stands in it, whole for what does not."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _landing_line(settings: Settings, boards: Sequence[Board]) -> str:
    """The disk that the landing uses, and what the next run frees of it."""
    found = going(settings, boards, Landing(settings.landing), page_of(boards), dt.datetime.now(dt.UTC))
    line = f"landing: {human(_size(settings.landing))} in {settings.landing}"
    return f"{line}; the next run removes {len(found.files)} files ({human(found.bytes)})" if found.files else line


def _versions_line(settings: Settings) -> str:
    """The disk that versions use, and what the next publish frees of it."""
    versions = kept(settings.published, Retention(settings.versions_keep, settings.versions_keep_days), dt.datetime.now(dt.UTC))
    going = [version.bytes for version in versions.values() if version.is_next_to_go]
    line = f"versions: {len(versions)}, {human(sum(version.bytes for version in versions.values()))}"
    return f"{line}; the next publish removes {len(going)} ({human(sum(going))})" if going else line


def _headline(facts: Status, silences: Iterable[Silence], damage_count: int) -> Text:
    """What asks for a look, in one line."""
    kinds = Counter(found.kind for found in silences)
    counted = (
        (len(facts.failed), "board-day failed", "board-days failed"),
        (len(facts.held_back), "board-day held back", "board-days held back"),
        (kinds["site_unreachable"], "board unreachable", "boards unreachable"),
        (kinds["no_new_posts"], "board silent", "boards silent"),
        (damage_count, "stretch of the landing damaged", "stretches of the landing damaged"),
    )
    open_ones = [f"{count} {one if count == 1 else many}" for count, one, many in counted if count]
    if not open_ones:
        return Text("all is well: nothing is held back, nothing failed, no board is silent", "green")
    return Text("look: " + ", ".join(open_ones), "bold red")


def _freshness(facts: BoardFreshness | None, watched: BoardWatch | None) -> tuple[str, str, str, str]:
    """Rows, the newest post, when its current day was last read (else when any row was last seen), the newest published day."""
    if facts is None:
        return "0", "", "never", ""
    newest = ago(watched.posts[-1]) if watched and watched.posts else str(facts.last_listed_on or "")
    read_at = (watched.looked_at if watched else None) or facts.last_seen_at
    return f"{facts.row_count:,}", newest, ago(read_at) if read_at else "never", str(facts.last_published_on or "")


def spark(values: Sequence[int]) -> str:
    """A block for each value, as high as it is large; a dot for none."""
    top = max([*values, 1])
    return "".join(BLOCKS[(value * len(BLOCKS) - 1) // top] if value else "·" for value in values)


def _print_open_days(screen: Screen, state: str, days: Sequence[OpenDay]) -> None:
    if not days:
        return
    table = Table("board", "day", "since", "gate", "why", title=f"{state}: {len(days)} board-days", title_justify="left")
    for day in days[:MOST_OPEN_DAYS]:
        table.add_row(day.board_id, str(day.day), ago(day.since_at), day.gate or "", Text(day.reason or ""))
    screen.print(table)
    if len(days) > MOST_OPEN_DAYS:
        screen.print(f'… and {len(days) - MOST_OPEN_DAYS} more: boardhouse query "from board_days where reason is not null"')


def _print_refused(screen: Screen, documents: Sequence[RefusedDocument]) -> None:
    if not documents:
        return
    counted = "1 document" if len(documents) == 1 else f"{len(documents):,} documents"
    table = Table(
        "board", "day", "document", "since", "gate", "why", title=f"refused: {counted} in quarantine", title_justify="left"
    )
    for one in documents[:MOST_OPEN_DAYS]:
        table.add_row(one.board_id, str(one.day), str(one.document_id), ago(one.refused_at), one.gate, Text(one.reason))
    screen.print(table)
    if len(documents) > MOST_OPEN_DAYS:
        screen.print(f'… and {len(documents) - MOST_OPEN_DAYS} more: boardhouse query "from quarantine where resolved_at is null"')


def _print_red_gates(screen: Screen, settings: Settings) -> None:
    """What the last run's gates say, with a failing row of each; the page that it was read from is `boardhouse landed …`."""
    count, red = red_gates(settings.published, MOST_RED_GATES)
    if not red:
        return
    numbers = [Column(name, justify="right") for name in ("observed", "bound", "rows")]
    table = Table(
        "gate", "board", "day", "severity", *numbers, "a failing row", title=f"red in the last run: {count}", title_justify="left"
    )
    for gate in red:
        said = ["" if value is None else f"{value:.4g}" for value in (gate.observed, gate.bound)]
        row = ", ".join(f"{name} {value}" for name, value in (gate.sample[0] if gate.sample else {}).items() if value is not None)
        shown = Text(row if len(row) <= ROW_SHOWN else f"{row[:ROW_SHOWN]} …")
        table.add_row(gate.gate, gate.board_id, str(gate.day), gate.severity, *said, f"{gate.failing_count:,}", shown)
    screen.print(table)
    if count > len(red):
        screen.print(f"… and {count - len(red)} more: boardhouse query \"from gate_results where outcome in ('failed', 'error')\"")


def ago(then: dt.datetime) -> str:
    """The time since `then`, in its largest unit."""
    seconds = (dt.datetime.now(dt.UTC) - then).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return "just now"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def human(size: int) -> str:
    """Bytes as people read them."""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TB"
