"""Fill a run's candidate: what the landing knows of the documents of the scope, and their published history.

Here: which documents a run is about, and the rows of the schemas `raw` and `history`. Not here: parsing (`parsed`), rates
(`rates`), and what follows from the rows (dbt).

A document is of the run when any landed list shows it under a day of the scope, when the current version has it there, or when
its article belongs there and no list shows it. Of each, everything that is known is loaded, old sightings too: its state is
then a fold of all of it, and the order in which days are run does not matter.
"""

import contextlib
import datetime as dt
import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.build.closings import closings_of
from orchestration.build.parsed import MENTION, mention_rows, parsed_files, write_parsed
from orchestration.build.rates import RATES_BEFORE, load_rates
from orchestration.build.run import CANDIDATE
from orchestration.errors import BoardhouseError
from orchestration.forget.landed import forgotten_documents
from orchestration.forget.pages import FORGOTTEN
from orchestration.landing.store import Landing
from orchestration.parse.reading import Reading
from orchestration.publish.versions import damaged
from orchestration.scope import Scope
from orchestration.settings import KST, Board, Settings

_SCHEMAS = Path(__file__).with_name("candidate.sql")

HABIT_BEFORE = dt.timedelta(weeks=8)
"""How far before its first day a run reads facts about days of its boards: as far as any of dbt's `habit_thresholds` looks back."""

HABITS = ("board_day_facts", "board_day_fields")
"""Published facts about board-days: a few rows a day, so that what is usual is known without reading what was published."""

HISTORY = ("board_rows", "articles", "article_versions", "article_blocks", "refused_versions")
"""Published tables of documents; `exchange_rates` is read by day."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A filled candidate. `base_version`: the version that its history was read from, None where nothing was published."""

    path: Path
    base_version: int | None
    row_counts: dict[str, int]


def create_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """The empty tables of `raw` and `history`."""
    connection.execute(_SCHEMAS.read_text(encoding="utf-8"))


def base_version(candidate: Path) -> int | None:
    """The version that a candidate's history was read from."""
    with duckdb.connect(str(candidate), read_only=True) as connection:
        found = connection.execute("select warehouse_version from raw.base").fetchone()
    return found[0] if found else None


def prepare_candidate(
    settings: Settings, boards: Sequence[Board], scope: Scope, landing: Landing, *, until: dt.datetime | None = None
) -> Candidate:
    """Make `build/<run_id>/candidate.duckdb` anew, with the schemas `raw` and `history` filled for the run's scope; from what had
    landed `until` then (all).

    Raises BoardhouseError (one line) for an unreadable landing file, a wrong rates file, or where it cannot be written.
    """
    run_dir = settings.build / scope.run_id
    path = run_dir / CANDIDATE
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        for leftover in (path, path.with_name(path.name + ".wal")):
            leftover.unlink(missing_ok=True)
        files = _parsed_files(settings, boards, scope, landing, run_dir)
        rates = load_rates(landing, scope.from_on - RATES_BEFORE, scope.to_on)
        with duckdb.connect(str(path), config={"threads": 2}) as connection:
            connection.execute("set timezone = 'UTC'")
            create_schemas(connection)
            _load_scope(connection, boards, scope, landing)
            with _clear_damage(settings):
                version = _attach_published(connection, settings)
            connection.execute("insert into raw.base values ($1)", [version])
            _choose_pages(connection, files, scope, until)
            _load_forgotten(connection, forgotten_documents(landing), scope)
            with _clear_damage(settings):
                _choose_documents(connection, is_published=version is not None)
            _load_pages(connection, scope)
            if version is not None:
                with _clear_damage(settings):
                    _load_history(connection, scope)
                connection.execute("detach published")
            _load_mentions(connection)
            for table, read in (("rates", rates.rates), ("second_rates", rates.second)):
                connection.register("rates_read", read)
                connection.execute(f"insert into raw.{table} by name from rates_read")
                connection.unregister("rates_read")
            counts = _row_counts(connection)
    except (OSError, duckdb.IOException, pa.ArrowException) as error:
        why = " ".join(str(error).split())
        raise BoardhouseError(
            f"{path}: the candidate could not be written: {why}; free the disk or check BOARDHOUSE_HOME"
        ) from None
    return Candidate(path, version, counts)


