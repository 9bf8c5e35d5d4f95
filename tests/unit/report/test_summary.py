"""Summaries as Markdown: small, drawn without a request, and nothing in a cell becomes markup."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from orchestration.report.summary import COLOURS, bars, strip, table

SVG = "{http://www.w3.org/2000/svg}"
INLINE = 1_000
"""Characters of Markdown that Dagster shows without a button."""


def drawn(markdown: str) -> ET.Element:
    found = re.fullmatch(r"!\[[^\]]*\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", markdown)
    assert found
    return ET.fromstring(base64.b64decode(found[1]))


def test_a_bar_for_each_number_above_zero_and_the_last_in_its_own_colour() -> None:
    before, last = drawn(bars([4, 0, 2], "rows")).findall(f"{SVG}path")
    assert before.get("d") == "M4 32V2"
    assert (last.get("d"), last.get("stroke")) == ("M20 32V17", COLOURS["number"])


@pytest.mark.parametrize("values", [[], [0], [0, 0], [5, 0]])
def test_no_number_or_a_zero_at_the_end_is_no_mark_at_the_end(values: list[int]) -> None:
    assert COLOURS["number"] not in [path.get("stroke") for path in drawn(bars(values, "rows")).findall(f"{SVG}path")]


def test_days_of_one_state_are_one_stroke_in_its_colour() -> None:
    paths = {
        path.get("stroke"): path.get("d") for path in drawn(strip(["good", "good", "bad", "good"], "days")).findall(f"{SVG}path")
    }
    assert paths == {COLOURS["good"]: "M0 16h15M24 16h7", COLOURS["bad"]: "M16 16h7"}


def test_four_weeks_of_numbers_are_shown_without_a_button() -> None:
    assert len(bars([1000 + 37 * n % 900 for n in range(28)], "rows a day, 2026-10-01 to 2026-10-28")) < INLINE - 150
    assert len(strip(["good"] * 20 + ["bad"] + ["good"] * 39, "the worst verdict of each day")) < INLINE - 300


def test_a_cell_is_text_in_one_line() -> None:
    assert table(["board", "why"], [["a|b", "<b>no\nanswer</b>"], [1234, None]]).splitlines()[2:] == [
        "| a\\|b | &lt;b>no answer&lt;/b> |",
        "| 1,234 | None |",
    ]
