"""The gates of one day on a large warehouse and a small one, and a full audit of a million rows.

A day's candidate is prepared from the published version and judged by all suites; the same day beside 50 thousand and beside
5 million published rows. What grows is a bug: a day's gates may cost at most 1.2 times as much.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import duckdb

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "unit" / "gates")]

from bench_publish import A_DAY, FIRST_DAY, ROWS_OF_A_DOCUMENT, put  # noqa: E402

from orchestration.build.candidate import prepare_candidate  # noqa: E402
from orchestration.build.run import build  # noqa: E402
from orchestration.gates.catalogue import SUITES, load_suites  # noqa: E402
from orchestration.gates.runner import judge  # noqa: E402
from orchestration.landing.store import Landing  # noqa: E402
from orchestration.scope import BoardDay, Scope  # noqa: E402
from orchestration.settings import Board  # noqa: E402

SIZES = (50_000, 5_000_000)
BOUND = 1.2
AUDITED = 125_000
"""Documents of the audit; with 5 blocks, 2 facts and all else about a million rows in all tables judged."""
ROUNDS = 5


def one_day() -> dict[str, list[float]]:
    """Seconds to read the history of a day and to judge it, beside as many published rows as each of SIZES. It is the same day,
    with the same history and rates, and the rounds alternate, so that a busy moment of the machine strikes both sizes."""
    day = FIRST_DAY + dt.timedelta(days=SIZES[0] // ROWS_OF_A_DOCUMENT // A_DAY - 1)
    board = Board(id="news", name="news", url="http://127.0.0.1/news", first_day=FIRST_DAY)
    scope = Scope("run", day, day, True, (BoardDay("news", day, "complete"),))
    prepared: list[list[float]] = [[] for _ in SIZES]
    judged: list[list[float]] = [[] for _ in SIZES]
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(rows) for rows in SIZES]
        for home, rows in zip(homes, SIZES, strict=True):
            home.mkdir()
            put(home, 0, rows // ROWS_OF_A_DOCUMENT, base=None)
        for _ in range(ROUNDS):
            for size, home in enumerate(homes):
                settings = SimpleNamespace(
                    build=home / "build", published=home / "published", landing=home / "landing", rates=home / "rates"
                )
                started = time.perf_counter()
                candidate = prepare_candidate(settings, [board], scope, Landing(settings.landing)).path  # type: ignore[arg-type]
                prepared[size].append(time.perf_counter() - started)
                build(settings.build / scope.run_id)
                started = time.perf_counter()
                judge(candidate, scope, SUITES)
                judged[size].append(time.perf_counter() - started)
    return {"prepared": [min(took) for took in prepared], "judged": [min(took) for took in judged]}


def audit(documents: int) -> dict[str, float]:
    """Seconds to judge every suite over a hand-made candidate, and the rows judged."""
    from conftest import make_candidate

    with tempfile.TemporaryDirectory() as folder:
        boards = [f"b{n:03}" for n in range(60)]
        path = make_candidate(Path(folder) / "candidate.duckdb", boards)
        copies = documents // (60 * 3)
        with duckdb.connect(str(path)) as connection:
            for suite in load_suites(SUITES):
                columns = {name for name, *_ in connection.execute(f"describe {suite.relation}").fetchall()}
                if "document_id" not in columns:
                    continue
                changed = [f"document_id + i * 100000 as document_id{', fact_id || i as fact_id' * ('fact_id' in columns)}"]
                if suite.relation == "int_listing_rows":
                    changed.append("response_id || i as response_id")
                connection.execute(
                    f"insert into {suite.relation} select t.* replace ({', '.join(changed)})"
                    f" from {suite.relation} as t, range(1, {copies}) as r(i)"
                )
            rows = sum(connection.execute(f"select count(*) from {suite.relation}").fetchone()[0] for suite in load_suites(SUITES))
        days = tuple(BoardDay(board, dt.date(2025, 1, 1) + dt.timedelta(days=n), "complete") for n, board in enumerate(boards))
        scope = Scope("run", days[0].day, days[-1].day, True, days)
        took = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            judge(path, scope, SUITES)
            took.append(time.perf_counter() - started)
        return {"rows": float(rows), "seconds": min(took[1:])}


def run() -> list[dict]:
    """A process per question: the first round of each pays for the import of Great Expectations, and does not count."""
    day, whole = _measured("day"), _measured("audit")
    return [
        _row("judge a day, s", day["judged"], BOUND),
        _row("read its history, s", day["prepared"], "-"),
        {"what": f"audit {whole['rows']:,.0f} rows, s", "50 thousand": "-", "5 million": whole["seconds"],
         "ratio": "-", "bound": "3 s"},
    ]  # fmt: skip


def _row(what: str, took: list[float], bound: object) -> dict:
    small, large = took
    return {"what": what, "50 thousand": small, "5 million": large, "ratio": large / small, "bound": bound}


def _measured(what: str) -> dict:
    found = subprocess.run([sys.executable, __file__, what], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(found.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps({"day": one_day, "audit": lambda: audit(AUDITED)}[sys.argv[1]]()))
