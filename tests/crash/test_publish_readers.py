"""Readers in a tight loop while versions go by: no error, and never two versions in one answer."""

import json
import subprocess
import sys

import pytest
from publish_world import Document, World, day, rate

READER = r"""
import json, os, sys
import duckdb

published, stop = sys.argv[1:]
reads, versions, wrong = 0, set(), []
while not os.path.exists(stop):
    try:
        with duckdb.connect(published + "/warehouse.duckdb", read_only=True) as connection:
            def one(sql):
                return connection.execute(sql).fetchall()
            version, counts = one("select max(warehouse_version), max_by(row_counts, warehouse_version) from publishes")[0]
            seen = {
                "titles": one("select distinct title from board_rows"),
                "articles": one("select distinct title from articles"),
                "blocks": one("select distinct text from article_blocks"),
                "facts": one("select distinct text from currency_facts"),
            }
            wanted = f"{version:03}"
            if any(rows != [(wanted,)] for rows in seen.values()):
                wrong.append([version, str(seen)])
            for table, count in counts.items():
                if one(f"select count(*) from {table}") != [(count,)]:
                    wrong.append([version, table])
            summed = one("select sum(row_count), sum(article_count) from daily_board_summary")
            if summed != [(counts["board_rows"], counts["articles"])]:
                wrong.append([version, "daily_board_summary"])
            if one("select max(last_good_version) from board_days") != [(version,)]:
                wrong.append([version, "board_days"])
    except Exception as error:
        wrong.append([None, repr(error)])
    reads += 1
    versions.add(version)
    if reads == 1:
        print("reading", flush=True)
print(json.dumps({"reads": reads, "versions": sorted(versions), "wrong": wrong[:3]}))
"""


def put(world: World, version: int) -> None:
    """Each version rewrites every document, and adds one: its number is in each text."""
    text = f"{version:03}"
    documents = [Document(n, day(1), title=text, blocks=(text,)) for n in range(1, 50 + version)]
    assert world.publish(documents, [day(1)], rates=[rate(day(version))]).warehouse_version == version


@pytest.mark.parametrize(("reader_count", "publish_count"), [(2, 10), pytest.param(8, 50, marks=pytest.mark.slow)])
def test_readers_see_one_version_at_a_time_while_many_go_by(tmp_path, reader_count, publish_count):
    world = World(tmp_path)
    put(world, 1)
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(world.published), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(reader_count)]
    try:
        for reader in readers:
            assert reader.stdout.readline() == "reading\n"
        for version in range(2, 2 + publish_count):
            put(world, version)
    finally:
        stop.touch()
        reports = [reader.communicate(timeout=60)[0] for reader in readers]
    for report in map(json.loads, reports):
        assert report["wrong"] == []
        assert len(report["versions"]) > 2, "the reader was too slow to see versions change"
        assert report["reads"] >= len(report["versions"])


def test_two_publishes_at_once_both_arrive(tmp_path):
    """Different days, both begun on the same version: the second waits for the lock and publishes onto the first."""
    world = World(tmp_path)
    world.publish([Document(1, day(1))], [day(1)])
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from publish_world import World, Document, day;"
        "n = int(sys.argv[3]); world = World(Path(sys.argv[2]), runs=n * 10);"
        "world.publish([Document(n, day(n))], [day(n)], base=1)"
    )
    support = str(next(p for p in sys.path if p.endswith("tests/support")))
    both = [subprocess.Popen([sys.executable, "-c", program, support, str(tmp_path), str(n)]) for n in (2, 3)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert world.sql("select document_id from board_rows order by 1") == [(1,), (2,), (3,)]
    assert world.sql("select warehouse_version from publishes order by 1") == [(1,), (2,), (3,)]
