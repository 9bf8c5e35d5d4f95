"""The published tables: columns, keys, DDL, and the number of the contract that they keep.

Here: what `docs/contract.md` promises, as data that the publisher creates tables from. Not here: how rows come into them
(`merge`, `audit`). The tests hold this module against a copy of the contract's column lists.
"""

from dataclasses import dataclass

CONTRACT_VERSION = 1
"""Raised when a consumer's query could break; `publishes` and each manifest carry it."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # as DuckDB writes it
    is_nullable: bool


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

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


def _table(name: str, key: str, columns: str) -> Table:
    """One column a line: name, `?` where it may be null, type."""
    parsed = []
    for line in columns.strip().splitlines():
        column, _, type_ = line.strip().partition(" ")
        parsed.append(Column(column.removesuffix("?"), type_.strip(), column.endswith("?")))
    return Table(name, tuple(key.split(", ")), tuple(parsed))


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
    board_id            VARCHAR
    day                 DATE
    state               VARCHAR
    gate?               VARCHAR
    reason?             VARCHAR
    since_at            TIMESTAMP WITH TIME ZONE
    last_good_version?  BIGINT
    run_id              VARCHAR
    """,
)

PUBLISHES = _table(
    "publishes",
    "warehouse_version",
    """
    warehouse_version   BIGINT
    run_id              VARCHAR
    published_at        TIMESTAMP WITH TIME ZONE
    from_on             DATE
    to_on               DATE
    boards              VARCHAR[]
    held_back           STRUCT(board_id VARCHAR, "day" DATE, gate VARCHAR)[]
    released            STRUCT(board_id VARCHAR, "day" DATE, reason VARCHAR, candidate_hash VARCHAR)[]
    row_counts          MAP(VARCHAR, BIGINT)
    contract_version    INTEGER
    """,
)

GATE_RESULTS = _table(
    "gate_results",
    "run_id, gate, board_id, day",
    """
    run_id              VARCHAR
    gate                VARCHAR
    board_id            VARCHAR
    day                 DATE
    suite               VARCHAR
    severity            VARCHAR
    outcome             VARCHAR
    observed?           DOUBLE
    bound?              DOUBLE
    failing_count       BIGINT
    reason              VARCHAR
    warehouse_version   BIGINT
    """,
)

QUARANTINE = _table(
    "quarantine",
    "board_id, table_name, row_key, content_hash, gate",
    """
    board_id            VARCHAR
    table_name          VARCHAR
    row_key             VARCHAR
    content_hash        VARCHAR
    gate                VARCHAR
    document_id?        BIGINT
    listed_on?          DATE
    reason              VARCHAR
    row                 JSON
    first_run_id        VARCHAR
    last_run_id         VARCHAR
    refused_at          TIMESTAMP WITH TIME ZONE
    resolved_at?        TIMESTAMP WITH TIME ZONE
    resolution?         VARCHAR
    """,
)

DOCUMENT_TABLES = (BOARD_ROWS, ARTICLES, ARTICLE_VERSIONS, ARTICLE_BLOCKS, CURRENCY_FACTS)
"""Replaced document by document; each has board_id and document_id."""
DATA_TABLES = (*DOCUMENT_TABLES, EXCHANGE_RATES)
AUDIT_TABLES = (BOARD_DAYS, PUBLISHES, GATE_RESULTS, QUARANTINE)
TABLES = (*DATA_TABLES, *AUDIT_TABLES)

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
