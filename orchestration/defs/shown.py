"""How the graph is labelled in the UI: its groups, where its documentation is, and the tags of a run.

Here: names that several assets share. Not here: what an asset says of itself (its own module).
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

FETCH, CANDIDATE, STAGING, INTERMEDIATE, MARTS, GATES, PUBLISH = (
    "1_fetch",
    "2_candidate",
    "3_staging",
    "4_intermediate",
    "5_marts",
    "6_gates",
    "7_publish",
)
"""Groups in the order of the flow; numbered, since the UI lists them by name."""

DOCS = Path(__file__).parents[2] / "docs"


FRESH = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=26), warn_window=dt.timedelta(hours=3))
"""Of what the schedules make: an hourly look was missed twice, or a whole night. Whether a board itself is silent is another
question (`orchestration.silence`)."""


def page(name: str) -> dg.MetadataValue:
    """A page of the documentation, as a path to copy."""
    return dg.MetadataValue.path(str(DOCS / name))


def tag_run(context: dg.AssetExecutionContext, board_ids: Sequence[str], from_on: dt.date, to_on: dt.date) -> None:
    """Tag the run with its boards and days, however it was started, so that the list of runs shows both and finds them."""
    days = str(from_on) if from_on == to_on else f"{from_on} to {to_on}"
    context.instance.add_run_tags(context.run_id, {"boards": ", ".join(board_ids), "days": days})
