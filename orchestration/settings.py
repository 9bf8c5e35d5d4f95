"""Configuration: typed settings from the environment, and the boards of `boards.yaml`, validated on load.

Here: what an operator can set, its defaults, and errors that name the line. Not here: anything a page says, and no import of
a step. Nothing is read at import.
"""

import datetime as dt
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from orchestration.errors import ConfigError

KST = ZoneInfo("Asia/Seoul")
"""The zone of the schedules and of "today"; a board's own zone is in its entry."""

ECB = "https://www.ecb.europa.eu/stats/eurofxref"
"""The folder in which the European Central Bank publishes its reference rates."""

CLOSES_AT = dt.time(2)
"""When the nightly run closes the day before, in KST."""

Engine = Literal["auto", "rhymix", "xe", "text"]
Skin = Literal["auto", "default", "xedition", "sketchbook5"]

AGE = re.compile(r"[1-9][0-9]{0,4}[mhd]")
BOARD_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Board(BaseModel):
    """One entry of `boards.yaml`. A board is data: adding one needs no code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="the board's key in every table; never reused for another board")
    name: str = Field(min_length=1, description="what people call it")
    url: str = Field(description="its list page, as a reader opens it, e.g. https://host/news")
    engine: Engine = Field("auto", description="the board software; auto detects it on each page")
    skin: Skin = Field("auto", description="the skin of its pages; auto detects it on each page")
    delay_seconds: float = Field(1.0, ge=0, le=600, description="the least time between two requests to its host")
    time_zone: str = Field("Asia/Seoul", description="the zone of the times that it shows")
    first_day: dt.date = Field(description="days before it are never asked for")
    refresh: tuple[str, ...] = Field(
        ("1h", "6h", "1d", "7d"),
        description="when an article is read again after its first reading, for an edit leaves no trace in the list; [] for never",
    )
    max_requests: int = Field(
        100_000, ge=1, description="the most requests to its host in one run; what is left waits for the next"
    )
    refused_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="the most of a day's documents that gates may refuse before the day is held back; one always may be",
    )
    private_network: bool = Field(
        False, description="true for a board in your own network: its name may stand for a private address"
    )

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not BOARD_ID.fullmatch(value):
            raise ValueError(f"{value!r} is no board id: small letters, digits and _, beginning with a letter, at most 40")
        return value

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s#]*)?", value):
            raise ValueError(f"{value!r} is no address of a board: write it as https://host/board")
        if "@" in value.split("/")[2]:
            raise ValueError("an address must not carry a password: boards.yaml is no place for one (see docs/fetching.md)")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone: write an IANA name such as Asia/Seoul")
        return value

    @field_validator("refresh")
    @classmethod
    def _refresh(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            if not AGE.fullmatch(text):
                raise ValueError(f"{text!r} is no age: write a number and m, h or d, such as 6h")
        return value

    @property
    def refresh_ages(self) -> tuple[dt.timedelta, ...]:
        """`refresh`, youngest first."""
        return tuple(sorted(dt.timedelta(minutes=int(text[:-1]) * {"m": 1, "h": 60, "d": 1440}[text[-1]]) for text in self.refresh))

    @property
    def is_bundled(self) -> bool:
        """The board that comes with the project, on loopback."""
        return self.id == "demo" and urlsplit(self.url).hostname in ("127.0.0.1", "localhost")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class _BoardsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    boards: list[Board] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> "_BoardsFile":
        seen: set[str] = set()
        for board in self.boards:
            if board.id in seen:
                raise ValueError(f"the id {board.id!r} stands twice: each board needs its own")
            seen.add(board.id)
        return self


def load_boards(path: Path) -> tuple[Board, ...]:
    """The boards of a `boards.yaml`, in its order.

    Raises ConfigError: one line with the file, the line, what is wrong and what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; write one (see docs/how-to/add-a-board.md) or set BOARDHOUSE_BOARDS") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    try:
        raw = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not valid YAML: {error.problem or error.context}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path} line 1: expected a mapping with the key boards, as in the project's own boards.yaml")
    try:
        return tuple(_BoardsFile.model_validate(_plain(raw)).boards)
    except ValidationError as error:
        first, *more = error.errors()
        also = f" (and {len(more)} more)" if more else ""
        raise ConfigError(f"{path} line {_line(raw, first['loc'])}: {_explain(first)}{also}") from None


