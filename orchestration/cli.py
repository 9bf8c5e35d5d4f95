"""The command line: what an operator types.

Here: arguments, progress, and what is printed. Not here: any decision; each command calls the step that does it. Steps are
imported inside the commands, so that `boardhouse --help` and `boardhouse money` start at once.
"""

import datetime as dt
import io
import json
import sys
from pathlib import Path

import click

from orchestration import operator_commands
from orchestration.command_line import Day, Group, Stamp, pass_settings, select_boards
from orchestration.errors import ConfigError
from orchestration.settings import KST, Settings, today


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="boardhouse")
def main() -> None:
    """Korean news boards as checked, published tables.

    \b
    boardhouse run                        fetch, check and publish yesterday and today
    boardhouse status                     what is published, what is held back and why
    boardhouse query "select …"           read the published tables
    """


@main.command()
@click.option(
    "--board", "board_ids", multiple=True, metavar="B", help="Only this board; may be given more than once. Default: all."
)
@click.option("--from", "from_on", type=Day(), metavar="DAY", help="First day. Default: yesterday (Seoul).")
@click.option("--to", "to_on", type=Day(), metavar="DAY", help="Last day, included. Default: today (Seoul).")
@click.option("--offline", is_flag=True, help="Ask nothing of the boards: read again what has landed.")
@click.option("--dry-run", is_flag=True, help="Print scope, strategy and expected requests; change nothing.")
@pass_settings
def run(
    settings: Settings, board_ids: tuple[str, ...], from_on: dt.date | None, to_on: dt.date | None, offline: bool, dry_run: bool
) -> None:
    """Fetch, check and publish a range of days, as one Dagster run.

    Exit status: 0 all published; 1 something failed or was held back (named on the last line; the rest is published);
    130 interrupted.

    \b
    boardhouse run
    boardhouse run --board demo --from 2026-11-01 --to 2026-11-07
    boardhouse run --from 2026-11-01 --offline
    """
    boards = select_boards(settings, board_ids)
    first, last = default_range(from_on, to_on)
    from orchestration.run import plan_run, run_days

    if dry_run:
        plan_run(settings, boards, first, last, offline=offline)
        return
    sys.exit(run_days(settings, boards, first, last, offline=offline))


def default_range(from_on: dt.date | None, to_on: dt.date | None) -> tuple[dt.date, dt.date]:
    """Both days included; yesterday to today where nothing is said."""
    last = to_on or max(today(), from_on or today())
    first = from_on or min(today() - dt.timedelta(days=1), last)
    if first > last:
        raise ConfigError(f"--from {first} lies after --to {last}: give the earlier day first")
    if last > today():
        raise ConfigError(f"--to {last} lies in the future: the last day that can be asked for is today, {today()}")
    return first, last


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH…")
@click.option("--board", "board_id", required=True, metavar="B", help="The board that the pages are of.")
@click.option("--url", metavar="U", help="The page's address. Default: its canonical link.")
@click.option("--status", type=int, default=200, show_default=True, metavar="N", help="The HTTP status it was answered with.")
@click.option(
    "--fetched-at", type=Stamp(), metavar="STAMP", help="When it was saved. Default: the file's time; page text needs it."
)
@pass_settings
def ingest(
    settings: Settings, paths: tuple[Path, ...], board_id: str, url: str | None, status: int, fetched_at: dt.datetime | None
) -> None:
    """Put saved pages (HTML, or page text) into the landing, as if fetched. A folder stands for the files in it.

    \b
    boardhouse ingest page.html --board news
    boardhouse ingest page.txt --board news --fetched-at 2025-02-05T09:00+09:00
    boardhouse run --offline --from 2025-02-04 --to 2025-02-05
    """
    from orchestration.console import Console
    from orchestration.ingest import ingest_pages

    (board,) = select_boards(settings, (board_id,))
    files = [file for path in paths for file in (sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])]
    with Console() as console:
        pages = console.each(board.id, "saved pages", files)
        report = ingest_pages(settings, board, pages, url=url, status=status, fetched_at=fetched_at)
    for page in report.refused:
        click.echo(f"boardhouse: {page.path}: {page.reason}", err=True)
    click.echo(f"{len(report.landed)} landed, {len(report.refused)} refused")
    if report.landed and report.days:
        click.echo(f"next: boardhouse run --offline --board {board_id} --from {min(report.days)} --to {max(report.days)}")
    sys.exit(1 if report.refused else 0)


