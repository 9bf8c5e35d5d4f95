"""`make gates`: make every corruption, judge it, print which gates go red, and write docs/gates-matrix.md; then clean boards.

The exit status is 1 where a gate is not red that should be, or is red that should not.

    make gates                 all corruptions and 200 clean boards
    make gates CLEAN=20        fewer clean boards
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console

from tests.matrix.corruptions import CORRUPTIONS, HARMLESS
from tests.matrix.judged import judge_clean, judge_corruptions
from tests.matrix.shown import PAGE, differs, page, table


def main(clean: int) -> int:
    screen = Console(width=None if sys.stdout.isatty() else 200)
    every = (*CORRUPTIONS, *HARMLESS)
    with tempfile.TemporaryDirectory(prefix="boardhouse-gates-") as folder:
        with screen.status(f"{len(every)} boards, one candidate"):
            red = judge_corruptions(Path(folder) / "corrupted", every)
        screen.print(table(every, red))
        wrong = differs(every, red)
        with screen.status(f"{clean} clean boards"):
            alarms = Counter(result.gate for result in judge_clean(Path(folder) / "clean", clean))
    caught = sum(corruption.gates[0] in {r.gate for r in red[corruption.name]} for corruption in CORRUPTIONS)
    screen.print(f"{caught} of {len(CORRUPTIONS)} corruptions caught; {len(HARMLESS)} oddities, {clean} clean boards")
    for line in wrong:
        screen.print(f"[red]not as written: {line}[/]")
    for gate, count in alarms.most_common():
        screen.print(f"[red]red on clean boards: {gate}, {count} times[/]")
    if not alarms:
        screen.print(f"no gate is red on {clean} clean boards")
    PAGE.write_text(page(), encoding="utf-8")
    screen.print(f"written: {PAGE}")
    return int(bool(wrong or alarms))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
