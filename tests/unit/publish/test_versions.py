"""Links, retention, and what an accident leaves."""

import datetime as dt
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from publish_world import NOW, Document, World, day

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.publish.rollback import roll_back
from orchestration.publish.schema import TABLES
from orchestration.publish.takedown import take_down
from orchestration.publish.versions import Retention, current_version, expired, kept, publish_lock
from orchestration.report.front import page
from orchestration.report.front.page import render

READER = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); sys.stdin.read()"


def hourly(count: int) -> dict[int, dt.datetime]:
    return {n: NOW + dt.timedelta(hours=n) for n in range(1, count + 1)}


def test_the_last_ten_versions_are_kept():
    assert expired(hourly(10), Retention()) == []
    assert expired(hourly(12), Retention(days=0)) == [1, 2]


def test_the_last_version_of_each_of_seven_days_is_kept():
    """Versions 3 hours apart: 8 a day, the days being those of KST (NOW is 12:00 there)."""
    created = {n: NOW + dt.timedelta(hours=3 * n) for n in range(1, 81)}
    stays = created.keys() - set(expired(created, Retention()))
    assert stays == {*range(71, 81), 75, 67, 59, 51, 43, 35}
    assert all(created[n].astimezone(dt.timezone(dt.timedelta(hours=9))).hour == 21 for n in (75, 67, 59, 51, 43, 35))


def test_consumers_find_both_links_and_a_whole_version(world):
    world.publish([Document(1, day(1))], [day(1)])
    published = world.published
    assert (published / "warehouse.duckdb").readlink() == Path("current/warehouse.duckdb")
    assert (published / "current").readlink() == Path("versions/1")
    assert {p.name for p in (published / "versions/1").iterdir()} == {"warehouse.duckdb", "parquet", "manifest.json", "index.html"}
    assert world.leftovers() == []


