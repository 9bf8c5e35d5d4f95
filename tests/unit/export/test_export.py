"""Every format gives back what is published, and an export is whole or not there."""

import datetime as dt
import json
import os
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from publish_world import Document, World, board, day, rate

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.export import export, formats
from orchestration.export.choice import NAMES, Choice
from orchestration.publish.schema import TABLES

NOW = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
HARD = [
    *("=1+1", "+82", "-5", "@SUM(A1)", "https://board.example/1", '따옴표 " 와 , 쉼표'),
    *("줄\n바꿈", "", " 빈칸 ", "_x0041_", "📈", "'text"),
]
BIG = "12345678901234567890123456789012"
LONG = "가📈" * 30_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two boards; texts that formats stumble over, amounts that no double holds, a document id of 62 bits."""
    world = World(tmp_path_factory.mktemp("world") / "home", boards=(board(), board("other")))
    documents = [Document(n, day(1), title=title, blocks=(title, BIG)) for n, title in enumerate(HARD)]
    documents += [
        Document(-(2**61) - 1, day(2), title="긴 글", blocks=(LONG, "100")),
        Document(1, day(2), board_id="other", blocks=None),
    ]
    world.publish(documents, [day(1), day(2)], boards=["news", "other"], rates=[rate(day(1)), rate(day(2))])
    return world


def put(world: World, form: str, out: Path, force: bool = False, **chosen):
    return export(world.published, form, Choice(**chosen), out=out, force=force, now=NOW)


def published(world: World, name: str) -> list[dict]:
    """The rows of a table, in the order of its key."""
    with duckdb.connect(str((world.published / "warehouse.duckdb").resolve()), read_only=True) as connection:
        connection.execute("set TimeZone = 'Asia/Seoul'")
        key = next((", ".join(table.key) for table in TABLES if table.name == name), "board_id, day")
        answer = connection.execute(f"from {name} order by {key}")
        names = [column for column, *_ in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def as_text(value):
    """What the formats without such a type hold."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.timezone(dt.timedelta(hours=9))).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, dt.date | Decimal) else value


def same(found, value) -> bool:
    """A value that was written as JSON says the same as the one published."""
    if isinstance(value, list | dict):
        return json.loads(found) == json.loads(json.dumps(value, default=str))
    return found == value and type(found) is type(value)


@pytest.mark.parametrize("name", NAMES)
def test_parquet_holds_every_value_in_its_type(world, tmp_path, name):
    put(world, "parquet", tmp_path / "out", tables=(name,))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Asia/Seoul'")
        answer = connection.execute(f"from '{tmp_path / 'out' / name}.parquet'")
        names = [column for column, *_ in answer.description]
        assert [dict(zip(names, row, strict=True)) for row in answer.fetchall()] == published(world, name)


@pytest.mark.parametrize("name", NAMES)
def test_csv_holds_every_value_and_tells_null_from_an_empty_text(world, tmp_path, name):
    put(world, "csv", tmp_path / "out", tables=(name,))
    wanted = published(world, name)
    kinds = {column: kind for column, kind, *_ in world.sql(f"describe {name}")}
    columns = ", ".join(f"'{column}': 'VARCHAR'" for column in kinds)
    raw = duckdb.sql(
        f"from read_csv('{tmp_path / 'out' / name}.csv', columns = {{{columns}}}, header = true, allow_quoted_nulls = false)"
    )
    rows = [dict(zip(raw.columns, row, strict=True)) for row in raw.fetchall()]
    assert len(rows) == len(wanted)
    for row, published_row in zip(rows, wanted, strict=True):
        for column, value in published_row.items():
            if isinstance(value, bool):
                assert row[column] == str(value).lower()
            elif isinstance(value, int | float):
                assert type(value)(row[column]) == value
            else:
                assert same(row[column], as_text(value)), (column, row[column])


