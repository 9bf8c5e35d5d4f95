"""Reading money in Korean sentences: characters a second on one core, and F1 on our golden sentences, beside other readers.

F1 here asks for currency and value only (of a range or a vague amount: both ends), as a multiset per sentence: the peers draw their
spans by other rules. Articles are the same sentences joined to some 1,000 characters, for readers whose time grows faster than the
text. The last rows read 10 MB of the worst inputs known, which must stay under 10 seconds each, and stream 5 and 50 MB through
`python -m orchestration.money`: the peak of its memory must be the same (a gigabyte would take minutes and show nothing more).
"""

import collections
import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from orchestration.money.reader import read_mentions

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "money").glob("*.jsonl"))
PLAIN = (
    "시는 내년 3월부터 시내 12개 구간의 버스 전용차로를 늘리고 정류장 안내판을 새로 바꾸기로 했다고 4일 밝혔다. "
    "이날 회의에는 위원 47명이 참석해 두 시간가량 대책을 논의했으나 원칙만 확인하고 결론을 내지 못했다. "
    "기상청은 주말까지 영하 10도 안팎의 추위가 이어지다가 다음 주 초반부터 점차 풀릴 것으로 내다봤다. "
)
NEWS = (
    "시는 노후 상수관 교체와 정수장 증설에 내년까지 모두 1조2400억원을 쓰기로 하고 관련 예산안을 의회에 냈다. ",
    "두 회사가 합작해 세우는 배터리 공장에는 앞으로 5년에 걸쳐 약 30억 달러가 들어갈 것으로 알려졌다. ",
    "지난해 4분기 매출은 한 해 전보다 8% 늘어난 7,530억원으로 집계돼 시장의 예상을 조금 웃도는 데 그쳤다. ",
    "국제유가는 산유국의 감산 연장 소식이 전해진 뒤 오름세로 돌아서 배럴당 72.7달러에 거래를 마쳤다. ",
    "피해자들은 원금을 보장한다는 말에 속아 많게는 수억원을 맡겼다가 돌려받지 못했다고 입을 모았다. ",
)
WORST = ("1", " ", "(", "1억(", "1만 ", "1조 ", "만", "1~", "(1 억,")
WORST_BYTES = 10_000_000
STREAM_BYTES = (5_000_000, 50_000_000)
ROUNDS = 5  # the best counts: neighbours on the machine only ever add


