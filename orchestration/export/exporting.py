"""One version exported: whole or not at all, and nothing replaced that nobody asked to replace.

Here: which version, where the result goes, and how it gets there. Not here: which rows (`choice`), or the formats (`formats`).
"""

import contextlib
import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.export.choice import NAMES, Choice
from orchestration.export.formats import FORMATS, Format
from orchestration.publish import versions
from orchestration.publish.writing import is_intact

ABOUT = "about.json"
"""Beside the files of a folder: what they are."""


@dataclass(frozen=True, slots=True)
class Exported:
    """`row_counts`: of each table."""

    path: Path
    warehouse_version: int
    row_counts: dict[str, int]


def export(
    published: Path,
    form: str,
    choice: Choice,
    *,
    out: Path | None = None,
    force: bool = False,
    now: dt.datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Write the chosen rows of the version that is current now. `form`: one of FORMATS; `out`: a file, or a folder for formats
    with a file per table, by default `boardhouse-<version>…` in the working folder; `tell` hears each table's name.

    Nothing is seen under the name of `out` before all of it is there. Raises ConfigError where `out` is there and may not be
    replaced, BoardhouseError (one line) where nothing is published, it cannot be read, or the disk refuses.
    """
    names = choice.names()
    current = versions.current_version(published)
    if current is None:
        raise BoardhouseError(f"nothing is published in {published} yet: start a run first (boardhouse run, or make demo)")
    format_ = FORMATS[form]
    is_file = format_.is_one_file or (len(names) == 1 and out is not None and out.suffix == f".{form}")
    target = (out or Path(f"boardhouse-{current}.{form}" if is_file else f"boardhouse-{current}-{form}")).absolute()
    _check_target(target, is_file=is_file, force=force)
    about = {
        "warehouse_version": current,
        "exported_at": now.isoformat(timespec="seconds"),
        "boards": list(choice.boards) or "all",
        "from": str(choice.from_on or "the first day"),
        "to": str(choice.to_on or "the last day"),
    }
    with _clear_errors(target, published, current), _in_its_place(target) as work, _opened(published, current) as connection:
        counts = _write(connection, format_, form, choice, names, work, about, is_file=is_file, tell=tell)
    return Exported(target, current, counts)


def _write(
    connection: duckdb.DuckDBPyConnection,
    format_: Format,
    form: str,
    choice: Choice,
    names: tuple[str, ...],
    work: Path,
    about: dict[str, Any],
    *,
    is_file: bool,
    tell: Callable[[str], None],
) -> dict[str, int]:
    queries = {}
    for name in names:
        columns = [column for column, *_ in connection.execute(f"describe warehouse.{name}").fetchall()]
        queries[name] = choice.query(name, columns)
    if format_.write_all:
        return format_.write_all(connection, queries, work, about, tell)
    assert format_.write_one
    counts = {}
    if not is_file:
        work.mkdir()
    for name, query in queries.items():
        tell(name)
        counts[name] = format_.write_one(connection, query, work if is_file else work / f"{name}.{form}")
    if not is_file:
        (work / ABOUT).write_text(json.dumps({**about, "row_counts": counts}, ensure_ascii=False, indent=1), encoding="utf-8")
    return counts


def _check_target(target: Path, *, is_file: bool, force: bool) -> None:
    if not target.parent.is_dir():
        raise ConfigError(f"{target.parent} is no folder: make it first, or name another place with --out")
    if not target.exists() and not target.is_symlink():
        return
    if not force:
        raise ConfigError(f"{target} is there already: name another place with --out, or replace it with --force")
    if is_file and not target.is_file():
        raise ConfigError(f"{target} is no file: name another place with --out")
    if not is_file and not _is_an_export(target):
        raise ConfigError(f"{target} holds other things than an export: name another place with --out")


def _is_an_export(folder: Path) -> bool:
    """Whether nothing would go but what an export wrote: --force must not cost a home folder."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    ours = {ABOUT, *(f"{name}.{form}" for name in NAMES for form in FORMATS)}
    return all(path.name in ours and path.is_file() for path in folder.iterdir())


@contextlib.contextmanager
def _in_its_place(target: Path) -> Iterator[Path]:
    """A name beside `target` to write under, which takes its place at the end; what is there is gone where anything fails."""
    work = target.with_name(f".{target.name}.tmp-{os.getpid()}")
    old = target.with_name(f".{target.name}.old-{os.getpid()}")
    _remove(work)
    try:
        yield work
        for path in (*work.iterdir(), work) if work.is_dir() else (work,):
            _sync(path)
        if target.is_dir():
            target.rename(old)
        work.replace(target)
        _sync(target.parent)
    finally:
        _remove(work)
        if not target.exists() and old.exists():
            old.rename(target)
        _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _opened(published: Path, version: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """The version by its own name: one for all tables, and kept by retention for as long as it is open."""
    file = str(versions.warehouse_file(published, version)).replace("'", "''")
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{file}' as warehouse (read_only)")
        connection.execute("set TimeZone = 'Asia/Seoul'")
        yield connection


@contextlib.contextmanager
def _clear_errors(target: Path, published: Path, version: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BoardhouseError(f"{target} could not be written: {error.strerror or error}; nothing was exported") from error
    except duckdb.Error as error:
        why = str(error).strip().splitlines()[0]
        if not is_intact(published, version):
            raise versions.damaged(published, version, why) from error
        raise BoardhouseError(f"version {version} could not be exported to {target}: {why}") from error
