"""Reading what is published, from any process, at any moment, without the right to change anything.

Here: helpers for the command line and the Dagster assets. Not here: how they are shown (`console`). Each call opens the version
that is current then, and closes it.
"""

import contextlib
import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.publish import versions
from orchestration.publish.writing import is_intact
from orchestration.settings import Board

SHOWN_ZONE = "Asia/Seoul"
UNREADABLE = (duckdb.IOException, duckdb.InternalException, duckdb.SerializationException, duckdb.FatalException)
"""What DuckDB raises over bytes that it did not write."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a query."""

    columns: tuple[str, ...]
    records: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class BoardFreshness:
    """How new a board's data is. `last_listed_on`: the newest day of a row; `last_published_on`: the newest day that stands as
    published."""

    board_id: str
    row_count: int
    last_listed_on: dt.date | None
    last_seen_at: dt.datetime | None
    last_published_on: dt.date | None


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A board-day that does not stand as published."""

    board_id: str
    day: dt.date
    state: str
    gate: str | None
    reason: str | None
    since_at: dt.datetime
    last_good_version: int | None


@dataclass(frozen=True, slots=True)
class HeldDay:
    """A board-day as an operator decides about it. `candidate_hash`: of what it would publish, or by a release did;
    `unjudged`: the gates of its last run that could not be judged."""

    state: str
    gate: str | None
    reason: str | None
    candidate_hash: str | None
    unjudged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedDocument:
    """A document with rows in quarantine: the first gate that refused it under its day, and how its rows were resolved last
    (None while one is open)."""

    board_id: str
    document_id: int
    day: dt.date
    gate: str
    reason: str
    refused_at: dt.datetime
    resolution: str | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Documents of a board that were taken down."""

    board_id: str
    document_count: int
    last_at: dt.datetime


@dataclass(frozen=True, slots=True)
class RedGate:
    """A gate that was red in the last run of its board-day. `sample`: failing rows, up to 20."""

    gate: str
    board_id: str
    day: dt.date
    severity: str
    observed: float | None
    bound: float | None
    failing_count: int
    sample_json: str | None

    @property
    def sample(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.sample_json or "[]")
        return found


def red_gates(published: Path, most: int) -> tuple[int, list[RedGate]]:
    """How many gates are red in the last run, and the worst of them: critical ones first, then by day, newest first."""
    with _open(published) as connection:
        columns = {name for name, *_ in connection.execute("describe gate_results").fetchall()}
        sample = "sample" if "sample" in columns else "null"  # published by an earlier release
        rows = connection.execute(
            f"""
            select gate, board_id, day, severity, observed, bound, failing_count, {sample}
            from gate_results
            where outcome in ('failed', 'error')
                and run_id = (select run_id from publishes where run_id in (select run_id from gate_results)
                    order by warehouse_version desc limit 1)
            order by severity = 'critical' desc, day desc, board_id, gate
            """
        ).fetchall()
    return len(rows), [RedGate(*row) for row in rows[:most]]


