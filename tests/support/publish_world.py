"""A small world for publish: documents as plain values, candidates written from them, the published tables read back."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.build.candidate import create_schemas
from orchestration.decisions import Decision
from orchestration.effects import Effects
from orchestration.gates.records import GateResult, Refusal, Verdicts
from orchestration.publish import Published, publish
from orchestration.publish.schema import DATA_TABLES, DOCUMENT_TABLES, TABLES
from orchestration.publish.versions import Retention, current_version
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board

DAY = dt.date(2026, 3, 1)
NOW = dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC)
SEEN = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)


def day(number: int) -> dt.date:
    """Day 1 is 2026-03-01."""
    return DAY + dt.timedelta(days=number - 1)


@dataclass(frozen=True)
class Document:
    """A document in a candidate. `blocks`: None for one whose article was never read; each block that holds digits has a fact."""

    document_id: int
    listed_on: dt.date
    title: str = "제목"
    blocks: tuple[str, ...] | None = ("첫 문단",)
    seen_at: dt.datetime = SEEN
    view_count: int = 0
    status: str = "listed"
    board_id: str = "news"
    has_row: bool = True
    read_at: dt.datetime = SEEN

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        key = {"board_id": self.board_id, "document_id": self.document_id}
        row = {
            **key,
            "is_notice": False,
            "title": self.title,
            "title_tags": [],
            "listed_on": self.listed_on,
            "view_count": self.view_count,
            "status": self.status,
            "first_seen_at": SEEN,
            "last_seen_at": self.seen_at,
        }
        tables: dict[str, list[dict[str, Any]]] = {"board_rows": [row] if self.has_row else []}
        if self.blocks is None:
            return tables
        body = "\n".join(self.blocks)
        article = {
            **key,
            "version": 1,
            "title": self.title,
            "listed_on": self.listed_on,
            "body_text": body,
            "block_count": len(self.blocks),
            "image_count": 0,
            "char_count": len(body),
            "content_hash": f"{len(self.blocks)}",
            "first_fetched_at": SEEN,
            "last_fetched_at": self.seen_at,
        }
        tables["articles"] = [article]
        tables["article_versions"] = [{**article, "valid_from_at": self.read_at}]
        tables["article_blocks"] = [
            {**key, "block_position": n, "kind": "paragraph", "text": text} for n, text in enumerate(self.blocks)
        ]
        tables["currency_facts"] = [
            {
                **key,
                "fact_id": f"{self.board_id}/{self.document_id}/{text}/{n}",
                "version": 1,
                "listed_on": self.listed_on,
                "place": "body",
                "block_position": n,
                "char_start": 0,
                "char_end": len(text),
                "text": text,
                "kind": "amount",
                "currency": "KRW",
                "amount": Decimal(text),
                "qualifiers": [],
            }
            for n, text in enumerate(self.blocks)
            if text.isdigit()
        ]
        return tables


def rate(on: dt.date, currency: str = "USD", krw: float = 1400.0, recorded_at: dt.datetime = SEEN) -> dict[str, Any]:
    return {
        "day": on,
        "currency": currency,
        "recorded_at": recorded_at,
        "krw_per_unit": krw,
        "usd_per_unit": krw / 1400,
        "rate_source": "test",
    }


def write_candidate(path: Path, documents: Iterable[Document], rates: Iterable[dict[str, Any]] = ()) -> Path:
    """A candidate as dbt leaves one: plain tables without constraints, `changed_in_version` 0; of what gates judge, the columns
    that are published and the page."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        create_schemas(connection)
        fill_candidate(connection, path.stem, documents, rates)
        for table in DOCUMENT_TABLES:
            page = "title || ' listed' as latest_response_id" if table.name == "board_rows" else "'p' || document_id as response_id"
            connection.execute(f"create table int_{table.name} as select * exclude (changed_in_version), {page} from {table.name}")
        connection.execute(
            """
            create table int_board_day_facts as
            select board_id, listed_on, true as is_closed, count(*) as row_count, max(last_seen_at) as newest_post_at
            from board_rows group by all
            """
        )
        connection.execute(
            """
            create table int_board_day_fields as
            select
                board_id, listed_on, 'list.author' as field, true as is_closed, count(*) as seen_count,
                count(author) as filled_count
            from board_rows group by all
            """
        )
        connection.execute(
            "insert into raw.listing_rows by name select latest_response_id as response_id, document_id, title, author, listed_on"
            " from int_board_rows"
        )
    return path


def fill_candidate(
    connection: duckdb.DuckDBPyConnection, catalog: str, documents: Iterable[Document], rates: Iterable[dict[str, Any]] = ()
) -> None:
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in DATA_TABLES}
    for document in documents:
        for name, added in document.rows().items():
            rows[name] += added
    rows["exchange_rates"] += rates
    for table in DATA_TABLES:
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        connection.execute(f"create or replace table {catalog}.main.{table.name} ({columns})")
        if rows[table.name]:
            shape = connection.execute(f"from {catalog}.main.{table.name} limit 0").to_arrow_table().schema
            filled = [{"changed_in_version": 0} | row for row in rows[table.name]]
            connection.register("filled", pa.Table.from_pylist(filled, schema=shape))
            connection.execute(f"insert into {catalog}.main.{table.name} by name from filled")


def red(board_id: str, on: dt.date, gate: str = "board_rows.titled", *, reason: str = "제목이 비었다") -> GateResult:
    return GateResult(gate, gate.split(".")[0], "critical", board_id, on, "failed", 0.5, 0.0, 3, reason)


