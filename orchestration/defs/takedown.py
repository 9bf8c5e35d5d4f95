"""A takedown in Dagster's records: the failing rows that checks show.

Here: its SQLite files under `dagster/history`. Not here: what else is taken down (`forget`). Dagster keeps each evaluation as JSON,
in the file of its run and in the index over all. A table row with the document's id keeps its numbers and days; its words go.
What stays: that a check failed, on how many rows, and anything that somebody typed into Dagster.
"""

import json
import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any

from orchestration.effects import Effects
from orchestration.forget.pages import FORGOTTEN

KEPT = frozenset({"__class__", "board_id", "document_id", "response_id", "gate", "day", "listed_on", "date_text"})


def blank_events(dagster_home: Path, board_id: str, documents: Collection[int], effects: Effects) -> int:
    """Blank the rows of these documents wherever a record shows them; the number of records changed. Repeating it changes nothing.
    A run that is under way may write to the files meanwhile."""
    return sum(_blank_file(path, board_id, set(documents), effects) for path in sorted(dagster_home.glob("history/**/*.db")))


def _blank_file(path: Path, board_id: str, documents: set[int], effects: Effects) -> int:
    changed: list[tuple[str, str, int, str]] = []
    with sqlite3.connect(path, timeout=60) as connection:
        for table, column in _texts(connection):
            for number in documents:
                found = connection.execute(
                    f'select rowid, "{column}" from "{table}" where "{column}" like ? and "{column}" like ?',
                    ("%document_id%", f"%{number}%"),
                ).fetchall()
                for row, text in found:
                    blanked = _blanked(text, board_id, documents)
                    if blanked != text:
                        changed.append((table, column, row, blanked))
        if changed:
            effects.before("execute", path)
            connection.execute("pragma secure_delete = on")
            for table, column, row, blanked in changed:
                connection.execute(f'update "{table}" set "{column}" = ? where rowid = ?', (blanked, row))
            connection.commit()
            connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return len(changed)


def _texts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Each column of texts."""
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall()]
    return [
        (table, column)
        for table in tables
        for _, column, kind, *_ in connection.execute(f'pragma table_info("{table}")').fetchall()
        if "CHAR" in kind.upper() or "TEXT" in kind.upper()
    ]


def _blanked(text: str, board_id: str, documents: set[int]) -> str:
    try:
        record = json.loads(text)
    except ValueError:
        return text
    return json.dumps(record) if _blank(record, board_id, documents) else text


def _blank(value: Any, board_id: str, documents: set[int]) -> bool:
    """Whether anything was blanked, in place. Rows of a board that does not show its id count as this one's."""
    if isinstance(value, list):
        return sum(_blank(item, board_id, documents) for item in value) > 0  # each of them, not up to the first
    if not isinstance(value, dict):
        return False
    is_changed = sum(_blank(item, board_id, documents) for item in value.values()) > 0
    if value.get("document_id") in documents and value.get("board_id", board_id) == board_id:
        for name, shown in value.items():
            if name not in KEPT and isinstance(shown, str) and shown != FORGOTTEN:
                value[name] = FORGOTTEN
                is_changed = True
    return is_changed
