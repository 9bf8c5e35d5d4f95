"""The bundled board's content, and what is true of it.

Here: posts, notices and articles generated from a seed and an end day, and the records that a reader of the board must end up
with. Not here: their prose (`prose`), their markup beyond an article's own body (`pages`), and HTTP (`server`).

A day's posts follow from the seed and the day alone: a later end day adds days and changes none, so a board served again
tomorrow is the board that was served today, and more.
"""

import bisect
import datetime as dt
import html
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

from orchestration.demo import prose
from orchestration.demo.prose import Line, Money, Writer
from orchestration.demo.rates import EPOCH, Rates

KST = dt.timezone(dt.timedelta(hours=9), "KST")

Skin = Literal["default", "xedition", "sketchbook5"]
Engine = Literal["rhymix", "xe"]
BlockKind = Literal["paragraph", "heading", "caption"]

PAGE_SIZE = 20
LANES = 4
"""Boards of one site share one sequence of ids; each takes a lane of it."""

_DELETED = 0.01
"""The share of posts that were deleted since; their ids are holes that answer 404."""

RATE_DAYS_BEFORE = 70
"""The operator's file begins this many days before the first post: a stale conversion uses a rate up to 50 days old."""

_WEEK = (1.15, 1.15, 1.15, 1.15, 1.15, 0.6, 0.65)
"""Posts per weekday against the mean: newsrooms are half empty at week-ends."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article. `image_url`: of a caption, as in the page's `src` (a path, or absolute)."""

    kind: BlockKind
    text: str
    money: tuple[Money, ...] = ()
    credit: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    srl: int
    author: str
    member_srl: int
    written_at: dt.datetime
    text: str
    depth: int


@dataclass(frozen=True, slots=True)
class Body:
    """An article: its blocks, the outlet named in its last line, and the markup that its author typed."""

    blocks: tuple[Block, ...]
    source: str | None
    markup: str

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(block.image_url for block in self.blocks if block.image_url)


@dataclass(frozen=True, slots=True)
class Post:
    """`srl`: the id in the link, from a site-wide sequence with gaps; `list_order`: what the list is sorted by, ascending;
    `regdate`: aware, KST, to the second; `views`: before anybody read it here; `body`: written on first use."""

    srl: int
    list_order: int
    regdate: dt.datetime
    title: Line
    tags: tuple[str, ...]
    author: str
    member_srl: int
    category: str | None
    comment_count: int
    views: int
    is_secret: bool
    is_notice: bool
    body: Callable[[], Body]
    comments: Callable[[], tuple[Comment, ...]]


@dataclass(frozen=True, slots=True)
class TrueRow:
    """A row as a reader must publish it; `url`: a path."""

    document_id: int
    post_no: int | None
    is_notice: bool
    is_secret: bool
    title: str
    title_tags: tuple[str, ...]
    author: str
    listed_on: dt.date
    category: str | None  # null where the skin has no such column, though the article shows one
    comment_count: int | None  # null where 0: the badge is absent
    view_count: int | None  # null where the skin has no such column
    url: str


@dataclass(frozen=True, slots=True)
class TrueArticle:
    """An article as a reader must publish it. `published_at`: to the minute, as the page shows it; `title`: with its mentions;
    a secret one has no blocks and is not readable."""

    document_id: int
    url: str
    title: Line
    author: str
    published_at: dt.datetime
    category: str | None
    source: str | None
    image_count: int
    body_readable: bool
    blocks: tuple[Block, ...]


