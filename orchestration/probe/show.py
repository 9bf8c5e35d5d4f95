"""What `boardhouse probe` prints.

Here: drawing. Not here: any fact (`look`, `guess`).
"""

import datetime as dt
from pathlib import Path

from rich.console import Console as Screen
from rich.table import Column, Table
from rich.text import Text

from orchestration.console import human
from orchestration.fetch.robots import LONGEST_CRAWL_DELAY
from orchestration.parse.records import Article
from orchestration.probe.entry import entry_text
from orchestration.probe.look import Found, NoBoard

MOST_ROWS, MOST_BLOCKS, MOST_MONEY = 10, 8, 10
LONGEST_BLOCK = 160
PIPED_WIDTH = 160
"""Columns where standard output is no terminal."""


def show_found(found: Found, screen: Screen) -> None:
    page, entry = found.listed.page, found.entry
    facts = _facts()
    facts.add_row("board", Text(f"{found.listed.title or 'no title'}   {entry.url}"))
    facts.add_row("engine, skin", f"{page.engine or 'unknown'}, {page.skin}   ({page.encoding})")
    facts.add_row("posts", _posts(found))
    facts.add_row("robots.txt", _robots(found))
    facts.add_row("delay", f"{entry.delay_seconds:g} s between two requests")
    facts.add_row("reaching days", ", ".join(f"{day} by {way}" for day, way in found.ways))
    facts.add_row("times", found.zone_problem or f"read as {entry.time_zone}; a page does not say its zone")
    screen.print(facts, soft_wrap=False)

    rows = Table(
        "no",
        "day",
        Column("title", overflow="fold"),
        "author",
        "comments",
        "views",
        title="What a run would read",
        title_justify="left",
    )
    for row in found.posts[:MOST_ROWS]:
        title = Text(f"{row.title}{' (secret)' if row.is_secret else ''}")
        cells = (row.post_no, row.listed_on or f"{row.date_text}?", row.author, row.comment_count, row.view_count)
        number, day, author, comments, views = ("" if cell is None else str(cell) for cell in cells)
        rows.add_row(number, day, title, Text(author), comments, views)
    screen.print(rows)
    notices = len(page.rows) - len(found.posts)
    more = len(found.posts) - MOST_ROWS
    screen.print(f"{f'… and {more} more, ' if more > 0 else ''}{notices} notices on this page\n", highlight=False)

    if found.article:
        _show_article(found.article, screen)
        _show_money(found, screen)
    else:
        screen.print(Text(f"no article: {found.article_problem}"))


def show_entry(found: Found, boards: Path, screen: Screen) -> None:
    screen.print(f"The entry for {boards}", style="bold", highlight=False, soft_wrap=True)
    screen.print(Text(entry_text(found.entry).rstrip("\n")), soft_wrap=True)


def show_no_board(answer: NoBoard, screen: Screen) -> None:
    seen = answer.seen
    facts = _facts()
    facts.add_row("address", Text(seen.url))
    facts.add_row("answer", Text(f"{seen.reply.status}, {seen.content_type}, {human(len(seen.reply.body))}"))
    facts.add_row("title", Text(seen.title or "none"))
    facts.add_row("looks like", Text(answer.guess.what))
    facts.add_row("parsers say", Text(seen.page.reason or "a page whose rows carry no links"))
    screen.print(facts)
    screen.print("\nWhat to try", style="bold")
    for line in answer.guess.tries:
        screen.print(Text(f"  - {line}"), soft_wrap=True)
    for address, words in answer.guess.links:
        screen.print(Text(f"    boardhouse probe {address}    {words}"), soft_wrap=True)


def _facts() -> Table:
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    return facts


def _posts(found: Found) -> str:
    page = found.listed.page
    count = f"about {found.post_count:,}" if found.post_count else "their number is not shown"
    pages = f" on {page.last_page:,} list pages" if page.last_page else ""
    days = [row.listed_on for row in found.posts if row.listed_on]
    since = f", the oldest of {found.oldest_on}" if found.oldest_on else ""
    newest = f", the newest of {max(days)}" if days else ""
    search = "; it can be searched by date" if page.offers_date_search else ""
    return f"{count}{pages}{since}{newest}{search}"


def _robots(found: Found) -> str:
    if found.robots_status != 200:
        return f"none (HTTP {found.robots_status}): nothing is forbidden"
    delay = found.crawl_delay_seconds
    capped = " or more, of which that is the most obeyed" if delay == LONGEST_CRAWL_DELAY else ""
    return f"allows it{f'; asks for {delay:g} s between two requests{capped}' if delay else ''}"


def _show_article(article: Article, screen: Screen) -> None:
    when = f"{article.published_at:%Y-%m-%d %H:%M}" if article.published_at else f"no time ({article.date_text})"
    head = [when, article.author or "no author", article.source or "no source named", f"images: {article.image_count}"]
    table = Table("kind", Column("text", overflow="fold"), title=Text(f"One article: {article.title}"), title_justify="left")
    for block in article.blocks[:MOST_BLOCKS]:
        text = block.text if len(block.text) <= LONGEST_BLOCK else f"{block.text[:LONGEST_BLOCK]} …"
        table.add_row(block.kind, Text(text))
    screen.print(table)
    more = len(article.blocks) - MOST_BLOCKS
    screen.print(Text(f"{' · '.join(head)}{f' · blocks not shown: {more}' if more > 0 else ''}\n"))


def _show_money(found: Found, screen: Screen) -> None:
    if not found.money:
        screen.print("no money is mentioned in it\n")
        return
    table = Table("money", "kind", Column("amount", justify="right"), "currency", title="Money in it", title_justify="left")
    for _, mention in found.money[:MOST_MONEY]:
        amount = mention.amount if mention.amount is not None else mention.min
        table.add_row(Text(mention.text), mention.kind, "" if amount is None else f"{amount:,f}", mention.currency)
    screen.print(table)
    more = len(found.money) - MOST_MONEY
    screen.print(f"… and {more} more\n" if more > 0 else "")


def next_steps(found: Found, is_written: bool) -> str:
    """What to type next: the day before the newest post is over, so it can be read completely."""
    days = [row.listed_on for row in found.posts if row.listed_on]
    day = max(days) - dt.timedelta(days=1) if days else found.entry.first_day
    day = max(day, found.entry.first_day)
    first = "" if is_written else "add --write to this command, or the entry by hand; then\n      "
    return f"next: {first}boardhouse run --board {found.entry.id} --from {day} --to {day}"
