"""Great Expectations' own pages of the suites (Data Docs), as files without script that ask nothing of the network.

Here: the suites as the library draws them, with what our gates say beside it, and the results of a candidate. Not here: which
candidate (`report.gx_pages`), a verdict (`runner`: a run draws nothing), or what a page looks like (`pages/`).

The library's templates fetch style sheets and scripts from elsewhere, need these to show a table at all, and put the values of a
page into theirs as they are. A site may name a view of its own: this one has our templates before those of the library, and
escapes every value.
"""

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from great_expectations.core.expectation_suite import ExpectationSuite
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.core.validation_definition import ValidationDefinition
from great_expectations.render.components import RenderedStringTemplateContent, RenderedTableContent
from great_expectations.render.renderer.content_block.validation_results_table_content_block import (
    ValidationResultsTableContentBlockRenderer,
)
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader, pass_context

from orchestration.errors import BoardhouseError
from orchestration.gates.catalogue import Gate, Suite
from orchestration.gates.engine import candidate_source, ephemeral_context
from orchestration.gates.grouping import plain

TEMPLATES = Path(__file__).with_name("pages")
SITE = "boardhouse"
RUN = "candidate"

FAILING = ("unexpected_index_list", "mismatched", "partial_unexpected_list")
"""Where a result has its failing rows: by the columns asked for; columns of another type; the values of a compound key."""

RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 20,  # failing rows that are shown of a gate
    "return_unexpected_index_query": False,  # its parameters are left unfilled on DuckDB
}


def write_data_docs(folder: Path, suites: Sequence[Suite], candidate: Path | None, about: Sequence[str]) -> Path:
    """Write the site into `folder`; its first page. `candidate` (DuckDB, opened read only): whose rows are judged; without one the
    pages say what is promised and no more. `about`: what the first page says of that, a paragraph each.

    Raises BoardhouseError where the library left out a page, and whatever it raises for a suite that is not valid. A gate that
    could not be judged is red on its page.
    """
    context = ephemeral_context()
    red: dict[str, list[str]] = {}
    for suite in suites:
        context.suites.add(_as_drawn(suite))
    if candidate is not None:
        at = RunIdentifier(run_name=RUN, run_time=dt.datetime.now(dt.UTC))
        with candidate_source(context, candidate) as source:
            red = {suite.name: _red(context, source, suite, at) for suite in suites}
    page = {"module_name": __name__, "class_name": PageView.__name__}
    index = {"module_name": __name__, "class_name": IndexView.__name__, "about": list(about), "suites": _counts(suites, red)}
    context.add_data_docs_site(
        SITE,
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            "site_section_builders": {
                "expectations": {"view": page},
                "validations": {"view": page, "renderer": RESULTS},
                "profiling": "None",
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": index},
        },
    )
    context.build_data_docs(site_names=[SITE])
    shutil.rmtree(folder / "static")  # fonts and pictures of the library's own templates: 3 MB that no page shows
    # A page that cannot be drawn is logged by the library, and left out or empty.
    expected = [f"expectations/{suite.name}.html" for suite in suites]
    expected += [f"validations/{name}/**/*.html" for name in red]
    for pages in (*expected, "index.html"):
        if not any(found.stat().st_size for found in folder.glob(pages)):
            raise BoardhouseError(f"Data Docs: Great Expectations drew no {pages}; its log says why")
    return folder / "index.html"


def _red(context: Any, source: Any, suite: Suite, at: RunIdentifier) -> list[str]:
    """Judge the candidate by a suite, for its page; the severity of each gate that is red."""
    asset = source.add_table_asset(suite.name, table_name=suite.relation)
    definition = context.validation_definitions.add(
        ValidationDefinition(
            name=suite.name, data=asset.add_batch_definition_whole_table("all"), suite=context.suites.get(suite.name)
        )
    )
    result = definition.run(run_id=at, result_format={**RESULT_FORMAT, "unexpected_index_column_names": list(suite.index)})
    severity = {gate.gate: gate.severity for gate in suite.gates}
    return [severity[each.expectation_config.meta["gate"]] for each in result.results if not each.success]


