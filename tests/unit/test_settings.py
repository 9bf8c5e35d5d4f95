"""boards.yaml and the environment: every mistake names its line, what is wrong and what would be right."""

from pathlib import Path

import pytest

from orchestration.errors import ConfigError
from orchestration.settings import load_boards, load_settings

GOOD = """\
boards:
  - id: news
    name: 뉴스
    url: https://board.example/news
    engine: rhymix
    first_day: 2025-01-01
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "boards.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_board_is_data_with_sane_defaults(tmp_path: Path) -> None:
    (board,) = load_boards(write(tmp_path, GOOD))
    assert (board.id, board.skin, board.delay_seconds, board.time_zone) == ("news", "auto", 1.0, "Asia/Seoul")


@pytest.mark.parametrize(
    ("wrong", "right", "line", "says"),
    [
        ("rhymix", "phpbb", 5, "write one of 'auto', 'rhymix', 'xe' or 'text'"),
        ("id: news", "id: News!", 2, "small letters, digits and _"),
        ("https://board.example/news", "ftp://board.example", 4, "write it as https://host/board"),
        ("2025-01-01", "soon", 6, "first_day"),
        ("    name: 뉴스\n", "", 2, "name is missing"),
        ("engine:", "motor:", 5, "not a known key; known are id, name, url"),
        ("boards:", "board:", 1, "boards"),
        ("    engine: rhymix\n", "    engine: rhymix\n    time_zone: Seoul\n", 6, "IANA name"),
        ("    engine: rhymix\n", "    engine: rhymix\n    delay_seconds: -1\n", 6, "greater than or equal to 0"),
    ],
)
def test_a_mistake_names_its_line_and_what_would_be_right(tmp_path: Path, wrong: str, right: str, line: int, says: str) -> None:
    assert wrong in GOOD
    with pytest.raises(ConfigError) as raised:
        load_boards(write(tmp_path, GOOD.replace(wrong, right)))
    message = str(raised.value)
    assert f"boards.yaml line {line}: " in message
    assert says in message
    assert "\n" not in message


def test_an_id_cannot_stand_twice(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'news' stands twice"):
        load_boards(write(tmp_path, GOOD + GOOD.removeprefix("boards:\n")))


@pytest.mark.parametrize("text", ["", "boards: [", "- news", "boards: []", "a: &a [*a]\n"])
def test_what_is_no_boards_file_is_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_boards(write(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BOARDHOUSE_BOARDS"):
        load_boards(tmp_path / "boards.yaml")


def test_the_nearest_boards_file_is_found_and_home_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, GOOD)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.delenv("BOARDHOUSE_BOARDS", raising=False)
    monkeypatch.delenv("BOARDHOUSE_HOME", raising=False)
    settings = load_settings()
    assert settings.boards == tmp_path / "boards.yaml"
    assert settings.home == tmp_path / ".boardhouse"


def test_a_relative_home_is_resolved_against_the_folder_of_boards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOARDHOUSE_BOARDS", str(write(tmp_path, GOOD)))
    monkeypatch.setenv("BOARDHOUSE_HOME", "elsewhere")
    assert load_settings().home == tmp_path / "elsewhere"


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOARDHOUSE_MAX_ATTEMPTS", "many")
    with pytest.raises(ConfigError, match="BOARDHOUSE_MAX_ATTEMPTS"):
        load_settings()
