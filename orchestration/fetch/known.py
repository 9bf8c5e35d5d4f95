"""What earlier runs landed of a board: which articles were read and when, which days were read completely, which documents
were seen under which day.

Here: the index over the landing, and whether an article is due. Not here: requests, or parsing.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.landing.records import Response
from orchestration.landing.sealed import Entry
from orchestration.parse.records import Row
from orchestration.scope import State

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


def note_with_mark(why: str, row: Row | None) -> str:
    return f"{why} [row {row_mark(row)}]" if row else why


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


def why_due(known: Known | None, row: Row | None, ages: Sequence[dt.timedelta], now: dt.datetime) -> str | None:
    """Why an article is to be asked for now, in a few words; None when it is not."""
    if known is None:
        return "new"
    if row is not None and known.row_mark is not None and known.row_mark != row_mark(row):
        return "the list shows a change"
    age = refresh_due(known.first_at, known.last_at, ages, now)
    return f"refresh after {_age(age)}" if age else None


def refresh_due(
    first_at: dt.datetime, last_at: dt.datetime, ages: Sequence[dt.timedelta], now: dt.datetime
) -> dt.timedelta | None:
    """The age of the board's rule at which an article should have been read again since it was last read."""
    return next((age for age in ages if last_at < first_at + age <= now), None)


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
    """A run's scope of one board, as landed: first what it set out to read (`has_ended` false, every day failed), last what
    came of it. `listings`: (response id, days of its posts), in the order read; `outside`: documents that its lists showed under
    days outside its range, by day."""

    run_id: str
    at: dt.datetime
    strategy: str
    days: tuple[DayRecord, ...]
    listings: tuple[tuple[str, tuple[dt.date, ...]], ...]
    stats: dict[str, Any] = field(default_factory=dict)
    outside: tuple[tuple[dt.date, tuple[int, ...]], ...] = ()
    has_ended: bool = True

    def to_json(self) -> bytes:
        raw = {
            "strategy": self.strategy,
            "days": [
                {"day": str(record.day), "state": record.state, "reason": record.reason, "documents": record.documents}
                for record in self.days
            ],
            "listings": [{"id": response_id, "days": [str(day) for day in days]} for response_id, days in self.listings],
            "outside": {str(day): documents for day, documents in self.outside},
            "stats": self.stats,
            "has_ended": self.has_ended,
        }
        return json.dumps(raw, ensure_ascii=False, sort_keys=True).encode()

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
            outside=tuple((dt.date.fromisoformat(day), tuple(found)) for day, found in raw["outside"].items()),
            has_ended=raw["has_ended"],
        )


def latest_complete(records: Iterable[ScopeRecord]) -> dict[dt.date, tuple[ScopeRecord, DayRecord]]:
    """For each day that any run read completely, the latest such."""
    latest: dict[dt.date, tuple[ScopeRecord, DayRecord]] = {}
    for record in sorted(records, key=lambda record: record.at):
        for day in record.days:
            if day.state == "complete":
                latest[day.day] = (record, day)
    return latest


def dated(records: Iterable[ScopeRecord]) -> dict[dt.date, set[int]]:
    """The documents of each day, each under the day of its latest sighting, whichever run saw it. A complete reading of a day
    asked for every document known of it, so those that it does not list are there no longer."""
    days: dict[dt.date, set[int]] = {}
    place: dict[int, dt.date] = {}

    def put(document: int, day: dt.date) -> None:
        before = place.get(document)
        if before is not None and before != day:
            days[before].discard(document)
        place[document] = day
        days.setdefault(day, set()).add(document)

    for record in sorted(records, key=lambda record: record.at):
        for found in record.days:
            if found.state == "complete":
                for gone in days.get(found.day, set()) - set(found.documents):
                    days[found.day].discard(gone)
                    del place[gone]
            for document in found.documents:
                put(document, found.day)
        for day, documents in record.outside:
            for document in documents:
                put(document, day)
    return days


def scope_records(responses: Iterable[Response]) -> Iterator[ScopeRecord]:
    for response in responses:
        if response.purpose == "scope":
            yield ScopeRecord.of(response)


def ended(records: Iterable[ScopeRecord]) -> list[ScopeRecord]:
    """Those of runs that came to the end of their fetch."""
    return [record for record in records if record.has_ended]
