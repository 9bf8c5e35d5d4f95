"""From `git clone` to the first own query, and from a URL to its first published day: the README's commands and nothing else.

Each step runs in a fresh clone of this repository's last commit, with empty package caches. A person's reading and typing
is not in it; the share of the whole says where the machine's time goes.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PORT = 8799
BOARD = f"http://127.0.0.1:{PORT}/news"
QUERY = "select listed_on, title, author from board_rows order by listed_on desc limit 5"

FIRST_QUERY = (("git clone", ["git", "clone", "-q"]), ("make demo", ["make", "demo"]), ("query", ["boardhouse", "query", QUERY]))
FIRST_DAY = (
    ("probe URL", ["boardhouse", "probe", BOARD]),
    ("probe URL --write", ["boardhouse", "probe", BOARD, "--write", "--id", "economy"]),
    ("run", ["boardhouse", "run", "--board", "economy", "--from", "yesterday", "--to", "yesterday"]),
    ("query", ["boardhouse", "query", f"{QUERY.split(' order')[0]} where board_id = 'economy'"]),
)


def run() -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "boardhouse"
        caches = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BOARDHOUSE_")}
        environment = {**kept, **caches}
        rows = _timed("clone → first query", FIRST_QUERY, clone, environment)
        command = [str(clone / ".venv/bin/python"), "-m", "orchestration.demo", "--port", str(PORT)]
        board = subprocess.Popen(command, cwd=clone, env=environment, stdout=subprocess.PIPE)
        try:
            assert board.stdout is not None
            board.stdout.readline()  # it says its address when it answers
            rows += _timed("URL → first published day", FIRST_DAY, clone, environment)
        finally:
            board.send_signal(signal.SIGTERM)
            board.wait()
    return rows


def _timed(way: str, steps: tuple[tuple[str, list[str]], ...], clone: Path, environment: dict[str, str]) -> list[dict[str, object]]:
    seconds = []
    for _, (program, *arguments) in steps:
        began = time.perf_counter()
        if program == "git":
            command, folder = [program, *arguments, str(ROOT), str(clone)], ROOT
        else:
            command, folder = [str(clone / ".venv/bin/boardhouse") if program == "boardhouse" else program, *arguments], clone
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        seconds.append(time.perf_counter() - began)
    whole = sum(seconds)
    rows = [
        {"way": way, "step": name, "seconds": took, "of the whole": took / whole}
        for (name, _), took in zip(steps, seconds, strict=True)
    ]
    return [*rows, {"way": way, "step": "all", "seconds": whole, "of the whole": 1.0}]