@main.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", metavar="U", help="The page's address. Default: its canonical link.")
@click.option("--fetched-at", type=Stamp(), metavar="STAMP", help="When it was saved. Default: the file's time.")
def parse(path: Path, url: str | None, fetched_at: dt.datetime | None) -> None:
    """Print what the parsers read in one saved page, as JSON. No network; writes nothing.

    Exit status 3, and kind none, for a page that is not known.

    \b
    boardhouse parse page.html
    boardhouse parse page.html | jq '.rows[].title'
    """
    from orchestration.parse.page import parse_page, to_json

    stamp = fetched_at or dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    page = parse_page(path.read_bytes(), url=url, fetched_at=stamp, zone=KST)
    click.echo(json.dumps(to_json(page), ensure_ascii=False, indent=2))
    if page.kind == "none":
        click.echo(f"boardhouse: {path}: {page.reason}", err=True)
        sys.exit(3)


@main.command()
@click.argument("response_id")
@pass_settings
def landed(settings: Settings, response_id: str) -> None:
    """Print a landed page as it came, byte for byte: what a gate judged, whatever the board shows by now.

    Quarantine, a gate's failing rows and the Dagster UI name it (response_id). What it was answered to goes to standard error.

    \b
    boardhouse landed 0f3a… > page.html
    boardhouse landed 0f3a… | boardhouse parse /dev/stdin
    """
    from orchestration.landing.store import Landing

    try:
        page = Landing(settings.landing).get(response_id)
    except KeyError:
        raise ConfigError(f"no page {response_id!r} in {settings.landing}: give the response_id of a failing row, whole") from None
    click.echo(f"{page.status} {page.url}, fetched {page.fetched_at.astimezone(KST):%Y-%m-%d %H:%M:%S} KST", err=True)
    sys.stdout.buffer.write(page.body)


@main.command()
@click.argument("url")
@click.option("--write", is_flag=True, help="Add the entry to boards.yaml; its comments stay.")
@click.option("--id", "board_id", metavar="ID", help="The board's key in every table. Default: from the address.")
@click.option("--name", metavar="NAME", help="What people call it. Default: the page's title.")
@click.option("--first-day", type=Day(), metavar="DAY", help="Days before it are never asked for. Default: 30 days back.")
@click.option("--private-network", is_flag=True, help="Its name may stand for an address in your own network.")
@pass_settings
def probe(
    settings: Settings,
    url: str,
    write: bool,
    board_id: str | None,
    name: str | None,
    first_day: dt.date | None,
    private_network: bool,
) -> None:
    """Look at a board before it is added: engine and skin, what would be read, and its entry for boards.yaml.

    Asks for robots.txt, the list, one article and the last list page; lands nothing. Exit status 3 for a page that is no board.

    \b
    boardhouse probe https://board.example/news
    boardhouse probe https://board.example/news --write --id news
    """
    from orchestration.probe.command import probe_url
    from orchestration.probe.look import Wishes

    sys.exit(probe_url(settings, url, Wishes(board_id, name, first_day, private_network), write=write))


@main.command()
def money() -> None:
    """Read money: a sentence a line on standard input, a JSON list of mentions a line on standard output.

    \b
    echo '5000억 달러(약 718조원)를 투자한다' | boardhouse money
    boardhouse money < sentences.txt > mentions.jsonl
    """
    from orchestration.money.stream import main_loop

    # Bytes that are no UTF-8 pass as lone surrogates: a bad byte must not cost the rest of a million lines.
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    main_loop(sys.stdin, sys.stdout)
    sys.stdout.flush()


@main.command()
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@pass_settings
def query(settings: Settings, sql: str, form: str) -> None:
    """Read the published tables. Read-only; JSON is a list of objects.

    \b
    boardhouse query "select listed_on, count(*) from board_rows group by all order by all"
    boardhouse query --format csv "from currency_facts where rate_verdict = 'stale'" > stale.csv
    """
    from orchestration.console import print_rows
    from orchestration.publish.reader import query as read

    print_rows(read(settings.published, sql), form)


