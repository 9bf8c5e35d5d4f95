"""Whether the schedules begin switched on is the operator's to say: off, but in `make dev`."""

import dagster as dg
import pytest

from orchestration.defs.schedules import automation


@pytest.mark.parametrize(
    ("schedules_on", "status"), [(False, dg.DefaultScheduleStatus.STOPPED), (True, dg.DefaultScheduleStatus.RUNNING)]
)
def test_every_schedule_begins_as_the_setting_says(schedules_on: bool, status: dg.DefaultScheduleStatus) -> None:
    schedules = automation(schedules_on=schedules_on).schedules
    assert schedules
    assert {schedule.default_status for schedule in schedules if isinstance(schedule, dg.ScheduleDefinition)} == {status}
