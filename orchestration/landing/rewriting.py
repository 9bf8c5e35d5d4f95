"""Sealed files written anew with some responses changed: for a takedown, the one exception to a landing that only grows.

Here: finding the files that a change touches, and replacing each whole or not at all. Not here: what is changed (`forget`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from orchestration.effects import Effects
from orchestration.landing.records import Response
from orchestration.landing.sealed import SealedWriter, read_sealed

Change = Callable[[Response], Response]
"""Gives the same object where nothing is to be changed, and never another id."""


def rewrite_sealed(files: list[Path], change: Change, effects: Effects) -> Iterator[tuple[Path, int]]:
    """Change the responses of these files; gives each file that was rewritten, with how many of its responses changed. A reader
    that has a file open reads the old one to its end. Repeating it, also after a crash, changes nothing more.

    Raises BoardhouseError (one line) where a file cannot be read or written; it then stays as it was.
    """
    for path in files:
        count = sum(change(response) is not response for response in read_sealed(path))
        if not count:
            continue
        writer = SealedWriter(path, effects)
        try:
            for response in read_sealed(path):
                writer.add(change(response))
            writer.finish()
        finally:
            writer.discard()
        yield path, count
