"""Effects that stop the process at the n-th of them, by an exception or by SIGKILL."""

import os
import signal
from collections.abc import Callable

from orchestration.effects import Effects

SECONDS = 120
"""After which a child that neither died nor finished is ended."""


class Stopped(Exception):
    pass


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    raise Stopped


class Stopping(Effects):
    """Does `how` in place of the n-th effect (from 1; 0: never). `seen`: the kinds of the effects so far."""

    def __init__(self, n: int, how: Callable[[], None]) -> None:
        self.left, self.how = n, how
        self.seen: list[str] = []

    def before(self, what: str, target: object) -> None:
        self.seen.append(what)
        self.left -= 1
        if self.left == 0:
            self.how()


def ended_in_a_child(act: Callable[[], object]) -> bool:
    """Whether `act` ended by itself in a forked process; False where it was killed. Fails where it raised, or took too long."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(SECONDS)
            act()
            status = 0
        finally:
            os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), f"the child ended with {code}"
    return code == 0
