"""`make bench`: every benchmark's rows as tables, with the machine they were measured on.

A benchmark is a `bench_<name>.py` beside this file with a docstring that says what is compared, and `run() -> list[dict]`: a
row per line of its table. Figures are ratios against something run beside them: these machines are noisy, and absolute times
do not carry.

    make bench                 all of them
    make bench ONLY=parse      one
"""

import importlib.util
import os
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def main(names: list[str]) -> int:
    screen = Console(width=160)
    screen.print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}", highlight=False)
    benches = {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}
    if unknown := set(names) - set(benches):
        screen.print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(benches)}")
        return 2
    for name in names or benches:
        module = load(benches[name])
        rows = module.run()
        table = Table(*rows[0], title=f"{name}: {(module.__doc__ or '').strip().splitlines()[0]}", title_justify="left")
        for row in rows:
            table.add_row(*[f"{value:,.3g}" if isinstance(value, float) else str(value) for value in row.values()])
        screen.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
