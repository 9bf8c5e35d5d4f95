"""day_of and instant_of: the forms that boards show, relative to the fetch, in the board's zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from orchestration.parse.dates import day_of, instant_of, names_its_year

KST = ZoneInfo("Asia/Seoul")
FETCHED_AT = dt.datetime(2026, 3, 1, 15, 30, 20, tzinfo=dt.UTC)  # 2026-03-02 00:30:20 in Seoul


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2025.02.04 20:28", "2025-02-04T20:28:00+09:00", "minute"),
        ("2025.02.04 20:28:57", "2025-02-04T20:28:57+09:00", "second"),
        ("2025-02-04 20:28", "2025-02-04T20:28:00+09:00", "minute"),
        ("2025.02.04", "2025-02-04T00:00:00+09:00", "day"),
        ("2025. 2. 4.", "2025-02-04T00:00:00+09:00", "day"),
        ("2025년 2월 4일 (화) 오후 8:28", "2025-02-04T20:28:00+09:00", "minute"),
        ("작성일 : 2025.02.04 오전 12:05", "2025-02-04T00:05:00+09:00", "minute"),
        ("25.02.04", "2025-02-04T00:00:00+09:00", "day"),
        ("99.12.31", "1999-12-31T00:00:00+09:00", "day"),
        ("00:12", "2026-03-02T00:12:00+09:00", "minute"),
        ("00:35", "2026-03-02T00:35:00+09:00", "minute"),  # the board's clock is ahead of ours
        ("23:59", "2026-03-01T23:59:00+09:00", "minute"),  # no board shows a time of tonight
        ("03-02", "2026-03-02T00:00:00+09:00", "day"),
        ("12-31", "2025-12-31T00:00:00+09:00", "day"),
        ("02.29", "2024-02-29T00:00:00+09:00", "day"),
        ("12.31 09:10", "2025-12-31T09:10:00+09:00", "minute"),
        ("방금 전", "2026-03-02T00:30:00+09:00", "minute"),
        ("20초 전", "2026-03-02T00:30:00+09:00", "minute"),
        ("3분 전", "2026-03-02T00:27:00+09:00", "minute"),
        ("31분 전", "2026-03-01T23:59:00+09:00", "minute"),
        ("2시간 전", "2026-03-01T00:00:00+09:00", "day"),
        ("2일 전", "2026-02-28T00:00:00+09:00", "day"),
        ("어제", "2026-03-01T00:00:00+09:00", "day"),
    ],
)
def test_a_date_is_read_in_the_zone_of_its_board(text: str, expected: str, precision: str) -> None:
    instant, how = instant_of(text, FETCHED_AT, KST)
    assert instant is not None
    assert (instant.isoformat(), how) == (expected, precision)
    assert day_of(text, FETCHED_AT, KST) == instant.date()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "날짜",
        "2025.13.01",
        "2025.02.30",
        "2025.02.04 24:10",
        "47241",
        "12:75",
        "13-45",
        "오후 13:00",
        "0000.00.00",
        "9" * 5000,
    ],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert instant_of(text, FETCHED_AT, KST) == (None, None)
    assert day_of(text, FETCHED_AT, KST) is None


def test_a_listed_day_is_never_converted() -> None:
    for zone in ("Asia/Seoul", "America/Los_Angeles", "UTC"):
        assert day_of("2025.02.05", FETCHED_AT, ZoneInfo(zone)) == dt.date(2025, 2, 5)


def test_today_is_the_boards_today() -> None:
    assert day_of("07:00", FETCHED_AT, ZoneInfo("America/Los_Angeles")) == dt.date(2026, 3, 1)


def test_relative_dates_do_not_name_their_year() -> None:
    assert [names_its_year(text) for text in ("2025.02.04 20:28", "3분 전", "20:28", "02-04", None)] == [
        True,
        False,
        False,
        False,
        False,
    ]