def test_the_warehouse_moves_with_its_folder(world, tmp_path):
    world.publish([Document(1, day(1))], [day(1)])
    world.published.rename(tmp_path / "elsewhere")
    with duckdb.connect(str(tmp_path / "elsewhere" / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select document_id from board_rows").fetchall() == [(1,)]


def test_parquet_files_hold_what_the_warehouse_holds_and_the_manifest_tells_their_digests(world):
    world.publish([Document(1, day(1), blocks=("100",))], [day(1)])
    folder = world.published / "versions" / "1"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["version"] == 1
    assert manifest["contract_version"] == 1
    assert set(manifest["tables"]) == {table.name for table in TABLES}
    for name, entry in manifest["tables"].items():
        path = folder / entry["file"]
        rows = duckdb.read_parquet(str(path)).fetchall()
        assert len(rows) == entry["rows"] == world.sql(f"select count(*) from {name}")[0][0]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    assert hashlib.sha256((folder / "warehouse.duckdb").read_bytes()).hexdigest() == manifest["warehouse"]["sha256"]


def test_each_version_has_its_front_page_and_the_manifest_tells_its_digest(world):
    world.publish([Document(1, day(1), title="첫째 <제목>")], [day(1)])
    world.publish([Document(2, day(2), title="둘째")], [day(2)])
    roll_back(world.published, 1, "둘째는 틀렸다", now=world.now)
    told = []
    for version in (1, 2, 3):
        folder = world.published / "versions" / str(version)
        html = (folder / "index.html").read_text(encoding="utf-8")
        entry = json.loads((folder / "manifest.json").read_text())["front_page"]
        assert (entry["file"], entry["sha256"]) == ("index.html", hashlib.sha256(html.encode()).hexdigest())
        assert html == render(folder)
        told.append((f"version {version}</span>" in html, "첫째 &lt;제목&gt;" in html, "둘째" in html))
    assert told == [(True, True, False), (True, True, True), (True, True, False)]


def test_a_page_that_cannot_be_made_costs_nobody_the_data(world, monkeypatch):
    def fail(_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(page, "read_facts", fail)
    world.publish([Document(1, day(1))], [day(1)])
    assert world.sql("select document_id from board_rows") == [(1,)]
    assert "ValueError: odd" in (world.published / "current" / "index.html").read_text(encoding="utf-8")


def test_the_front_page_forgets_too(world):
    world.publish([Document(1, day(1), title="잊힐 제목"), Document(2, day(1), title="남는 제목")], [day(1)])
    take_down(world.published, "news", [1], now=world.now)
    html = (world.published / "current" / "index.html").read_text(encoding="utf-8")
    assert "남는 제목" in html
    assert "잊힐 제목" not in html
    entry = json.loads((world.published / "current" / "manifest.json").read_text())["front_page"]
    assert entry["sha256"] == hashlib.sha256(html.encode()).hexdigest()


def age(world: World, versions: int) -> None:
    """As if `versions` had been published within the hour: copies of the first."""
    folder = world.published / "versions"
    for version in range(2, versions + 1):
        shutil.copytree(folder / "1", folder / str(version))
    (world.published / "current").unlink()
    (world.published / "current").symlink_to(f"versions/{versions}")


def test_expired_versions_go(world):
    world.publish([Document(1, day(1))], [day(1)])
    age(world, 11)
    world.publish([Document(1, day(1))], [day(1)])
    assert sorted(int(p.name) for p in (world.published / "versions").iterdir()) == list(range(3, 13))


def test_what_the_next_publish_will_remove_is_foretold(world):
    world.publish([Document(1, day(1))], [day(1)])
    age(world, 11)
    foretold = kept(world.published, world.keep, world.now)
    assert [version for version, facts in foretold.items() if facts.is_next_to_go] == [1, 2]
    folder = world.published / "versions" / "1"
    assert foretold[1].bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    world.publish([Document(1, day(1))], [day(1)])
    assert kept(world.published, world.keep, world.now).keys() == set(range(3, 13))


def test_retention_can_be_set(world):
    world.keep = Retention(versions=2, days=0)
    for _ in range(4):
        world.publish([Document(1, day(1))], [day(1)])
    assert sorted(int(p.name) for p in (world.published / "versions").iterdir()) == [3, 4]


def test_a_version_that_a_reader_has_open_is_kept_until_it_is_closed(world):
    world.publish([Document(1, day(1))], [day(1)])
    first = world.published / "versions" / "1" / "warehouse.duckdb"
    with subprocess.Popen([sys.executable, "-c", READER, str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline() == b"open\n"
        age(world, 11)
        world.publish([Document(1, day(1))], [day(1)])
        assert first.exists()
        assert not (world.published / "versions" / "2").exists()
        reader.stdin.close()
    world.publish([Document(1, day(1))], [day(1)])
    assert not first.exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not show a process its descriptors")
def test_a_version_that_this_process_has_open_is_kept_too(world):
    world.publish([Document(1, day(1))], [day(1)])
    first = world.published / "versions" / "1" / "warehouse.duckdb"
    with duckdb.connect(str(first), read_only=True):
        age(world, 11)
        world.publish([Document(1, day(1))], [day(1)])
        assert first.exists()
        assert not (world.published / "versions" / "2").exists()


def test_a_publish_waits_for_another_one_and_says_so(tmp_path, caplog):
    order = []

    def second():
        with publish_lock(tmp_path, Effects()):
            order.append("second")

    with publish_lock(tmp_path, Effects()):
        thread = threading.Thread(target=second)
        thread.start()
        while "waiting" not in caplog.text:
            time.sleep(0.01)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_missing_link_is_not_taken_for_an_empty_warehouse(world):
    for _ in range(2):
        world.publish([Document(1, day(1))], [day(1)])
    (world.published / "current").unlink()
    with pytest.raises(BoardhouseError, match=r"current is missing, but .* holds versions up to 2: point it at the newest"):
        world.publish([Document(2, day(1))], [day(1)])
    assert (world.published / "versions" / "2" / "warehouse.duckdb").exists()


@pytest.mark.parametrize("target", ["versions/7", "../elsewhere", "versions/1/parquet"])
def test_a_link_to_no_version_is_an_error(world, target):
    world.publish([Document(1, day(1))], [day(1)])
    (world.published / "current").unlink()
    (world.published / "current").symlink_to(target)
    with pytest.raises(BoardhouseError, match="which is no version here"):
        current_version(world.published)


def test_a_copied_folder_where_a_link_should_be_is_an_error(world):
    world.publish([Document(1, day(1))], [day(1)])
    (world.published / "current").unlink()
    shutil.copytree(world.published / "versions" / "1", world.published / "current")
    with pytest.raises(BoardhouseError, match="is no link to a version"):
        current_version(world.published)


@pytest.mark.parametrize("place", [0, 5000, 3 * 4096 + 100], ids=["file header", "database header", "first block"])
def test_a_damaged_version_is_named_and_stays_current(world, place):
    world.publish([Document(n, day(1), blocks=("100",)) for n in range(200)], [day(1)])
    path = (world.published / "warehouse.duckdb").resolve()
    raw = bytearray(path.read_bytes())
    raw[place : place + 4000] = bytes(4000)
    path.write_bytes(raw)
    with pytest.raises(BoardhouseError, match=r"version 1 in .* is damaged") as caught:
        world.publish([Document(1, day(1), title="다음")], [day(1)])
    assert "\n" not in str(caught.value)
    assert world.leftovers() == []
    assert current_version(world.published) == 1


def test_a_lost_file_of_the_current_version_is_a_clear_error(world):
    world.publish([Document(1, day(1))], [day(1)])
    (world.published / "versions" / "1" / "warehouse.duckdb").unlink()
    with pytest.raises(BoardhouseError, match=r"versions/1/warehouse.duckdb: No such file"):
        world.publish([Document(1, day(1))], [day(1)])


def test_a_candidate_that_is_no_database_is_a_clear_error(world):
    world.publish([Document(1, day(1))], [day(1)])
    path = world.home / "bad.duckdb"
    path.write_bytes(b"x" * 20000)
    with pytest.raises(BoardhouseError, match=r"bad.duckdb could not be merged") as caught:
        world.publish_candidate(path, [day(1)])
    assert "\n" not in str(caught.value)
    assert world.leftovers() == []


def test_a_version_of_a_newer_release_is_left_alone(world):
    world.publish([Document(1, day(1))], [day(1)])
    path = world.published / "versions" / "1" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"contract_version": 99}))
    with pytest.raises(BoardhouseError, match="was written by a newer boardhouse"):
        world.publish([Document(2, day(1))], [day(1)])


def test_an_expired_version_that_cannot_be_removed_does_not_fail_the_publish(world, caplog):
    world.publish([Document(1, day(1))], [day(1)])
    age(world, 11)
    world.effects = Failing("remove", errno.EACCES)
    assert world.publish([Document(1, day(1))], [day(1)]).warehouse_version == 12
    assert "version 12 is published, but an expired one could not be removed" in caplog.text
    world.effects = Effects()
    world.publish([Document(1, day(1))], [day(1)])
    assert sorted(int(p.name) for p in (world.published / "versions").iterdir()) == list(range(4, 14))


class Failing(Effects):
    def __init__(self, what: str, number: int) -> None:
        self.what, self.number = what, number

    def before(self, what: str, target: object) -> None:
        if what == self.what:
            raise OSError(self.number, os.strerror(self.number), str(target))


@pytest.mark.parametrize(
    ("what", "number", "message"),
    [
        ("copy", errno.ENOSPC, "is full: nothing was published, and what was published before stays readable"),
        ("sync", errno.EDQUOT, "is full: nothing was published"),
        ("make_folder", errno.EROFS, "Read-only file system: nothing was published"),
        ("rename", errno.EACCES, "Permission denied: nothing was published"),
        ("swap", errno.EIO, "Input/output error: nothing was published"),
    ],
)
def test_a_refusal_of_the_system_is_one_line_and_leaves_the_old_version(world, what, number, message):
    world.publish([Document(1, day(1))], [day(1)])
    before = world.tables()
    world.effects = Failing(what, number)
    with pytest.raises(BoardhouseError, match=message) as caught:
        world.publish([Document(1, day(1), title="다음")], [day(1)])
    assert "\n" not in str(caught.value)
    assert world.tables() == before
    assert world.leftovers() == []


def test_a_publish_into_a_file_where_its_folder_should_be_is_a_clear_error(tmp_path):
    (tmp_path / "published").write_text("")
    with pytest.raises(BoardhouseError, match="published: File exists"):
        World(tmp_path).publish([], [day(1)])
