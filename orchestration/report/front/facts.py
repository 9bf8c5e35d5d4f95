"""What the front page tells, read from a version's own file.

Here: one bounded question per section, as plain records. Not here: how anything is worded or drawn. Nothing is assumed of the
data but the contract's types: a title may be empty, an address may be no link, a rate may be infinite.

The page's days are those of the runs (`board_days`); what lies more than a year before the last of them is counted and not
shown, so that the page does not grow with history.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publish.reader import OpenDay
from orchestration.publish.schema import TABLES
from orchestration.settings import KST

SHOWN_DAYS = 371
"""53 weeks of the calendar."""
SHOWN_CELLS = 3000
"""Board-days of the calendar: with more boards it reaches back less far, at least four weeks."""
SHOWN_BOARDS = 40
RATE_DAYS = 90
RATE_PAIRS = 6
QUALITY_DAYS = 30
NEWEST, LARGEST, EDITS, GONE, STALE, OPEN, PUBLISHES = 15, 8, 8, 12, 8, 30, 12
"""Entries of each list."""

RATES = "_rates"


@dataclass(frozen=True, slots=True)
class Board:
    """`url`: of the newest post that has one, with its document."""

    board_id: str
    rows: int
    first_on: dt.date
    last_on: dt.date
    url: str | None
    document_id: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """A board-day. `state`: as in `board_days`; None where no run was asked for it."""

    board_id: str
    day: dt.date
    state: str | None
    posts: int
    articles: int
    refused: int


@dataclass(frozen=True, slots=True)
class Post:
    board_id: str
    listed_on: dt.date
    post_no: int | None
    title: str
    author: str | None
    url: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A mention of money with where it stands: `said_in[start:end]`; `pair_*`: the mention that it restates, or that restates it,
    in the same place. `posts`: documents that say the same sentence."""

    board_id: str
    listed_on: dt.date
    text: str
    amount_krw: Decimal
    currency: str
    said_in: str
    start: int
    end: int
    pair_start: int | None
    pair_end: int | None
    title: str
    url: str | None
    posts: int


@dataclass(frozen=True, slots=True)
class Pair:
    """How a pair of currencies was converted within RATE_DAYS. `reference`: its rate of each day; `implied`: the median of each
    day and verdict; `median_off`: of the deviations, as a share."""

    pair: str
    conversions: int
    verdicts: Mapping[str, int]
    median_off: float | None
    reference: Sequence[tuple[dt.date, float]]
    implied: Mapping[str, Sequence[tuple[dt.date, float]]]


@dataclass(frozen=True, slots=True)
class Conversion:
    listed_on: dt.date
    original: str
    restated: str
    implied: float
    reference: float
    best_fit_on: dt.date | None
    verdict: str
    title: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    board_id: str
    version: int
    at: dt.datetime
    title_before: str | None
    title_after: str | None
    text_before: str
    text_after: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    board_id: str
    listed_on: dt.date
    title: str
    status: str
    last_seen_at: dt.datetime
    kept_chars: int | None


@dataclass(frozen=True, slots=True)
class QualityDay:
    """What was published on a day in Seoul. `red`: critical results that failed or could not be judged."""

    day: dt.date
    publishes: int
    judged: int
    red: int
    warnings: int
    held_back: int
    refused: int


@dataclass(frozen=True, slots=True)
class Publish:
    version: int
    published_at: dt.datetime
    from_on: dt.date
    to_on: dt.date
    run_id: str
    judged: int
    red: int
    warnings: int
    held_back: int
    released: int


