"""The folder of a run, `build/<run_id>/`: whose it is, and when it goes.

Here: taking it, giving it back, and clearing away what dead or failed runs left. Not here: what lies in it.

A folder belongs to the process that holds an OS lock on `build/<run_id>.lock`, which the system frees when the process dies. So a
run that was killed is told from one that is under way, whichever process started them.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

PARSE_CACHE = "parsed"
"""Beside the folders of runs, and shared by all."""

_held: dict[Path, int] = {}


def claim(build: Path, run_id: str) -> Path:
    """The folder of this run, made and held by this process until `release`. Clears what no process holds any more."""
    folder = build / run_id
    if folder not in _held:
        build.mkdir(parents=True, exist_ok=True)
        with _locked(build / "lock"):
            _clear(build)
            _held[folder] = _take(_lock_of(folder))
    folder.mkdir(exist_ok=True)
    return folder


def release(folder: Path) -> None:
    """Remove the folder: its run ended."""
    shutil.rmtree(folder, ignore_errors=True)
    descriptor = _held.pop(folder, None)
    if descriptor is not None:
        _lock_of(folder).unlink(missing_ok=True)
        os.close(descriptor)


def clear_dead(build: Path) -> None:
    """Remove the folders that no process holds any more."""
    if build.is_dir():
        with _locked(build / "lock"):
            _clear(build)


def is_alone(folder: Path) -> bool:
    """Whether no other process has a run under way."""
    return not any(_is_held(lock) for lock in folder.parent.glob("*.lock") if lock != _lock_of(folder))


def _clear(build: Path) -> None:
    for folder in build.iterdir():
        if folder.is_dir() and folder.name != PARSE_CACHE and not _is_held(_lock_of(folder)):
            shutil.rmtree(folder, ignore_errors=True)
    for lock in build.glob("*.lock"):
        if not _is_held(lock):
            lock.unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _is_held(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(lock: Path) -> int:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextlib.contextmanager
def _locked(lock: Path) -> Iterator[None]:
    descriptor = _take(lock)
    try:
        yield
    finally:
        os.close(descriptor)
