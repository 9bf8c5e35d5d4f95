"""The suites as files: which gates there are, what each promises, and what it takes to place a failing row.

Here: reading and validating `expectations/*.json`, and saying a gate's bound in plain words. Not here: running a suite (`runner`),
and no import of Great Expectations, so that Dagster's definitions load in milliseconds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from orchestration.errors import ConfigError
from orchestration.gates.records import Severity, Unit

SUITES = Path(__file__).parents[2] / "expectations"


@dataclass(frozen=True, slots=True)
class History:
    """What a gate that compares a board-day with its board's own days needs: at least `least` in `column`, the count of days that
    are known. With fewer it is not judged; and a day that is still open (`is_closed`) it only warns of."""

    column: str
    least: int


@dataclass(frozen=True, slots=True)
class Gate:
    """One expectation of one suite. `promise`: what green means; `low`, `high`: the least and the most that passes, where the
    rule is one about a number; `history`: of a rule that compares with the board's own days."""

    gate: str
    suite: str
    relation: str
    severity: Severity
    reason: str
    owner: str
    promise: str
    unit: Unit
    column: str | None
    low: float | None
    high: float | None
    history: History | None = None

    @property
    def effect(self) -> str:
        """What a red one refuses, in words."""
        return self.unit.replace("_", "-") if self.severity == "critical" else "nothing (warning)"


@dataclass(frozen=True, slots=True)
class Suite:
    """One file. `keys` name a row, `shows` are further columns put beside them for the reader, `board_id` stands where the relation
    is no board's (rates); `expectations` is the JSON as it stands."""

    name: str
    relation: str
    keys: tuple[str, ...]
    day_column: str
    shows: tuple[str, ...]
    board_id: str | None
    gates: tuple[Gate, ...]
    expectations: tuple[Mapping[str, Any], ...]

    @property
    def is_per_day(self) -> bool:
        """Whether its relation has one row per board-day, so that a gate compares a value and not a share of rows."""
        return set(self.keys) == {"board_id", self.day_column}

    @property
    def index(self) -> tuple[str, ...]:
        """The columns asked for of each failing row."""
        return tuple(dict.fromkeys(("board_id", self.day_column, *self.keys, *self.shows)))


def catalogue(folder: Path) -> tuple[Gate, ...]:
    """Every gate of every suite in `folder`, by suite name, in the order of its file. Raises ConfigError."""
    return tuple(gate for suite in load_suites(folder) for gate in suite.gates)


