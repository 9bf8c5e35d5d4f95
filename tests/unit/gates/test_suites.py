"""Every gate goes red on the corruption that it is there for, alone, on its own board-day; and none on clean data."""

import datetime as dt
import shutil
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.catalogue import catalogue
from orchestration.gates.records import GateResult, Verdicts
from orchestration.gates.refusal import Ruling, decide
from orchestration.gates.runner import judge
from orchestration.scope import BoardDay, Scope

SUITES = Path(__file__).parents[3] / "expectations"
FIRST_DAY = dt.date(2025, 1, 1)

# One row of one board-day is corrupted. {b}: the gate's own board; {d}: its day. `first` picks the first of its three documents.
FIRST = "board_id = '{b}' and document_id % 10 = 1"
ROW = f"update int_board_rows set {{}} where {FIRST}"
ARTICLE = f"update int_articles set {{}} where {FIRST}"
VERSION = f"update int_article_versions set {{}} where {FIRST}"
BLOCK = f"update int_article_blocks set {{}} where {FIRST} and block_position = 0"
FACT = f"update int_currency_facts set {{}} where {FIRST}"
RATE = "update int_exchange_rates set {} where day = '{{d}}' and currency = 'USD'".replace("{{d}}", "{d}")
LISTED = f"update int_listing_rows set {{}} where {FIRST}"
SECOND = "update int_listing_rows set {} where board_id = '{b}' and document_id % 10 = 2"
CHECK = f"update int_document_checks set {{}} where {FIRST}"
PAGE = "update int_listing_pages set {} where board_id = '{b}'"
BOARD_DAY = "update int_board_days set {} where board_id = '{b}'"
FIELD = "update int_board_day_fields set {} where board_id = '{b}' and field = 'list.author'"


def change(template: str, assignment: str) -> str:
    return template.replace("{}", assignment)


def twice(relation: str, where: str) -> str:
    return f"insert into {relation} select * from {relation} where {where}"


