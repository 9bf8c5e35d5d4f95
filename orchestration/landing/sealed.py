"""Sealed responses: Parquet files, one per spool and day of fetch, written once.

Here: the schema, writing whole files or none, reading with bounded memory. Not here: which files there are and when (`store`).
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.landing.records import Purpose, Response
from orchestration.landing.spool import write_error

SCHEMA = pa.schema(
    [
        pa.field("response_id", pa.string(), nullable=False),
        pa.field("board_id", pa.string(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("purpose", pa.string(), nullable=False),
        pa.field("url_asked", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("status", pa.int32(), nullable=False),
        pa.field("headers", pa.map_(pa.string(), pa.string()), nullable=False),
        pa.field("fetched_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("sweep", pa.string()),
        pa.field("note", pa.string()),
        pa.field("document_id", pa.int64()),
        pa.field("body", pa.large_binary(), nullable=False),
    ]
)
_ENTRY_COLUMNS = [name for name in SCHEMA.names if name not in ("body", "headers")]

# Bodies of one board are near copies of each other: compressed together they take 0.04 of their bytes, alone 0.37. Parquet
# compresses by data page, so pages are as large as a row group, and a row group is what memory affords.
_GROUP_BYTES = 16 << 20
_READ_ROWS = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A landed response without its body and headers, as an index reads it."""

    response_id: str
    board_id: str
    run_id: str
    purpose: Purpose
    url_asked: str
    url: str
    status: int
    fetched_at: dt.datetime
    sweep: str | None
    note: str | None
    document_id: int | None


def entry_of(response: Response) -> Entry:
    return Entry(**{name: getattr(response, name) for name in _ENTRY_COLUMNS})


class SealedWriter:
    """Writes one sealed file: hidden until `finish` renames it, which is after its fsync."""

    def __init__(self, path: Path, effects: Effects | None = None) -> None:
        self.path = path
        self._effects = effects or Effects()
        self._temporary = path.with_name(f".{path.name}.tmp")
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0
        try:
            self._effects.make_folder(path.parent)
            self._effects.before("create", self._temporary)
            self._file = self._temporary.open("wb")
        except OSError as error:
            raise write_error(path, error) from error
        self._writer = pq.ParquetWriter(
            self._file,
            SCHEMA,
            compression="zstd",
            compression_level=3,
            use_dictionary=["board_id", "run_id", "purpose"],
            data_page_size=2 * _GROUP_BYTES,
            write_page_checksum=True,  # a flipped byte may still decompress, to another text
            write_statistics=[name for name in SCHEMA.names if name not in ("body", "headers")],
        )

    def add(self, response: Response) -> None:
        row = {name: getattr(response, name) for name in SCHEMA.names}
        row["headers"] = list(response.headers.items())
        self._rows.append(row)
        self._bytes += len(response.body)
        if self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._effects.before("write", self._temporary)
            try:
                self._writer.write_table(pa.Table.from_pylist(self._rows, schema=SCHEMA), row_group_size=len(self._rows))
            except OSError as error:
                raise write_error(self.path, error) from error
        self._rows, self._bytes = [], 0

    def finish(self) -> None:
        self._flush()
        try:
            self._effects.before("write", self._temporary)
            self._writer.close()
            self._file.flush()
            self._effects.sync_open(self._file.fileno(), self._temporary)
            self._file.close()
            self._effects.rename(self._temporary, self.path)
            self._effects.sync(self.path.parent)
        except OSError as error:
            raise write_error(self.path, error) from error

    def discard(self) -> None:
        """Close and remove the hidden file; nothing after `finish`."""
        with contextlib.suppress(OSError, ValueError):  # pyarrow writes the footer on close, also to a full disk
            self._writer.close()
        self._file.close()
        self._temporary.unlink(missing_ok=True)


def write_sealed(path: Path, responses: Iterable[Response]) -> None:
    """Write one sealed file, whole or not at all. Raises BoardhouseError when it cannot be written."""
    writer = SealedWriter(path)
    try:
        for response in responses:
            writer.add(response)
        writer.finish()
    finally:
        writer.discard()


def read_sealed(path: Path, *, purposes: Sequence[Purpose] | None = None, run_id: str | None = None) -> Iterator[Response]:
    """The responses of one sealed file in its order, one row group's bodies in memory at most.

    Raises BoardhouseError naming the file when it is no readable Parquet.
    """
    for group in _matching_groups(path, purposes, run_id):
        for batch in _batches(path, SCHEMA.names, groups=[group]):
            columns = {name: batch.column(name) for name in SCHEMA.names}
            for at in range(batch.num_rows):
                if purposes is not None and columns["purpose"][at].as_py() not in purposes:
                    continue
                if run_id is not None and columns["run_id"][at].as_py() != run_id:
                    continue
                values = {name: column[at].as_py() for name, column in columns.items()}
                values["headers"] = dict(values["headers"])
                yield Response(**values)


def read_entries(path: Path) -> Iterator[Entry]:
    """The entries of one sealed file; bodies are not read."""
    for batch in _batches(path, _ENTRY_COLUMNS, rows=8192):
        for values in batch.to_pylist():
            yield Entry(**values)


def find_sealed(path: Path, response_id: str) -> Response | None:
    """One response of a sealed file: the ids are read first, then only the row group that holds it."""
    try:
        with _open(path) as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["response_id"]).column(0).to_pylist()
                if response_id in ids:
                    values = file.read_row_group(group).slice(ids.index(response_id), 1).to_pylist()[0]
                    return Response(**{**values, "headers": dict(values["headers"])})
    except (pa.ArrowException, OSError) as error:
        raise _read_error(path, error) from error
    return None


def _matching_groups(path: Path, purposes: Sequence[Purpose] | None, run_id: str | None) -> list[int]:
    """Row groups that can hold what is asked for: bodies of the others need not be decompressed."""
    try:
        with _open(path) as file:
            groups = list(range(file.num_row_groups))
            if purposes is None and run_id is None:
                return groups
            matching = []
            for group in groups:
                rows = file.read_row_group(group, columns=["purpose", "run_id"])
                pairs = zip(rows.column("purpose").to_pylist(), rows.column("run_id").to_pylist(), strict=True)
                if any((purposes is None or p in purposes) and run_id in (None, r) for p, r in pairs):
                    matching.append(group)
            return matching
    except (pa.ArrowException, OSError) as error:
        raise _read_error(path, error) from error


def _batches(path: Path, columns: list[str], rows: int = _READ_ROWS, groups: list[int] | None = None) -> Iterator[pa.RecordBatch]:
    try:
        with _open(path) as file:
            yield from file.iter_batches(batch_size=rows, row_groups=groups, columns=columns, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise _read_error(path, error) from error


def _open(path: Path) -> pq.ParquetFile:
    """Raises ArrowInvalid where the columns are not ours. Damage in a page is an error when it is read, where the page was
    written with a checksum."""
    file = pq.ParquetFile(path, page_checksum_verification=True)
    if not file.schema_arrow.equals(SCHEMA):
        file.close()
        raise pa.ArrowInvalid("its columns are not those of a landing file")
    return file


def _read_error(path: Path, error: Exception) -> BoardhouseError:
    why = str(error).splitlines()[0]
    return BoardhouseError(f"{path}: cannot be read ({why}): restore it from a backup, or move it out of the landing")
