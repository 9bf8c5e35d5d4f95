"""Every side effect of a publish, behind one seam.

Here: the operations that change something outside this process's memory, each announced first. Not here: when they are called.
Crash tests hand in a subclass whose `before` raises, or kills the process, at the n-th effect; nothing else in `publish`
touches the disk.
"""

import contextlib
import os
import shutil
from pathlib import Path

import duckdb


class Effects:
    def before(self, what: str, target: object) -> None:
        """Called before each effect; a subclass may raise here, or kill the process."""

    def make_folder(self, path: Path) -> None:
        self.before("make_folder", path)
        path.mkdir(parents=True)

    def copy(self, source: Path, target: Path) -> None:
        self.before("copy", target)
        shutil.copyfile(source, target)

    def execute(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        """A statement that writes to the database file."""
        self.before("execute", sql)
        connection.execute(sql)

    def write(self, path: Path, text: str) -> None:
        self.before("write", path)
        path.write_text(text, encoding="utf-8")

    def sync(self, path: Path) -> None:
        """Of a file its bytes, of a folder its entries: without the latter a rename may be lost with the power."""
        self.before("sync", path)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self.before("rename", target)
        source.rename(target)

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
        """A folder with all in it, or a file or link."""
        self.before("remove", path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
