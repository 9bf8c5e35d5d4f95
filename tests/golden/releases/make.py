"""Make `<version>.tar.xz` beside this file: what this release lands and publishes, for later releases to read and migrate.

    .venv/bin/python tests/golden/releases/make.py

Run once for each release, with its code, before its tag; an archive that is there is never made again, for then it would be no
release's any more. In it: `boards.yaml`, `home/landing` and `home/published` of a small bundled board after two runs over three
days, with a title corrected between them, an article edited and read again, a post gone, a document refused,
and another taken down.
"""

import dataclasses
import datetime as dt
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))

from orchestration.decisions import Decision  # noqa: E402
from orchestration.demo.content import KST, generate  # noqa: E402
from orchestration.demo.server import DemoServer  # noqa: E402
from orchestration.forget.carry_out import forget  # noqa: E402
from tests.support.workplace import make_settings, rows, run  # noqa: E402

END = dt.date(2026, 3, 15)
DAYS = [END - dt.timedelta(days=n) for n in (2, 1, 0)]
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)


def main() -> None:
    archive = HERE / f"{version('boardhouse')}.tar.xz"
    if archive.exists():
        sys.exit(f"{archive} is there already: it is what that release wrote")
    board = generate(seed=11, end_day=END, days=3, posts=36)
    with tempfile.TemporaryDirectory() as name, DemoServer(board, now=lambda: NOON) as server:
        folder = Path(name)
        settings = make_settings(folder, {"id": "demo", "url": server.url})
        assert run(settings, DAYS[0], DAYS[1]) == 0
        by_day = {day: [post for post in board.listed if post.regdate.date() == day] for day in DAYS}
        edited, retitled, gone, forgotten = by_day[DAYS[1]][:4]
        refused = by_day[DAYS[2]][0]
        # The list shows the new title, so the article is read again.
        board.change(edited.srl, title=retitled.title, body=retitled.body)
        board.change(retitled.srl, title=dataclasses.replace(retitled.title, text="고친 제목"))
        board.remove(gone.srl)
        board.change(refused.srl, title=dataclasses.replace(refused.title, text="제\ufffd목"))
        assert run(settings, DAYS[1], DAYS[2]) == 0
        assert rows(settings, "select count(*) > 0 from quarantine") == [(True,)]
        decision = Decision("forget", dt.datetime.now(dt.UTC), "make.py", "a takedown", board_id="demo", documents=(forgotten.srl,))
        forget(settings, decision, blank_events=lambda *given: 0)
        with tarfile.open(archive, "w:xz", preset=9) as tar:
            for path in (Path("boards.yaml"), Path("home", "landing"), Path("home", "published")):
                tar.add(folder / path, str(path))
    print(archive, archive.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
