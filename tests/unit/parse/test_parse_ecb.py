import datetime as dt

import pytest

from orchestration.demo.rates import Rates
from orchestration.parse.ecb import read_ecb

DAY = dt.date(2026, 11, 20)


def file(cubes: str) -> bytes:
    return f'<e xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>{cubes}</Cube></e>'.encode()


def test_units_per_euro_are_read_by_day():
    quotes = '<Cube currency="USD" rate="1.1"/><Cube currency="KRW" rate="1600.25"/>'
    body = file(f'<Cube time="2026-11-20">{quotes}</Cube><Cube time="2026-11-19"/>')
    assert read_ecb(body) == {DAY: {"USD": 1.1, "KRW": 1600.25}, dt.date(2026, 11, 19): {}}


def test_the_bundled_board_s_files_are_of_the_same_form():
    days = read_ecb(Rates(1, DAY).to_ecb_xml(90, DAY).encode())
    assert len(days) == 90 and max(days) == DAY
    assert {"KRW", "USD", "JPY", "CNY", "GBP"} <= set(days[DAY])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html><body>Sorry</body>", "not XML"),
        (b"", "not XML"),
        (file(""), "it holds no rates"),
        (file('<Cube time="2026-11-20"/>'), "it holds no rates"),
        (file('<Cube time="20.11.2026"><Cube currency="USD" rate="1.1"/></Cube>'), "'20.11.2026' is no day"),
        (file('<Cube time="2026-11-20"><Cube currency="usd" rate="1.1"/></Cube>'), "'usd' of 2026-11-20 is no currency"),
        (file('<Cube time="2026-11-20"><Cube currency="USD" rate="0"/></Cube>'), "'0' of USD, 2026-11-20, is no rate"),
        (file('<Cube time="2026-11-20"><Cube currency="USD" rate="nan"/></Cube>'), "'nan' of USD"),
        (file('<Cube time="2026-11-20"><Cube currency="USD"/></Cube>'), "'' of USD"),
        (b'<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 9999 + b'">]><e>' + b"&b;" * 9999 + b"</e>", "not XML"),
    ],
)
def test_what_is_wrong_is_said(body: bytes, says: str):
    with pytest.raises(ValueError, match=says):
        read_ecb(body)
