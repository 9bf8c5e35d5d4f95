"""Running text, where most numbers are no money: the bundled board knows each of its amounts, the seed's were read by hand."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.demo.content import generate
from orchestration.money.reader import read_mentions

SEED = Path(__file__).resolve().parents[4] / "shared" / "seed" / "page.txt"


def spans(mentions):
    return [(m.start, m.end, m.currency, m.amount, m.paired_with) for m in mentions]


def differences(texts):
    """Texts whose mentions are not those that are wanted."""
    return [text for text, wanted in texts if spans(read_mentions(text)) != spans(wanted)]


@pytest.fixture(scope="module")
def board_texts():
    board = generate(7, dt.date(2025, 2, 4), days=60, posts=2000)
    posts = [*board.posts.values()]
    lines = [post.title for post in posts] + [block for post in posts for block in post.body().blocks]
    return [(line.text, line.money) for line in lines]


def test_the_bundled_board_is_read_without_a_false_or_missing_mention(board_texts):
    assert sum(len(wanted) for _, wanted in board_texts) > 5000
    assert differences(board_texts) == []


def test_a_false_mention_is_seen(board_texts):
    text, _ = next(pair for pair in board_texts if pair[1])
    assert differences([(text, ())]) == [text]


@pytest.mark.skipif(not SEED.exists(), reason="the seed is not beside this repository")
def test_the_seed_page_holds_three_pairs_and_one_bare_amount():
    found = [m for line in SEED.read_text(encoding="utf-8").splitlines() for m in read_mentions(line)]
    assert [(m.text, m.kind) for m in found] == [
        *((text, "amount") for text in ("5000억 달러", "718조원", "5000억 달러", "720조원", "50억 달러", "7조3000억원")),
        ("4억", "bare"),
    ]