def _parsed_files(settings: Settings, boards: Sequence[Board], scope: Scope, landing: Landing, run_dir: Path) -> list[str]:
    """The parsed records of every board of the scope: cached ones of sealed files, and what is not sealed yet beside the
    candidate. Never empty, so that the queries need no case for it."""
    configured = {board.id: Reading.of(board) for board in boards}
    files = []
    for board_id in scope.boards or ("none",):
        reading = configured.get(board_id, Reading(board_id))
        spooled = run_dir / f"spooled.{board_id}.parquet"
        write_parsed(spooled, landing.spooled(board_id), reading)
        files += [spooled, *parsed_files(settings.build / "parsed", landing, reading)]
    return [os.fspath(file) for file in files]


def _load_scope(connection: duckdb.DuckDBPyConnection, boards: Sequence[Board], scope: Scope, landing: Landing) -> None:
    configured = {board.id: board for board in boards}
    for board_id in scope.boards:
        built = {day.day: day.state for day in scope.built if day.board_id == board_id}
        closings = closings_of(landing, board_id, built)
        for day, state in built.items():
            at, is_open = closings[day]
            connection.execute("insert into raw.scope values ($1, $2, $3, $4, $5)", [board_id, day, state, at, is_open])
        board = configured.get(board_id)
        known = [board.name, board.url, board.time_zone, board.first_day] if board else [board_id, None, KST.key, None]
        connection.execute("insert into raw.boards values ($1, $2, $3, $4, $5)", [board_id, *known])


