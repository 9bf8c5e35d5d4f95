"""dbt on small candidates: what the models give, and which tests go red."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.build.run import UNIT_TESTS, BuildError, build, run_dbt
from orchestration.publish.schema import DATA_TABLES
from tests.support.candidate import DAY4, DAY5, fill_candidate, page, raw_rows, small_candidate, write_candidate

HISTORY = ("board_rows", "articles", "article_versions", "article_blocks", "exchange_rates")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_candidate(tmp_path_factory.mktemp("run") / "candidate.duckdb")


def rows(candidate: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(candidate), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(sql).fetchall()


def table(candidate: Path, name: str) -> list[tuple[Any, ...]]:
    return rows(candidate, f"select * from {name} order by all")


def test_the_unit_tests_of_the_models_pass(small: Path):
    result = run_dbt(small.parent, UNIT_TESTS)
    assert result.failures == ()
    assert result.success
    assert len(result.nodes) >= 13


def test_the_marts_have_the_columns_and_types_of_the_contract(small: Path):
    for published in DATA_TABLES:
        found = rows(small, f"select column_name, column_type from (describe {published.name}) order by all")
        assert found == sorted((column.name, column.type) for column in published.columns), published.name


def test_marts_hold_what_is_judged(small: Path):
    for published in DATA_TABLES:
        columns = ", ".join(f'"{name}"' for name in published.column_names if name != "changed_in_version")
        assert rows(small, f"select {columns} from {published.name} except all select {columns} from int_{published.name}") == []
        assert rows(small, f"select {columns} from int_{published.name} except all select {columns} from {published.name}") == []


def test_titles_tags_and_days_come_from_the_list(small: Path):
    assert rows(small, "select document_id, listed_on, post_no, title_tags, status, is_notice from board_rows order by all") == [
        (90, DAY4, None, [], "listed", True),
        (100, DAY4, 1, [], "listed", False),
        (101, DAY4, 2, ["1보", "단독"], "listed", False),
        (102, DAY5, 3, ["속보"], "listed", False),
        (103, DAY5, 4, [], "secret", False),
    ]


def test_an_article_is_joined_from_its_blocks_and_stands_under_its_row_s_day(small: Path):
    assert rows(small, "select document_id, listed_on, block_count, body_text, char_count from articles order by all") == [
        (101, DAY4, 3, "총 100억 달러(약 14조5000억원)를 들여 항만을 넓힌다.\n다음 계획\n내년에 마친다.", 50),
        (102, DAY5, 1, "오늘 확정했다.", 8),
    ]


def test_a_conversion_is_paired_and_judged(small: Path):
    (won,) = rows(
        small,
        "select p.text, f.rate_pair, f.implied_rate, f.reference_rate, f.reference_on, f.rate_verdict, f.amount_krw, f.amount_usd"
        " from currency_facts f join currency_facts p on p.fact_id = f.paired_fact_id",
    )
    assert won == (
        "100억 달러", "USD/KRW", 1450.0, 1455.0, DAY4, "consistent", Decimal("14500000000000"), Decimal("9965635738.8316"),
    )  # fmt: skip


def test_a_board_day_counts_what_is_listed_and_what_is_built(small: Path):
    assert rows(
        small,
        "select listed_on, listed_row_count, row_count, article_count, fact_count, is_row_lost, unread_list_count,"
        " unread_article_count from int_board_days order by all",
    ) == [(DAY4, 3, 3, 1, 3, False, 0, 0), (DAY5, 2, 2, 1, 0, False, 0, 0)]


def test_the_published_state_alone_gives_the_same_documents(small: Path, tmp_path: Path):
    """Where the landing was pruned: one version back and forth, no landed page left."""
    history = {name: _dicts(small, name) for name in HISTORY}
    raw = {name: content for name, content in raw_rows().items() if name in ("scope", "boards", "mentions", "rates")}
    candidate = tmp_path / "candidate.duckdb"
    assert write_candidate(candidate, raw, history).success
    for published in DATA_TABLES:
        assert table(candidate, published.name) == table(small, published.name), published.name


def test_the_published_state_beside_the_landing_changes_nothing(small: Path, tmp_path: Path):
    candidate = tmp_path / "candidate.duckdb"
    assert write_candidate(candidate, raw_rows(), {name: _dicts(small, name) for name in HISTORY}).success
    for published in DATA_TABLES:
        assert table(candidate, published.name) == table(small, published.name), published.name


def test_a_moved_document_leaves_and_an_unread_page_counts_for_its_days(small: Path, tmp_path: Path):
    raw = raw_rows()
    later = dt.datetime(2025, 2, 6, 3, 0, tzinfo=dt.UTC)
    moved = next(row for row in raw["listing_rows"] if row["document_id"] == 101)
    raw["listing_rows"].append(moved | {"response_id": "list2", "listed_on": dt.date(2025, 2, 6), "date_text": "2025.02.06"})
    raw["pages"] += [
        page("list2", fetched_at=later, is_judged=False),
        page("list3", kind="none", reason="truncated"),
        page("art100", purpose="article", is_judged=False),
    ]
    raw["article_reads"].append({"response_id": "art100", "document_id": 100, "outcome": "unreadable"})
    candidate = tmp_path / "candidate.duckdb"
    assert write_candidate(candidate, raw, {"board_rows": _dicts(small, "board_rows")}).success
    for name in ("board_rows", "articles", "article_versions", "article_blocks", "currency_facts"):
        assert rows(candidate, f"select * from {name} where document_id = 101") == []
    assert rows(candidate, "select listed_on, unread_list_count, unread_article_count from int_board_days order by all") == [
        (DAY4, 1, 1),
        (DAY5, 1, 0),
    ]


def test_a_key_that_stands_twice_fails_the_build(small: Path, tmp_path: Path):
    """The red side of the key tests: a candidate whose mart was tampered with."""
    copy = tmp_path / "candidate.duckdb"
    copy.write_bytes(small.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        for published in DATA_TABLES:
            connection.execute(f"insert into {published.name} select * from {published.name} limit 1")
    result = run_dbt(tmp_path, ("test", "--select", "marts", "--exclude", "test_type:unit"))
    assert not result.success
    failed = {node.unique_id.split(".")[2] for node in result.nodes if not node.passed}
    assert failed == {f"{published.name}_key_is_unique" for published in DATA_TABLES}


def test_rows_that_contradict_themselves_fail_the_build(small: Path, tmp_path: Path):
    copy = tmp_path / "candidate.duckdb"
    copy.write_bytes(small.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update board_rows set status = 'lost'")
        connection.execute("update articles set version = 0")
        connection.execute("update article_versions set valid_to_at = valid_from_at")
        connection.execute("update currency_facts set rate_verdict = null")
    result = run_dbt(tmp_path, ("test", "--select", "marts", "--exclude", "test_type:unit"))
    failed = {node.unique_id.split(".")[2] for node in result.nodes if not node.passed}
    assert failed == {f"{name}_agree_with_themselves" for name in ("board_rows", "articles", "article_versions", "currency_facts")}


def test_a_failed_build_says_which_node_and_why(tmp_path: Path):
    raw = raw_rows()
    raw["listing_rows"][-1] |= {"title": None}  # the contract says that a title is never null
    fill_candidate(tmp_path / "candidate.duckdb", raw)
    with pytest.raises(BuildError, match="board_rows"):
        build(tmp_path)


def test_dbt_without_a_candidate_says_so(tmp_path: Path):
    with pytest.raises(BuildError, match=r"no candidate\.duckdb beside dbt's target folder"):
        run_dbt(tmp_path)
    assert not (tmp_path / "candidate.duckdb").exists()


def _dicts(candidate: Path, name: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(candidate), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(f"select * from {name}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
