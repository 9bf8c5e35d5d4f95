"""The one partition definition, and the range that a run covers.

Here: days. Not here: which boards (the asset selection says that), or what a day must hold to be complete (`fetch`).
"""

import datetime as dt
from collections.abc import Sequence

import dagster as dg

from orchestration.settings import Board

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""A range is one run: 90 days took 18 to 22 s as one run, 12 to 90 minutes as 90 runs."""


def daily(boards: Sequence[Board]) -> dg.DailyPartitionsDefinition:
    """One definition for every asset: assets of one job must share it. Without the offset there is no partition for today."""
    first = min(board.first_day for board in boards)
    return dg.DailyPartitionsDefinition(start_date=first.isoformat(), timezone="Asia/Seoul", end_offset=1)


def asked_range(context: dg.AssetExecutionContext) -> tuple[dt.date, dt.date]:
    """First and last day of the run, both included."""
    asked = context.partition_key_range
    return dt.date.fromisoformat(asked.start), dt.date.fromisoformat(asked.end)


def range_tags(from_on: dt.date, to_on: dt.date) -> dict[str, str]:
    """The run tags that make one run cover the range, both days included."""
    return {"dagster/asset_partition_range_start": from_on.isoformat(), "dagster/asset_partition_range_end": to_on.isoformat()}