@dataclass(frozen=True, slots=True)
class Refused:
    gate: str
    reason: str
    documents: int
    since_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """`row_counts`: of every table. `since`: first day of the calendar; `first_on`: the first day of any row."""

    version: int
    published_at: dt.datetime
    contract_version: int
    row_counts: Mapping[str, int]
    boards: Sequence[Board]
    board_count: int
    first_on: dt.date | None
    since: dt.date | None
    until: dt.date | None
    days: Sequence[Day]
    states: Mapping[str, int]
    open_days: Sequence[OpenDay]
    newest: Sequence[Post]
    largest: Sequence[Amount]
    pairs: Sequence[Pair]
    off_rate: Sequence[Conversion]
    edits: Sequence[Edit]
    edit_count: int
    gone: Sequence[Gone]
    statuses: Mapping[str, int]
    quality: Sequence[QualityDay]
    publishes: Sequence[Publish]
    refused: Sequence[Refused]
    refused_count: int
    rate_sources: Sequence[tuple[str, dt.date, dt.date]]


def read_facts(warehouse: Path) -> Facts:
    """The facts of a version's file, which is opened read only. Raises duckdb.Error where it is none."""
    path = str(warehouse).replace("'", "''")
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{path}' as warehouse (read_only)")
        connection.execute("use warehouse")
        connection.execute("set TimeZone = 'Asia/Seoul'")
        return _read(connection)


