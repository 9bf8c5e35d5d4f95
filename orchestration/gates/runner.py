"""Running the suites on a candidate, for the verdicts of a run.

Here: each suite once over the whole range, as SQL inside DuckDB, read only, and every row that fails. Not here: what the suites say
(`expectations/`), how failing rows become verdicts (`grouping`), or what follows from those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.gates.catalogue import Gate, Suite, load_suites
from orchestration.gates.engine import candidate_source, ephemeral_context
from orchestration.gates.grouping import Day, Finding, Judged, verdicts_of
from orchestration.gates.records import GateResult, Refusal, Verdicts, page_of
from orchestration.gates.refusal import shares
from orchestration.scope import Scope

EVERY = 2**31 - 1
"""Great Expectations lists 20 failing rows unless told otherwise; a quarantine built on less publishes the rest of the bad ones."""


def judge(candidate: Path, scope: Scope, suites: Path, bounds: Mapping[str, float] | None = None) -> Verdicts:
    """What every gate of the folder `suites` says of every built board-day of `scope`, on `candidate` (DuckDB, opened read only);
    `bounds`: the share of documents that may be refused, of boards that have a bound of their own.

    Imports Great Expectations (seconds, once per process). Raises ConfigError for a suite that is not valid and BoardhouseError
    for a missing candidate; what fails inside a gate is its outcome `error`.
    """
    built: list[Day] = [(board_day.board_id, board_day.day) for board_day in scope.built]
    loaded = load_suites(suites)
    if not built:
        return Verdicts((), ())
    if not candidate.is_file():
        raise BoardhouseError(f"{candidate}: no such candidate; build it before it is judged")
    results: list[GateResult] = []
    refusals: list[Refusal] = []
    with candidate_source(ephemeral_context(), candidate) as source:
        for suite in loaded:
            findings, judged = _run(source, suite)
            more_results, more_refusals = verdicts_of(suite, findings, built, judged)
            results += more_results
            refusals += more_refusals
        documents = _documents(source, built)
        results = _with_addresses(source, results)
    verdicts = Verdicts(tuple(results), tuple(refusals))
    return replace(verdicts, results=(*verdicts.results, *shares(verdicts, documents, bounds or {})))


def _run(source: Any, suite: Suite) -> tuple[list[Finding], Judged]:
    """One suite over the whole relation: a finding per gate, in the order of the file."""
    try:
        batch = source.add_table_asset(suite.name, table_name=suite.relation).add_batch_definition_whole_table("all").get_batch()
        judged = _judged(source, suite)
    except Exception as error:  # whatever the engine raises: what could not be judged is not published
        reason = _one_line(error)
        return [Finding(gate, passed=False, error=reason) for gate in suite.gates], Judged({}, {})
    # The first pass is one bundled query for all counts; only what is red is asked for its rows.
    first = _validate(batch, suite, suite.expectations, {"result_format": "BOOLEAN_ONLY"})
    red = [raw for raw in suite.expectations if not (outcome := first[raw["meta"]["gate"]]).success and not _raised(outcome)]
    second = _validate(
        batch,
        suite,
        red,
        {
            "result_format": "COMPLETE",
            "partial_unexpected_count": EVERY,
            "unexpected_index_column_names": list(suite.index),
            "return_unexpected_index_query": False,
        },
    )
    outcomes = {**first, **second}
    return [
        _finding(source, suite, gate, raw, outcomes.get(gate.gate))
        for gate, raw in zip(suite.gates, suite.expectations, strict=True)
    ], judged


def _validate(
    batch: Any, suite: Suite, expectations: Sequence[Mapping[str, Any]], result_format: Mapping[str, Any]
) -> dict[str, Any]:
    """The library's result of each expectation, by gate."""
    if not expectations:
        return {}
    from great_expectations.core.expectation_suite import ExpectationSuite

    try:
        checked = ExpectationSuite(name=suite.name, expectations=[dict(expectation) for expectation in expectations])
    except Exception as error:  # an unknown type, a wrong argument: the file is wrong, not the data
        raise ConfigError(f"expectations/{suite.name}.json: Great Expectations refuses it: {_one_line(error)}") from None
    outcome = batch.validate(checked, result_format=dict(result_format))
    return {result.expectation_config.meta["gate"]: result for result in outcome.results}


