"""Assets of the fetch step: one per board, and the run's `scope`.

Here: which boards and days a run asks for, and what Dagster records of it. Not here: how pages are reached (`fetch`).
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from orchestration.build.folder import claim
from orchestration.defs.event_log import together
from orchestration.defs.partitions import SINGLE_RUN, asked_range
from orchestration.defs.shown import FETCH, FRESH, page, tag_run
from orchestration.fetch.crawl import fetch_range
from orchestration.fetch.offline import offline_scope
from orchestration.fetch.report import FetchReport
from orchestration.landing.store import Landing
from orchestration.parse.reading import page_of
from orchestration.progress import Progress
from orchestration.report import summary
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board, Settings

SCOPE = dg.AssetKey("scope")
"""Always materialised, whatever the boards did: what follows depends on it alone, for a step that depends on a board that did
not materialise would be skipped, and the run be green."""


SHOWN_DAYS = 60
"""The most days that a picture shows."""


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
            group_name=FETCH,
            freshness_policy=FRESH,
            kinds={"html", "requests"},
            owners=["team:operators"],
            description=f"Landed pages of [{board.name}]({board.url}), a day at a time: the list pages that can hold the day, and "
            "every article listed on it.\n\n**Missing for a day?** The board could not be read completely; the run's log and "
            "`boardhouse status` say why. Run the day again: what has landed is not asked for twice. Days before "
            f"{board.first_day}, its first, are never asked for.",
            metadata={
                "board": dg.MetadataValue.url(board.url),
                "engine": board.engine,
                "skin": board.skin,
                "first_day": str(board.first_day),
                "docs": page("fetching.md"),
            },
        )
        for board in boards
    ]
    scope = dg.AssetSpec(
        SCOPE,
        deps=[spec.key for spec in specs],
        partitions_def=partitions,
        group_name=FETCH,
        kinds={"python"},
        owners=["team:operators"],
        description="The board-days that this run builds, checks and publishes, and those that failed, with the reason.\n\n"
        "**A board-day failed?** Its published data stays as it was, the others go on, and the run ends red. Mend the cause that "
        "`failures` names, and run the day again.",
        metadata={"docs": page("fetching.md")},
    )

    @dg.multi_asset(name="fetch", specs=[*specs, scope], can_subset=True, backfill_policy=SINGLE_RUN)
    def fetch(context: dg.AssetExecutionContext, config: FetchConfig) -> Iterator[dg.MaterializeResult[None]]:
        progress.step("fetch")
        run_dir = claim(settings.build, context.run_id)
        from_on, to_on = asked_range(context)
        asked = [board for board in boards if pages(board.id) in context.selected_asset_keys]
        tag_run(context, [board.id for board in asked], from_on, to_on)
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

            def warn(line: str) -> None:
                context.log.warning(line)
                progress.note(line)

            report = fetch_range(
                settings,
                asked,
                from_on,
                to_on,
                landing,
                context.run_id,
                on_progress=progress.board,
                log=context.log.info,
                warn=warn,
            )
        report.scope.write(run_dir)
        with together(context.instance):
            for board_day in report.scope.board_days:
                if board_day.state != "failed":
                    context.log_event(_materialization(board_day, report))
                else:
                    context.log.error(f"{board_day.board_id} {board_day.day}: {board_day.reason}")
        yield dg.MaterializeResult(
            asset_key=SCOPE,
            metadata={
                "board_days": len(report.scope.board_days),
                "failed": len(report.scope.failed),
                "offline": config.offline,
                "requests": sum(int(stats.get("requests", 0)) for stats in report.stats.values()),
                "summary": dg.MetadataValue.md(_summary(report.scope)),
                "failures": dg.MetadataValue.md(_failures(report.scope.failed)),
                "counts": dg.MetadataValue.md(_counts(report.stats)),
            },
        )

    return fetch


def _materialization(board_day: BoardDay, report: FetchReport) -> dg.AssetMaterialization:
    """`day/…`: of this day alone; `run/…`: of the board in the whole run."""
    board_id, day = board_day.board_id, board_day.day
    stats: Mapping[str, float | int | str] = report.stats.get(board_id, {})
    metadata: dict[str, dg.MetadataValue | float | int | str] = {"state": board_day.state}
    if (board_id, day) in report.listed:
        metadata["day/listed"] = report.listed[board_id, day]
        days = sorted(on for board, on in report.listed if board == board_id and on <= day)[-SHOWN_DAYS:]
        picture = summary.bars([report.listed[board_id, on] for on in days], f"documents listed, {days[0]} to {day}")
        metadata["summary"] = dg.MetadataValue.md(
            f"{picture}\n\n**{report.listed[board_id, day]:,}** documents listed on {day} · "
            f"in the whole run {stats.get('requests', 0):,} requests, {stats.get('articles', 0):,} articles, "
            f"{stats.get('seconds', 0):,} s"
        )
    return dg.AssetMaterialization(
        pages(board_id),
        partition=day.isoformat(),
        metadata={**metadata, **{f"run/{name}": value for name, value in stats.items()}},
    )


def _summary(scope: Scope) -> str:
    """A line of days per board."""
    lines = []
    for board_id in scope.boards:
        days = [board_day for board_day in scope.board_days if board_day.board_id == board_id]
        states = ["bad" if board_day.state == "failed" else "good" for board_day in days]
        said = f"{states.count('good')} of {len(days)} days read"
        lines.append([board_id, said, summary.strip(states[-SHOWN_DAYS:], said)])
    return summary.table(["board", "read", "days"], lines)


def _counts(stats: Mapping[str, Mapping[str, float | int | str]]) -> str:
    """The counts of each board, also of one of which no day is complete."""
    if not stats:
        return "none: nothing was asked"
    names = list(next(iter(stats.values())))
    return summary.table(
        ["board", *names], [[board_id, *(found.get(name, "") for name in names)] for board_id, found in stats.items()]
    )


def _failures(failed: Sequence[BoardDay]) -> str:
    if not failed:
        return "none"
    return summary.table(["board", "day", "why"], [(board_day.board_id, board_day.day, board_day.reason) for board_day in failed])
