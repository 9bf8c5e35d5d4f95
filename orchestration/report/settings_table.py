"""`docs/settings.md`: every environment variable that boardhouse reads. `python -m orchestration.report.settings_table` prints it.

Here: its layout. Not here: what a setting means or its default (`settings`).
"""

from pathlib import Path

from pydantic.fields import FieldInfo

from orchestration.settings import PER_BOARD, Settings

HEAD = """\
# Settings

Everything that the environment sets, as `orchestration/settings.py` declares it. This page is made by
`python -m orchestration.report.settings_table`; a test compares the two. What a board can set stands in its entry in `boards.yaml`
([add a board](how-to/add-a-board.md)). `boardhouse doctor` names variables that nothing reads; it never prints a value.

| variable | default | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """The page, as Markdown."""
    rows = [
        f"| `BOARDHOUSE_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    rows += [f"| `BOARDHOUSE_{kind}_<ID>` | none | {meaning} |" for kind, meaning in PER_BOARD.items()]
    return HEAD + "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    match field.default:
        case None:
            return "none"
        case bool(value):
            return f"`{str(value).lower()}`"
        case Path() | str() as value:
            return f"`{value}`"
        case value:
            return f"`{value:g}`"


if __name__ == "__main__":
    print(settings_page(), end="")
