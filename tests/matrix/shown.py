"""The matrix as a page of the documentation and as a table on the screen.

Here: what is written of each corruption. Not here: running it (`judged`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from orchestration.gates.catalogue import Gate, catalogue
from orchestration.gates.records import GateResult
from orchestration.gates.refusal import SHARE
from tests.matrix.corruptions import CORRUPTIONS, HARMLESS, Corruption
from tests.matrix.world import SUITES

PAGE = Path(__file__).parents[2] / "docs" / "gates-matrix.md"

GATES: Mapping[str, Gate] = {gate.gate: gate for gate in (*catalogue(SUITES), SHARE)}

WHERE = {
    "page": "the page's bytes",
    "board": "the board",
    "reading": "what a parser or the reader of money made of it",
    "published": "what was published before",
    "tables": "what dbt built",
}


def refuses(gate: Gate) -> str:
    if gate.severity == "warning":
        return "nothing: shown"
    return {"document": "the document", "rate": "the rate", "board_day": "the board-day"}[gate.unit]


def page() -> str:
    """docs/gates-matrix.md."""
    lines = [
        "# What the gates catch",
        "",
        f"{len(CORRUPTIONS)} mistakes, each made alone on a clean board where it would arise, then parsed, built and judged as in",
        "a run. `make gates` does it, prints this table, and writes this page; `tests/integration/test_gates_matrix.py` holds that",
        "exactly these gates go red. The gate is the one whose name says what is wrong; what else goes red stands beside it.",
        "",
        "| what goes wrong | made in | gate | severity | refuses | also red |",
        "|---|---|---|---|---|---|",
    ]
    for corruption in CORRUPTIONS:
        gate = GATES[corruption.gates[0]]
        also = ", ".join(f"`{name}`" for name in corruption.gates[1:])
        lines.append(
            f"| {corruption.name} | {corruption.where} | `{gate.gate}` | {gate.severity} | {refuses(gate)} | {also} |".replace(
                "|  |", "| |"
            )
        )
    lines += ["", "Made in: " + "; ".join(f"*{name}*: {words}" for name, words in WHERE.items()) + ".", ""]
    lines += [
        "## What they leave alone",
        "",
        "Real boards do odd things. On none of these does any gate go red, nor on random clean boards of every skin and engine",
        "(`make gates` judges 200):",
        "",
        *(f"- {corruption.name}" for corruption in HARMLESS[1:]),
        "",
    ]
    return "\n".join(lines)


def table(corruptions: Sequence[Corruption], red: Mapping[str, Sequence[GateResult]]) -> Table:
    """What went red, beside what should have."""
    shown = Table("corruption", "made in", "gate", "severity", "refuses", "also red", title_justify="left")
    for corruption in corruptions:
        found = {result.gate for result in red[corruption.name]}
        first, *also = corruption.gates or ("",)
        gate = GATES.get(first)
        beside = [*(f"[dim]{name}[/]" for name in also if name in found)]
        beside += [f"[red]not red: {name}[/]" for name in corruption.gates if name not in found]
        beside += [f"[red]unexpected: {name}[/]" for name in sorted(found - set(corruption.gates))]
        shown.add_row(
            corruption.name,
            corruption.where,
            first or "none",
            gate.severity if gate else "",
            refuses(gate) if gate else "",
            "\n".join(beside),
        )
    return shown


def differs(corruptions: Sequence[Corruption], red: Mapping[str, Sequence[GateResult]]) -> list[str]:
    """One line for each corruption whose red gates are not those written beside it."""
    found = {corruption.name: {result.gate for result in red[corruption.name]} for corruption in corruptions}
    return [
        f"{corruption.name}: red {sorted(found[corruption.name] - set(corruption.gates))}, "
        f"not red {sorted(set(corruption.gates) - found[corruption.name])}"
        for corruption in corruptions
        if found[corruption.name] != set(corruption.gates)
    ]