def run() -> list[dict[str, object]]:
    """A row per reader, then a row per worst input. Times are of the processor."""
    rows = [json.loads(line) for path in GOLDEN for line in path.read_text(encoding="utf-8").splitlines()]
    news = [sentence for sentence in NEWS for _ in range(20)]
    article = "".join((*NEWS, PLAIN) * 2)
    table: list[dict[str, object]] = []
    for name, prepare, repeat in (
        ("boardhouse", _ours, 40),
        ("duckling, Korean rules", _duckling, 1),
        ("price-parser", _price_parser, 4),
        ("quantulum3", _quantulum3, 1),
    ):
        try:
            read = prepare()
        except ImportError as error:
            table.append(_row(name, note=f"not installed: {error.name}"))
            continue
        table.append(
            _row(
                name,
                _speed(read, news[:: 1 if repeat > 1 else 20], repeat),
                _speed(read, [article], repeat),
                _speed(read, [PLAIN], repeat),
                _f1(read, rows),
            )
        )
    for piece in WORST:
        text = piece * (WORST_BYTES // len(piece.encode()))
        start = time.process_time()
        read_mentions(text)
        table.append(_row(f"10 MB of {piece!r}", note=f"{time.process_time() - start:.1f} s"))
    for form, end in (("lines", "\n"), ("one line", "")):
        peaks = [
            f"{total // 10**6} MB: {_peak_megabytes(''.join(s + end for s in NEWS).encode(), total):.0f} MB"
            for total in STREAM_BYTES
        ]
        table.append(_row(f"stream of {form}, peak memory", note=", ".join(peaks)))
    return table


_READ_AND_TELL = """
import os, sys
from orchestration.money.stream import main_loop
main_loop(sys.stdin, open(os.devnull, "w"))
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def _peak_megabytes(piece: bytes, total: int) -> float:
    """Resident memory, at most, of a process that reads `total` bytes of one piece again and again, as Linux counts it (the peak
    that `getrusage` tells of a child is never below its parent's)."""
    process = subprocess.Popen([sys.executable, "-c", _READ_AND_TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    batch = piece * (100_000 // len(piece))
    for _ in range(total // len(batch)):
        process.stdin.write(batch)
    process.stdin.close()
    kilobytes = int(process.stdout.read())
    process.wait()
    return kilobytes / 1024


def _row(
    name: str, news: float | str = "-", article: float | str = "-", plain: float | str = "-", f1: float | str = "-", note: str = ""
) -> dict[str, object]:
    return {
        "reader": name,
        "M chars/s, a mention a sentence": news,
        "in articles": article,
        "no money": plain,
        "F1": f1,
        "note": note,
    }


Answer = list[tuple[str, tuple[Decimal, Decimal]]]
Reader = Callable[[str], Answer]


def _speed(read: Reader, texts: list[str], repeat: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(repeat):
            for text in texts:
                read(text)
        best = min(best, time.process_time() - start)
    return sum(map(len, texts)) * repeat / max(best, 1e-9) / 1e6


def _f1(read: Reader, rows: list[dict]) -> float:
    right = found = wanted = 0
    for row in rows:
        want = collections.Counter(
            (m["currency"], (Decimal(m["amount"]),) * 2 if m["amount"] is not None else (Decimal(m["min"]), Decimal(m["max"])))
            for m in row["expected"]
        )
        got = collections.Counter(read(row["text"]))
        right += (want & got).total()
        found += got.total()
        wanted += want.total()
    return 2 * right / (found + wanted)


def _ours() -> Reader:
    def read(text: str) -> Answer:
        return [(m.currency, (m.amount, m.amount) if m.amount is not None else (m.min, m.max)) for m in read_mentions(text)]

    return read


NAMES = {
    "KRW": "KRW",
    "₩": "KRW",
    "원": "KRW",
    "$": "USD",
    "US$": "USD",
    "dollar": "USD",
    "€": "EUR",
    "EUR": "EUR",
    "£": "GBP",
    "¥": "JPY",
}


def _duckling() -> Reader:
    import duckling

    context = duckling.Context(
        duckling.parse_ref_time(duckling.load_time_zones("/usr/share/zoneinfo"), "Asia/Seoul", 1_740_000_000),
        duckling.parse_locale("KO", duckling.default_locale_lang(duckling.parse_lang("KO"))),
    )
    dimensions = duckling.parse_dimensions(["amount-of-money"])

    def read(text: str) -> Answer:
        answer: Answer = []
        for entity in duckling.parse(text, context, dimensions, False):
            value = entity["value"]
            ends = [value[side] for side in ("from", "to") if side in value] or [value]
            amounts = [Decimal(str(end["value"])) for end in ends if "value" in end]
            if amounts:
                unit = ends[0].get("unit", "")
                answer.append((NAMES.get(unit, unit), (amounts[0], amounts[-1])))
        return answer

    return read


def _price_parser() -> Reader:
    from price_parser import Price

    def read(text: str) -> Answer:
        price = Price.fromstring(text)
        if price.amount is None or price.currency is None:
            return []
        return [(NAMES.get(price.currency, price.currency), (price.amount, price.amount))]

    return read


def _quantulum3() -> Reader:
    from quantulum3 import parser

    units = {
        "dollar": "USD",
        "south korean won": "KRW",
        "euro": "EUR",
        "pound sterling": "GBP",
        "japanese yen": "JPY",
        "yuan": "CNY",
    }

    def read(text: str) -> Answer:
        with contextlib.redirect_stderr(io.StringIO()):
            found = parser.parse(text)
        return [
            (units.get(q.unit.name, q.unit.name), (Decimal(str(q.value)), Decimal(str(q.value))))
            for q in found
            if q.unit.entity.name == "currency"
        ]

    return read
