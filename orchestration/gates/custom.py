"""The two expectations that Great Expectations lacks, as real ones: usable from JSON, rendered, run by its SQL and Spark engines.

Here: expectations and their metrics. Not here: a rule about a board (that is a suite in `expectations/`). Importing this module
imports Great Expectations and makes both known by type name.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import column_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import ColumnMapMetricProvider
from great_expectations.render.renderer_configuration import RendererConfiguration, RendererValueType


class ColumnValuesTrue(ColumnMapMetricProvider):
    condition_metric_name = "column_values.be_true"
    filter_column_isnull = False

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, **_: Any) -> Any:
        return column.is_(True)

    @column_condition_partial(engine=SparkDFExecutionEngine)
    def _spark(cls, column: Any, **_: Any) -> Any:
        return column.eqNullSafe(True)


class ExpectColumnValuesToBeTrue(ColumnMapExpectation):
    """Expect every value of a BOOLEAN column to be true, null counting as false.

    The map expectations of the library leave nulls out, so a flag that a model failed to derive would pass `in_set [true]`.
    """

    map_metric: ClassVar[str] = "column_values.be_true"
    args_keys: ClassVar[tuple[str, ...]] = ("column",)

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: RendererConfiguration[Any]) -> RendererConfiguration[Any]:
        renderer_configuration.add_param(name="column", param_type=RendererValueType.STRING)
        renderer_configuration.template_str = "$column must be true in every row, and never null."
        return renderer_configuration


class ExpectTableColumnTypesToBe(BatchExpectation):
    """Expect the table to have these columns with these types, in any order; more columns are welcome.

    One gate for a table where `expect_column_type_to_be` would be one for each column. `column_types` maps a column's name to its
    type in the engine's own words (`VARCHAR[]`, `DECIMAL(38,4)`).
    """

    column_types: dict[str, str]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.column_types",)
    success_keys: ClassVar[tuple[str, ...]] = ("column_types",)
    args_keys: ClassVar[tuple[str, ...]] = ("column_types",)

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: RendererConfiguration[Any]) -> RendererConfiguration[Any]:
        renderer_configuration.add_param(name="column_types", param_type=RendererValueType.OBJECT)
        renderer_configuration.template_str = "Must have these columns and types: $column_types"
        return renderer_configuration

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        found = {str(column["name"]): str(column["type"]) for column in metrics["table.column_types"]}
        wrong = [
            {"column": name, "expected": kind, "found": found.get(name)}
            for name, kind in sorted(self.column_types.items())
            if found.get(name) != kind
        ]
        result = {"observed_value": f"columns that differ: {len(wrong)}", "details": {"mismatched": wrong}}
        return {"success": not wrong, "result": result}
