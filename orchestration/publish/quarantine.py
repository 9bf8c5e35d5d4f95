"""What is kept of refused documents: their failing rows, with gate, reason and content, until they are resolved.

Here: the table `quarantine`, and `refused_versions`, which tells later candidates what counts as no version. Not here: which
documents are refused (`gates`), or leaving them out (`merge`). Every function works on the publish's connection, after the merge:
the temporary tables `documents`, `accepted` and `left_out` say what was merged and what was not.

A row is open until its document is published or refused for something else: `fixed` where the page that was refused, read again,
says what is published now; `requeued` where an operator had it taken up again; else `superseded`: a newer state took its place.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.decisions import Decision
from orchestration.effects import Effects
from orchestration.gates.records import GateResult, Refusal
from orchestration.publish.acceptance import Acceptance
from orchestration.publish.schema import (
    ARTICLE_BLOCKS,
    ARTICLE_VERSIONS,
    ARTICLES,
    BOARD_ROWS,
    CURRENCY_FACTS,
    QUARANTINE,
    REFUSED_VERSIONS,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a suite's rows lie in the candidate. `table`: the published table that they are meant for; `row_key`: what names a row
    beside its board; `content`: what its hash is over; `page`: the landed page that it was read from."""

    table: str
    relation: str
    row_key: tuple[str, ...]
    content: tuple[str, ...]
    page: str = "response_id"


SUITES: Mapping[str, Judged] = {
    "board_rows": Judged("board_rows", "int_board_rows", ("document_id",), BOARD_ROWS.compared, "latest_response_id"),
    "articles": Judged("articles", "int_articles", ("document_id",), ARTICLES.compared),
    "article_versions": Judged("article_versions", "int_article_versions", ("document_id", "version"), ARTICLE_VERSIONS.compared),
    "article_blocks": Judged("article_blocks", "int_article_blocks", ("document_id", "block_position"), ARTICLE_BLOCKS.compared),
    "currency_facts": Judged("currency_facts", "int_currency_facts", ("fact_id",), CURRENCY_FACTS.compared),
    # What the parts of a document say of each other stands in none of the tables; the row is where a document begins.
    "documents": Judged(
        "board_rows", "int_document_checks", ("document_id",), ("row_title", "article_title", "row_author", "status")
    ),
    # A row of a list is what a row of board_rows is made of; also where no day could be read of it, and nothing was made.
    "listings": Judged(
        "board_rows", "int_listing_rows", ("document_id",), ("title", "author", "date_text", "row_listed_on", "is_notice")
    ),
}
"""By the name of the suite, which begins the name of each of its gates."""


def write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    acceptance: Acceptance,
    results: Sequence[GateResult],
    decisions: Sequence[Decision],
    *,
    run_id: str,
    now: dt.datetime,
    effects: Effects,
) -> None:
    """Keep the failing rows of the refused documents, and resolve those that no longer stand."""
    _stage_refused(connection, acceptance, {(r.gate, r.board_id, r.day): r.reason for r in results})
    _stage_resolved(connection, decisions)
    connection.execute(
        """
        create or replace temp table new_quarantine as
        select
            n.* exclude (response_id),
            coalesce(o.first_run_id, $run_id) as first_run_id,
            $run_id as last_run_id,
            case when o.board_id is not null and o.resolved_at is null then o.refused_at else $now end as refused_at,
            null::timestamptz as resolved_at,
            null::varchar as resolution,
            n.response_id
        from refused_rows as n left join quarantine as o using (board_id, table_name, row_key, content_hash, gate)
        union all by name
        select q.* exclude (file_row) replace ($now as resolved_at, resolved.resolution as resolution)
        from (select *, rowid as file_row from quarantine) as q join resolved using (file_row)
        """,
        {"run_id": run_id, "now": now},
    )
    key = ", ".join(QUARANTINE.key)
    if _count(connection, "new_quarantine"):
        effects.execute(connection, f"delete from quarantine where ({key}) in (select ({key}) from new_quarantine)")
        effects.execute(connection, f"insert into quarantine by name from new_quarantine order by {key}")
    _write_refused_versions(connection, run_id, effects)


def _stage_refused(
    connection: duckdb.DuckDBPyConnection, acceptance: Acceptance, reasons: Mapping[tuple[str, str, dt.date], str]
) -> None:
    """Write `refused_rows`: each failing row of a refused document once per gate, as the candidate holds it."""
    connection.execute(
        """
        create or replace temp table refused_rows (
            board_id varchar, table_name varchar, row_key varchar, content_hash varchar, gate varchar, document_id bigint,
            listed_on date, reason varchar, "row" json, response_id varchar
        )
        """
    )
    by_suite: dict[str, list[Refusal]] = defaultdict(list)
    for documents in acceptance.refused.values():
        for refusals in documents.values():
            for refusal in refusals:
                by_suite[refusal.gate.partition(".")[0]].append(refusal)
    for suite, refusals in by_suite.items():
        judged = SUITES[suite]
        names = list(dict.fromkeys(name for refusal in refusals for name in refusal.key))
        rows: list[dict[str, Any]] = [
            {
                **refusal.key,
                "gate": refusal.gate,
                "refused_on": refusal.day,
                "reason": reasons[refusal.gate, refusal.board_id, refusal.day],
                "refused_board": refusal.board_id,
            }
            for refusal in refusals
        ]
        connection.register("failing", pa.Table.from_pylist(rows))
        same = " and ".join(f'n."{name}" is not distinct from failing."{name}"' for name in names if name != "board_id")
        content = ", ".join(f'"{name}" := n."{name}"' for name in judged.content)
        row_key = ", ".join(f'n."{name}"' for name in judged.row_key)
        connection.execute(
            f"""
            insert into refused_rows
            select distinct on (row_key, content_hash, failing.gate)
                n.board_id, '{judged.table}', concat_ws('/', {row_key}) as row_key, md5(to_json(struct_pack({content})))
                    as content_hash,
                failing.gate, n.document_id, failing.refused_on, failing.reason, to_json(n), n."{judged.page}"
            from candidate.main.{judged.relation} as n
            join failing on n.board_id = failing.refused_board and {same}
            order by row_key, content_hash, failing.gate, failing.refused_on, n."{judged.page}"
            """
        )
        connection.unregister("failing")


