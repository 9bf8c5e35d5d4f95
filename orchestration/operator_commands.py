"""The commands by which an operator decides: release, requeue, roll back, forget, rebuild.

Here: their arguments and what they print. Not here: any decision; each command records it (`decisions`) and calls the step that
carries it out. Steps are imported inside the commands, as in `cli`.
"""

import datetime as dt
import sys
from functools import partial

import click

from orchestration.command_line import Command, Day, pass_settings, select_boards
from orchestration.errors import BoardhouseError, ConfigError
from orchestration.settings import Settings

REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; it is recorded with your name.")


@click.command(cls=Command)
@click.option("--board", "board_id", required=True, metavar="B", help="The board.")
@click.option("--day", type=Day(), required=True, metavar="DAY", help="The day that is held back.")
@REASON
@click.option("--candidate-hash", metavar="HASH", help="Of the content that you looked at. Default: what is held back now.")
@pass_settings
def release(settings: Settings, board_id: str, day: dt.date, reason: str, candidate_hash: str | None) -> None:
    """Publish a held-back board-day all the same: exactly the content that was held back.

    The day is built anew from the landing. Where that gives other content than what you release, nothing of it is published;
    and when the content changes later, the release has expired and the gates decide again. Documents that a gate refuses stay out.
    Exit status 1 where the day is still held back.

    \b
    boardhouse release --board demo --day 2026-11-20 --reason "the board numbered that day anew; rows compared by hand"
    boardhouse query "select board_id, day, gate, candidate_hash from board_days where state = 'held_back'"
    """
    from orchestration import operators

    (board,) = select_boards(settings, (board_id,))
    held = operators.choose_held_back(settings, board, day, candidate_hash)
    click.echo(f"{board_id} {day} is held back by {held.gate}: {held.reason}")
    after = operators.release(settings, board, day, held, reason)
    if after.state == "published" and after.candidate_hash == held.candidate_hash:
        click.echo(f"released: {board_id} {day} is published, for as long as its content is {held.candidate_hash}")
        return
    if after.state == "published":
        click.echo(f"{board_id} {day} is published: built anew it passes its gates, so the release was not needed")
        return
    if after.candidate_hash != held.candidate_hash:
        said = f"the landing now gives other content ({after.candidate_hash}) than what you released ({held.candidate_hash})"
        raise BoardhouseError(
            f"{board_id} {day} stays {after.state}: {said}; nothing of it was published: look again, release again"
        )
    raise BoardhouseError(f"{board_id} {day} stays {after.state} ({after.gate}: {after.reason})")


@click.command(cls=Command)
@click.option("--board", "board_id", metavar="B", help="Only of this board. Default: all.")
@click.option("--day", type=Day(), metavar="DAY", help="Only of this day. Default: all.")
@click.option("--document", "documents", type=int, multiple=True, metavar="N", help="Only this one; may be given more than once.")
@REASON
@pass_settings
def requeue(settings: Settings, board_id: str | None, day: dt.date | None, documents: tuple[int, ...], reason: str) -> None:
    """Take refused documents up again: after a parser or a gate was mended, say. Reads the landing; asks the boards nothing.

    Prints what came of each. Exit status 1 where one is refused again, or a run failed.

    \b
    boardhouse requeue --reason "the parser reads the new template"
    boardhouse requeue --board demo --day 2026-11-20 --document 71603 --reason "the title is right as it is"
    """
    from orchestration import operators
    from orchestration.decisions import Decision, operator

    boards = select_boards(settings, (board_id,) if board_id else ())
    chosen = operators.choose_refused(settings, boards, day, documents)
    now = dt.datetime.now(dt.UTC)
    asked = Decision("requeue", now, operator(), reason, board_id=board_id, day=day, documents=documents)
    outcome, is_green = operators.requeue(settings, boards, asked, chosen)
    for one in outcome:
        said = one.resolution or f"refused again by {one.gate}: {one.reason}"
        click.echo(f"{one.document.board_id} {one.document.day} {one.document.document_id}: {said}")
    again = sum(one.resolution is None for one in outcome)
    click.echo(f"{len(outcome) - again} of {len(outcome)} resolved" + (f", {again} refused again" if again else ""))
    sys.exit(1 if again or not is_green else 0)


