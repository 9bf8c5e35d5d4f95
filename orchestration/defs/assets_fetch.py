"""Assets of the fetch step: one per board, and the run's `scope`.

Here: which boards and days a run asks for, and what Dagster records of it. Not here: how pages are reached (`fetch`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import dagster as dg

from orchestration.build.folder import claim
from orchestration.build.parsed import Reading
from orchestration.defs.event_log import together
from orchestration.defs.partitions import SINGLE_RUN, asked_range
from orchestration.fetch.crawl import fetch_range
from orchestration.fetch.offline import offline_scope
from orchestration.fetch.report import FetchReport
from orchestration.landing.records import Response
from orchestration.landing.store import Landing
from orchestration.parse.records import Page
from orchestration.progress import Progress
from orchestration.scope import BoardDay
from orchestration.settings import Board, Settings

SCOPE = dg.AssetKey("scope")
"""Always materialised, whatever the boards did: what follows depends on it alone, for a step that depends on a board that did
not materialise would be skipped, and the run be green."""


class FetchConfig(dg.Config):
    offline: bool = False


def pages(board_id: str) -> dg.AssetKey:
    return dg.AssetKey(["pages", board_id])


def fetch_assets(
    settings: Settings, boards: Sequence[Board], partitions: dg.PartitionsDefinition, progress: Progress
) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            pages(board.id),
            partitions_def=partitions,
            skippable=True,
            group_name="fetch",
            kinds={"html", "requests"},
            owners=["team:operators"],
            description=f"Landed pages of {board.name}, a day at a time: the list pages that can hold the day, and every article "
            "listed on it. Missing for a day: the board could not be read completely; the run's log says why.",
            metadata={"board": dg.MetadataValue.url(board.url), "engine": board.engine, "skin": board.skin},
        )
        for board in boards
    ]
    scope = dg.AssetSpec(
        SCOPE,
        deps=[spec.key for spec in specs],
        partitions_def=partitions,
        group_name="fetch",
        kinds={"python"},
        owners=["team:operators"],
        description="The board-days that this run builds, checks and publishes, and those that failed, with the reason.",
    )

    @dg.multi_asset(name="fetch", specs=[*specs, scope], can_subset=True, backfill_policy=SINGLE_RUN)
    def fetch(context: dg.AssetExecutionContext, config: FetchConfig) -> Iterator[dg.MaterializeResult[None]]:
        progress.step("fetch")
        run_dir = claim(settings.build, context.run_id)
        from_on, to_on = asked_range(context)
        asked = [board for board in boards if pages(board.id) in context.selected_asset_keys]
        landing = Landing(settings.landing)
        if config.offline:
            scope = offline_scope(settings, asked, from_on, to_on, landing, context.run_id, page_of(asked))
            if not scope.board_days:
                raise dg.Failure(
                    description=f"nothing has landed for {from_on} to {to_on}: run without --offline, or ingest saved pages first",
                    allow_retries=False,
                )
            report = FetchReport(scope, {})
        else:
            report = fetch_range(
                settings, asked, from_on, to_on, landing, context.run_id, on_progress=progress.board, log=context.log.info
            )
        report.scope.write(run_dir)
        with together(context.instance):
            for board_day in report.scope.board_days:
                if board_day.state != "failed":
                    context.log_event(_materialization(board_day, report.stats.get(board_day.board_id, {})))
                else:
                    context.log.error(f"{board_day.board_id} {board_day.day}: {board_day.reason}")
        yield dg.MaterializeResult(
            asset_key=SCOPE,
            metadata={
                "board_days": len(report.scope.board_days),
                "failed": len(report.scope.failed),
                "offline": config.offline,
                "failures": dg.MetadataValue.md(_failures(report.scope.failed)),
            },
        )

    return fetch


def page_of(boards: Sequence[Board]) -> Callable[[Response], Page]:
    """How a landed response of one of these boards is read."""
    readings = {board.id: Reading.of(board) for board in boards}
    return lambda response: readings[response.board_id].page(response)


def _materialization(board_day: BoardDay, stats: Mapping[str, float | int | str]) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        pages(board_day.board_id), partition=board_day.day.isoformat(), metadata={"state": board_day.state, **stats}
    )


def _failures(failed: Sequence[BoardDay]) -> str:
    if not failed:
        return "none"
    return "\n".join(["| board | day | why |", "|---|---|---|", *(f"| {f.board_id} | {f.day} | {f.reason} |" for f in failed)])
