"""One response as it came.

Here: the landed record and its identity. Not here: storage (`spool`, `sealed`), meaning (`parse`).
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Purpose = Literal["list", "article", "robots", "rates", "ingest", "scope", "decision"]
"""Why it was landed. `scope`: no response but a run's finished scope (JSON), so that a later offline run knows which days
were read completely; `ingest`: a saved page handed over by an operator; `decision`: what an operator decided (JSON)."""

RATES_BOARD = "_rates"
"""Stands for the exchange rates, which belong to no board, wherever a board is named."""


@dataclass(frozen=True, slots=True)
class Response:
    """Bytes, status, headers, URL asked and answered, time. `headers`: lower-case names, no cookies and no credentials;
    `fetched_at`: aware, UTC; `note`: why this request was made, in a few words."""

    board_id: str
    run_id: str
    purpose: Purpose
    url_asked: str
    url: str  # answered, after redirects
    status: int
    headers: Mapping[str, str]
    fetched_at: dt.datetime
    body: bytes
    sweep: str | None = None  # names the strategy's pass over a board that this list page belongs to
    note: str | None = None
    document_id: int | None = None  # the document asked for, where one was
    response_id: str = field(default="")

    def __post_init__(self) -> None:
        if self.fetched_at.tzinfo is None:
            raise ValueError("fetched_at must carry its zone")
        if not self.response_id:
            object.__setattr__(self, "response_id", self._identity())

    def _identity(self) -> str:
        """Of the content, so that landing the same response twice (a crash between write and seal, a page ingested twice)
        adds nothing."""
        stamp = self.fetched_at.astimezone(dt.UTC).isoformat()
        head = "\x1f".join((self.board_id, self.purpose, self.url_asked, self.url, str(self.status), stamp))
        return hashlib.sha256(head.encode() + b"\x1f" + self.body).hexdigest()[:32]