def _counts(suites: Sequence[Suite], red: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """What the first page says of each suite."""
    return [
        {
            "name": suite.name,
            "relation": suite.relation,
            "gates": len(suite.gates),
            "critical": red.get(suite.name, []).count("critical"),
            "warning": red.get(suite.name, []).count("warning"),
        }
        for suite in suites
    ]


def _as_drawn(suite: Suite) -> ExpectationSuite:
    """The suite with what its pages show of each gate: its words, what red means, and who looks."""
    expectations = [
        {
            **raw,
            "description": escape(gate.promise),  # the words of Dagster and the documentation
            "notes": f"`{gate.gate}` · red refuses: {gate.effect}\n\n{_means(gate)}",
            "meta": {**raw["meta"], "effect": gate.effect, "means": _means(gate), "index": list(suite.index)},
        }
        for gate, raw in zip(suite.gates, suite.expectations, strict=True)
    ]
    return ExpectationSuite(name=suite.name, expectations=expectations, notes=f"It judges the table `{suite.relation}`.")


def _means(gate: Gate) -> str:
    return f"{gate.reason} ({gate.owner})"


class GateTable(ValidationResultsTableContentBlockRenderer):
    """The library's table of results; beside each expectation its gate, and a line for each failing row."""

    @classmethod
    def _get_content_block_fn(cls, *of: Any, **expectation: Any) -> Any:
        rows_of: Any = super()._get_content_block_fn(*of, **expectation)

        def rows(result: Any, **options: Any) -> Any:
            (status, said, observed), *_ = rows_of(result=result, **options)
            parts = [part for part in (said if isinstance(said, list) else [said]) if part]
            if failing := _failing(result):
                parts = [part for part in parts if not isinstance(part, RenderedTableContent)] + [failing]
            return [[status, [*parts, _gate(result.expectation_config.meta)], observed]]

        return rows


def _failing(result: Any) -> RenderedTableContent | None:
    """A line for each failing row that the library names, or for each column of another type."""
    found = {**(result.result.get("details") or {}), **result.result}
    rows = next((found[name] for name in FAILING if found.get(name)), None)
    if result.success or not rows or not isinstance(rows[0], Mapping):
        return None
    index = result.expectation_config.meta["index"]
    names = sorted(rows[0], key=lambda name: index.index(name) if name in index else len(index))
    return RenderedTableContent(table=[[str(plain(row.get(name))) for name in names] for row in rows], header_row=names)


def _gate(meta: Mapping[str, Any]) -> RenderedStringTemplateContent:
    params = {name: meta[name] for name in ("gate", "effect", "means")}
    styling = {"classes": ["note"], "params": {"gate": {"tag": "code"}, "effect": {}, "means": {"tag": "p"}}}
    template = {"template": "$gate · red refuses: $effect $means", "tag": "div", "params": params, "styling": styling}
    return RenderedStringTemplateContent(string_template=template)


RESULTS = {
    "class_name": "ValidationResultsPageRenderer",
    "column_section_renderer": {
        "class_name": "ValidationResultsColumnSectionRenderer",
        "table_renderer": {"module_name": __name__, "class_name": GateTable.__name__},
    },
}


class PageView(DefaultJinjaPageView):
    """A page of a suite or of its results."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        theirs = self.env.loader
        assert theirs is not None
        self.env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), theirs])

    @pass_context
    def render_content_block(self, jinja_context: Any, content_block: Any, *args: Any, **options: Any) -> Any:
        """As the library does it; what comes as a plain value is a value of a board, and no markup."""
        return super().render_content_block(jinja_context, _escaped(content_block), *args, **options)


def _escaped(block: Any) -> Any:
    match block:
        case str():
            return escape(block)
        case list():
            return [_escaped(part) for part in block]
        case _:
            return block


class IndexView(PageView):
    """The first page: what was judged, and each suite with its pages."""

    _template = "index_page.j2"

    def __init__(self, about: Sequence[str], suites: Sequence[Mapping[str, Any]], **options: Any) -> None:
        super().__init__(**options)
        self._shown = {"about": about, "suites": suites}

    def render(self, document: Any, template: str | None = None, **options: Any) -> Any:
        shown = {**options, **self._shown, **_links(document.to_json_dict())}
        return super().render(document, template, **shown)  # type: ignore[no-untyped-call]


def _links(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Where the library put the pages of each suite, as its own first page has it."""
    tables = {
        tab["tab_name"]: tab["tab_content"]["table_data"]
        for section in document["sections"]
        for block in section["content_blocks"]
        for tab in block.get("tabs", ())
    }
    return {
        "promises": {row["expectation_suite_name"]: row["_table_row_link_path"] for row in tables.get("Expectation Suites", ())},
        "results": {
            row["_expectation_suite_name_sort"]: row["_table_row_link_path"] for row in tables.get("Validation Results", ())
        },
    }