@click.command(cls=Command)
@click.argument("version", type=click.IntRange(min=1), required=False)
@REASON
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


@click.command(cls=Command)
@click.option("--board", "board_id", required=True, metavar="B", help="The board.")
@click.option("--document", "documents", type=int, required=True, multiple=True, metavar="N", help="Its id; may be given again.")
@REASON
@pass_settings
def forget(settings: Settings, board_id: str, documents: tuple[int, ...], reason: str) -> None:
    """Take a document down, for good: from the landing, from every kept version and table, and from what is taken in later.

    The decision is kept, with your reason and without the content; so do not quote it in the reason. Stopped anywhere, the same
    command again completes it. What you exported or copied elsewhere is yours to remove.

    \b
    boardhouse forget --board demo --document 71603 --reason "asked for by its author on 2026-11-20"
    """
    from orchestration.decisions import Decision, operator
    from orchestration.defs.takedown import blank_events
    from orchestration.forget.carry_out import forget as carry_out

    known = {board.id for board in settings.load_boards()} | {p.name.partition("=")[2] for p in settings.landing.glob("sealed/*=*")}
    if board_id not in known:
        raise ConfigError(f"no board {board_id!r}, in {settings.boards} or landed; there is {', '.join(sorted(known))}")
    now = dt.datetime.now(dt.UTC)
    decision = Decision("forget", now, operator(), reason, board_id=board_id, documents=tuple(sorted(set(documents))))
    done = carry_out(settings, decision, blank_events=partial(blank_events, settings.dagster_home))
    landed = done.landing
    files = f"{len(landed.files)} files: {landed.pages} pages blanked in part, {landed.emptied} answers emptied"
    click.echo(f"landing: {files}; notes say so, and the list pages keep number, day and link of the row")
    for path in landed.damaged:
        click.echo(f"removed, for it holds bytes that nobody can read: {path}")
    written = ", ".join(map(str, done.published.versions)) or "none"
    click.echo(f"versions written anew: {written}; {done.published.rows} rows of them went")
    if done.published.removed:
        click.echo(f"damaged versions removed, for nobody can search them: {', '.join(map(str, done.published.removed))}")
    click.echo(f"parse cache: {done.cached} files removed; Dagster: {done.events} records blanked")
    for run_id in landed.busy:
        click.echo(f"run {run_id} is under way: its pages are without it once it ends", err=True)
    click.echo(f"forgotten: {board_id} {', '.join(map(str, decision.documents))}; no later run takes it in")


@click.command(cls=Command)
@click.option(
    "--after", type=click.IntRange(min=1), metavar="N", help="The last version that consumers saw, where nothing says it."
)
@pass_settings
def rebuild(settings: Settings, after: int | None) -> None:
    """Make the data tables anew from the landing: for a published folder that is damaged or lost. Asks the boards nothing.

    Published once at the end, as the next version. Where the current version is whole, rows that are equal keep their number; else
    all of them count as changed. Documents of which nothing is landed any more come from the last readable version.

    \b
    boardhouse rebuild
    boardhouse rebuild --after 1234
    """
    from orchestration.rebuild import rebuild as make_anew

    done = make_anew(settings, after=after, say=lambda line: click.echo(line, err=True))
    made = done.replaced
    counted = ", ".join(f"{table} {count:,}" for table, count in made.row_counts.items())
    click.echo(f"published version {made.warehouse_version} from {done.days} board-days of the landing: {counted}")
    changed = ", ".join(f"{table} {count:,}" for table, count in made.changed.items() if count) or "no row"
    click.echo(f"changed: {changed}")
    for (board_id, day), count in done.taken_over.items():
        click.echo(f"{board_id} {day}: {count} documents are not in the landing; taken from version {done.old_version}")
    for board_id, day in done.held_back:
        click.echo(f"{board_id} {day} is held back: it shows what was accepted last (boardhouse status)")
    if made.base is None and made.warehouse_version > 1:
        click.echo("no version before could be read: the audit tables begin anew", err=True)


COMMANDS = (release, requeue, rollback, forget, rebuild)
