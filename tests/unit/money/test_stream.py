"""One line in, one JSON list out."""

import gc
import io
import json
import tracemalloc

import pytest

import orchestration.money.stream as stream
from orchestration.money.stream import main_loop


def run(data: bytes) -> list[list[dict]]:
    out = io.BytesIO()
    writer = io.TextIOWrapper(out)
    main_loop(io.TextIOWrapper(io.BytesIO(data)), writer)
    writer.flush()
    return [json.loads(line) for line in out.getvalue().decode("utf-8", "surrogateescape").split("\n")[:-1]]


def test_each_line_has_its_list_and_a_blank_line_an_empty_one():
    lists = run("벌금 500만원\n\n원래 그랬다\n$0.0001이다\n".encode())
    assert [len(found) for found in lists] == [1, 0, 0, 1]
    assert lists[0][0] == {
        "text": "500만원",
        "start": 3,
        "end": 8,
        "currency": "KRW",
        "kind": "amount",
        "amount": "5000000",
        "min": None,
        "max": None,
        "qualifier": [],
        "per": None,
        "paired_with": None,
    }
    assert lists[3][0]["amount"] == "0.0001"


def test_a_last_line_without_an_end_is_read_and_no_input_gives_nothing():
    assert [len(found) for found in run("3억원".encode())] == [1]
    assert run(b"") == []


def test_bytes_that_are_no_text_count_as_characters_and_stop_nothing():
    (found,) = run(b"\xff\xfe " + "3억원".encode() + b" \xed\xa0\x80\n")
    assert (found[0]["start"], found[0]["text"]) == (3, "3억원")


def test_a_carriage_return_ends_no_line():
    assert len(run("3억원\r\n2억원\r1억원\n".encode())) == 2


def test_a_line_longer_than_a_piece_is_one_list_with_offsets_of_the_line(monkeypatch):
    line = "5억 달러(약 7000억원)를 썼다. " * 50
    (whole,) = run(line.encode())
    monkeypatch.setattr(stream, "PIECE", 64)
    (pieces,) = run(line.encode())
    assert pieces == whole


def test_a_long_line_without_a_space_is_cut_and_read(monkeypatch):
    monkeypatch.setattr(stream, "PIECE", 64)
    lists = run(("가" * 1000 + "\n3억원\n").encode())
    assert [len(found) for found in lists] == [0, 1]


class Endless(io.RawIOBase):
    """`total` bytes of one piece again and again, made as they are read."""

    def __init__(self, piece: bytes, total: int) -> None:
        self.left = total // len(piece) * len(piece)
        self.made = piece * (8192 // len(piece))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = min(len(buffer), len(self.made), self.left)
        buffer[:count] = self.made[:count]
        self.left -= count
        return count


class Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def source(piece: bytes, total: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(Endless(piece, total)))


def peak_memory(read, piece: bytes, total: int) -> int:
    """Bytes that Python held at most while `read` read `total` bytes."""
    lines = source(piece, total)
    gc.collect()
    tracemalloc.start()
    read(lines, Nowhere())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


SENTENCE = ("시는 정류장 안내판을 새로 바꾸기로 했다. " * 10 + "5억 달러(약 7000억원)를 1인당 썼다. ").encode()
FEW, MANY = 400_000, 1_600_000
SLACK = 400_000  # bytes: CPython keeps up to 2,000 freed tuples of each size, here 272 KB


@pytest.mark.parametrize("piece", [SENTENCE + b"\n", SENTENCE, "가".encode()], ids=["lines", "one line", "one word"])
def test_memory_does_not_grow_with_the_input(monkeypatch, piece):
    monkeypatch.setattr(stream, "PIECE", 2048)
    assert peak_memory(main_loop, piece, MANY) <= peak_memory(main_loop, piece, FEW) + SLACK


def test_a_stream_that_keeps_what_it_read_is_caught():
    def keep(stdin, stdout) -> None:
        stdin.read()

    assert peak_memory(keep, SENTENCE, MANY) > peak_memory(keep, SENTENCE, FEW) + SLACK
