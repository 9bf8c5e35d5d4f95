"""The published tables: columns, keys, DDL, and the number of the contract that they keep.

Here: what `docs/contract.md` promises, as data that the publisher creates tables from. Not here: how rows come into them
(`merge`, `audit`). The tests hold this module against a copy of the contract's column lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CONTRACT_VERSION = 1
"""Raised when a consumer's query could break; `publishes` and each manifest carry it."""


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning`: of a column that no dbt model has; those of the marts stand in their models' files."""

    name: str
    type: str  # as DuckDB writes it
    is_nullable: bool
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`meaning`: its grain, of a table that no dbt model is."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    meaning: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns whose change is a change of the row."""
        return tuple(name for name in self.column_names if name not in NOT_A_CHANGE)

    @property
    def ddl(self) -> str:
        """Keys are NOT NULL but no PRIMARY KEY: its index would be written anew with every version, and it refuses a row that
        is deleted and inserted in one transaction. `merge` checks the rows that it writes instead."""
        columns = (f"{c.name} {c.type}{'' if c.is_nullable else ' not null'}" for c in self.columns)
        return f"create table {self.name} ({', '.join(columns)})"


NOT_A_CHANGE = frozenset({"changed_in_version", "last_seen_at", "last_fetched_at", "view_count"})


def _table(name: str, key: str, columns: str, meaning: str = "") -> Table:
    """One column a line: name, `?` where it may be null, type, and after `--` its meaning."""
    parsed = []
    for line in columns.strip().splitlines():
        definition, _, said = line.partition(" -- ")
        column, _, type_ = definition.strip().partition(" ")
        parsed.append(Column(column.removesuffix("?"), type_.strip(), column.endswith("?"), said.strip()))
    return Table(name, tuple(key.split(", ")), tuple(parsed), meaning)


BOARD_ROWS = _table(
    "board_rows",
    "board_id, document_id",
    """
    board_id            VARCHAR
    document_id         BIGINT
    post_no?            INTEGER
    is_notice           BOOLEAN
    title               VARCHAR
    title_tags          VARCHAR[]
    category?           VARCHAR
    author?             VARCHAR
    listed_on           DATE
    comment_count?      INTEGER
    view_count?         INTEGER
    url?                VARCHAR
    status              VARCHAR
    first_seen_at       TIMESTAMP WITH TIME ZONE
    last_seen_at        TIMESTAMP WITH TIME ZONE
    changed_in_version  BIGINT
    """,
)

_ARTICLE = """
    board_id            VARCHAR
    document_id         BIGINT
    version             INTEGER
    url?                VARCHAR
    title?              VARCHAR
    author?             VARCHAR
    published_at?       TIMESTAMP WITH TIME ZONE
    published_precision? VARCHAR
    listed_on           DATE
    source?             VARCHAR
    body_text           VARCHAR
    block_count         INTEGER
    image_count         INTEGER
    char_count          INTEGER
    content_hash        VARCHAR
    first_fetched_at    TIMESTAMP WITH TIME ZONE
    last_fetched_at     TIMESTAMP WITH TIME ZONE
    """

ARTICLES = _table("articles", "board_id, document_id", _ARTICLE + "changed_in_version BIGINT")

ARTICLE_VERSIONS = _table(
    "article_versions",
    "board_id, document_id, version",
    _ARTICLE
    + """valid_from_at  TIMESTAMP WITH TIME ZONE
    valid_to_at?        TIMESTAMP WITH TIME ZONE
    changed_in_version  BIGINT
    """,
)

ARTICLE_BLOCKS = _table(
    "article_blocks",
    "board_id, document_id, block_position",
    """
    board_id            VARCHAR
    document_id         BIGINT
    block_position      INTEGER
    kind                VARCHAR
    text                VARCHAR
    credit?             VARCHAR
    image_url?          VARCHAR
    changed_in_version  BIGINT
    """,
)

CURRENCY_FACTS = _table(
    "currency_facts",
    "fact_id",
    """
    fact_id             VARCHAR
    board_id            VARCHAR
    document_id         BIGINT
    version?            INTEGER
    listed_on           DATE
    place               VARCHAR
    block_position?     INTEGER
    char_start          INTEGER
    char_end            INTEGER
    text                VARCHAR
    kind                VARCHAR
    currency            VARCHAR
    amount?             DECIMAL(38,4)
    amount_min?         DECIMAL(38,4)
    amount_max?         DECIMAL(38,4)
    qualifiers          VARCHAR[]
    per?                VARCHAR
    paired_fact_id?     VARCHAR
    rate_pair?          VARCHAR
    implied_rate?       DOUBLE
    implied_rate_low?   DOUBLE
    implied_rate_high?  DOUBLE
    reference_rate?     DOUBLE
    reference_on?       DATE
    rate_verdict?       VARCHAR
    best_fit_on?        DATE
    amount_krw?         DECIMAL(38,4)
    amount_usd?         DECIMAL(38,4)
    changed_in_version  BIGINT
    """,
)

EXCHANGE_RATES = _table(
    "exchange_rates",
    "day, currency, recorded_at",
    """
    day                 DATE
    currency            VARCHAR
    recorded_at         TIMESTAMP WITH TIME ZONE
    krw_per_unit        DOUBLE
    usd_per_unit?       DOUBLE
    rate_source         VARCHAR
    changed_in_version  BIGINT
    """,
)

BOARD_DAYS = _table(
    "board_days",
    "board_id, day",
    """
    board_id            VARCHAR -- Id of the board in `boards.yaml`; `_rates` for the exchange rates, which belong to no board.
    day                 DATE -- The day that the list shows.
    state               VARCHAR -- published, held_back, failed or not_run.
    gate?               VARCHAR -- Of a day held back: the first gate that holds it.
    reason?             VARCHAR -- Why it does not stand as published, and what to do.
    since_at            TIMESTAMP WITH TIME ZONE -- Since when it has this state.
    last_good_version?  BIGINT -- The warehouse version that last published its data. Null where none did.
    run_id              VARCHAR -- The Dagster run that last spoke of it.
    candidate_hash?     VARCHAR -- Of what a day held back would have published: a release approves it and no other.
    """,
    "One row per board and day that a run was asked for: whether its data stands as published, and if not, why.",
)

PUBLISHES = _table(
    "publishes",
    "warehouse_version",
    """
    warehouse_version   BIGINT -- 1, 2, … of the warehouse.
    run_id              VARCHAR -- The Dagster run.
    published_at        TIMESTAMP WITH TIME ZONE -- When the version was made.
    from_on             DATE -- First day of the range of the run.
    to_on               DATE -- Last day of the range, included.
    boards              VARCHAR[] -- The boards of the run.
    held_back           STRUCT(board_id VARCHAR, "day" DATE, gate VARCHAR)[] -- What its gates held back.
    released            STRUCT(board_id VARCHAR, "day" DATE, reason VARCHAR, candidate_hash VARCHAR)[] -- By an operator.
    row_counts          MAP(VARCHAR, BIGINT) -- Rows of each data table in this version.
    contract_version    INTEGER -- Raised when a query of a consumer could break.
    """,
    "One row per version of the warehouse: the run that made it, and what it held back.",
)

GATE_RESULTS = _table(
    "gate_results",
    "run_id, gate, board_id, day",
    """
    run_id              VARCHAR -- The Dagster run that judged.
    gate                VARCHAR -- Name of the gate: suite, full stop, promise.
    board_id            VARCHAR -- The board judged; `_rates` for the exchange rates.
    day                 DATE -- The day judged.
    suite               VARCHAR -- The suite, a file in `expectations/`.
    severity            VARCHAR -- critical (holds data back) or warning (shown only).
    outcome             VARCHAR -- passed, failed, not_enough_history or error.
    observed?           DOUBLE -- Share of the rows judged that fail; of a fact about a board-day, its value.
    bound?              DOUBLE -- What passes: the share, or the bound that the value broke.
    failing_count       BIGINT -- Rows that fail.
    reason              VARCHAR -- What red means and what to do.
    warehouse_version   BIGINT -- The version that published this result.
    sample?             JSON -- Up to 20 failing rows with their keys and the landed page, as a list. Null where none fails.
    """,
    "One row per run, gate, board and day: what the gate said.",
)

QUARANTINE = _table(
    "quarantine",
    "board_id, table_name, row_key, content_hash, gate",
    """
    board_id            VARCHAR -- The board of the row.
    table_name          VARCHAR -- The table that the row is of.
    row_key             VARCHAR -- The key of the row, as text.
    content_hash        VARCHAR -- Of the refused content: the same content is refused once.
    gate                VARCHAR -- The gate that refused it.
    document_id?        BIGINT -- The document that was kept out whole. Null for a row of no document.
    listed_on?          DATE -- The day of the document.
    reason              VARCHAR -- What red means and what to do.
    row                 JSON -- The refused row as it was.
    first_run_id        VARCHAR -- The run that refused it first.
    last_run_id         VARCHAR -- The run that refused it last.
    refused_at          TIMESTAMP WITH TIME ZONE -- When it was refused first.
    resolved_at?        TIMESTAMP WITH TIME ZONE -- When it was settled. Null while it is open.
    resolution?         VARCHAR -- fixed, requeued or superseded.
    response_id?        VARCHAR -- The landed page that the row was read from.
    """,
    "One row per refused row and gate: documents that were kept out, and why.",
)

REFUSED_VERSIONS = _table(
    "refused_versions",
    "board_id, document_id, read_at",
    """
    board_id            VARCHAR -- The board of the article.
    document_id         BIGINT -- The document of the article.
    read_at             TIMESTAMP WITH TIME ZONE -- When this version was first read.
    content_hash        VARCHAR -- Of its parsed content.
    run_id              VARCHAR -- The run that refused it first.
    """,
    "One row per article version that gates refused and that was never published: it counts as no version.",
)

FORGOTTEN = _table(
    "forgotten",
    "board_id, document_id",
    """
    board_id            VARCHAR -- The board of the document.
    document_id         BIGINT -- The document that was taken down.
    forgotten_at        TIMESTAMP WITH TIME ZONE -- When it was.
    """,
    "One row per document that was taken down: consumers remove what they hold of it. It will not be published again.",
)

BOARD_DAY_FACTS = _table(
    "board_day_facts",
    "board_id, day",
    """
    board_id            VARCHAR -- The board.
    day                 DATE -- The day.
    row_count           BIGINT -- Documents that the board listed, refused ones included.
    newest_post_at?     TIMESTAMP WITH TIME ZONE -- When the last of them was written. Null on a day without any.
    """,
    "One row per published day of a board that was closed when it was read: what gates on volume and freshness call usual.",
)

BOARD_DAY_FIELDS = _table(
    "board_day_fields",
    "board_id, day, field",
    """
    board_id            VARCHAR -- The board.
    day                 DATE -- The day.
    field               VARCHAR -- What of a page: `list.author`, `article.source` and so on.
    seen_count          BIGINT -- Documents whose row or article was read.
    filled_count        BIGINT -- Those of them that had the field.
    """,
    "One row per field of a published, closed day of a board: what gates on the layout of its pages call usual.",
)

DOCUMENT_TABLES = (BOARD_ROWS, ARTICLES, ARTICLE_VERSIONS, ARTICLE_BLOCKS, CURRENCY_FACTS)
"""Replaced document by document; each has board_id and document_id."""
DATA_TABLES = (*DOCUMENT_TABLES, EXCHANGE_RATES)
HABIT_TABLES = (BOARD_DAY_FACTS, BOARD_DAY_FIELDS)
"""What is usual for a board: replaced day by day, from the candidate's `int_` tables of the same names."""
AUDIT_TABLES = (BOARD_DAYS, PUBLISHES, GATE_RESULTS, QUARANTINE, REFUSED_VERSIONS, FORGOTTEN, *HABIT_TABLES)
TABLES = (*DATA_TABLES, *AUDIT_TABLES)

SUMMARY = _table(
    "daily_board_summary",
    "board_id, day",
    """
    board_id                VARCHAR -- Id of the board in `boards.yaml`.
    day                     DATE -- The day that the list shows; of an article without a row, that of the article.
    row_count               BIGINT -- Documents listed.
    article_count           BIGINT -- Articles read.
    missing_article_count   BIGINT -- Documents that stand as listed and whose article was never read.
    secret_count            BIGINT -- Documents that only their author may read.
    deleted_count           BIGINT -- Documents that were listed once and are gone.
    fact_count              BIGINT -- Mentions of money.
    quarantined_count       BIGINT -- Documents with an open row in `quarantine`.
    """,
    "A view. One row per board and day that has a row, an article, a fact or a refused document: how many of each.",
)
"""A view, so no part of TABLES."""


def missing(found: Mapping[str, frozenset[str]]) -> list[str]:
    """The statements that bring a file with these tables and columns to this contract. A column added later may be null."""
    statements = [table.ddl for table in TABLES if table.name not in found]
    return statements + [
        f"alter table {table.name} add column {column.name} {column.type}"
        for table in TABLES
        if table.name in found
        for column in table.columns
        if column.name not in found[table.name]
    ]


DAILY_BOARD_SUMMARY = """
create or replace view daily_board_summary as
with
    listed as (
        select
            board_id,
            listed_on as day,
            count(*) as row_count,
            count(*) filter (
                status = 'listed' and not exists (
                    select 1 from articles as a where a.board_id = r.board_id and a.document_id = r.document_id
                )
            ) as missing_article_count,
            count(*) filter (status = 'secret') as secret_count,
            count(*) filter (status = 'deleted') as deleted_count
        from board_rows as r
        group by all
    ),
    read as (
        select board_id, listed_on as day, count(*) as article_count
        from articles
        group by all
    ),
    facts as (
        select board_id, listed_on as day, count(*) as fact_count
        from currency_facts
        group by all
    ),
    refused as (
        select board_id, listed_on as day, count(distinct document_id) as quarantined_count
        from quarantine
        where resolved_at is null and listed_on is not null
        group by all
    ),
    days as (
        select board_id, day from listed
        union select board_id, day from read
        union select board_id, day from facts
        union select board_id, day from refused
    )
select
    board_id,
    day,
    coalesce(row_count, 0) as row_count,
    coalesce(article_count, 0) as article_count,
    coalesce(missing_article_count, 0) as missing_article_count,
    coalesce(secret_count, 0) as secret_count,
    coalesce(deleted_count, 0) as deleted_count,
    coalesce(fact_count, 0) as fact_count,
    coalesce(quarantined_count, 0) as quarantined_count
from days
left join listed using (board_id, day)
left join read using (board_id, day)
left join facts using (board_id, day)
left join refused using (board_id, day)
"""