class DemoBoard:
    """A board's posts, in list order, and the changes that a test asks for. Not thread-safe: the site locks."""

    def __init__(
        self,
        mid: str,
        name: str,
        posts: Iterable[Post] = (),
        *,
        skin: Skin = "default",
        engine: Engine = "rhymix",
        charset: str = "utf-8",
        categories: Sequence[str] = (),
        rates: Rates | None = None,
        rates_from: dt.date = EPOCH,
        pending: Iterable[Post] = (),
    ) -> None:
        self.mid, self.name, self.skin, self.engine, self.charset = mid, name, skin, engine, charset
        self.categories = {76 + index: category for index, category in enumerate(categories)}
        self.rates, self.rates_from = rates, rates_from
        self.posts: dict[int, Post] = {post.srl: post for post in posts}
        self.pending = sorted(pending, key=lambda post: post.regdate)
        self.reads: Counter[int] = Counter()
        self._listed: list[Post] = []
        self._rank: dict[int, int] = {}
        self._days: dict[dt.date, list[Post]] = {}
        self._index()

    def _index(self) -> None:
        listed = [post for post in self.posts.values() if not post.is_notice]
        self._listed = sorted(listed, key=lambda post: -post.list_order)  # oldest first
        self._rank = {post.srl: rank for rank, post in enumerate(self._listed, 1)}
        self.notices = sorted((p for p in self.posts.values() if p.is_notice), key=lambda post: post.list_order)
        self._days = {}

    # What the board shows.

    @property
    def listed(self) -> Sequence[Post]:
        """Every post but the notices, oldest first."""
        return self._listed

    def views(self, post: Post) -> int:
        return post.views + self.reads[post.srl]

    def rank(self, srl: int) -> int | None:
        """The post's 번호: its place from the oldest, from 1. None for a notice."""
        return self._rank.get(srl)

    def dated(self, digits: str) -> list[Post]:
        """Posts, oldest first, whose regdate (YYYYMMDDHHMMSS) begins with `digits`; secret posts are not found by guests."""
        if not self._days:
            for post in self._listed:
                if not post.is_secret:
                    self._days.setdefault(post.regdate.date(), []).append(post)
        near = [post for day, posts in self._days.items() if f"{day:%Y%m%d}".startswith(digits[:8]) for post in posts]
        found = near if len(digits) <= 8 else [p for p in near if f"{p.regdate:%Y%m%d%H%M%S}".startswith(digits)]
        return sorted(found, key=lambda post: -post.list_order)

    # What is true of it.

    def true_rows(self) -> list[TrueRow]:
        """Every row that the list shows now, notices first, each kind newest first."""
        return [self.true_row(post) for post in (*self.notices, *reversed(self._listed))]

    def true_row(self, post: Post) -> TrueRow:
        return TrueRow(
            document_id=post.srl,
            post_no=self.rank(post.srl),
            is_notice=post.is_notice,
            is_secret=post.is_secret,
            title=post.title.text,
            title_tags=post.tags,
            author=post.author,
            listed_on=post.regdate.date(),
            category=post.category if self.skin == "sketchbook5" else None,
            comment_count=post.comment_count or None,
            view_count=None if self.skin == "default" else self.views(post),
            url=f"/{self.mid}/{post.srl}",
        )

    def true_articles(self) -> Iterator[TrueArticle]:
        """Every article, oldest first, then the notices."""
        for post in (*self._listed, *self.notices):
            yield self.true_article(post)

    def true_article(self, post: Post) -> TrueArticle:
        body = Body((), None, "") if post.is_secret else post.body()
        return TrueArticle(
            document_id=post.srl,
            url=f"/{self.mid}/{post.srl}",
            title=post.title,
            author=post.author,
            published_at=post.regdate.replace(second=0, microsecond=0),
            category=post.category,
            source=body.source,
            image_count=len(body.images),
            body_readable=not post.is_secret,
            blocks=body.blocks,
        )

    def write_rates(self, path: Path, until: dt.date) -> None:
        """Write the operator's rates file: the days of the posts up to `until`, and those before that conversions use."""
        if self.rates is None:
            raise ValueError(f"the board {self.mid} was not generated, so it knows no rates")
        self.rates.write_csv(path, self.rates_from, until)

    # What a test can do to it. Unknown ids raise KeyError.

    def add(self, post: Post) -> Post:
        self.posts[post.srl] = post
        self._index()
        return post

    def change(self, srl: int, **changes: object) -> Post:
        """Replace fields of a post; its place stays."""
        return self.add(replace(self.posts[srl], **changes))  # type: ignore[arg-type]

    def remove(self, srl: int) -> Post:
        post = self.posts.pop(srl)
        self._index()
        return post

    def advance(self, now: dt.datetime) -> int:
        """Publish the pending posts whose time has come; returns how many."""
        due = bisect.bisect_right(self.pending, now, key=lambda post: post.regdate)
        if due:
            for post in self.pending[:due]:
                self.posts[post.srl] = post
            del self.pending[:due]
            self._index()
        return due


