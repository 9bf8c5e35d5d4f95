"""The landing without the documents that operators had forgotten: as it is now, and as it grows.

Here: which documents those are, and changing landed responses accordingly. Not here: what a page keeps (`pages`), or how files are
written (`landing`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.decisions import recorded_decisions
from orchestration.effects import Effects
from orchestration.forget.pages import scrub
from orchestration.landing.records import Response
from orchestration.landing.rewriting import Change, rewrite_sealed
from orchestration.landing.store import Landing
from orchestration.parse.identity import with_ids
from orchestration.parse.page import parse_page
from orchestration.parse.records import Page
from orchestration.settings import KST, Board, Settings


@dataclass(slots=True)
class Rewritten:
    """What was done to the landing. `pages`: responses blanked in part, `emptied`: those of which only the record is left;
    `damaged`: spools of unreadable bytes that were removed, for nobody can tell what they hold; `busy`: runs whose own spool holds
    pages as they came until they end."""

    files: list[Path] = field(default_factory=list)
    pages: int = 0
    emptied: int = 0
    damaged: list[Path] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)


def forgotten_documents(landing: Landing) -> dict[str, frozenset[int]]:
    """Every document that was ever taken down, by board."""
    found: dict[str, set[int]] = {}
    for decision in recorded_decisions(landing, ["forget"]):
        found.setdefault(decision.board_id or "", set()).update(decision.documents)
    return {board_id: frozenset(documents) for board_id, documents in found.items()}


def forgetting(settings: Settings, landing: Landing) -> Change | None:
    """What every response goes through before it is sealed: None where nothing was ever forgotten."""
    documents = forgotten_documents(landing)
    return change_of(settings, documents, dt.datetime.now(dt.UTC)) if documents else None


def change_of(settings: Settings, documents: dict[str, frozenset[int]], at: dt.datetime) -> Change:
    boards = {board.id: board for board in settings.load_boards()}

    def change(response: Response) -> Response:
        gone = documents.get(response.board_id)
        if not gone:
            return response
        scrubbed = scrub(response, gone, lambda given: page_of(given, boards.get(response.board_id)), at)
        return scrubbed.response if scrubbed.is_changed else response

    return change


def page_of(response: Response, board: Board | None) -> Page:
    """As `build` reads it; a board that is no longer configured is read as an unknown one."""
    zone = board.zone if board else KST
    page = parse_page(
        response.body,
        url=response.url,
        status=response.status,
        content_type=response.headers.get("content-type"),
        fetched_at=response.fetched_at,
        zone=zone,
        engine=board.engine if board else "auto",
        skin=board.skin if board else "auto",
    )
    return with_ids(page, response.board_id, response.fetched_at, zone)


def rewrite_landing(
    settings: Settings, landing: Landing, board_id: str, documents: Collection[int], at: dt.datetime, effects: Effects
) -> Rewritten:
    """Take these documents out of everything landed of their board. Repeating it, also after a crash, goes on where it stopped."""
    done = Rewritten()
    counted: Counter[bool] = Counter()
    inner = change_of(settings, {board_id: frozenset(documents)}, at)

    def change(response: Response) -> Response:
        return inner(response)

    landing.seal(change)
    done.busy = sorted(run_id for run_id, busy in landing.writing() if busy == board_id)
    for path, _ in rewrite_sealed(landing.sealed_files(board_id), _counting(change, counted), effects):
        done.files.append(path)
    # Each changed response is met twice, when it is looked for and when it is written.
    done.emptied, done.pages = counted[True] // 2, counted[False] // 2
    for spool in sorted((landing.folder / "damaged").glob(f"*.{board_id}*.zst")):
        effects.remove(spool)
        done.damaged.append(spool)
    return done


def _counting(change: Change, counted: Counter[bool]) -> Change:
    def counting(response: Response) -> Response:
        changed = change(response)
        if changed is not response:
            counted[not changed.body] += 1
        return changed

    return counting
