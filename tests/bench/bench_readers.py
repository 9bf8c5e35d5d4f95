"""Eight reader processes in a tight loop while 50 versions go by: their latency, against the same while nothing is published.

Spells of publishing and of idleness take turns, so that whatever else the machine does falls on both. A read is: connect, three
queries that must agree with each other across tables, close. `wrong` counts errors, and answers that mix versions.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bench_publish as one

READERS, VERSIONS, SPELLS = 8, 50, 10
ROWS = 10_000

READER = r"""
import json, os, sys, time
import duckdb
path, stop = sys.argv[1:]
reads, wrong = [], 0
print("reading", flush=True)
while not os.path.exists(stop):
    started = time.time()
    try:
        with duckdb.connect(path, read_only=True, config={"threads": 1}) as connection:
            counts = connection.execute("select max_by(row_counts, warehouse_version) from publishes").fetchone()[0]
            for table in ("board_rows", "articles"):
                wrong += connection.execute(f"select count(*) from {table}").fetchone()[0] != counts[table]
            wrong += connection.execute("select sum(row_count) from daily_board_summary").fetchone()[0] != counts["board_rows"]
    except Exception as error:
        print(error, file=sys.stderr)
        wrong += 1
    reads.append((started, time.time() - started))
print(json.dumps({"reads": reads, "wrong": wrong}))
"""


def publish_some(home: Path, first: int, count: int) -> None:
    """Each version brings a day of 100 documents."""
    for number in range(first, first + count):
        one.put(home, number * one.A_DAY, (number + 1) * one.A_DAY, base=number)


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        one.put(home, 0, one.A_DAY, base=None)
        stop = home / "stop"
        warehouse = home / "published" / "warehouse.duckdb"
        command = [sys.executable, "-c", READER, str(warehouse), str(stop)]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
        spells: list[tuple[float, float]] = []
        for reader in readers:
            assert reader.stdout is not None and reader.stdout.readline() == "reading\n"
        try:
            time.sleep(1)
            for spell in range(SPELLS):
                began = time.time()
                publish_some(home, 1 + spell * VERSIONS // SPELLS, VERSIONS // SPELLS)
                spells.append((began, time.time()))
                time.sleep(spells[-1][1] - began)
        finally:
            stop.touch()
            reports = [json.loads(reader.communicate(timeout=120)[0]) for reader in readers]
    idle, busy = [], []
    for report in reports:
        for began, took in report["reads"]:
            is_busy = any(began < end and began + took > start for start, end in spells)
            if began > spells[0][0]:
                (busy if is_busy else idle).append(took)
    rows = [
        {
            "readers": READERS,
            "versions": 0 if name == "idle" else VERSIONS,
            "state": name,
            "reads": len(took),
            "p50, ms": 1000 * statistics.median(took),
            "p99, ms": 1000 * statistics.quantiles(took, n=100)[98],
            "wrong": sum(report["wrong"] for report in reports),
        }
        for name, took in (("idle", idle), ("publishing", busy))
    ]
    return [{**row, "p99 to idle": row["p99, ms"] / rows[0]["p99, ms"]} for row in rows]
