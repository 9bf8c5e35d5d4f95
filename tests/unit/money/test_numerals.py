"""Written numbers to exact values."""

import pytest

from orchestration.money.numerals import complete_tail, exact, read_number, spread


@pytest.mark.parametrize(
    ("run", "value"),
    [
        ("7조3000억", 7_300_000_000_000),
        ("1억 2345만 6789", 123_456_789),
        ("천 4백만", 14_000_000),
        ("1,234백만", 1_234_000_000),
        ("이천칠백삼십오만", 27_350_000),
        ("만 오천", 15_000),
        ("1경2천조", 12 * 10**15),
        ("1백25만", 1_250_000),
    ],
)
def test_mixtures_add_up(run, value):
    number = read_number(run)
    assert (number.low, number.length) == (value, len(run))


@pytest.mark.parametrize(("run", "read"), [("30만 40만", "30만"), ("1천 2천억", "1천"), ("3천 2000", "3천"), ("10만 조", "10만")])
def test_a_number_ends_where_multipliers_no_longer_fall(run, read):
    assert run[: read_number(run).length] == read


@pytest.mark.parametrize(
    ("run", "low", "high"),
    [("수백억", 200, 1000), ("몇십억", 20, 100), ("십수억", 11, 20), ("백수십억", 120, 200), ("수억", 2, 10), ("이삼억", 2, 3)],
)
def test_vague_numbers_have_two_ends(run, low, high):
    number = read_number(run)
    assert (number.low, number.high) == (low * 10**8, high * 10**8)


@pytest.mark.parametrize(
    ("left", "right", "low"),
    [
        ("10", "20억", 10 * 10**8),
        ("8000", "1만", 8000),
        ("5천", "1억", 5 * 10**7),
        ("1천", "2천억", 10**11),
        ("1억5000", "2억", 15 * 10**7),
        ("3", "4천만", 3 * 10**7),
    ],
)
def test_the_left_end_of_a_range_takes_the_multipliers_that_keep_it_smaller(left, right, low):
    first, second = read_number(left), read_number(right)
    assert spread(first, second)
    assert first.low == low


def test_an_end_that_cannot_be_smaller_is_no_range():
    assert not spread(read_number("30"), read_number("20"))


def test_a_spoken_tail_gets_its_multiplier():
    number = read_number("3억5000")
    complete_tail(number)
    assert number.low == 350_000_000


def test_values_are_exact_beyond_any_decimal_context():
    assert str(exact(123456789012345678901234567890123456789, 4)) == "12345678901234567890123456789012345.6789"
