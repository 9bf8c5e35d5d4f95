"""What earlier runs landed of a board: which articles were read and when, which days they set out to read and which they read
completely, which documents they saw under which day.

Here: the index over the landing, and whether an article is due. Not here: requests, or parsing.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.landing.records import Response
from orchestration.landing.sealed import Entry
from orchestration.parse.records import Row
from orchestration.scope import State
from orchestration.settings import Board

UNANSWERED = "unanswered"
"""First word of the note of a landed response that was no answer: an error page, a truncated body, a login form."""

_ROW_MARK = re.compile(r"\[row ([0-9a-f]{8})\]")


@dataclass(frozen=True, slots=True)
class Known:
    """The readings of one article so far. `row_mark`: of its row when it was last asked."""

    first_at: dt.datetime
    last_at: dt.datetime
    row_mark: str | None


def row_mark(row: Row) -> str:
    """Changes when the list shows a change of the post: title, day, author, category, secrecy. Counts do not count."""
    text = json.dumps([row.title, str(row.listed_on), row.author, row.category, row.is_secret], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def note_with_mark(why: str, mark: str | None) -> str:
    return f"{why} [row {mark}]" if mark else why


def index(entries: Iterable[Entry]) -> dict[int, Known]:
    """Articles that were answered, by document; `entries` in any order."""
    known: dict[int, Known] = {}
    for entry in entries:
        if entry.purpose != "article" or entry.document_id is None or (entry.note or "").startswith(UNANSWERED):
            continue
        found = _ROW_MARK.search(entry.note or "")
        mark = found[1] if found else None
        before = known.get(entry.document_id)
        if before is None:
            known[entry.document_id] = Known(entry.fetched_at, entry.fetched_at, mark)
        else:
            is_later = entry.fetched_at >= before.last_at
            known[entry.document_id] = Known(
                min(before.first_at, entry.fetched_at),
                max(before.last_at, entry.fetched_at),
                (mark or before.row_mark) if is_later else before.row_mark,
            )
    return known


def why_due(known: Known | None, mark: str | None, ages: Sequence[dt.timedelta], now: dt.datetime) -> str | None:
    """Why an article is to be asked for now, in a few words; None when it is not. `mark`: of its row as it was seen last."""
    if known is None:
        return "new"
    if mark is not None and known.row_mark is not None and known.row_mark != mark:
        return "the list shows a change"
    return next((f"refresh after {_age(age)}" for age in ages if known.last_at < known.first_at + age <= now), None)


def _age(age: dt.timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    for size, letter in ((1440, "d"), (60, "h")):
        if minutes % size == 0:
            return f"{minutes // size} {letter}"
    return f"{minutes} min"


@dataclass(frozen=True, slots=True)
class DayRecord:
    """What one run found of one board-day. `documents`: those that it lists."""

    day: dt.date
    state: State
    reason: str | None
    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ScopeRecord:
    """A run's scope of one board, as landed: at its start what it sets out to read (`has_ended` false, every day failed), at its
    end what came of it. `listings`: (response id, days of its posts), in the order read; `outside`: the documents that its lists
    showed under days outside its range, by day, with the marks of their rows."""

    run_id: str
    at: dt.datetime
    strategy: str
    days: tuple[DayRecord, ...]
    listings: tuple[tuple[str, tuple[dt.date, ...]], ...] = ()
    stats: dict[str, Any] = field(default_factory=dict)
    outside: Mapping[dt.date, Mapping[int, str]] = field(default_factory=dict)
    has_ended: bool = True

    @classmethod
    def opening(cls, run_id: str, at: dt.datetime, days: Iterable[dt.date]) -> "ScopeRecord":
        """What a run sets out to read: it stands until the run's end replaces it, so that a run that died leaves days to do."""
        failed = tuple(DayRecord(day, "failed", f"run {run_id} ended unfinished", ()) for day in days)
        return cls(run_id, at, "none", failed, has_ended=False)

    def landed(self, board: Board) -> Response:
        """The record as the landing keeps it; `of` reads it back."""
        raw = {
            "strategy": self.strategy,
            "days": [
                {"day": str(record.day), "state": record.state, "reason": record.reason, "documents": record.documents}
                for record in self.days
            ],
            "listings": [{"id": response_id, "days": [str(day) for day in days]} for response_id, days in self.listings],
            "outside": {str(day): {str(document): mark for document, mark in found.items()} for day, found in self.outside.items()},
            "stats": self.stats,
            "has_ended": self.has_ended,
        }
        return Response(
            board_id=board.id,
            run_id=self.run_id,
            purpose="scope",
            url_asked=board.url,
            url=board.url,
            status=200,
            headers={"content-type": "application/json"},
            fetched_at=self.at,
            body=json.dumps(raw, ensure_ascii=False, sort_keys=True).encode(),
            note="the run's finished scope" if self.has_ended else "what the run sets out to read",
        )

    @classmethod
    def of(cls, response: Response) -> "ScopeRecord":
        raw = json.loads(response.body)
        return cls(
            run_id=response.run_id,
            at=response.fetched_at,
            strategy=raw["strategy"],
            days=tuple(
                DayRecord(dt.date.fromisoformat(item["day"]), item["state"], item["reason"], tuple(item["documents"]))
                for item in raw["days"]
            ),
            listings=tuple((item["id"], tuple(map(dt.date.fromisoformat, item["days"]))) for item in raw["listings"]),
            stats=raw["stats"],
            # Landings are kept for ever; those of 0.1.0 have neither of these two.
            outside={
                dt.date.fromisoformat(day): {int(document): mark for document, mark in found.items()}
                for day, found in raw.get("outside", {}).items()
            },
            has_ended=raw.get("has_ended", True),
        )


def latest_complete(records: Iterable[ScopeRecord]) -> dict[dt.date, tuple[ScopeRecord, DayRecord]]:
    """For each day that any run read completely, the latest such; `records` in the order of their times."""
    latest: dict[dt.date, tuple[ScopeRecord, DayRecord]] = {}
    for record in records:
        for day in record.days:
            if day.state == "complete":
                latest[day.day] = (record, day)
    return latest


def dated(records: Iterable[ScopeRecord]) -> dict[dt.date, dict[int, str | None]]:
    """The documents of each day, each under the day of its latest sighting, whichever run saw it, with the mark of its row where
    that run did not judge it itself. A complete reading of a day asked for every document known of it, so those that it does not
    list are there no longer. `records` in the order of their times."""
    days: dict[dt.date, dict[int, str | None]] = {}
    place: dict[int, dt.date] = {}

    def put(document: int, day: dt.date, mark: str | None) -> None:
        if document in place:
            days[place[document]].pop(document)
        place[document] = day
        days.setdefault(day, {})[document] = mark

    for record in records:
        for found in record.days:
            if found.state == "complete":
                for gone in set(days.get(found.day, ())) - set(found.documents):
                    days[found.day].pop(gone)
                    del place[gone]
            for document in found.documents:
                put(document, found.day, None)
        for day, documents in record.outside.items():
            for document, mark in documents.items():
                put(document, day, mark)
    return days


def scope_records(responses: Iterable[Response]) -> list[ScopeRecord]:
    """Those among `responses`, in the order of their times; a run's end follows its beginning."""
    found = (ScopeRecord.of(response) for response in responses if response.purpose == "scope")
    return sorted(found, key=lambda record: (record.at, record.has_ended))


def ended(records: Iterable[ScopeRecord]) -> list[ScopeRecord]:
    """Those of runs that came to the end of their fetch."""
    return [record for record in records if record.has_ended]
