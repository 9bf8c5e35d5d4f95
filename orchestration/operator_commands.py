"""The commands by which an operator decides: release, requeue, roll back, forget, rebuild.

Here: their arguments and what they print. Not here: any decision; each command records it (`decisions`) and calls the step that
carries it out. Steps are imported inside the commands, as in `cli`.
"""

import datetime as dt

import click

from orchestration.command_line import Command, pass_settings
from orchestration.settings import Settings


@click.command(cls=Command)
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is recorded with your name.")
@pass_settings
def rollback(settings: Settings, version: int | None, reason: str) -> None:
    """Publish the content of an older VERSION again, as the next version. Default: the one before the current.

    The next run publishes its days from the landing again. So switch the schedules off until the cause is mended.

    \b
    boardhouse rollback --reason "amounts off by ten thousand since the parser changed"
    boardhouse rollback 41 --reason "the last one that was right"
    """
    from orchestration.decisions import Decision, operator, record_decision
    from orchestration.landing.store import Landing
    from orchestration.publish.rollback import choose_version, roll_back
    from orchestration.publish.versions import Retention

    old = choose_version(settings.published, version)
    now = dt.datetime.now(dt.UTC)
    record_decision(Landing(settings.landing), Decision("rollback", now, operator(), reason, version=old))
    keep = Retention(settings.versions_keep, settings.versions_keep_days)
    done = roll_back(settings.published, old, reason, now=now, keep=keep)
    counted = ", ".join(f"{table} {count:,}" for table, count in done.changed.items() if count) or "no row"
    click.echo(f"published version {done.warehouse_version} with the content of version {done.old_version}; changed: {counted}")
    if done.lost_history:
        click.echo(f"the version before was damaged: the audit tables are those of version {done.old_version}, too", err=True)
    click.echo(
        "the next run publishes its days from the landing again: switch the schedules off until the cause is mended", err=True
    )


COMMANDS = (rollback,)
