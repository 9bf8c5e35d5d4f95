"""The parser's version: it follows its sources, and nothing else."""

from pathlib import Path

import orchestration.parse.version as parse_version
from orchestration.parse.version import parser_version


def sources(root: Path) -> Path:
    for package in ("parse", "money"):
        (root / package).mkdir(parents=True)
        (root / package / "a.py").write_text("x = 1\n")
    return root


def test_any_change_of_a_source_changes_it(tmp_path: Path) -> None:
    before = parser_version(sources(tmp_path / "a"))
    assert parser_version(sources(tmp_path / "same")) == before
    for name, change in (("b", "parse/a.py"), ("c", "money/a.py"), ("d", "money/units.csv")):
        root = sources(tmp_path / name)
        (root / change).write_text("x = 2\n")
        assert parser_version(root) != before


def test_compiled_files_and_other_packages_do_not_count(tmp_path: Path) -> None:
    before = parser_version(sources(tmp_path / "a"))
    root = sources(tmp_path / "b")
    (root / "fetch").mkdir()
    (root / "fetch" / "a.py").write_text("x = 1\n")
    (root / "parse" / "__pycache__").mkdir()
    (root / "parse" / "__pycache__" / "a.pyc").write_bytes(b"\0")
    assert parser_version(root) == before


def test_the_constant_is_the_version_of_this_tree() -> None:
    assert parser_version() == parse_version.PARSER_VERSION
    assert len(parser_version()) == 16
