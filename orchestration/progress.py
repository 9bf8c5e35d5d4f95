"""How far a run is, told to whoever looks.

Here: the one seam between the steps and a display. Not here: any display but silence (`console` draws in the terminal, `defs`
writes to Dagster's log).
"""

from typing import Protocol


class Progress(Protocol):
    def step(self, name: str) -> None:
        """A step of the run begins."""

    def board(self, board_id: str, done: int, expected: int | None, doing: str) -> None:
        """`done` of about `expected` requests of a board; called from the board's own thread."""

    def note(self, line: str) -> None:
        """Something that whoever started the run should know; the run goes on."""


class Silent:
    """A display that shows nothing."""

    def step(self, name: str) -> None:
        pass

    def board(self, board_id: str, done: int, expected: int | None, doing: str) -> None:
        pass

    def note(self, line: str) -> None:
        pass
