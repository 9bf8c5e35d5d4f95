import datetime as dt
import itertools
from pathlib import Path

import pytest

from orchestration.build.rate_sources import WEEKLY, Quote, Rate, packaged_rates, read_quotes, second_source, weekly_rates
from orchestration.build.rates import LastDay, bank_days, known_until, land_files, landed_quotes, last_days, load_rates, merge
from orchestration.errors import ConfigError
from orchestration.landing.records import RATES_BOARD, Response
from orchestration.landing.store import Landing

FEB3, FEB4, FEB5 = (dt.date(2025, 2, day) for day in (3, 4, 5))
NOON = dt.datetime(2025, 2, 6, 3, 0, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)


def test_packaged_rates_are_the_bank_s_crosses_and_no_day_is_filled():
    rates = {(rate.day, rate.currency): rate for rate in packaged_rates(dt.date(2025, 1, 31), FEB4)}
    assert round(rates[FEB3, "USD"].krw_per_unit, 2) == 1463.90
    assert round(rates[FEB4, "USD"].krw_per_unit, 2) == 1455.45
    assert rates[FEB4, "KRW"].krw_per_unit == 1.0
    assert rates[FEB4, "KRW"].usd_per_unit == pytest.approx(1 / rates[FEB4, "USD"].krw_per_unit)
    assert rates[FEB4, "EUR"].usd_per_unit == pytest.approx(rates[FEB4, "EUR"].krw_per_unit / rates[FEB4, "USD"].krw_per_unit)
    assert {day for day, _ in rates} == {dt.date(2025, 1, 31), FEB3, FEB4}  # a week-end lies between


def test_a_packaged_rate_is_stamped_with_the_last_packaged_day_whatever_the_days_asked():
    early = {rate.recorded_at for rate in packaged_rates(FEB3, FEB3)}
    late = {rate.recorded_at for rate in packaged_rates(FEB4, FEB4)}
    assert early == late
    assert next(iter(early)).time() == dt.time()


def test_the_operator_s_rate_wins_and_won_follows_from_dollars():
    packaged = [
        Rate(FEB4, "USD", 1455.0, 1.0, "ecb", NOON),
        Rate(FEB4, "KRW", 1.0, 1 / 1455.0, "ecb", NOON),
        Rate(FEB4, "EUR", 1510.0, 1510 / 1455, "ecb", NOON),
    ]
    merged = merge(packaged, [], [Quote(FEB4, "USD", 1450.0, LATER), Quote(FEB5, "EUR", 1500.0, LATER)])
    rates = {(rate.day, rate.currency): rate for rate in merged}
    assert (rates[FEB4, "USD"].krw_per_unit, rates[FEB4, "USD"].rate_source) == (1450.0, "operator")
    assert rates[FEB4, "KRW"] == Rate(FEB4, "KRW", 1.0, 1 / 1450.0, "operator", LATER)
    assert rates[FEB4, "EUR"].rate_source == "ecb"
    assert rates[FEB5, "EUR"].usd_per_unit is None  # no dollar on that day, and no guess
    assert len(merged) == 4


