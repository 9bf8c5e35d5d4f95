"""One request in flight per host, and a pause between two, whatever runs, processes and boards share it.

Here: the host's lock and the length of pauses. Not here: requests (`client`), robots.txt (`robots`).
"""

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.fetch.clock import Clock

MOST_ADAPTED = 10.0  # a slow host is given up to ten times the board's delay
_POLL_SECONDS = 0.02
LONGEST_PAUSE = 3600.0  # a stored moment further off than this is of another boot, or nonsense


class Host:
    """The turn-taking of one host. The lock is an OS lock on a file, freed when its holder dies; the file holds two moments
    (monotonic clock), that from which the next request is allowed and that at which the last answer ended, so that pauses hold
    across processes, and whoever asks next keeps its own delay too."""

    def __init__(self, name: str, folder: Path, clock: Clock) -> None:
        self.name = name
        self.waited_seconds = 0.0
        self.requests = 0
        self._clock = clock
        self._answer_seconds: float | None = None
        folder.mkdir(parents=True, exist_ok=True)
        readable = re.sub(r"[^a-z0-9.-]", "_", name.lower())[:60]
        self._path = folder / f"{readable}.{hashlib.sha256(name.encode()).hexdigest()[:8]}.lock"

    @contextlib.contextmanager
    def turn(self, delay_seconds: float) -> Iterator[None]:
        """Hold the host for one request, `delay_seconds` after the last one at least; afterwards nobody asks it for so long,
        adapted."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            began = self._clock.monotonic()
            self._acquire(descriptor)
            self._pause(descriptor, delay_seconds)
            sent = self._clock.monotonic()
            self.waited_seconds += sent - began
            self.requests += 1
            self._store(descriptor, sent + delay_seconds, sent)  # what stands if this process dies before the answer has come
            try:
                yield
            finally:
                ended = self._clock.monotonic()
                self._learn(ended - sent)
                self._store(descriptor, ended + self.pause_seconds(delay_seconds), ended)
        finally:
            os.close(descriptor)

    def pause_seconds(self, delay_seconds: float) -> float:
        """The board's delay, or the host's own answer time where that is longer (at most ten delays): a host that slows down
        is asked less. No delay, as on loopback, stays none."""
        return max(delay_seconds, min(self._answer_seconds or 0.0, MOST_ADAPTED * delay_seconds))

    def hold_off(self, seconds: float) -> None:
        """Nobody asks this host for so long, in this and other processes: it said Retry-After, or failed."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._acquire(descriptor)
            allowed, ended = self._load(descriptor)
            self._store(descriptor, max(allowed, self._clock.monotonic() + min(seconds, LONGEST_PAUSE)), ended)
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                self._clock.wait(_POLL_SECONDS)

    def _pause(self, descriptor: int, delay_seconds: float) -> None:
        allowed, ended = self._load(descriptor)
        pause = max(allowed, ended + delay_seconds) - self._clock.monotonic()
        if 0 < pause <= LONGEST_PAUSE:
            self._clock.wait(pause)

    def _learn(self, seconds: float) -> None:
        """A moving mean over about five answers."""
        self._answer_seconds = seconds if self._answer_seconds is None else 0.8 * self._answer_seconds + 0.2 * seconds

    def _load(self, descriptor: int) -> tuple[float, float]:
        try:
            allowed, ended = map(float, os.pread(descriptor, 60, 0).split())
        except ValueError:
            return 0.0, 0.0
        return allowed, ended

    def _store(self, descriptor: int, allowed: float, ended: float) -> None:
        # Of one width: nothing of an older one stays behind.
        os.pwrite(descriptor, f"{allowed:<29.6f} {ended:<29.6f}\n".encode(), 0)
