"""The reference rates of exchange: an asset of their own, beside the boards.

Here: when a run looks for new ones, and what Dagster records of it. Not here: asking (`fetch.rates`), which rate counts (`build`,
dbt), and whether a rate can be right (`gates`).

It never fails for rates that cannot be had: the run goes on with what is known, and what needs a missing rate is unchecked.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.build.rates import bank_days, known_until, land_files, last_days
from orchestration.defs.partitions import SINGLE_RUN
from orchestration.fetch.rates import Asked, are_recent, ask_bank, last_published
from orchestration.landing.store import Landing
from orchestration.progress import Progress
from orchestration.settings import Board, Settings

RATES = dg.AssetKey("rates")


class RatesConfig(dg.Config):
    offline: bool = False


def rates_assets(
    settings: Settings, boards: Sequence[Board], partitions: dg.PartitionsDefinition, progress: Progress
) -> dg.AssetsDefinition:
    address = settings.rates_address(boards)

    @dg.asset(
        key=RATES,
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
        group_name="fetch",
        kinds={"xml", "requests"},
        owners=["team:operators"],
        description="Reference rates of exchange: the European Central Bank's, packaged up to a day and from its own files after "
        "it, and the operator's files (rates/*.csv), which win. Its last rate day is in the metadata.",
        metadata={"address": address or "nobody is asked", "files of the operator": dg.MetadataValue.path(str(settings.rates))},
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=26), warn_window=dt.timedelta(hours=3)),
        check_specs=[
            dg.AssetCheckSpec(
                "are_recent",
                asset=RATES,
                description="The last rate day is at most four days before the last working day that the bank has published. Red: "
                "conversions of the days since stay unchecked; the metadata says why.",
            )
        ],
        # First of all steps, so that a run which closes a day knows the rates that it closes it with.
        op_tags={"dagster/priority": "1"},
    )
    def rates(context: dg.AssetExecutionContext, config: RatesConfig) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        progress.step("rates")
        landing, now = Landing(settings.landing), dt.datetime.now(dt.UTC)
        land_files(settings.rates, landing, context.run_id, now)
        known = bank_days(landing)
        asked = Asked()
        if address and not config.offline:
            asked = ask_bank(settings, address, landing, context.run_id, known)
        sources = last_days(landing)
        last = known_until(sources)
        if asked.problem:
            line = what_to_do(asked.problem, last, settings)
            context.log.warning(line)
            progress.note(line)
        due = last_published(now)
        found = {"last_rate_on": last.isoformat(), "last_published": due.isoformat(), "problem": asked.problem or "none"}
        shown = {f"sources/{each.rate_source}": f"{each.day}, {each.currencies} currencies" for each in sources}
        yield dg.MaterializeResult(metadata={**found, **shown, "requests": asked.requests})
        yield dg.AssetCheckResult(
            check_name="are_recent",
            passed=are_recent(last, now),
            severity=dg.AssetCheckSeverity.WARN,
            metadata=found,
        )

    return rates


def what_to_do(problem: str, last: dt.date, settings: Settings) -> str:
    """One line for the operator."""
    return (
        f"rates: {problem}; the run goes on with rates to {last}, what needs a later one is unchecked. The next run asks again; "
        f"or put day,currency,krw_per_unit into a CSV in {settings.rates}, or set BOARDHOUSE_RATES_URL"
    )
