"""Thrift's compact protocol, as far as the footer of a Parquet file needs it: bytes to plain values and back.

Here: the encoding. Not here: what the fields mean (`parquet`). No library of ours writes a footer that it did not make: pyarrow
reads its fields, but can move no row group. Source: the Apache Thrift compact protocol specification.
"""

import struct
from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
STOP = 0

Struct = dict[int, tuple[int, Any]]
"""By the field's number: its type, and its value."""


@dataclass(slots=True)
class Items:
    """A list: the type of its items, and they."""

    type: int
    values: list[Any]


def decode(data: bytes) -> Struct:
    """The struct that `data` holds. Raises ValueError where it is none, or holds what no footer does (a set, a map)."""
    try:
        value, end = _struct(data, 0)
    except (IndexError, struct.error) as error:
        raise ValueError("cut off") from error
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes too many")
    return value


def encode(value: Struct) -> bytes:
    out = bytearray()
    _put_struct(out, value)
    return bytes(out)


def _struct(data: bytes, at: int) -> tuple[Struct, int]:
    found: Struct = {}
    number = 0
    while (head := data[at]) != STOP:
        at += 1
        kind, step = head & 15, head >> 4
        if step:
            number += step
        else:
            number, at = _zigzag(data, at)
        value, at = (None, at) if kind in (TRUE, FALSE) else _value(data, at, kind)
        found[number] = (kind, value)
    return found, at + 1


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (I16, I32, I64):
        return _zigzag(data, at)
    if kind == BINARY:
        size, at = _varint(data, at)
        if at + size > len(data):
            raise IndexError
        return data[at : at + size], at + size
    if kind == STRUCT:
        return _struct(data, at)
    if kind == LIST:
        return _list(data, at)
    if kind in (BYTE, TRUE, FALSE):  # a boolean in a list is a byte
        return data[at], at + 1
    if kind == DOUBLE:
        return struct.unpack_from("<d", data, at)[0], at + 8
    raise ValueError(f"type {kind} is none of a footer's")


def _list(data: bytes, at: int) -> tuple[Items, int]:
    head = data[at]
    at += 1
    size = head >> 4
    if size == 15:
        size, at = _varint(data, at)
    items = Items(head & 15, [])
    for _ in range(size):
        value, at = _value(data, at, items.type)
        items.values.append(value)
    return items, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _zigzag(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _put_struct(out: bytearray, value: Struct) -> None:
    last = 0
    for number in sorted(value):
        kind, content = value[number]
        if 0 < number - last < 16:
            out.append((number - last) << 4 | kind)
        else:
            out.append(kind)
            _put_zigzag(out, number)
        last = number
        if kind not in (TRUE, FALSE):
            _put_value(out, kind, content)
    out.append(STOP)


def _put_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in (I16, I32, I64):
        _put_zigzag(out, value)
    elif kind == BINARY:
        _put_varint(out, len(value))
        out += value
    elif kind == STRUCT:
        _put_struct(out, value)
    elif kind == LIST:
        size = len(value.values)
        out.append(min(size, 15) << 4 | value.type)
        if size >= 15:
            _put_varint(out, size)
        for item in value.values:
            _put_value(out, value.type, item)
    elif kind == DOUBLE:
        out += struct.pack("<d", value)
    else:
        out.append(value)


def _put_varint(out: bytearray, value: int) -> None:
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def _put_zigzag(out: bytearray, value: int) -> None:
    _put_varint(out, value << 1 if value >= 0 else (-value << 1) - 1)