RED: dict[str, str] = {
    "article_blocks.document_present": change(BLOCK, "document_id = null"),
    "article_blocks.has_article": change(BLOCK, "has_article = false"),
    "article_blocks.keys_unique": twice("int_article_blocks", f"{FIRST} and block_position = 0"),
    "article_blocks.kind_known": change(BLOCK, "kind = 'comment'"),
    "article_blocks.position_not_negative": change(BLOCK, "block_position = -1"),
    "article_blocks.text_clean": change(BLOCK, "is_text_clean = null"),
    "article_blocks.text_not_too_long": change(BLOCK, "text = repeat('가', 5001)"),
    "article_blocks.text_present": change(BLOCK, "text = null"),
    "article_blocks.credit_short": change(BLOCK, "credit = repeat('가', 61)"),
    "article_blocks.credits_in_captions": change(BLOCK, "is_credit_of_caption = false"),
    "article_blocks.image_url_absolute": change(BLOCK, "is_image_url_absolute = false"),
    "article_blocks.positions_without_gap": change(BLOCK, "block_position_step = 2"),
    "article_versions.chained": change(VERSION, "is_chained = false"),
    "article_versions.content_hash_present": change(VERSION, "content_hash = null"),
    "article_versions.document_present": change(VERSION, "document_id = null"),
    "article_versions.keys_unique": twice("int_article_versions", FIRST),
    "article_versions.not_reverted": change(VERSION, "is_reverted = true"),
    "article_versions.validity_in_order": change(VERSION, "valid_to_at = valid_from_at"),
    "article_versions.version_positive": change(VERSION, "version = 0"),
    "articles.blocks_complete": change(ARTICLE, "block_row_count = 1"),
    "articles.body_not_empty": change(ARTICLE, "char_count = 0"),
    "articles.content_hash_present": change(ARTICLE, "content_hash = null"),
    "articles.date_well_formed": change(ARTICLE, "is_date_well_formed = false"),
    "articles.day_agrees_with_row": change(ARTICLE, "days_from_row = -1"),
    "articles.document_present": change(ARTICLE, "document_id = null"),
    "articles.fetched_in_order": change(ARTICLE, "last_fetched_at = first_fetched_at - interval 1 second"),
    "articles.has_row_if_fetched": change(ARTICLE, "row_state = 'rowless_fetched'"),
    "articles.has_row_if_ingested": change(ARTICLE, "row_state = 'rowless_ingested'"),
    "articles.image_count_not_negative": change(ARTICLE, "image_count = -1"),
    "articles.keys_unique": twice("int_articles", FIRST),
    "articles.precision_known": change(ARTICLE, "published_precision = 'hour'"),
    "articles.published_before_fetch": change(ARTICLE, "is_published_before_fetch = false"),
    "articles.row_state_known": change(ARTICLE, "row_state = 'lost'"),
    "articles.title_clean": change(ARTICLE, "is_title_clean = false"),
    "articles.version_positive": change(ARTICLE, "version = 0"),
    "board_days.completeness_known": change(BOARD_DAY, "completeness = 'failed'"),
    "board_days.keys_unique": twice("int_board_days", "board_id = '{b}'"),
    "board_day_fields.filled_as_usual": change(FIELD, "is_filled_as_usual = false"),
    "board_day_fields.filled_within_seen": change(FIELD, "filled_count = 4"),
    "board_day_fields.keys_unique": twice("int_board_day_fields", "board_id = '{b}' and field = 'list.author'"),
    "board_day_fields.still_filled": change(FIELD, "is_still_filled = null"),
    "board_days.articles_all_read": change(BOARD_DAY, "unread_article_count = 1"),
    "board_days.few_articles_unread": change(BOARD_DAY, "unread_article_share = 0.06"),
    "board_days.not_from_saved_pages": change(BOARD_DAY, "completeness = 'ingested'"),
    "board_days.lists_all_read": change(BOARD_DAY, "unread_list_count = 1"),
    "board_days.newest_post_as_usual": change(BOARD_DAY, "silence_ratio = 1.6"),
    "board_days.newest_post_plausible": change(BOARD_DAY, "silence_ratio = 3.1"),
    "board_days.rows_not_lost": change(BOARD_DAY, "is_row_lost = true"),
    "board_days.volume_as_usual": change(BOARD_DAY, "row_count_deviation = -3.1"),
    "board_days.volume_plausible": change(BOARD_DAY, "row_count_ratio = 0.09"),
    "board_rows.comment_count_not_negative": change(ROW, "comment_count = -1"),
    "board_rows.date_well_formed": change(ROW, "is_date_well_formed = false"),
    "board_rows.day_present": change(ROW, "listed_on = null"),
    "board_rows.document_present": change(ROW, "document_id = null"),
    "board_rows.keys_unique": twice("int_board_rows", FIRST),
    "board_rows.not_listed_after_fetch": change(ROW, "days_before_fetch = -1"),
    "board_rows.post_no_positive": change(ROW, "post_no = 0"),
    "board_rows.seen_in_order": change(ROW, "last_seen_at = first_seen_at - interval 1 second"),
    "board_rows.status_known": change(ROW, "status = 'hidden'"),
    "board_rows.title_clean": change(ROW, "is_title_clean = false"),
    "board_rows.title_present": change(ROW, "title = null"),
    "board_rows.view_count_not_negative": change(ROW, "view_count = -1"),
    "currency_facts.amount_fits": change(FACT, "is_overflow = true"),
    "currency_facts.amount_of_its_text": change(FACT, "is_amount_of_text = false"),
    "currency_facts.amount_plausible": change(FACT, "amount_krw = 2e17"),
    "currency_facts.amount_positive": change(FACT, "is_amount_positive = false"),
    "currency_facts.currency_known": change(FACT, "is_currency_known = false"),
    "currency_facts.currency_of_its_text": change(FACT, "is_currency_of_text = false"),
    "currency_facts.document_present": change(FACT, "document_id = null"),
    "currency_facts.fact_present": change(FACT, "fact_id = null"),
    "currency_facts.keys_unique": twice("int_currency_facts", FIRST),
    "currency_facts.kind_known": change(FACT, "kind = 'money'"),
    "currency_facts.pair_exists": change(FACT, "has_pair = false"),
    "currency_facts.pair_in_order": change(FACT, "is_pair_in_order = false"),
    "currency_facts.place_known": change(FACT, "place = 'comment'"),
    "currency_facts.range_in_order": change(FACT, "amount_max = amount_min - 1"),
    "currency_facts.rate_not_suspect": change(FACT, "rate_verdict = 'suspect'"),
    "currency_facts.rate_verdict_known": change(FACT, "rate_verdict = 'odd'"),
    "currency_facts.rate_within_threefold": change(FACT, "rate_ratio = 3.01"),
    "currency_facts.span_right": change(FACT, "is_span_right = false"),
    "documents.authors_agree": change(CHECK, "is_author_agreed = false"),
    "documents.body_its_own": change(CHECK, "same_body_count = 1"),
    "documents.body_not_doubled": change(CHECK, "is_body_doubled = true"),
    "documents.body_without_page_parts": change(CHECK, "page_part_count = 2"),
    "documents.money_all_read": change(CHECK, "unread_money_count = 1"),
    "documents.status_answered": change(CHECK, "is_status_answered = false"),
    "documents.times_follow_the_list": change(CHECK, "minutes_back = 61"),
    "documents.title_bare": change(CHECK, "is_title_bare = false"),
    "documents.title_its_own": change(CHECK, "is_title_its_own = false"),
    "documents.title_whole": change(CHECK, "is_title_whole = false"),
    "documents.titles_agree": change(CHECK, "is_title_agreed = false"),
    "documents.url_of_its_board": change(CHECK, "is_url_of_its_board = false"),
    "documents.views_do_not_fall": change(CHECK, "view_count_step = -1"),
    "exchange_rates.currency_well_formed": change(RATE, "currency = 'US'"),
    "exchange_rates.in_line_with_its_neighbours": change(RATE, "is_out_of_line = true"),
    "exchange_rates.keys_unique": twice("int_exchange_rates", "day = '{d}' and currency = 'USD'"),
    "exchange_rates.krw_positive": change(RATE, "krw_per_unit = 0"),
    "exchange_rates.krw_present": change(RATE, "krw_per_unit = null"),
    "exchange_rates.in_step_with_second_source": change(RATE, "is_in_step_with_second_source = false"),
    "exchange_rates.moves_less_than_threefold": change(RATE, "is_move_plausible = false"),
    "exchange_rates.near_second_source": change(RATE, "is_near_second_source = false"),
    "exchange_rates.not_of_the_day_before": change(RATE, "is_of_the_day_before = true"),
    "exchange_rates.source_present": change(RATE, "rate_source = null"),
    "exchange_rates.usd_positive": change(RATE, "usd_per_unit = -1"),
    "listing_pages.keys_unique": twice("int_listing_pages", "board_id = '{b}'"),
    "listing_pages.numbers_of_the_whole_list": change(PAGE, "halved_number_count = 1"),
    "listing_pages.page_asked": change(PAGE, "is_page_asked = false"),
    "listing_pages.page_full": change(PAGE, "missing_row_count = 1"),
    "listing_pages.pages_join": change(PAGE, "unseen_number_count = 1"),
    "listing_pages.views_not_numbers": change(PAGE, "views_like_number_count = 3"),
    "listings.date_well_formed": change(LISTED, "is_date_well_formed = false"),
    "listings.days_do_not_rise": change(SECOND, "day_step = 1"),
    "listings.document_once": change(LISTED, "document_id = document_id + 1"),
    "listings.document_present": change(LISTED, "document_id = null"),
    "listings.keys_unique": change(LISTED, "position = 1"),
    "listings.not_listed_after_fetch": change(LISTED, "days_before_fetch = -1"),
    "listings.post_no_falls_by_one": change(SECOND, "post_no_step = 2"),
    "listings.post_no_present": change(LISTED, "is_post_no_missing = true"),
    "listings.post_no_positive": change(LISTED, "post_no = 0"),
    "listings.title_clean": change(LISTED, "is_title_clean = false"),
    "listings.title_present": change(LISTED, "title = null"),
}