def _stage_resolved(connection: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Write `resolved`: the open rows (by their place in the file) that this publish resolves, and how."""
    requeues = [
        {"at": decision.at, "board_id": decision.board_id, "day": decision.day, "document_id": document_id}
        for decision in decisions
        if decision.kind == "requeue"
        for document_id in decision.documents or (None,)
    ]
    shape = pa.schema(
        [("at", pa.timestamp("us", tz="UTC")), ("board_id", pa.string()), ("day", pa.date32()), ("document_id", pa.int64())]
    )
    connection.register("requeues", pa.Table.from_pylist(requeues, schema=shape))
    connection.execute(
        """
        create or replace temp table resolved as
        with
            open_rows as (
                select *, rowid as file_row, (board_id, document_id) in (select (board_id, document_id) from documents) as is_merged
                from quarantine
                where resolved_at is null
            ),
            refused_again as (select distinct board_id, document_id from refused_rows)
        select
            q.file_row,
            case
                when not q.is_merged then 'superseded'
                when exists (
                    from requeues as r
                    where coalesce(r.board_id = q.board_id, true)
                        and coalesce(r.day = q.listed_on, true)
                        and coalesce(r.document_id = q.document_id, true)
                        and r.at > coalesce((select max(published_at) from publishes where run_id = q.last_run_id), q.refused_at)
                ) then 'requeued'
                when exists (
                    from candidate.raw.listing_rows as page
                    join candidate.main.board_rows as row_now on row_now.document_id = page.document_id
                    where page.response_id = q.response_id
                        and page.document_id = q.document_id
                        and row_now.board_id = q.board_id
                        and row_now.title is not distinct from page.title
                        and row_now.author is not distinct from page.author
                        and row_now.listed_on is not distinct from page.listed_on
                ) or exists (
                    from candidate.raw.article_reads as page
                    join candidate.main.articles as article on article.document_id = page.document_id
                    where page.response_id = q.response_id
                        and page.document_id = q.document_id
                        and article.board_id = q.board_id
                        and article.content_hash = page.content_hash
                ) then 'fixed'
                else 'superseded'
            end as resolution
        from open_rows as q
        anti join refused_rows using (board_id, table_name, row_key, content_hash, gate)
        where q.is_merged
            or (q.board_id, q.document_id) in (select (board_id, document_id) from refused_again)
            or (
                (q.board_id, q.listed_on) in (select (board_id, day) from accepted)
                and (q.board_id, q.document_id) not in (select (board_id, document_id) from left_out)
            )
        """
    )
    connection.unregister("requeues")


def _write_refused_versions(connection: duckdb.DuckDBPyConnection, run_id: str, effects: Effects) -> None:
    """A refused document's current version is none until it is published; documents of held-back board-days too, for their
    pages would else count as versions once a better one is read."""
    connection.execute(
        """
        create or replace temp table new_refused_versions as
        select v.board_id, v.document_id, v.valid_from_at as read_at, v.content_hash, $run_id as run_id
        from candidate.main.article_versions as v
        semi join left_out using (board_id, document_id)
        join candidate.main.articles as a using (board_id, document_id, version)
        anti join main.article_versions as p
            on p.board_id = v.board_id and p.document_id = v.document_id and p.valid_from_at = v.valid_from_at
        anti join refused_versions as k
            on k.board_id = v.board_id and k.document_id = v.document_id and k.read_at = v.valid_from_at
        """,
        {"run_id": run_id},
    )
    accepted_now = """
        from refused_versions as r
        where exists (
            from article_versions as v
            semi join documents using (board_id, document_id)
            where v.board_id = r.board_id and v.document_id = r.document_id and v.valid_from_at = r.read_at
        )
    """
    connection.execute(f"create or replace temp table passed_versions as select r.rowid as file_row {accepted_now}")
    if _count(connection, "passed_versions"):
        effects.execute(connection, "delete from refused_versions where rowid in (from passed_versions)")
    if _count(connection, "new_refused_versions"):
        key = ", ".join(REFUSED_VERSIONS.key)
        effects.execute(connection, f"insert into refused_versions by name from new_refused_versions order by {key}")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])
