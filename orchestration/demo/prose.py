"""Korean news prose with money in it, and the truth about that money.

Here: vocabulary, sentence patterns, how an amount is written, and a line of text that remembers each mention it holds. Not
here: articles and boards (`content`), markup (`pages`). All names of people, companies, outlets and small places are invented.
"""

import datetime as dt
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from orchestration.demo.rates import Rates

JO, EOK, MAN = 10**12, 10**8, 10**4

WORDS = {"KRW": "원", "USD": "달러", "JPY": "엔", "CNY": "위안", "EUR": "유로", "GBP": "파운드"}


@dataclass(frozen=True, slots=True)
class Money:
    """One mention: what stands in the text, at which code points (half-open), and what it means. `paired_with`: index, in the
    same text, of the mention that this one restates; `verdict` and `implied_rate` (KRW per unit) stand on such a one."""

    text: str
    start: int
    end: int
    currency: str
    amount: Decimal
    qualifiers: tuple[str, ...] = ()
    paired_with: int | None = None
    rate_pair: str | None = None
    implied_rate: float | None = None
    verdict: Literal["consistent", "stale"] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    money: tuple[Money, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


ORGS = _words(
    "한빛전자, 가온중공업, 다온바이오, 누리텔레콤, 새솔자동차, 미르반도체, 아라해운, 도담건설, 해오름에너지, 온새미로식품, "
    "가람항공, 늘봄유통, 예그리나게임즈, 한결제약, 마루금융지주, 윤슬디스플레이, 달구벌철강, 샛별카드, 노을화학, "
    "라온로보틱스, 시나브로배터리, 초롱생명"
)
FOREIGN_ORGS = _words(
    "노바테크, 오리온모터스, 블루캐니언, 헬릭스바이오, 노스필드항공, 그랜드레이크은행, 선플라워클라우드, 메이플로지스틱스"
)
PEOPLE = _words(
    "김도윤, 이서준, 박하은, 최지호, 정유나, 강민재, 조서윤, 윤태오, 장예린, 임건우, 한소율, 오승현, 서다인, 신재율, 권나래, 황보람"
)
ROLES = _words("대표, 회장, 사장, 본부장, 연구위원, 교수, 애널리스트, 국장, 의원, 위원장")
PLACES = _words("서울, 부산, 대구, 인천, 광주, 대전, 울산, 세종, 수원, 창원, 천안, 전주, 포항, 청주")
ABROAD = _words(
    "미국 텍사스주, 미국 조지아주, 일본 도쿄, 일본 구마모토, 중국 상하이, 중국 선전, 독일 뮌헨, 프랑스 파리, 영국 런던, "
    "베트남 하노이"
)
FACILITIES = _words("공장, 연구소, 데이터센터, 물류센터, 생산라인, 합작법인, 충전소, 시험센터")
GOODS = _words("반도체, 배터리, 전기차, 로봇, 신약, 조선기자재, 디스플레이, 냉동김밥, 화장품, 위성통신장비, 똠얌라면")
TOPICS = _words("소상공인, 청년 주거, 반도체 인력, 지방 의료, 재해 복구, 전통시장, 농산물 수급, 저출생 대책, 수출기업, 돌봄 서비스")
OUTLETS = _words("한빛일보, 새벽경제, 누리신문, 가온뉴스, 다온저널, 미르타임스, 온누리매일, 라온헤럴드")
CREDITS = _words("뉴스1, 연합뉴스, 뉴시스, AFP=연합뉴스, 로이터=뉴스1, EPA=연합뉴스, AP=뉴시스, 로이터=연합뉴스")
HANJA = _words("美, 日, 中, 英, 與, 野, 檢, 政, 韓, 北")
TAGS = _words("속보, 단독, 1보, 2보, 종합, 르포, 그래픽, 인터뷰, 사설")
SERIES = _words("머니 노트, 시장 읽기, 골목 경제, 숫자로 본 오늘")
CIRCLED = "①②③④⑤⑥⑦⑧⑨"

_ENDS = {"은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"), "으로": ("으로", "로")}


def particle(word: str, kind: str) -> str:
    """The form of a particle that follows `word`, which ends in a Hangul syllable."""
    final = (ord(word[-1]) - 0xAC00) % 28
    if kind == "으로" and final == 8:  # ㄹ takes 로
        return "로"
    return _ENDS[kind][0 if final else 1]


