"""What `boardhouse doctor` finds: each check goes red on what it is for, and says what to do."""

import datetime as dt
import fcntl
import os
from pathlib import Path

import pytest

from orchestration.build.rates import LastDay
from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
from orchestration.doctor import (
    LOCK_FILE,
    Finding,
    clock_finding,
    disk_finding,
    examine,
    manifest_finding,
    rates_finding,
    wrong_packages,
)
from orchestration.settings import Settings
from tests.support.workplace import make_settings

GB = 1 << 30


def found(settings: Settings, check: str, *, offline: bool = True) -> Finding:
    (finding,) = [finding for finding in examine(settings, offline=offline) if finding.check == check]
    return finding


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, {"id": "news", "url": "http://127.0.0.1:1/news"})


def test_a_new_home_is_sound_and_stays_as_it_was(settings: Settings) -> None:
    findings = list(examine(settings, offline=True))
    assert {finding.check: finding.level for finding in findings if finding.check != "disk"} == {
        finding.check: "ok" for finding in findings if finding.check != "disk"
    }
    assert not settings.home.exists()


def test_a_package_that_is_missing_or_of_another_version_is_named() -> None:
    assert wrong_packages(LOCK_FILE.read_text(encoding="utf-8")) == []
    lock = "duckdb==0.1 \\\n    --hash=sha256:00\nno-such-package==1.0 \\\nother==1 ; sys_platform == 'plan9' \\\n"
    missing, *others = reversed(wrong_packages(lock))
    assert missing == "no-such-package is missing"
    assert len(others) == 1 and others[0].endswith("not 0.1")


def test_a_manifest_older_than_a_model_or_missing_is_bad(tmp_path: Path) -> None:
    model, manifest = tmp_path / "a.sql", tmp_path / "manifest.json"
    model.write_text("select 1")
    assert manifest_finding(manifest, [model]).level == "bad"
    manifest.write_text("{}")
    os.utime(manifest, (1, 1))
    assert manifest_finding(manifest, [model]).said == "older than 1 files, such as a.sql"
    os.utime(model, (1, 1))
    assert manifest_finding(manifest, [model]).level == "ok"


def test_a_slip_in_a_variable_is_named_and_no_value_is_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOARDHOUSE_COOKIE_NEWS", "s3cret")
    assert found(settings, "environment").level == "ok"
    monkeypatch.setenv("BOARDHOUSE_HOEM", "s3cret")
    assert found(settings, "environment").level == "warning"
    assert "BOARDHOUSE_HOEM" in found(settings, "environment").said
    assert not any("s3cret" in finding.said for finding in examine(settings, offline=True))


def test_a_mistake_in_boards_yaml_names_its_line_and_the_other_checks_go_on(settings: Settings) -> None:
    settings.boards.write_text("boards:\n  - id: news\n", encoding="utf-8")
    assert found(settings, "boards.yaml").level == "bad"
    assert "line 2" in found(settings, "boards.yaml").said
    assert found(settings, "published").level == "ok"


def test_a_home_that_cannot_be_written_is_bad(settings: Settings) -> None:
    settings.home.write_text("a file where the folder should be")
    assert found(settings, "home").level == "bad"


def test_little_room_is_bad_and_room_for_few_versions_a_warning() -> None:
    assert disk_finding(GB // 2, 0).level == "bad"
    assert disk_finding(3 * GB, 2 * GB).level == "bad"
    assert disk_finding(9 * GB, 2 * GB).level == "warning"
    assert disk_finding(90 * GB, 2 * GB).level == "ok"


@pytest.mark.parametrize(("text", "level"), [("{", "bad"), ("telemetry: {enabled: false}\n", "warning")])
def test_a_dagster_yaml_that_is_not_ours(settings: Settings, text: str, level: str) -> None:
    settings.dagster_home.mkdir(parents=True)
    (settings.dagster_home / "dagster.yaml").write_text(text)
    assert found(settings, "dagster.yaml").level == level


def test_a_damaged_spool_is_told(settings: Settings) -> None:
    (settings.landing / "damaged").mkdir(parents=True)
    (settings.landing / "damaged" / "run.news.zst").write_bytes(b"x")
    assert found(settings, "landing").level == "warning"


def test_rates_that_are_older_than_a_holiday_explains_are_told_with_what_to_do(settings: Settings) -> None:
    now = dt.datetime(2026, 3, 18, 12, tzinfo=dt.UTC)  # a Wednesday; the bank published Tuesday's
    sources = [LastDay("ecb", dt.date(2026, 3, 13), 30), LastDay("nbp", dt.date(2026, 3, 11), 5)]
    assert rates_finding(sources, settings.rates, now) == Finding(
        "rates", "ok", "ecb to 2026-03-13 (30 currencies); nbp to 2026-03-11 (5 currencies)"
    )
    old = rates_finding([LastDay("ecb", dt.date(2026, 3, 12), 30), *sources[1:]], settings.rates, now)
    assert old.level == "warning"
    assert "conversions after 2026-03-12 stay unchecked, 2026-03-17 should be there" in old.said
    assert old.do and "BOARDHOUSE_RATES_URL" in old.do and str(settings.rates) in old.do


def test_a_lock_that_is_held_is_named(settings: Settings) -> None:
    settings.published.mkdir(parents=True)
    with (settings.published / "lock").open("w") as file:
        assert "none of 1" in found(settings, "locks").said
        fcntl.flock(file, fcntl.LOCK_EX)
        assert found(settings, "locks").said == "held by a process at work: lock"


def test_a_published_link_that_leads_nowhere_is_bad(settings: Settings) -> None:
    settings.published.mkdir(parents=True)
    (settings.published / "current").symlink_to("versions/7")
    assert found(settings, "published").level == "bad"
    assert "versions/7" in found(settings, "published").said


def test_the_clock_is_compared_with_a_board_that_answers(settings: Settings, tmp_path: Path) -> None:
    assert "no board answers" in found(settings, "clock", offline=False).said
    board = generate(seed=3, end_day=dt.date(2026, 3, 15), days=1, posts=5)
    with DemoServer(board, now=lambda: dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)) as server:
        late = make_settings(tmp_path, {"id": "news", "url": server.url})
        assert found(late, "clock", offline=False).level == "bad"
    with DemoServer(board, now=lambda: dt.datetime.now(dt.UTC)) as server:
        assert found(make_settings(tmp_path, {"id": "news", "url": server.url}), "clock", offline=False).level == "ok"
    assert clock_finding(dt.timedelta(minutes=-3), "news").said == "180 s behind the host of news"
