"""Our own expectations are real ones: found by their type, described for people, with a condition for the Spark engine."""

import json
from pathlib import Path

import pytest
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_metric_provider
from great_expectations.render.renderer.inline_renderer import InlineRenderer

from orchestration.gates import custom

SUITES = Path(__file__).parents[3] / "expectations"


def described(kind: str, **kwargs) -> str:
    rendered = InlineRenderer(render_object=ExpectationConfiguration(type=kind, kwargs=kwargs)).get_rendered_content()
    (prescriptive,) = (block for block in rendered if block.name == "atomic.prescriptive.summary")
    template = prescriptive.value.template
    for name, parameter in (prescriptive.value.params or {}).items():
        template = template.replace(f"${name}", str(parameter["value"]))
    return template


def test_each_has_a_description_for_people():
    assert described("expect_column_values_to_be_true", column="is_clean") == "is_clean must be true in every row, and never null."
    said = described("expect_table_column_types_to_be", column_types={"title": "VARCHAR"})
    assert said.startswith("Must have these columns and types: ") and "title" in said and "VARCHAR" in said


@pytest.mark.parametrize("engine", [custom.SqlAlchemyExecutionEngine, custom.SparkDFExecutionEngine])
def test_the_flag_has_a_condition_in_sql_and_in_spark(engine):
    assert get_metric_provider("column_values.be_true.condition", engine.__new__(engine))


def test_every_type_of_our_own_in_the_suites_is_one_of_these():
    used = {e["type"] for path in SUITES.glob("*.json") for e in json.loads(path.read_text(encoding="utf-8"))["expectations"]}
    own = {"expect_column_values_to_be_true", "expect_table_column_types_to_be"}
    assert own <= used