def test_each_value_that_an_operator_gave_is_kept_with_its_own_stamp():
    merged = merge([], [], [Quote(FEB4, "USD", 1460.0, LATER), Quote(FEB4, "USD", 1450.0, NOON)])
    assert [(r.krw_per_unit, r.recorded_at) for r in merged if r.currency == "USD"] == [(1450.0, NOON), (1460.0, LATER)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: the columns must be day,currency,krw_per_unit"),
        ("day,currency,rate\n", "line 1: the columns must be day,currency,krw_per_unit"),
        ("day,currency,krw_per_unit\n2025-02-04,USD\n", "line 2: 2 values"),
        ("day,currency,krw_per_unit\n2025-02-04,USD,1,450.5\n", "line 2: 4 values"),
        ("day,currency,krw_per_unit\n04.02.2025,USD,1450\n", "line 2: '04.02.2025' is no day"),
        ("day,currency,krw_per_unit\n2025-02-04,usd,1450\n", "line 2: 'usd' is no currency"),
        ("day,currency,krw_per_unit\n2025-02-04,KRW,1\n", "line 2: 'KRW' is no currency to be priced in KRW"),
        ("day,currency,krw_per_unit\n\n2025-02-04,USD,0\n", "line 3: '0' is no rate"),
        ("day,currency,krw_per_unit\n2025-02-04,USD,nan\n", "line 2: 'nan' is no rate"),
        ("day,currency,krw_per_unit\n2025-02-04,USD,-3\n", "line 2: '-3' is no rate"),
        ("day,currency,krw_per_unit\n2025-02-04,USD,1\n2025-02-04,USD,2\n", "line 3: USD of 2025-02-04 stands twice"),
    ],
)
def test_a_wrong_line_is_named(text: str, says: str):
    with pytest.raises(ConfigError) as error:
        list(read_quotes("mine.csv", text.encode(), NOON))
    assert str(error.value).startswith("rates/mine.csv")
    assert says in str(error.value)


def test_a_file_that_is_not_utf_8_is_named():
    with pytest.raises(ConfigError, match=r"rates/mine.csv: not UTF-8"):
        list(read_quotes("mine.csv", "day,currency,krw_per_unit\n원".encode("cp949"), NOON))


def test_a_file_lands_once_per_content_and_its_stamp_stays(tmp_path: Path):
    landing, folder = Landing(tmp_path / "landing"), tmp_path / "rates"
    folder.mkdir()
    file = folder / "own.csv"
    file.write_text("day,currency,krw_per_unit\n2025-02-04,USD,1450\n", encoding="utf-8-sig")
    land_files(folder, landing, "run1", NOON)
    land_files(folder, landing, "run2", LATER)
    assert landed_quotes(landing) == [Quote(FEB4, "USD", 1450.0, NOON)]
    landing.seal()
    file.write_text("day,currency,krw_per_unit\n2025-02-04,USD,1460\n")
    land_files(folder, landing, "run3", LATER)
    file.unlink()  # a rate once used stays known
    land_files(folder, landing, "run4", LATER)
    assert landed_quotes(landing) == [Quote(FEB4, "USD", 1450.0, NOON), Quote(FEB4, "USD", 1460.0, LATER)]


def test_a_wrong_file_lands_nothing(tmp_path: Path):
    landing, folder = Landing(tmp_path / "landing"), tmp_path / "rates"
    folder.mkdir()
    (folder / "a.csv").write_text("day,currency,krw_per_unit\n2025-02-04,USD,1450\n")
    (folder / "b.csv").write_text("day,currency,krw_per_unit\n2025-02-04,USD,x\n")
    with pytest.raises(ConfigError, match=r"rates/b.csv line 2"):
        land_files(folder, landing, "run1", NOON)
    assert landed_quotes(landing) == []


def test_two_loads_over_one_landing_are_equal(tmp_path: Path):
    landing, folder = Landing(tmp_path / "landing"), tmp_path / "rates"
    folder.mkdir()
    (folder / "own.csv").write_text("day,currency,krw_per_unit\n2025-02-05,EUR,1500\n2025-03-05,EUR,1500\n")
    land_files(folder, landing, "run1", NOON)
    first = load_rates(landing, FEB3, FEB5)
    second = load_rates(landing, FEB3, FEB5)
    assert second.rates.equals(first.rates) and second.second.equals(first.second)
    assert {row["day"] for row in first.rates.to_pylist()} == {FEB3, FEB4, FEB5}


def test_the_weekly_rates_are_the_second_bank_s_and_never_older_than_a_reference_may_be():
    rates = list(weekly_rates(dt.date(2024, 10, 1), dt.date(2026, 10, 26)))
    assert {rate.currency for rate in rates} == set(WEEKLY) and {rate.rate_source for rate in rates} == {"nbp"}
    days = sorted({rate.day for rate in rates})
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    assert max(gaps) <= 8 and sum(gap == 8 for gap in gaps) <= len(gaps) / 20  # a holiday on a Wednesday leaves one day without
    twd = next(rate for rate in rates if rate.currency == "TWD")
    assert 35 < twd.krw_per_unit < 55 and 0.025 < (twd.usd_per_unit or 0) < 0.04
    assert all(rate.recorded_at.time() == dt.time() for rate in rates)