def _read(c: duckdb.DuckDBPyConnection) -> Facts:
    def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return c.execute(sql, list(parameters)).fetchall()

    version, published_at, contract_version = ask(
        "select warehouse_version, published_at, contract_version from publishes order by warehouse_version desc limit 1"
    )[0]
    counts = dict(ask(" union all ".join(f"select '{table.name}', count(*) from {table.name}" for table in TABLES)))
    (until,) = ask(
        "select coalesce((select max(day) from board_days where board_id <> $1), (select max(listed_on) from board_rows))", RATES
    )[0]
    (first_on,) = ask("select min(listed_on) from board_rows where listed_on <= $1", until)[0]
    boards = _boards(ask)
    reach = max(28, min(SHOWN_DAYS, SHOWN_CELLS // max(1, min(len(boards), SHOWN_BOARDS))))
    shown = [board.board_id for board in boards[:SHOWN_BOARDS]]
    days = _days(ask, shown, until - dt.timedelta(days=reach - 1), until) if until else []
    return Facts(
        version=version,
        published_at=published_at,
        contract_version=contract_version,
        row_counts=counts,
        boards=boards[:SHOWN_BOARDS],
        board_count=len(boards),
        first_on=first_on,
        since=min((day.day for day in days), default=None),
        until=until,
        days=days,
        states=dict(ask("select state, count(*) from board_days where board_id <> $1 group by all", RATES)),
        open_days=[
            OpenDay(*row)
            for row in ask(
                """
                select board_id, day, state, gate, reason, since_at, last_good_version from board_days
                where state in ('held_back', 'failed') order by day desc, board_id limit $1
                """,
                OPEN,
            )
        ],
        newest=[
            Post(*row)
            for row in ask(
                """
                select board_id, listed_on, post_no, title, author, url, status from board_rows where not is_notice
                order by listed_on desc, post_no desc nulls last, board_id, document_id desc limit $1
                """,
                NEWEST,
            )
        ],
        largest=_largest(ask, until) if until else [],
        pairs=_pairs(ask, until) if until else [],
        off_rate=_off_rate(ask, until) if until else [],
        edits=_edits(ask),
        edit_count=ask("select count(*) from article_versions where version > 1")[0][0],
        gone=[
            Gone(*row)
            for row in ask(
                """
                select r.board_id, r.listed_on, coalesce(nullif(r.title, ''), a.title, ''), r.status, r.last_seen_at, a.char_count
                from board_rows as r left join articles as a using (board_id, document_id)
                where r.status in ('deleted', 'moved') or (r.status = 'secret' and a.document_id is not null)
                order by r.last_seen_at desc, r.board_id, r.document_id desc limit $1
                """,
                GONE,
            )
        ],
        statuses=dict(ask("select status, count(*) from board_rows group by all")),
        quality=_quality(ask, published_at),
        publishes=_publishes(ask),
        refused=[
            Refused(*row)
            for row in ask(
                f"""
                select gate, any_value(reason), count(distinct {_DOCUMENT}), min(refused_at)
                from quarantine where resolved_at is null group by gate order by 3 desc, 1 limit 12
                """
            )
        ],
        refused_count=ask(f"select count(distinct {_DOCUMENT}) from quarantine where resolved_at is null")[0][0],
        rate_sources=[
            (source, first, last)
            for source, first, last in ask("select rate_source, min(day), max(day) from exchange_rates group by all order by all")
        ],
    )


def _boards(ask: Any) -> list[Board]:
    """Every board that has a row or was asked for."""
    found = ask(
        """
        with
            listed as (
                select
                    board_id, count(*) as row_count, min(listed_on) as first_on, max(listed_on) as last_on,
                    arg_max({'url': url, 'document_id': document_id}, (listed_on, document_id)) filter (url is not null) as newest
                from board_rows group by all
            ),
            asked as (
                select board_id, min(day) as first_on, max(day) as last_on from board_days where board_id <> $1 group by all
            )
        select
            board_id, coalesce(row_count, 0), coalesce(l.first_on, a.first_on), coalesce(l.last_on, a.last_on),
            newest.url, newest.document_id
        from listed as l full join asked as a using (board_id) order by 2 desc, 1
        """,
        RATES,
    )
    return [Board(*row) for row in found]


def _days(ask: Any, boards: Sequence[str], earliest: dt.date, until: dt.date) -> list[Day]:
    """Every board-day from each board's first known one of the window."""
    found = ask(
        """
        with
            asked as (select board_id, day, state from board_days where day between $1 and $2 and list_contains($3, board_id)),
            listed as (
                select board_id, listed_on as day, count(*) as posts from board_rows
                where listed_on between $1 and $2 and list_contains($3, board_id) group by all
            ),
            read as (
                select board_id, listed_on as day, count(*) as articles from articles
                where listed_on between $1 and $2 and list_contains($3, board_id) group by all
            ),
            kept_out as (
                select board_id, listed_on as day, count(distinct document_id) as refused from quarantine
                where resolved_at is null and listed_on between $1 and $2 and list_contains($3, board_id) group by all
            )
        select board_id, day, state, coalesce(posts, 0), coalesce(articles, 0), coalesce(refused, 0)
        from asked full join listed using (board_id, day) full join read using (board_id, day)
        full join kept_out using (board_id, day)
        """,
        earliest,
        until,
        list(boards),
    )
    known = {(row[0], row[1]): Day(*row) for row in found}
    begins: dict[str, dt.date] = {}
    for board_id, day in known:
        begins[board_id] = min(day, begins.get(board_id, day))
    return [
        known.get((board_id, day)) or Day(board_id, day, None, 0, 0, 0)
        for board_id in boards
        if board_id in begins
        for day in (begins[board_id] + dt.timedelta(days=n) for n in range((until - begins[board_id]).days + 1))
    ]


def _largest(ask: Any, until: dt.date) -> list[Amount]:
    """The largest amounts of the last seven days, one for each sentence, and one for each document. Numbers are taken by value
    first; texts are fetched for those few alone."""
    found = ask(
        """
        with
            week as (
                select fact_id, board_id, document_id, block_position, listed_on, text, amount_krw, currency, char_start, char_end,
                    paired_fact_id
                from currency_facts where listed_on between $1 and $2 and amount_krw is not null
            ),
            -- The conversion and what it converts are one amount: the original speaks for both.
            largest as (
                from week
                qualify row_number() over (
                    partition by board_id, document_id order by amount_krw desc, paired_fact_id is not null, fact_id
                ) = 1
                order by amount_krw desc, fact_id limit 200
            ),
            said as (
                select w.*, coalesce(b.text, r.title, a.title, w.text) as said_in, coalesce(r.title, a.title, '') as title,
                    coalesce(r.url, a.url) as url
                from largest as w
                left join article_blocks as b using (board_id, document_id, block_position)
                left join board_rows as r using (board_id, document_id)
                left join articles as a using (board_id, document_id)
            ),
            partners as (
                select w.fact_id, p.char_start, p.char_end
                from largest as w join week as p
                    on (p.board_id, p.document_id) = (w.board_id, w.document_id)
                    and p.block_position is not distinct from w.block_position
                    and (p.paired_fact_id = w.fact_id or w.paired_fact_id = p.fact_id)
                qualify row_number() over (partition by w.fact_id order by p.char_start) = 1
            )
        select s.board_id, s.listed_on, s.text, s.amount_krw, s.currency, s.said_in, s.char_start, s.char_end,
            p.char_start, p.char_end, s.title, s.url,
            count(*) over (partition by s.said_in, s.char_start) as posts
        from said as s left join partners as p using (fact_id)
        qualify row_number() over (partition by s.said_in, s.char_start order by s.listed_on desc, s.fact_id) = 1
        order by s.amount_krw desc, s.fact_id limit $3
        """,
        until - dt.timedelta(days=6),
        until,
        LARGEST,
    )
    return [Amount(*row) for row in found]


def _pairs(ask: Any, until: dt.date) -> list[Pair]:
    since = until - dt.timedelta(days=RATE_DAYS - 1)
    medians = ask(
        """
        with
            converted as (
                select rate_pair, rate_verdict, listed_on, implied_rate, implied_rate / reference_rate - 1 as off
                from currency_facts
                where listed_on between $1 and $2 and rate_pair is not null and rate_verdict in ('consistent', 'stale', 'suspect')
                    and isfinite(implied_rate) and isfinite(reference_rate) and implied_rate > 0 and reference_rate > 0
            ),
            most as (select rate_pair, count(*) as total, median(abs(off)) as median_off from converted group by all
                     order by total desc, rate_pair limit $3)
        select rate_pair, total, median_off, rate_verdict, listed_on, count(*), median(implied_rate)
        from converted join most using (rate_pair)
        group by all order by total desc, rate_pair, rate_verdict, listed_on
        """,
        since,
        until,
        RATE_PAIRS,
    )
    latest = ask(
        """
        select day, currency, krw_per_unit from exchange_rates
        where day between $1 and $2 and isfinite(krw_per_unit) and krw_per_unit > 0
        qualify row_number() over (partition by day, currency order by recorded_at desc) = 1 order by day
        """,
        since,
        until,
    )
    in_won: dict[str, dict[dt.date, float]] = defaultdict(dict)
    for day, currency, rate in latest:
        in_won[currency][day] = rate
    grouped: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in medians:
        grouped[row[0]].append(row)
    pairs = []
    for pair, rows in grouped.items():
        verdicts: dict[str, int] = defaultdict(int)
        implied: dict[str, list[tuple[dt.date, float]]] = defaultdict(list)
        for _, _, _, verdict, day, count, rate in rows:
            verdicts[verdict] += count
            implied[verdict].append((day, rate))
        first, _, second = pair.partition("/")
        base, quote = in_won[first], in_won[second]
        reference = [
            (day, rate if second == "KRW" else rate / quote[day]) for day, rate in base.items() if second == "KRW" or day in quote
        ]
        pairs.append(Pair(pair, rows[0][1], verdicts, rows[0][2], reference, implied))
    return pairs


def _off_rate(ask: Any, until: dt.date) -> list[Conversion]:
    """The newest conversions at a rate that was not that of their day, the furthest off first within a day."""
    found = ask(
        """
        with off as (
            select * from currency_facts
            where listed_on between $1 and $2 and rate_verdict in ('stale', 'suspect')
                and isfinite(implied_rate) and isfinite(reference_rate) and reference_rate > 0
            order by listed_on desc, abs(implied_rate / reference_rate - 1) desc, fact_id limit $3
        )
        select f.listed_on, coalesce(o.text, ''), f.text, f.implied_rate, f.reference_rate, f.best_fit_on, f.rate_verdict,
            coalesce(r.title, a.title), coalesce(r.url, a.url)
        from off as f
        left join currency_facts as o on o.fact_id = f.paired_fact_id
        left join board_rows as r on (r.board_id, r.document_id) = (f.board_id, f.document_id)
        left join articles as a on (a.board_id, a.document_id) = (f.board_id, f.document_id)
        order by f.listed_on desc, abs(f.implied_rate / f.reference_rate - 1) desc, f.fact_id
        """,
        until - dt.timedelta(days=RATE_DAYS - 1),
        until,
        STALE,
    )
    return [Conversion(*row) for row in found]


def _edits(ask: Any) -> list[Edit]:
    found = ask(
        """
        with newest as (
            select board_id, document_id, version from article_versions where version > 1
            order by valid_from_at desc, board_id, document_id limit $1
        )
        select a.board_id, a.version, a.valid_from_at, b.title, a.title, coalesce(b.body_text, ''), coalesce(a.body_text, ''),
            coalesce(r.url, a.url)
        from newest
        join article_versions as a using (board_id, document_id, version)
        left join article_versions as b
            on (b.board_id, b.document_id, b.version) = (a.board_id, a.document_id, a.version - 1)
        left join board_rows as r on (r.board_id, r.document_id) = (a.board_id, a.document_id)
        order by a.valid_from_at desc, a.board_id, a.document_id
        """,
        EDITS,
    )
    return [Edit(*row) for row in found]


_DOCUMENT = "(board_id, coalesce(document_id::varchar, row_key))"
"""What a row of `quarantine` is of: rates have no document."""

_JUDGED = """
    select warehouse_version, count(*) as judged,
        count(*) filter (severity = 'critical' and outcome in ('failed', 'error')) as red,
        count(*) filter (severity <> 'critical' and outcome in ('failed', 'error')) as warnings
    from gate_results where warehouse_version >= $1 group by all
"""


def _quality(ask: Any, published_at: dt.datetime) -> list[QualityDay]:
    """The last days on which something was published."""
    since = published_at.astimezone(KST).date() - dt.timedelta(days=QUALITY_DAYS - 1)
    (first,) = ask("select coalesce(min(warehouse_version), 0) from publishes where published_at::date >= $1", since)[0]
    found = ask(
        f"""
        with
            judged as ({_JUDGED}),
            made as (select published_at::date as day, warehouse_version, len(held_back) as held_back
                     from publishes where warehouse_version >= $1),
            kept_out as (select refused_at::date as day, count(distinct {_DOCUMENT}) as refused
                         from quarantine where refused_at::date >= $2 group by all)
        select day, count(*), coalesce(sum(judged), 0)::bigint, coalesce(sum(red), 0)::bigint,
            coalesce(sum(warnings), 0)::bigint, coalesce(sum(held_back), 0)::bigint, coalesce(any_value(refused), 0)
        from made left join judged using (warehouse_version) left join kept_out using (day)
        group by day order by day
        """,
        first,
        since,
    )
    return [QualityDay(*row) for row in found]


def _publishes(ask: Any) -> list[Publish]:
    (first,) = ask(
        "select coalesce(min(warehouse_version), 0) from (from publishes order by warehouse_version desc limit $1)", PUBLISHES
    )[0]
    found = ask(
        f"""
        select warehouse_version, published_at, from_on, to_on, run_id, coalesce(judged, 0), coalesce(red, 0),
            coalesce(warnings, 0), len(held_back), len(released)
        from publishes left join ({_JUDGED}) using (warehouse_version)
        where warehouse_version >= $1 order by warehouse_version desc
        """,
        first,
    )
    return [Publish(*row) for row in found]
