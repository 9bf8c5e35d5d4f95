"""A landing that stops at any of its side effects keeps every response that was acknowledged; the next start mends the rest."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from stopping import Stopped, Stopping, die, ended_in_a_child, stop

from orchestration.effects import Effects
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
        fetched_at=dt.datetime(2026, 11, 20, 14, 57, tzinfo=dt.UTC) + dt.timedelta(minutes=number),  # across midnight in Seoul
        body=f"본문 {number}".encode() * 50,
        document_id=number,
    )
    for number in range(1, 6)
]


class TornWriteAt(Stopping):
    """As its base, and of a write half the bytes land before it stops."""

    def write_at(self, descriptor: int, data: bytes, offset: int, path: Path) -> None:
        if self.left == 1:
            os.pwrite(descriptor, data[: len(data) // 2], offset)
        super().write_at(descriptor, data, offset, path)


def land(folder: Path, effects: Effects, acknowledged: Path) -> None:
    landing = Landing(folder, effects)
    with acknowledged.open("a", buffering=1) as told, landing.writer("r1", "news") as spool:
        for response in RESPONSES:
            spool.append(response)
            print(response.response_id, file=told)
    landing.seal()
    landing.seal()


def check(folder: Path, acknowledged: Path, n: int) -> None:
    """Nothing acknowledged is lost or doubled, before and after the mending start; then all of it is there and nothing else."""
    told = acknowledged.read_text().split() if acknowledged.exists() else []
    landing = Landing(folder)
    for _ in range(2):
        read = [response.response_id for response in landing.responses()]
        assert len(read) == len(set(read)) and set(told) <= set(read), f"stopped at effect {n}"
        with landing.writer("r1", "news") as spool:
            for response in RESPONSES:
                if response.response_id not in read:
                    spool.append(response)
        assert landing.seal().damaged == ()
    assert sorted(landing.responses(), key=lambda r: r.document_id) == RESPONSES
    found = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert sorted(found) == [f"sealed/board_id=news/fetched_on=2026-11-{day}/r1.news.parquet" for day in (20, 21)], (
        f"stopped at effect {n}"
    )


def counted(tmp_path: Path) -> list[str]:
    effects = Stopping(0, stop)
    land(tmp_path / "counted", effects, tmp_path / "counted.acknowledged")
    return effects.seen


@pytest.mark.parametrize("kind", [Stopping, TornWriteAt])
@pytest.mark.parametrize("how", [die, stop])
def test_stopped_at_every_effect_nothing_acknowledged_is_lost(tmp_path: Path, kind: type[Stopping], how: Callable) -> None:
    seen = counted(tmp_path)
    assert set(seen) == {"make_folder", "create", "write_at", "sync", "write", "rename", "remove"}
    for n in range(1, len(seen) + 1):
        folder = tmp_path / str(n)
        acknowledged = folder.with_suffix(".acknowledged")
        if how is die:
            assert not ended_in_a_child(lambda n=n, f=folder, a=acknowledged: land(f, kind(n, die), a))
        else:
            with pytest.raises(Stopped):
                land(folder, kind(n, stop), acknowledged)
        check(folder, acknowledged, n)