def _finding(source: Any, suite: Suite, gate: Gate, raw: Mapping[str, Any], outcome: Any) -> Finding:
    if outcome is None:
        return Finding(gate, passed=False, error="Great Expectations gave no result")
    if error := _raised(outcome):
        return Finding(gate, passed=False, error=error)
    if outcome.success:
        return Finding(gate, passed=True)
    counted = outcome.result.get("unexpected_count")
    if not counted:
        return Finding(gate, passed=False, details=(outcome.result.get("details") or {}).get("mismatched") or ())
    rows = outcome.result.get("unexpected_index_list")
    if rows is None and "column_list" in raw["kwargs"]:
        rows = _repeated(source, suite, raw["kwargs"]["column_list"])
    if rows is None or len(rows) != counted:
        return Finding(gate, passed=False, error=f"{counted} rows fail and {len(rows or ())} of them are named")
    return Finding(gate, passed=False, rows=rows)


def _raised(outcome: Any) -> str | None:
    """Why the library could not evaluate an expectation. `exception_info` is one record, or one for each metric that failed."""
    info = outcome.exception_info or {}
    for record in (info, *info.values()):
        if isinstance(record, Mapping) and record.get("raised_exception"):
            return _one_line(record.get("exception_message") or "it raised")
    return None


def _one_line(error: object) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300]


def _judged(source: Any, suite: Suite) -> Judged:
    if suite.is_per_day:
        facts = {
            (row["board_id"], row[suite.day_column]): row for row in _query(source, f"select * from {_quoted(suite.relation)}")
        }
        return Judged(counts=dict.fromkeys(facts, 1), facts=facts, history=facts)
    day = _quoted(suite.day_column)
    columns = sorted({gate.history.column for gate in suite.gates if gate.history})
    history = "".join(f', max("{column}") as "{column}"' for column in columns) + (
        ", bool_and(is_closed) as is_closed" * bool(columns)
    )
    rows = _query(source, f"select board_id, {day} as day, count(*) as n{history} from {_quoted(suite.relation)} group by all")
    places = {(row["board_id"], row["day"]): row for row in rows}
    return Judged(counts={place: row["n"] for place, row in places.items()}, facts={}, history=places if columns else {})


def _documents(source: Any, built: Sequence[Day]) -> dict[Day, int]:
    """How many documents each board-day of `built` has; nothing where they cannot be counted, for then the gates on them are
    errors."""
    try:
        rows = _query(
            source,
            """
            select board_id, listed_on as day, count(*) as n
            from (
                select board_id, listed_on, document_id from int_board_rows
                union
                select board_id, listed_on, document_id from int_articles
            ) as documents
            group by all
            """,
        )
    except Exception:
        return {}
    counts = {(row["board_id"], row["day"]): row["n"] for row in rows}
    return {place: counts.get(place, 0) for place in built}


def _with_addresses(source: Any, results: Sequence[GateResult]) -> list[GateResult]:
    """The results, each failing row shown with the address of the landed page that it was read from (`page`), where it has one."""
    pages = {page for result in results for row in result.sample if (page := page_of(row))}
    listed = ", ".join("'" + page.replace("'", "''") + "'" for page in sorted(pages))
    try:
        rows = _query(source, f"select response_id, url from raw.pages where response_id in ({listed})") if pages else []
    except Exception:  # a candidate without `raw`: the rows are shown as they are
        return list(results)
    addresses = {row["response_id"]: row["url"] for row in rows}
    return [
        replace(
            result,
            sample=tuple({**row, "page": addresses[page]} if (page := page_of(row)) in addresses else row for row in result.sample),
        )
        for result in results
    ]


def _repeated(source: Any, suite: Suite, columns: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows that share `columns`: for compound keys in SQL, Great Expectations counts the rows and does not name them."""
    key = ", ".join(map(_quoted, columns))
    index = ", ".join(map(_quoted, suite.index))
    relation = _quoted(suite.relation)
    return _query(
        source,
        f"select {index} from {relation} where ({key}) in (select ({key}) from {relation} group by {key} having count(*) > 1)",
    )


def _query(source: Any, sql: str) -> list[Mapping[str, Any]]:
    with source.get_engine().connect() as connection:
        return [dict(row) for row in connection.exec_driver_sql(sql).mappings()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