INCLUDES = {"board_days.newest_post_plausible": "board_days.newest_post_as_usual"}
"""A gate with a wider bound on the same column: beyond it lies beyond the other, too."""

GATES = {gate.gate: gate for gate in catalogue(SUITES)}
OF_ROWS = sorted(name for name in GATES if not name.endswith(".columns_and_types"))
OF_TYPES = sorted(set(GATES) - set(OF_ROWS))
PLACES = {gate: (f"b{n:03}", FIRST_DAY + dt.timedelta(n)) for n, gate in enumerate(OF_ROWS)}


def scope_of(places: dict[str, tuple[str, dt.date]] = PLACES) -> Scope:
    days = tuple(BoardDay(board, day, "complete") for board, day in places.values())
    return Scope("run", FIRST_DAY, days[-1].day, offline=True, board_days=days)


@pytest.fixture(scope="module")
def clean(tmp_path_factory, make_candidate) -> Path:
    return make_candidate(tmp_path_factory.mktemp("clean") / "candidate.duckdb", [board for board, _ in PLACES.values()])


@pytest.fixture(scope="module")
def corrupted(tmp_path_factory, make_candidate) -> Verdicts:
    sql = [RED[gate].replace("{b}", board).replace("{d}", str(day)) for gate, (board, day) in PLACES.items() if gate in RED]
    path = tmp_path_factory.mktemp("corrupted") / "candidate.duckdb"
    return judge(make_candidate(path, [board for board, _ in PLACES.values()], *sql), scope_of(), SUITES)


