"""Amounts, sentences, changes and addresses, as a reader of the front page sees them."""

import time
from decimal import Decimal

import pytest

from orchestration.report.front.wording import (
    LINES,
    Piece,
    changes,
    cut,
    exact_won,
    percent,
    rate,
    sentence,
    tick,
    web_address,
    won,
)


@pytest.mark.parametrize(
    ("amount", "shown", "exact"),
    [
        ("718000000000000", "718조원", "₩718,000,000,000,000"),
        ("1234500000000.0000", "1조 2,345억원", "₩1,234,500,000,000"),
        ("15300000000000000", "15,300조원", "₩15,300,000,000,000,000"),
        ("123456789.5", "1억 2,346만원", "₩123,456,789.5"),
        ("99995000", "1억원", "₩99,995,000"),
        ("999999999999", "1조원", "₩999,999,999,999"),
        ("15000", "1만 5,000원", "₩15,000"),
        ("900", "900원", "₩900"),
        ("0.4", "0원", "₩0.4"),
        ("-8500000000", "−85억원", "−₩8,500,000,000"),
    ],
)
def test_an_amount_is_written_as_newspapers_do_and_exactly(amount: str, shown: str, exact: str) -> None:
    assert (won(Decimal(amount)), exact_won(Decimal(amount))) == (shown, exact)


def test_rates_have_four_digits_or_more_and_axes_no_zeros() -> None:
    values = (15_321.4, 1436.21, 191.5, 9.3121, 0.0569)
    assert [rate(value) for value in values] == ["15,321", "1,436.2", "191.50", "9.312", "0.05690"]
    assert [tick(value) for value in (1400.0, 9.25, 20.0)] == ["1,400", "9.25", "20"]


def test_a_share_is_all_or_nothing_only_when_it_is() -> None:
    assert [percent(part, 10_000) for part in (0, 1, 5000, 9999, 10_000)] == ["0%", "0.1%", "50.0%", "99.9%", "100%"]
    assert percent(0, 0) == "–"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "/news/1", "http://", "http://[x", "", None]
)
def test_only_addresses_on_the_web_are_linked(url: str | None) -> None:
    assert web_address(url) is None


def test_an_address_on_the_web_stays_as_it_is() -> None:
    assert web_address("https://board.example/news/1?a=b&c=d") == "https://board.example/news/1?a=b&c=d"


def test_a_title_is_cut_to_one_line() -> None:
    assert cut(" 여러\n줄\t제목 ") == "여러 줄 제목"
    assert cut("가" * 1_000_000) == "가" * 159 + "…"
    assert cut(None) == ""


def test_the_sentence_of_an_amount_is_shown_with_the_amount_and_its_partner_marked() -> None:
    text = "앞 문장이다. 당국은 5000억 달러(약 718조원)를 투자한다. 뒤 문장이다."
    start = text.index("5000억")
    pair = text.index("718조원")
    assert sentence(text, (start, start + 8), (pair, pair + 5)) == [
        Piece("당국은 "),
        Piece("5000억 달러", "mark"),
        Piece("(약 "),
        Piece("718조원", "mark"),
        Piece(")를 투자한다."),
    ]


def test_a_sentence_without_end_is_cut_on_both_sides() -> None:
    text = "가" * 5000 + "1조원" + "나" * 5000
    pieces = sentence(text, (5000, 5003))
    assert [piece.text for piece in pieces if piece.kind == "mark"] == ["1조원"]
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert sum(len(piece.text) for piece in pieces) < 250


@pytest.mark.parametrize("span", [(90_000, 2), (0, 10**9), (50, 60), (-5, 3)])
def test_a_span_that_lies_outside_the_text_marks_nothing_and_breaks_nothing(span: tuple[int, int]) -> None:
    assert all(piece.kind == "plain" for piece in sentence("짧은 글", span))


def test_a_change_is_shown_word_by_word() -> None:
    lines, more = changes("그대로다.\n당국은 투자한다고 밝혔다.", "그대로다.\n당국은 투자하지 않는다고 밝혔다.")
    assert lines == [[Piece("당국은 "), Piece("투자한다고", "removed"), Piece("투자하지 않는다고", "added"), Piece(" 밝혔다.")]]
    assert more == 0


def test_many_changes_are_counted_and_few_shown() -> None:
    lines, more = changes("\n".join(f"옛 {n}" for n in range(30)), "\n".join(f"새 {n}" for n in range(30)))
    assert (len(lines), more) == (LINES, 30 - LINES)


def test_long_texts_of_equal_words_are_compared_in_bounded_time() -> None:
    begun = time.process_time()
    changes(("a b " * 5000 + "\n") * 5000, ("b a c " * 5000 + "\n") * 5000)
    assert time.process_time() - begun < 5  # 0.06 s; word by word without bounds: minutes
