"""The one place where the Dagster location is assembled.

Here: which assets, jobs and schedules exist. Not here: what any of them does. Loading needs no dbt, network or Great
Expectations; only `defs`, resolved when Dagster asks for it, reads the environment.
"""

import logging
from collections.abc import Sequence

import dagster as dg

from orchestration.defs.assets_build import build_assets
from orchestration.defs.assets_fetch import fetch_assets
from orchestration.defs.assets_gates import gate_assets
from orchestration.defs.assets_publish import publish_assets
from orchestration.defs.assets_rates import rates_assets
from orchestration.defs.home import foreign_home
from orchestration.defs.partitions import daily
from orchestration.defs.schedules import automation
from orchestration.defs.sensors import alerting
from orchestration.defs.shown import INTERMEDIATE, MARTS
from orchestration.progress import Progress, Silent
from orchestration.settings import Board, Settings, load_settings


def build_defs(settings: Settings, boards: Sequence[Board], progress: Progress | None = None) -> dg.Definitions:
    """The location for these settings and boards; tests and the command line build their own."""
    progress = progress or Silent()
    partitions = daily(boards)
    candidate, models = build_assets(settings, partitions, progress)
    judged = sorted(key for key, group in models.group_names_by_key.items() if group in (INTERMEDIATE, MARTS))
    assets = dg.Definitions(
        assets=[
            fetch_assets(settings, boards, partitions, progress),
            rates_assets(settings, boards, partitions, progress),
            candidate,
            models,
            gate_assets(settings, judged, partitions, progress),
            publish_assets(settings, boards, partitions, progress),
        ],
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(assets, automation(settings, boards), alerting(settings, boards))


@dg.definitions
def defs() -> dg.Definitions:
    settings = load_settings()
    if line := foreign_home(settings):
        logging.getLogger("boardhouse").warning(line)
    return build_defs(settings, settings.load_boards())
