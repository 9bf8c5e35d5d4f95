"""A board in memory: posts in list order, pages of 20, numbers by position, changed between any two requests."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from orchestration.fetch.strategies.steps import Answer, Ask, Reading, Strategy
from orchestration.parse.records import Row

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass
class Post:
    document_id: int
    day: dt.date
    is_secret: bool = False


@dataclass
class ModelBoard:
    """`posts`: newest first. `between`: called before every request but the first."""

    posts: list[Post]
    offers_date_search: bool = False
    tells_page_below: bool = True
    between: Callable[["ModelBoard"], None] = lambda board: None
    asks: list[Ask] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.throughout = {post.document_id for post in self.posts}
        self.changes = 0
        self._ids = itertools.count(max((post.document_id for post in self.posts), default=0) + 1)

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.posts) // 20))

    def add(self, day: dt.date) -> None:
        self.changes += 1
        self.posts.insert(0, Post(next(self._ids), day))

    def delete(self, at: int) -> None:
        """Also what a move to another board, a draft or a notice does to the list."""
        if self.posts:
            self.changes += 1
            self.throughout.discard(self.posts.pop(at % len(self.posts)).document_id)

    def drive(self, strategy: Strategy) -> Reading:
        try:
            ask = next(strategy)
            while True:
                if self.asks:
                    self.between(self)
                self.asks.append(ask)
                ask = strategy.send(self.answer(ask))
        except StopIteration as stop:
            return stop.value

    def answer(self, ask: Ask) -> Answer | None:
        listed, number = self.posts, ask.page
        if ask.what == "search":
            listed = [post for post in self.posts if post.day == ask.day and not post.is_secret]
        if ask.what == "locate":
            place = next((at for at, post in enumerate(self.posts) if post.document_id == ask.document_id), None)
            if place is None or not self.tells_page_below:
                return None
            number = place // 20 + 1
        rows = tuple(self._rows(listed, number))
        answer = Answer(
            page=number,
            rows=rows,
            last_page=max(1, -(-len(listed) // 20)),
            at=START + dt.timedelta(seconds=len(self.asks)),
            offers_date_search=self.offers_date_search,
        )
        self.answers.append(answer)
        return answer

    def _rows(self, listed: list[Post], page: int) -> Iterator[Row]:
        first = (page - 1) * 20
        for at, post in enumerate(listed[first : first + 20]):
            yield Row(
                position=at,
                post_no=len(listed) - first - at,
                is_notice=False,
                is_current=False,
                is_secret=post.is_secret,
                document_id=post.document_id,
                url=None,
                title=f"글 {post.document_id}",
                author=None,
                date_text=f"{post.day:%Y.%m.%d}",
                listed_on=post.day,
                category=None,
                comment_count=None,
                view_count=None,
            )

    @property
    def seen(self) -> set[int | None]:
        return {row.document_id for answer in self.answers for row in answer.rows}

    def pages_of(self, from_on: dt.date, to_on: dt.date) -> int:
        places = [at // 20 for at, post in enumerate(self.posts) if from_on <= post.day <= to_on]
        return places[-1] - places[0] + 1 if places else 0


@pytest.fixture
def model_board() -> type[ModelBoard]:
    return ModelBoard


@pytest.fixture
def even_posts() -> Callable[..., list[Post]]:
    """`count` posts, `a_day` of them each day, ending on `newest`."""

    def make(count: int, a_day: float, newest: dt.date) -> list[Post]:
        return [Post(1000 + 3 * (count - at), newest - dt.timedelta(days=int(at / a_day))) for at in range(count)]

    return make
