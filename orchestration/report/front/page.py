"""The front page of a version, as HTML.

Here: the template, its filters, and the policy that keeps the page from running or asking for anything. Not here: what is told
(`facts`), how it is worded (`wording`) or drawn (`charts`), and where it is written (`publish`).

Every text is escaped by Jinja. The policy (Content-Security-Policy) allows the page's own stylesheet, by its hash, and nothing
else: were a text of a board ever to come through as markup, it could run nothing and ask for nothing.
"""

import base64
import datetime as dt
import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as installed_version
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from orchestration.parse.urls import board_address
from orchestration.publish.versions import WAREHOUSE
from orchestration.report.dictionary import dictionary
from orchestration.report.front import wording
from orchestration.report.front.charts import quality_chart, rates_chart
from orchestration.report.front.facts import QUALITY_DAYS, RATE_DAYS, Board, Day, Facts, read_facts

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent


def render(version_folder: Path) -> str:
    """The front page of the version in `version_folder`, read from its own file: the same for the same content.

    A page that cannot be made must cost nobody the data: what went wrong is logged, and stands in the page that is given instead.
    """
    try:
        facts = read_facts(version_folder / WAREHOUSE)
        return _page("page.html", facts=facts, **_parts(facts))
    except Exception as error:
        log.exception("the front page of %s could not be made; its data is whole", version_folder)
        return _page("broken.html", what=f"{type(error).__name__}: {wording.cut(str(error), 300)}")


def _page(name: str, **values: Any) -> str:
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return _environment().get_template(name).render(style=Markup(style), policy=policy, **values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (
        wording.won,
        wording.exact_won,
        wording.rate,
        wording.percent,
        wording.deviation,
        wording.kst,
        wording.weekday,
        wording.cut,
        wording.web_address,
        code,
    ):
        environment.filters[function.__name__] = function
    return environment


def code(text: str) -> Markup:
    """`backquoted` words of the data dictionary as code; everything escaped."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(" ".join(text.split())))))


def _parts(facts: Facts) -> dict[str, Any]:
    days: dict[str, list[Day]] = defaultdict(list)
    for day in facts.days:
        days[day.board_id].append(day)
    steps = _steps([day.posts for day in facts.days])
    return {
        "boardhouse": installed_version("boardhouse"),
        "addresses": {board.board_id: _address(board) for board in facts.boards},
        "calendars": [(board, _months(days[board.board_id], steps)) for board in facts.boards if days[board.board_id]],
        "steps": steps,
        "largest": [(amount, _spans(amount)) for amount in facts.largest],
        "edits": [
            (
                edit,
                wording.changes(wording.cut(edit.title_before), wording.cut(edit.title_after))[0],
                *wording.changes(edit.text_before, edit.text_after),
            )
            for edit in facts.edits
        ],
        "rates": [(pair, rates_chart(pair)) for pair in facts.pairs],
        "rate_days": RATE_DAYS,
        "quality_days": QUALITY_DAYS,
        "quality": [
            (name, total, quality_chart(facts.quality, what, name) if total else None)
            for what, name in (("red", "Red gates"), ("held_back", "Board-days held back"), ("refused", "Documents refused"))
            for total in [sum(getattr(day, what) for day in facts.quality)]
        ],
        "dictionary": dictionary(),
        "snippets": SNIPPETS,
    }


def _address(board: Board) -> str | None:
    return wording.web_address(board_address(board.url, board.document_id)) if board.url and board.document_id else None


def _spans(amount: Any) -> list[wording.Piece]:
    pair = [(amount.pair_start, amount.pair_end)] if amount.pair_start is not None else []
    return wording.sentence(amount.said_in, (amount.start, amount.end), *pair)


STEPS = 5


def _steps(posts: Sequence[int]) -> list[int]:
    """The least number of posts of each shade: fifths of the days that have any, so that one great day does not pale all others."""
    counts = sorted(count for count in posts if count > 0)
    return sorted({counts[len(counts) * n // STEPS] for n in range(STEPS)}) if counts else []


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a calendar. `is_blank`: no day of the board."""

    number: int
    css: str
    said: str
    posts: int = 0
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    first: dt.date
    weeks: Sequence[Sequence[Cell | None]]


WORDS = {
    "published": "",
    "held_back": "held back by a gate",
    "failed": "could not be read",
    "not_run": "no run yet",
    None: "no run yet",
}


def _months(days: Sequence[Day], steps: Sequence[int]) -> list[Month]:
    """Calendar months, weeks from Sunday, the newest month first."""
    by_day = {day.day: day for day in days}
    months = []
    for (_, _), members in groupby(sorted(by_day), key=lambda day: (day.year, day.month)):
        first = next(members).replace(day=1)
        after = (first + dt.timedelta(days=32)).replace(day=1)
        cells: list[Cell | None] = [None] * (first.isoweekday() % 7)
        cells += [_cell(first + dt.timedelta(days=n), by_day, steps) for n in range((after - first).days)]
        cells += [None] * (-len(cells) % 7)
        months.append(Month(first, [cells[n : n + 7] for n in range(0, len(cells), 7)]))
    return months[::-1]


def _cell(day: dt.date, by_day: dict[dt.date, Day], steps: Sequence[int]) -> Cell:
    known = by_day.get(day)
    if known is None:
        return Cell(day.day, "", "", is_blank=True)
    shade = sum(known.posts >= step for step in steps) if known.posts else 0
    is_gap = known.state in (None, "not_run") and not known.posts
    state = "gap" if is_gap else known.state if known.state in ("held_back", "failed") else "published"
    said = f"{known.posts:,} post{'' if known.posts == 1 else 's'}"
    if known.articles and known.articles != known.posts:
        said += f", {known.articles:,} read"
    if known.refused:
        said += f", {known.refused:,} refused"
    if is_gap or state != "published":
        said = f"{WORDS[known.state]}{'' if is_gap else '; stands: ' + said}"
    return Cell(day.day, f"s{shade} {state}", said, known.posts)


SNIPPETS = (
    (
        "DuckDB",
        "",
        """duckdb -readonly published/warehouse.duckdb
set timezone = 'Asia/Seoul';
select listed_on, count(*) as posts
from board_rows group by all order by all desc;""",
    ),
    (
        "pandas",
        "pip install duckdb pandas pytz",
        """import duckdb

with duckdb.connect("published/warehouse.duckdb", read_only=True) as con:
    facts = con.sql("from currency_facts where amount_krw > 1e12").df()""",
    ),
    (
        "polars",
        "pip install polars",
        """import polars as pl

rows = pl.scan_parquet("published/current/parquet/board_rows.parquet")
rows.group_by("listed_on").len().sort("listed_on").collect()""",
    ),
    (
        "Spark",
        "",
        """articles = spark.read.parquet("published/current/parquet/articles.parquet")
articles.groupBy("source").count().orderBy("count", ascending=False).show()""",
    ),
    (
        "R",
        'install.packages(c("arrow", "dplyr"))',
        """library(arrow)
library(dplyr)

read_parquet("published/current/parquet/currency_facts.parquet") |>
  count(currency, sort = TRUE)""",
    ),
    (
        "Excel",
        "Where boardhouse is installed, this makes a file that opens as it is. With this folder alone: Data → Get Data → From File "
        "→ From Parquet, and choose a file of parquet/.",
        "boardhouse export --format xlsx --table daily_board_summary --table currency_facts",
    ),
)
"""Name, what to install or do first, and what to type in the folder that holds `published/`."""