@pytest.mark.parametrize("name", NAMES)
def test_sqlite_holds_every_value(world, tmp_path, name):
    put(world, "sqlite", tmp_path / "out.sqlite", tables=(name,))
    with sqlite3.connect(tmp_path / "out.sqlite") as connection:
        connection.row_factory = sqlite3.Row
        keys = next((", ".join(table.key) for table in TABLES if table.name == name), "board_id, day")
        rows = [dict(row) for row in connection.execute(f"select * from {name} order by {keys}")]
        assert connection.execute("select value from about where name = 'warehouse_version'").fetchone()[0] == "1"
    wanted = published(world, name)
    assert len(rows) == len(wanted)
    for row, published_row in zip(rows, wanted, strict=True):
        for column, value in published_row.items():
            assert same(row[column], int(value) if isinstance(value, bool) else as_text(value)), (column, row[column])


def sheets(path: Path) -> dict[str, list[dict]]:
    book = openpyxl.load_workbook(path)
    found = {}
    for sheet in book:
        rows = list(sheet.iter_rows())
        names = [cell.value for cell in rows[0]]
        assert all(cell.data_type != "f" for row in rows for cell in row), "no cell is a formula"
        assert all(cell.hyperlink is None for row in rows for cell in row)
        found[sheet.title] = [dict(zip(names, [cell.value for cell in row], strict=True)) for row in rows[1:]]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_excel_holds_every_value_and_texts_stay_texts(world, tmp_path, name):
    put(world, "xlsx", tmp_path / "out.xlsx", tables=(name,))
    rows, wanted = sheets(tmp_path / "out.xlsx")[name], published(world, name)
    assert len(rows) == len(wanted)
    for row, published_row in zip(rows, wanted, strict=True):
        for column, value in published_row.items():
            found = row[column]
            if isinstance(value, bool):
                assert found is value
            elif isinstance(value, str):
                parts = [row.get(f"{column} ({n})") or "" for n in range(2, 9)]
                # A reader gives an empty cell for an empty text; Excel itself tells them apart by ISBLANK.
                # A text that looks like an escape is marked by _x005F_, which Excel reads, and openpyxl does not.
                assert "".join([found or "", *parts]).replace("_x005F", "") == value, column
            elif isinstance(value, list | dict):
                assert same(found, value)
            elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
                assert found.date() == value
            elif isinstance(value, int | float | Decimal) and not isinstance(found, str | bool):
                assert Decimal(str(found)) == Decimal(str(value))
            elif isinstance(value, int | Decimal):
                assert found == str(value) and len(found.strip("-").replace(".", "")) > 15
            else:
                assert found == as_text(value), column


def test_a_table_that_is_longer_than_a_sheet_goes_on_in_the_next(world, tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "EXCEL_ROWS", 6)
    put(world, "xlsx", tmp_path / "out.xlsx", tables=("board_rows", "publishes"))
    found = sheets(tmp_path / "out.xlsx")
    assert [*found] == ["about", "board_rows", "board_rows (2)", "board_rows (3)", "publishes"]
    ids = [row["document_id"] for n in ("", " (2)", " (3)") for row in found[f"board_rows{n}"]]
    assert [int(document_id) for document_id in ids] == [row["document_id"] for row in published(world, "board_rows")]


def test_an_empty_table_has_its_header(world, tmp_path):
    for form, out in (("xlsx", tmp_path / "a.xlsx"), ("csv", tmp_path / "a.csv"), ("sqlite", tmp_path / "a.sqlite")):
        assert put(world, form, out, tables=("quarantine",)).row_counts == {"quarantine": 0}
    assert (tmp_path / "a.csv").read_text().startswith("board_id,table_name,row_key")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["quarantine"]["A1"].value == "board_id"


def counts(world: World, tmp_path: Path, **chosen) -> dict[str, int]:
    return put(world, "parquet", tmp_path / "chosen", force=True, **chosen).row_counts


