"""The formats: how each writes a value that it has no type for.

Here: Parquet, CSV, SQLite and Excel files. Not here: which rows, or where the files go. Nothing is lost in any of them; where a
format lacks a type, the value is text that says it exactly:

- a stamp: ISO 8601 with microseconds, at +09:00, always of one length, so that its order as text is that of time;
- a list, a struct, a map: JSON;
- a DECIMAL(38,4) in SQLite, and a number of more than 15 digits in Excel, which holds no more: its digits.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from orchestration.publish.schema import TABLES

BATCH = 10_000
EXCEL_ROWS = 1_048_576
"""Of a sheet, its header included; what is beyond goes into further sheets."""
EXCEL_TEXT = 32_767
"""UTF-16 units of a cell; what is beyond goes into further columns."""
EXCEL_DIGITS = 15

Tell = Callable[[str], None]
Queries = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """`write_one`: a table into a file, or `write_all`: all of them into one. Both return rows."""

    write_one: Callable[[duckdb.DuckDBPyConnection, str, Path], int] | None = None
    write_all: Callable[[duckdb.DuckDBPyConnection, Queries, Path, Mapping[str, Any], Tell], dict[str, int]] | None = None

    @property
    def is_one_file(self) -> bool:
        return self.write_all is not None


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Every type as it is."""
    return _copy(connection, query, path, "format parquet, compression zstd")


def write_csv(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """UTF-8 with a header; null is an empty field, an empty text is `""`."""
    return _copy(connection, _plain(connection, query), path, "format csv, header")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str) -> int:
    escaped = str(path).replace("'", "''")
    row = connection.execute(f"copy ({query}) to '{escaped}' ({options})").fetchone()
    assert row is not None
    return int(row[0])


def _plain(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The same rows with stamps and whatever is nested as texts."""
    columns = []
    for name, kind, *_ in connection.execute(f"describe {query}").fetchall():
        column = f'"{name}"'
        if kind == "TIMESTAMP WITH TIME ZONE":
            in_seoul = f"({column} at time zone 'UTC') + interval 9 hour"
            columns.append(f"strftime({in_seoul}, '%Y-%m-%dT%H:%M:%S.%f') || '+09:00' as {column}")
        elif kind.endswith("[]") or kind.startswith(("STRUCT", "MAP", "JSON")):
            columns.append(f"to_json({column})::varchar as {column}")
        else:
            columns.append(column)
    return f"select {', '.join(columns)} from ({query})"


def write_sqlite(
    connection: duckdb.DuckDBPyConnection, queries: Queries, path: Path, about: Mapping[str, Any], tell: Tell
) -> dict[str, int]:
    """A table each, with its key; the view as a table; and a table `about`."""
    counts = {}
    keys = {table.name: table.key for table in TABLES}
    with contextlib.closing(sqlite3.connect(path)) as sqlite:
        sqlite.execute("pragma journal_mode = off")  # the file is nobody's before it is whole
        for name, query in queries.items():
            tell(name)
            answer = connection.execute(_plain(connection, query))
            columns = [f'"{column}" {_sqlite_type(kind)}' for column, kind, *_ in answer.description or ()]
            if name in keys:
                columns.append("primary key (" + ", ".join(f'"{column}"' for column in keys[name]) + ")")
            sqlite.execute(f'create table "{name}" ({", ".join(columns)})')
            marks = ", ".join("?" * len(answer.description or ()))
            counts[name] = 0
            for rows in _batches(answer):
                sqlite.executemany(f'insert into "{name}" values ({marks})', [[_sqlite_value(v) for v in row] for row in rows])
                counts[name] += len(rows)
        sqlite.execute("create table about (name text primary key, value text)")
        sqlite.executemany("insert into about values (?, ?)", [(name, str(value)) for name, value in about.items()])
        sqlite.commit()
    return counts


def _sqlite_type(kind: Any) -> str:
    """DECIMAL has to be TEXT: by SQLite's own rule a column of that name would make doubles of its digits."""
    name = str(kind)
    if name in ("BIGINT", "INTEGER", "BOOLEAN"):
        return "INTEGER"
    return "REAL" if name == "DOUBLE" else "TEXT"


def _sqlite_value(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | dt.date) else value


def write_xlsx(
    connection: duckdb.DuckDBPyConnection, queries: Queries, path: Path, about: Mapping[str, Any], tell: Tell
) -> dict[str, int]:
    """A sheet each, more of them where a table is longer than a sheet, and a sheet `about`. Texts are texts, whatever they begin
    with; a text that is longer than a cell goes on in the columns `<name> (2)` …, which stand at the right."""
    counts = {}
    # Rows are written as they come: a million of them needs no memory.
    with xlsxwriter.Workbook(path, {"constant_memory": True, "use_zip64": True}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        first = book.add_worksheet("about")
        for number, (name, value) in enumerate(about.items()):
            first.write_string(number, 0, name, bold)
            first.write_string(number, 1, str(value))
        for name, query in queries.items():
            tell(name)
            plain = _plain(connection, query)
            further = _further_columns(connection, plain)
            answer = connection.execute(plain)
            names = [*_names(answer), *(f"{column} ({n})" for column, n in further)]
            places = {column: [at] for at, column in enumerate(_names(answer))}
            for at, (column, _) in enumerate(further, start=len(places)):
                places[column].append(at)
            sheet: Any = None
            number, at_row = 0, EXCEL_ROWS
            counts[name] = 0
            for row in _rows(answer):
                if at_row == EXCEL_ROWS:
                    number += 1
                    sheet, at_row = _new_sheet(book, name, number, names, bold), 1
                for cells, value in zip(places.values(), row, strict=True):
                    _put_cell(sheet, at_row, cells, value, day)
                at_row += 1
                counts[name] += 1
            if not number:
                _new_sheet(book, name, 1, names, bold)
    return counts


def _new_sheet(book: xlsxwriter.Workbook, name: str, number: int, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet(name if number == 1 else f"{name} ({number})")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 16)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, bold)
    return sheet


def _put_cell(sheet: Any, row: int, places: Sequence[int], value: Any, day: Any) -> None:
    at = places[0]
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, int | float | Decimal) and _fits_excel(value):
        sheet.write_number(row, at, value)
    elif isinstance(value, dt.date) and value.year >= 1901:
        sheet.write_datetime(row, at, value, day)
    elif value is not None:
        for place, piece in zip(places, _pieces(str(value)), strict=False):
            # Always as a text: `write` would take =1+1 for a formula, and an address for a link.
            sheet.write_string(row, place, piece)


