import datetime as dt
import itertools
import random
import time
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.demo import prose
from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.prose import Writer, particle, round_to, write_number
from orchestration.demo.rates import Rates

END = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def board() -> DemoBoard:
    return generate(1, END)


def _lines(board: DemoBoard):
    for article in board.true_articles():
        yield article, article.title
        yield from ((article, block) for block in article.blocks)


def test_the_same_seed_and_end_day_give_the_same_board() -> None:
    one, two = (generate(1, END, days=8, posts=400) for _ in range(2))
    assert one.true_rows() == two.true_rows()
    assert list(one.true_articles()) == list(two.true_articles())


def test_another_seed_gives_another_board(board: DemoBoard) -> None:
    assert {row.title for row in generate(2, END).true_rows()} != {row.title for row in board.true_rows()}


def test_a_later_end_day_adds_days_and_changes_none(board: DemoBoard) -> None:
    later = generate(1, END + dt.timedelta(days=2))
    since = END - dt.timedelta(days=50)
    shared = {post.srl: post.title for post in board.listed if post.regdate.date() >= since}
    assert shared == {post.srl: post.title for post in later.listed if since <= post.regdate.date() <= END}
    newest = max(board.listed, key=lambda post: post.regdate)
    assert later.posts[newest.srl].body() == newest.body()


def test_a_default_board_has_about_3000_posts_over_60_days(board: DemoBoard) -> None:
    days = {post.regdate.date() for post in board.listed}
    assert len(days) == 60 and max(days) == END
    assert 2850 <= len(board.listed) <= 3150
    assert len(board.notices) == 3
    assert 10 <= sum(post.is_secret for post in board.listed) <= 60


def test_ids_have_gaps_and_a_few_are_out_of_list_order(board: DemoBoard) -> None:
    ids = [post.srl for post in board.listed]
    assert len(set(ids)) == len(ids)
    assert max(ids) - min(ids) > 2 * len(ids)
    falling = sum(b < a for a, b in itertools.pairwise(ids))
    assert 10 <= falling <= len(ids) * 0.05
    orders = [post.list_order for post in board.listed]
    assert orders == sorted(orders, reverse=True) and len(set(orders)) == len(orders)


def test_dates_follow_the_order_of_submission(board: DemoBoard) -> None:
    assert all(a.regdate <= b.regdate for a, b in itertools.pairwise(board.listed))


def test_posts_after_the_cut_are_held_back_until_their_time_comes() -> None:
    noon = dt.datetime(2026, 11, 20, 12, tzinfo=KST)
    cut = generate(1, END, days=3, posts=150, until=noon, days_ahead=2)
    assert max(post.regdate for post in cut.listed) <= noon
    whole = generate(1, END, days=3, posts=150)
    assert cut.advance(dt.datetime(2026, 11, 21, tzinfo=KST)) > 0
    assert [post.srl for post in cut.listed] == [post.srl for post in whole.listed]
    assert cut.advance(dt.datetime(2026, 11, 23, tzinfo=KST)) > 0
    assert cut.advance(dt.datetime(2026, 12, 23, tzinfo=KST)) == 0


def test_boards_of_one_site_share_no_id() -> None:
    lanes = [generate(1, END, days=5, posts=300, lane=lane) for lane in range(4)]
    ids = [srl for lane in lanes for srl in lane.posts]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("wrong", [{"days": 0}, {"posts": 0}, {"lane": 4}, {"days_ahead": -1}, {"days": 5000}])
def test_an_impossible_board_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        generate(1, END, **wrong)


def test_every_mention_stands_where_the_truth_says(board: DemoBoard) -> None:
    count = 0
    for _, line in _lines(board):
        for money in line.money:
            assert line.text[money.start : money.end] == money.text
            assert money.amount > 0
            count += 1
            if money.qualifiers:
                assert line.text[: money.start].endswith(f"{money.qualifiers[0]} ")
        assert all(a.end <= b.start for a, b in itertools.pairwise(line.money))
    assert count > 10_000


def test_most_articles_speak_of_money(board: DemoBoard) -> None:
    readable = [article for article in board.true_articles() if article.body_readable]
    assert sum(any(block.money for block in article.blocks) for article in readable) > 0.7 * len(readable)


def test_a_conversion_is_consistent_or_stale_as_the_truth_says(board: DemoBoard) -> None:
    assert board.rates is not None
    verdicts = {"consistent": 0, "stale": 0}
    for article, line in _lines(board):
        for money in line.money:
            if money.verdict is None:
                continue
            assert money.rate_pair and money.implied_rate and money.paired_with is not None
            currency = money.rate_pair.removesuffix("/KRW")
            original = line.money[money.paired_with]
            assert {original.currency, money.currency} == {currency, "KRW"}
            sides = {original.currency: original.amount, money.currency: money.amount}
            assert money.implied_rate == pytest.approx(float(sides["KRW"] / sides[currency]))
            fresh = [rate for _, rate in board.rates.recent(currency, article.published_at.date(), 2)]
            off = min(abs(money.implied_rate / rate - 1) for rate in fresh)
            assert off < 0.0075 if money.verdict == "consistent" else off > 0.01
            verdicts[money.verdict] += 1
    assert verdicts["consistent"] > 1000 and verdicts["stale"] > 100


