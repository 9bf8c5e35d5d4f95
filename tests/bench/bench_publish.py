"""Publishing one day of 100 documents into a warehouse, and what grows with the warehouse.

Beside each: a plain copy of the warehouse's file (the floor of a publish that leaves the version before it alone), and the same
publish where nothing changed.
"""

import datetime as dt
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from orchestration.build.candidate import create_schemas
from orchestration.gates.records import Verdicts
from orchestration.publish import publish
from orchestration.publish.schema import DATA_TABLES
from orchestration.scope import BoardDay, Scope

NOW = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
FIRST_DAY = dt.date(2020, 1, 1)
A_DAY = 100  # documents
SIZES = (10_000, 100_000, 1_000_000)
"""Rows over all tables: a document has a row, an article, a version, 5 blocks and 2 facts."""
ROWS_OF_A_DOCUMENT = 10

FILL = """
create or replace temp table ids as
select i as document_id, date '{first_day}' + (i // {a_day})::integer as listed_on from range({start}, {stop}) as r(i);

insert into board_rows by name
select 'news' as board_id, document_id, document_id as post_no, false as is_notice, '제목 ' || document_id || '{mark}' as title,
    ['속보'] as title_tags, '기자' as author, listed_on, 1 as comment_count, 10 as view_count,
    'http://127.0.0.1/news/' || document_id as url, 'listed' as status, timestamptz '2026-03-01 00:00:00+00' as first_seen_at,
    timestamptz '2026-03-01 00:00:00+00' as last_seen_at, 0 as changed_in_version
from ids;

insert into articles by name
select 'news' as board_id, document_id, 1 as version, '제목 ' || document_id || '{mark}' as title, listed_on,
    string_agg(md5(document_id || '/' || n) || repeat(' 경제 기사의 한 문단', 8), chr(10)) as body_text, 5 as block_count,
    0 as image_count, 800 as char_count, md5(document_id || '{mark}') as content_hash,
    timestamptz '2026-03-01 00:00:00+00' as first_fetched_at, timestamptz '2026-03-01 00:00:00+00' as last_fetched_at,
    0 as changed_in_version
from ids, range(5) as b(n) group by all;

insert into article_versions by name select *, first_fetched_at as valid_from_at from articles;

insert into article_blocks by name
select 'news' as board_id, document_id, n as block_position, 'paragraph' as kind,
    md5(document_id || '/' || n) || repeat(' 경제 기사의 한 문단', 8) as text, 0 as changed_in_version
from ids, range(5) as b(n);

insert into currency_facts by name
select md5(document_id || '/' || n || '/{mark}') as fact_id, 'news' as board_id, document_id, 1 as version, listed_on,
    'body' as place, n as block_position, 0 as char_start, 5 as char_end, '100원' as text, 'amount' as kind, 'KRW' as currency,
    100 as amount, [] as qualifiers, 0 as changed_in_version
from ids, range(2) as b(n);
"""


HABITS = """
create table int_board_day_facts as
select board_id, listed_on, true as is_closed, count(*) as row_count, max(last_seen_at) as newest_post_at
from board_rows group by all;

create table int_board_day_fields as
select board_id, listed_on, field, true as is_closed, count(*) as seen_count, count(author) as filled_count
from board_rows, range(11) as fields(field) group by all;
"""
"""What is usual for a board: a row a day and eleven fields."""


def candidate(path: Path, start: int, stop: int, mark: str = "") -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        create_schemas(connection)
        for table in DATA_TABLES:
            connection.execute(table.ddl)
        connection.execute(FILL.format(first_day=FIRST_DAY, a_day=A_DAY, start=start, stop=stop, mark=mark))
        connection.execute(HABITS)
    return path


def days(start: int, stop: int) -> tuple[BoardDay, ...]:
    return tuple(BoardDay("news", FIRST_DAY + dt.timedelta(days=n), "complete") for n in range(start // A_DAY, -(-stop // A_DAY)))


def put(home: Path, start: int, stop: int, mark: str = "", base: int | None = 1) -> float:
    board_days = days(start, stop)
    scope = Scope(f"{start}{mark}", board_days[0].day, board_days[-1].day, False, board_days)
    path = candidate(home / f"{start}{mark}{base}.duckdb", start, stop, mark)
    return publish(home / "published", path, scope, Verdicts((), ()), (), now=NOW, base_version=base).seconds


def measure(rows: int) -> dict[str, float]:
    documents = rows // ROWS_OF_A_DOCUMENT
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        whole = put(home, 0, documents, base=None)
        new_day = put(home, documents, documents + A_DAY)
        old_day = put(home, documents // 2, documents // 2 + A_DAY, "고침", base=2)
        same_day = put(home, documents // 2, documents // 2 + A_DAY, "고침", base=3)
        warehouse = home / "published" / "warehouse.duckdb"
        started = time.perf_counter()
        shutil.copyfile(warehouse, home / "copy")
        copied = time.perf_counter() - started
        parquet = sum(path.stat().st_size for path in (home / "published" / "current" / "parquet").iterdir())
        return {
            "rows": rows,
            "all days, s": whole,
            "a new day, s": new_day,
            "a changed day, s": old_day,
            "an equal day, s": same_day,
            "plain copy, s": copied,
            "warehouse, MB": warehouse.stat().st_size / 2**20,
            "parquet, MB": parquet / 2**20,
            "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def run() -> list[dict]:
    """A process per size, so that each has its own peak of memory."""
    return [
        json.loads(subprocess.run([sys.executable, __file__, str(rows)], check=True, capture_output=True, text=True).stdout)
        for rows in SIZES
    ]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
