"""Many boards in one candidate: each the bundled generator's, under a seed of its own, through landing, parsers, dbt and gates.

Here: what a clean board is, how its pages are landed, and which gates are red on each board. Not here: what is done to them
(`corruptions`). A gate speaks of one board and day, so boards in one candidate cannot touch each other, and one dbt build and one
run of the suites answer for all of them.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from orchestration.build.candidate import prepare_candidate
from orchestration.build.run import build
from orchestration.demo.content import KST, Post, generate
from orchestration.demo.rates import Rates
from orchestration.demo.site import Site
from orchestration.gates.records import GateResult
from orchestration.gates.runner import judge
from orchestration.landing.records import Purpose, Response
from orchestration.landing.store import Landing
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board, Settings

SUITES = Path(__file__).parents[2] / "expectations"
END = dt.date(2025, 2, 5)
"""The last day of every board, unless it says otherwise; a Wednesday."""

AGREES = """
update raw.second_rates set krw_per_unit = first.krw_per_unit
from raw.rates as first where first.day = second_rates.day and first.currency = second_rates.currency and first.rate_source <> 'nbp'
"""
"""The two banks are apart on some days of most years (docs/money.md), which warns; in a clean world they are not."""

AGENT = {"user-agent": "python-requests/2.32"}


@dataclass
class World:
    """The boards of one candidate. `rates` are everybody's."""

    folder: Path
    rates: Rates = field(default_factory=lambda: Rates(1, END))
    boards: list["ServedBoard"] = field(default_factory=list)

    def board(self, seed: int, **options: object) -> "ServedBoard":
        """One more clean board."""
        served = ServedBoard.read(f"b{len(self.boards):03}", seed, self.rates, **options)
        self.boards.append(served)
        return served

    def candidate(self, before_dbt: Sequence[str] = (), after_dbt: Sequence[str] = ()) -> tuple[Path, Scope]:
        """Land every board, and build the candidate; the SQL is run on its raw tables and on its built ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "boards.yaml").touch()
        settings = Settings(boards=self.folder / "boards.yaml", home=self.folder / "home")
        landing = Landing(settings.landing)
        self.rates.write_csv(settings.rates / "world.csv", min(b.days[0] for b in self.boards) - dt.timedelta(days=90), END)
        for board in self.boards:
            with landing.writer("fetch", board.id) as spool:
                for response in board.responses:
                    spool.append(response)
        scope = self.scope()
        path = prepare_candidate(settings, [board.configured for board in self.boards], scope, landing).path
        _execute(path, (AGREES, *before_dbt))
        build(path.parent)
        _execute(path, after_dbt)
        return path, scope

    def scope(self) -> Scope:
        days = tuple(BoardDay(board.id, day, "complete") for board in self.boards for day in board.days)
        lists = tuple(r.response_id for board in self.boards for r in board.responses if r.purpose == "list")
        every = [bd.day for bd in days]
        return Scope("run", min(every), max(every), True, days, lists)


@dataclass
class ServedBoard:
    """A board, and what it answered to one whole reading of its last days."""

    id: str
    days: tuple[dt.date, ...]
    posts: tuple[Post, ...]
    """Those of the days, newest first, as they were generated; no notices."""
    responses: list[Response]
    read_at: dt.datetime
    site: Site
    usual: int
    """How many posts the last day had before the board was changed."""

    @classmethod
    def read(cls, board_id: str, seed: int, rates: Rates, *, end: dt.date = END, days: int = 2, posts: int = 46,
             articles: int | None = None, change: Callable[[Site], None] | None = None,
             **options: object) -> "ServedBoard":  # fmt: skip
        """Generate a board, `change` it, and read it as a run does: every list page, then the articles of
        the last day: all, or so many of the newest and the oldest."""
        read_at = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(3), KST)
        options = {"skin": "xedition", **options}
        board = generate(seed, end, days, posts, mid=board_id, rates=rates, **options)  # type: ignore[arg-type]
        site = Site(board, base="https://board.example", now=lambda: read_at)
        usual = sum(post.regdate.date() == end for post in board.listed)
        if change:
            change(site)
        known = tuple(reversed(board.listed))
        served = cls(board_id, tuple(end - dt.timedelta(days=n) for n in reversed(range(days))), known, [], read_at, site, usual)
        for page in range(1, site.page_count() + 1):
            served.ask("list", f"/{board_id}?page={page}")
        last_day = [post for post in known if post.regdate.date() == end]
        half = (articles or len(last_day) + 1) // 2
        for post in last_day if len(last_day) <= 2 * half else last_day[:half] + last_day[-half:]:
            served.ask("article", f"/{board_id}/{post.srl}", post.srl)
        return served

    def ask(self, purpose: Purpose, target: str, document_id: int | None = None) -> None:
        """Land the site's answer to one request, a second after the one before."""
        answer = self.site.answer("GET", target, AGENT)
        url = f"https://board.example{target}"
        self.responses.append(
            Response(
                board_id=self.id,
                run_id="fetch",
                purpose=purpose,
                url_asked=url,
                url=url,
                status=answer.status,
                headers={name.lower(): value for name, value in answer.headers.items()},
                fetched_at=(self.read_at + dt.timedelta(seconds=len(self.responses))).astimezone(dt.UTC),
                body=answer.body,
                sweep="pages" if purpose == "list" else None,
                document_id=document_id,
            )
        )

    @property
    def configured(self) -> Board:
        return Board(
            id=self.id, name=self.id, url=f"https://board.example/{self.id}", first_day=dt.date(2015, 1, 1), delay_seconds=0
        )

    # What can be done to its pages.

    def rewrite(self, purpose: Purpose | None, change: Callable[[str], str], *, nth: int | None = None) -> None:
        """Change the text of its pages: of all, of one purpose, of the nth of these. A change that changes nothing is an error."""
        places = [n for n, response in enumerate(self.responses) if purpose in (None, response.purpose)]
        changed = 0
        for n in places if nth is None else [places[nth]]:
            response = self.responses[n]
            body = change(response.body.decode()).encode()
            changed += body != response.body
            self.put(n, body=body)
        assert changed, f"{self.id}: nothing was changed"

    def put(self, n: int, **fields: object) -> None:
        self.responses[n] = replace(self.responses[n], response_id="", **fields)  # type: ignore[arg-type]

    def place(self, srl: int) -> int:
        """Where the answer of an article stands among the responses."""
        return next(n for n, response in enumerate(self.responses) if response.document_id == srl)

    def rows(self, change: Callable[[list[str]], Iterable[str]], purpose: Purpose | None = None, nth: int | None = None) -> None:
        """Change the rows of its lists, without the notices: those of list pages and those below articles."""

        def changed(html: str) -> str:
            parts = _ROW.split(html)  # text, row, text, row … text
            posts = [n for n in range(1, len(parts), 2) if '<td class="title">' in parts[n] and 'class="notice"' not in parts[n]]
            if not posts:
                return html
            rows = "".join(change([parts[n] for n in posts]))
            kept = [part for n, part in enumerate(parts) if n not in posts]
            first = posts[0]
            return "".join(kept[:first]) + rows + "".join(kept[first:])

        self.rewrite(purpose, changed, nth=nth)

    def row(self, srl: int, change: Callable[[str], str]) -> None:
        """Change the row of one document wherever it is listed."""
        self.rows(lambda rows: [change(row) if f"/{self.id}/{srl}" in row else row for row in rows])

    def cell(self, srl: int, name: str, text: str) -> None:
        """Put another text into a cell of a document's row, wherever it is listed."""
        self.row(srl, lambda row: re.sub(rf'(<td class="{name}">).*?(</td>)', rf"\g<1>{text}\g<2>", row, flags=re.S))

    def article(self, srl: int, change: Callable[[str], str]) -> None:
        n = self.place(srl)
        body = change(self.responses[n].body.decode()).encode()
        assert body != self.responses[n].body, f"{self.id}: the article {srl} was not changed"
        self.put(n, body=body)


_ROW = re.compile(r"(<tr[^>]*>(?:(?!</tr>).)*</tr>)", re.S)


def red_gates(candidate: Path, scope: Scope) -> Mapping[str, list[GateResult]]:
    """By board, what did not pass."""
    found: dict[str, list[GateResult]] = defaultdict(list)
    for result in judge(candidate, scope, SUITES).results:
        if result.outcome not in ("passed", "not_enough_history"):
            found[result.board_id].append(result)
    return found


def _execute(candidate: Path, statements: Sequence[str]) -> None:
    if statements:
        with duckdb.connect(str(candidate)) as connection:
            connection.execute("set timezone = 'UTC'")
            for statement in filter(None, statements):
                connection.execute(statement)
