"""The documentation: every page is in the site, every link leads somewhere, and what is read off the code is whole."""

import re
from pathlib import Path

import pytest
import yaml

from orchestration.cli import main
from orchestration.gates.catalogue import SUITES, catalogue
from orchestration.gates.refusal import SHARE
from orchestration.publish.schema import AUDIT_TABLES, DATA_TABLES, SUMMARY
from orchestration.report.reference import PAGES, commands_page, gates_page, tables_page
from orchestration.report.site import build_dbt_pages, build_site

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
WRITTEN = {"README.md": ROOT / "README.md"} | {str(path.relative_to(ROOT)): path for path in sorted(DOCS.rglob("*.md"))}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("docs") / "site").parent


def test_every_page_of_docs_is_a_page_of_the_site_and_in_its_menu(site: Path) -> None:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    in_menu = set(_leaves(config["nav"]))
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")} | set(PAGES)
    assert in_menu == pages
    assert all((site / name).with_suffix(".html").exists() for name in pages)


def _leaves(nav: object) -> list[str]:
    match nav:
        case str():
            return [nav]
        case dict():
            return [leaf for child in nav.values() for leaf in _leaves(child)]
        case list():
            return [leaf for child in nav for leaf in _leaves(child)]
    raise TypeError(nav)


def test_the_site_asks_nothing_of_another_host(site: Path) -> None:
    asked = re.compile(r"""<(?:script|img|iframe|link)[^>]+(?:src|href)=["']?(https?:)?//[^"' >]+""")
    for page in site.rglob("*.html"):
        found = [match[0] for match in asked.finditer(page.read_text(encoding="utf-8")) if 'rel="canonical"' not in match[0]]
        assert not found, page


def test_dbt_pages_are_one_file_that_names_the_models(tmp_path: Path) -> None:
    page = build_dbt_pages(tmp_path / "dbt").read_text(encoding="utf-8")
    assert all(f"model.boardhouse.{table.name}" in page for table in DATA_TABLES)


def test_every_published_column_has_a_line_and_a_meaning() -> None:
    lines = tables_page().splitlines()
    for table in (*DATA_TABLES, *AUDIT_TABLES):
        section = lines[lines.index(f"## {table.name}") :]
        described = {
            re.sub(r"[*? ]", "", line.split("|")[1]): line.split("|")[3].strip() for line in section if line.startswith("|")
        }
        assert all(described.get(name) for name in table.column_names), table.name


def test_every_gate_has_a_line() -> None:
    page = gates_page()
    assert all(f"| `{gate.gate.split('.', 1)[1]}` |" in page for gate in catalogue(SUITES))


def test_every_command_has_its_help() -> None:
    page = commands_page()
    assert all(f"## {name}\n" in page and f"Usage: boardhouse {name}" in page for name in main.commands)


TABLES = {table.name: set(table.column_names) for table in (*DATA_TABLES, *AUDIT_TABLES, SUMMARY)}


def test_every_table_and_column_of_the_contract_is_there() -> None:
    sections = re.split(r"^\*\*([a-z_]+)\*\*:", (DOCS / "contract.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert named.keys() | {"article_versions"} == TABLES.keys(), "article_versions stands in the section of articles"
    elsewhere = TABLES.keys() | TABLES[SUMMARY.name] | {"_rates"}
    for table, section in named.items():
        head, _, columns = section.split("\n## ")[0].partition("\n| column")
        cells = [line.split("|")[1] for line in columns.splitlines() if line.startswith("| ")]
        inline = [*re.findall(r"\*\*([^*]+)\*\*", head), *re.findall(r"`([a-z_, ?]+)`", head)]
        found = set(re.findall(r"[a-z_]{3,}", " ".join(cells or inline)))
        assert len(found) >= 3, table
        assert found - elsewhere <= TABLES[table], table


@pytest.mark.parametrize("name", WRITTEN)
def test_every_link_to_a_file_leads_to_one(name: str) -> None:
    path = WRITTEN[name]
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists() or target in PAGES or Path(target).name in PAGES, target


@pytest.mark.parametrize("name", WRITTEN)
def test_every_gate_and_column_that_a_page_names_is_there(name: str) -> None:
    tables = {table.name: set(table.column_names) for table in (*DATA_TABLES, *AUDIT_TABLES)}
    gates = {gate.gate for gate in (*catalogue(SUITES), SHARE)}
    prefixes = "|".join({*tables, *(gate.split(".")[0] for gate in gates)})
    for table, column in re.findall(rf"`({prefixes})\.([a-z_]+)`", WRITTEN[name].read_text(encoding="utf-8")):
        assert f"{table}.{column}" in gates or column in tables.get(table, ()), f"{table}.{column}"
