"""Fetching from the bundled board over real sockets, into a landing of its own."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestration.demo.content import DemoBoard, generate
from orchestration.demo.server import DemoServer
from orchestration.fetch.crawl import fetch_range
from orchestration.fetch.known import ScopeRecord, ended, scope_records
from orchestration.fetch.report import FetchReport
from orchestration.landing.store import Landing
from orchestration.settings import Board, Settings

END = dt.date(2026, 11, 20)


@dataclass
class Desk:
    """One home, one server, and runs against it."""

    server: DemoServer
    home: Path
    board: Board
    log: list[str] = field(default_factory=list)
    runs: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(boards=self.home / "boards.yaml", home=self.home, request_timeout_seconds=0.5, max_attempts=3)

    @property
    def landing(self) -> Landing:
        return Landing(self.settings.landing)

    def fetch(self, first: int = 1, last: int = 0, **given: Any) -> FetchReport:
        """A run over the days from `first` to `last` days before the board's end."""
        self.runs += 1
        boards = given.pop("boards", [self.board])
        run_id = given.pop("run_id", f"run-{self.runs}")
        return fetch_range(self.settings, boards, back(first), back(last), self.landing, run_id, log=self.log.append, **given)

    def record(self, run_id: str | None = None, board_id: str = "news") -> ScopeRecord:
        (found,) = ended(scope_records(self.landing.responses(board_id, run_id or f"run-{self.runs}", purposes=["scope"])))
        return found

    def documents(self, run_id: str | None = None) -> set[int]:
        return {document for day in self.record(run_id).days for document in day.documents}

    def true_documents(self, first: int = 1, last: int = 0) -> set[int]:
        return {row.document_id for row in self.server.site.true_rows("news") if back(first) <= row.listed_on <= back(last)}

    def articles(self) -> dict[int, int]:
        """How often each article was answered, over all runs."""
        counts: dict[int, int] = {}
        for entry in self.landing.entries("news"):
            if entry.purpose == "article" and entry.document_id and not (entry.note or "").startswith("unanswered"):
                counts[entry.document_id] = counts.get(entry.document_id, 0) + 1
        return counts

    def states(self, report: FetchReport) -> set[str]:
        return {board_day.state for board_day in report.scope.board_days}


def back(days: int) -> dt.date:
    return END - dt.timedelta(days=days)


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    servers: list[DemoServer] = []

    def make(
        *, posts: int = 300, days: int = 20, seed: int = 7, board: DemoBoard | None = None, options: Any = None, **given: Any
    ) -> Desk:
        server = DemoServer(board or generate(seed, END, days=days, posts=posts), **given)
        servers.append(server.start())
        settings: dict[str, Any] = {"delay_seconds": 0, "first_day": dt.date(2026, 1, 1), **(options or {})}
        return Desk(server, tmp_path, Board(id="news", name="뉴스", url=f"{server.base_url}/news", **settings))

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
