"""When a board has been silent for longer than its habit, and when it cannot be read: two messages, each once per silence.

Here: pure decisions on what is published. Not here: reading it (`publish.reader`), telling it (`alerts`) or when to look
(`defs.sensors`).

A habit is found by comparing with the same hour of earlier weeks: how old was the newest post then? A board that sleeps at night,
or from Friday to Monday, was as silent then as it is now. So nothing needs to be set for a board.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from orchestration.publish.reader import BoardWatch
from orchestration.settings import KST

WEEKS = 6
"""How far back a habit is looked for."""
AROUND = tuple(dt.timedelta(minutes=minutes) for minutes in (-60, -30, 0, 30, 60))
"""A board is not punctual: also these moments of an earlier day are compared with."""
SHARE = 0.95
"""The quantile of the ages found: one odd week of six makes no habit."""
TIMES_USUAL = 1.5
FLOOR = dt.timedelta(hours=3)
"""No shorter silence is told of: schedules look once an hour, and one look may fail."""
FEWEST_AGES = 10
"""With fewer moments to compare with there is no habit yet."""
DAYS = 7
"""A board known for less than two weeks is compared with the same hour of so many days before."""
UNREAD_FOR = dt.timedelta(hours=2)
"""How long a board may fail before it is told of: a run that failed is an alert of its own."""

Kind = Literal["no_new_posts", "site_unreachable"]


@dataclass(frozen=True, slots=True)
class Silence:
    """`since`: a later one is another silence; `text`: one line."""

    kind: Kind
    board_id: str
    since: dt.datetime
    text: str

    @property
    def key(self) -> str:
        return f"{self.kind} {self.board_id}"


def silence(board_id: str, name: str, watch: BoardWatch, now: dt.datetime) -> Silence | None:
    """What is to be told of a board at `now`, if anything. A board that cannot be read is never said to be without new posts."""
    if watch.failing_since is not None:
        since = watch.looked_at or watch.failing_since
        if now - watch.failing_since < UNREAD_FOR:
            return None
        why = f": {watch.failing_reason}" if watch.failing_reason else ""
        return Silence(
            "site_unreachable", board_id, since, f"{name} ({board_id}): site unreachable, last read {_shown(since)}{why}"
        )
    if watch.is_held_back or watch.looked_at is None or not watch.posts:
        return None  # what was held back is no silence, and nobody has looked
    newest = watch.posts[-1]
    usual = usual_age(watch.posts, watch.looked_at)
    if usual is None or watch.looked_at - newest <= max(FLOOR, TIMES_USUAL * usual):
        return None
    text = (
        f"{name} ({board_id}): no new posts since {_shown(newest)}, for {_hours(watch.looked_at - newest)}; "
        f"at this hour its newest post is usually at most {_hours(usual)} old"
    )
    return Silence("no_new_posts", board_id, newest, text)


def usual_age(posts: Sequence[dt.datetime], at: dt.datetime) -> dt.timedelta | None:
    """How old the newest of `posts` (ascending) was, at most, around the hour of `at` in the weeks before it; of a board that is
    known for less than two weeks, in the days before it. None where too little is known."""
    week, day = dt.timedelta(weeks=1), dt.timedelta(days=1)
    ages = _ages(posts, [at - n * week for n in range(1, WEEKS + 1)])
    if len(ages) < FEWEST_AGES:
        ages = _ages(posts, [at - n * day for n in range(1, DAYS + 1)])
    if len(ages) < FEWEST_AGES:
        return None
    return ages[min(len(ages) - 1, int(SHARE * len(ages)))]


def _ages(posts: Sequence[dt.datetime], moments: Sequence[dt.datetime]) -> list[dt.timedelta]:
    """The age of the newest post around each moment, ascending; moments before the first post say nothing."""
    found = []
    for moment, shift in product(moments, AROUND):
        before = bisect_right(posts, moment + shift)
        if before:
            found.append(moment + shift - posts[before - 1])
    return sorted(found)


def _shown(at: dt.datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M} KST"


def _hours(span: dt.timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
