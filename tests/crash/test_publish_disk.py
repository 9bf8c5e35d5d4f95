"""A disk that is full or read only: a clear line, and what was published stays readable."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from publish_world import Document, World, day, write_candidate

from orchestration.errors import BoardhouseError
from orchestration.publish.reader import query


def mount(folder: Path, options: str) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"cannot mount a small disk here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount(folder, "size=24m")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def texts(version: int) -> tuple[str, ...]:
    """About 300 KB that do not compress."""
    return tuple(os.urandom(5000).hex() for _ in range(30 + version))


def test_a_full_disk_is_one_line_and_the_last_version_stays(small_disk, tmp_path):
    world = World(tmp_path)
    (tmp_path / "published").symlink_to(small_disk / "published", target_is_directory=True)
    (small_disk / "published").mkdir()
    version = 0
    with pytest.raises(BoardhouseError) as caught:
        while version < 50:
            world.publish([Document(n, day(1), title=str(version + 1), blocks=texts(version)) for n in range(3)], [day(1)])
            version += 1
    assert "is full: nothing was published, and what was published before stays readable" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert version > 0
    assert query(world.published, "select distinct title from board_rows").records == [(str(version),)]
    assert world.leftovers() == []
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    world.publish([Document(n, day(1), title="다음", blocks=texts(0)) for n in range(3)], [day(1)])
    assert query(world.published, "select distinct title from board_rows").records == [("다음",)]


def test_a_disk_that_is_full_before_the_first_publish_is_one_line(small_disk, tmp_path):
    world = World(tmp_path)
    (tmp_path / "published").symlink_to(small_disk / "published", target_is_directory=True)
    (small_disk / "published").mkdir()
    (small_disk / "ballast").write_bytes(bytes(23 * 2**20))
    with pytest.raises(BoardhouseError, match="is full: nothing was published"):
        world.publish([Document(1, day(1))], [day(1)])
    assert world.leftovers() == []


def test_a_disk_that_became_read_only_is_one_line_and_stays_readable(small_disk, tmp_path):
    world = World(tmp_path)
    (tmp_path / "published").symlink_to(small_disk / "published", target_is_directory=True)
    (small_disk / "published").mkdir()
    world.publish([Document(1, day(1))], [day(1)])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(BoardhouseError, match="Read-only file system: nothing was published") as caught:
        world.publish([Document(2, day(1))], [day(1)])
    assert "\n" not in str(caught.value)
    assert query(world.published, "select document_id from board_rows").records == [(1,)]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others may enter; pytest's own are its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_nobody(act: Callable[[], object]) -> str:
    """What `act` raises for a user without rights; nothing where it goes well."""
    if os.geteuid() != 0:
        pytest.skip("taking another user's part needs root")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            os.setgid(65534)
            os.setuid(65534)
            act()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read().decode()
    os.waitpid(child, 0)
    return said


@pytest.mark.parametrize("part", ["", "versions", "lock"])
def test_a_folder_of_another_user_is_one_line_and_stays_readable(open_folder: Path, part: str) -> None:
    world = World(open_folder)
    world.publish([Document(1, day(1))], [day(1)])
    before = world.tables()
    candidate = write_candidate(open_folder / "candidate.duckdb", [Document(2, day(1))])
    for path in (world.published, world.published / "versions", world.published / "lock"):
        path.chmod(0o777)
    (world.published / part).chmod(0o555)
    said = as_nobody(lambda: world.publish_candidate(candidate, [day(1)]))
    assert said.startswith("BoardhouseError: ")
    assert "Permission denied: nothing was published, and what was published before stays readable" in said
    assert "\n" not in said
    assert world.tables() == before
    assert world.leftovers() == []
    assert as_nobody(lambda: query(world.published, "from board_rows")) == ""


def test_a_version_that_may_not_be_read_is_one_line(open_folder: Path) -> None:
    world = World(open_folder)
    world.publish([Document(1, day(1))], [day(1)])
    (world.published / "versions" / "1" / "warehouse.duckdb").chmod(0o600)
    said = as_nobody(lambda: query(world.published, "from board_rows"))
    assert said.startswith("BoardhouseError: version 1 cannot be read") and "Permission denied" in said and "\n" not in said
