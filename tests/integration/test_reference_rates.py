"""Reference rates in a run: from the bank's files, from an operator's, refused, or not to be had."""

import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from orchestration.build.rate_sources import packaged_days
from orchestration.defs.assets_rates import RATES
from orchestration.defs.home import instance
from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.workplace import make_settings, rows, run

END = max(packaged_days()) + dt.timedelta(days=21)
"""Beyond what is packaged, of both sources."""
FIRST = END - dt.timedelta(days=3)
AFTER = dt.datetime.combine(END + dt.timedelta(days=1), dt.time(12), KST)
UNUSED_PORT = 1

PAIRS = "from currency_facts where paired_fact_id is not null and implied_rate is not null"
DISAGREE = """
    select count(*) from currency_facts as facts
    where reference_rate is not null and split_part(rate_pair, '/', 2) = 'KRW' and reference_rate not in (
        select krw_per_unit from exchange_rates
        where currency = split_part(rate_pair, '/', 1) and day = reference_on
    )
"""


@pytest.fixture(scope="module")
def board() -> DemoBoard:
    return generate(seed=7, end_day=END, days=4, posts=160)


def open_runs(settings: Settings, check: str) -> bool:
    with instance(settings) as dagster:
        key = dg.AssetCheckKey(RATES, check)
        record = dagster.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
        assert record.event and record.event.dagster_event
        return record.event.dagster_event.asset_check_evaluation_data.passed


def test_the_bank_s_files_extend_the_packaged_history(tmp_path: Path, board: DemoBoard) -> None:
    with DemoServer(board, now=lambda: AFTER) as server:
        settings = make_settings(
            tmp_path, {"id": "demo", "url": server.url, "first_day": FIRST}, rates_url=f"{server.base_url}/rates"
        )
        assert run(settings, FIRST, END) == 0
        asked = [each.target for each in server.requests if each.target.startswith("/rates/")]
        assert asked == ["/rates/eurofxref-daily.xml", "/rates/eurofxref-hist-90d.xml"]
        assert run(settings, END, END) == 0  # within the hour: nobody is asked again
        assert len([each for each in server.requests if each.target.startswith("/rates/")]) == 2
    assert rows(settings, f"select distinct rate_verdict = 'unchecked' {PAIRS}") == [(False,)]
    assert rows(settings, DISAGREE) == [(0,)]
    # What the packaged table has too is one row a day, and none of it a correction.
    assert rows(settings, "select max(n) from (select count(*) as n from exchange_rates group by day, currency)") == [(1,)]
    sources = rows(settings, "select rate_source, bool_or(currency = 'TWD'), max(day) from exchange_rates group by 1 order by 1")
    assert [source for source, *_ in sources] == ["ecb", "nbp"] and {s: t for s, t, _ in sources} == {
        "ecb": False,
        "nbp": True,
    }
    with instance(settings) as dagster:
        assert str(END) in dagster.get_materialized_partitions(RATES)


def test_a_mistyped_rate_keeps_its_day_and_currency_out_and_what_needs_it_unchecked(tmp_path: Path, board: DemoBoard) -> None:
    assert board.rates is not None
    last = board.rates.on("USD", END)[0]
    lines = board.rates.to_csv(FIRST - dt.timedelta(days=80), END).splitlines()
    wrong = [f"{last},USD,145.0" if line.startswith(f"{last},USD,") else line for line in lines]
    with DemoServer(board, now=lambda: AFTER) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url, "first_day": FIRST})
        settings.rates.mkdir(parents=True)
        (settings.rates / "own.csv").write_text("\n".join(wrong))
        assert run(settings, FIRST, END) == 0
        day = f"day = date '{last}'"
        assert {currency for (currency,) in rows(settings, f"select currency from exchange_rates where {day}")} == {
            "EUR",
            "JPY",
            "CNY",
            "GBP",
            "KRW",
        }
        failed = "from gate_results where board_id = '_rates' and outcome = 'failed'"
        red = f"select gate, severity, failing_count {failed} and day >= date"
        assert rows(settings, f"{red} '{FIRST}'") == [("exchange_rates.moves_less_than_threefold", "critical", 1)]
        unchecked = f"select distinct rate_verdict {PAIRS} and rate_pair = 'USD/KRW' and listed_on >= date '{last}'"
        assert rows(settings, unchecked) == [("unchecked",)]
        assert rows(settings, f"select count(*) {PAIRS} and rate_verdict <> 'unchecked' and rate_pair <> 'USD/KRW'")[0][0] > 0
        assert rows(settings, DISAGREE) == [(0,)]
        assert rows(
            settings,
            f"select count(*) from currency_facts where currency = 'USD' and amount_krw is not null and listed_on >= date '{last}'",
        ) == [(0,)]
        # The operator mends the line: nothing of the wrong one stays.
        (settings.rates / "own.csv").write_text("\n".join(lines))
        assert run(settings, FIRST, END) == 0
        assert rows(settings, f"select count(*) from exchange_rates where {day} and currency = 'USD'") == [(1,)]
        assert ("unchecked",) not in rows(settings, unchecked)
        assert rows(settings, DISAGREE) == [(0,)]