def generate(
    seed: int,
    end_day: dt.date,
    days: int = 60,
    posts: int = 3000,
    *,
    until: dt.datetime | None = None,
    days_ahead: int = 0,
    mid: str = "news",
    name: str = "데모뉴스",
    skin: Skin = "default",
    engine: Engine = "rhymix",
    charset: str = "utf-8",
    categories: Sequence[str] = (),
    lane: int = 0,
    rates: Rates | None = None,
) -> DemoBoard:
    """A board of about `posts` posts over the `days` days that end with `end_day`, both included, and its notices.

    Posts dated after `until` (aware) are held back as `pending`, among them those of `days_ahead` days more. `rates`: of the
    world that several boards share; without them the seed makes a world of its own. Article bodies are written on first use:
    48,000 posts take seconds. Raises ValueError for a range that begins before the epoch.
    """
    first_day = end_day - dt.timedelta(days=days - 1)
    if days < 1 or posts < 1 or days_ahead < 0 or not 0 <= lane < LANES:
        raise ValueError(f"days and posts must be at least 1 and lane below {LANES}, not {days}, {posts}, {lane}")
    if first_day - dt.timedelta(days=RATE_DAYS_BEFORE) < EPOCH:
        raise ValueError(f"the first day must lie at least {RATE_DAYS_BEFORE} days after {EPOCH}, not on {first_day}")
    rates = rates or Rates(seed, end_day + dt.timedelta(days=days_ahead))
    mean = posts / days / (1 - _DELETED)
    maker = _Maker(seed, mean, name, tuple(categories), lane, rates)
    made = [post for n in range(days + days_ahead) for post in maker.day(first_day + dt.timedelta(days=n))]
    made += maker.notices(end_day)
    shown = [post for post in made if until is None or post.regdate <= until]
    return DemoBoard(
        mid,
        name,
        shown,
        skin=skin,
        engine=engine,
        charset=charset,
        categories=categories,
        rates=rates,
        rates_from=first_day - dt.timedelta(days=RATE_DAYS_BEFORE),
        pending=() if until is None else (post for post in made if post.regdate > until),
    )


