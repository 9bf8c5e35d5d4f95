"""Killed before, in the middle of, or after any write, the landing keeps every response that was acknowledged, and its next
start mends the rest."""

import datetime as dt
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.landing.records import Response
from orchestration.landing.store import Landing

RESPONSES = [
    Response(
        board_id="news",
        run_id="r1",
        purpose="article",
        url_asked=f"https://board.example/news/{number}",
        url=f"https://board.example/news/{number}",
        status=200,
        headers={},
        fetched_at=dt.datetime(2026, 11, 20, 14, 58 + number // 3, tzinfo=dt.UTC),  # across midnight in Seoul
        body=f"본문 {number}".encode() * 50,
        document_id=number,
    )
    for number in range(1, 6)
]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL at the n-th effect on the disk; every second one of a write's lands half of its bytes first."""
    left = itertools.count(n, -1)
    pwrite = os.pwrite

    def torn(descriptor: int, data: bytes, offset: int) -> int:
        if next(left) == 1:
            die()
        if next(left) == 1:
            pwrite(descriptor, data[: len(data) // 2], offset)
            die()
        return pwrite(descriptor, data, offset)

    def before(function: Callable) -> Callable:
        def wrapped(*args: object, **given: object) -> object:
            if next(left) == 1:
                die()
            return function(*args, **given)

        return wrapped

    monkeypatch.setattr(os, "pwrite", torn)
    monkeypatch.setattr(os, "fsync", before(os.fsync))
    for name in ("replace", "unlink", "mkdir"):
        monkeypatch.setattr(Path, name, before(getattr(Path, name)))


def in_child(work: Callable[[], None]) -> bool:
    """Whether `work` ended by itself in a process of its own; False where it was killed."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return os.WIFEXITED(status)


def test_killed_at_every_effect_nothing_acknowledged_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1, 200):
        folder = tmp_path / str(n)
        landing, acknowledged = Landing(folder), folder.with_suffix(".acknowledged")

        def work(n: int = n, landing: Landing = landing, acknowledged: Path = acknowledged) -> None:
            die_at(n, monkeypatch)
            with acknowledged.open("a", buffering=1) as told, landing.writer("r1", "news") as spool:
                for response in RESPONSES:
                    spool.append(response)
                    print(response.response_id, file=told)
            landing.seal()
            landing.seal()

        ended = in_child(work)
        told = acknowledged.read_text().split() if acknowledged.exists() else []
        for _ in range(2):  # before and after the mending start
            read = [response.response_id for response in landing.responses()]
            assert len(read) == len(set(read)) and set(told) <= set(read), f"killed at effect {n}"
            with landing.writer("r1", "news") as spool:
                for response in RESPONSES:
                    if response.response_id not in read:
                        spool.append(response)
            landing.seal()
        assert sorted(landing.responses(), key=lambda r: r.document_id) == RESPONSES
        assert not list(folder.rglob("*.tmp"))
        if ended:
            assert n > 20
            return
    raise AssertionError("the work never ended by itself")
