"""Time, as fetch reads it and waits for it: the one seam through which tests stand still.

Here: the clock and interruptible waiting. Not here: how long to wait (`politeness`).
"""

import datetime as dt
import threading
import time
from collections.abc import Callable


class Interrupted(Exception):
    """The run was asked to stop; nothing was asked since."""


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Clock:
    """Wall clock for stamps, monotonic clock (of the machine, shared by its processes) for waits."""

    def __init__(self, now: Callable[[], dt.datetime] = utc_now) -> None:
        self.now = now
        self._stop = threading.Event()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Raises Interrupted as soon as `stop` is called."""
        if self._stop.wait(max(0.0, seconds)):
            raise Interrupted

    def stop(self) -> None:
        self._stop.set()
