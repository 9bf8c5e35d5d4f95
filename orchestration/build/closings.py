"""When a board-day was closed: what makes its reference rates final.

Here: reading that from the scopes that runs landed. Not here: the nightly run that closes days (`defs.schedules`), and what follows
for the rates (dbt's `int_listed_rates`).
"""

import datetime as dt
from collections.abc import Collection, Iterable

from orchestration.fetch.known import ScopeRecord, ended, scope_records
from orchestration.landing.store import Landing
from orchestration.settings import CLOSES_AT, KST

Closing = tuple[dt.datetime | None, bool]
"""(when it was closed, whether it is open). A day that no run fetched (an ingested one) is neither."""


def closings_of(landing: Landing, board_id: str, days: Collection[dt.date]) -> dict[dt.date, Closing]:
    """The closing of each of `days`, from what landed."""
    if not days:
        return {}
    return closings(ended(scope_records(landing.responses(board_id, purposes=["scope"], since_on=min(days)))), days)


def closings(records: Iterable[ScopeRecord], days: Collection[dt.date]) -> dict[dt.date, Closing]:
    """A day is closed by the first run that read it completely and ended at 02:00 of the next day in Seoul, or later; before
    that, and once it was read, it is open. `records`: ended ones, in the order of their times."""
    found: dict[dt.date, Closing] = dict.fromkeys(days, (None, False))
    for record in records:
        for read in record.days:
            if read.day not in found or found[read.day][0] is not None or read.state != "complete":
                continue
            is_over = record.at >= dt.datetime.combine(read.day + dt.timedelta(days=1), CLOSES_AT, KST)
            found[read.day] = (record.at, False) if is_over else (None, True)
    return found
