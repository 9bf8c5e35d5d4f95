"""The page on settings is what the settings are, and every variable that the code names stands on it."""

import re
from pathlib import Path

from orchestration.report.settings_table import settings_page

ROOT = Path(__file__).parents[3]
NAME = re.compile(r"BOARDHOUSE_[A-Z][A-Z_]*[A-Z]")


def test_the_page_is_as_the_code_makes_it() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "python -m orchestration.report.settings_table > docs/settings.md"


def test_every_variable_named_in_code_and_docs_stands_on_it() -> None:
    listed = set(NAME.findall(settings_page()))
    files = [*(ROOT / "orchestration").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "Makefile"]
    named = {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}
    assert named <= listed
