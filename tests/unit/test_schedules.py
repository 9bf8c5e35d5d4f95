"""What the schedules ask for, by what has landed; and whether they begin switched on, which is the operator's to say."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build_defs
from orchestration.defs.partitions import range_tags
from orchestration.defs.schedules import automation
from orchestration.fetch.known import DayRecord, ScopeRecord
from orchestration.landing.store import Landing
from orchestration.settings import KST, Settings
from tests.support.workplace import make_settings

NIGHT = dt.datetime(2026, 11, 21, 2, tzinfo=KST)
DAY = dt.timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, *({"id": name, "url": f"http://127.0.0.1:9/{name}"} for name in ("one", "two")))


@pytest.fixture
def land(settings: Settings) -> Callable[..., None]:
    def land(board_id: str, **days: str) -> None:
        """A run of the day before that left the days `nov20="failed"` …"""
        board = next(board for board in settings.load_boards() if board.id == board_id)
        records = tuple(DayRecord(dt.date(2026, 11, int(name[3:])), state, None, ()) for name, state in days.items())
        with Landing(settings.landing).writer("r1", board_id) as spool:
            spool.append(ScopeRecord("r1", NIGHT - DAY, "linear", records).landed(board))

    return land


def tick(settings: Settings, name: str, at: dt.datetime) -> list[dg.RunRequest]:
    repository = build_defs(settings, settings.load_boards()).get_repository_def()
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_schedule_context(instance, at, repository_def=repository) as context,
    ):
        return list(repository.get_schedule_def(name).evaluate_tick(context).run_requests or [])


def asked(request: dg.RunRequest) -> tuple[str, str, set[str]]:
    from_on, to_on = (request.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end"))
    boards = {key.path[1] for key in request.asset_selection or () if key.path[0] == "pages"}
    return from_on, to_on, boards


@pytest.mark.parametrize(
    ("schedules_on", "status"), [(False, dg.DefaultScheduleStatus.STOPPED), (True, dg.DefaultScheduleStatus.RUNNING)]
)
def test_every_schedule_begins_as_the_setting_says(
    settings: Settings, schedules_on: bool, status: dg.DefaultScheduleStatus
) -> None:
    settings = settings.model_copy(update={"schedules_on": schedules_on})
    schedules = automation(settings, settings.load_boards()).schedules
    assert schedules
    assert {schedule.default_status for schedule in schedules if isinstance(schedule, dg.ScheduleDefinition)} == {status}


def test_each_hour_yesterday_and_today_are_refreshed(settings: Settings) -> None:
    (request,) = tick(settings, "hourly_refresh", NIGHT)
    assert dict(request.tags).items() >= range_tags(dt.date(2026, 11, 20), dt.date(2026, 11, 21)).items()


def test_on_a_boards_first_day_nothing_before_it_is_asked_for(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, {"id": "new", "url": "http://127.0.0.1:9/new", "first_day": dt.date(2026, 11, 21)})
    (request,) = tick(settings, "hourly_refresh", NIGHT)
    assert asked(request)[:2] == ("2026-11-21", "2026-11-21")
    assert tick(settings, "nightly_close", NIGHT) == []


def test_a_night_without_work_left_closes_the_day_before_on_every_board(settings: Settings) -> None:
    (request,) = tick(settings, "nightly_close", NIGHT)
    assert asked(request) == ("2026-11-20", "2026-11-20", {"one", "two"})


def test_the_night_takes_up_older_days_with_work_left_one_run_a_stretch(settings: Settings, land: Callable[..., None]) -> None:
    land("one", nov10="failed", nov12="complete", nov19="failed")
    land("two", nov11="failed")
    requests = tick(settings, "nightly_close", NIGHT)
    assert [asked(request) for request in requests] == [
        ("2026-11-10", "2026-11-11", {"one", "two"}),
        ("2026-11-19", "2026-11-20", {"one", "two"}),
    ]
    assert len({request.run_key for request in requests}) == 2
    assert all(dg.AssetKey("published") in (request.asset_selection or ()) for request in requests)


def test_a_board_without_work_in_a_stretch_is_not_asked_there_and_the_setting_bounds_the_days(
    settings: Settings, land: Callable[..., None]
) -> None:
    land("one", nov10="failed", nov13="failed", nov16="failed")
    fewer = settings.model_copy(update={"nightly_days": 2})
    assert [asked(request) for request in tick(fewer, "nightly_close", NIGHT)] == [
        ("2026-11-13", "2026-11-13", {"one"}),
        ("2026-11-16", "2026-11-16", {"one"}),
        ("2026-11-20", "2026-11-20", {"one", "two"}),
    ]
