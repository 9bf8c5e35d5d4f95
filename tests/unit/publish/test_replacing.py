"""A whole warehouse in the place of the current one: what goes on from the version before, damaged or not, and what is named."""

import shutil

import pytest
from publish_world import NOW, Document, World, day, rate

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.publish.replacing import Replaced, newest_readable, replace_all, take_over
from orchestration.publish.versions import Retention, current_version, warehouse_file


@pytest.fixture
def made(tmp_path) -> World:
    """What a rebuild made: document 1 alone."""
    made = World(tmp_path / "made")
    made.publish([Document(1, day(1), title="새 제목")], [day(1)], rates=[rate(day(1))])
    return made


def put(world: World, made: World, *, since=(1, 2), after=None, forgotten=()):
    return replace_all(
        world.published,
        warehouse_file(made.published, current_version(made.published) or 0),
        since=since,
        after=after,
        forgotten=forgotten,
        run_id="rebuild-1",
        now=NOW,
        keep=Retention(),
        effects=Effects(),
    )


def two_versions(world: World) -> None:
    world.publish([Document(1, day(1), title="새 제목"), Document(2, day(2))], [day(1), day(2)], rates=[rate(day(1)), rate(day(2))])
    world.publish([Document(3, day(2))], [day(2)])


def damage(world: World, version: int) -> None:
    file = warehouse_file(world.published, version)
    file.write_bytes(file.read_bytes()[:2000])


def test_what_only_an_older_version_has_is_taken_over_and_counted_by_day(world, made):
    two_versions(world)
    assert take_over(made.published, world.published, 2, [("news", 3)], NOW) == {("news", day(2)): 1}
    done = put(world, made, forgotten=[("news", 3)])
    assert isinstance(done, Replaced)
    assert world.sql("select document_id from board_rows where document_id <> 3 order by 1") == [(1,), (2,)]
    assert world.sql("select day from exchange_rates order by 1") == [(day(1),), (day(2),)]
    assert world.sql("select document_id from forgotten") == [(3,)]


def test_equal_rows_keep_their_number_and_others_go(world, made):
    two_versions(world)
    done = put(world, made)
    assert (done.warehouse_version, done.base) == (3, 2)
    assert world.sql("select document_id, changed_in_version from board_rows") == [(1, 1)]
    assert world.sql("select count(*) from publishes") == [(3,)]


def test_over_a_damaged_version_all_rows_count_as_changed_and_audit_goes_on_from_the_last_whole_one(world, made):
    two_versions(world)
    damage(world, 2)
    assert newest_readable(world.published) == 1
    done = put(world, made)
    assert (done.warehouse_version, done.base) == (3, 1)
    assert world.sql("select document_id, changed_in_version from board_rows") == [(1, 3)]
    assert world.sql("select warehouse_version from publishes order by 1") == [(1,), (3,)]


def test_where_nothing_is_left_the_number_goes_on_from_what_consumers_saw(world, made):
    two_versions(world)
    shutil.rmtree(world.published)
    assert put(world, made, since=(), after=41).warehouse_version == 42
    assert world.sql("select distinct changed_in_version from board_rows") == [(42,)]
    assert world.sql("select state, last_good_version from board_days") == [("published", 42)]


def test_a_missing_link_is_mended(world, made):
    two_versions(world)
    (world.published / "current").unlink()
    with pytest.raises(BoardhouseError, match="is missing"):
        current_version(world.published)
    assert put(world, made).warehouse_version == 3


def test_what_another_run_published_meanwhile_is_named_and_nothing_is_replaced(world, made):
    two_versions(world)
    assert put(world, made, since=(1,)) == [("news", day(2))]
    assert current_version(world.published) == 2
