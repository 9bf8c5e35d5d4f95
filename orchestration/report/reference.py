"""The reference pages of the documentation, as Markdown: tables, gates and commands as the code has them.

Here: their layout. Not here: what a column means (`dictionary`, the dbt models), what a gate promises (`expectations/`), what a
command does (its `--help`), and no import of MkDocs.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

import click

from orchestration.cli import main
from orchestration.gates.catalogue import SUITES, Gate, catalogue
from orchestration.gates.refusal import SHARE
from orchestration.report.dictionary import TableEntry, dictionary


def tables_page() -> str:
    """Every published table and column. Raises BoardhouseError where the dbt manifest is missing."""
    head = (
        "# Tables and columns\n\n"
        "Read off the dbt models' contracts and the schema that publish creates. Keys are **bold**, `?` marks what may be null. "
        "What stays the same from release to release is promised in the [contract](contract.md).\n"
    )
    return head + "\n".join(_table(entry) for entry in dictionary())


def _table(entry: TableEntry) -> str:
    lines = [f"\n## {entry.name}\n", f"{entry.meaning}\n", "| column | type | meaning |", "|---|---|---|"]
    for column in entry.columns:
        name = f"**{column.name}**" if column.is_key else f"{column.name}{' ?' if column.is_nullable else ''}"
        lines.append(f"| {name} | {column.type} | {_cell(column.meaning)} |")
    return "\n".join(lines) + "\n"


def gates_page() -> str:
    """Every gate of every suite, with what red means."""
    gates = (*catalogue(SUITES), SHARE)
    critical = sum(gate.severity == "critical" for gate in gates)
    head = (
        "# The gates\n\n"
        f"All {len(gates)} of them, read off the suites in `expectations/`; {critical} are critical: they refuse a document or "
        "hold a board-day back. A warning shows ([gates](gates.md)). Red? [Here is what to do](how-to/read-a-red-gate.md).\n\n"
        'The same suites as Great Expectations draws them, with what they say of the newest days: <a href="../gx/index.html">Data '
        "Docs</a>, which `make docs` builds beside this site.\n"
    )
    suites = groupby(gates, key=lambda gate: gate.suite)
    return head + "\n".join(_suite(name, list(members)) for name, members in suites)


def _suite(name: str, gates: list[Gate]) -> str:
    lines = [
        f"\n## {name}\n",
        f"Judges `{gates[0].relation}`.\n",
        "| gate | promises | red refuses | what red means, and who looks |",
        "|---|---|---|---|",
    ]
    lines += (_line(gate) for gate in gates)
    return "\n".join(lines) + "\n"


def _line(gate: Gate) -> str:
    name = gate.gate.removeprefix(f"{gate.suite}.")
    return f"| `{name}` | {_cell(gate.promise)} | {gate.effect} | {_cell(gate.reason)} ({gate.owner}) |"


def commands_page() -> str:
    """Every command's own help."""
    head = (
        "# Commands\n\nWhat `boardhouse COMMAND --help` prints. Exit status: 0 done, 1 something failed or was held back, "
        "2 wrong usage or configuration, 130 interrupted.\n"
    )
    return head + "\n".join(_commands())


def _commands() -> Iterator[str]:
    context = click.Context(main, info_name="boardhouse", terminal_width=100)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        shown = command.get_help(click.Context(command, info_name=name, parent=context, terminal_width=100))
        yield f"\n## {name}\n\n```text\n{shown}\n```\n"


def _cell(text: str) -> str:
    """In a table a line is a row and a bar ends a cell."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


PAGES: Mapping[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "gate-catalogue.md": gates_page,
    "commands.md": commands_page,
}
