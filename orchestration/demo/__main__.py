"""`python -m orchestration.demo`: serve the bundled board until a signal.

Here: its options and its life. Not here: the board (`content`, `site`) or the server (`server`).
"""

import datetime as dt
import signal
import sys
import threading
from pathlib import Path

import click

from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.errors import BoardhouseError

DAYS_AHEAD = 14
"""Days that a board which follows the clock can go on for."""


@click.command()
@click.option("--port", default=8765, show_default=True, help="0 takes a free one.")
@click.option("--seed", default=1, show_default=True, help="Same seed and end day, same board.")
@click.option(
    "--end-day", type=click.DateTime(["%Y-%m-%d"]), help="The last day; without it, today in Korea, and posts go on with the clock."
)
@click.option("--days", default=60, show_default=True, type=click.IntRange(1, 3000), help="Days that have posts.")
@click.option("--posts", default=3000, show_default=True, type=click.IntRange(1), help="About so many posts over these days.")
@click.option("--skin", default="default", show_default=True, type=click.Choice(["default", "xedition", "sketchbook5"]))
@click.option("--charset", default="utf-8", show_default=True, type=click.Choice(["utf-8", "cp949"]))
@click.option("--latency", default=0.0, show_default=True, help="Milliseconds added to every answer.")
@click.option("--rates", type=click.Path(dir_okay=False, path_type=Path), help="Write the rates that its articles use to this CSV.")
@click.option("--control", is_flag=True, help="Let clients change the board under /_control/.")
def main(
    port: int,
    seed: int,
    end_day: dt.datetime | None,
    days: int,
    posts: int,
    skin: str,
    charset: str,
    latency: float,
    rates: Path | None,
    control: bool,
) -> None:
    """Serve the bundled board on loopback until Ctrl-C or SIGTERM.

    Example: python -m orchestration.demo --port 8765 --end-day 2026-11-20 --rates .boardhouse/rates/demo.csv
    """
    now = dt.datetime.now(KST)
    last = end_day.date() if end_day else now.date()
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    try:
        board = generate(
            seed,
            last,
            days,
            posts,
            until=None if last < now.date() else now,
            days_ahead=0 if end_day else DAYS_AHEAD,
            skin=skin,  # type: ignore[arg-type]  # click has checked it
            charset=charset,
        )
        if rates:  # before the first request is answered: a run may follow at once
            board.write_rates(rates, min(now.date(), last))
        server = DemoServer(board, port=port, latency=latency / 1000, control=control)
    except (BoardhouseError, ValueError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, ValueError) else 1)
    written = min(now.date(), last)
    with server:
        click.echo(f"{server.url}  ({len(board.posts)} posts, {last - dt.timedelta(days=days - 1)} to {last})")
        while not stopped.is_set():
            if end_day is None:
                server.site.advance()
            today = min(dt.datetime.now(KST).date(), last if end_day else dt.date.max)
            if rates and written != today:  # a new day has a new rate
                board.write_rates(rates, today)
                written = today
            stopped.wait(5)


if __name__ == "__main__":
    main()