def test_boards_and_days_choose_rows_of_every_table(world, tmp_path):
    every = counts(world, tmp_path)
    assert every == {name: len(published(world, name)) for name in NAMES}
    news = counts(world, tmp_path, boards=("news",))
    assert news["board_rows"] == every["board_rows"] - 1 and news["articles"] == every["articles"]
    assert news["exchange_rates"] == every["exchange_rates"] and news["publishes"] == 1
    second = counts(world, tmp_path, from_on=day(2), to_on=day(2))
    assert (second["board_rows"], second["articles"], second["article_blocks"], second["currency_facts"]) == (2, 1, 2, 1)
    assert (second["exchange_rates"], second["board_days"], second["daily_board_summary"], second["publishes"]) == (1, 2, 2, 1)
    before = counts(world, tmp_path, to_on=day(1) - dt.timedelta(days=1))
    assert set(before.values()) == {0}


def test_by_default_it_goes_into_the_working_folder_under_the_number_of_the_version(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for form, name in (("csv", "boardhouse-1-csv"), ("sqlite", "boardhouse-1.sqlite")):
        assert export(world.published, form, Choice(), now=NOW).path == tmp_path / name
    assert {path.name for path in (tmp_path / "boardhouse-1-csv").iterdir()} == {"about.json", *(f"{name}.csv" for name in NAMES)}
    about = json.loads((tmp_path / "boardhouse-1-csv" / "about.json").read_text())
    assert about["warehouse_version"] == 1 and about["row_counts"]["board_rows"] == len(HARD) + 2


@pytest.mark.parametrize("form", ["parquet", "csv", "sqlite", "xlsx"])
def test_what_is_there_is_replaced_only_on_request(world, tmp_path, form):
    out = tmp_path / "out"
    put(world, form, out, tables=("publishes", "board_rows"))
    with pytest.raises(ConfigError, match=r"out is there already: .* --force"):
        put(world, form, out)
    put(world, form, out, force=True, tables=("publishes", "articles"))
    assert not list(tmp_path.glob(".out*"))


def test_force_never_removes_a_folder_with_other_things_in_it(world, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("…")
    with pytest.raises(ConfigError, match="holds other things than an export"):
        put(world, "csv", tmp_path / "mine", force=True)
    with pytest.raises(ConfigError, match="is no file"):
        put(world, "sqlite", tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "thesis.doc").exists()


@pytest.mark.parametrize("form", ["parquet", "sqlite"])
def test_an_export_that_fails_leaves_what_was_there(world, tmp_path, form, monkeypatch):
    out = tmp_path / "out"
    put(world, form, out)
    before = out.read_bytes() if out.is_file() else {path.name: path.read_bytes() for path in out.iterdir()}

    def refuse(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(BoardhouseError, match="could not be written: No space left on device; nothing was exported") as caught:
        put(world, form, out, force=True)
    assert "\n" not in str(caught.value)
    assert before == (out.read_bytes() if out.is_file() else {path.name: path.read_bytes() for path in out.iterdir()})
    assert not list(tmp_path.glob(".out*"))


def test_wrong_wishes_are_one_line(world, tmp_path):
    with pytest.raises(ConfigError, match="no table 'rows'; there are board_rows, articles"):
        put(world, "csv", tmp_path / "out", tables=("rows",))
    with pytest.raises(ConfigError, match="nowhere is no folder: make it first"):
        put(world, "csv", tmp_path / "nowhere" / "out")
    with pytest.raises(BoardhouseError, match="nothing is published"):
        export(tmp_path / "empty", "csv", Choice(), out=tmp_path / "out", now=NOW)


def test_a_damaged_version_is_one_line(world, tmp_path):
    world = World(shutil.copytree(world.home, tmp_path / "home", symlinks=True))
    (world.published / "versions" / "1" / "warehouse.duckdb").write_bytes(bytes(20_000))
    with pytest.raises(BoardhouseError, match=r"version 1 in .* is damaged .* boardhouse rebuild") as caught:
        put(world, "sqlite", tmp_path / "out.sqlite")
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
