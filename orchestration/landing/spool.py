"""The spool: one file per run and board, to which responses are appended while the run fetches.

Here: the frame format, appending, reading, and what happens to a torn or damaged file. Not here: which spools there are and
when they are sealed (`store`), or Parquet (`sealed`).

A record is a zstd skippable frame (marker and length) followed by one zstd frame with its checksum, so `zstd -d` reads the file,
and a reader that meets damage finds the next record by the marker.
"""

import contextlib
import datetime as dt
import fcntl
import io
import json
import os
import re
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import zstandard

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.landing.records import Response

_HEAD = struct.Struct("<II8sQ")
_MARK = _HEAD.pack(0x184D2A5B, 16, b"bh-spool", 0)[:16]  # magic and size of the skippable frame, then our marker
_META = struct.Struct("<I")
_META_FIELDS = tuple(f.name for f in fields(Response) if f.name != "body")
_SCAN_BYTES = 1 << 20
_LOCK_WAIT_SECONDS = 10.0  # a spool is locked by another process only while that one seals it
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a spool that holds no readable record. `is_torn`: the file ends within its one record, as after a crash in
    mid-write, so it was never acknowledged; anything else was landed once and is reported."""

    path: Path
    start: int
    end: int
    is_torn: bool

    def __str__(self) -> str:
        return f"{self.path}: bytes {self.start} to {self.end} cannot be read"


def spool_name(run_id: str, board_id: str) -> str:
    if not _NAME.fullmatch(run_id):
        raise BoardhouseError(f"{run_id!r} is no run id: letters, digits, _ and -, at most 100")
    return f"{run_id}.{board_id}.zst"


def compressor() -> zstandard.ZstdCompressor:
    """For one thread. Fast, as sealing compresses again: level 3 takes a third longer for 0.95 of the bytes."""
    return zstandard.ZstdCompressor(level=1, write_checksum=True)


def encode(response: Response, compress: zstandard.ZstdCompressor | None = None) -> bytes:
    """One record: marker and length, then a zstd frame of the fields as JSON and the body as it came."""
    meta = {name: getattr(response, name) for name in _META_FIELDS}
    meta["headers"] = dict(response.headers)
    meta["fetched_at"] = response.fetched_at.astimezone(dt.UTC).isoformat()
    head = json.dumps(meta, ensure_ascii=False).encode("utf-8", "surrogatepass")
    frame = (compress or compressor()).compress(_META.pack(len(head)) + head + response.body)
    return _MARK + _HEAD.pack(0, 0, b"", len(frame))[16:] + frame


def _decode(frame: bytes) -> Response | None:
    """None where the frame is not whole or its checksum is wrong."""
    try:
        inflater = zstandard.ZstdDecompressor().decompressobj()
        data = inflater.decompress(frame)
        if not inflater.eof or inflater.unused_data:
            return None
        (size,) = _META.unpack_from(data)
        meta = json.loads(data[_META.size : _META.size + size].decode("utf-8", "surrogatepass"))
        meta["fetched_at"] = dt.datetime.fromisoformat(meta["fetched_at"])
        return Response(**meta, body=data[_META.size + size :])
    except (zstandard.ZstdError, struct.error, ValueError, KeyError, TypeError):
        return None


def read_spool(file: BinaryIO, path: Path) -> Iterator[Response | Damage]:
    """Every readable record of an open spool in its order, and the damage between and after them. One record in memory."""
    size = os.fstat(file.fileno()).st_size
    position = 0
    while position < size:
        found = _record_at(file, position, size)
        if found:
            response, position = found
            yield response
            continue
        start, is_cut, next_start = position, _is_cut(file, position, size), _next_mark(file, position + 1, size)
        while next_start is not None and not _record_at(file, next_start, size):
            next_start = _next_mark(file, next_start + 1, size)
        position = size if next_start is None else next_start
        yield Damage(path, start, position, is_torn=is_cut and next_start is None)


def _record_at(file: BinaryIO, position: int, size: int) -> tuple[Response, int] | None:
    file.seek(position)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(_MARK):
        return None
    length = _HEAD.unpack(head)[3]
    end = position + _HEAD.size + length
    if end > size:
        return None
    response = _decode(file.read(length))
    return (response, end) if response else None


def _is_cut(file: BinaryIO, position: int, size: int) -> bool:
    """Whether the bytes from `position` are the beginning of a record that the end of the file cuts off."""
    file.seek(position)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return head.startswith(_MARK) or _MARK.startswith(head)
    return head.startswith(_MARK) and position + _HEAD.size + int(_HEAD.unpack(head)[3]) > size


def _next_mark(file: BinaryIO, position: int, size: int) -> int | None:
    while position < size:
        file.seek(position)
        chunk = file.read(_SCAN_BYTES)
        at = chunk.find(_MARK)
        if at >= 0:
            return position + at
        if len(chunk) < len(_MARK):
            return None
        position += len(chunk) - len(_MARK) + 1
    return None


def try_lock(file: BinaryIO | io.FileIO, path: Path) -> bool:
    """Take the file's OS lock, unless another holds it or `path` is no longer this file (sealed and removed meanwhile)."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return True
    fcntl.flock(file.fileno(), fcntl.LOCK_UN)
    return False


