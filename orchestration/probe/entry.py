"""The entry of a new board: what is suggested for it, and how it gets into `boards.yaml`.

Here: id, and the one place that writes `boards.yaml`. Not here: what an entry may hold (`settings`), what a board shows (`look`).
"""

import contextlib
import fcntl
import io
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.util import load_yaml_guess_indent

from orchestration.errors import ConfigError
from orchestration.fetch.addresses import mid_of
from orchestration.fetch.client import host_of
from orchestration.settings import BOARD_ID, Board, load_boards

HEADER = "# The boards that boardhouse reads (docs/how-to/add-a-board.md).\n"
WIDEST = 4096
"""Columns before ruamel folds a line: the lines of the operator stay as they are."""
_LEFT_OUT = {"refresh", "max_requests"}
"""Keys whose defaults nobody needs to see in a new entry."""


def suggest_id(url: str, taken: Collection[str]) -> str:
    """The board's short name in its address, else its host's; with the host's before it, then a number, where it is taken."""
    labels = [label for label in (urlsplit(url).hostname or "").split(".") if label not in ("www", "m")]
    host = _as_id(labels[0]) if labels else None
    name = _as_id(mid_of(url) or "")
    both = f"{host}_{name}"[:40] if host and name else None
    wishes = [wish for wish in (name, both, host) if wish] or ["board"]
    numbered = (f"{wishes[0][:36]}_{n}" for n in range(2, 1000))
    return next(wish for wish in (*wishes, *numbered) if wish not in taken)


def _as_id(text: str) -> str | None:
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    plain = re.sub(r"^[^a-z]+", "", plain)[:40]
    return plain if BOARD_ID.fullmatch(plain) else None


def same_board(one: str, other: str) -> bool:
    """Whether two addresses are one board's: scheme, case of the host, a last slash and the order of the query do not count."""
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    parts = urlsplit(url)
    return host_of(url).lower(), parts.path.rstrip("/"), tuple(sorted(parse_qsl(parts.query)))


def standing(boards: Sequence[Board], url: str) -> Board | None:
    """The board that has this address already."""
    return next((board for board in boards if same_board(board.url, url)), None)


def entry_text(board: Board) -> str:
    """The entry as it stands in `boards.yaml`."""
    text = io.StringIO()
    _yaml(4, 2).dump({"boards": [_entry(board)]}, text)
    return text.getvalue().partition("\n")[2]


def add_board(path: Path, board: Board, locks: Path) -> None:
    """Add the entry to the file at `path`, which is made where it is missing: whole or not at all, all other lines as they were.

    `locks`: a folder for the lock that keeps two of these apart. Raises ConfigError where the file has a mistake, or has the id or
    the address already.
    """
    path = path.resolve()
    with _alone(locks / "boards.yaml.lock"):
        if not path.exists():
            _replace(path, HEADER + "boards:\n" + entry_text(board))
            return
        boards = load_boards(path)
        if there := standing(boards, board.url):
            raise ConfigError(f"{path} has {board.url} already, as board {there.id!r}")
        if board.id in {known.id for known in boards}:
            raise ConfigError(f"{path} has a board {board.id!r} already: choose another with --id")
        text = path.read_text(encoding="utf-8")
        _, indent, offset = load_yaml_guess_indent(text)
        yaml = _yaml(indent or 2, offset or 0)
        content = yaml.load(text)
        content["boards"].append(_entry(board))
        written = io.StringIO()
        yaml.dump(content, written)
        _replace(path, written.getvalue())


def _entry(board: Board) -> dict[str, Any]:
    entry = board.model_dump(exclude=_LEFT_OUT)
    if not board.private_network:
        del entry["private_network"]
    if board.delay_seconds == int(board.delay_seconds):
        entry["delay_seconds"] = int(board.delay_seconds)
    return entry


def _yaml(indent: int, offset: int) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = WIDEST
    yaml.indent(mapping=2, sequence=indent, offset=offset)
    return yaml


def _replace(path: Path, text: str) -> None:
    """Write beside it, read it back as boardhouse will, then rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            if path.exists():
                os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        load_boards(temporary)
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; add the entry by hand") from None
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
