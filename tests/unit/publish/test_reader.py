"""What a reader can see, and that it can do nothing else."""

import datetime as dt
import threading

import pytest
from publish_world import Document, board, day, red

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.publish.reader import BoardWatch, DayNumbers, days_published, numbers, query, status, watch
from orchestration.settings import KST


def test_a_query_gives_columns_and_rows_with_stamps_in_kst(world):
    world.publish([Document(1, day(1))], [day(1)])
    rows = query(world.published, "select document_id, first_seen_at from board_rows")
    assert rows.columns == ("document_id", "first_seen_at")
    assert rows.records[0][0] == 1
    assert rows.records[0][1].utcoffset() == dt.timedelta(hours=9)


def test_an_equal_query_sees_the_next_version(world):
    world.publish([Document(1, day(1))], [day(1)])
    assert query(world.published, "select count(*) from board_rows").records == [(1,)]
    world.publish([Document(2, day(1))], [day(1)])
    assert query(world.published, "select count(*) from board_rows").records == [(2,)]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from board_rows",
        "insert into board_rows by name select 1 as document_id",
        "create table t (a int)",
        "drop view daily_board_summary",
        "copy board_rows to '{folder}/stolen.csv'",
        "select * from read_csv('{folder}/secret.csv')",
        "from '{folder}/secret.csv'",
        "attach '{folder}/new.duckdb'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "install httpfs",
        "select * from glob('{folder}/*')",
        "export database '{folder}/out'",
        "detach warehouse; attach '{warehouse}' as warehouse",
    ],
)
def test_a_query_cannot_write_or_read_another_file(world, sql):
    world.publish([Document(1, day(1))], [day(1)])
    (world.home / "secret.csv").write_text("a\n1\n")
    before = {path: path.stat().st_mtime_ns for path in world.home.rglob("*")}
    warehouse = (world.published / "warehouse.duckdb").resolve()
    with pytest.raises(ConfigError, match="the query failed") as caught:
        query(world.published, sql.format(folder=world.home, warehouse=warehouse))
    assert "\n" not in str(caught.value)
    assert {path: path.stat().st_mtime_ns for path in world.home.rglob("*")} == before


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selec 1", 'syntax error at or near "selec"'),
        ("select nothing from board_rows", 'column "nothing" not found'),
        ("select * from board_row", "board_row does not exist"),
        ("", "the query is empty"),
        ("-- only a comment", "the query is empty"),
        ("select 1 / 'a'", "Could not convert"),
    ],
)
def test_a_wrong_query_is_one_line_and_wrong_usage(world, sql, message):
    world.publish([Document(1, day(1))], [day(1)])
    with pytest.raises(ConfigError, match=message) as caught:
        query(world.published, sql)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


def test_before_the_first_publish_a_query_says_what_to_do(tmp_path):
    with pytest.raises(BoardhouseError, match=r"nothing is published in .* yet: start a run first"):
        query(tmp_path / "published", "select 1")
    assert status(tmp_path / "published") is None


def test_a_damaged_version_is_one_line(world):
    world.publish([Document(1, day(1))], [day(1)])
    (world.published / "warehouse.duckdb").resolve().write_bytes(b"x" * 20000)
    with pytest.raises(BoardhouseError, match=r"version 1 in .* is damaged .*boardhouse rebuild") as caught:
        query(world.published, "select 1")
    assert "\n" not in str(caught.value)


def test_queries_run_side_by_side_in_one_process(world):
    world.publish([Document(1, day(1))], [day(1)])
    answers = []

    def read():
        answers.extend(query(world.published, "select count(*) from board_rows").records)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(1,)] * 4


def test_status_tells_freshness_and_what_is_not_published(world):
    world.boards = (board(), board("daily"))
    world.publish([Document(1, day(1)), Document(2, day(2))], [day(1), day(2)], results=[red("news", day(2))])
    world.publish([], [day(1)], boards=["daily"], failed=[("daily", day(1))])
    found = status(world.published)
    assert (found.warehouse_version, found.run_id, found.contract_version) == (2, "run2", 1)
    assert found.published_at == world.now
    assert found.row_counts["board_rows"] == 1
    assert [(b.board_id, b.row_count, b.last_listed_on, b.last_published_on) for b in found.boards] == [
        ("daily", 0, None, None),
        ("news", 1, day(1), day(1)),
    ]
    assert [(d.board_id, d.day, d.gate, d.reason) for d in found.held_back] == [
        ("news", day(2), "board_rows.titled", "제목이 비었다")
    ]
    assert [(d.board_id, d.day, d.reason) for d in found.failed] == [("daily", day(1), "the board is down")]
    assert found.not_run_count == 1


def test_a_day_is_published_when_it_is_for_every_board_that_has_begun(world):
    world.boards = (board(), board("daily", first_day=day(3)))
    world.publish([], [day(1), day(2), day(3)], results=[red("news", day(2))])
    assert days_published(world.published, world.boards, day(1), day(4)) == [day(1)]
    world.publish([], [day(3)], boards=["daily"])
    assert days_published(world.published, world.boards, day(1), day(4)) == [day(1), day(3)]


def test_a_watch_tells_when_a_board_was_last_read_since_when_it_fails_and_whether_it_is_held_back(world):
    assert watch(world.published, ["news"], since_on=day(1)) == {}
    world.now = dt.datetime.combine(day(2), dt.time(9), KST)
    world.publish([Document(1, day(1)), Document(2, day(2))], [day(1), day(2)])
    read_at = world.now
    world.publish([Document(1, day(1))], [day(1)])  # an old day says nothing of the current one
    found = watch(world.published, ["news", "daily"], since_on=day(2))
    assert found["news"] == BoardWatch(posts=(dt.datetime.combine(day(2), dt.time(), KST),), looked_at=read_at)
    assert found["daily"] == BoardWatch()
    world.publish([], [day(1), day(2)], failed=[("news", day(1)), ("news", day(2))])
    failing_since = world.now
    world.publish([], [day(2)], failed=[("news", day(2))])
    failing = watch(world.published, ["news"], since_on=day(1))["news"]
    assert (failing.failing_since, failing.failing_reason, failing.is_held_back) == (failing_since, "the board is down", False)
    world.publish([Document(2, day(2))], [day(2)])
    again = watch(world.published, ["news"], since_on=day(1))["news"]
    assert (again.looked_at, again.failing_since) == (world.now, None)
    world.publish([Document(2, day(2))], [day(2)], results=[red("news", day(2))])
    assert watch(world.published, ["news"], since_on=day(1))["news"].is_held_back


def test_the_numbers_of_a_day_are_those_of_all_boards(world):
    world.boards = (board(), board("daily"))
    world.publish([Document(1, day(1)), Document(2, day(1), board_id="daily")], [day(1)], boards=["news", "daily"])
    found = numbers(world.published, day(1), day(2))
    assert (found.of(day(1)).rows, found.of(day(1)).articles) == (2, 2)
    assert found.of(day(2)) == DayNumbers(day(2), 0, 0, 0, 0)
