"""A run's scope: the board-days that dbt, gates and publish replace, and the listings that the run read.

Here: the one type that fetch (or the offline selector) hands down the flow, and its file. Not here: how a day is found to be
complete (`fetch`), or what is done with it (`build`, `gates`, `publish`).
"""

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

State = Literal["complete", "ingested", "failed"]
"""complete: every list page that can hold the day was read and every article asked has an answer; ingested: only saved pages
are known, merged row by row; failed: neither, so the day is not built and its data stays as it was."""


@dataclass(frozen=True, slots=True)
class BoardDay:
    board_id: str
    day: dt.date
    state: State
    reason: str | None = None  # for failed: what an operator reads


@dataclass(frozen=True, slots=True)
class Scope:
    """What one run covers. `listings`: ids of the responses whose lists the run read, in the order read; the suite on
    listings judges these and no others."""

    run_id: str
    from_on: dt.date
    to_on: dt.date
    offline: bool
    board_days: tuple[BoardDay, ...]
    listings: tuple[str, ...] = field(default=())

    @property
    def boards(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(bd.board_id for bd in self.board_days))

    @property
    def built(self) -> tuple[BoardDay, ...]:
        """The board-days that are built and judged."""
        return tuple(bd for bd in self.board_days if bd.state != "failed")

    @property
    def failed(self) -> tuple[BoardDay, ...]:
        return tuple(bd for bd in self.board_days if bd.state == "failed")

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Scope":
        raw = json.loads(text)
        days = tuple(BoardDay(d["board_id"], dt.date.fromisoformat(d["day"]), d["state"], d["reason"]) for d in raw["board_days"])
        return cls(
            run_id=raw["run_id"],
            from_on=dt.date.fromisoformat(raw["from_on"]),
            to_on=dt.date.fromisoformat(raw["to_on"]),
            offline=raw["offline"],
            board_days=days,
            listings=tuple(raw["listings"]),
        )

    def write(self, run_dir: Path) -> Path:
        """Write `scope.json` into the run's folder, whole or not at all."""
        run_dir.mkdir(parents=True, exist_ok=True)
        path = run_dir / "scope.json"
        temporary = path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(self.to_json())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        return path

    @classmethod
    def read(cls, run_dir: Path) -> "Scope":
        return cls.from_json((run_dir / "scope.json").read_text(encoding="utf-8"))
