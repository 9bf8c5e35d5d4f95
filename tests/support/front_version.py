"""Versions made in SQL for the front page: empty ones, busy ones, and such as no gate would let pass.

Here: the published tables with rows of every kind that the page tells of. Not here: a publish (`publish_world`).
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from orchestration.publish.schema import DAILY_BOARD_SUMMARY, TABLES

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "</style></script></svg>\"'><img src=x onerror=alert(2)>"
HOSTILE = f"{SCRIPT} {BREAKOUT} {{{{ 7*7 }}}} \u202e거꾸로"


def make_version(folder: Path, statements: Iterable[str] = (), *, publishes: int = 1) -> Path:
    """A version's folder with every table, changed by `statements`."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in TABLES:
            connection.execute(table.ddl)
        connection.execute(DAILY_BOARD_SUMMARY)
        connection.execute(
            f"""
            insert into publishes select n, 'run-' || n,
                timestamptz '2026-03-10 03:00:00+00' - interval (24 * ({publishes} - n)) hour,
                date '2026-03-09', date '2026-03-10', ['news'], [], [], map {{}}, 1
            from range(1, {publishes} + 1) as made(n)
            """
        )
        for statement in statements:
            connection.execute(statement)
    return folder


def board_days(boards: int, days: int, *, posts: int = 20) -> list[str]:
    """Boards of `posts` a day, up to 2026-03-10: rows, articles, blocks, facts with their pairs, edits, deletions, days held back,
    failed and not reached, refused documents, and what the gates said."""
    rows = f"""
        from range({boards}) as b(b), range({days}) as d(d), range({posts}) as p(p),
        lateral (select 'board' || b as board_id, 1 + p + {posts} * ({days} - 1 - d) as document_id,
            date '2026-03-10' - d::int as day)
    """
    text = (
        "'당국은 ' || (1 + document_id % 900) || '억 달러(약 ' || (1 + document_id % 900) || '조원)를 투자한다고 밝혔다. 이어진다.'"
    )
    seen = "timestamptz '2026-03-10 01:00:00+00'"
    url = "'https://board.example/' || board_id || '/' || document_id"
    article = f"""
        board_id, document_id, {url} as url, '제목 ' || document_id as title, '글쓴이' as author,
        day + time '09:00' as published_at, 'minute' as published_precision, day as listed_on, '한국일보' as source,
        {text} as body_text, 1 as block_count, 0 as image_count, 60 as char_count, 'h' as content_hash,
        {seen} as first_fetched_at, {seen} as last_fetched_at, 1 as changed_in_version
    """
    # One mention in dollars, and the one in won that restates it: n억 달러(약 n조원).
    fact = f"""
        select board_id, document_id, 1 as version, day as listed_on, 'body' as place, 0 as block_position, [] as qualifiers,
            1 as changed_in_version, 1 + document_id % 900 as n, length(n::varchar) as digits,
            board_id || '/' || document_id as name,
            case when document_id % 5 = 0 then 1465.0 else 1400.0 + d end as implied, 1400.0 + d as reference,
            case when document_id % 5 = 0 then 'stale' else 'consistent' end as verdict {rows}
    """
    common = "select * exclude (n, digits, name, implied, reference, verdict)"
    return [
        f"""
        insert into board_rows by name select board_id, document_id, document_id as post_no, false as is_notice,
            '제목 ' || document_id as title, [] as title_tags, '글쓴이' as author, day as listed_on, {url} as url,
            case document_id % 50 when 7 then 'deleted' when 8 then 'secret' else 'listed' end as status,
            {seen} as first_seen_at, {seen} as last_seen_at, 1 as changed_in_version {rows}
        """,
        f"insert into articles by name select 1 as version, {article} {rows}",
        f"insert into article_versions by name select 1 as version, {article}, {seen} as valid_from_at {rows}",
        """
        insert into article_versions by name select * replace (2 as version, valid_from_at + interval 1 hour as valid_from_at,
            replace(body_text, '투자한다고', '투자하지 않는다고') as body_text) from article_versions where document_id % 40 = 3
        """,
        f"""
        insert into article_blocks by name select board_id, document_id, 0 as block_position, 'paragraph' as kind, {text} as text,
            1 as changed_in_version {rows}
        """,
        f"""
        insert into currency_facts by name {common}, 'o' || name as fact_id, 4 as char_start, 8 + digits as char_end,
            n || '억 달러' as text, 'amount' as kind, 'USD' as currency, n * 1e8 as amount, n * 1.4e11 as amount_krw from ({fact})
        """,
        f"""
        insert into currency_facts by name {common}, 'r' || name as fact_id, 11 + digits as char_start, 13 + 2 * digits as char_end,
            n || '조원' as text, 'approx' as kind, 'KRW' as currency, n * 1e12 as amount, n * 1e12 as amount_krw,
            'o' || name as paired_fact_id, 'USD/KRW' as rate_pair, implied as implied_rate, reference as reference_rate,
            verdict as rate_verdict, listed_on - 30 as best_fit_on from ({fact})
        """,
        f"""
        insert into exchange_rates by name select date '2026-03-10' - d::int as day, currency, {seen} as recorded_at,
            1400.0 + d as krw_per_unit, 1.0 as usd_per_unit, 'ecb' as rate_source, 1 as changed_in_version
        from range({days}) as d(d), (values ('USD'), ('EUR')) as c(currency)
        """,
        f"""
        insert into board_days by name select 'board' || b as board_id, date '2026-03-10' - d::int as day,
            case d when 3 then 'held_back' when 4 then 'failed' when 5 then 'not_run' else 'published' end as state,
            case d when 3 then 'board_rows.titled' end as gate,
            case when d in (3, 4) then '제목이 비었다: 목록을 보라' end as reason,
            {seen} as since_at, 1 as last_good_version, 'run-1' as run_id
        from range({boards}) as b(b), range({days}) as d(d)
        """,
        *(f"delete from {table} where listed_on = date '2026-03-10' - 5" for table in ("board_rows", "articles", "currency_facts")),
        """
        insert into gate_results by name select 'run-' || v as run_id, 'suite.gate' || g as gate, 'board0' as board_id,
            date '2026-03-10' as day, 'suite' as suite, case when g < 20 then 'critical' else 'warning' end as severity,
            case when g = 1 and v % 2 = 1 then 'failed' else 'passed' end as outcome, 0 as failing_count, '' as reason,
            v as warehouse_version
        from range(1, 1 + (select max(warehouse_version) from publishes)) as v(v), range(30) as g(g)
        """,
        f"""
        insert into quarantine by name select 'board0' as board_id, 'articles' as table_name, n::varchar as row_key,
            'h' as content_hash, 'articles.dated' as gate,
            n as document_id, date '2026-03-10' as listed_on, '날짜가 없다' as reason, '{{}}' as row,
            'run-1' as first_run_id, 'run-1' as last_run_id, {seen} as refused_at from range(4) as q(n)
        """,
    ]


