"""A hand-made candidate: the `int_` tables as docs/architecture.md describes them, filled with rows in which nothing is wrong.

Each gate gets a board and a day of its own, so that one run of all suites shows, gate by gate, what one corruption turns red.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

SUITES = Path(__file__).parents[3] / "expectations"

FILL = Path(__file__).with_name("clean.sql").read_text(encoding="utf-8")


def column_types(suite: str) -> dict[str, str]:
    raw = json.loads((SUITES / f"{suite}.json").read_text(encoding="utf-8"))
    return next(e["kwargs"]["column_types"] for e in raw["expectations"] if "column_types" in e["kwargs"])


def relation(suite: str) -> str:
    return json.loads((SUITES / f"{suite}.json").read_text(encoding="utf-8"))["meta"]["relation"]


def make_candidate(path: Path, boards: Iterable[str], *corruptions: str) -> Path:
    """A clean candidate with one day for each board (2025-01-01 and on) and three documents a day; then `corruptions`, in SQL."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        for suite in sorted(file.stem for file in SUITES.glob("*.json")):
            columns = ", ".join(f'"{name}" {kind}' for name, kind in column_types(suite).items())
            connection.execute(f"create table {relation(suite)} ({columns})")
        first, *rest = FILL.strip().split(";\n")
        connection.execute(first, {"boards": list(boards)})
        for statement in (*rest, *corruptions):
            connection.execute(statement)
    return path


@pytest.fixture(name="make_candidate", scope="session")
def _make_candidate():
    return make_candidate
