"""A takedown, from the decision to the last copy: each step can be stopped anywhere, and running it again completes it.

Here: the order of the steps, and the copies that are neither landing nor version: the parse cache, folders of dead runs, the
reports of gates. Not here: pages (`pages`), the landing (`landed`), versions (`publish.takedown`), Dagster (`defs.takedown`).

The decision is landed first. From then on no candidate takes the documents, no publish lets them in, and what is sealed is without
them, so a run that is under way cannot bring them back.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.build.folder import PARSE_CACHE, clear_dead
from orchestration.decisions import Decision, record_decision
from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.forget.landed import Rewritten, change_of, forgotten_documents, rewrite_landing
from orchestration.landing.store import Landing
from orchestration.publish.takedown import TakenDown, is_known, take_down
from orchestration.settings import Settings


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a takedown did. `cached`: files of the parse cache that went; `events`: records of Dagster that were blanked."""

    landing: Rewritten
    published: TakenDown
    cached: int
    events: int


def forget(
    settings: Settings,
    decision: Decision,
    *,
    blank_events: Callable[[str, Sequence[int], Effects], int],
    effects: Effects | None = None,
) -> Forgotten:
    """Take the documents of `decision` down. `blank_events`: does so in Dagster's records.

    Raises BoardhouseError (one line) for a document that nothing is known of, or where a file cannot be read or written; what was
    done stays, and running it again goes on from there.
    """
    effects = effects or Effects()
    assert decision.board_id is not None
    board_id, documents = decision.board_id, decision.documents
    landing = Landing(settings.landing, effects)
    if missing := set(documents) - forgotten_documents(landing).get(board_id, frozenset()):
        _check_known(settings, landing, board_id, missing)
        record_decision(landing, decision)
    rewritten = rewrite_landing(settings, landing, board_id, documents, decision.at, effects)
    taken = take_down(settings.published, board_id, documents, now=decision.at, effects=effects)
    cached = _clear_cache(settings.build / PARSE_CACHE, landing, board_id, effects)
    clear_dead(settings.build)
    reports = settings.home / "docs" / "gx"
    if reports.exists():
        effects.remove(reports)
    events = blank_events(board_id, documents, effects)
    if taken.damaged is not None:
        raise BoardhouseError(
            f"version {taken.damaged} is current and damaged, so it may still hold what was to go: publish another "
            "(boardhouse rebuild, or rollback), then run this again; everything else is done"
        )
    return Forgotten(rewritten, taken, cached, events)


def _check_known(settings: Settings, landing: Landing, board_id: str, documents: set[int]) -> None:
    """A wrong number would be forgotten for good, and the right document stay."""
    unknown = documents - is_known(settings.published, board_id, documents)
    for number in sorted(unknown):
        if any(entry.document_id == number for entry in landing.entries(board_id)):
            continue
        change = change_of(settings, {board_id: frozenset({number})}, dt.datetime.now(dt.UTC))
        if not any(change(response) is not response for response in landing.responses(board_id)):
            raise BoardhouseError(
                f"no document {number} of {board_id} is landed or published: look the number up "
                "(boardhouse query \"select document_id, title from board_rows where title like '%…%'\")"
            )


def _clear_cache(cache: Path, landing: Landing, board_id: str, effects: Effects) -> int:
    """Remove what was read from files that are no longer as they were, by every version of the parsers."""
    current = set()
    for sealed in landing.sealed_files(board_id):
        stat = sealed.stat()
        current.add(f"{sealed.parent.name}.{sealed.stem}.{stat.st_size:x}.{stat.st_mtime_ns:x}.parquet")
    stale = [path for path in sorted(cache.glob(f"*/board_id={board_id}/*/*")) if path.name not in current]
    for path in stale:
        effects.remove(path)
    return len(stale)