def hostile() -> list[str]:
    """Two boards whose every text is markup, and links that must not be followed. Follows `board_days`."""
    text = HOSTILE.replace("'", "''")
    return [
        f"update board_rows set title = '{text}' || document_id, author = '{text}', category = '{text}'",
        "update board_rows set url = case document_id % 3 when 0 then 'javascript:alert(3)' when 1 then 'data:text/html,x' end",
        f"update articles set title = '{text}', source = '{text}', url = 'javascript:alert(4)'",
        f"update article_versions set title = '{text}' || version, body_text = '{text}' || version",
        f"update article_blocks set text = '{text} ' || text",
        f"update currency_facts set text = '{text}', currency = '{SCRIPT}' where currency <> 'KRW'",
        f"update currency_facts set rate_pair = '{SCRIPT}' where rate_pair is not null",
        f"update board_days set reason = '{text}', gate = '{text}' where state <> 'published'",
        f"update quarantine set reason = '{text}', gate = '{text}'",
        f"update publishes set run_id = '{text}'",
        f"update exchange_rates set rate_source = '{text}'",
        *(
            f"update {table} set board_id = '{text}' where board_id = 'board1'"
            for table in ("board_rows", "articles", "article_versions", "article_blocks", "currency_facts", "board_days")
        ),
    ]


def odd() -> list[str]:
    """What the types allow and no gate would let pass. Follows `board_days`."""
    return [
        "update board_rows set title = '', author = null, url = 'http://[bad', post_no = null where document_id % 4 = 0",
        "update board_rows set title = repeat('가', 200000) where document_id % 4 = 1",
        "update board_rows set listed_on = date '0001-01-01' where document_id = 2",
        "update board_rows set listed_on = date '9999-12-31' where document_id = 3",
        "update articles set title = null, url = null, body_text = ''",
        "update article_versions set title = null, body_text = '' where version = 1",
        "update article_versions set body_text = repeat('a b ', 100000) where version = 2",
        "update currency_facts set implied_rate = 'inf' where document_id % 4 = 0",
        "update currency_facts set reference_rate = 0 where document_id % 4 = 1",
        "update currency_facts set implied_rate = 'nan', rate_pair = 'nonsense' where document_id % 4 = 2",
        "update currency_facts set amount_krw = 9999999999999999999999999999999999.9999 where document_id = 5",
        "update currency_facts set char_start = 90000, char_end = 2, block_position = 77 where document_id % 4 = 3",
        "update currency_facts set paired_fact_id = fact_id where document_id % 7 = 0",
        "update exchange_rates set krw_per_unit = 'inf' where currency = 'EUR'",
        "delete from articles where document_id % 3 = 0",
        "update board_days set reason = null, gate = null, last_good_version = null",
        "insert into board_days by name select '_rates' as board_id, date '2026-03-10' as day, 'held_back' as state,"
        " now() as since_at, 'r' as run_id",
        "update quarantine set document_id = null, listed_on = null",
    ]
