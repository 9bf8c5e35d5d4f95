"""Which parser read a page: the key of the cache of parsed records.

Here: a hash over the sources that decide what is read, so that nobody can forget to raise a number. Not here: the cache (`build`).
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("parse", "money")


@cache
def parser_version(root: Path = Path(__file__).parent.parent) -> str:
    """16 hex digits over every file of the two packages in `root`, and the version of the HTML parser."""
    digest = hashlib.sha256(version("selectolax").encode())
    files = (
        path for package in _PACKAGES for path in (root / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    for path in sorted(files):
        digest.update(b"\0" + path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def __getattr__(name: str) -> str:
    if name == "PARSER_VERSION":  # read from the disk when it is first asked for: importing this package costs nothing
        return parser_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