def green(board_id: str, on: dt.date, gate: str = "board_rows.titled") -> GateResult:
    return GateResult(gate, gate.split(".")[0], "critical", board_id, on, "passed", 0.0, 0.0, 0, "")


def refusing(
    board_id: str, on: dt.date, *document_ids: int, gate: str = "board_rows.titled", **key: Any
) -> tuple[GateResult, tuple[Refusal, ...]]:
    """A gate that refuses these documents, as `Verdicts` has it; `key`: the rest of the failing row's key."""
    result = GateResult(
        gate,
        gate.split(".")[0],
        "critical",
        board_id,
        on,
        "failed",
        0.5,
        0.0,
        len(document_ids),
        "제목이 비었다",
        refuses="document",
    )
    return result, tuple(Refusal(gate, "critical", board_id, on, {"document_id": n, **key}) for n in document_ids)


def board(board_id: str = "news", first_day: dt.date = DAY) -> Board:
    return Board(id=board_id, name=board_id, url=f"http://127.0.0.1/{board_id}", first_day=first_day)


@dataclass
class World:
    """Publishes candidates into one `published/`, as runs of the whole graph would."""

    home: Path
    boards: tuple[Board, ...] = (board(),)
    runs: int = 0
    now: dt.datetime = NOW
    effects: Effects = field(default_factory=Effects)
    keep: Retention = field(default_factory=Retention)

    @property
    def published(self) -> Path:
        return self.home / "published"

    def scope(
        self, days: Iterable[dt.date], *, boards: Iterable[str] = ("news",), failed: Iterable[tuple[str, dt.date]] = ()
    ) -> Scope:
        days, failed = sorted(days), set(failed)
        board_days = tuple(
            BoardDay(b, d, "failed", "the board is down") if (b, d) in failed else BoardDay(b, d, "complete")
            for b in boards
            for d in days
        )
        return Scope(f"run{self.runs}", days[0], days[-1], False, board_days)

    def publish(
        self,
        documents: Iterable[Document],
        days: Iterable[dt.date],
        *,
        boards: Iterable[str] = ("news",),
        results: Iterable[GateResult] = (),
        failed: Iterable[tuple[str, dt.date]] = (),
        rates: Iterable[dict[str, Any]] = (),
        refused: Iterable[tuple[GateResult, tuple[Refusal, ...]]] = (),
        decisions: Iterable[Decision] = (),
        base: int | str | None = "current",
    ) -> Published:
        candidate = write_candidate(self.home / "build" / f"run{self.runs + 1}" / "candidate.duckdb", documents, rates)
        return self.publish_candidate(
            candidate, days, boards=boards, results=results, failed=failed, refused=refused, decisions=decisions, base=base
        )

    def publish_candidate(
        self,
        candidate: Path,
        days: Iterable[dt.date],
        *,
        boards: Iterable[str] = ("news",),
        results: Iterable[GateResult] = (),
        failed: Iterable[tuple[str, dt.date]] = (),
        refused: Iterable[tuple[GateResult, tuple[Refusal, ...]]] = (),
        decisions: Iterable[Decision] = (),
        base: int | str | None = "current",
    ) -> Published:
        refused = list(refused)
        verdicts = Verdicts(
            (*results, *(result for result, _ in refused)), tuple(refusal for _, refusals in refused for refusal in refusals)
        )
        self.runs += 1
        self.now += dt.timedelta(hours=1)
        return publish(
            self.published,
            candidate,
            self.scope(days, boards=boards, failed=failed),
            verdicts,
            self.boards,
            now=self.now,
            base_version=current_version(self.published) if base == "current" else base,  # type: ignore[arg-type]
            keep=self.keep,
            decisions=tuple(decisions),
            effects=self.effects,
        )

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str((self.published / "warehouse.duckdb").resolve()), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(statement).fetchall()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every published row of every table, sorted: what "row for row" compares. Empty where nothing is published."""
        if not (self.published / "warehouse.duckdb").exists():
            return {}
        with duckdb.connect(str((self.published / "warehouse.duckdb").resolve()), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return {table.name: sorted(connection.execute(f"from {table.name}").fetchall(), key=repr) for table in TABLES}

    def leftovers(self) -> list[str]:
        """What is in `published/` beside the lock, the two links and the versions up to the current one."""
        current = current_version(self.published) or 0
        versions = {str(version) for version in range(1, current + 1)}
        found = [
            path.name for path in self.published.iterdir() if path.name not in {"lock", "current", "warehouse.duckdb", "versions"}
        ]
        return found + [path.name for path in (self.published / "versions").iterdir() if path.name not in versions]

    def damage(self) -> list[str]:
        """What of the current version's folder is not as its manifest says, or, in Parquet, not as in its tables."""
        folder = (self.published / "current").resolve()
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        described = [manifest["warehouse"], *manifest["tables"].values()]
        wrong = [
            each["file"] for each in described if hashlib.sha256((folder / each["file"]).read_bytes()).hexdigest() != each["sha256"]
        ]
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            for name, rows in self.tables().items():
                found = connection.execute(f"from '{folder}/parquet/{name}.parquet'").fetchall()
                if sorted(found, key=repr) != rows:
                    wrong.append(name)
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        return wrong + sorted(there - {each["file"] for each in described} - {"manifest.json", "index.html"})
