"""The landing of a home: what was fetched, by board and day of fetch.

Here: who may write, when a spool becomes sealed files, and reading both as one. Not here: the two formats (`spool`, `sealed`),
or what a response means (`parse`).
"""

import contextlib
import datetime as dt
import fcntl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from orchestration.effects import Effects
from orchestration.landing.records import Purpose, Response
from orchestration.landing.sealed import Entry, SealedWriter, entry_of, find_sealed, read_entries
from orchestration.landing.sealed import read_sealed as _read_sealed
from orchestration.landing.spool import Damage, Spool, read_spool, spool_name, try_lock
from orchestration.settings import KST


@dataclass(frozen=True, slots=True)
class Sealing:
    """What one `seal` did. `damaged`: stretches that could not be read, in their spools' new place, `landing/damaged/`."""

    files: tuple[Path, ...]
    damaged: tuple[Damage, ...]


class Landing:
    """All responses of a home. Any number of readers and, per run and board, one writer, in any number of processes."""

    def __init__(self, folder: Path, effects: Effects | None = None) -> None:
        self.folder = folder
        self._effects = effects or Effects()
        self._spool = folder / "spool"
        self._sealed = folder / "sealed"
        self._damaged = folder / "damaged"

    def writer(self, run_id: str, board_id: str) -> Spool:
        """The run's spool of one board, open for appending; a torn tail that a crash left is cut off.

        Raises BoardhouseError when another process holds it, or it cannot be written.
        """
        return Spool(self._spool / spool_name(run_id, board_id), self._effects)

    def seal(self, change: Callable[[Response], Response] | None = None) -> Sealing:
        """Turn every spool that nobody writes into sealed files, then remove it. Repeating it, also after a crash in the
        middle, changes nothing; a spool with damage is kept whole in `landing/damaged/`, its readable responses are sealed.
        `change`: what each response goes through before (`forget.landed`).

        Raises BoardhouseError when a sealed file cannot be written; its spool then stays as it was.
        """
        files: list[Path] = []
        damaged: list[Damage] = []
        for path in self._spools():
            with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
                if try_lock(file, path):
                    sealed, damage = self._seal_one(file, path, change or (lambda response: response))
                    files += sealed
                    if damage:
                        kept = _free_name(self._damaged / path.name)
                        self._effects.make_folder(self._damaged)
                        self._effects.rename(path, kept)
                        self._effects.sync(self._damaged)
                        damaged += [replace(each, path=kept) for each in damage]
                    else:
                        self._effects.remove(path)
                    self._effects.sync(path.parent)
                    fcntl.flock(file.fileno(), fcntl.LOCK_UN)
        return Sealing(tuple(files), tuple(damaged))

    def drop(self, files: Sequence[Path]) -> None:
        """Remove sealed files, and folders that hold none any more. Whoever reads meanwhile may miss them."""
        for path in files:
            self._effects.remove(path)
            self._effects.sync(path.parent)
            if not any(path.parent.iterdir()):
                self._effects.remove(path.parent)

    def _seal_one(self, file: BinaryIO, path: Path, change: Callable[[Response], Response]) -> tuple[list[Path], list[Damage]]:
        damage: list[Damage] = []
        seen: set[str] = set()
        writers: dict[tuple[str, dt.date], SealedWriter] = {}
        try:
            for item in read_spool(file, path):
                if isinstance(item, Damage):
                    if not item.is_torn:  # a torn tail was never acknowledged: nothing is lost with it
                        damage.append(item)
                    continue
                place = (item.board_id, item.fetched_at.astimezone(KST).date())
                if place not in writers:
                    target = self._sealed / f"board_id={place[0]}" / f"fetched_on={place[1]}" / f"{path.stem}.parquet"
                    writers[place] = SealedWriter(target, self._effects)
                    # A run that goes on after its spool was sealed seals under the same name: the file then holds both.
                    for earlier in _read_sealed(target) if target.exists() else ():
                        seen.add(earlier.response_id)
                        writers[place].add(earlier)
                if item.response_id not in seen:
                    seen.add(item.response_id)
                    writers[place].add(change(item))
            for writer in writers.values():
                writer.finish()
        finally:
            for writer in writers.values():
                writer.discard()
        return [writer.path for writer in writers.values()], damage

    def damaged(self) -> list[Damage]:
        """The stretches that could not be read of the spools in `landing/damaged/`, where they lie until somebody removes them."""
        found: list[Damage] = []
        for path in sorted(self._damaged.glob("*.zst")):
            with path.open("rb") as file:
                found += [item for item in read_spool(file, path) if isinstance(item, Damage) and not item.is_torn]
        return found

    def _spools(self) -> list[Path]:
        return sorted(self._spool.glob("*.zst"))

    def writing(self) -> set[tuple[str, str]]:
        """(run id, board id) of the spools that a living process holds."""
        held: set[tuple[str, str]] = set()
        for path in self._spools():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                if not try_lock(file, path) and path.exists():
                    run_id, _, board_id = path.stem.rpartition(".")
                    held.add((run_id, board_id))
        return held

    def sealed_files(self, board_id: str | None = None, since_on: dt.date | None = None) -> list[Path]:
        """Sealed files by board, then day of fetch (KST); `since_on`: only of that day and later ones."""
        files = sorted(self._sealed.glob(f"board_id={board_id or '*'}/fetched_on=*/*.parquet"))
        return [path for path in files if since_on is None or path.parent.name >= f"fetched_on={since_on}"]

    def read_sealed(self, path: Path) -> Iterator[Response]:
        """The responses of one sealed file; memory for one row group. Raises BoardhouseError naming an unreadable file."""
        return _read_sealed(path)

    def responses(
        self,
        board_id: str | None = None,
        run_id: str | None = None,
        *,
        purposes: Sequence[Purpose] | None = None,
        since_on: dt.date | None = None,
    ) -> Iterator[Response]:
        """Every landed response once, sealed ones first, in the order of landing within each file. `since_on`: sealed files of
        earlier days of fetch (KST) are not opened."""
        seen: set[str] = set()
        with self._open_spools(board_id) as spools:
            for path in self.sealed_files(board_id, since_on):
                for response in _read_sealed(path, purposes=purposes, run_id=run_id):
                    if response.response_id not in seen:
                        seen.add(response.response_id)
                        yield response
            for spool in spools:
                for response in _readable(spool):
                    wanted = (purposes is None or response.purpose in purposes) and run_id in (None, response.run_id)
                    if wanted and response.response_id not in seen:
                        seen.add(response.response_id)
                        yield response

    def spooled(self, board_id: str | None = None) -> Iterator[Response]:
        """Responses that are not sealed yet. Read these before `sealed_files` is listed: a spool sealed in between is then seen
        twice, not missed."""
        with self._open_spools(board_id) as spools:
            for spool in spools:
                yield from _readable(spool)

    def entries(self, board_id: str | None = None, *, since_on: dt.date | None = None) -> Iterator[Entry]:
        """As `responses`, without bodies and headers: an index that reads a small part of the bytes."""
        seen: set[str] = set()
        with self._open_spools(board_id) as spools:
            for path in self.sealed_files(board_id, since_on):
                for entry in read_entries(path):
                    if entry.response_id not in seen:
                        seen.add(entry.response_id)
                        yield entry
            for spool in spools:
                for response in _readable(spool):
                    if response.response_id not in seen:
                        seen.add(response.response_id)
                        yield entry_of(response)

    def get(self, response_id: str, *, board_id: str | None = None, since_on: dt.date | None = None) -> Response:
        """One response by its id, newest days of fetch first. Raises KeyError when none has it."""
        with self._open_spools(board_id) as spools:
            for path in reversed(self.sealed_files(board_id, since_on)):
                found = find_sealed(path, response_id)
                if found:
                    return found
            for spool in spools:
                for response in _readable(spool):
                    if response.response_id == response_id:
                        return response
        raise KeyError(response_id)

    @contextlib.contextmanager
    def _open_spools(self, board_id: str | None) -> Iterator[list[BinaryIO]]:
        """Opened before the sealed files are listed: a spool that is sealed meanwhile is still read through its handle."""
        with contextlib.ExitStack() as stack:
            files: list[BinaryIO] = []
            for path in self._spools():
                if board_id is None or path.stem.rpartition(".")[2] == board_id:
                    with contextlib.suppress(FileNotFoundError):
                        files.append(stack.enter_context(path.open("rb")))
            yield files


def _readable(file: BinaryIO) -> Iterator[Response]:
    """Damage is skipped here: in the tail it is a record being written, in the middle `seal` reports it."""
    for item in read_spool(file, Path(file.name)):
        if isinstance(item, Response):
            yield item


def _free_name(path: Path) -> Path:
    """`path`, or the same with a number where it is taken."""
    if not path.exists():
        return path
    return next(p for n in range(2, 10_000) if not (p := path.with_name(f"{path.stem}.{n}{path.suffix}")).exists())
