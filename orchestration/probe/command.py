"""`boardhouse probe`: look, show, and write the entry where that is asked for.

Here: the order of these, and the exit status. Not here: each of them (`look`, `show`, `entry`).
"""

import sys

import click
from rich.console import Console as Screen

from orchestration.console import Console
from orchestration.errors import ConfigError
from orchestration.probe.entry import add_board, standing
from orchestration.probe.look import NoBoard, Wishes, look
from orchestration.probe.show import PIPED_WIDTH, next_steps, show_entry, show_found, show_no_board
from orchestration.settings import Settings

NO_BOARD = 3
"""As `boardhouse parse` has it for a page that it does not know."""


def probe_url(settings: Settings, url: str, wishes: Wishes, *, write: bool) -> int:
    """The exit status: 0, or 3 for an address that is no board. Raises ConfigError and BoardhouseError as its steps do."""
    boards = settings.load_boards() if settings.boards.exists() else ()
    taken = frozenset(board.id for board in boards)
    if wishes.board_id in taken and write:
        raise ConfigError(f"{settings.boards} has a board {wishes.board_id!r} already: choose another with --id")
    with Console() as console:
        answer = look(settings, url, wishes, taken, console.step)
    screen = Screen(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    if isinstance(answer, NoBoard):
        show_no_board(answer, screen)
        click.echo(f"boardhouse: {answer.seen.url} is no board that boardhouse reads: {answer.guess.what}", err=True)
        return NO_BOARD
    show_found(answer, screen)
    if (there := standing(boards, answer.entry.url)) and not write:
        screen.print(f"{settings.boards} has this address already, as board {there.id!r}", highlight=False, soft_wrap=True)
        return 0
    if write:
        add_board(settings.boards, answer.entry, settings.home / "locks")
    show_entry(answer, settings.boards, screen)
    if write:
        click.echo(f"written to {settings.boards}")
    click.echo(next_steps(answer, write))
    return 0
