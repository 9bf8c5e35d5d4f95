"""A publish that stops at any of its side effects leaves the old version or the new one, row for row; the next one repairs."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from publish_world import NOW, Document, World, day, rate, red
from stopping import Stopped, Stopping, die, ended_in_a_child, stop

from orchestration.effects import Effects
from orchestration.publish import parquet
from orchestration.publish.rollback import roll_back
from orchestration.publish.schema import DATA_TABLES
from orchestration.publish.versions import Retention


class TornCopy(Effects):
    def copy(self, source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
        die()


class TornWrite(Effects):
    def write(self, path: Path, text: str) -> None:
        path.write_text(text[: len(text) // 2])
        die()


def first(world: World) -> None:
    documents = [Document(n, day(1 + n % 2), blocks=("100", "글")) for n in range(1, 20)]
    # Blocks enough for some row groups: the Parquet file of the next version is then grown, not written whole.
    documents.append(Document(50, day(1), blocks=("긴 글",) * 6200))
    world.publish(documents, [day(1), day(2)], rates=[rate(day(1))])


def second(world: World) -> None:
    """Something of each kind: changed, moved, new, held back, failed."""
    changed = [Document(n, day(1 + n % 2), title="고친 제목", blocks=("200", "글")) for n in range(1, 6)]
    candidate = [*changed, Document(8, day(3)), Document(30, day(3)), Document(31, day(4))]
    days = [day(n) for n in range(1, 6)]
    world.publish(candidate, days, failed=[("news", day(5))], results=[red("news", day(4))])  # no new rate: a table to link


class Case:
    """What is stopped, and how the tables are before and after it. Each trial starts in a copy. `first`: a first publish;
    `later`: one upon it that also removes the version before it; `rollback`: to the first of two."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.start, self.kind, self.trials = folder / "start", kind, folder / "trials"
        self.runs = {"first": 0, "later": 1, "rollback": 2}[kind]
        world = World(self.start)
        self.start.mkdir(parents=True)
        for act in (first, second)[: self.runs]:
            act(world)
        self.before = world.tables()
        done = self.copy("done")
        done.effects = Stopping(0, stop)
        self.act(done)
        self.after = done.tables()
        self.effects: list[str] = done.effects.seen

    def copy(self, name: str) -> World:
        home = self.trials / name
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.start, home, symlinks=True)
        keep = Retention(versions=1, days=0) if self.kind == "later" else Retention()
        return World(home, runs=self.runs, now=NOW + dt.timedelta(hours=self.runs), keep=keep)

    def act(self, world: World) -> None:
        match self.kind:
            case "first":
                first(world)
            case "later":
                second(world)
            case "rollback":
                world.now += dt.timedelta(hours=1)
                roll_back(world.published, 1, "금액이 틀렸다", now=world.now, keep=world.keep, effects=world.effects)

    def check(self, world: World) -> None:
        """Old or new now, and after the next publish all of the new and nothing else."""
        found = world.tables()
        assert found in (self.before, self.after)
        assert not found or world.damage() == []
        world.effects = Effects()
        self.act(world)
        repaired = world.tables()
        is_new_already = found == self.after
        assert data(repaired) == data(self.after)
        assert len(repaired["publishes"]) == len(self.after["publishes"]) + is_new_already
        assert world.leftovers() == []
        assert world.damage() == []

    def points(self, is_all: bool, half: int) -> list[int]:
        """Every effect; or the last of each kind, which holds the whole of the commit: each in one of the two halves, the swap of
        the link in both."""
        if is_all:
            return list(range(1, len(self.effects) + 1))
        last_of_kind = {what: n for n, what in enumerate(self.effects, start=1)}
        return sorted({*sorted(last_of_kind.values())[half::2], last_of_kind["swap"]})


def data(tables: dict[str, list]) -> dict[str, list]:
    return {table.name: tables[table.name] for table in DATA_TABLES}


@pytest.fixture(scope="module", params=["first", "later", "rollback"])
def case(request, tmp_path_factory) -> Iterator[Case]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "GROUP_ROWS", 2048)
        patch.setattr(parquet, "OPTIONS", "(format parquet, row_group_size 2048)")
        yield Case(tmp_path_factory.mktemp("case"), request.param)


@pytest.mark.parametrize("is_all", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["the last of every other kind", "all"])
def test_killed_at_the_nth_effect(case, is_all):
    for n in case.points(is_all, half=0):
        world = case.copy("killed")
        world.effects = Stopping(n, die)
        assert not ended_in_a_child(lambda world=world: case.act(world)), f"effect {n}: {case.effects[n - 1]}"
        case.check(world)


@pytest.mark.parametrize("is_all", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["the last of every other kind", "all"])
def test_raised_at_the_nth_effect(case, is_all):
    for n in case.points(is_all, half=1):
        world = case.copy("raised")
        world.effects = Stopping(n, stop)
        with pytest.raises(Stopped):
            case.act(world)
        if (world.published / "versions").exists():
            assert world.leftovers() == [], f"effect {n}: {case.effects[n - 1]}"
        case.check(world)


@pytest.mark.parametrize("effects", [TornCopy, TornWrite])
def test_killed_in_the_middle_of_writing_a_file(case, effects):
    if effects is TornCopy and case.kind == "first":
        pytest.skip("a first publish copies nothing")
    world = case.copy("torn")
    world.effects = effects()
    assert not ended_in_a_child(lambda: case.act(world))
    assert world.leftovers() != []
    case.check(world)


def test_every_kind_of_effect_is_met(case):
    always = {"make_folder", "execute", "write", "sync", "rename", "link", "swap"}
    more = {"create"} if case.kind == "first" else {"copy", "write_at", "truncate", "remove", "hard link"}
    assert set(case.effects) == always | more


def test_a_second_crash_while_cleaning_up_after_the_first_is_repaired_too(case):
    world = case.copy("twice")
    world.effects = Stopping(len(case.effects) // 2, die)
    assert not ended_in_a_child(lambda: case.act(world))
    world.effects = Stopping(1, die)
    assert not ended_in_a_child(lambda: case.act(world))
    case.check(world)
