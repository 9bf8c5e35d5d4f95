"""Releases and requeues carried out: the decision recorded, the runs that follow from it, and what came of them.

Here: what may be released or taken up again, and in which runs. Not here: what a release lifts (`publish.acceptance`), when a
refused row counts as resolved (`publish.quarantine`), or printing (`operator_commands`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.decisions import Decision, operator, record_decision
from orchestration.errors import BoardhouseError
from orchestration.fetch.due import stretches
from orchestration.landing.store import Landing
from orchestration.publish.reader import HeldDay, RefusedDocument, day_state, refused_documents
from orchestration.settings import Board, Settings


@dataclass(frozen=True, slots=True)
class Requeued:
    """What came of one refused document. `resolution`: of its rows, None where one is refused still; then `gate` and `reason`
    say by what."""

    document: RefusedDocument
    resolution: str | None
    gate: str | None
    reason: str | None


def choose_held_back(settings: Settings, board: Board, day: dt.date, pinned: str | None) -> HeldDay:
    """The held-back board-day that is to be released. Raises BoardhouseError where it is none, could not be judged, or is not
    the content that the operator looked at (`pinned`)."""
    held = day_state(settings.published, board.id, day)
    name = f"{board.id} {day}"
    if held is None:
        raise BoardhouseError(f"{name}: no run has built this day: run it first (boardhouse run --board {board.id} --from {day})")
    if held.state != "held_back":
        raise BoardhouseError(f"{name} is not held back ({held.state}): there is nothing to release")
    if held.unjudged:
        raise BoardhouseError(
            f"{name}: {held.unjudged[0]} could not be judged, and what was not judged is not published: mend that gate, run again"
        )
    if held.candidate_hash is None:
        raise BoardhouseError(f"{name}: the version says no content that could be released: run the day again with --offline")
    if pinned is not None and pinned != held.candidate_hash:
        raise BoardhouseError(
            f"{name}: what is held back now is {held.candidate_hash}, not {pinned}: look at it again (boardhouse status)"
        )
    return held


def release(settings: Settings, board: Board, day: dt.date, held: HeldDay, reason: str) -> HeldDay:
    """Record the release of exactly this content, build the day anew from the landing, and publish it where it is the same.
    Returns the day's state afterwards."""
    from orchestration.run import run_days

    now = dt.datetime.now(dt.UTC)
    decision = Decision("release", now, operator(), reason, board_id=board.id, day=day, candidate_hash=held.candidate_hash)
    record_decision(Landing(settings.landing), decision)
    run_days(settings, (board,), day, day, offline=True)
    after = day_state(settings.published, board.id, day)
    assert after is not None  # no version takes a board-day out
    return after


def choose_refused(
    settings: Settings, boards: Sequence[Board], day: dt.date | None, documents: Sequence[int]
) -> list[RefusedDocument]:
    """The refused documents that are meant. Raises BoardhouseError where there is none, or one of `documents` is not refused."""
    ids = {board.id for board in boards}
    found = [
        one
        for one in refused_documents(settings.published)
        if one.board_id in ids and day in (None, one.day) and (not documents or one.document_id in documents)
    ]
    if missing := sorted(set(documents) - {one.document_id for one in found}):
        raise BoardhouseError(f"document {missing[0]} is not among the refused ones: boardhouse status lists them")
    if not found:
        raise BoardhouseError("no document is refused there: boardhouse status lists those that are")
    return found


def requeue(
    settings: Settings,
    boards: Sequence[Board],
    asked: Decision,
    chosen: Sequence[RefusedDocument],
) -> tuple[list[Requeued], bool]:
    """Record that these are taken up again, and run their board-days from the landing. Returns what came of each, and whether
    every run was green."""
    from orchestration.run import run_days

    record_decision(Landing(settings.landing), asked)
    is_green = True
    for stretch in stretches({(one.board_id, one.day) for one in chosen}):
        taken = [board for board in boards if board.id in stretch.boards]
        is_green &= run_days(settings, taken, stretch.from_on, stretch.to_on, offline=True) == 0
    after = {(one.board_id, one.document_id): one for one in refused_documents(settings.published)}
    resolved = {(one.board_id, one.document_id): one.resolution for one in refused_documents(settings.published, is_open=False)}
    outcome: list[Requeued] = []
    for one in chosen:
        key = (one.board_id, one.document_id)
        still = after.get(key)
        outcome.append(
            Requeued(one, None, still.gate, still.reason) if still else Requeued(one, resolved.get(key, "superseded"), None, None)
        )
    return outcome, is_green