@dataclass(frozen=True, slots=True)
class Status:
    """What `boardhouse status` says of what is published. `released`: the days that stand by a release."""

    warehouse_version: int
    run_id: str
    published_at: dt.datetime
    contract_version: int
    row_counts: dict[str, int]
    boards: tuple[BoardFreshness, ...]
    held_back: tuple[OpenDay, ...]
    failed: tuple[OpenDay, ...]
    not_run_count: int
    released: tuple[OpenDay, ...] = ()
    refused: tuple[RefusedDocument, ...] = ()
    forgotten: tuple[Forgotten, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardWatch:
    """What tells a silence. `posts`: when its articles appeared, ascending (the day's beginning where none was read);
    `looked_at`: the last time that its current day was read and published; `failing_since`: since when it cannot be read;
    `is_held_back`: its newest day stands as held back."""

    posts: tuple[dt.datetime, ...] = ()
    looked_at: dt.datetime | None = None
    failing_since: dt.datetime | None = None
    failing_reason: str | None = None
    is_held_back: bool = False


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """What a day holds, over all boards."""

    day: dt.date
    rows: int
    articles: int
    facts: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Days in figures. `newest_at`: when the newest article of the version appeared."""

    days: dict[dt.date, DayNumbers]
    newest_at: dt.datetime | None

    def of(self, day: dt.date) -> DayNumbers:
        """Zeros for a day that holds nothing."""
        return self.days.get(day, DayNumbers(day, 0, 0, 0, 0))


def query(published: Path, sql: str) -> Rows:
    """The rows of the last statement in `sql`, stamps in KST. It can read the published tables, and nothing else: no writing,
    no other file, no setting.

    Raises BoardhouseError where nothing is published or the version cannot be read, ConfigError (wrong usage) where the SQL is
    wrong; one line each.
    """
    with _open(published) as connection:
        try:
            answer = connection.execute(sql)
            if answer is None or answer.description is None:
                raise ConfigError('the query is empty: write a SELECT, e.g. "from daily_board_summary"')
            return Rows(tuple(column[0] for column in answer.description), answer.fetchall())
        except UNREADABLE:
            raise
        except duckdb.Error as error:
            raise ConfigError(f"the query failed: {_one_line(error)}") from None


def status(published: Path) -> Status | None:
    """The facts of the morning page; None where nothing was published yet."""
    if versions.current_version(published) is None:
        return None
    with _open(published) as connection:
        last = connection.execute(
            """
            select warehouse_version, run_id, published_at, contract_version, row_counts
            from publishes order by warehouse_version desc limit 1
            """
        ).fetchone()
        assert last is not None  # each version is published with its own row
        boards = connection.execute(
            """
            with
                listed as (
                    select board_id, count(*) as row_count, max(listed_on) as last_listed_on, max(last_seen_at) as last_seen_at
                    from board_rows group by all
                ),
                days as (
                    select board_id, max(day) filter (state = 'published') as last_published_on from board_days
                    where board_id not like '\\_%' escape '\\' group by all
                )
            select board_id, coalesce(row_count, 0), last_listed_on, last_seen_at, last_published_on
            from listed full join days using (board_id) order by board_id
            """
        ).fetchall()
        open_days = [
            OpenDay(*row)
            for row in connection.execute(
                """
                select board_id, day, state, gate, reason, since_at, last_good_version
                from board_days where state <> 'published' or gate is not null order by board_id, day
                """
            ).fetchall()
        ]
        refused = _refused(connection, is_open=True)
        forgotten = (
            connection.execute(
                "select board_id, count(*), max(forgotten_at) from forgotten group by board_id order by board_id"
            ).fetchall()
            if _has(connection, "forgotten")
            else []
        )
    return Status(
        warehouse_version=last[0],
        run_id=last[1],
        published_at=last[2],
        contract_version=last[3],
        row_counts=dict(last[4]),
        boards=tuple(BoardFreshness(*row) for row in boards),
        held_back=tuple(day for day in open_days if day.state == "held_back"),
        failed=tuple(day for day in open_days if day.state == "failed"),
        not_run_count=sum(day.state == "not_run" for day in open_days),
        released=tuple(day for day in open_days if day.state == "published"),
        refused=tuple(refused),
        forgotten=tuple(Forgotten(*row) for row in forgotten),
    )


def numbers(published: Path, from_on: dt.date, to_on: dt.date) -> Numbers:
    """The figures of the days of the range, both included."""
    with _open(published) as connection:
        days = connection.execute(
            """
            select day, sum(row_count)::bigint, sum(article_count)::bigint, sum(fact_count)::bigint, sum(quarantined_count)::bigint
            from daily_board_summary where day between $1 and $2 group by day
            """,
            [from_on, to_on],
        ).fetchall()
        newest = connection.execute("select max(published_at) from articles where published_at <= now()").fetchone()
    return Numbers({row[0]: DayNumbers(*row) for row in days}, newest[0] if newest else None)


def rows_by_day(published: Path, from_on: dt.date, to_on: dt.date) -> dict[tuple[str, dt.date], int]:
    """Documents listed, by board and day of the range, both included."""
    with _open(published) as connection:
        found = connection.execute(
            "select board_id, day, row_count from daily_board_summary where day between $1 and $2", [from_on, to_on]
        ).fetchall()
    return {(board_id, day): count for board_id, day, count in found}


def watch(published: Path, board_ids: Sequence[str], *, since_on: dt.date) -> dict[str, BoardWatch]:
    """Each board as it stands, with its posts of `since_on` and later; no board where nothing was published yet."""
    if versions.current_version(published) is None:
        return {}
    with _open(published) as connection:
        posts = dict(
            connection.execute(
                """
                select board_id, list(posted_at order by posted_at)
                from (
                    select r.board_id, coalesce(a.published_at, r.listed_on::timestamptz) as posted_at
                    from board_rows as r left join articles as a using (board_id, document_id)
                    where r.listed_on >= $1 and not r.is_notice
                )
                where posted_at <= now()
                group by board_id
                """,
                [since_on],
            ).fetchall()
        )
        looked = dict(
            connection.execute(
                """
                select d.board_id, max(p.published_at)
                from board_days as d join publishes as p using (run_id)
                where d.state = 'published' and d.day >= p.published_at::date
                group by d.board_id
                """
            ).fetchall()
        )
        newest = {
            board_id: (state, reason)
            for board_id, state, reason in connection.execute(
                """
                select board_id, arg_max(state, day), arg_max(coalesce(reason, ''), day)
                from board_days where state <> 'not_run' group by board_id
                """
            ).fetchall()
        }
        failed = connection.execute("select board_id, since_at from board_days where state = 'failed' order by since_at").fetchall()
    found = {}
    for board_id in board_ids:
        state, reason = newest.get(board_id, ("not_run", ""))
        at = looked.get(board_id)
        since = next((since_at for board, since_at in failed if board == board_id and (at is None or since_at > at)), None)
        is_failing = state == "failed" and since is not None
        found[board_id] = BoardWatch(
            posts=tuple(posts.get(board_id, ())),
            looked_at=at,
            failing_since=since if is_failing else None,
            failing_reason=reason or None if is_failing else None,
            is_held_back=state == "held_back",
        )
    return found


def day_state(published: Path, board_id: str, day: dt.date) -> HeldDay | None:
    """What the current version says of one board-day; None where no run was asked for it."""
    with _open(published) as connection:
        found = connection.execute("from board_days where board_id = $1 and day = $2", [board_id, day])
        names = [column[0] for column in found.description or ()]
        row = found.fetchone()
        if row is None:
            return None
        known = dict(zip(names, row, strict=True))
        unjudged = connection.execute(
            "select gate from gate_results where run_id = $1 and board_id = $2 and day = $3 and outcome = 'error' order by gate",
            [known["run_id"], board_id, day],
        ).fetchall()
    return HeldDay(known["state"], known["gate"], known["reason"], known.get("candidate_hash"), tuple(gate for (gate,) in unjudged))


def refused_documents(published: Path, *, is_open: bool = True) -> list[RefusedDocument]:
    """The documents that are kept out now (a row in quarantine is open), by board and day; else those whose rows are all
    resolved."""
    with _open(published) as connection:
        return _refused(connection, is_open=is_open)


def _refused(connection: duckdb.DuckDBPyConnection, *, is_open: bool) -> list[RefusedDocument]:
    if not _has(connection, "quarantine"):
        return []
    which = "resolved_at is null" if is_open else "resolved_at is not null"
    return [
        RefusedDocument(*row)
        for row in connection.execute(
            f"""
            select
                board_id, document_id, arg_max(listed_on, refused_at), arg_min(gate, gate), arg_min(reason, gate), min(refused_at),
                arg_max(resolution, resolved_at)
            from quarantine
            where document_id is not null and listed_on is not null and {which}
            group by board_id, document_id
            order by board_id, 3, document_id
            """
        ).fetchall()
    ]


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the version has a table: those of earlier releases lack some."""
    return connection.execute("select 1 from duckdb_tables() where table_name = $1", [table]).fetchone() is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a board-day stands. `published_at`: when its data was published last; meaningless where it never was."""

    is_published: bool
    has_quarantined: bool
    published_at: dt.datetime


def standing_days(published: Path, board_id: str) -> dict[dt.date, Standing]:
    """By day; empty where nothing is published."""
    if versions.current_version(published) is None:
        return {}
    with _open(published) as connection:
        rows = connection.execute(
            """
            select
                day,
                state = 'published' and published_at is not null,
                exists (
                    from quarantine as q where q.board_id = d.board_id and q.listed_on = d.day and q.resolved_at is null
                ),
                published_at
            from board_days as d left join publishes on warehouse_version = last_good_version
            where d.board_id = $1
            """,
            [board_id],
        ).fetchall()
    return {day: Standing(*facts) for day, *facts in rows}


def days_published(published: Path, boards: Sequence[Board], from_on: dt.date, to_on: dt.date) -> list[dt.date]:
    """The days of the range, both included, that stand as published for each of `boards` whose first day is not later; a day
    before all of them is none."""
    with _open(published) as connection:
        standing = set(
            connection.execute(
                "select board_id, day from board_days where state = 'published' and day between $1 and $2", [from_on, to_on]
            ).fetchall()
        )
    days = (from_on + dt.timedelta(days=n) for n in range((to_on - from_on).days + 1))
    concerned = {day: [board.id for board in boards if board.first_day <= day] for day in days}
    return [day for day, ids in concerned.items() if ids and all((board_id, day) in standing for board_id in ids)]


@contextlib.contextmanager
def _open(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The current version, read only, with no access to other files and no setting to be changed.

    Attached to a database of its own: DuckDB shares one among the connections of a process that name the same file, and then
    the settings locked here would be locked for all of them.
    """
    current = versions.current_version(published)
    if current is None:
        raise BoardhouseError(f"nothing is published in {published} yet: start a run first (boardhouse run, or make demo)")
    path = str(versions.warehouse_file(published, current)).replace("'", "''")
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(f"attach '{path}' as warehouse (read_only)")
            for setting in ("use warehouse", f"set TimeZone = '{SHOWN_ZONE}'", "set enable_external_access = false"):
                connection.execute(setting)
            connection.execute("set lock_configuration = true")
            yield connection
        except UNREADABLE as error:
            # Each block has a checksum, which is looked at when a query comes to it. A file that is whole is not at fault.
            if os.access(versions.warehouse_file(published, current), os.R_OK) and not is_intact(published, current):
                raise versions.damaged(published, current, _one_line(error)) from None
            raise BoardhouseError(f"version {current} cannot be read: {_one_line(error)}") from None


def _one_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0]
