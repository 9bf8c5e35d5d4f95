"""From what a board, a page or a parser got wrong to the gate that goes red: docs/gates-matrix.md is true.

That each gate of each suite can go red at all is held by tests/unit/gates/test_suites.py.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from orchestration.build.run import CANDIDATE
from orchestration.gates.catalogue import load_suites
from orchestration.gates.records import GateResult
from tests.matrix.corruptions import CORRUPTIONS, HARMLESS
from tests.matrix.judged import judge_clean, judge_corruptions
from tests.matrix.shown import GATES, PAGE, differs, page
from tests.matrix.world import SUITES

EVERY = (*CORRUPTIONS, *HARMLESS)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, Sequence[GateResult]]]:
    """The candidate with every corruption, and what is red for each."""
    folder = tmp_path_factory.mktemp("corrupted")
    red = judge_corruptions(folder, EVERY)
    (candidate,) = folder.rglob(CANDIDATE)
    return candidate, red


def test_every_corruption_turns_red_exactly_the_gates_written_beside_it_and_no_oddity_any(judged) -> None:
    assert differs(EVERY, judged[1]) == []


def test_each_field_that_the_layout_gates_watch_is_lost_in_one_of_them(judged) -> None:
    with duckdb.connect(str(judged[0]), read_only=True) as connection:
        watched = [
            field for (field,) in connection.execute("select distinct field from int_board_day_fields order by 1").fetchall()
        ]
    lost = [field for corruption in CORRUPTIONS for field in re.findall(r"'((?:list|article)\.\w+)'", corruption.usual)]
    assert sorted(lost) == watched


def test_every_fact_that_a_gate_compares_with_false_is_never_null(judged) -> None:
    """The library's set expectations leave nulls out, so a null here would pass unseen."""
    compared = [
        (suite.relation, raw["kwargs"]["column"])
        for suite in load_suites(SUITES)
        for raw in suite.expectations
        if raw["kwargs"].get("value_set") == [False]
    ]
    assert compared
    with duckdb.connect(str(judged[0]), read_only=True) as connection:
        for relation, column in compared:
            nulls = connection.execute(f"select count(*) from {relation} where {column} is null").fetchone()
            assert nulls == (0,), (relation, column)


def test_the_page_of_the_documentation_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make gates"


def test_every_corruption_is_caught_and_every_oddity_is_let_through() -> None:
    assert all(corruption.gates for corruption in CORRUPTIONS) and not any(corruption.gates for corruption in HARMLESS)
    assert {gate for corruption in CORRUPTIONS for gate in corruption.gates} <= set(GATES)
    names = [corruption.name for corruption in EVERY]
    assert len(names) == len(set(names)) and len(CORRUPTIONS) >= 60


def test_no_gate_is_red_on_clean_boards(tmp_path: Path) -> None:
    assert judge_clean(tmp_path, 20) == []


@pytest.mark.slow
def test_no_gate_is_red_on_two_hundred_clean_boards(tmp_path: Path) -> None:
    assert judge_clean(tmp_path, 200, first_seed=5000) == []