def test_the_second_source_agrees_and_is_not_asked_beyond_its_last_day(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it went online"))
    own = {(rate.day, rate.currency): rate.krw_per_unit for rate in packaged_rates(FEB3, FEB4)}
    second = {(day, currency): rate for day, currency, rate in second_source(FEB3, FEB4, frozenset({"USD", "KRW", "EUR", "XYZ"}))}
    assert set(second) == {(FEB3, "USD"), (FEB3, "EUR"), (FEB4, "USD"), (FEB4, "EUR")}
    assert all(own[key] == pytest.approx(rate, rel=0.02) for key, rate in second.items())
    assert list(second_source(dt.date(2026, 10, 27), dt.date(2027, 1, 31), frozenset({"USD", "EUR"}))) == []


def test_the_european_bank_s_rate_wins_over_the_polish_one_s():
    merged = merge([Rate(FEB4, "RUB", 15.0, None, "ecb", NOON), Rate(FEB4, "RUB", 16.0, None, "nbp", NOON)], [], [])
    assert [rate.rate_source for rate in merged] == ["ecb"]


def landed_file(landing: Landing, day: dt.date, won: float, at: dt.datetime, note: str = "the bank's reference rates") -> None:
    cube = f'<Cube time="{day}"><Cube currency="KRW" rate="{won}"/><Cube currency="USD" rate="1.25"/></Cube>'
    body = f'<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>{cube}</Cube></e>'.encode()
    url = "https://bank.example/eurofxref-daily.xml"
    with landing.writer("run1", RATES_BOARD) as spool:
        spool.append(Response(RATES_BOARD, "run1", "rates", url, url, 200, {}, at, body, note=note))


def test_the_bank_s_landed_files_extend_the_packaged_table_with_the_moment_of_their_fetch(tmp_path: Path):
    landing, day = Landing(tmp_path / "landing"), dt.date(2027, 3, 1)
    landed_file(landing, day, 1600.0, NOON)
    landed_file(landing, day, 1625.0, LATER)  # the bank corrected itself
    landed_file(landing, dt.date(2027, 3, 2), 9.0, LATER, note="unanswered (no file): the bank's reference rates")
    rates = load_rates(landing, day, day + dt.timedelta(days=1)).rates.to_pylist()
    dollars = [(rate["krw_per_unit"], rate["rate_source"], rate["recorded_at"]) for rate in rates if rate["currency"] == "USD"]
    assert dollars == [(1280.0, "ecb", NOON), (1300.0, "ecb", LATER)]
    assert day in bank_days(landing) and dt.date(2027, 3, 2) not in bank_days(landing)
    assert landed_quotes(landing) == []


def test_the_last_day_of_each_source_is_told_with_its_currencies(tmp_path: Path):
    landing, folder = Landing(tmp_path / "landing"), tmp_path / "rates"
    ecb, nbp = last_days(landing)
    assert (ecb.rate_source, nbp.rate_source) == ("ecb", "nbp")
    assert ecb.currencies > 25 and nbp.currencies == len(WEEKLY)
    landed_file(landing, dt.date(2027, 3, 1), 1600.0, NOON)
    folder.mkdir()
    (folder / "own.csv").write_text("day,currency,krw_per_unit\n2027-03-02,USD,1450\n2027-03-01,EUR,1500\n")
    land_files(folder, landing, "run2", NOON)
    found = last_days(landing)
    assert found == [LastDay("operator", dt.date(2027, 3, 2), 1), LastDay("ecb", dt.date(2027, 3, 1), 2), nbp]
    assert known_until(found) == dt.date(2027, 3, 2) and known_until([ecb, LastDay("nbp", NOON.date(), 5)]) == ecb.day
