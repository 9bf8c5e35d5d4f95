"""Work in a process of its own that starts warm: what one child had to import, this process imports for the next.

Here: forking, and how the child's answer comes back. Not here: where a child stops (`stopping`). A fork is safe while this process
has no database open, so it reads what was published through a child too. A run imports for 8 s where it starts cold.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

KILLED = "killed"


class Forked:
    """`work` at work in a child; `answer` is where it leaves what it returns, which JSON must hold."""

    def __init__(self, work: Callable[[], Any], answer: Path) -> None:
        self.answer = answer
        self.status: int | None = None
        answer.unlink(missing_ok=True)
        known = set(sys.modules)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                done = {"returned": work()}
            except BaseException:
                done = {"raised": traceback.format_exc()}
            try:
                answer.write_text(json.dumps(done | {"imported": sorted(set(sys.modules) - known)}), encoding="utf-8")
            finally:
                os._exit(0)

    @property
    def has_ended(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def result(self) -> Any:
        """What it returned; KILLED where SIGKILL ended it. Fails where it raised, with the child's own traceback."""
        status = self.status if self.has_ended else os.waitpid(self.pid, 0)[1]
        self.status = status
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return KILLED
        done = json.loads(self.answer.read_text(encoding="utf-8"))
        for module in done["imported"]:
            with contextlib.suppress(ImportError):  # some are made as they are used
                importlib.import_module(module)
        assert "raised" not in done, done["raised"]
        return done["returned"]


def forked(work: Callable[[], Any], answer: Path) -> Any:
    return Forked(work, answer).result()
