"""A home of its own for a test: boards.yaml, settings, runs and what they published."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.demo.content import DemoBoard
from orchestration.demo.server import DemoServer
from orchestration.settings import Board, Settings

DATA_TABLES = ("board_rows", "articles", "article_versions", "article_blocks", "currency_facts", "exchange_rates")

NOT_COMPARED = {"view_count", "changed_in_version"}
"""With every `_at` column except published_at: what two runs over an unchanged board may differ in."""


def make_settings(folder: Path, *boards: dict[str, Any], rates_url: str = "none") -> Settings:
    """Settings of a home in `folder` whose boards.yaml holds these entries, with a first day and no delay where none is given.
    Nobody is asked for rates."""
    entries = [{"name": entry["id"], "first_day": dt.date(2025, 1, 1), "delay_seconds": 0, **entry} for entry in boards]
    path = folder / "boards.yaml"
    path.write_text(yaml.safe_dump({"boards": entries}, allow_unicode=True), encoding="utf-8")
    return Settings(boards=path, home=folder / "home", rates_url=rates_url)


def run(settings: Settings, from_on: dt.date, to_on: dt.date, *, offline: bool = False, only: tuple[str, ...] = ()) -> int:
    """One run as `boardhouse run` does it; its exit status."""
    from orchestration.run import run_days

    boards: tuple[Board, ...] = tuple(b for b in settings.load_boards() if not only or b.id in only)
    return run_days(settings, boards, from_on, to_on, offline=offline)


@contextmanager
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, as a consumer opens it."""
    with duckdb.connect(str(settings.warehouse.resolve()), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with warehouse(settings) as connection:
        return connection.execute(sql).fetchall()


def fingerprint(settings: Settings, table: str, *, every_column: bool = False) -> str:
    """A hash over the table's rows, whatever their order, and over the columns that must not differ from run to run."""
    with warehouse(settings) as connection:
        names = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
        kept = [
            name
            for name in names
            if every_column or (name not in NOT_COMPARED and (name == "published_at" or not name.endswith("_at")))
        ]
        found = connection.execute(f"select {', '.join(kept)} from {table} order by all").fetchall()
    return hashlib.sha256(repr(found).encode()).hexdigest()


def fingerprints(settings: Settings, *, every_column: bool = False) -> dict[str, str]:
    return {table: fingerprint(settings, table, every_column=every_column) for table in DATA_TABLES}


def serve(*boards: DemoBoard, **options: Any) -> DemoServer:
    return DemoServer(*boards, **options)
