"""What the reader promises for single sentences and for any text."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.money import units
from orchestration.money.reader import read_mentions


def only(text):
    (mention,) = read_mentions(text)
    return mention


BIG = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
DIGITS = "영일이삼사오육칠팔구"


def mixed(amount: int, gap: str = "", comma: bool = False) -> str:
    parts = []
    for size, word in BIG:
        if count := amount // size:
            parts.append((f"{count:,}" if comma else str(count)) + word)
            amount %= size
    if amount:
        parts.append(f"{amount:,}" if comma else str(amount))
    return gap.join(parts)


def spelled(amount: int) -> str:
    def section(value: int) -> str:
        word = ""
        for size, unit in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
            digit = value // size % 10
            if digit:
                word += ("" if digit == 1 and unit else DIGITS[digit]) + unit
        return word

    word = ""
    for size, unit in BIG:
        if count := amount // size:
            word += ("" if unit == "만" and count == 1 else section(count)) + unit
            amount %= size
    return word + section(amount)


amounts = st.integers(1, 9_999 * 10**12 + 9_999 * 10**8)


@given(amounts)
def test_digits_and_multipliers_read_back(amount):
    for written in (
        f"{amount}원",
        f"{amount:,}원",
        mixed(amount) + "원",
        mixed(amount, " ") + " 원",
        mixed(amount, " ", comma=True) + "원",
    ):
        mention = only(f"모두 {written}을 냈다.")
        assert (mention.text, mention.amount, mention.currency) == (written, amount, "KRW")


@given(st.integers(1, 10**16 - 1).filter(lambda n: n % 10 == 0))
def test_spelled_numerals_read_back(amount):
    assert only(f"모두 {spelled(amount)} 달러를 냈다.").amount == amount


@given(st.integers(1, 9999), st.integers(1, 99), st.sampled_from(BIG), st.sampled_from(["달러", "유로", "위안", "엔"]))
def test_decimals_read_back(whole, part, big, name):
    written = f"{whole}.{part:02}{big[1]} {name}"
    mention = only(f"규모는 {written}다.")
    assert mention.text == written
    assert mention.amount == Decimal(f"{whole}.{part:02}") * big[0]


@given(st.integers(1, 4999), st.integers(1, 4999), st.sampled_from("~∼～-"))
def test_ranges_read_back(low, more, join):
    mention = only(f"값은 {low}{join}{low + more}억원이다.")
    assert (mention.kind, mention.min, mention.max) == ("range", low * 10**8, (low + more) * 10**8)


@given(st.integers(1, 10**12), st.sampled_from(["US$", "€", "£", "HK$", "NT$", "₩"]))
def test_symbols_read_back(amount, symbol):
    assert only(f"값은 {symbol}{amount:,}에 이른다.").amount == amount


PLAIN_NAMES = sorted(set(units.NAMES) - units.NEEDS_COUNTRY - units.NEEDS_MULTIPLIER - {"불"})  # behind a gap 불 is fire as well
WIDE = str.maketrans("0123456789,", "０１２３４５６７８９，")
HANJA = str.maketrans("조억만", "兆億萬")


@given(amounts, st.sampled_from(PLAIN_NAMES), st.sampled_from(["", " "]))
def test_every_currency_reads_back(amount, name, gap):
    written = f"{mixed(amount)}{gap}{name}"
    mention = only(f"모두 {written}에 이른다.")
    assert (mention.text, mention.amount, mention.currency) == (written, amount, units.NAMES[name])


@given(
    amounts,
    st.sampled_from([(country, name, code) for name, codes in units.COUNTRY_CODES.items() for country, code in codes.items()]),
    st.sampled_from(["", " "]),
)
def test_every_currency_with_its_country_reads_back(amount, currency, gap):
    country, name, code = currency
    mention = only(f"모두 {mixed(amount * 10**4)} {country}{gap}{name}에 이른다.")
    assert (mention.amount, mention.currency) == (amount * 10**4, code)


@given(amounts)
def test_wide_digits_and_hanja_multipliers_read_back(amount):
    for written in (mixed(amount, comma=True).translate(WIDE) + "원", mixed(amount).translate(HANJA) + "원"):
        mention = only(f"모두 {written}을 냈다.")
        assert (mention.text, mention.amount) == (written, amount)


@given(st.integers(1, 9999), st.sampled_from(BIG), st.sampled_from(["-", "−", "△", "+", "마이너스 "]))
def test_signs_read_back(count, big, sign):
    mention = only(f"손익은 {sign}{count}{big[1]}원이다.")
    assert mention.amount == count * big[0] * (1 if sign == "+" else -1)


@given(st.sampled_from(["", "십", "백", "천"]), st.sampled_from(BIG), st.sampled_from(["수", "몇"]))
def test_vague_amounts_read_back(small, big, word):
    unit = {"": 1, "십": 10, "백": 100, "천": 1000}[small] * big[0]
    mention = only(f"손해가 {word}{small}{big[1]}원에 이른다.")
    assert (mention.kind, mention.min, mention.max) == ("approx", 2 * unit, 10 * unit)


@given(amounts, st.sampled_from(["", "이상", "가량", "대의"]))
def test_a_conversion_in_a_parenthesis_is_paired(amount, tail):
    dollars, won = read_mentions(f"모두 {mixed(amount)} 달러(약 {mixed(amount)}원){tail} 규모다.")
    assert (dollars.paired_with, won.paired_with) == (None, 0)


LIKELY = "0123456789,.~-$€△()· 조억만천백십일이삼수몇여원달러엔유로약대이상환율당명개\n\ud800億１，"


@settings(max_examples=400)
@given(st.one_of(st.text(st.sampled_from(LIKELY), max_size=80), st.text(max_size=80)))
def test_any_text_is_read_without_overlap(text):
    end = 0
    mentions = read_mentions(text)
    for index, mention in enumerate(mentions):
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert (mention.amount is None) == (mention.min is not None and mention.max is not None)
        assert mention.paired_with is None or mention.paired_with < index
        end = mention.end


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("718조원", 10**12),
        ("7조3000억원", 10**8),
        ("1.4조원", 10**11),
        ("4억5천만원", 10**7),
        ("12,500원", 1),
        ("1,453원 50전", Decimal("0.01")),
        ("$1.2 billion", 10**8),
    ],
)
def test_the_rounding_unit_is_the_place_of_the_last_written_digit(text, unit):
    mention = only(f"환율은 {text}이다.") if "전" in text else only(f"값은 {text}이다.")
    assert mention.rounding_unit == unit


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("카이로의 버스비는 20파운드다.", "EGP"),
        ("런던의 버스비는 2파운드다.", "GBP"),
        ("세부의 버스비는 20페소다.", "PHP"),
        ("상하이 식당에서 ¥88을 냈다.", "CNY"),
        ("도쿄 식당에서 ¥880을 냈다.", "JPY"),
    ],
)
def test_a_shared_name_takes_the_currency_of_the_place(text, currency):
    assert only(text).currency == currency


def test_a_serial_number_is_no_amount():
    assert read_mentions("1" * 5000 + "원") == []


def test_the_two_ends_of_a_negative_hyphen_are_no_range():
    assert [m.amount for m in read_mentions("문의 010-1234-5678, 상담료 5000원")] == [5000]


def test_a_longer_sentence_further_away_does_not_make_a_bare_number_money():
    assert read_mentions("전세 대출을 받았다. 별은 2억 넘게 있다. 뮤직비디오 조회수가 3억을 넘었다.") == []


def test_module_imports_neither_dagster_nor_pydantic():
    import subprocess
    import sys

    code = (
        "import sys, orchestration.money.stream; print([m for m in ('dagster', 'pydantic', 'duckdb', 'click') if m in sys.modules])"
    )
    assert json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) == []
