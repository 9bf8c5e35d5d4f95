"""What operators decided: to release a board-day, to take refused documents up again, to roll back, to forget a document.

Here: the record of a decision, landed like a response so that everything after the landing can be made again from it, and read back
in order. Not here: what a decision leads to (the step that it is meant for asks for the kinds it knows).
"""

import datetime as dt
import getpass
import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from orchestration.landing.records import Response
from orchestration.landing.store import Landing

Kind = Literal["release", "requeue", "rollback", "forget"]

DECISIONS_BOARD = "_decisions"
"""Where they are landed: no board's folder, so that reading them reads nothing else, and dropping a board drops none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. Which of the fields after `reason` are set depends on the kind:

    release: `board_id`, `day`, `candidate_hash`; requeue: `board_id`, `day`, `documents`, each of them optional (none: all);
    rollback: `version`, the one that is to be current again; forget: `board_id`, `documents`.
    """

    kind: Kind
    at: dt.datetime  # aware, UTC
    by: str
    reason: str
    board_id: str | None = None
    day: dt.date | None = None
    documents: tuple[int, ...] = ()
    version: int | None = None
    candidate_hash: str | None = None

    def to_json(self) -> str:
        raw = asdict(self) | {"at": self.at.astimezone(dt.UTC).isoformat(), "day": self.day and self.day.isoformat()}
        return json.dumps(raw, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Decision":
        raw: dict[str, Any] = json.loads(text)
        day = dt.date.fromisoformat(raw["day"]) if raw["day"] else None
        return cls(**raw | {"at": dt.datetime.fromisoformat(raw["at"]), "day": day, "documents": tuple(raw["documents"])})


def operator() -> str:
    """Who decides: the user of this process and the machine, as `name@host`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number and no name
        name = "unknown"
    return f"{name}@{socket.gethostname()}"


def record_decision(landing: Landing, decision: Decision) -> None:
    """Land `decision`: on return it is on the disk. Raises BoardhouseError when it cannot be written."""
    run_id = f"decision-{decision.at.astimezone(dt.UTC):%Y%m%dT%H%M%S%f}"
    address = f"boardhouse:{decision.kind}"
    with landing.writer(run_id, DECISIONS_BOARD) as spool:
        spool.append(
            Response(
                board_id=DECISIONS_BOARD,
                run_id=run_id,
                purpose="decision",
                url_asked=address,
                url=address,
                status=200,
                headers={},
                fetched_at=decision.at,
                body=decision.to_json().encode(),
                note=f"{decision.by}: {decision.reason}",
            )
        )


def recorded_decisions(landing: Landing, kinds: Sequence[Kind] | None = None) -> list[Decision]:
    """Every landed decision of these kinds (all where none is named), oldest first."""
    found = (Decision.from_json(response.body) for response in landing.responses(DECISIONS_BOARD, purposes=["decision"]))
    return sorted((one for one in found if kinds is None or one.kind in kinds), key=lambda one: one.at)