def test_captions_carry_their_credit_and_articles_end_in_an_outlet(board: DemoBoard) -> None:
    articles = [article for article in board.true_articles() if article.body_readable]
    captions = [block for article in articles for block in article.blocks if block.kind == "caption"]
    assert all(block.image_url for block in captions)
    assert all(block.text.endswith(block.credit) for block in captions if block.credit)
    assert 0.7 * len(captions) < sum(block.credit is not None for block in captions) < len(captions)
    assert sum(article.source is not None for article in articles) > 0.9 * len(articles)
    assert {block.kind for article in articles for block in article.blocks} == {"paragraph", "heading", "caption"}


def test_a_large_board_is_generated_in_seconds_because_bodies_wait() -> None:
    began = time.process_time()
    board = generate(1, END, days=90, posts=12_000)
    assert 11_400 < len(board.listed) < 12_600
    assert time.process_time() - began < 6  # 1 s on a free core; 48,000 posts take 4 s


@pytest.mark.parametrize(
    ("amount", "style", "text"),
    [
        (7_300_000_000_000, "tight", "7조3000억"),
        (7_300_000_000_000, "spaced", "7조 3,000억"),
        (450_000_000, "thousand", "4억5천만"),
        (1_500_000_000_000, "decimal", "1.5조"),
        (7_310_000_000_000, "decimal", "7조3100억"),
        (12_000, "tight", "1만2000"),
        (1_200, "spaced", "1,200"),
        (500_000_000_000, "thousand", "5천억"),
    ],
)
def test_amounts_are_written_in_korean_multipliers(amount: int, style: str, text: str) -> None:
    assert write_number(amount, style) == text


@pytest.mark.parametrize(
    ("word", "kind", "form"),
    [
        ("원", "을", "을"),
        ("달러", "을", "를"),
        ("서울", "으로", "로"),
        ("부산", "으로", "으로"),
        ("누리", "은", "는"),
        ("엔", "이", "이"),
    ],
)
def test_particles_follow_the_final_consonant(word: str, kind: str, form: str) -> None:
    assert particle(word, kind) == form


def test_rounding_keeps_significant_digits() -> None:
    assert [round_to(value, 3) for value in (718_234_567, 1234, 99.6)] == [718_000_000, 1230, 100]


def test_no_pattern_uses_a_word_twice() -> None:
    writer = Writer(random.Random(1), Rates(1, END), END)
    for _ in range(50):
        left, right = writer.line("{hanja}·{hanja}").text.split("·")
        assert left != right


def test_no_pattern_leaves_a_slot_unfilled() -> None:
    writer = Writer(random.Random(1), Rates(1, END), END)
    for pattern in (
        *prose.MONEY_SENTENCES,
        *prose.PLAIN_SENTENCES,
        *prose.HEADINGS,
        *prose.CAPTIONS,
        *prose.TITLES,
        *prose.MONEY_TITLES,
    ):
        assert not set("{}") & set(writer.line(pattern).text)


def test_the_rates_file_holds_business_days_only_and_begins_before_the_posts(board: DemoBoard, tmp_path: Path) -> None:
    path = tmp_path / "rates" / "demo.csv"
    board.write_rates(path, END)
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    assert header == "day,currency,krw_per_unit"
    rows = [line.split(",") for line in lines]
    days = {dt.date.fromisoformat(day) for day, _, _ in rows}
    assert all(day.weekday() < 5 for day in days)
    assert min(days) <= END - dt.timedelta(days=59 + 68) and max(days) == END
    assert {currency for _, currency, _ in rows} == {"USD", "EUR", "JPY", "CNY", "GBP"}
    assert board.rates is not None
    assert all(Decimal(rate) == Decimal(str(board.rates.on(c, dt.date.fromisoformat(day))[1])) for day, c, rate in rows)


def test_a_board_that_was_not_generated_knows_no_rates(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no rates"):
        DemoBoard("free", "자유").write_rates(tmp_path / "demo.csv", END)


def test_rates_do_not_depend_on_the_end_day() -> None:
    assert list(Rates(1, END).rows(END - dt.timedelta(days=9), END)) == list(
        Rates(1, END + dt.timedelta(days=30)).rows(END - dt.timedelta(days=9), END)
    )


def test_a_rate_of_a_week_end_is_the_friday_s() -> None:
    rates = Rates(1, END)
    assert rates.on("USD", dt.date(2026, 11, 15)) == rates.on("USD", dt.date(2026, 11, 13))
