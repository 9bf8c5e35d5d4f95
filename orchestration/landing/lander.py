"""Landing while requests go on: an answer is written before the next request is sent, and synced beside it.

Here: when a spool is synced. Not here: frames and their damage (`spool`).

A process that is killed loses nothing that `land` returned for, as the system holds the bytes; a power cut loses what came within
about 50 ms. Waiting for an fsync of each frame would cost a near server a third of its pages a second (an fsync takes 1 to 4 ms, a
near answer 2), and one fsync after the other beside the requests still a tenth, as a write waits for the fsync of its file; behind
a delay of 50 ms or more each frame has an fsync of its own.
"""

import threading
from types import TracebackType
from typing import Self

from orchestration.landing.records import Response
from orchestration.landing.spool import Spool

_REST_SECONDS = 0.05
_MOST_UNSYNCED = 64  # frames; a disk slower than that slows the requests down


class Lander:
    """Appends to one spool, from one thread."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._unsynced = 0
        self._error: BaseException | None = None
        self._written, self._ended = threading.Event(), threading.Event()
        self._disk = threading.Thread(target=self._sync_beside, name="sync", daemon=True)
        self._disk.start()

    def land(self, response: Response) -> None:
        """Write one response. Raises BoardhouseError when it, or one before it, cannot be kept."""
        self._spool.write(response)
        self._unsynced += 1
        self._written.set()
        if self._error or self._unsynced > _MOST_UNSYNCED:
            self.settle()

    def settle(self) -> None:
        """On return all that was landed is on the disk. Raises BoardhouseError where it cannot be."""
        if self._error:
            raise self._error  # a system reports a failed fsync once, and the next one, which keeps nothing, as done
        self._spool.sync(self._spool.end)
        self._unsynced = 0

    def _sync_beside(self) -> None:
        while not self._ended.is_set():
            self._written.wait()
            self._written.clear()
            self._unsynced = 0
            try:
                self._spool.sync(self._spool.end)
            except BaseException as error:  # the landing thread raises it
                self._error = error
                return
            self._ended.wait(_REST_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._written.set()
        self._disk.join()
