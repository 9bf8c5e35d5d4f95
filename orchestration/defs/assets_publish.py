"""The publish step.

Here: the re-base loop, which days are recorded as published, and how a run turns red after its commit. Not here: the merge and
the lock (`publish`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from orchestration import retention
from orchestration.build.candidate import base_version, prepare_candidate
from orchestration.build.folder import is_alone, release
from orchestration.build.run import CANDIDATE, build
from orchestration.decisions import recorded_decisions
from orchestration.defs.assets_gates import VERDICTS, log_evaluations, refused_shares
from orchestration.defs.event_log import together
from orchestration.defs.partitions import SINGLE_RUN
from orchestration.defs.shown import FRESH, PUBLISH, page
from orchestration.gates.catalogue import SUITES
from orchestration.gates.records import Verdicts
from orchestration.landing.store import Landing
from orchestration.parse.reading import page_of
from orchestration.progress import Progress
from orchestration.publish import Published, Stale, publish
from orchestration.publish.reader import Numbers, days_published, numbers
from orchestration.publish.versions import Retention
from orchestration.report import summary
from orchestration.scope import Scope
from orchestration.settings import Board, Settings

PUBLISHED = dg.AssetKey("published")
MOST_REBASES = 5
DAYS_BEFORE = 27
"""Shown in the picture of a day, besides itself."""


def publish_assets(
    settings: Settings, boards: Sequence[Board], partitions: dg.PartitionsDefinition, progress: Progress
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="publish",
        specs=[
            dg.AssetSpec(
                PUBLISHED,
                deps=[VERDICTS],
                partitions_def=partitions,
                skippable=True,
                group_name=PUBLISH,
                freshness_policy=FRESH,
                kinds={"duckdb"},
                owners=["team:operators"],
                description="The version that consumers read. A day is green when every board of boards.yaml stands as published "
                "on it.\n\n**Red run?** The last line of its log names what failed or was held back; the rest is published. "
                "`boardhouse status` shows what is open and why; `boardhouse rollback` publishes an older version again.",
                metadata={"docs": page("publishing.md"), "warehouse": dg.MetadataValue.path(str(settings.warehouse))},
            )
        ],
        backfill_policy=SINGLE_RUN,
    )
    def publish_step(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        progress.step("publish")
        run_dir = settings.build / context.run_id
        scope = Scope.read(run_dir)
        try:
            published = _publish_rebasing(settings, boards, scope, run_dir, context)
            if is_alone(run_dir):
                now, landing = dt.datetime.now(dt.UTC), Landing(settings.landing)
                retention.apply(settings, boards, landing, page_of(boards), now, context.log.info)
        finally:
            release(run_dir)
        whole = days_published(settings.published, boards, scope.from_on, scope.to_on)
        counted = numbers(settings.published, scope.from_on - dt.timedelta(days=DAYS_BEFORE), scope.to_on)
        with together(context.instance):
            for day in whole:
                metadata = {**_of_day(day, counted), **_metadata(published)}
                context.log_event(dg.AssetMaterialization(PUBLISHED, partition=day.isoformat(), metadata=metadata))
        if problem := what_is_missing(published):
            raise dg.Failure(description=problem, metadata=_metadata(published), allow_retries=False)
        yield from ()  # the days are logged one by one

    return publish_step


def _publish_rebasing(
    settings: Settings, boards: Sequence[Board], scope: Scope, run_dir: Path, context: dg.AssetExecutionContext
) -> Published:
    """Publish; where another run published the same board-days or documents since the candidate was built, build and judge
    anew first (nothing is fetched again)."""
    candidate = run_dir / CANDIDATE
    verdicts = Verdicts.read(run_dir)
    landing = Landing(settings.landing)
    for _ in range(MOST_REBASES):
        try:
            return publish(
                settings.published,
                candidate,
                scope,
                verdicts,
                boards,
                now=dt.datetime.now(dt.UTC),
                base_version=base_version(candidate),
                keep=Retention(settings.versions_keep, settings.versions_keep_days),
                decisions=recorded_decisions(landing, ["release", "requeue", "forget"]),
            )
        except Stale as stale:
            from orchestration.gates.runner import judge

            context.log.info("built anew: %s", stale)
            prepare_candidate(settings, boards, scope, landing)
            build(run_dir)
            verdicts = judge(candidate, scope, SUITES, refused_shares(settings))
            log_evaluations(context, verdicts)
    raise dg.Failure(
        description=f"other runs published the same board-days {MOST_REBASES} times while this one was built: start it again",
        allow_retries=True,
    )


def what_is_missing(published: Published) -> str | None:
    """One line that names every board-day that failed or was held back; None where all is published."""
    failed = [f"{day.board_id} {day.day} failed ({day.reason})" for day in published.failed]
    held = [f"{result.board_id} {result.day} held back by {result.gate}" for result in published.held_back]
    return "; ".join([*failed, *held]) or None


def _of_day(day: dt.date, counted: Numbers) -> dict[str, dg.MetadataValue]:
    """What this day holds, over all boards; and how old the newest article of the version is."""
    shown = [counted.of(day - dt.timedelta(days=back)) for back in range(DAYS_BEFORE, -1, -1)]
    today = shown[-1]
    picture = summary.bars([each.rows for each in shown], f"rows a day, {shown[0].day} to {day}")
    said = (
        f"**{day}**: {today.rows:,} rows · {today.articles:,} articles · {today.facts:,} facts · {today.quarantined:,} quarantined"
    )
    metadata: dict[str, dg.MetadataValue] = {
        "summary": dg.MetadataValue.md(f"{picture}\n\n{said}"),
        "day/rows": dg.MetadataValue.int(today.rows),
        "day/articles": dg.MetadataValue.int(today.articles),
        "day/facts": dg.MetadataValue.int(today.facts),
        "day/quarantined": dg.MetadataValue.int(today.quarantined),
    }
    if counted.newest_at:
        hours = (dt.datetime.now(dt.UTC) - counted.newest_at).total_seconds() / 3600
        metadata["run/hours_since_newest_article"] = dg.MetadataValue.float(round(hours, 2))
    return metadata


def _released(published: Published) -> str:
    """The board-days that an operator's release publishes, with the gate that it lifts."""
    lines = [
        f"| {board_id} | {day} | {release.result.gate} | {release.decision.by} | {release.decision.reason} |"
        for (board_id, day), release in sorted(published.acceptance.released.items(), key=lambda item: item[0])
    ]
    return "\n".join(["| board | day | gate | by | why |", "|---|---|---|---|---|", *lines]) if lines else "none"


def _metadata(published: Published) -> dict[str, dg.MetadataValue]:
    counts = {f"warehouse/{table}": dg.MetadataValue.int(count) for table, count in published.row_counts.items()}
    return {
        "warehouse_version": dg.MetadataValue.int(published.warehouse_version),
        "run/seconds": dg.MetadataValue.float(round(published.seconds, 3)),
        "run/held_back": dg.MetadataValue.int(len(published.held_back)),
        "run/released": dg.MetadataValue.int(len(published.acceptance.released)),
        "run/releases": dg.MetadataValue.md(_released(published)),
        "run/refused_documents": dg.MetadataValue.int(len(published.acceptance.refused_documents)),
        **counts,
    }
