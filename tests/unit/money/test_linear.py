"""Reading takes linear time, counted in steps and not in seconds.

A step is one call, of a Python function or of one in C (a match, a search, a bisection). What a single match costs is bounded by
the grammar, whose repetitions are possessive or bounded; `make bench ONLY=money` reads 10 MB of the same pieces by the clock.
"""

import sys

import pytest

from orchestration.money.reader import read_mentions

PIECES = (
    "1", "1,", " ", "(", "1억(", "만", "1만 ", "1조 ", "수천", "1~", "1억~", "$1", "억 1", "(1 억,", "1달러(약 ",
    "환율 1원 ", "1인당 1원 ",
    "1파운드 ", "추경 1조 ", "전세 1억 2만 ", "1달러=1원 ",
)  # fmt: skip
GROWTH = 4.4  # of the steps when the text is four times as long
SOME = 64  # steps that any text costs


def steps(read, text: str) -> int:
    count = 0

    def step(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


def growth(read, piece: str, length: int) -> float:
    short, long = (steps(read, piece * (size // len(piece))) for size in (length, 4 * length))
    return long / max(short, SOME)


@pytest.mark.parametrize("piece", PIECES)
def test_four_times_the_text_takes_four_times_the_steps(piece):
    assert growth(read_mentions, piece, 16_000) <= GROWTH


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_so_it_does_at_four_megabytes(piece):
    assert growth(read_mentions, piece, 1_000_000) <= GROWTH


def test_a_reader_that_looks_back_at_everything_is_caught():
    def look_back(text: str) -> None:
        for at in range(len(text)):
            for before in range(at):
                text.startswith("1", before)

    assert growth(look_back, "1", 50) > GROWTH