@pytest.fixture(scope="module")
def red_by_place(corrupted) -> dict[tuple[str, dt.date], list[GateResult]]:
    red = defaultdict(list)
    for result in corrupted.results:
        if result.outcome != "passed":
            red[result.board_id, result.day].append(result)
    return red


def test_every_gate_has_a_corruption_that_turns_it_red():
    assert set(RED) == set(OF_ROWS)


def test_a_clean_candidate_passes_every_gate_on_every_board_day(clean):
    verdicts = judge(clean, scope_of(), SUITES)
    assert {result.gate for result in verdicts.results if result.outcome != "passed"} == set()
    assert verdicts.refusals == () and decide(verdicts) == Ruling({}, {})
    assert len({(r.gate, r.board_id, r.day) for r in verdicts.results}) == len(verdicts.results) == (len(GATES) + 1) * len(PLACES)


@pytest.mark.parametrize("gate", OF_ROWS)
def test_each_gate_goes_red_alone_on_its_own_board_day(gate, red_by_place):
    board, day = PLACES[gate]
    red = [r for r in red_by_place[board, day] + red_by_place["_rates", day] if r.gate != INCLUDES.get(gate)]
    assert [(result.gate, result.outcome) for result in red] == [(gate, "failed")]
    result = red[0]
    assert (result.severity, result.reason) == (GATES[gate].severity, GATES[gate].reason)
    assert result.failing_count == len(result.sample) > 0
    assert result.is_severe == (GATES[gate].severity == "critical")


# A column that no other gate judges; every column of the rates is judged.
UNJUDGED = {
    "article_blocks": "image_url",
    "article_versions": "source",
    "articles": "source",
    "board_day_fields": "usual_share",
    "board_days": "fact_count",
    "board_rows": "category",
    "currency_facts": "per",
    "documents": "row_author",
    "exchange_rates": "rate_source",
    "listing_pages": "view",
    "listings": "author",
}


@pytest.mark.parametrize("sql", ["alter column {} type blob using null", "drop column {}"], ids=["retyped", "dropped"])
@pytest.mark.parametrize("gate", OF_TYPES)
def test_a_column_of_another_type_or_none_fails_every_board_day(gate, sql, clean, tmp_path):
    suite, relation = GATES[gate].suite, GATES[gate].relation
    (tmp_path / "suites").mkdir()
    shutil.copy(SUITES / f"{suite}.json", tmp_path / "suites")
    candidate = Path(shutil.copy(clean, tmp_path / "candidate.duckdb"))
    with duckdb.connect(str(candidate)) as connection:
        connection.execute(f"alter table {relation} {sql.format(UNJUDGED[suite])}")
    results = judge(candidate, scope_of(), tmp_path / "suites").results
    assert {r.gate for r in results if r.outcome != "passed"} - {"exchange_rates.source_present"} == {gate}
    red = [result for result in results if result.gate == gate and result.outcome == "failed"]
    assert len(red) == len(PLACES)
    assert [row["column"] for row in red[0].sample] == [UNJUDGED[suite]]