def _fits_excel(value: int | float | Decimal) -> bool:
    """Excel keeps 15 digits, as a double. Its own doubles it keeps as they are."""
    if isinstance(value, float):
        return value - value == 0  # neither infinite nor no number
    digits = Decimal(value).normalize().as_tuple().digits
    return len(digits) <= EXCEL_DIGITS and abs(value) < 10**EXCEL_DIGITS


def _further_columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, int]]:
    """(column, n): of each column of texts that has one longer than a cell, the n-th part, from 2."""
    texts = [name for name, kind, *_ in connection.execute(f"describe {query}").fetchall() if kind == "VARCHAR"]
    longest = dict.fromkeys(texts, 0)
    for name in texts:
        answer = connection.execute(f'select "{name}" from ({query}) where 2 * length("{name}") > {EXCEL_TEXT}')
        longest[name] = max((len(_pieces(text)) for (text,) in _rows(answer)), default=1)
    return [(name, n) for name, count in longest.items() for n in range(2, count + 1)]


def _pieces(text: str) -> list[str]:
    """`text` in pieces that a cell holds; a character beyond U+FFFF counts twice there."""
    if 2 * len(text) <= EXCEL_TEXT:
        return [text]
    pieces, start, units = [], 0, 0
    for at, character in enumerate(text):
        size = 2 if ord(character) > 0xFFFF else 1
        if units + size > EXCEL_TEXT:
            pieces.append(text[start:at])
            start, units = at, 0
        units += size
    return [*pieces, text[start:]]


def _names(answer: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for name, *_ in answer.description or ()]


def _batches(answer: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while rows := answer.fetchmany(BATCH):
        yield rows


def _rows(answer: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    for rows in _batches(answer):
        yield from rows


FORMATS: Mapping[str, Format] = {
    "parquet": Format(write_one=write_parquet),
    "csv": Format(write_one=write_csv),
    "sqlite": Format(write_all=write_sqlite),
    "xlsx": Format(write_all=write_xlsx),
}