class _Maker:
    """Makes posts, day by day."""

    def __init__(self, seed: int, mean: float, name: str, categories: tuple[str, ...], lane: int, rates: Rates) -> None:
        self.seed, self.mean, self.name, self.categories, self.lane, self.rates = seed, mean, name, categories, lane, rates
        self.span = math.ceil(mean * 1.3) * 6 + 16  # ids a day: 1.3 times the mean at most, 6 apart at most, and the notice's

    def _base(self, day: dt.date) -> int:
        return ((day - EPOCH).days * LANES + self.lane) * self.span

    def day(self, day: dt.date) -> list[Post]:
        """The posts of a day, in the order in which they were submitted."""
        rng = random.Random(f"day:{self.seed}:{self.lane}:{day}")
        count = max(1, round(self.mean * _WEEK[day.weekday()] * rng.uniform(0.9, 1.1)))
        sequence, orders = self._base(day), []
        for _ in range(count):
            sequence += rng.randint(2, 6)
            orders.append(sequence)
        seconds = sorted(int(rng.triangular(0, 86399, 36000)) for _ in range(count))
        posts: list[Post] = []
        for index, (order, second) in enumerate(zip(orders, seconds, strict=True)):
            chance = rng.random()
            if chance < _DELETED:
                continue  # deleted since: a hole in the ids
            srl = order
            if chance > 0.97 and index >= 3:
                srl = orders[index - 2] - 1  # had its id before others were submitted: an upload or autosave came first
                if any(post.srl == srl for post in posts[-4:]):
                    srl = order
            regdate = dt.datetime.combine(day, dt.time(0), KST) + dt.timedelta(seconds=second)
            posts.append(self.post(srl, -order, regdate))
        return posts

    def post(self, srl: int, list_order: int, regdate: dt.datetime) -> Post:
        rng = random.Random(f"post:{self.seed}:{srl}")
        title, tags = write_title(Writer(rng, self.rates, regdate.date()))
        comments = min(14, int(rng.expovariate(0.5))) if rng.random() < 0.4 else 0
        editor = rng.random() < 0.12
        return Post(
            srl=srl,
            list_order=list_order,
            regdate=regdate,
            title=title,
            tags=tags,
            author="편집부" if editor else self.name,
            member_srl=82 if editor else 79,
            category=rng.choice(self.categories) if self.categories else None,
            comment_count=comments,
            views=int(rng.expovariate(1 / 400)),
            is_secret=rng.random() < 0.01,
            is_notice=False,
            body=partial(write_body, self.seed, srl, regdate, self.rates),
            comments=partial(write_comments, self.seed, srl, regdate, comments),
        )

    def notices(self, end_day: dt.date) -> list[Post]:
        """Two old ones, and this term's: dated on the first of the month before the end day's."""
        term = (end_day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        texts = {
            dt.date(2021, 3, 2): ("[공지] 게시판 이용 규칙", ("공지",)),
            dt.date(2023, 9, 4): ("[필독] 저작권 & 출처 표기는 “반드시” 지켜 주세요", ("필독",)),
            term: (f"{term.month}월 정기 점검 안내 (새벽 2시~4시)", ()),
        }
        found = []
        for day, (title, tags) in texts.items():
            if day > end_day:
                continue
            srl = self._base(day) + self.span - 1
            regdate = dt.datetime.combine(day, dt.time(9, 30, 12), KST)
            blocks = (
                Block("paragraph", "늘 찾아 주셔서 고맙습니다. 게시판을 함께 쓰기 위해 아래 내용을 꼭 읽어 주세요."),
                Block("paragraph", "다른 곳의 글을 옮길 때에는 어디에서 왔는지 적고, 궁금한 점은 댓글로 물어봐 주세요."),
            )
            body = Body(blocks, None, "\n\n".join(f"<p>{html.escape(block.text, quote=False)}</p>" for block in blocks))
            post = self.post(srl, -srl, regdate)
            found.append(
                replace(
                    post,
                    title=Line(title),
                    tags=tags,
                    author=self.name,
                    member_srl=79,
                    category=None,
                    comment_count=0,
                    is_secret=False,
                    is_notice=True,
                    body=partial(_same, body),
                    comments=tuple,
                )
            )
        return found


def _same(body: Body) -> Body:
    return body


def write_title(writer: Writer) -> tuple[Line, tuple[str, ...]]:
    """A title, and the tags in its brackets."""
    rng = writer.rng
    pattern = rng.choice(prose.MONEY_TITLES if rng.random() < 0.35 else prose.TITLES)
    tags = []
    if rng.random() < 0.22:
        tags.append(rng.choice(prose.TAGS))
        pattern = f"[{tags[0]}] {pattern}"
    elif rng.random() < 0.1:
        tags.append(f"{rng.choice(prose.SERIES)}{rng.choice(prose.CIRCLED)}")
        pattern = f"{pattern} [{tags[0]}]"
    if rng.random() < 0.03:
        pattern += " 📈"
    return writer.line(pattern), tuple(tags)


@lru_cache(maxsize=8192)
def write_body(seed: int | str, srl: int, regdate: dt.datetime, rates: Rates) -> Body:
    """The article of a post: a photo at the head or within, paragraphs, headings, the outlet at the end."""
    rng = random.Random(f"body:{seed}:{srl}")
    writer = Writer(rng, rates, regdate.date())
    blocks: list[Block] = []
    markup: list[str] = []
    has_money = rng.random() < 0.85
    heading = rng.choice(("<h3>{}</h3>", "<p><strong>{}</strong></p>", "<h3>{}</h3>"))
    caption = rng.choice(('<p><span style="color:#777777;">{}</span></p>', '<p style="text-align:center;">{}</p>', "<p>{}</p>"))
    plain = rng.choice(("<p>{}</p>", "<p>{}</p>", '<p><span style="font-size:16px;">{}</span></p>'))
    sections = rng.randint(1, 3)
    for section in range(sections):
        if section:
            line = writer.line(rng.choice(prose.HEADINGS))
            blocks.append(Block("heading", line.text, line.money))
            markup += ["<p>&nbsp;</p>", heading.format(_escape(line.text))]
        for paragraph in range(rng.randint(2, 3)):
            if paragraph == 0 and rng.random() < (0.75 if section == 0 else 0.25):
                block, image = _photo(writer, srl, len(blocks), regdate, caption == "<p>{}</p>")
                blocks.append(block)
                markup += [image, caption.format(_escape(block.text))]
            patterns = rng.sample(prose.PLAIN_SENTENCES, rng.randint(2, 3))
            if has_money and rng.random() < 0.7:
                patterns.insert(rng.randint(0, len(patterns)), rng.choice(prose.MONEY_SENTENCES))
            line = writer.line(*patterns)
            blocks.append(Block("paragraph", line.text, line.money))
            markup.append(plain.format(_inline(rng, line.text)))
    source = rng.choice(prose.OUTLETS) if rng.random() < 0.95 else None
    if source:
        markup += ["<p>&nbsp;</p>", f"<p>{source}</p>"]
    return Body(tuple(blocks), source, "\n\n".join(markup))


def _photo(writer: Writer, srl: int, place: int, regdate: dt.datetime, is_bare: bool) -> tuple[Block, str]:
    """A caption that ends in its credit, mostly, and the markup of the image above it."""
    rng = writer.rng
    line = writer.line(rng.choice(prose.CAPTIONS))
    # Without its credit, a caption in a bare <p> would be told from a paragraph by nobody.
    credit = rng.choice(prose.CREDITS) if is_bare or rng.random() < 0.85 else None
    if rng.random() < 0.15:
        url = f"https://img.example.invalid/photo/{srl}-{place}.jpg"
        image = f'<p><img src="{url}" alt="사진" /></p>'
    else:
        name = f"{rng.getrandbits(128):032x}"
        url = f"/files/attach/images/{regdate:%Y/%m/%d}/{name}.jpg"
        number = file_srl(srl, place)
        image = f'<p><img src="{url}" alt="photo{place}.jpg" editor_component="image_link" data-file-srl="{number}" /></p>'
    text = f"{line.text} {credit}" if credit else line.text
    return Block("caption", text, line.money, credit, url), image


def file_srl(srl: int, place: int) -> int:
    """The id of a file of a post: out of the way of the posts' own."""
    return 400_000_000 + srl * 20 + place


def write_comments(seed: int, srl: int, regdate: dt.datetime, count: int) -> tuple[Comment, ...]:
    """Comments that look like articles to a careless reader: money, credits and outlets."""
    rng = random.Random(f"comments:{seed}:{srl}")
    comments, written_at = [], regdate
    for index in range(count):
        written_at += dt.timedelta(seconds=rng.randint(40, 5000))
        is_member = rng.random() < 0.5
        comments.append(
            Comment(
                srl=200_000_000 + srl * 20 + index,
                author=rng.choice(prose.PEOPLE) if is_member else f"손님{index}",
                member_srl=100 + rng.randint(0, 40) if is_member else 0,
                written_at=written_at,
                text=rng.choice(_REMARKS),
                depth=1 if index and rng.random() < 0.25 else 0,
            )
        )
    return tuple(comments)


_REMARKS = (
    "“좋은 기사” & 고맙습니다.",
    "3조원이면 우리 동네에 병원을 몇 개나 짓나요?",
    "50억 달러(약 7조3000억원)라니… 너무 큰돈이네요 <ㅎㄷㄷ>",
    "사진 멋지네요. 뉴스1",
    "한빛일보",
    "댓글로 남깁니다. 다음 기사도 기다릴게요!",
)


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _inline(rng: random.Random, text: str) -> str:
    """Escaped, and as an editor leaves it: some quotes as entities, a word in bold, a link."""
    chance = rng.random()
    words = text.split(" ")
    place = rng.randrange(len(words))
    out = [_escape(word) for word in words]
    if chance < 0.1:
        out[place] = f"<b>{out[place]}</b>"
    elif chance < 0.15:
        out[place] = f'<a href="https://example.invalid/{place}">{out[place]}</a>'
    joined = " ".join(out)
    return joined.replace("“", "&ldquo;").replace("”", "&rdquo;") if chance > 0.8 else joined
