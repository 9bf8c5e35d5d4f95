"""From what a board, a page or a parser got wrong to the gate that goes red: docs/gates-matrix.md is true.

That each gate of each suite can go red at all is held by tests/unit/gates/test_suites.py.
"""

from pathlib import Path

import pytest

from tests.matrix.corruptions import CORRUPTIONS, HARMLESS
from tests.matrix.judged import judge_clean, judge_corruptions
from tests.matrix.shown import GATES, PAGE, differs, page


def test_every_corruption_turns_red_exactly_the_gates_written_beside_it_and_no_oddity_any(tmp_path: Path) -> None:
    every = (*CORRUPTIONS, *HARMLESS)
    assert differs(every, judge_corruptions(tmp_path, every)) == []


def test_the_page_of_the_documentation_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make gates"


def test_every_corruption_is_caught_and_every_oddity_is_let_through() -> None:
    assert all(corruption.gates for corruption in CORRUPTIONS) and not any(corruption.gates for corruption in HARMLESS)
    assert {gate for corruption in CORRUPTIONS for gate in corruption.gates} <= set(GATES)
    names = [corruption.name for corruption in (*CORRUPTIONS, *HARMLESS)]
    assert len(names) == len(set(names)) and len(CORRUPTIONS) >= 60


def test_no_gate_is_red_on_clean_boards(tmp_path: Path) -> None:
    assert judge_clean(tmp_path, 20) == []


@pytest.mark.slow
def test_no_gate_is_red_on_two_hundred_clean_boards(tmp_path: Path) -> None:
    assert judge_clean(tmp_path, 200, first_seed=5000) == []
