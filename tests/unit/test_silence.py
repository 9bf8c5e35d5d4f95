"""A silence is told where it is longer than the board's habit, as one of two messages, and once."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.defs.sensors import tell
from orchestration.publish.reader import BoardWatch
from orchestration.settings import KST, Settings
from orchestration.silence import FLOOR, UNREAD_FOR, Silence, silence, usual_age
from tests.unit.test_alerts import Webhook, webhook  # noqa: F401  (a fixture)

HOUR = dt.timedelta(hours=1)
MONDAY = dt.datetime(2026, 3, 16, tzinfo=KST)
WEEKS = 6


def posts(
    until: dt.datetime, *, weeks: int = WEEKS, on: Callable[[dt.datetime], bool] = lambda at: True
) -> tuple[dt.datetime, ...]:
    """A post at each half hour of the weeks before `until` where `on` says so."""
    start = until - dt.timedelta(weeks=weeks)
    moments = (start + n * HOUR / 2 for n in range(weeks * 7 * 48))
    return tuple(moment for moment in moments if moment < until and on(moment))


def daytime(at: dt.datetime) -> bool:
    return 8 <= at.hour < 22


def working_day(at: dt.datetime) -> bool:
    return daytime(at) and at.weekday() < 5


def look(watch: BoardWatch, at: dt.datetime) -> Silence | None:
    return silence("news", "뉴스", watch, at)


def watch(at: dt.datetime, *, last: dt.datetime, on: Callable[[dt.datetime], bool], weeks: int = WEEKS) -> BoardWatch:
    """A board read just now, whose posts ended at `last`."""
    return BoardWatch(posts=tuple(post for post in posts(at, weeks=weeks, on=on) if post <= last), looked_at=at)


@pytest.mark.parametrize(
    ("at", "last", "on", "is_silent"),
    [
        (MONDAY + 12 * HOUR, MONDAY + 11 * HOUR, daytime, False),
        (MONDAY + 12 * HOUR, MONDAY + 8 * HOUR, daytime, True),
        (MONDAY + 7 * HOUR, MONDAY - 2.5 * HOUR, daytime, False),  # it sleeps at night, as always
        (MONDAY + 4 * HOUR, MONDAY - 9 * HOUR, daytime, True),  # but it went to bed at 15:00
        (MONDAY - 12 * HOUR, MONDAY - 50.5 * HOUR, working_day, False),  # a Sunday
        (MONDAY + 14 * HOUR, MONDAY - 50.5 * HOUR, working_day, True),
    ],
)
def test_silent_is_who_is_silent_for_longer_than_at_this_hour_of_earlier_weeks(
    at: dt.datetime, last: dt.datetime, on: Callable[[dt.datetime], bool], is_silent: bool
) -> None:
    found = look(watch(at, last=last, on=on), at)
    assert (found is not None) is is_silent
    if found:
        assert (found.kind, found.since) == ("no_new_posts", max(post for post in posts(at, on=on) if post <= last))


def test_one_odd_week_of_six_makes_no_habit() -> None:
    at = MONDAY + 12 * HOUR
    holiday = (at - dt.timedelta(weeks=2, hours=30), at - dt.timedelta(weeks=2) - HOUR)
    kept = tuple(post for post in posts(at) if not holiday[0] < post < holiday[1])
    usual = usual_age(kept, at)
    assert usual is not None and usual <= HOUR


def test_a_board_of_a_few_days_is_compared_with_the_days_before_and_a_new_one_with_nothing() -> None:
    at = MONDAY + 12 * HOUR
    assert look(watch(at, last=MONDAY + 8 * HOUR, on=daytime, weeks=1), at) is not None
    assert look(watch(at, last=MONDAY - 3 * HOUR, on=lambda post: post > MONDAY - dt.timedelta(days=1)), at) is None


def test_a_busy_board_is_not_told_of_before_the_floor() -> None:
    at = MONDAY + 12 * HOUR
    last = at - FLOOR
    assert look(watch(at, last=last, on=daytime), at) is None
    assert look(watch(at, last=last - HOUR, on=daytime), at) is not None


def test_where_nobody_looked_or_the_day_is_held_back_nothing_is_said_of_new_posts() -> None:
    looked = MONDAY + 9 * HOUR
    board = watch(looked, last=MONDAY + 8.5 * HOUR, on=daytime)
    assert look(board, looked + 10 * HOUR) is None, "the silence is measured at the last look"
    silent = watch(MONDAY + 14 * HOUR, last=MONDAY + 8.5 * HOUR, on=daytime)
    assert look(silent, MONDAY + 14 * HOUR)
    assert look(BoardWatch(silent.posts, silent.looked_at, is_held_back=True), MONDAY + 14 * HOUR) is None


def test_a_board_that_cannot_be_read_is_another_message_and_never_one_of_new_posts() -> None:
    at = MONDAY + 14 * HOUR
    silent = watch(MONDAY + 12 * HOUR, last=MONDAY + 8 * HOUR, on=daytime)
    failing = BoardWatch(silent.posts, silent.looked_at, at - UNREAD_FOR, "no answer within 30 s")
    found = look(failing, at)
    assert found is not None
    assert found.text == "뉴스 (news): site unreachable, last read 2026-03-16 12:00 KST: no answer within 30 s"
    assert (found.kind, found.since) == ("site_unreachable", silent.looked_at)
    assert look(BoardWatch(silent.posts, silent.looked_at, at - UNREAD_FOR + HOUR / 60, "503"), at) is None
    never = look(BoardWatch(failing_since=at - 3 * HOUR), at)
    assert never is not None and never.since == at - 3 * HOUR


def test_each_silence_is_told_once_also_after_a_restart(tmp_path: Path, webhook: Webhook) -> None:  # noqa: F811
    settings = Settings(boards=tmp_path / "b.yaml", home=tmp_path, webhook_url=f"http://127.0.0.1:{webhook.server_port}/x")
    first = Silence("no_new_posts", "news", MONDAY, "quiet")
    told: dict[str, list[str]] = {}
    for _ in range(3):
        told = json.loads(json.dumps(told))  # the cursor, as it is read after a restart
        assert tell(settings, [first], told, MONDAY) is None
    tell(settings, [], told, MONDAY)  # a moment in which it counts as usual
    tell(settings, [first], told, MONDAY)
    assert [(alert["kind"], alert["board_id"], alert["text"]) for alert in webhook.received] == [("no_new_posts", "news", "quiet")]
    tell(
        settings,
        [Silence("no_new_posts", "news", MONDAY + HOUR, "again"), Silence("site_unreachable", "news", MONDAY, "down")],
        told,
        MONDAY,
    )
    assert [alert["text"] for alert in webhook.received] == ["quiet", "again", "down"]
    assert len(settings.alerts.read_text(encoding="utf-8").splitlines()) == 3


def test_a_webhook_that_is_down_is_asked_again_and_the_file_has_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.alerts.time.sleep", lambda seconds: None)
    monkeypatch.setattr("orchestration.alerts.PAUSES_SECONDS", ())
    down = Settings(boards=tmp_path / "b.yaml", home=tmp_path, webhook_url="http://127.0.0.1:1/s3cret")
    told: dict[str, list[str]] = {}
    silences = [Silence("no_new_posts", "news", MONDAY, "quiet"), Silence("no_new_posts", "economy", MONDAY, "quiet too")]
    for _ in range(2):
        problem = tell(down, silences, told, MONDAY)
        assert problem is not None and "s3cret" not in problem
    assert [json.loads(line)["text"] for line in down.alerts.read_text(encoding="utf-8").splitlines()] == ["quiet", "quiet too"]
    up = Settings(boards=tmp_path / "b.yaml", home=tmp_path)
    assert tell(up, silences, told, MONDAY) is None
    assert {how_far for _, how_far in told.values()} == {"posted"}