def write_number(amount: int, style: str) -> str:
    """An amount in Korean multipliers. Styles: `tight` 7조3000억 · `spaced` 7조 3,000억 · `thousand` 4억5천만 · `decimal` 1.5조.
    A style that does not fit the amount falls back to `tight`."""
    if style == "decimal":
        for unit, name in ((JO, "조"), (EOK, "억"), (MAN, "만")):
            if unit <= amount < unit * MAN and amount % unit and amount % (unit // 10) == 0:
                return f"{amount / unit:.1f}{name}"
    parts = []
    for unit, name in ((JO, "조"), (EOK, "억"), (MAN, "만"), (1, "")):
        group, amount = divmod(amount, unit)
        if not group:
            continue
        if style == "thousand" and group % 1000 == 0:
            parts.append(f"{group // 1000}천{name}")
        else:
            parts.append((f"{group:,}" if style == "spaced" else str(group)) + name)
    return (" " if style == "spaced" else "").join(parts)


def round_to(value: float, digits: int) -> int:
    """To `digits` significant digits."""
    place = 10 ** max(0, math.floor(math.log10(value)) + 1 - digits)
    rounded: int = round(value / place) * place
    return rounded


class Writer:
    """Writes lines for one document: all its chances come from `rng`, its conversions from the rates of `day`."""

    def __init__(self, rng: random.Random, rates: Rates, day: dt.date) -> None:
        self.rng, self.rates, self.day = rng, rates, day

    @classmethod
    def seeded(cls, seed: str, rates: Rates, day: dt.date) -> "Writer":
        return cls(random.Random(seed), rates, day)

    def line(self, *patterns: str) -> Line:
        """Fill sentence patterns and join them with a space. A slot is `{name}` or `{name:particle}`; within a pattern no word
        stands twice."""
        out, money = "", list[Money]()
        for number, pattern in enumerate(patterns):
            out += " " if number else ""
            used: set[str] = set()
            for literal, name, kind in _SLOT.findall(pattern):
                out += literal
                if not name:
                    continue
                if name in _MONEY:
                    text, mentions, spoken = self._money(name, len(out), len(money))
                    money.extend(mentions)
                else:
                    text = spoken = self._word(name, used)
                    used.add(text)
                out += text + (particle(spoken, kind) if kind else "")
        return Line(out, tuple(money))

    def _word(self, name: str, used: set[str]) -> str:
        rng = self.rng
        match name:
            case "num":
                return str(rng.randint(2, 48))
            case "pct":
                return f"{rng.uniform(0.3, 18):.1f}"
            case "count":
                return f"{rng.randint(2, 39)}만"
            case "day":
                return f"{self.day.day}일"
            case "month":
                return f"{rng.randint(1, 12)}월"
            case _:
                return rng.choice([word for word in _VOCABULARY[name] if word not in used])

    def _amount(self, currency: str) -> int:
        low, high = _SPAN[currency]
        digits = self.rng.choice((1, 2, 2, 3, 4))
        return round_to(math.exp(self.rng.uniform(math.log(low), math.log(high))), digits)

    def _mention(self, at: int, amount: int, currency: str, style: str, qualifier: str = "", **pair: object) -> tuple[str, Money]:
        number = write_number(amount, style)
        gap = " " if currency != "KRW" or self.rng.random() < 0.35 else ""
        if number[-1].isdigit() and currency == "KRW":
            gap = ""  # 1,200원 is written without a space
        text = f"{number}{gap}{WORDS[currency]}"
        lead = f"{qualifier} " if qualifier else ""
        start = at + len(lead)
        qualifiers = (qualifier,) if qualifier else ()
        money = Money(text, start, start + len(text), currency, Decimal(amount), qualifiers, **pair)  # type: ignore[arg-type]
        return lead + text, money

    def _style(self) -> str:
        return self.rng.choice(("tight", "tight", "spaced", "spaced", "thousand", "decimal"))

    def _money(self, name: str, at: int, index: int) -> tuple[str, list[Money], str]:
        """The text of a money slot beginning at `at`, its mentions (the first has `index` in the line), and the word that a
        particle follows."""
        rng = self.rng
        qualifier = rng.choice(("", "", "", "약", "최소"))
        if name == "small":  # a price: digits alone
            text, money = self._mention(at, rng.randint(11, 190) * 100, "KRW", rng.choice(("tight", "spaced")))
            return text, [money], "원"
        if name == "won":
            text, money = self._mention(at, self._amount("KRW"), "KRW", self._style(), qualifier)
            return text, [money], "원"
        currency = rng.choices(tuple(_SPAN)[1:], (55, 14, 12, 12, 7))[0]
        if name == "foreign":
            text, money = self._mention(at, self._amount(currency), currency, self._style(), qualifier)
            return text, [money], WORDS[currency]
        return self._pair(at, index, currency, qualifier, is_reversed=name == "won_pair")

    def _pair(self, at: int, index: int, currency: str, qualifier: str, is_reversed: bool) -> tuple[str, list[Money], str]:
        """An amount and, in parentheses, what it is in the other currency. Three significant digits keep the rounding below
        0.5 %, so that a rate meant to be consistent is."""
        first, second = self._amount("KRW" if is_reversed else currency), currency if is_reversed else "KRW"
        verdict: Literal["consistent", "stale"] = "consistent"
        converted = self._convert(first, currency, self.rates.on(currency, self.day)[1], is_reversed)
        if self.rng.random() < 0.2 and (old := self._stale_rate(currency)):
            restated = self._convert(first, currency, old, is_reversed)
            if self._is_stale(first, restated, currency, is_reversed):
                converted, verdict = restated, "stale"
        implied = first / converted if is_reversed else converted / first
        original = "KRW" if is_reversed else currency
        head, first_money = self._mention(at, first, original, self._style(), qualifier)
        inside = at + len(head) + 1
        tail, second_money = self._mention(
            inside,
            converted,
            second,
            self.rng.choice(("tight", "spaced")),
            "약",
            paired_with=index,
            rate_pair=f"{currency}/KRW",
            implied_rate=implied,
            verdict=verdict,
        )
        return f"{head}({tail})", [first_money, second_money], WORDS[original]

    @staticmethod
    def _convert(first: int, currency: str, rate: float, is_reversed: bool) -> int:
        return round_to(first / rate if is_reversed else first * rate, 3)

    def _stale_rate(self, currency: str) -> float | None:
        """A rate of 15 to 50 days ago that is at least 2.2 % off the day's and the one before."""
        fresh = [rate for _, rate in self.rates.recent(currency, self.day, 2)]
        since, until = self.day - dt.timedelta(days=50), self.day - dt.timedelta(days=15)
        old = [
            rate
            for day, rate in self.rates.recent(currency, self.day, 40)
            if since <= day <= until and all(abs(rate / now - 1) > 0.022 for now in fresh)
        ]
        return self.rng.choice(old) if old else None

    def _is_stale(self, first: int, converted: int, currency: str, is_reversed: bool) -> bool:
        """Whether what rounding allows (half of the last written multiplier) stays 1 % clear of the day's rate and the one
        before; 28조원 allows 1.8 % and says nothing about a rate 2.2 % away."""
        half = next(unit for unit in (JO, EOK, MAN, 1) if converted % unit == 0) / 2
        bounds = sorted(first / c if is_reversed else c / first for c in (converted - half, converted + half))
        fresh = [rate for _, rate in self.rates.recent(currency, self.day, 2)]
        return all(rate < bounds[0] * 0.99 or rate > bounds[1] * 1.01 for rate in fresh)


_SLOT = re.compile(r"([^{]*)(?:\{(\w+)(?::(\w+))?\})?")

_MONEY = frozenset({"won", "small", "foreign", "pair", "won_pair"})

_SPAN = {
    "KRW": (3e7, 9e13),
    "USD": (2e5, 6e11),
    "JPY": (5e7, 8e12),
    "CNY": (3e6, 9e11),
    "EUR": (3e5, 9e10),
    "GBP": (3e5, 6e10),
}

_VOCABULARY: dict[str, Sequence[str]] = {
    "org": ORGS,
    "forg": FOREIGN_ORGS,
    "person": PEOPLE,
    "role": ROLES,
    "place": PLACES,
    "abroad": ABROAD,
    "facility": FACILITIES,
    "goods": GOODS,
    "topic": TOPICS,
    "hanja": HANJA,
}

MONEY_SENTENCES = (
    "{org:은} {abroad}에 {pair} 규모의 {goods} {facility:을} 짓기로 했다.",
    "{forg:은} {org:과} {foreign} 규모의 {goods} 공급 계약을 맺었다고 {day} 밝혔다.",
    "지난해 매출은 {won:으로} 한 해 전보다 {pct}% 늘었다.",
    "정부는 {topic} 예산으로 {won:을} 편성해 국회에 냈다.",
    "{place}시는 {topic} 사업에 {won:을} 들여 {month}까지 마무리할 계획이다.",
    "{org}의 3분기 매출은 {won}(영업이익 {won})으로 집계됐다.",
    "{forg:은} 새 {facility}에 {pair:을} 투자하겠다는 계획을 내놨다.",
    "{org:이} 낸 과징금은 {won:으로}, 업계에서 가장 많다.",
    "한 봉지에 {small}짜리 제품이 {small:으로} 올랐다.",
    "{abroad} 법인의 순손실은 {pair:으로} 추정된다.",
    "{person} {role:은} “인수 대금 {won_pair:을} 연내에 모두 치르겠다”라고 말했다.",
    "시장에서는 {org}의 기업 가치를 {won_pair:으로} 본다.",
    "{forg:은} {place}에 {foreign:을} 더 투자하기로 했다.",
    "기금은 모두 {won:으로} 꾸려지며 {org:과} {org:이} 나눠 낸다.",
    "교통카드 기본요금은 {small}에서 {small:으로} 바뀐다.",
    "수출액은 {pair:으로} 집계돼 {month}보다 {pct}% 줄었다.",
)

PLAIN_SENTENCES = (
    "{person} {role:은} “아직 정해진 것은 없다”라며 말을 아꼈다.",
    "전문가들은 당분간 흐름을 지켜봐야 한다고 조언한다.",
    "{place}에서는 올해 아파트 {count} 가구가 새로 들어선다.",
    "이번 행사에는 {count} 명이 다녀갔고, 만족한다는 답이 {pct}%포인트 늘었다.",
    "개정안 제2조 3항은 {month}부터 시행된다.",
    "{org} {facility:은} 4조 2교대로 돌아간다.",
    "만 18세 이상이면 누구나 신청할 수 있다.",
    "{goods} 수출은 {num}개월 만에 늘어나는 쪽으로 돌아섰다.",
    "원래 계획은 {month}에 끝나는 것이었다.",
    "{person} {role:은} 이날 {place}에서 기자들을 만나 “억울한 면이 있다”라고 했다.",
    "달러화가 강세를 보이면서 원·달러 환율은 사흘째 올랐다.",
    "업계 관계자는 “{goods} 시장의 판이 바뀌고 있다”라고 귀띔했다.",
    "출근길 시민들은 만원 버스에 몸을 실었다.",
    "새 엔진은 연료를 {pct}% 덜 쓴다.",
    "{place} 103동 주민들은 ‘안전이 먼저’라며 대책을 요구했다.",
    "위원회는 5원칙을 세우고 후보 {num}명을 살펴보기로 했다.",
    "{org:과} {forg:은} 2년 전부터 {goods} 기술을 함께 개발해 왔다.",
    "현장에서는 “준비할 시간이 너무 짧다”는 목소리가 나온다.",
    "이 소식에 {org} 주가는 장 초반 {pct}% 뛰었다.",
    "R&D 인력은 {num}% 늘리고, 협력사 {num}곳과 손을 잡는다.",
)

HEADINGS = (
    "{goods}, 판이 바뀐다",
    "‘{topic}’ 어디까지 왔나",
    "{org:이} 서두르는 까닭",
    "{place}의 선택은",
    "남은 과제는",
    "{forg} ‘속도전’, {org} ‘신중론’",
    "시장은 왜 움직였나",
)

CAPTIONS = (
    "{person} {role:이} {day} {place}에서 열린 간담회에서 취재진의 질문에 답하고 있다.",
    "{place}의 한 {goods} 매장에서 시민들이 제품을 살펴보고 있다.",
    "{abroad}에 들어설 {org} {facility} 조감도.",
    "{org} {facility}에서 직원들이 {goods} 생산 과정을 점검하고 있다.",
    "{person} {role:이} {place}에서 {pair} 규모의 투자 계획을 설명하고 있다.",
)

TITLES = (
    "{org}, {hanja} {goods} {facility} 짓는다",
    "{hanja} ‘{topic}’ 놓고 줄다리기… 이번 주 분수령",
    '{person} {role} "끝까지 책임지겠다"',
    "{place} 아파트 {count} 가구 쏟아진다… 전세 시장 ‘들썩’",
    "‘{goods} 강자’ {org}의 반격…“{month}에 승부”",
    "{topic} 예산, 왜 늘 모자랄까",
    "{org} & {forg}, {goods} 동맹 맺는다",
    "'{topic}' 손본다는 {hanja}… 현장은 <글쎄>",
    "{goods} 수출 {pct}%↑… {num}개월 만에 반등",
    "{place} 출근길 ‘만원 버스’ 언제까지",
    "오늘도 영하권… {place} 체감온도 더 낮아",
    '{person} "억울하다" {person} "증거 있다"',
    "“2시간 만에 동났다” {goods} 열풍…왜?",
    "{hanja}·{hanja} 정상 통화 ‘아직’…막판 조율",
)

MONEY_TITLES = (
    "{org}, {hanja}에 {foreign} 투자… ‘{goods} 벨트’ 넓힌다",
    "{org} 3분기 매출 {won}…‘역대 최대’",
    "{hanja} {topic} 예산 {won} 편성",
    "{forg}, {org:과} {pair} 계약",
    '{topic}에 {won} 더 쓴다… {person} {role} "충분치 않아"',
    "“한 그릇 {small}”… {place} 점심값 어디까지",
)
