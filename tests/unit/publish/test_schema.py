"""The published tables are the contract's, column by column."""

import duckdb
import pytest

from orchestration.publish import schema

CONTRACT = {
    "board_rows": "*board_id *document_id post_no? is_notice title title_tags category? author? listed_on comment_count? "
    "view_count? url? status first_seen_at last_seen_at changed_in_version",
    "articles": "*board_id *document_id version url? title? author? published_at? published_precision? listed_on source? body_text "
    "block_count image_count char_count content_hash first_fetched_at last_fetched_at changed_in_version",
    "article_versions": "*board_id *document_id *version url? title? author? published_at? published_precision? listed_on source? "
    "body_text block_count image_count char_count content_hash first_fetched_at last_fetched_at valid_from_at valid_to_at? "
    "changed_in_version",
    "article_blocks": "*board_id *document_id *block_position kind text credit? image_url? changed_in_version",
    "currency_facts": "*fact_id board_id document_id version? listed_on place block_position? char_start char_end text kind "
    "currency amount? amount_min? amount_max? qualifiers per? paired_fact_id? rate_pair? implied_rate? implied_rate_low? "
    "implied_rate_high? reference_rate? reference_on? rate_verdict? best_fit_on? amount_krw? amount_usd? changed_in_version",
    "exchange_rates": "*day *currency *recorded_at krw_per_unit usd_per_unit? rate_source changed_in_version",
    "board_days": "*board_id *day state gate? reason? since_at last_good_version? run_id candidate_hash?",
    "publishes": "*warehouse_version run_id published_at from_on to_on boards held_back released row_counts contract_version",
    "gate_results": "*run_id *gate *board_id *day suite severity outcome observed? bound? failing_count reason warehouse_version "
    "sample?",
    "quarantine": "*board_id *table_name *row_key *content_hash *gate document_id? listed_on? reason row first_run_id last_run_id "
    "refused_at resolved_at? resolution? response_id?",
    "refused_versions": "*board_id *document_id *read_at content_hash run_id",
    "forgotten": "*board_id *document_id forgotten_at",
    "board_day_facts": "*board_id *day row_count newest_post_at?",
    "board_day_fields": "*board_id *day *field seen_count filled_count",
}
"""Our copy of the contract: keys with a star, what may be null with a question mark. `usd_per_unit` is null on a day without a
rate of USD: nothing else would be true, and a whole publish must not fail over it."""

TYPES = {
    "board_rows": {"document_id": "BIGINT", "post_no": "INTEGER", "is_notice": "BOOLEAN", "title_tags": "VARCHAR[]"},
    "article_blocks": {"block_position": "INTEGER"},
    "currency_facts": {"fact_id": "VARCHAR", "amount": "DECIMAL(38,4)", "amount_krw": "DECIMAL(38,4)", "implied_rate": "DOUBLE"},
    "exchange_rates": {"krw_per_unit": "DOUBLE", "usd_per_unit": "DOUBLE"},
    "publishes": {
        "warehouse_version": "BIGINT",
        "boards": "VARCHAR[]",
        "held_back": 'STRUCT(board_id VARCHAR, "day" DATE, gate VARCHAR)[]',
        "released": 'STRUCT(board_id VARCHAR, "day" DATE, reason VARCHAR, candidate_hash VARCHAR)[]',
        "row_counts": "MAP(VARCHAR, BIGINT)",
    },
    "quarantine": {"row": "JSON"},
}


@pytest.fixture(scope="module")
def created():
    with duckdb.connect() as connection:
        for table in schema.TABLES:
            connection.execute(table.ddl)
        connection.execute(schema.DAILY_BOARD_SUMMARY)
        yield {
            name: {column: (kind, null == "YES") for column, kind, null, *_ in connection.execute(f"describe {name}").fetchall()}
            for (name,) in connection.execute("show tables").fetchall()
        }


def test_there_are_the_tables_of_the_contract_and_the_view(created):
    assert set(created) == {*CONTRACT, "daily_board_summary"}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_table_has_the_columns_of_the_contract(created, name):
    words = CONTRACT[name].split()
    assert {column: null for column, (_, null) in created[name].items()} == {w.strip("*?"): w.endswith("?") for w in words}
    assert next(t for t in schema.TABLES if t.name == name).key == tuple(w.strip("*") for w in words if w.startswith("*"))


@pytest.mark.parametrize("name", CONTRACT)
def test_columns_have_the_types_that_the_contract_or_their_name_promises(created, name):
    for column, (kind, _) in created[name].items():
        if column.endswith("_at"):
            assert kind == "TIMESTAMP WITH TIME ZONE", column
        elif column.endswith("_on") or column == "day":
            assert kind == "DATE", column
        elif column == "changed_in_version":
            assert kind == "BIGINT"
    assert {column: created[name][column][0] for column in TYPES.get(name, {})} == TYPES.get(name, {})


def test_the_summary_has_the_columns_of_the_contract(created):
    assert " ".join(created["daily_board_summary"]) == (
        "board_id day row_count article_count missing_article_count secret_count deleted_count fact_count quarantined_count"
    )


def test_sightings_and_views_are_no_change_of_a_row():
    assert set(schema.BOARD_ROWS.column_names) - set(schema.BOARD_ROWS.compared) == {
        "last_seen_at",
        "view_count",
        "changed_in_version",
    }
    assert set(schema.ARTICLES.column_names) - set(schema.ARTICLES.compared) == {"last_fetched_at", "changed_in_version"}
