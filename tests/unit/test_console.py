"""What `boardhouse query` prints: every value whole, and text from pages as text."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.console import Console, near, print_rows
from orchestration.publish.reader import Rows

TITLE = "[속보] 환율 [/b] [red]1,500원[/red], " + "가나다라" * 60
ROWS = Rows(("title", "day", "amount", "url"), [(TITLE, dt.date(2026, 3, 1), Decimal("1.50"), None)])


def test_a_table_shows_long_values_whole_and_square_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, "table")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "속보" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [TITLE, "2026-03-01", "1.50", ""]


def test_csv_and_json_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, "csv")
    assert list(csv.DictReader(io.StringIO(capsys.readouterr().out))) == [
        {"title": TITLE, "day": "2026-03-01", "amount": "1.50", "url": ""}
    ]
    print_rows(ROWS, "json")
    assert json.loads(capsys.readouterr().out) == [{"title": TITLE, "day": "2026-03-01", "amount": "1.50", "url": None}]


@pytest.mark.parametrize(("count", "lines"), [(49, 0), (50, 1)])
def test_many_files_are_told_of_as_plain_lines_where_there_is_no_terminal(
    count: int, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with Console() as console:
        assert list(console.each("news", "saved pages", range(count))) == list(range(count))
    assert capsys.readouterr().err.count("news: saved pages, 1 of 50") == lines


def test_a_path_is_shown_as_one_would_type_it_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert near(tmp_path / "home" / "index.html") == "home/index.html"
    assert near(tmp_path.parent / "index.html") == str(tmp_path.parent / "index.html")
