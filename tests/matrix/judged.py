"""The matrix: every corruption on a board of its own, all in one candidate, and what the gates say of each; and clean boards.

Here: making the candidates and reading the results. Not here: the corruptions, what a board is, and how it is shown (`shown`).
"""

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from orchestration.demo.rates import Rates
from orchestration.gates.records import GateResult
from tests.matrix.corruptions import PREPARE, Corruption, other, victim
from tests.matrix.world import END, ServedBoard, World, red_gates

TOGETHER = 50
"""Clean boards in one candidate."""

ARTICLES = 20
"""Read of each corrupted board: enough for a share of them that is refused, and for a field that they lose."""


def judge_corruptions(folder: Path, corruptions: Sequence[Corruption]) -> Mapping[str, list[GateResult]]:
    """By corruption, the results that did not pass: of its board, and of the rates of its days where it has days of its own."""
    world = World(folder)
    raw, built = [PREPARE], []
    for seed, corruption in enumerate(corruptions, 1000):
        board = world.board(seed, change=corruption.site, **{"articles": ARTICLES, **dict(corruption.options)})
        if corruption.page:
            corruption.page(board)
        raw += [_for(board, corruption.usual), _for(board, corruption.raw)]
        built.append(_for(board, corruption.built))
    red = red_gates(*world.candidate(raw, built))
    found = {}
    for corruption, board in zip(corruptions, world.boards, strict=True):
        found[corruption.name] = list(red.get(board.id, ()))
        if "end" in dict(corruption.options):
            days = {board.days[-1] + dt.timedelta(days=n) for n in range(-20, 6)}
            found[corruption.name] += [result for result in red.get("_rates", ()) if result.day in days]
    return found


def judge_clean(folder: Path, count: int, first_seed: int = 0) -> list[GateResult]:
    """What does not pass on `count` random boards in which nothing is wrong: of every skin and engine, of 1 to 4 days, of 3 to 90
    posts, under rates of several worlds."""
    found = []
    for n in range(0, count, TOGETHER):
        world = World(folder / str(n), Rates(first_seed + n, END))
        for seed in range(first_seed + n, first_seed + min(n + TOGETHER, count)):
            world.board(seed, **dict(_random_options(seed)))
        found += [result for results in red_gates(*world.candidate()).values() for result in results]
    return found


def _random_options(seed: int) -> Iterator[tuple[str, object]]:
    rng = random.Random(f"options:{seed}")
    yield "skin", rng.choice(("default", "xedition", "sketchbook5"))
    yield "engine", rng.choice(("rhymix", "xe"))
    yield "charset", rng.choice(("utf-8", "utf-8", "cp949"))
    yield "categories", rng.choice(((), ("정치", "경제")))
    yield "days", rng.randint(1, 4)
    yield "posts", rng.randint(3, 90)
    yield "end", END - dt.timedelta(days=rng.randint(0, 300))


def _for(board: ServedBoard, sql: str) -> str:
    if not sql:
        return ""
    marks = {
        "$b": board.id,
        "$v": str(victim(board).srl),
        "$o": str(other(board).srl),
        "$d": str(board.days[-1]),
        "$n": str(board.usual),
    }
    for mark, value in marks.items():
        sql = sql.replace(mark, value)
    return sql