def test_a_rate_far_from_the_second_source_stays_out(tmp_path: Path) -> None:
    end = dt.date(2026, 3, 13)
    board = generate(seed=7, end_day=end, days=2, posts=40)
    noon = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
    assert board.rates is not None
    dollar = board.rates.on("USD", end)[1]
    with DemoServer(board, now=lambda: noon) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url, "first_day": end})
        settings.rates.mkdir(parents=True)
        (settings.rates / "own.csv").write_text(f"day,currency,krw_per_unit\n{end},USD,{dollar * 1.06:.2f}\n")
        assert run(settings, end, end) == 0
    red = "select gate from gate_results where board_id = '_rates' and outcome = 'failed' and severity = 'critical' and day = date "
    assert rows(settings, f"{red} '{end}'") == [("exchange_rates.near_second_source",)]
    assert rows(settings, f"select count(*) from exchange_rates where day = date '{end}' and currency = 'USD'") == [(0,)]
    assert rows(settings, DISAGREE) == [(0,)]


def test_where_the_files_cannot_be_had_the_run_says_so_and_goes_on(
    tmp_path: Path, board: DemoBoard, capfd: pytest.CaptureFixture[str]
) -> None:
    bank = f"http://127.0.0.1:{UNUSED_PORT}/rates"
    with DemoServer(board, now=lambda: AFTER) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url, "first_day": FIRST}, rates_url=bank)
        assert run(settings, FIRST, END) == 0
    said = capfd.readouterr().err
    assert f"rates: 127.0.0.1:{UNUSED_PORT}: robots.txt cannot be read" in said and "the connection was refused" in said
    assert f"the run goes on with rates to {max(packaged_days())}" in said and "BOARDHOUSE_RATES_URL" in said
    assert rows(settings, f"select distinct rate_verdict {PAIRS}") == [("unchecked",)]
    assert not open_runs(settings, "are_recent")


def test_an_open_day_uses_the_rate_before_it_and_its_own_once_it_is_closed(tmp_path: Path) -> None:
    """Read on its own day, then again after 02:00 of the next."""
    today = dt.datetime.now(KST).date()
    day = today - dt.timedelta(days=(today.weekday() - 4) % 7 + 7)  # a Friday that is over
    before = day - dt.timedelta(days=1)
    board = generate(seed=11, end_day=day, days=2, posts=60)
    assert board.rates is not None
    own = board.rates.to_csv(day - dt.timedelta(days=80), day)
    own = own if before > max(packaged_days()) else ""
    with DemoServer(board, now=lambda: dt.datetime.combine(day, dt.time(23, 30), KST)) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url, "first_day": before})
        settings.rates.mkdir(parents=True)
        if own:
            (settings.rates / "own.csv").write_text(own)
        from orchestration.fetch import crawl
        from orchestration.fetch.clock import utc_now

        def at(hour: int, on: dt.date):
            return lambda: dt.datetime.combine(on, dt.time(hour, 30), KST).astimezone(dt.UTC)

        used = f"select distinct reference_on from currency_facts where listed_on = date '{day}' and reference_on is not null"
        monkey = pytest.MonkeyPatch()
        try:
            monkey.setitem(crawl.fetch_range.__kwdefaults__, "now", at(23, day))
            assert run(settings, day, day) == 0
            assert rows(settings, used) == [(before,)]
            monkey.setitem(crawl.fetch_range.__kwdefaults__, "now", at(2, day + dt.timedelta(days=1)))
            assert run(settings, day, day) == 0
            assert rows(settings, used) == [(day,)]
        finally:
            monkey.setitem(crawl.fetch_range.__kwdefaults__, "now", utc_now)
            monkey.undo()
