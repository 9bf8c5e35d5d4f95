"""Every side effect on what must survive a crash, behind one seam.

Here: the operations that change the landing, the published folder or the run's own, each announced first. Not here: when they are
called, or what makes a sequence of them safe (`landing`, `publish`). Crash tests hand in a subclass whose `before` raises, or
kills the process, at the n-th effect; nothing else in those packages touches the disk.
"""

import contextlib
import ctypes
import errno
import os
import shutil
from pathlib import Path

import duckdb


class Effects:
    def before(self, what: str, target: object) -> None:
        """Called before each effect; a subclass may raise here, or kill the process."""

    def make_folder(self, path: Path) -> None:
        """With its parents; nothing where it stands."""
        if not path.is_dir():
            self.before("make_folder", path)
            path.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> int:
        """A descriptor to read and write `path`, which is made where it is missing and stays as it is where it is not."""
        if not path.exists():
            self.before("create", path)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def write_at(self, descriptor: int, data: bytes, offset: int, path: Path) -> None:
        self.before("write_at", path)
        written = 0
        while written < len(data):
            written += os.pwrite(descriptor, data[written:], offset + written)

    def truncate(self, descriptor: int, size: int, path: Path) -> None:
        self.before("truncate", path)
        os.truncate(descriptor, size)

    def copy(self, source: Path, target: Path) -> None:
        """Where the filesystem shares blocks between files (XFS, btrfs), nothing is copied until one of them changes."""
        self.before("copy", target)
        _copy(source, target)

    def link(self, source: Path, target: Path) -> None:
        """A second name for a file that is never changed; a copy where the filesystem has no such thing."""
        self.before("hard link", target)
        try:
            target.hardlink_to(source)
        except OSError:
            _copy(source, target)

    def execute(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        """A statement that writes to the database file."""
        self.before("execute", sql)
        connection.execute(sql)

    def write(self, path: Path, text: str) -> None:
        self.before("write", path)
        path.write_text(text, encoding="utf-8")

    def sync(self, path: Path) -> None:
        """Of a file its bytes, of a folder its entries: without the latter a rename may be lost with the power."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            self.sync_open(descriptor, path)
        finally:
            os.close(descriptor)

    def sync_open(self, descriptor: int, path: Path) -> None:
        self.before("sync", path)
        os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """A file takes the place of the one that `target` names, in one step."""
        self.before("rename", target)
        source.replace(target)

    def exchange(self, one: Path, other: Path) -> None:
        """Two folders of one file system change their names, in one step where the system can (Linux); elsewhere, and where the
        file system cannot, there is none of the name for a moment."""
        self.before("exchange", other)
        if not _exchanged(one, other):
            aside = one.with_name(f"{one.name}.aside")
            other.replace(aside)
            one.replace(other)
            aside.replace(one)

    def point(self, link: Path, to: Path) -> None:
        """Make `link` a symbolic link to `to`, in one step where it stands already: a reader finds the old or the new one."""
        temporary = link.with_name(f".{link.name}.tmp-{os.getpid()}")
        self.before("link", temporary)
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        temporary.symlink_to(to)
        self.before("swap", link)
        temporary.replace(link)

    def remove(self, path: Path) -> None:
        """A folder with all in it, or a file or link; nothing where it is gone."""
        self.before("remove", path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as there, target.open("wb") as here:
        left = os.fstat(there.fileno()).st_size
        try:
            while left and hasattr(os, "copy_file_range"):
                done = os.copy_file_range(there.fileno(), here.fileno(), left)
                if not done:
                    break
                left -= done
        except OSError as error:
            if error.errno not in _CANNOT_SHARE:
                raise
        shutil.copyfileobj(there, here, 1 << 20)  # all of it, or what is left: both descriptors stand where the kernel stopped


_CANNOT_SHARE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
"""Of two filesystems, or one that cannot do it."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system call was there and did it: Python has none of its own for it."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return call is not None and call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0
