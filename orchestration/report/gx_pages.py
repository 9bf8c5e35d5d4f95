"""Great Expectations' Data Docs of what is published: the suites, judged anew from the landing.

Here: which board-days are judged for it, and where the pages go. Not here: what a page says or looks like (`gates.data_docs`).

What the suites judge are tables of a candidate, which goes when its run ends. So one is built anew, offline, in a folder of the
runs' own kind; it takes no lock of a publish, writes nothing that is published, and goes when the pages are drawn.
"""

import datetime as dt
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from orchestration.build.candidate import prepare_candidate
from orchestration.build.folder import claim, release
from orchestration.build.run import CANDIDATE, build
from orchestration.errors import BoardhouseError
from orchestration.fetch.offline import offline_scope
from orchestration.forget.landed import forgotten_documents
from orchestration.gates.catalogue import SUITES, load_suites
from orchestration.landing.store import Landing
from orchestration.parse.reading import page_of
from orchestration.publish import versions
from orchestration.publish.reader import query
from orchestration.scope import Scope
from orchestration.settings import KST, Settings

MOST_BOARD_DAYS = 14
"""The newest ones that a run judged: their candidate is built in seconds, however long the history."""

NOT_A_VERDICT = (
    "Each table is judged as a whole here: also rows that are charged to none of these board-days (rates of other days), and days "
    "with too little history to compare with. What a run decided of each board-day stands in the table gate_results, and on the "
    "asset verdicts in the Dagster UI."
)
ONLY_PROMISES = "so nothing is judged: these pages say what is promised, and no more."
NO_RUN = f"Nothing is published yet, {ONLY_PROMISES} After a run, make docs shows the results too."
NOT_LANDED = f"Of the newest board-days that were published no page is landed here, {ONLY_PROMISES}"


def build_gx_pages(settings: Settings, folder: Path) -> Path:
    """The pages, in `folder`, where they take the place of those before; the first of them.

    Raises BoardhouseError (one line) where the landing or what is published cannot be read; the pages before stay.
    """
    from orchestration.gates.data_docs import write_data_docs  # imports Great Expectations

    landing = Landing(settings.landing)
    started = dt.datetime.now(dt.UTC)
    scratch = claim(settings.build, f"docs-{started:%Y%m%dT%H%M%SZ}-{os.getpid()}")
    try:
        while True:
            gone = forgotten_documents(landing)
            scope, about = _scope(settings, landing, scratch.name)
            candidate = _candidate(settings, scope, landing) if scope.built else None
            drawn = scratch / "gx"
            at = f"Drawn on {started.astimezone(KST):%Y-%m-%d %H:%M} KST."
            write_data_docs(drawn, load_suites(SUITES), candidate, [*about, at])
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            drawn.replace(folder)
            if forgotten_documents(landing) == gone:
                return folder / "index.html"
            # A takedown that was decided meanwhile removed the pages before these, which may show what is to go.
            shutil.rmtree(folder)
    except OSError as error:
        raise BoardhouseError(f"{folder}: Data Docs cannot be written there: {error}") from None
    finally:
        release(scratch)


def _scope(settings: Settings, landing: Landing, run_id: str) -> tuple[Scope, Sequence[str]]:
    """The newest board-days that the current version has from a run, as far as they are landed, and what the first page says."""
    nothing = Scope(run_id, dt.date.min, dt.date.min, offline=True, board_days=())
    version = versions.current_version(settings.published)
    if version is None:
        return nothing, [NO_RUN]
    boards = settings.load_boards()
    judged = query(
        settings.published,
        "select board_id, day, state from board_days where state in ('published', 'held_back')"
        f" order by day desc, board_id limit {MOST_BOARD_DAYS}",
    ).records
    newest = {(board_id, day): state for board_id, day, state in judged}
    days = [day for _, day in newest]
    if not days:
        return nothing, [NO_RUN]
    scope = offline_scope(settings, boards, min(days), max(days), landing, run_id, page_of(boards))
    built = tuple(board_day for board_day in scope.built if (board_day.board_id, board_day.day) in newest)
    if not built:
        return nothing, [NOT_LANDED]
    held = sum(newest[board_day.board_id, board_day.day] == "held_back" for board_day in built)
    names = ", ".join(dict.fromkeys(board_day.board_id for board_day in built))
    about = (
        f"Judged: the newest {len(built)} board-days (at most {MOST_BOARD_DAYS}), {min(d.day for d in built)} to "
        f"{max(d.day for d in built)}, of {names}, built anew from the landing beside version {version}"
        + (f"; {held} of them held back." if held else ".")
    )
    return replace(scope, board_days=built), [about, NOT_A_VERDICT]


def _candidate(settings: Settings, scope: Scope, landing: Landing) -> Path:
    prepare_candidate(settings, settings.load_boards(), scope, landing)
    build(settings.build / scope.run_id)
    return settings.build / scope.run_id / CANDIDATE
