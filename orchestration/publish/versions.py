"""The layout of `published/`: which version is current, the lock, what a crash left behind, and what retention removes.

Here: folders, links and locks. Not here: what a version holds (`merge`, `audit`) or when one is made (`publisher`).

    published/
      lock                                      flock, held for one publish, freed when its process dies
      current -> versions/N                     the only link that moves
      warehouse.duckdb -> current/warehouse.duckdb
      versions/N/                               complete before it gets this name, never changed afterwards
      versions/.N.tmp-<pid>/                    a publish at work, or what is left of one that died
"""

import contextlib
import datetime as dt
import fcntl
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.settings import KST

log = logging.getLogger(__name__)

WAREHOUSE = "warehouse.duckdb"
CURRENT = "current"
MANIFEST = "manifest.json"
FRONT_PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class Retention:
    """Which versions are kept: the last `versions` of them, and the last one of each of the last `days` days (KST) on which
    something was published."""

    versions: int = 10
    days: int = 7


def version_folder(published: Path, version: int) -> Path:
    return published / "versions" / str(version)


def warehouse_file(published: Path, version: int) -> Path:
    """The file of one version, by its own name: a path through `current` names another file after the next publish."""
    return version_folder(published, version) / WAREHOUSE


def current_version(published: Path) -> int | None:
    """The version that consumers read now; None where nothing was published yet.

    Raises BoardhouseError where the link is gone or names no version, though versions are there: an accident that a publish
    must not take for an empty warehouse.
    """
    link = published / CURRENT
    try:
        target = link.readlink()
    except (FileNotFoundError, NotADirectoryError):
        # Version 1 without a link is a first publish that died before its last step.
        stranded = [version for version in kept_versions(published) if version > 1]
        if stranded:
            raise BoardhouseError(
                f"{link} is missing, but {published / 'versions'} holds versions up to {max(stranded)}: "
                f"point it at the newest (ln -s versions/{max(stranded)} {link})"
            ) from None
        return None
    except OSError as error:
        raise BoardhouseError(f"{link} is no link to a version ({error.strerror}): point it at the newest in versions/") from None
    if not re.fullmatch(r"versions/[1-9][0-9]*", str(target)) or not (published / target).is_dir():
        raise BoardhouseError(f"{link} points at {target}, which is no version here: point it at the newest in versions/")
    return int(target.name)


@contextlib.contextmanager
def publish_lock(published: Path, effects: Effects) -> Iterator[None]:
    """Hold `published/lock`, waiting for a publish that has it. The file stays: removing it would let two processes hold a lock
    each, on two files of one name."""
    with os.fdopen(effects.create(published / "lock"), "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("another publish is at work in %s: waiting for it", published)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def clean(published: Path, current: int | None, effects: Effects) -> None:
    """Remove what dead publishes left: unfinished folders and links, and a version that was never made current. Under the lock,
    whoever wrote them is dead. A rollback is a version of its own, so nothing newer than `current` was ever read."""
    leftovers = [*published.glob(".*.tmp-*"), *(published / "versions").glob(".*")]
    leftovers += [version_folder(published, version) for version in kept_versions(published) if version > (current or 0)]
    for path in leftovers:
        log.warning("removing what an interrupted publish left: %s", path)
        effects.remove(path)


def make_current(published: Path, version: int, effects: Effects) -> None:
    """The commit: readers find the old version before the swap, the new one after it."""
    fixed = published / WAREHOUSE
    if not fixed.is_symlink() or fixed.readlink() != Path(CURRENT, WAREHOUSE):
        effects.point(fixed, Path(CURRENT, WAREHOUSE))
    effects.point(published / CURRENT, Path("versions", str(version)))
    effects.sync(published)


def expired(created: Mapping[int, dt.datetime], keep: Retention) -> list[int]:
    """The versions that retention lets go, oldest first. `created`: when each version was."""
    newest_first = sorted(created, reverse=True)
    last_of_day: dict[dt.date, int] = {}
    for version in newest_first:
        last_of_day.setdefault(created[version].astimezone(KST).date(), version)
    kept = {*newest_first[: keep.versions], *(last_of_day[day] for day in sorted(last_of_day, reverse=True)[: keep.days])}
    return sorted(created.keys() - kept)


def retire(published: Path, current: int, keep: Retention, effects: Effects) -> None:
    """Remove expired versions, never one that a reader has open. Its name goes first, so that no half version has one."""
    created = {version: created_at(published, version) for version in kept_versions(published) if version <= current}
    for version in expired(created, keep):
        folder = version_folder(published, version)
        with _unread(folder / WAREHOUSE) as is_unread:
            if not is_unread:
                log.info("version %d is expired, but a reader has it open: kept", version)
                continue
            going = folder.with_name(f".{version}.gone-{os.getpid()}")
            effects.rename(folder, going)
            effects.remove(going)


def manifest(published: Path, version: int) -> dict[str, object]:
    """What `manifest.json` of a version says; empty where it cannot be read."""
    try:
        raw = json.loads((version_folder(published, version) / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}


def damaged(published: Path, version: int | str, what: str) -> BoardhouseError:
    """The line for a version whose file is not what was published: what is wrong with it, and the ways out."""
    return BoardhouseError(
        f"version {version} in {published} is damaged ({what}): make its content anew with boardhouse rebuild, "
        "or go back to an older one with boardhouse rollback"
    )


def created_at(published: Path, version: int) -> dt.datetime:
    """By its manifest, else by its folder's time."""
    try:
        return dt.datetime.fromisoformat(str(manifest(published, version)["created"]))
    except (KeyError, ValueError):
        return dt.datetime.fromtimestamp(version_folder(published, version).stat().st_mtime, dt.UTC)


def contract_version(published: Path, version: int) -> int:
    """The contract that a version keeps; 0 where its manifest cannot be read."""
    found = manifest(published, version).get("contract_version", 0)
    return found if isinstance(found, int) else 0


def kept_versions(published: Path) -> list[int]:
    """The versions on the disk, in their order."""
    folder = published / "versions"
    return sorted(int(p.name) for p in folder.iterdir() if re.fullmatch(r"[1-9][0-9]*", p.name)) if folder.is_dir() else []


@contextlib.contextmanager
def _unread(warehouse: Path) -> Iterator[bool]:
    """Whether no one has the file open; held so while the block lasts. DuckDB's readers hold a shared fcntl lock. Such locks
    belong to processes: this one's own readers would not be seen, and closing any descriptor of the file would drop their lock."""
    if not warehouse.exists():
        yield True
        return
    if _is_open_here(warehouse):
        yield False
        return
    with warehouse.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            yield False
            return
        yield True


def _is_open_here(path: Path) -> bool:
    """Where the system shows a process its descriptors (Linux); elsewhere no."""
    wanted = path.stat()
    for descriptor in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            if os.path.samestat(descriptor.stat(), wanted):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Kept:
    """A version on the disk. `is_next_to_go`: the next publish will find it expired, and removes it unless a reader has it open."""

    bytes: int
    is_next_to_go: bool


def kept(published: Path, keep: Retention, now: dt.datetime) -> dict[int, Kept]:
    """The versions on the disk, in their order."""
    created = {version: created_at(published, version) for version in kept_versions(published)}
    going = set(expired({**created, max(created, default=0) + 1: now}, keep))
    return {version: Kept(_size(version_folder(published, version)), version in going) for version in created}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
