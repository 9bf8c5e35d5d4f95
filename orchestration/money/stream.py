"""A sentence a line in, a JSON list of mentions a line out, in constant memory.

Here: reading and writing lines, and the JSON form of a mention. Not here: what is in a line (`reader`).

A line longer than PIECE characters is read in pieces, each cut behind its last sentence end or space: its mentions come out in
one list with the offsets of the line, but a mention is not paired across a cut. Bytes that are no UTF-8 count as one character
each and belong to no mention.
"""

import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from json import JSONEncoder
from typing import Any, TextIO

from orchestration.money.reader import read_mentions
from orchestration.money.records import Mention

PIECE = 1 << 18

_encode = JSONEncoder(ensure_ascii=False).encode


def as_json(mention: Mention) -> dict[str, Any]:
    """The published form: amounts as plain decimal strings, without exponent."""
    return {
        "text": mention.text,
        "start": mention.start,
        "end": mention.end,
        "currency": mention.currency,
        "kind": mention.kind,
        "amount": _plain(mention.amount),
        "min": _plain(mention.min),
        "max": _plain(mention.max),
        "qualifier": list(mention.qualifiers),
        "per": mention.per,
        "paired_with": mention.paired_with,
    }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def stream(lines: Iterable[str], out: TextIO) -> None:
    """Write one JSON list for each line; a blank line gives `[]`."""
    for line in lines:
        out.write(_encode([as_json(mention) for mention in read_mentions(line)]) + "\n")


def main_loop(stdin: TextIO, stdout: TextIO) -> None:
    """What `boardhouse money` does: standard input to standard output, until the input ends."""
    if isinstance(stdin, io.TextIOWrapper):
        stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    while line := stdin.readline(PIECE):
        if line.endswith("\n") or len(line) < PIECE:
            stream((line,), stdout)
        else:
            _stream_long(line, stdin, stdout)


def _stream_long(piece: str, stdin: TextIO, stdout: TextIO) -> None:
    """One line that does not fit into a piece."""
    stdout.write("[")
    offset = count = 0
    separator = ""
    for part in _parts(piece, stdin):
        mentions = read_mentions(part)
        for mention in mentions:
            paired = None if mention.paired_with is None else mention.paired_with + count
            moved = mention._replace(start=mention.start + offset, end=mention.end + offset, paired_with=paired)
            stdout.write(separator + _encode(as_json(moved)))
            separator = ", "
        offset += len(part)
        count += len(mentions)
    stdout.write("]\n")


def _parts(piece: str, stdin: TextIO) -> Iterator[str]:
    while True:
        is_last = piece.endswith("\n") or len(piece) < PIECE
        if is_last:
            yield piece
            return
        cut = _last_cut(piece)
        yield piece[:cut]
        piece = piece[cut:] + stdin.readline(PIECE - (len(piece) - cut))


def _last_cut(piece: str) -> int:
    """Behind the last sentence end in the second half of the piece, else behind its last space, else its end."""
    half = len(piece) // 2
    cut = piece.rfind(". ", half) + 2
    if cut < 2:
        cut = piece.rfind(" ", half) + 1
    return cut or len(piece)
