"""Which amount restates which: a pure function over mentions and the words between them."""

import pytest

from orchestration.money.reader import read_mentions


def pairs(text):
    mentions = read_mentions(text)
    return [(m.text, mentions[m.paired_with].text) for m in mentions if m.paired_with is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5억 달러(약 7200억원)를 낸다.", [("7200억원", "5억 달러")]),
        ("7200억원(5억 달러)을 낸다.", [("5억 달러", "7200억원")]),
        ("5억 달러(우리 돈 약 7200억원)를 낸다.", [("7200억원", "5억 달러")]),
        ("5억 달러, 우리 돈으로 약 7200억원을 낸다.", [("7200억원", "5억 달러")]),
        ("5억유로(약 5억2천만달러·7500억원)", [("5억2천만달러", "5억유로"), ("7500억원", "5억유로")]),
        ("1억~2억 달러(1450억~2900억원)", [("1450억~2900억원", "1억~2억 달러")]),
        ("5억 달러(2월 평균 환율 기준 약 7200억원)", [("7200억원", "5억 달러")]),
        ("5억 달러(약 7200억)를 낸다.", [("7200억", "5억 달러")]),
    ],
)
def test_a_restatement_in_another_currency_is_paired(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "매출 2조원(영업이익 1500억원)",
        "매출 2억 달러(영업이익 1500억원)",
        "3억 달러(지난해 4000억원)",
        "대출 1억원(신혼부부 2억원)",
        "1억 달러와 1450억원",
        "1억 달러를 빌렸다. 갚은 돈은 1450억원이다.",
        "1달러=1450원",
    ],
)
def test_another_quantity_is_not(text):
    assert pairs(text) == []
