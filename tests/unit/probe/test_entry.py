"""The entry of a new board in `boards.yaml`: comments stay, ids and addresses stand once, nothing is half written."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.errors import ConfigError
from orchestration.probe.entry import add_board, entry_text, same_board, suggest_id
from orchestration.settings import Board, load_boards

NEW = Board(id="economy", name="경제: 뉴스 #1", url="https://board.example/economy", first_day=dt.date(2026, 11, 1))

INDENTED = """\
# Ours.
boards:
  # The first.
  - id: news      # never reused
    name: "뉴스"
    url: https://board.example/news
    first_day: 2025-01-01
    refresh: [1h, 6h]

# The end.
"""
FLUSH = "boards:\n- id: news\n  name: 뉴스\n  url: https://board.example/news\n  first_day: 2025-01-01\n"


@pytest.mark.parametrize("text", [INDENTED, FLUSH, INDENTED.rstrip("\n")])
def test_every_line_that_was_there_stays_and_the_new_board_comes_last(tmp_path: Path, text: str) -> None:
    path = tmp_path / "boards.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)
    add_board(path, NEW, tmp_path / "locks")
    assert load_boards(path)[1:] == (NEW,)
    written = path.read_text(encoding="utf-8").splitlines()
    lines = iter(written)
    assert all(line in lines for line in text.splitlines()), written  # in their order
    assert path.stat().st_mode & 0o777 == 0o640
    assert {file.name for file in tmp_path.iterdir()} == {"boards.yaml", "locks"}


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    add_board(tmp_path / "boards.yaml", NEW, tmp_path)
    assert load_boards(tmp_path / "boards.yaml") == (NEW,)


def test_the_entry_printed_is_the_entry_written(tmp_path: Path) -> None:
    (tmp_path / "boards.yaml").write_text("boards:\n" + entry_text(NEW), encoding="utf-8")
    assert load_boards(tmp_path / "boards.yaml") == (NEW,)
    private = NEW.model_copy(update={"private_network": True, "delay_seconds": 2.5})
    assert "private_network: true" in entry_text(private)
    assert "delay_seconds: 2.5" in entry_text(private)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"url": "http://BOARD.example/news/", "id": "other"}, "as board 'news'"), ({"id": "news"}, "--id")],
)
def test_an_id_or_address_that_stands_already_is_refused_and_the_file_stays(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    path = tmp_path / "boards.yaml"
    path.write_text(INDENTED, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        add_board(path, NEW.model_copy(update=change), tmp_path / "locks")
    assert path.read_text(encoding="utf-8") == INDENTED


def test_a_file_with_a_mistake_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "boards.yaml"
    path.write_text(INDENTED.replace("first_day", "frist_day"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 4: .*first_day is missing"):
        add_board(path, NEW, tmp_path / "locks")
    assert "economy" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("url", "taken", "expected"),
    [
        ("https://board.example/news", set(), "news"),
        ("https://board.example/news", {"news"}, "board_news"),
        ("https://www.board.example/news", {"news", "board_news"}, "board"),
        ("https://board.example/news", {"news", "board_news", "board"}, "news_2"),
        ("https://board.example/index.php?mid=Free-Talk", set(), "free_talk"),
        ("https://board.example/", set(), "board"),
        ("https://10.0.0.1/2024", set(), "board"),
    ],
)
def test_the_suggested_id_is_free_and_valid(url: str, taken: set[str], expected: str) -> None:
    assert suggest_id(url, taken) == expected


def test_one_board_under_two_spellings_of_its_address() -> None:
    assert same_board("http://Board.example/news/", "https://board.example/news")
    assert not same_board("https://board.example/news", "https://board.example/free")
    assert not same_board("https://board.example/?mid=a", "https://board.example/?mid=b")
