"""What a fetch gives back: the run's scope, and what it took.

Here: the report and its counts. Not here: how they come about (`board`), or how Dagster shows them (`defs`).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from orchestration.scope import Scope

OnProgress = Callable[[str, int, int | None, str], None]
"""(board id, requests done, about how many are expected, what it is doing); called from the board's own thread."""


def no_progress(board_id: str, done: int, expected: int | None, doing: str) -> None:
    """Shows nothing."""


@dataclass(slots=True)
class BoardStats:
    """Counts of one board in one run. `unchanged`: listed articles that were not due; `taken_over`: answers of an unfinished
    earlier run that were not asked for again; `bytes`: bodies as served, decompressed; `rereads`: list pages that moved."""

    strategy: str = ""
    requests: int = 0
    pages: int = 0
    articles: int = 0
    bytes: int = 0
    retries: int = 0
    rereads: int = 0
    waits_seconds: float = 0.0
    unchanged: int = 0
    vanished: int = 0
    taken_over: int = 0
    clock_skew_seconds: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        """The counts in one line, for the log."""
        parts = [f"{self.requests} requests", f"{self.pages} list pages", f"{self.articles} articles", f"{self.bytes / 1e6:.1f} MB"]
        parts += [f"{self.retries} retries", f"{self.waits_seconds:.1f} s of waits", f"{self.unchanged} articles unchanged"]
        parts += [f"{self.taken_over} answers taken over from an unfinished run"] if self.taken_over else []
        return ", ".join(parts)

    def as_metadata(self) -> dict[str, float | int | str]:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class FetchReport:
    """`stats`: per board id, plain values for metadata; `listed`: how many documents the lists show, by board and day."""

    scope: Scope
    stats: Mapping[str, Mapping[str, float | int | str]]
    listed: Mapping[tuple[str, dt.date], int] = field(default_factory=dict)