class Spool:
    """The one writer of a run's and board's spool, holding its OS lock while open; the lock is freed when the process dies.
    `end`: bytes written so far."""

    def __init__(self, path: Path, effects: Effects | None = None) -> None:
        self.path = path
        self._effects = effects or Effects()
        self._compressor = compressor()
        self._file = self._open()
        self.end = self._synced = self._cut_torn_tail()
        self._closed = False

    def _open(self) -> io.FileIO:
        deadline = time.monotonic() + _LOCK_WAIT_SECONDS
        try:
            self._effects.make_folder(self.path.parent)
            while True:
                file = io.FileIO(self._effects.create(self.path), "r+")
                if try_lock(file, self.path):
                    break
                file.close()
                if time.monotonic() > deadline:
                    raise BoardhouseError(f"{self.path}: another process writes it; wait for that run to end, or end it")
                time.sleep(0.05)
            self._effects.sync(self.path.parent)
        except OSError as error:
            raise write_error(self.path, error) from error
        return file

    def _cut_torn_tail(self) -> int:
        """What a crash left of a record that was never acknowledged goes; damage in the middle stays for `seal` to report."""
        size = end = os.fstat(self._file.fileno()).st_size
        with os.fdopen(os.dup(self._file.fileno()), "rb") as reader:
            for item in read_spool(reader, self.path):
                if isinstance(item, Damage) and item.is_torn:
                    end = item.start
        if end < size:
            self._effects.truncate(self._file.fileno(), end, self.path)
        return end

    def append(self, response: Response) -> None:
        """Land one response: on return it is on the disk.

        Raises BoardhouseError (one line) when it cannot be written; what was appended before stays whole.
        """
        before = self.end
        self.write(response)
        try:
            self.sync(self.end)
        except BaseException:
            self._cut(before)
            raise

    def write(self, response: Response) -> None:
        """As `append`, but the bytes are only in the system's hands: safe from a killed process, not from a power cut."""
        record = encode(response, self._compressor)
        try:
            self._effects.write_at(self._file.fileno(), record, self.end, self.path)
        except BaseException as error:
            # Also where an interrupt strikes: a shorter record written over the rest of this one would leave its tail behind.
            self._cut(self.end)
            if isinstance(error, OSError):
                raise write_error(self.path, error) from error
            raise
        self.end += len(record)

    def sync(self, upto: int) -> None:
        """On return the first `upto` bytes are on the disk; may run beside `write`. Raises BoardhouseError when they are not."""
        if upto <= self._synced:
            return
        end = self.end
        try:
            self._effects.sync_open(self._file.fileno(), self.path)
        except OSError as error:
            raise write_error(self.path, error) from error
        self._synced = end

    def _cut(self, end: int) -> None:
        with contextlib.suppress(OSError):
            os.truncate(self._file.fileno(), end)
        self.end = end

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def write_error(path: Path, error: OSError) -> BoardhouseError:
    """The one line for a full disk, a folder without permission and the like."""
    why = error.strerror or type(error).__name__
    return BoardhouseError(
        f"{path}: cannot be written ({why}): free space or mend the folder, then run again; all that landed is kept"
    )