def load_suites(folder: Path) -> tuple[Suite, ...]:
    """The suites of `folder`, by name. Raises ConfigError: one line naming the file and what is wrong in it."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise ConfigError(f"{folder}: holds no suite; a candidate that nothing judges is not published")
    suites = tuple(_suite(path) for path in paths)
    seen: set[str] = set()
    for gate in (gate for suite in suites for gate in suite.gates):
        if gate.gate in seen:
            raise ConfigError(f"{folder}: the gate {gate.gate} stands twice; every gate needs a name of its own")
        seen.add(gate.gate)
    return suites


def _suite(path: Path) -> Suite:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: is no readable suite: {error}") from None
    try:
        meta = raw["meta"]
        name, relation, keys = raw["name"], meta["relation"], tuple(meta["keys"])
        expectations = tuple(raw["expectations"])
        unit = meta["refuses"]
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{path}: a suite needs name, expectations and meta with relation, keys, refuses: {error}") from None
    if name != path.stem:
        raise ConfigError(f"{path}: is named {name!r} inside; name it {path.stem!r}")
    _check_unit(path, unit)
    if not expectations:
        raise ConfigError(f"{path}: has no expectations, so it cannot fail")
    return Suite(
        name=name,
        relation=relation,
        keys=keys,
        day_column=meta.get("day_column", "listed_on"),
        shows=tuple(meta.get("shows", ())),
        board_id=meta.get("board_id"),
        gates=tuple(_gate(path, name, relation, unit, expectation) for expectation in expectations),
        expectations=expectations,
    )


def _check_unit(path: Path, unit: Any) -> None:
    if unit not in get_args(Unit):
        raise ConfigError(f"{path}: refuses {unit!r}; write one of {', '.join(get_args(Unit))}")


def _gate(path: Path, suite: str, relation: str, unit: Unit, raw: Mapping[str, Any]) -> Gate:
    meta = raw.get("meta") or {}
    gate = meta.get("gate", f"an expectation of type {raw.get('type')}")
    for key in ("gate", "reason", "owner"):
        if not meta.get(key):
            raise ConfigError(f"{path}: {gate} has no {key} in its meta")
    if not gate.startswith(f"{suite}."):
        raise ConfigError(f"{path}: the gate {gate} must be named {suite}.<what_is_promised>")
    severity: Any = raw.get("severity")
    if severity not in get_args(Severity):
        raise ConfigError(f"{path}: {gate} has severity {severity!r}; write one of {', '.join(get_args(Severity))}")
    unit = meta.get("refuses", unit)
    _check_unit(path, unit)
    kwargs = raw.get("kwargs") or {}
    if "mostly" in kwargs:
        # A share over the whole range says nothing of one board-day: 5 % of sixty days are three days with every row wrong.
        raise ConfigError(f"{path}: {gate} uses mostly, which spans all board-days; judge a share per board-day in board_days")
    try:
        promise = describe(raw["type"], kwargs)
    except KeyError as error:
        raise ConfigError(
            f"{path}: {gate}: describe() has no words for {raw.get('type')}, or it lacks the argument {error}"
        ) from None
    low, high = _bounds(kwargs)
    return Gate(
        gate=gate,
        suite=suite,
        relation=relation,
        severity=severity,
        reason=meta["reason"],
        owner=meta["owner"],
        promise=promise,
        unit=unit,
        column=kwargs.get("column"),
        low=low,
        high=high,
        history=_history(path, gate, meta.get("history")),
    )


def _history(path: Path, gate: str, raw: Any) -> History | None:
    match raw:
        case None:
            return None
        case {"column": str(column), "least": int(least)}:
            return History(column, least)
        case _:
            raise ConfigError(f'{path}: {gate} has history {raw!r}; write {{"column": <a count of days>, "least": <a number>}}')


def describe(kind: str, kwargs: Mapping[str, Any]) -> str:
    """What an expectation promises, in plain words. Raises KeyError for a type that it has no words for."""
    match kind:
        case "expect_column_values_to_not_be_null":
            return f"{kwargs['column']} is never null"
        case "expect_column_values_to_be_true":
            return f"{kwargs['column']} is true in every row"
        case "expect_column_values_to_be_in_set":
            return f"{kwargs['column']} is {_one_of(kwargs['value_set'])}"
        case "expect_column_values_to_not_be_in_set":
            return f"{kwargs['column']} is never {_one_of(kwargs['value_set'])}"
        case "expect_column_values_to_be_between":
            return f"{kwargs['column']} is {_between(kwargs)}"
        case "expect_column_value_lengths_to_be_between":
            return f"{kwargs['column']} has {_between(kwargs)} characters"
        case "expect_compound_columns_to_be_unique":
            return f"no two rows share {', '.join(kwargs['column_list'])}"
        case "expect_column_pair_values_a_to_be_greater_than_b":
            than = "at least" if kwargs.get("or_equal") else "more than"
            return f"{kwargs['column_A']} is {than} {kwargs['column_B']}"
        case "expect_column_pair_values_to_be_equal":
            return f"{kwargs['column_A']} equals {kwargs['column_B']}"
        case "expect_table_column_types_to_be":
            return f"it has {len(kwargs['column_types'])} columns with their types: {', '.join(sorted(kwargs['column_types']))}"
        case _:
            raise KeyError(kind)


def _one_of(values: list[Any]) -> str:
    words = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _between(kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is not None and low == high:
        return f"{low:g}"
    parts = []
    if low is not None:
        parts.append(f"{'more than' if kwargs.get('strict_min') else 'at least'} {low:g}")
    if high is not None:
        parts.append(f"{'less than' if kwargs.get('strict_max') else 'at most'} {high:g}")
    return " and ".join(parts)


def _bounds(kwargs: Mapping[str, Any]) -> tuple[float | None, float | None]:
    values = kwargs.get("value_set", ())
    if len(values) == 1 and isinstance(values[0], int | float):
        return float(values[0]), float(values[0])
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    return (None if low is None else float(low)), (None if high is None else float(high))
