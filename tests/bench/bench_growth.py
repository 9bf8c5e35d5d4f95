"""Publishing one day of 100 documents into 100 thousand rows and into 10 million: what grows, and by how much.

A version is a file of its own, so its bytes are written anew: the copy, the digest and the fsync grow with the warehouse. What is
merged does not, and Parquet files are grown by what changed. `written whole` is the same publish where they cannot be.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench_publish as one
import duckdb

from orchestration.effects import Effects
from orchestration.gates.records import Verdicts
from orchestration.publish import parquet, publish, writing
from orchestration.scope import Scope

SIZES = (100_000, 10_000_000)
"""Rows over all tables; BENCH_GROWTH_ROWS sets the larger, for a machine with less room (a warehouse of 10 million and its
versions take 5 GB)."""


class Timed(Effects):
    """Seconds of each kind of effect; Parquet, with its copies and its digests, is one kind."""

    def __init__(self) -> None:
        self.seconds = {"copy": 0.0, "parquet": 0.0, "fsync": 0.0}

    def timed(self, kind: str, act: Callable[..., Any], *given: Any) -> Any:
        started = time.perf_counter()
        try:
            return act(*given)
        finally:
            self.seconds[kind] += time.perf_counter() - started

    def copy(self, source: Path, target: Path) -> None:
        if target.suffix == ".duckdb":
            self.timed("copy", super().copy, source, target)
        else:
            super().copy(source, target)

    def sync(self, path: Path) -> None:
        self.timed("fsync", super().sync, path)


def put(home: Path, start: int, mark: str, base: int, whole: bool) -> dict[str, float]:
    effects = Timed()
    digests = [0.0]

    def digest(path: Path, function: Callable[[Path], str] = parquet.sha256) -> str:
        started = time.perf_counter()
        try:
            return function(path)
        finally:
            digests[0] += time.perf_counter() - started

    def write(connection, table, target, before, effects, function=parquet.write_parquet):
        return effects.timed("parquet", function, connection, table, target, None if whole else before, effects)

    known = writing.sha256, writing.write_parquet
    writing.sha256, writing.write_parquet = digest, write
    try:
        board_days = one.days(start, start + one.A_DAY)
        scope = Scope(f"{start}{mark}", board_days[0].day, board_days[-1].day, False, board_days)
        path = one.candidate(home / f"{start}{mark}.duckdb", start, start + one.A_DAY, mark)
        done = publish(home / "published", path, scope, Verdicts((), ()), (), now=one.NOW, base_version=base, effects=effects)
    finally:
        writing.sha256, writing.write_parquet = known
    parts = {**effects.seconds, "digest": digests[0]}
    return {**parts, "merge and rest": done.seconds - sum(parts.values()), "all": done.seconds}


def measure(rows: int) -> dict[str, Any]:
    documents = rows // one.ROWS_OF_A_DOCUMENT
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        home = Path(folder)
        step = 100_000  # documents: a candidate of a million would need the memory of a million
        for n, start in enumerate(range(0, documents, step)):
            one.put(home, start, min(start + step, documents), base=n or None)
            next(home.glob(f"{start}*.duckdb")).unlink()
        base = -(-documents // step)
        figures = {
            "new": put(home, documents, "", base, False),
            "old": put(home, documents // 2 // one.A_DAY * one.A_DAY, "고침", base + 1, False),
            "whole": put(home, documents + one.A_DAY, "", base + 2, True),
        }
        current = home / "published" / "current"
        with duckdb.connect(str(current / "warehouse.duckdb"), read_only=True) as connection:
            (found,) = connection.execute("select count(*) from articles").fetchone()
        assert found == documents + 2 * one.A_DAY
        figures["MB"] = {
            "warehouse": (current / "warehouse.duckdb").stat().st_size / 2**20,
            "parquet": sum(path.stat().st_size for path in (current / "parquet").iterdir()) / 2**20,
        }
        return figures


def run() -> list[dict]:
    """A process per size. Each row: one part of a publish, in seconds at both sizes, and how many times as much."""
    sizes = (SIZES[0], int(os.environ.get("BENCH_GROWTH_ROWS", SIZES[1])))
    small, large = (
        json.loads(subprocess.run([sys.executable, __file__, str(rows)], check=True, capture_output=True, text=True).stdout)
        for rows in sizes
    )
    named = {"new": "a new day", "old": "an old day changed", "whole": "a new day, Parquet written whole", "MB": "MB"}
    return [
        {
            "publish": named[kind],
            "part": part,
            f"{sizes[0]:,} rows": small[kind][part],
            f"{sizes[1]:,} rows": large[kind][part],
            "times": large[kind][part] / max(small[kind][part], 0.001),
        }
        for kind in named
        for part in small[kind]
    ]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
