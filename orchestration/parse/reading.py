"""How the pages of one board are read: by its zone, engine and skin.

Here: the one place that puts a board's settings and a landed response together. Not here: reading a page (`page`).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from orchestration.landing.records import Response
from orchestration.parse.identity import with_ids
from orchestration.parse.page import parse_page
from orchestration.parse.records import Page
from orchestration.settings import KST, Board


@dataclass(frozen=True, slots=True)
class Reading:
    """How the pages of one board are read. A board that is no longer configured is read as an unknown one."""

    board_id: str
    url: str | None = None
    zone: ZoneInfo = KST
    engine: str = "auto"
    skin: str = "auto"

    @classmethod
    def of(cls, board: Board) -> "Reading":
        return cls(board.id, board.url, board.zone, board.engine, board.skin)

    @property
    def key(self) -> str:
        told = "\x1f".join((self.url or "", self.zone.key, self.engine, self.skin))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def shown(self, response: Response) -> Page:
        """What a response shows, with the ids that its links carry."""
        return parse_page(
            response.body,
            url=response.url or None,
            status=response.status,
            content_type=response.headers.get("content-type"),
            fetched_at=response.fetched_at,
            zone=self.zone,
            engine=self.engine,
            skin=self.skin,
        )

    def page(self, response: Response) -> Page:
        """As `shown`, with ids also where its source has none."""
        return with_ids(self.shown(response), self.board_id, response.fetched_at, self.zone)


def page_of(boards: Sequence[Board]) -> Callable[[Response], Page]:
    """How a landed response of one of these boards is read."""
    readings = {board.id: Reading.of(board) for board in boards}
    return lambda response: readings[response.board_id].page(response)