def _plain(node: Any) -> Any:
    """ruamel's round-trip containers as plain ones; scalars as they are."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _line(root: Any, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest part of `loc` that the file has."""
    node, line = root, 1
    for part in loc:
        try:
            line = node.lc.data[part][0] + 1
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def _explain(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "literal_error":
            return f"{where}: {error['input']!r} is not known; write one of {error['ctx']['expected']}"
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            known = ", ".join(Board.model_fields) if len(error["loc"]) > 1 else "boards"
            return f"{where} is not a known key; known are {known}"
        case "value_error":
            return f"{where}: {error['ctx']['error']}" if where else str(error["ctx"]["error"])
        case _:
            return f"{where}: {error['msg']}, not {error['input']!r}"


PER_BOARD = {
    "COOKIE": "a Cookie header for a board that needs an account; a secret: sent to that board's host only, never printed",
    "BASIC": "`user:password` for a board behind HTTP authentication; a secret, as above",
}
"""Environment variables that each board has one of: `BOARDHOUSE_<kind>_<ID>`, the id in capitals."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a board's account needs, from the environment; printed as asterisks."""

    cookie: SecretStr | None
    basic: SecretStr | None

    @classmethod
    def of(cls, board_id: str) -> "Credentials":
        given = {kind: os.environ.get(f"BOARDHOUSE_{kind}_{board_id.upper()}") for kind in PER_BOARD}
        return cls(**{kind.lower(): SecretStr(value) if value else None for kind, value in given.items()})

    @property
    def cookies(self) -> dict[str, str]:
        """By name."""
        parts = (part.strip().partition("=") for part in (self.cookie.get_secret_value() if self.cookie else "").split(";"))
        return {name: value for name, equals, value in parts if equals}

    @property
    def login(self) -> tuple[str, str] | None:
        """(user, password)."""
        user, _, password = (self.basic.get_secret_value() if self.basic else "").partition(":")
        return (user, password) if self.basic else None


class Settings(BaseSettings):
    """What the environment sets. Every path hangs on `home`."""

    model_config = SettingsConfigDict(env_prefix="BOARDHOUSE_", frozen=True, extra="ignore")

    boards: Path = Field(
        Path("boards.yaml"), description="the path of boards.yaml; default: the nearest at or above the working folder"
    )
    home: Path = Field(
        Path(".boardhouse"),
        description="the folder that holds everything; a relative path is resolved against the folder of boards.yaml",
    )
    contact: str | None = Field(
        None, description="an address or URL put into the User-Agent; boards may then treat requests as a robot's"
    )
    request_timeout_seconds: float = Field(30.0, gt=0, description="for the connection, and for each read")
    max_attempts: int = Field(4, ge=1, le=10, description="tries of one request before its board is given up in this run")

    rates_url: str | None = Field(
        None,
        description="the folder of the European Central Bank's files of reference rates (eurofxref-daily.xml, "
        "eurofxref-hist-90d.xml), or `none` to ask nobody; default: the bank's own, or the bundled board's where "
        "boards.yaml has no other board",
    )

    nightly_days: int = Field(
        30, ge=0, description="the most older board-days with work left that the nightly schedule reads besides the day before"
    )

    versions_keep: int = Field(10, ge=1, description="how many of the last published versions are kept")
    versions_keep_days: int = Field(
        7, ge=0, description="of how many of the last days with a publish the last version is kept, beside those"
    )

    landing_keep_days: int | None = Field(
        None, ge=30, description="how many days landed answers are kept at least (docs/landing.md); default: for ever"
    )

    schedules_on: bool = Field(
        False,
        description="whether schedules and sensors begin switched on, where nobody has switched them in the UI; `make dev` sets it",
    )

    webhook_url: SecretStr | None = Field(None, description="where alerts are posted to; a secret: never printed")
    webhook_format: Literal["json", "slack"] = Field(
        "json", description="of an alert: `json` (kind, text, run_id, at, board_id) or `slack`"
    )

    @field_validator("rates_url")
    @classmethod
    def _rates_url(cls, value: str | None) -> str | None:
        if value not in (None, "none") and not re.fullmatch(r"https?://[^\s@]+", value or ""):
            raise ValueError("is no address: write https://host/folder, or none")
        return value

    @model_validator(mode="before")
    @classmethod
    def _find(cls, values: Any) -> Any:
        """Resolve `boards` against the working folder (searching upwards by default), then `home` against its folder."""
        given = values.get("boards")
        boards = Path(given).absolute() if given else _nearest("boards.yaml")
        home = Path(values.get("home") or ".boardhouse").expanduser()
        return {**values, "boards": boards, "home": home if home.is_absolute() else boards.parent / home}

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def build(self) -> Path:
        return self.home / "build"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def warehouse(self) -> Path:
        """What consumers open."""
        return self.published / "warehouse.duckdb"

    @property
    def front_page(self) -> Path:
        """What a consumer reads first; a version that an earlier release published has none."""
        return self.published / "current" / "index.html"

    @property
    def rates(self) -> Path:
        """The operator's files."""
        return self.home / "rates"

    def rates_address(self, boards: Sequence["Board"]) -> str | None:
        """Where the bank's files are asked for; None: nowhere. The bundled board's world has rates of its own."""
        if self.rates_url is not None:
            return None if self.rates_url == "none" else self.rates_url
        if boards and all(board.is_bundled for board in boards):
            return urljoin(boards[0].url, "/rates")
        return ECB

    @property
    def alerts(self) -> Path:
        return self.home / "alerts.jsonl"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    def load_boards(self) -> tuple[Board, ...]:
        return load_boards(self.boards)


def load_settings() -> Settings:
    """The settings of this process. Raises ConfigError naming the variable."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        first = error.errors()[0]
        name = "BOARDHOUSE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"{name}: {first['msg']}, not {first['input']!r}") from None


def _nearest(name: str) -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / name).is_file():
            return folder / name
    return here / name


def today(zone: ZoneInfo = KST) -> dt.date:
    """The day in `zone` by this machine's clock."""
    return dt.datetime.now(zone).date()
