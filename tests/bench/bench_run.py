"""A run of the whole graph over the demo's days, offline: one day and sixty, in a warm process.

What counts is the ratio of sixty days to one, the time of one day in a warm process (the aim: 12 s) and the peak memory (1 GB).
"""

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DAYS = 60


def run() -> list[dict[str, object]]:
    """Each home is filled in a process of its own, so that the peak is that of the runs."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("fill", "measure"):
            done = subprocess.run([sys.executable, __file__, step, folder], check=True, capture_output=True, text=True)
    figures = dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    one, sixty, fresh = (float(figures[name]) for name in ("one", "sixty", "fresh"))
    return [
        {"run": "1 day, fresh process", "seconds": fresh, "of 1 day": fresh / one},
        {"run": "1 day, warm process", "seconds": one, "of 1 day": 1.0},
        {"run": f"{DAYS} days, warm process", "seconds": sixty, "of 1 day": sixty / one},
        {"run": "peak memory, MB", "seconds": float(figures["peak"]), "of 1 day": ""},
    ]


def main(step: str, folder: Path) -> None:
    started = time.perf_counter()
    from orchestration.demo.content import generate
    from orchestration.demo.server import DemoServer
    from orchestration.run import run_days
    from tests.support.workplace import make_settings

    last = dt.date(2026, 3, 15)
    first = last - dt.timedelta(days=DAYS - 1)
    with DemoServer(generate(seed=1, end_day=last, days=DAYS)) as server:
        settings = make_settings(folder, {"id": "demo", "url": server.url, "first_day": first})
        boards = settings.load_boards()
        if step == "fill":
            assert run_days(settings, boards, first, last, offline=False) == 0
            return
        day = last - dt.timedelta(days=3)
        for name, begin, end in (("fresh", day, day), ("one", day, day), ("sixty", first, last)):
            assert run_days(settings, boards, begin, end, offline=True) == 0
            print(f"{name}\t{time.perf_counter() - started:.2f}")
            started = time.perf_counter()
    print(f"peak\t{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1], Path(sys.argv[2]))