def _attach_published(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int | None:
    """Attach the version that is current now, by its own path: the link may move while we read. Returns its number."""
    current = settings.published / "current"
    if not current.exists():
        return None
    version = current.resolve()
    escaped = os.fspath(version / "warehouse.duckdb").replace("'", "''")
    connection.execute(f"attach '{escaped}' as published (read_only)")
    return int(version.name)


@contextlib.contextmanager
def _clear_damage(settings: Settings) -> Iterator[None]:
    """A published file that cannot be read as one line that says what to do; a full disk is not its fault."""
    try:
        yield
    except duckdb.Error as error:
        if os.strerror(errno.ENOSPC) in str(error):
            raise
        version = (settings.published / "current").resolve().name
        raise damaged(settings.published, version, " ".join(str(error).split())[:200]) from error


def _choose_pages(connection: duckdb.DuckDBPyConnection, files: list[str], scope: Scope, until: dt.datetime | None = None) -> None:
    """The temporary view `parsed`: every response once (a spool and the file that it was sealed into may both be read)."""
    connection.execute("create temp table judged as select unnest($1::varchar[]) as response_id", [list(scope.listings)])
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    source = f"read_parquet([{listed}], filename = true, file_row_number = true)"
    connection.execute(
        f"""
        create temp table chosen as
        select filename, file_row_number
        from (
            select
                filename, file_row_number, row_number() over (partition by response_id order by filename, file_row_number) as nth
            from {source}
            where $1 is null or fetched_at <= $1
        ) as copies
        where nth = 1
        """,
        [until],
    )
    connection.execute(f"create temp view parsed as select * from {source} semi join chosen using (filename, file_row_number)")


def _choose_documents(connection: duckdb.DuckDBPyConnection, *, is_published: bool) -> None:
    """The temporary table `documents`: board_id, document_id."""
    connection.execute(
        """
        create temp table documents as
        select distinct board_id, shown.document_id
        from (select board_id, unnest(rows) as shown from parsed) as shown_rows
        join raw.scope using (board_id)
        where scope.day = shown.listed_on and shown.document_id is not null
        union
        select distinct board_id, answer.document_id
        from parsed join raw.scope using (board_id)
        where answer.outcome = 'read' and scope.day = answer.day
        """
    )
    for table in ("board_rows", "articles") if is_published else ():
        connection.execute(
            f"""
            insert into documents
            select distinct board_id, document_id from published.main.{table} as known
            join raw.scope using (board_id) anti join documents using (board_id, document_id)
            where scope.day = known.listed_on
            """
        )
    connection.execute("delete from documents where (board_id, document_id) in (select (board_id, document_id) from raw.forgotten)")


def _load_forgotten(connection: duckdb.DuckDBPyConnection, forgotten: Mapping[str, frozenset[int]], scope: Scope) -> None:
    """Also the rows that were blanked in page text: there an id is made of what the row says, so a blanked row has another."""
    known = [(board_id, number) for board_id in scope.boards for number in sorted(forgotten.get(board_id, ()))]
    if not known:
        return
    connection.execute("insert into raw.forgotten select unnest($1), unnest($2)", [[b for b, _ in known], [n for _, n in known]])
    connection.execute(
        """
        insert into raw.forgotten
        select distinct board_id, shown.document_id
        from (select board_id, unnest(rows) as shown from parsed) as shown_rows
        where shown.title = $1 and shown.document_id is not null
            and (board_id, shown.document_id) not in (select (board_id, document_id) from raw.forgotten)
        """,
        [FORGOTTEN],
    )


def _load_pages(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    # A judged list is loaded whole, also its rows of other days: the step between neighbours needs every row.
    connection.execute(
        """
        create temp table touching as
        select distinct response_id
        from (select response_id, board_id, unnest(rows) as shown from parsed semi join judged using (response_id)) as judged_rows
        join raw.scope using (board_id)
        where scope.day = shown.listed_on
        """
    )
    connection.execute(
        """
        insert into raw.listing_rows by name
        select response_id, unnest(shown)
        from (select response_id, board_id, unnest(rows) as shown from parsed) as shown_rows
        where response_id in (select response_id from touching)
            or (board_id, shown.document_id) in (select (board_id, document_id) from documents)
        """
    )
    # Of a page that was landed by a run that is still under way; what is sealed says no more than this.
    connection.execute(
        """
        update raw.listing_rows set title = $1, author = null, url = null, category = null
        from (select distinct response_id, board_id from parsed) as page
        where page.response_id = listing_rows.response_id
            and (page.board_id, listing_rows.document_id) in (select (board_id, document_id) from raw.forgotten)
        """,
        [FORGOTTEN],
    )
    connection.execute(
        """
        insert into raw.article_reads by name
        select * exclude (board_id, day)
        from (select response_id, board_id, unnest(answer) from parsed where answer is not null) as answers
        semi join documents using (board_id, document_id)
        """
    )
    connection.execute(
        """
        insert into raw.pages by name
        select
            * exclude (rows, answer, mentions, filename, file_row_number),
            response_id in (select response_id from judged) as is_judged
        from parsed
        where response_id in (
            select response_id from raw.listing_rows union select response_id from raw.article_reads union from judged
        )
        """
    )


def _load_history(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    # A version published by an earlier release may lack a table that this one has.
    found = {
        name
        for (name,) in connection.execute("select table_name from duckdb_tables() where database_name = 'published'").fetchall()
    }
    for table in (name for name in HISTORY if name in found):
        connection.execute(
            f"insert into history.{table} by name from published.main.{table} semi join documents using (board_id, document_id)"
        )
    for table in (name for name in HABITS if name in found):
        connection.execute(
            f"""
            insert into history.{table} by name
            select * from published.main.{table} semi join raw.boards using (board_id) where day between $1 and $2
            """,
            [scope.from_on - HABIT_BEFORE, scope.to_on],
        )
    if "exchange_rates" in found:
        connection.execute(
            "insert into history.exchange_rates by name from published.main.exchange_rates where day between $1 and $2",
            [scope.from_on - RATES_BEFORE, scope.to_on],
        )


def _load_mentions(connection: duckdb.DuckDBPyConnection) -> None:
    """Mentions of every text that a document of the run has or had; texts that are only published are read now."""
    connection.execute(
        """
        create temp table texts as
        select md5(title) as text_key from raw.listing_rows
        union
        select md5(title) from raw.article_reads where title is not null
        union
        select md5(block.text) from (select unnest(blocks) as block from raw.article_reads) as read_blocks
        """
    )
    connection.execute(
        """
        insert into raw.mentions by name
        select distinct on (text_key, ordinal) *
        from (select unnest(mention) from (select unnest(mentions) as mention from parsed) as found) as mentions
        semi join texts using (text_key)
        """
    )
    published = connection.execute(
        """
        from (
            select title as known from history.board_rows
            union select title from history.articles
            union select text from history.article_blocks
        ) as published_texts
        where known is not null and md5(known) not in (select text_key from texts)
        """
    ).fetchall()
    found = [row for (known,) in published for row in mention_rows(known)]
    if found:
        connection.register("found", pa.Table.from_pylist(found, schema=pa.schema(list(MENTION))))
        connection.execute("insert into raw.mentions by name from found")
        connection.unregister("found")


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counted = connection.execute(
        "select schema_name || '.' || table_name, estimated_size from duckdb_tables() where schema_name in ('raw', 'history')"
    ).fetchall()
    return {name: int(count) for name, count in sorted(counted)}
