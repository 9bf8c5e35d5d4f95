"""What README and docs tell people to type works as it stands: hosts and days are put in, nothing else is changed.

Each page gets a home of its own, with 3 days of the bundled board published, and its commands are run in their order.
"""

import datetime as dt
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.workplace import make_settings, run

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))))
VERBS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)

END = dt.date(2026, 3, 15)
DAYS = 3
STAY = {"dev", "serve"}
"""Commands that go on until they are ended; `test_serve.py` and `.ci/run` start them."""


def commands(page: str) -> list[str]:
    """The lines of the page's shell blocks that call boardhouse, without the comment at their end."""
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    lines = [line.strip() for language, block in blocks if language in ("", "sh") for line in block.splitlines()]
    typed = [re.sub(r"\s+# .*$", "", line).removeprefix(".venv/bin/") for line in lines]
    return [line for line in typed if re.search(r"\bboardhouse [a-z]", line) and not line.startswith("#")]


RUN = {page: found for page in PAGES if (found := [line for line in commands(page) if line.split()[1] not in STAY])}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    boards = [generate(seed, END, DAYS, posts=45, mid=mid, lane=lane) for seed, mid, lane in ((3, "news", 0), (4, "economy", 1))]
    with DemoServer(*boards) as started:
        yield started


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, server: DemoServer) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    settings = make_settings(folder, {"id": "demo", "url": f"{server.base_url}/news", "first_day": END - dt.timedelta(days=DAYS)})
    assert run(settings, END - dt.timedelta(days=DAYS - 1), END) == 0
    (folder / "saved").mkdir()
    article = next(row.document_id for row in server.site.true_rows("economy") if row.listed_on == END)
    for name in ("page.html", "saved/article.html"):
        (folder / name).write_bytes(requests.get(f"{server.base_url}/economy/{article}", timeout=10).content)
    return folder


@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_work(
    page: str, tmp_path: Path, prepared: Path, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(prepared, folder, symlinks=True)
    monkeypatch.chdir(folder)
    settings = Settings(boards=folder / "boards.yaml", home=folder / "home")
    monkeypatch.setenv("BOARDHOUSE_BOARDS", str(settings.boards))
    monkeypatch.setenv("BOARDHOUSE_HOME", str(settings.home))
    here = {
        "https://board.example/economy": f"{server.base_url}/economy",
        "2026-11-20": str(END - dt.timedelta(days=1)),
        "2026-11-21": str(END),
        "2026-11-01": str(END - dt.timedelta(days=DAYS - 1)),
        "yesterday": str(END - dt.timedelta(days=1)),
        "today": str(END),
    }
    for line in RUN[page]:
        for shown, meant in here.items():
            line = line.replace(shown, meant)
        if "--board economy" in line:
            add_board(settings.boards, f"{server.base_url}/economy")
        status, said = type_in(line, folder)
        assert status == 0, f"{line}\n{said}"


def add_board(path: Path, url: str) -> None:
    """The board `economy`, where the page did not write it itself; and no delay, which `--write` sets as for a stranger's host."""
    boards = yaml.safe_load(path.read_text(encoding="utf-8"))["boards"]
    if not any(board["id"] == "economy" for board in boards):
        boards.append({"id": "economy", "name": "경제", "url": url, "first_day": END - dt.timedelta(days=DAYS)})
    entries = [{**board, "delay_seconds": 0} for board in boards]
    path.write_text(yaml.safe_dump({"boards": entries}, allow_unicode=True), encoding="utf-8")


def type_in(line: str, folder: Path) -> tuple[int, str]:
    """Exit status and output; in this process where no shell is needed, so that dbt and GX are imported once."""
    if re.search(r"[|<>]\s", re.sub(r'"[^"]*"', "", line)):
        typed = line.replace("boardhouse", str(Path(sys.executable).with_name("boardhouse")))
        done = subprocess.run(["bash", "-c", typed], cwd=folder, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr
    result = CliRunner().invoke(main, shlex.split(line)[1:])
    return result.exit_code, f"{result.output}\n{result.exception or ''}"


def test_every_page_with_a_command_is_run() -> None:
    assert {"README.md", "docs/tutorial.md", "docs/how-to/add-a-board.md", "docs/how-to/read-a-red-gate.md"} <= set(RUN)


@pytest.mark.parametrize("page", PAGES)
def test_the_verbs_commands_and_options_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:`|^ *)make ([a-z]+)", text, re.MULTILINE)) <= VERBS | {"gates"}
    for name, rest in re.findall(r"boardhouse ([a-z]+)((?: [^`\n]*)?)", " ".join(re.findall(r"`+([^`]+)`+", text))):
        assert name in main.commands, name
        known = {option for parameter in main.commands[name].params for option in parameter.opts} | {"--help"}
        if " boardhouse " not in rest:
            assert set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest)) <= known, f"{name}{rest}"
