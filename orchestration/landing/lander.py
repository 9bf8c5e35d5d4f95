"""Landing while requests go on: an answer is written before the next request is sent, and synced while that one is under way.

Here: when a spool is synced. Not here: frames and their damage (`spool`).

A process that is killed loses nothing that `land` returned for, as the system holds the bytes; a power cut loses at most what came
during one fsync. Waiting for each fsync would cost a near server a third of its pages a second (an fsync takes 1 to 4 ms, a near
answer 2); behind a delay of a second each frame has an fsync of its own.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from orchestration.landing.records import Response
from orchestration.landing.spool import Spool

_MOST_UNSYNCED = 32  # frames; a disk slower than that slows the requests down


class Lander:
    """Appends to one spool, from one thread."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._syncs: deque[Future[None]] = deque()

    def land(self, response: Response) -> None:
        """Write one response. Raises BoardhouseError when it, or one before it, cannot be kept."""
        self._spool.write(response)
        self._syncs.append(self._disk.submit(self._spool.sync, self._spool.end))
        while self._syncs and (self._syncs[0].done() or len(self._syncs) > _MOST_UNSYNCED):
            self._syncs.popleft().result()

    def settle(self) -> None:
        """On return all that was landed is on the disk. Raises BoardhouseError where it cannot be."""
        while self._syncs:
            self._syncs.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._disk.shutdown()
