"""One request in flight per host, a pause between two, and a host that asks for rest gets it."""

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from orchestration.fetch.clock import Clock, Interrupted
from orchestration.fetch.politeness import Host


class Still(Clock):
    """A clock that moves only by waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.time, self.waits = 1000.0, []

    def monotonic(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += max(0.0, seconds)


def test_the_pause_begins_when_the_answer_has_come(tmp_path: Path) -> None:
    clock = Still()
    host = Host("board.example", tmp_path, clock)
    for _ in range(3):
        with host.turn(1.0):
            clock.time += 0.2
    assert clock.waits == pytest.approx([1.0, 1.0])
    assert host.requests == 3 and host.waited_seconds == pytest.approx(2.0)


def test_a_slow_host_is_asked_less_and_no_delay_stays_none(tmp_path: Path) -> None:
    clock = Still()
    host = Host("board.example", tmp_path, clock)
    for _ in range(40):
        with host.turn(1.0):
            clock.time += 4.0
    assert clock.waits[-1] == pytest.approx(4.0)
    for _ in range(40):
        with host.turn(1.0):
            clock.time += 60.0
    assert clock.waits[-1] == pytest.approx(10.0)
    assert host.pause_seconds(0) == 0


def test_the_pause_holds_for_another_run_too_and_is_never_shortened(tmp_path: Path) -> None:
    clock = Still()
    with Host("board.example", tmp_path, clock).turn(3.0):
        pass
    other = Host("board.example", tmp_path, clock)
    other.hold_off(1.0)
    with other.turn(0):
        pass
    assert clock.waits == pytest.approx([3.0])


def test_whoever_asks_next_keeps_its_own_delay_too(tmp_path: Path) -> None:
    """A robots.txt is read before its crawl-delay is known, and boards of one host may have different delays."""
    clock = Still()
    with Host("board.example", tmp_path, clock).turn(0.5):
        pass
    clock.time += 0.25
    with Host("board.example", tmp_path, clock).turn(2.0):
        pass
    with Host("board.example", tmp_path, clock).turn(0.5):
        pass
    assert clock.waits == pytest.approx([1.75, 2.0])


def test_a_moment_of_another_boot_or_nonsense_is_not_waited_for(tmp_path: Path) -> None:
    clock = Still()
    host = Host("board.example", tmp_path, clock)
    host.hold_off(0)
    (path,) = tmp_path.iterdir()
    for text in ("99999999 99999999", "99999999", "nonsense", "", '{"a": 1}', "1 2 3"):
        path.write_text(text)
        with host.turn(0):
            pass
    assert clock.waits == []


def test_hosts_do_not_wait_for_each_other(tmp_path: Path) -> None:
    clock = Still()
    with Host("a.example", tmp_path, clock).turn(9), Host("b.example:8080", tmp_path, clock).turn(9):
        pass
    assert clock.waits == []


def _hold(folder: Path, held: "multiprocessing.synchronize.Event") -> None:
    with Host("board.example", folder, Clock()).turn(0):
        held.set()
        time.sleep(60)


def test_a_holder_that_dies_frees_the_host(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, held))
    holder.start()
    assert held.wait(10)
    taken = threading.Event()

    def wait_for_turn() -> None:
        with Host("board.example", tmp_path, Clock()).turn(0):
            taken.set()

    waiting = threading.Thread(target=wait_for_turn)
    waiting.start()
    assert not taken.wait(0.1)
    holder.kill()
    assert taken.wait(5)
    waiting.join()
    holder.join()


def _die(folder: Path) -> None:
    with Host("board.example", folder, Clock()).turn(0.4):
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_request_of_a_process_that_died_counts_too(tmp_path: Path) -> None:
    began = time.monotonic()
    child = multiprocessing.get_context("fork").Process(target=_die, args=(tmp_path,))
    child.start()
    child.join()
    with Host("board.example", tmp_path, Clock()).turn(0):
        assert time.monotonic() - began >= 0.4


def test_a_run_that_is_stopped_waits_no_longer(tmp_path: Path) -> None:
    clock = Clock()
    host = Host("board.example", tmp_path, clock)
    host.hold_off(60)
    threading.Timer(0.05, clock.stop).start()
    began = time.monotonic()
    with pytest.raises(Interrupted), host.turn(0):
        pass
    assert time.monotonic() - began < 5
