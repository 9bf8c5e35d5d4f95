"""A run's folder: kept while its process lives, gone when the run ends, cleared by the next run when the process died."""

import os
import signal
from pathlib import Path

from orchestration.build.folder import claim, release


def test_a_folder_that_another_process_holds_stays_and_goes_once_it_is_dead(tmp_path: Path) -> None:
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        (claim(tmp_path, "theirs") / "candidate.duckdb").touch()
        os.write(tell, b"x")
        signal.pause()
    assert os.read(ready, 1) == b"x"

    release(claim(tmp_path, "ours"))
    assert (tmp_path / "theirs" / "candidate.duckdb").exists()

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    ours = claim(tmp_path, "ours")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "ours", "ours.lock"]
    release(ours)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_folder_without_a_lock_is_cleared_and_the_parse_cache_is_not(tmp_path: Path) -> None:
    (tmp_path / "left-by-an-older-release").mkdir()
    (tmp_path / "parsed").mkdir()
    folder = claim(tmp_path, "ours")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["ours", "parsed"]
    assert claim(tmp_path, "ours") == folder  # a step that is tried again
    release(folder)
