"""Assets of the build step: the candidate, and dbt's models with their tests as checks.

Here: how dbt appears in the graph. Not here: what is loaded into a candidate (`build`), or the models (`dbt_project`).
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.build.candidate import prepare_candidate
from orchestration.build.manifest import check_built, read_manifest
from orchestration.build.run import DbtResult, run_dbt
from orchestration.defs.assets_fetch import SCOPE
from orchestration.defs.assets_rates import RATES
from orchestration.defs.event_log import together
from orchestration.defs.partitions import SINGLE_RUN
from orchestration.defs.shown import CANDIDATE as CANDIDATE_GROUP
from orchestration.defs.shown import INTERMEDIATE, MARTS, STAGING, page
from orchestration.landing.store import Landing
from orchestration.progress import Progress
from orchestration.report import summary
from orchestration.scope import Scope
from orchestration.settings import Settings

CANDIDATE = dg.AssetKey("candidate")
GROUPS = {"staging": STAGING, "intermediate": INTERMEDIATE, "marts": MARTS}


class Translator(DagsterDbtTranslator):
    """dbt's sources are the candidate; models are grouped by their layer."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return CANDIDATE
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return next((group for layer, group in GROUPS.items() if layer in dbt_resource_props["fqn"]), STAGING)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return ["team:modelling"]


def build_assets(settings: Settings, partitions: dg.PartitionsDefinition, progress: Progress) -> list[dg.AssetsDefinition]:
    @dg.asset(
        key=CANDIDATE,
        deps=[SCOPE, RATES],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
        group_name=CANDIDATE_GROUP,
        kinds={"duckdb", "python"},
        owners=["team:modelling"],
        description="A database of this run alone: the parsed records of the scope's documents, and what is published of them.\n\n"
        "**Red?** A landed file cannot be read, a file of rates is wrong, or the disk is full: the run's last line says which. "
        "Nothing was published.",
        metadata={"docs": page("architecture.md")},
    )
    def candidate(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        progress.step("parse")
        scope = Scope.read(settings.build / context.run_id)
        began = time.monotonic()
        report = prepare_candidate(settings, settings.load_boards(), scope, Landing(settings.landing))
        counts = report.row_counts
        picture = summary.bars([*counts.values()], f"rows of {', '.join(counts)}")
        return dg.MaterializeResult(
            metadata={
                "seconds": round(time.monotonic() - began, 3),
                "summary": dg.MetadataValue.md(f"{picture}\n\n**{sum(counts.values()):,}** rows in {len(counts)} tables"),
                **{f"rows/{table}": count for table, count in counts.items()},
            }
        )

    manifest = read_manifest()

    @dbt_assets(
        manifest=manifest,
        name="dbt",
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
        dagster_dbt_translator=Translator(),
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        # In this process: a dbt process of its own costs 5 to 9 s, of which 1 to 3 s is work.
        progress.step("dbt")
        result = run_dbt(settings.build / context.run_id)
        check_built(manifest, result)
        with together(context.instance):  # Dagster stores each result, once for every day of the range, before it asks for the next
            yield from dagster_results(result, manifest)
        if not result.success:
            # A failed model or test is a bug of ours, never the fault of a page: nothing is published.
            raise dg.Failure(description="dbt: " + "; ".join(result.failures[:3]), allow_retries=False)

    return [candidate, models]


def dagster_results(result: DbtResult, manifest: Mapping[str, Any]) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """A materialisation per model that was built, a check result per test that belongs to one."""
    for node in result.nodes:
        props = manifest["nodes"][node.unique_id]
        if props["resource_type"] in ("model", "seed"):
            if node.passed:
                yield dg.MaterializeResult(asset_key=props["name"], metadata={"seconds": round(node.seconds, 3)})
        elif attached := manifest["nodes"].get(props.get("attached_node")):
            yield dg.AssetCheckResult(
                asset_key=attached["name"],
                check_name=props["name"],
                passed=node.passed,
                metadata={"failing_rows": node.failing, "message": node.message},
            )
