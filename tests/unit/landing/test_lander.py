"""An answer is written when `land` returns and on the disk when `settle` does; a disk that fails is told."""

import datetime as dt
import errno
import threading
from pathlib import Path

import pytest

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.landing.lander import Lander
from orchestration.landing.records import Response
from orchestration.landing.store import Landing


def answer(number: int) -> Response:
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC) + dt.timedelta(seconds=number)
    return Response("news", "r1", "article", "https://b.example/1", "https://b.example/1", 200, {}, at, b"body")


class Disk(Effects):
    """Syncs only while it is let; counts them; fails where told to."""

    def __init__(self) -> None:
        self.may_sync, self.syncs, self.fails = threading.Event(), 0, False
        self._changed = threading.Condition()
        self.may_sync.set()

    def sync_open(self, descriptor: int, path: Path) -> None:
        assert self.may_sync.wait(10)
        if self.fails:
            raise OSError(errno.EIO, "Input/output error")
        super().sync_open(descriptor, path)
        with self._changed:
            self.syncs += 1
            self._changed.notify_all()

    def synced_since(self, syncs: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.syncs > syncs, 10)


def test_what_landed_is_read_before_the_disk_has_it_and_one_sync_serves_all_that_came_meanwhile(tmp_path) -> None:
    disk = Disk()
    landing = Landing(tmp_path, disk)
    responses = [answer(number) for number in range(10)]
    with landing.writer("r1", "news") as spool, Lander(spool) as lander:
        disk.may_sync.clear()
        before = disk.syncs
        for each in responses:
            lander.land(each)
        assert list(landing.responses()) == responses, "a process that is killed now loses none of them"
        disk.may_sync.set()
        lander.settle()
        assert 1 <= disk.syncs - before <= 2
    assert list(landing.responses()) == responses


def test_an_answer_that_none_follows_is_synced_without_being_asked_for(tmp_path) -> None:
    disk = Disk()
    with Landing(tmp_path, disk).writer("r1", "news") as spool, Lander(spool) as lander:
        for number in range(2):
            before = disk.syncs
            lander.land(answer(number))
            assert disk.synced_since(before)


def test_a_disk_that_is_far_behind_holds_the_next_answer_up(tmp_path) -> None:
    disk = Disk()
    with Landing(tmp_path, disk).writer("r1", "news") as spool, Lander(spool) as lander:
        disk.may_sync.clear()
        done = threading.Event()

        def land() -> None:
            for number in range(100):
                lander.land(answer(number))
            done.set()

        landing = threading.Thread(target=land)
        landing.start()
        assert not done.wait(0.3)
        disk.may_sync.set()
        assert done.wait(60)
        landing.join()


def test_a_disk_that_fails_is_one_clear_line(tmp_path) -> None:
    disk = Disk()
    with Landing(tmp_path, disk).writer("r1", "news") as spool, Lander(spool) as lander:
        disk.fails = True
        with pytest.raises(BoardhouseError, match="cannot be written \\(Input/output error\\)"):
            lander.land(answer(1))
            lander.settle()
