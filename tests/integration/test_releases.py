"""What earlier releases landed and published is read and migrated by this one.

The archives are in `tests/golden/releases`, made once by `make.py` there with the code of each release.
"""

import hashlib
import shutil
import tarfile
from pathlib import Path

import duckdb
import pytest

from orchestration.publish.reader import query, status
from orchestration.publish.schema import CONTRACT_VERSION, TABLES
from orchestration.settings import Settings
from tests.support.workplace import fingerprints, rows, run

ROOT = Path(__file__).parents[2]
RELEASES = sorted((ROOT / "tests" / "golden" / "releases").glob("*.tar.xz"))


@pytest.fixture(params=RELEASES, ids=[path.name.removesuffix(".tar.xz") for path in RELEASES])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    with tarfile.open(request.param) as tar:
        tar.extractall(tmp_path, filter="data")
    return Settings(boards=tmp_path / "boards.yaml", home=tmp_path / "home")


def days(settings: Settings) -> tuple:
    return rows(settings, "select min(day), max(day) from board_days where board_id = 'demo'")[0]


def keys(settings: Settings) -> dict[str, set[tuple]]:
    """Of every table that the version has."""
    there = {name for (name,) in rows(settings, "select table_name from duckdb_tables()")}
    return {
        table.name: set(rows(settings, f"select {', '.join(table.key)} from {table.name}"))
        for table in TABLES
        if table.name in there
    }


def digests(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_there_is_an_archive_of_this_release() -> None:
    assert "0.1.0.tar.xz" in {path.name for path in RELEASES}


def test_it_holds_something_of_each_kind(settings: Settings) -> None:
    """Else reading it would prove little."""
    for table in TABLES:
        assert rows(settings, f"select count(*) > 0 from {table.name}") == [(True,)], table.name
    assert rows(settings, "select max(version) from article_versions")[0][0] > 1
    assert rows(settings, "select count(*) > 0 from board_rows where status = 'deleted'") == [(True,)]


def test_what_it_published_is_read_as_it_is(settings: Settings) -> None:
    found = status(settings.published)
    assert found is not None and found.warehouse_version == 2
    assert query(settings.published, "select count(*) > 0 from daily_board_summary").records == [(True,)]


def test_a_run_over_it_keeps_every_row_and_brings_it_to_this_contract(settings: Settings) -> None:
    before, old = keys(settings), digests(settings.published / "versions" / "2")
    data = fingerprints(settings)
    assert run(settings, *days(settings), offline=True) == 0
    after = keys(settings)
    assert {name for name, known in before.items() if not known <= after[name]} == set()
    assert after.keys() == {table.name for table in TABLES}
    assert fingerprints(settings) == data
    assert rows(settings, "select max(warehouse_version), max_by(contract_version, warehouse_version) from publishes") == [
        (3, CONTRACT_VERSION)
    ]
    assert digests(settings.published / "versions" / "2") == old
    for table in TABLES:
        file = settings.published / "current" / "parquet" / f"{table.name}.parquet"
        assert set(duckdb.read_parquet(str(file)).columns) == set(table.column_names)


def test_its_landing_alone_gives_the_same_tables(settings: Settings) -> None:
    """A release whose parsers read more, or rates that were added, would differ here on purpose: then say which, and why."""
    data, asked = fingerprints(settings), days(settings)
    shutil.rmtree(settings.published)
    assert run(settings, *asked, offline=True) == 0
    assert fingerprints(settings) == data
