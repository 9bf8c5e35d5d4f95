"""A rollback publishes the old content as a new version, and consumers that read by changes see it."""

import shutil

import duckdb
import pytest
from click.testing import CliRunner
from publish_world import Document, World, day, rate, red

from orchestration.cli import main
from orchestration.decisions import recorded_decisions
from orchestration.errors import BoardhouseError
from orchestration.landing.store import Landing
from orchestration.publish.publisher import Stale
from orchestration.publish.rollback import choose_version, roll_back
from orchestration.publish.schema import DATA_TABLES

REASON = "금액이 틀렸다"


def data(world: World) -> dict[str, list]:
    """The data tables without their numbers, as a consumer has them."""
    found = {
        table.name: world.sql(f"select * exclude (changed_in_version) from {table.name} order by all") for table in DATA_TABLES
    }
    assert found["board_rows"]
    return found


def back(world: World, version: int | None = None):
    return roll_back(world.published, choose_version(world.published, version), REASON, now=world.now, effects=world.effects)


@pytest.fixture
def twice(world):
    """Version 1, and a version 2 that changed, moved, added and held back."""
    world.publish([Document(n, day(1), blocks=("100", "글")) for n in range(1, 5)], [day(1)], rates=[rate(day(1))])
    world.first = data(world)
    changed = [Document(1, day(1), title="고친 제목"), Document(2, day(2), blocks=("200",)), Document(9, day(2))]
    world.publish(changed, [day(1), day(2), day(3)], results=[red("news", day(3))], rates=[rate(day(2))])
    return world


def test_the_old_content_is_the_next_version(twice):
    done = back(twice)
    assert (done.warehouse_version, done.old_version, done.lost_history) == (3, 1, False)
    assert data(twice) == twice.first
    assert twice.sql("select warehouse_version, run_id[:13] from publishes order by 1")[2] == (3, "rollback-to-1")
    assert len(twice.sql("select distinct run_id from gate_results")) == 1, "the audit tables keep their history"
    assert twice.leftovers() == []


def test_what_is_usual_is_again_what_the_old_version_knew(twice):
    back(twice)
    assert twice.sql("select day, row_count from board_day_facts") == [(day(1), 4)]
    assert twice.sql("select day, field, seen_count from board_day_fields") == [(day(1), "list.author", 4)]


def test_what_came_back_counts_as_changed_and_what_was_equal_does_not(twice):
    back(twice)
    numbers = dict(twice.sql("select document_id, changed_in_version from board_rows"))
    assert numbers == {1: 3, 2: 3, 3: 1, 4: 1}
    assert twice.sql("select changed_in_version from articles where document_id = 2") == [(3,)]


def test_board_days_say_what_stands_now(twice):
    back(twice)
    states = twice.sql("select day, state, last_good_version, reason from board_days where board_id = 'news' order by day")
    gone = f"rolled back to version 1 ({REASON}), which did not have this day: run it again"
    assert states == [(day(1), "published", 3, None), (day(2), "not_run", None, gone), (day(3), "not_run", None, gone)]


def test_the_next_run_publishes_onto_it(twice):
    back(twice)
    done = twice.publish([Document(2, day(2), blocks=("200",))], [day(2)])
    assert done.warehouse_version == 4
    assert twice.sql("select listed_on from board_rows where document_id = 2") == [(day(2),)]
    assert twice.sql("select count(*) from publishes") == [(4,)]


def test_a_run_that_was_built_before_it_is_built_anew(twice):
    back(twice)
    with pytest.raises(Stale):
        twice.publish([Document(1, day(1))], [day(1)], base=2)


def test_any_kept_version_can_be_chosen(twice):
    twice.publish([Document(20, day(4))], [day(4)])
    assert back(twice, 1).warehouse_version == 4
    assert data(twice) == twice.first
    assert back(twice, 3).warehouse_version == 5
    assert (20,) in twice.sql("select document_id from board_rows")


@pytest.mark.parametrize("wanted", [2, 3, 99])
def test_a_version_that_is_not_before_the_current_is_refused(twice, wanted):
    with pytest.raises(
        BoardhouseError, match=f"version {wanted} is none that version 2 could be rolled back to; kept before it: 1"
    ):
        choose_version(twice.published, wanted)


def test_without_an_older_version_there_is_none_to_roll_back_to(world):
    with pytest.raises(BoardhouseError, match="nothing is published"):
        choose_version(world.published, None)
    world.publish([Document(1, day(1))], [day(1)])
    with pytest.raises(BoardhouseError, match="keeps no whole version before 1"):
        choose_version(world.published, None)


def damage(world: World, version: int) -> None:
    path = world.published / "versions" / str(version) / "warehouse.duckdb"
    data = bytearray(path.read_bytes())
    data[: len(data) // 2] = bytes(len(data) // 2)
    path.write_bytes(bytes(data))


def test_a_damaged_version_is_not_rolled_back_to(twice):
    twice.publish([Document(20, day(4))], [day(4)])
    damage(twice, 2)
    assert choose_version(twice.published, None) == 1
    with pytest.raises(BoardhouseError, match=r"version 2 in .* is damaged: choose another"):
        choose_version(twice.published, 2)


@pytest.mark.parametrize(
    "accident",
    [
        damage,
        lambda world, n: shutil.rmtree(world.published / "versions" / str(n) / "parquet"),
        lambda world, n: (world.published / "versions" / str(n) / "warehouse.duckdb").unlink(),
    ],
)
def test_it_mends_a_damaged_current_version(twice, accident):
    accident(twice, 2)
    done = back(twice)
    assert data(twice) == twice.first
    if done.lost_history:
        assert twice.sql("select distinct changed_in_version from board_rows") == [(3,)], "consumers read all of it again"
    assert twice.leftovers() == []


def test_its_parquet_files_hold_the_old_content(twice):
    back(twice)
    for table in DATA_TABLES:
        path = twice.published / "current" / "parquet" / f"{table.name}.parquet"
        rows = duckdb.sql(f"select * exclude (changed_in_version) from '{path}' order by all")
        assert len(rows.fetchall()) == len(twice.first[table.name])


def test_the_command_records_who_decided_and_says_what_follows(twice, monkeypatch):
    monkeypatch.setenv("BOARDHOUSE_HOME", str(twice.home))
    done = CliRunner().invoke(main, ["rollback", "--reason", REASON])
    assert done.exit_code == 0, done.output
    assert "published version 3 with the content of version 1; changed: board_rows 2" in done.stdout
    assert "switch the schedules off" in done.stderr
    (decision,) = recorded_decisions(Landing(twice.home / "landing"), ["rollback"])
    assert (decision.version, decision.reason) == (1, REASON)
    refused = CliRunner().invoke(main, ["rollback", "99", "--reason", REASON])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert len(recorded_decisions(Landing(twice.home / "landing"))) == 1, "what was refused is no decision"
    assert CliRunner().invoke(main, ["rollback"]).exit_code == 2
