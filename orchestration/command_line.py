"""What every command shares: how days and stamps are written, how an error becomes one line, which boards are meant.

Here: click types and classes, and the settings handed to a command. Not here: any command (`cli`, `operator_commands`).
"""

import datetime as dt
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from orchestration.errors import BoardhouseError, ConfigError
from orchestration.settings import Board, Settings, load_settings, today


class Day(click.ParamType[dt.date]):
    """A day written YYYY-MM-DD, or `today`, `yesterday`."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        words = {"today": today(), "yesterday": today() - dt.timedelta(days=1)}
        try:
            return words.get(value) or dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write YYYY-MM-DD, today or yesterday", param, ctx)


class Stamp(click.ParamType[dt.datetime]):
    """An instant with its offset, e.g. 2025-02-05T09:00+09:00."""

    name = "stamp"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        if isinstance(value, dt.datetime):
            return value
        try:
            stamp = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write it as 2025-02-05T09:00+09:00", param, ctx)
        if stamp.tzinfo is None:
            self.fail(f"{value!r} does not say its offset: write it as {value}+09:00", param, ctx)
        return stamp


class Command(click.Command):
    """A command whose BoardhouseError becomes one line on standard error and the contract's exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BoardhouseError as error:
            click.echo(f"boardhouse: {error}", err=True)
            ctx.exit(error.exit_status)
        except KeyboardInterrupt:
            click.echo("boardhouse: interrupted; what landed stays, and the next run goes on from there", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of a pipe went away (`boardhouse query … | head`): nobody is left to be told.
            sys.stderr.close()
            ctx.exit(0)


class Group(click.Group):
    command_class = Command


def pass_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return command(load_settings(), *args, **kwargs)

    return inner


def select_boards(settings: Settings, ids: tuple[str, ...]) -> tuple[Board, ...]:
    """The boards named, in the order of boards.yaml; all where none is named."""
    boards = settings.load_boards()
    known = {board.id for board in boards}
    if unknown := [board_id for board_id in ids if board_id not in known]:
        raise ConfigError(f"no board {unknown[0]!r} in {settings.boards}; it has {', '.join(sorted(known))}")
    return tuple(board for board in boards if not ids or board.id in ids)
