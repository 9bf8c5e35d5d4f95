"""The gates step: `verdicts`, and every gate as a check on it.

Here: how a verdict is recorded, a check per gate and day. Not here: how a suite is judged (`gates`) or what follows (`publish`).

Gates never block: a blocking check would skip publish for every board-day, and a check result yielded in a range run is recorded
for no partition. So the evaluations are logged one by one, and `published` depends on `verdicts`.
"""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from orchestration.defs.event_log import Target, last_materializations, together
from orchestration.defs.partitions import SINGLE_RUN
from orchestration.defs.shown import GATES, page
from orchestration.gates.catalogue import SUITES, catalogue
from orchestration.gates.records import GateResult, Verdicts, page_of
from orchestration.gates.refusal import SHARE, Ruling, decide
from orchestration.progress import Progress
from orchestration.report import summary
from orchestration.scope import Scope
from orchestration.settings import Settings

VERDICTS = dg.AssetKey("verdicts")
ROWS_SHOWN = 20
DAYS_SHOWN = 60


def refused_shares(settings: Settings) -> dict[str, float]:
    """The share of a day's documents that may be refused, by board."""
    return {board.id: board.refused_share for board in settings.load_boards()}


def check_name(gate: str) -> str:
    """A gate's name as Dagster allows it."""
    return gate.replace(".", "__")


def gate_assets(
    settings: Settings, judged: Sequence[dg.AssetKey], partitions: dg.PartitionsDefinition, progress: Progress
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="gates",
        specs=[
            dg.AssetSpec(
                VERDICTS,
                deps=judged,
                partitions_def=partitions,
                group_name=GATES,
                kinds={"greatexpectations", "duckdb"},
                owners=["team:operators"],
                description="What the gates say of the candidate, per gate, board and day; each gate is a check of this asset.\n\n"
                "**Red?** A critical gate refuses the documents whose rows fail, or holds its board-day back: what was published "
                "of them stays as it was. Open the check: it says what red means and shows the rows. A warning holds nothing back.",
                metadata={"docs": page("how-to/read-a-red-gate.md"), "every gate": page("gates.md")},
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                check_name(gate.gate),
                asset=VERDICTS,
                description=f"{gate.reason} ({gate.severity})",
                partitions_def=partitions,
                metadata={"suite": gate.suite, "owner": gate.owner, "severity": gate.severity},
            )
            for gate in (*catalogue(SUITES), SHARE)
        ],
        # Makes the check outputs optional: without it a run in which all is well fails, for they are logged and not yielded.
        can_subset=True,
        backfill_policy=SINGLE_RUN,
    )
    def gates(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        from orchestration.gates.runner import judge  # imports Great Expectations: 2 to 10 s that only a run should pay

        progress.step("gates")
        run_dir = settings.build / context.run_id
        scope = Scope.read(run_dir)
        began = time.monotonic()
        verdicts = judge(run_dir / "candidate.duckdb", scope, SUITES, refused_shares(settings))
        verdicts.write(run_dir)
        ruling = decide(verdicts)
        yield dg.MaterializeResult(
            asset_key=VERDICTS,
            metadata={
                "seconds": round(time.monotonic() - began, 3),
                "summary": dg.MetadataValue.md(_summary(verdicts, ruling)),
                "results": len(verdicts.results),
                "failed": sum(result.outcome == "failed" for result in verdicts.results),
                "refused_documents": len(ruling.documents),
                "held_back": len(ruling.held_back),
                "why": dg.MetadataValue.md(_held_back_table(ruling)),
            },
        )
        log_evaluations(context, verdicts)

    return gates


def log_evaluations(context: dg.AssetExecutionContext, verdicts: Verdicts) -> None:
    """Record every evaluation, as one of the day's last materialisation of `verdicts`: to the UI any other is out of date, and its
    days are shown as missing. So they come after the materialisation."""
    targets = last_materializations(context.instance, VERDICTS, context.run_id)
    with together(context.instance):
        for evaluation in evaluations(verdicts, targets):
            context.log_event(evaluation)


def evaluations(verdicts: Verdicts, targets: Mapping[str, Target]) -> Iterator[dg.AssetCheckEvaluation]:
    """One evaluation per gate and day, over the boards that it judged. Where boards differ the worst speaks."""
    by_gate_and_day: dict[tuple[str, str], list[GateResult]] = defaultdict(list)
    for result in verdicts.results:
        by_gate_and_day[result.gate, result.day.isoformat()].append(result)
    for (gate, day), results in by_gate_and_day.items():
        red = [result for result in results if result.outcome != "passed"]
        severe = any(result.is_severe for result in red)
        yield dg.AssetCheckEvaluation(
            asset_key=VERDICTS,
            check_name=check_name(gate),
            passed=not red,
            partition=day,
            severity=dg.AssetCheckSeverity.ERROR if severe or not red else dg.AssetCheckSeverity.WARN,
            description=red[0].reason if red else None,
            metadata=_evaluation_metadata(results, red),
            target_materialization_data=targets.get(day),
        )


def _evaluation_metadata(results: Sequence[GateResult], red: Sequence[GateResult]) -> dict[str, dg.MetadataValue]:
    worst = red[0] if red else results[0]
    metadata: dict[str, dg.MetadataValue] = {
        "boards": dg.MetadataValue.text(", ".join(result.board_id for result in (red or results))),
        "outcome": dg.MetadataValue.text(worst.outcome),
        "failing_count": dg.MetadataValue.int(sum(result.failing_count for result in results)),
    }
    if worst.observed is not None:
        metadata["observed"] = dg.MetadataValue.float(worst.observed)
    if worst.bound is not None:
        metadata["bound"] = dg.MetadataValue.float(worst.bound)
    rows = [dict(row) for result in red for row in result.sample][:ROWS_SHOWN]
    landed = next((row for row in rows if page_of(row)), None)
    if landed:
        if landed.get("page"):
            metadata["page"] = dg.MetadataValue.url(str(landed["page"]))
        # The board may show another page by now; what was judged lies in the landing.
        metadata["landed_page"] = dg.MetadataValue.text(f"boardhouse landed {page_of(landed)} > page.html")
    if rows:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        metadata["failing_rows"] = dg.MetadataValue.table(
            [dg.TableRecord({column: _cell(row.get(column)) for column in columns}) for row in rows]
        )
    return metadata


def _cell(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _summary(verdicts: Verdicts, ruling: Ruling) -> str:
    """A line of days, each in the colour of its worst verdict, and what follows."""
    worst: dict[dt.date, str] = {}
    for result in verdicts.results:
        state = "bad" if result.is_severe else "good" if result.outcome in ("passed", "not_enough_history") else "warning"
        worst[result.day] = max(worst.get(result.day, "good"), state, key=["good", "warning", "bad"].index)
    days = sorted(worst)[-DAYS_SHOWN:]
    red = sum(result.outcome not in ("passed", "not_enough_history") for result in verdicts.results)
    picture = summary.strip([worst[day] for day in days], "the worst verdict of each day")
    said = f"**{red:,}** of {len(verdicts.results):,} results are red"
    refused = f"{len(ruling.documents):,} documents refused, {len(ruling.held_back):,} board-days held back"
    return f"{picture}\n\n{said} · {refused}"


def _held_back_table(ruling: Ruling) -> str:
    if not ruling.held_back:
        return "nothing is held back"
    rows = [(board, day, result.gate, result.reason) for (board, day), result in ruling.held_back.items()]
    return summary.table(["board", "day", "gate", "reason"], rows)
