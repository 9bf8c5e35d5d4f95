"""The candidate's documents merged into a copy of the current version, in SQL.

Here: which documents are taken, what counts as a change, and the rates. Not here: the audit tables (`audit`), files and links
(`publisher`). Every function works on one connection: the copy is its database, the candidate is attached as `candidate`.

A document is replaced whole and stands once: its row, article, versions, blocks and facts are the candidate's afterwards,
wherever it stood before. Documents that the candidate lacks stay as they are.
"""

import datetime as dt
from collections.abc import Iterable

import duckdb

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.publish.parquet import changed_keys
from orchestration.publish.schema import (
    ARTICLE_BLOCKS,
    ARTICLES,
    BOARD_ROWS,
    CURRENCY_FACTS,
    DATA_TABLES,
    DOCUMENT_TABLES,
    EXCHANGE_RATES,
    HABIT_TABLES,
    NOT_A_CHANGE,
    Table,
)

BoardDayKey = tuple[str, dt.date]
RateKey = tuple[dt.date, str]
DocumentKey = tuple[str, int]


def check_candidate(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises BoardhouseError where the candidate lacks a table or a column of the contract."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = 'candidate' and schema_name = 'main'"
    ).fetchall():
        found.setdefault(table, set()).add(column)
    for table in DATA_TABLES:
        if missing := [name for name in table.column_names if name not in found.get(table.name, set())]:
            raise BoardhouseError(
                f"the candidate's {table.name} lacks {', '.join(missing)}: the dbt models and the contract differ"
            )


def choose_documents(
    connection: duckdb.DuckDBPyConnection,
    accepted: Iterable[BoardDayKey],
    left_out: Iterable[DocumentKey] = (),
    forgotten: Iterable[DocumentKey] = (),
) -> None:
    """Write the temporary table `documents`: those that the candidate has under an accepted board-day, by the day of their row,
    else of their article, but for those `left_out` and `forgotten`. Also the tables `accepted` and `left_out`."""
    accepted, left_out, forgotten = list(accepted), list(left_out), list(forgotten)
    connection.execute("create or replace temp table accepted (board_id varchar, day date)")
    connection.execute("insert into accepted select unnest($1), unnest($2)", [[b for b, _ in accepted], [d for _, d in accepted]])
    connection.execute("create or replace temp table left_out (board_id varchar, document_id bigint)")
    connection.execute("insert into left_out select unnest($1), unnest($2)", [[b for b, _ in left_out], [n for _, n in left_out]])
    connection.execute("create or replace temp table gone_for_good (board_id varchar, document_id bigint)")
    connection.execute(
        "insert into gone_for_good select unnest($1), unnest($2)", [[b for b, _ in forgotten], [n for _, n in forgotten]]
    )
    connection.execute(
        f"""
        create or replace temp table documents as {documents_by_day("candidate.main")}
        semi join accepted using (board_id, day)
        anti join left_out using (board_id, document_id)
        anti join gone_for_good using (board_id, document_id)
        """
    )