@main.command()
@click.option("--format", "form", type=click.Choice(["parquet", "csv", "sqlite", "xlsx"]), default="parquet", show_default=True)
@click.option("--table", "tables", multiple=True, metavar="T", help="Only this table; may be given more than once. Default: all.")
@click.option("--board", "boards", multiple=True, metavar="B", help="Only this board; may be given more than once. Default: all.")
@click.option("--from", "from_on", type=Day(), metavar="DAY", help="First day. Default: the first there is.")
@click.option("--to", "to_on", type=Day(), metavar="DAY", help="Last day, included. Default: the last there is.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="Where to. Default: boardhouse-<version>… here.")
@click.option("--force", is_flag=True, help="Replace an export that is there already.")
@pass_settings
def export(
    settings: Settings,
    form: str,
    tables: tuple[str, ...],
    boards: tuple[str, ...],
    from_on: dt.date | None,
    to_on: dt.date | None,
    out: Path | None,
    force: bool,
) -> None:
    """Write the published tables for other programs: one version, whole or not at all.

    Parquet and CSV: a folder with a file per table (of one --table, an --out that ends in .csv or .parquet is a file);
    SQLite and Excel: one file.

    \b
    boardhouse export --format xlsx --table currency_facts --from 2026-11-01
    boardhouse export --format csv --table board_rows --out rows.csv
    boardhouse export --format sqlite --board demo --out demo.sqlite --force
    """
    from orchestration.export import Choice
    from orchestration.export import export as write

    if from_on and to_on and from_on > to_on:
        raise ConfigError(f"--from {from_on} lies after --to {to_on}: give the earlier day first")
    choice = Choice(tables, boards, from_on, to_on)

    def tell(name: str) -> None:
        click.echo(f"  {name} …", err=True)

    done = write(settings.published, form, choice, out=out, force=force, now=dt.datetime.now(dt.UTC), tell=tell)
    counted = ", ".join(f"{name} {count:,}" for name, count in done.row_counts.items() if count) or "no row"
    click.echo(f"exported version {done.warehouse_version} to {done.path}: {counted}")


@main.command()
@pass_settings
def status(settings: Settings) -> None:
    """Boards, last publish, freshness, disk, what is held back and why: the page to read in the morning."""
    from orchestration.console import print_status

    print_status(settings)


@main.command()
@click.option("--offline", is_flag=True, help="Ask no board for its clock.")
@pass_settings
def doctor(settings: Settings, offline: bool) -> None:
    """Check the installation: packages, paths, permissions, disk, clock, boards.yaml; and say what to do.

    Exit status 1 where something is bad.

    \b
    boardhouse doctor
    boardhouse doctor --offline
    """
    from orchestration.console import print_findings
    from orchestration.doctor import examine

    sys.exit(print_findings(examine(settings, offline=offline)))


@main.command()
@click.option("--days", type=click.IntRange(1, 60), default=60, show_default=True, help="How many of the bundled board's days.")
@pass_settings
def demo(settings: Settings, days: int) -> None:
    """Start the bundled board, publish its days, and print what was published."""
    from orchestration.demo.session import demo_run

    sys.exit(demo_run(settings, days))


@main.command()
@click.option("--port", type=int, default=3000, show_default=True, help="Of the Dagster UI.")
@pass_settings
def dev(settings: Settings, port: int) -> None:
    """Start the bundled board and the Dagster UI; Ctrl-C ends both."""
    from orchestration.demo.session import dev_session

    sys.exit(dev_session(settings, port))


@main.command()
@click.argument("process", type=click.Choice(["daemon", "ui"]))
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the UI listens; it has no accounts of its own.")
@click.option("--port", type=int, default=3000, show_default=True, help="Of the UI.")
@pass_settings
def serve(settings: Settings, process: str, host: str, port: int) -> None:
    """Run Dagster's daemon (schedules, sensors, runs) or its UI on your boards, until it is ended: the two services of a server.

    \b
    boardhouse serve daemon
    boardhouse serve ui --port 3000
    """
    from orchestration.serve import replace_process

    settings.load_boards()
    replace_process(
        settings, ["dagster-daemon", "run"] if process == "daemon" else ["dagster-webserver", "-h", host, "-p", str(port)]
    )


for command in operator_commands.COMMANDS:
    main.add_command(command)
