"""Small pictures and tables, as Markdown, for people who look at a run.

Here: how a summary looks: bars of numbers, a strip of states, a table. Not here: what is counted, or where it is shown (`defs`). A
picture is an SVG in a `data:` address: nothing is fetched to see it. Dagster shows Markdown of less than 1,000 characters at its
place and a button for more, so pictures are drawn in few strokes.
"""

import base64
from collections.abc import Iterable, Sequence
from itertools import groupby

COLOURS = {"good": "#21a67a", "warning": "#e0a400", "bad": "#d13b3b", "none": "#b8bcc4", "number": "#5b6ee1"}
STEP = 8
"""Pixels from one bar, or day, to the next."""
HEIGHT = 32


def bars(values: Sequence[float], says: str) -> str:
    """A bar for each value, the last in a colour of its own. `says`: what the picture shows, for those who do not see it."""
    top = max([*values, 1])
    heights = [round((HEIGHT - 2) * max(value, 0) / top) for value in values]
    strokes = [f"M{STEP * n + 4} {HEIGHT}V{HEIGHT - height}" for n, height in enumerate(heights) if height]
    ends_in_one = bool(heights and heights[-1])
    before, last = ("".join(strokes[:-1]), strokes[-1]) if ends_in_one else ("".join(strokes), "")
    drawn = [(COLOURS["none"], before), (COLOURS["number"], last)]
    return _picture(drawn, 6, max(len(values), 1) * STEP, says)


def strip(states: Sequence[str], says: str) -> str:
    """A line of days, each in the colour of its state: good, warning, bad or none."""
    strokes: dict[str, str] = {}
    at = 0
    for state, same in groupby(states):
        length = len(list(same)) * STEP
        strokes[state] = strokes.get(state, "") + f"M{at} {HEIGHT // 2}h{length - 1}"
        at += length
    return _picture([(COLOURS[state], path) for state, path in strokes.items()], HEIGHT // 2, max(at, STEP), says)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _picture(strokes: Iterable[tuple[str, str]], stroke_width: int, width: int, says: str) -> str:
    paths = "".join(f'<path stroke="{colour}" d="{path}"/>' for colour, path in strokes if path)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" stroke-width="{stroke_width}">'
    encoded = base64.b64encode(f"{head}{paths}</svg>".encode()).decode()
    return f"![{says}](data:image/svg+xml;base64,{encoded})"