def choose_all_documents(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the temporary table `documents`: every one that the candidate or the published tables have, so that afterwards they
    are the candidate's and no other."""
    schemas = ("main", "candidate.main")
    keys = " union ".join(f"select board_id, document_id from {s}.{table.name}" for s in schemas for table in DOCUMENT_TABLES)
    connection.execute(f"create or replace temp table documents as {keys}")


def published_since(connection: duckdb.DuckDBPyConnection, built: Iterable[BoardDayKey], base_version: int) -> list[BoardDayKey]:
    """The board-days that a version after `base_version` published, and which this run builds or takes a document from.

    A document that such a version changed or moved stands under a board-day which that version published, so the board-days
    tell of all documents, also of those of which only `last_seen_at` moved.
    """
    built = list(built)
    standing = documents_by_day("main", "semi join documents using (board_id, document_id)")
    return connection.execute(
        f"""
        with concerned as (
            select unnest($1) as board_id, unnest($2) as day
            union
            select board_id, day from ({standing})
        )
        select board_id, day from board_days semi join concerned using (board_id, day)
        where last_good_version > $3 order by all
        """,
        [[b for b, _ in built], [d for _, d in built], base_version],
    ).fetchall()


def merge_documents(connection: duckdb.DuckDBPyConnection, version: int, effects: Effects) -> dict[str, int]:
    """Replace `documents`. Returns, per table, how many rows carry the new version's number."""
    for table in DOCUMENT_TABLES:
        _stage(connection, table, version)
    _mark_documents(connection, version)
    for table in DOCUMENT_TABLES:
        _apply(connection, table, effects)
    return {
        table.name: _one(connection, f"select count(*) from new_{table.name} where changed_in_version = {version}")
        for table in DOCUMENT_TABLES
    }


def merge_rates(
    connection: duckdb.DuckDBPyConnection,
    held_back: Iterable[dt.date],
    refused: Iterable[RateKey],
    version: int,
    effects: Effects,
) -> int:
    """Add the rates that are not there yet, but for days `held_back` and for `refused` (day, currency); what is there never
    changes. Returns how many were added."""
    key = _key(EXCHANGE_RATES)
    refused = sorted(refused)
    connection.execute("create or replace temp table refused_days as select unnest($1)::date as day", [list(held_back)])
    connection.execute(
        "create or replace temp table refused_rates as select unnest($1)::date as day, unnest($2)::varchar as currency",
        [[day for day, _ in refused], [currency for _, currency in refused]],
    )
    connection.execute(
        f"""
        create or replace temp table new_exchange_rates as
        select {_cast(EXCHANGE_RATES)}, {version}::bigint as changed_in_version
        from candidate.main.exchange_rates as n
        anti join main.exchange_rates using ({key})
        anti join refused_days using (day)
        anti join refused_rates using (day, currency)
        """
    )
    _check_keys(connection, EXCHANGE_RATES)
    connection.execute(f"create or replace temp table {changed_keys(EXCHANGE_RATES)} as select {key} from new_exchange_rates")
    count = _one(connection, "select count(*) from new_exchange_rates")
    if count:
        effects.execute(connection, f"insert into exchange_rates by name from new_exchange_rates order by {key}")
    return count


def replace_rates(connection: duckdb.DuckDBPyConnection, version: int, effects: Effects) -> int:
    """Make the rates the candidate's. Returns how many were added."""
    key = _key(EXCHANGE_RATES)
    gone = f"from exchange_rates where ({key}) not in (select ({key}) from candidate.main.exchange_rates)"
    connection.execute(f"create or replace temp table gone_rates as select {key} {gone}")
    effects.execute(connection, f"delete {gone}")
    count = merge_rates(connection, (), (), version, effects)
    connection.execute(f"insert into {changed_keys(EXCHANGE_RATES)} from gone_rates")
    return count


def replace_habits(connection: duckdb.DuckDBPyConnection, effects: Effects) -> None:
    """Make what is usual for the boards the candidate's."""
    for table in HABIT_TABLES:
        effects.execute(connection, f"delete from {table.name}")
        effects.execute(connection, f"insert into {table.name} by name from candidate.main.{table.name}")


def merge_habits(connection: duckdb.DuckDBPyConnection, effects: Effects) -> None:
    """Of the board-days that stand as published in the candidate, a whole version, its own; of others what stood before."""
    made = "select (board_id, day) from candidate.main.board_days where state = 'published'"
    for table in HABIT_TABLES:
        effects.execute(connection, f"delete from {table.name} where (board_id, day) in ({made})")
        source = f"from candidate.main.{table.name} where (board_id, day) in ({made})"
        effects.execute(connection, f"insert into {table.name} by name {source}")


def documents_by_day(schema: str, restriction: str = "") -> str:
    """board_id, document_id, day: one row per document, under the day of its row, else of its article."""
    return f"""
        select board_id, document_id, day from (
            select board_id, document_id, listed_on as day from {schema}.board_rows {restriction}
            union all
            select board_id, document_id, listed_on as day
            from {schema}.articles {restriction} anti join {schema}.board_rows using (board_id, document_id)
        )"""


def _stage(connection: duckdb.DuckDBPyConnection, table: Table, version: int) -> None:
    """Write `old_<table>` (the rows that the documents have now, with their place in the file) and `new_<table>` (the rows that
    they will have, beside what stands under their key now): a row whose compared columns are equal keeps its number."""
    same_key = " and ".join(f'o."{name}" = n."{name}"' for name in table.key)
    equal = _not_distinct(table.compared)
    others = _not_distinct(NOT_A_CHANGE.intersection(table.column_names) - {"changed_in_version"}) or "true"
    connection.execute(
        f"""
        create or replace temp table old_{table.name} as
        select {_columns(table)}, rowid as file_row from main.{table.name} semi join documents using (board_id, document_id)
        """
    )
    connection.execute(
        f"""
        create or replace temp table new_{table.name} as
        select
            {_cast(table)},
            case when {equal} then o.changed_in_version else {version}::bigint end as changed_in_version,
            o.file_row,
            o.changed_in_version as old_number,
            {equal} and {others} as is_as_it_was
        from (from candidate.main.{table.name} semi join documents using (board_id, document_id)) as n
        left join old_{table.name} as o on {same_key}
        """
    )
    _check_keys(connection, table)


def _mark_documents(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """A change of a document's blocks or facts, removals included, marks its article, else its row: consumers re-read whole
    documents."""
    touched = " union ".join(
        f"""
        select board_id, document_id from new_{table.name} where changed_in_version = {version}
        union
        select board_id, document_id from old_{table.name} anti join new_{table.name} using ({_key(table)})
        """
        for table in (ARTICLE_BLOCKS, CURRENCY_FACTS)
    )
    connection.execute(f"create or replace temp table touched as {touched}")
    is_touched = "(board_id, document_id) in (select (board_id, document_id) from touched)"
    has_article = f"(board_id, document_id) in (select (board_id, document_id) from new_{ARTICLES.name})"
    connection.execute(f"update new_{ARTICLES.name} set changed_in_version = {version} where {is_touched}")
    connection.execute(f"update new_{BOARD_ROWS.name} set changed_in_version = {version} where {is_touched} and not {has_article}")


def _apply(connection: duckdb.DuckDBPyConnection, table: Table, effects: Effects) -> None:
    """Write only the rows that differ in any column, in the order of their key, so that a document's rows lie together."""
    stays = "is_as_it_was and changed_in_version = old_number"
    connection.execute(
        f"""
        create or replace temp table gone as
        select file_row from old_{table.name} anti join (from new_{table.name} where {stays}) using (file_row)
        """
    )
    if _one(connection, "select count(*) from gone"):
        effects.execute(connection, f"delete from main.{table.name} where rowid in (from gone)")
    fresh = f"from new_{table.name} where ({stays}) is not true"
    connection.execute(
        f"""
        create or replace temp table {changed_keys(table)} as
        select board_id, document_id from old_{table.name} semi join gone using (file_row)
        union
        select board_id, document_id {fresh}
        """
    )
    if _one(connection, f"select count(*) {fresh}"):
        effects.execute(
            connection, f"insert into main.{table.name} by name select {_columns(table)} {fresh} order by {_key(table)}"
        )


def _check_keys(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    key = _key(table)
    found = connection.execute(
        f"select {key} from new_{table.name} group by {key} having count(*) > 1 order by all limit 1"
    ).fetchone()
    if found:
        named = ", ".join(f"{name} {value}" for name, value in zip(table.key, found, strict=True))
        raise BoardhouseError(f"the candidate's {table.name} holds {named} twice: its key is ({', '.join(table.key)})")


def _columns(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.column_names)


def _not_distinct(names: Iterable[str]) -> str:
    return " and ".join(f'o."{name}" is not distinct from n."{name}"' for name in sorted(names))


def _cast(table: Table) -> str:
    """Every column but the number, of the candidate's row `n`, in the published type."""
    return ", ".join(f'n."{c.name}"::{c.type} as "{c.name}"' for c in table.columns if c.name != "changed_in_version")


def _key(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.key)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
