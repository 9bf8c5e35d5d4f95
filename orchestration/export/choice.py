"""What of the published tables is exported: which tables, which boards, which days.

Here: the choice, as SQL over the attached version. Not here: the formats, or where the files go.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.errors import ConfigError
from orchestration.publish.schema import SUMMARY, TABLES

NAMES = tuple(table.name for table in (*TABLES, SUMMARY))


@dataclass(frozen=True, slots=True)
class Choice:
    """`tables`: () for all; `boards`: () for all; the days are included, None for no bound."""

    tables: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    from_on: dt.date | None = None
    to_on: dt.date | None = None

    def names(self) -> tuple[str, ...]:
        """Raises ConfigError for a table that is not there."""
        if unknown := [name for name in self.tables if name not in NAMES]:
            raise ConfigError(f"no table {unknown[0]!r}; there are {', '.join(NAMES)}")
        return tuple(name for name in NAMES if not self.tables or name in self.tables)

    def query(self, name: str, columns: Sequence[str]) -> str:
        """The rows of a table of the catalog `warehouse`, in the order of their key.

        A row is of the days that its `listed_on` or `day` names; a block or a refused version of those of its document; a publish
        of those of its run. Rates are of no board, and of publishes those count that had one of the boards.
        """
        tests = []
        if self.boards and "board_id" in columns:
            tests.append(f"board_id in ({_texts(self.boards)})")
        elif self.boards and "boards" in columns:
            tests.append(f"list_has_any(boards, [{_texts(self.boards)}])")
        if self.from_on or self.to_on:
            day = next((column for column in ("listed_on", "day") if column in columns), None)
            if day:
                tests.append(self._within(day, day))
            elif "document_id" in columns:
                documents = " union ".join(
                    f"select board_id, document_id from warehouse.{table} where {self._within('listed_on', 'listed_on')}"
                    for table in ("board_rows", "articles")
                )
                tests.append(f"(board_id, document_id) in (select (board_id, document_id) from ({documents}))")
            elif "from_on" in columns:
                tests.append(self._within("to_on", "from_on"))
        where = f" where {' and '.join(tests)}" if tests else ""
        key = next(table.key for table in (*TABLES, SUMMARY) if table.name == name)
        return f"from warehouse.{name}{where} order by {', '.join(key)}"

    def _within(self, last: str, first: str) -> str:
        """A span from column `first` to column `last` that meets the days."""
        bounds = [
            f"{last} >= date '{self.from_on}'" if self.from_on else "",
            f"{first} <= date '{self.to_on}'" if self.to_on else "",
        ]
        return " and ".join(bound for bound in bounds if bound)


def _texts(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
