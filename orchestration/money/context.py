"""What the surroundings of an amount say: is it money at all, of which country, how qualified, per what, is it a rate.

Here: decisions that look at a bounded stretch of text (at most WINDOW characters each way) around one number. Not here: the
number itself (`numerals`), the words looked for (`units`).
"""

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import Literal

from orchestration.money import units
from orchestration.money.grammar import any_of

WINDOW = 120  # a longer stretch would make one long paragraph cost more than its length

_SENTENCE_END = re.compile(r"[.!?…](?=[ \n\"'”’])|\n")


class Surroundings:
    """Where a text speaks of what: found in one pass over the text, when first asked, so that a question costs a bisection
    however many numbers ask it."""

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[str, tuple[list[int], list[str]]] = {}

    def _all(self, topic: str) -> tuple[list[int], list[str]]:
        if topic not in self._found:
            matches = [(match.start(), match[0]) for match in _words(topic).finditer(self.text)]
            self._found[topic] = [at for at, _ in matches], [word for _, word in matches]
        return self._found[topic]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a span, as far as WINDOW reaches."""
        ends = self._all("sentence")[0]
        after = bisect_left(ends, end)
        low, high = max(0, start - WINDOW), min(len(self.text), end + WINDOW)
        before = bisect_left(ends, start) - 1
        return max(low, ends[before] + 1 if before >= 0 else 0), min(high, ends[after] if after < len(ends) else high)

    def mentions(self, topic: str, low: int, high: int) -> bool:
        """Whether a word of the topic begins in [low, high)."""
        places = self._all(topic)[0]
        at = bisect_left(places, low)
        return at < len(places) and places[at] < high

    def can_be_money(self, start: int) -> bool:
        """Whether anything near `start` could make a number there an amount: no name of a currency and no word for money, no
        mention. True much more often than not; it is the quick way over stretches of nothing but numbers."""
        return self.mentions("evidence", start - WINDOW, start + 2 * WINDOW)

    def within(self, topic: str, low: int, high: int) -> list[tuple[int, str]]:
        """The words of the topic that begin in [low, high), with their places."""
        places, words = self._all(topic)
        return list(
            zip(places[(left := bisect_left(places, low)) : (right := bisect_left(places, high))], words[left:right], strict=True)
        )

    def last(self, topic: str, low: int, high: int) -> tuple[int, str] | None:
        """The last word of the topic that begins in [low, high)."""
        places, words = self._all(topic)
        at = bisect_right(places, high - 1) - 1
        return (places[at], words[at]) if at >= 0 and places[at] >= low else None


@cache
def _form(pattern: str) -> re.Pattern[str]:
    """Compiled when first needed: most texts never ask, and compiling all at import would cost more than reading them."""
    return re.compile(pattern)


@cache
def _words(topic: str) -> re.Pattern[str]:
    return re.compile(any_of(_TABLES[topic])) if topic in _TABLES else _SENTENCE_END


_SPEAKING = units.MONEY_VERBS + units.MONEY_WORDS + units.EARNING_WORDS
_TABLES = {
    "money": units.MONEY_WORDS + units.EARNING_WORDS,
    "count": units.COUNT_CONTEXT,
    "rate": units.RATE_WORDS,
    "dollar rate": units.DOLLAR_RATES,
    "price": units.PRICE_WORDS,
    "weight": units.WEIGHT_WORDS,
    "building": units.BUILDING_WORDS,
    "evidence": (*units.NAMES, *units.SUBUNITS, *units.SYMBOLS, *units.CODES, *_SPEAKING, "짜리", "당", "에", "/"),
    "country": units.COUNTRIES | units.PLACES.keys(),
}


# Is it a currency's name: what is glued to it.
_JOSA = (
    "은|는|이|가|을|를|의|에|로|으로|와|과|도|만|까지|부터|씩|대|짜리|어치|권|가량|가까|정도|선|쯤|상당|상회|미만|초과|이상|이하|이내|안팎|내외|남짓|규모"
    "|수준|였|인|임|당|밖에|조차|마저|보다|처럼|같|등|및|뿐|치|꼴|하던|라|나|며|다|든|고|여|시대|육박|돌파|넘|투자|지원|전후|기준|대비|지폐|화|숍|샵|하락|상승"
)
_GENERIC = re.compile(_JOSA)
_FOLLOWS = {  # a name that is also the beginning of other words has its own list
    "원": re.compile(
        "은|이|을|의|에|으로|으론|과|도(?!심)|만(?![한하히])|까지|부터|씩|대(?!한)|짜리|어치|권|가량|가까|정도|정(?=이라|이란|[^가-힣 ]|$)|선(?!생|수)|쯤|상당|상회|미만"
        "|초과|이내|안팎|내외|남짓|규모|수준|인|임|당(?!황)|밖에|조차|마저|보다|처럼|같|등(?![가-힣])|및|뿐|치(?!료)|꼴|하던|여(?!성)|시대|육박|돌파|넘|하락|상승|전후"
        "|기준|대비|숍|샵|돈|지폐|동전|라|든|투자|지원|입니다|클럽|[초중후]반"
    ),
    "동": re.compile("은|이(?!물)|을|에(?!서)|으로|까지|부터|씩|대|짜리|어치|가량|정도|안팎|이상|이하|내외|규모|상당|의|과"),
    "불": re.compile("이(?!익|행)|을|의|에|로|짜리|씩|대|어치|가량|정도|시대|어|상당|규모|수준|까지|부터"),
    "전": re.compile("에(?!서)|을|이|오|으로|까지|씩|내|상|하|급|떨|높|낮|올"),
}
_OTHER_WORDS = {  # what makes another word of a name that a number is written to
    "원": re.compile("칙|색|론|소(?![득송비])|자력|전(?![체세])|형|천기|유(?!동)|룸|주민|폭|생|아|탁|내대표|장(?!학)|년|어민|들"),
    "달러": re.compile("인덱스|트리"),
    "유로": re.compile("존|파|스|뉴|본드|풀|넥|컵|터널|클|트|카|바|마|비|코|지|피"),
    "위안": re.compile("부|소|거|잔|공|삼"),
    "파운드": re.compile("리|케|급|형"),
}


def follows(name: str, text: str, end: int, is_glued: bool) -> bool:
    """Whether what stands behind a currency's name lets it be one. `is_glued`: the name stands right behind a multiplier or
    digits, where it can hardly be the beginning of another word."""
    following = text[end : end + 1]
    if not "가" <= following <= "힣":
        return not (following.isascii() and following.isalpha() and name.isascii())
    if is_glued and (other_words := _OTHER_WORDS.get(name)) is not None:
        return other_words.match(text, end) is None
    return (_FOLLOWS.get(name) or _GENERIC).match(text, end) is not None


# May a number begin here.
_NO_NUMBERS = frozenset({"조", "억", "경", "구조", "사조", "이조", "오조", "육조"})  # 구조원 is a rescuer, 이조 a dynasty
_GLUED = re.compile(
    "(?:^|[^가-힣])(?:약|총|단돈|일금|거금|무려|자그마치|최대|최소|상금|벌금|현금|성금|각|겨우|고작|금|연봉|월급|보증금|매출|위자료|월|년|자본금|뇌물|계약금)$"
)


def is_begun(text: str, start: int, number: str) -> bool:
    """Whether a number may begin here, by what stands before it."""
    if number in _NO_NUMBERS:
        return False
    if not start:
        return True
    before = text[start - 1]
    if number[0].isdigit():
        if not (before.isascii() and before.isalpha()) or "억" in number or "조" in number:
            return True  # not S25, but AI5000억
        return "만" in number and start > 1 and text[start - 2].isascii() and text[start - 2].isalpha()  # KT100만원
    if "가" <= before <= "힣":
        if number.startswith("만 "):
            return False  # the particle of `계약금만 1천만원`
        return _GLUED.search(text[max(0, start - 8) : start]) is not None
    return not before.isdigit()


# Is it money, where the form alone does not say.
_WON_TEAM = re.compile(" ?(?:팀|톱|포인트|플러스|스톱|샷|클릭|히트|코리아|보이스)")
_PAIR_OF_CURRENCIES = re.compile("[·/∙・-](?:달러|엔|위안|유로)")
_FULL = re.compile(rf" ?(?:{any_of(units.VENUES + units.CROWDS)})|\(?滿員|을 이[루뤄룬뤘]|이 [된될됐돼]|이 되|입니다")
_VENUE_IS = re.compile(
    rf"(?:{any_of(units.VENUES)}|수용)[이은도가마다는]{{0,2}} ?(?:연일 |이미 |벌써 |늘 |매일 |항상 |모두 |다 )?$|(?:초|연일 )$"
)
_TOURNAMENT = re.compile(" ?(?:대회|결승|예선|본선|우승|챔피언|개막|조별|4강|8강|16강|득점)")
_REAL_CLUB = re.compile(" ?(?:마드리드|소시에다드|베티스|사라고사)")
_SOLD = re.compile("(?:에|를) ?(?:팔|판매|샀|사들|구입|낙찰|거래|나왔|내놨|결제|지불|냈|내고|내야|준|줬)")
_LIFTED = re.compile("[를이]?나? ?(?:뺐|빼|뺀|감량|쪘|찌|들어 ?올)")
_NEXT_NOUN = re.compile(" [가-힣]")
_SPEAKS_OF_PRICE = (
    *units.AFTER,
    *units.AFTER_VERBS,
    *units.MONEY_VERBS,
    *units.MONEY_WORDS,
    "지폐",
    "동전",
    "할인",
    "인상",
    "인하",
)
_PARTS = re.compile(" ?(?:구도|체제|체계|생중계|중계|방송|방정식)")
_POLICY = re.compile(r" ?(?:정책|원칙|합의|입장|약속|선언|\(不)")
_UNIT_OF_TABLE = re.compile("단위 ?[:;]? ?$")
_RAPPER = re.compile("래퍼|힙합|가수")


def is_money(name: str, run: str, around: Surroundings, start: int, name_start: int, end: int, has_multiplier: bool) -> bool:
    """Whether the number `run` and the name behind it are an amount of money: 만원 버스, 15파운드 볼링공, 103동, 유로 2024."""
    text = around.text
    has_gap = text[name_start - 1] == " "
    if name == "원":
        before = text[max(0, start - 16) : start]
        if before.endswith(("제", "제 ")) and run.endswith("조"):
            return False
        if "단위" in before and _UNIT_OF_TABLE.search(before):
            return False
        if not run[0].isdigit():
            if _PAIR_OF_CURRENCIES.match(text, end):
                return False  # `3년 만 원·달러 환율`
            if before.endswith("(") and text.startswith(")", end) and not run.strip("십백천만억조"):
                return False  # `(만원)` is the unit of a table
            return run != "만" or not (_FULL.match(text, end) or _VENUE_IS.search(before))
        if len(run) == 1 and _PARTS.match(text, end):
            return False  # `4원 구도`
        return not has_gap or has_multiplier or _WON_TEAM.match(text, end) is None
    if name == "파운드":
        return has_multiplier or not _weighs(around, start, end)
    if name == "유로":
        return not (has_gap and len(run) == 4 and run[:2] in ("19", "20") and _TOURNAMENT.match(text, end))
    if name == "레알" and _REAL_CLUB.match(text, end):
        return False
    if name == "불":
        return has_multiplier or not (has_gap or (len(run) == 1 and _POLICY.match(text, end)))
    if name in units.NEEDS_MULTIPLIER or name in units.NEEDS_COUNTRY:
        if country_code(name, around, start, end):
            return has_multiplier or name != "동" or len(run.replace(",", "").split(".")[0]) > 3
        if name in units.NEEDS_COUNTRY or not has_multiplier:
            return False
        return name != "동" or not (text.startswith("의", end) or around.mentions("building", *around.sentence(start, end)))
    if name == "센트":
        return _RAPPER.search(text, max(0, start - 24), start) is None
    return True


def _weighs(around: Surroundings, start: int, end: int) -> bool:
    """Whether a pound is one of weight: `15파운드 볼링공`, `체중 200파운드`; not in `볼링공이 150파운드에 팔렸다`."""
    text = around.text
    if _SOLD.match(text, end):
        return False
    if around.mentions("weight", start - 16, end + 14) or text.startswith("급", end) or _LIFTED.match(text, end):
        return True
    return _NEXT_NOUN.match(text, end) is not None and not text.startswith(_SPEAKS_OF_PRICE, end + 1)


def country_code(name: str, around: Surroundings, start: int, end: int) -> str | None:
    """The code of the first country, or of its city, that the sentence names among those whose currency has this name."""
    codes = units.COUNTRY_CODES.get(name, {})
    for _, word in around.within("country", *around.sentence(start, end)):
        if code := codes.get(units.PLACES.get(word, word)):
            return code
    return None


# Qualifiers.
_BEFORE = re.compile(rf"(?<![가-힣])({any_of(units.BEFORE)})(?:은|으로)? ?$")
_BEFORE_END = frozenset(word[-1] for word in units.BEFORE) | {"은", "로"}
_AFTER = re.compile(
    rf" ?(?:(?P<plain>{any_of(units.AFTER)})|(?P<line>선)(?=[이을은의에까도으 ,.)]|$)"
    rf"|(?:[을를이가은는도]|까지)? ?(?P<verb>{any_of(v for v in units.AFTER_VERBS if v not in units.AFTER_DATIVES)})"
    rf"|에(?:는|도)? ?(?P<dative>{any_of(units.AFTER_DATIVES)}))"
)
_BAND = re.compile("대(?![출비상금형신책응략표여납체리학회규만])")
_ASIDE = re.compile(r"\([^()]{0,60}\)")


def qualifiers(text: str, start: int, end: int) -> tuple[list[str], list[str]]:
    """The qualifiers before and after a span. A parenthesis that restates the amount is skipped: `50억달러(약 7조원)를 넘었다`."""
    before: list[str] = []
    at = start
    while at and len(before) < 3:
        last = text[at - 1]
        if last == " " and at > 1:
            last = text[at - 2]
        if last not in _BEFORE_END:
            break
        found = _BEFORE.search(text, max(0, at - 8), at)
        if found is None:
            break
        before.insert(0, found[1])
        at = found.start()
    after: list[str] = []
    at = end
    if text.startswith("대", at) and _BAND.match(text, at):
        after.append("대")
        at += 1
    elif text.startswith("여", at):
        after.append("여")
        at += 1
    for _ in range(2):
        if text.startswith("(", at) and (aside := _ASIDE.match(text, at)):
            at = aside.end()
        found = _AFTER.match(text, at)
        if found is None:
            break
        after.append(found["plain"] or found["line"] or units.AFTER_VERBS[found["verb"] or found["dative"]])
        at = found.end()
    return before, after


# Per what.
_PER_UNIT = any_of(units.PER_UNITS)
_BETWEEN = rf"(?: ?(?:{any_of(units.BEFORE)}|평균|각각|모두|총|무려))*"
_WHAT = r"(?: ?[가-힣]{1,8}(?: [가-힣]{1,8})?[은는이가])?"
_PER_FORMS = {  # of a day's 일당, of 부당 and of 정당 only with a number: they are words
    "당": rf"(?<![가-힣a-zA-Z0-9])(?!(?:일|부|정)당)((?:[0-9][0-9.,]*[만천백]? ?|한 ?)?(?:{_PER_UNIT}))당{_WHAT}{_BETWEEN} ?$",
    "에": rf"(?<![가-힣0-9.,])((?:1|한) ?(?:{_PER_UNIT}))에{_BETWEEN} ?$",
    "/": rf" ?/ ?({_PER_UNIT})(?![가-힣a-zA-Z])",
}


def per(text: str, start: int, end: int) -> str | None:
    """The unit that the amount is for: `배럴당`, `1온스에`, `원/kg`."""
    before = text[max(0, start - 24) : start]
    if "당" in before and (found := _form(_PER_FORMS["당"]).search(before)):
        return found[1]
    if ("한" in before or "1" in before) and "에" in before and (found := _form(_PER_FORMS["에"]).search(before)):
        return found[1]
    if text.startswith(("/", " /"), end) and (found := _form(_PER_FORMS["/"]).match(text, end)):
        return found[1]
    return None


# Is it an exchange rate.
_RATE_BASE = re.compile(
    r"(?:달러|엔|유로|위안|파운드|루블|바트|루피|리라|동|프랑|페소|헤알)당(?: ?(?:약|평균|최고|최저|한때|무려|사상 최고인|원화(?:값|는|가치는)?))* ?$"
)
_MOVED = re.compile(rf"(?:이|가|나| ?넘게| ?가량| ?정도| ?안팎)? ?(?:{any_of(units.RATE_MOVES)})")


def rate_kind(around: Surroundings, start: int, end: int, currency: str) -> Literal["rate", "rate_delta"] | None:
    """`rate` or `rate_delta` for a small amount without 만·억·조 in a sentence on exchange rates, else None."""
    text = around.text
    before = text[max(0, start - 24) : start]
    if "당" in before and _RATE_BASE.search(before):
        return "rate"
    if not around.mentions("rate", start - WINDOW, start):
        return None
    low, _ = around.sentence(start, end)
    word = around.last("rate", low, start)
    if word is None or around.mentions("price", word[0] + len(word[1]), start):
        return None  # `환율 상승으로 커피값이 5000원`
    if currency == "USD" and not around.mentions("dollar rate", low, start):
        return None  # in `환율이 1450원이면 100달러는` the dollars are what is converted
    return "rate_delta" if _MOVED.match(text, end) else "rate"


# Is a number without a currency an amount of won.
_PARTICLE = "을|를|은|는|이|가|에|의|으로|로|도|만|까지|부터|씩|대|짜리|쯤|가량|정도|이상|이하|미만|초과|안팎|내외|남짓|과|와|이나|나|에서|보다|여"
_BARE_END = re.compile(
    rf"(?![가-힣A-Za-z0-9%㎡℃.,])|[.,](?![0-9])|(?:{_PARTICLE})(?![가-힣])|대(?:의|에|로|를|는|까지)|까지[는도]|짜리|씩[은을]?|이[나라었]|이상|이하|넘|돌파|육박|규모|투자|으로"
)
_TO_NEXT_WORD = re.compile(rf"(?:{_PARTICLE})*[ ,]? ?(?:(?:더|넘게|이상|가량|정도|안팎|규모의?|상당의?|대의?|쯤|가까이) ){{0,2}}")
_LEAD_IN = re.compile(rf"(?:[ ,:(\"'“‘·]|{any_of(units.BEFORE)}|총|무려|각각|각|자그마치|모두|만)+$")
_LEAD_PARTICLE = re.compile("(?:은|는|이|가|을|를|의|에|도|만|로|으로|에서|까지|부터|이나|안|분|폭)$")
_SUM = re.compile("[가-힣](?<![지조방])[금액]$")
"""`분담금`, `피해액`: what ends so is a sum of money; 지금, 조금 and 방금 are adverbs."""
_MONTHLY = re.compile("(?<![가-힣0-9])(?:월|연|매달|매월|매년|한 달에?|1년에)(?: 평균| 최대| 최소| 약| 고작)? $")
_EACH = ("인", "명", "사람", "가구", "세대")
_DIVIDED = re.compile(
    "(?:으?로|씩) ?(?:나[누뉘눠]|편성된|구성|짜|갈라)|(?:의|에) ?(?:1위|조원|팀원)|[가-힣]? ?(?:조별|경기|리그|예선|[0-9]교대)|에서? ?(?:편성|속한|속해|배정)|[0-9]위"
)
_LAW_OR_LEAGUE = re.compile(r"(?:법|조항|헌법|규칙|령|[A-Z]|조별리그|예선) ?$")
_COUNTER = re.compile(
    rf"([{units.COUNTERS}])(?:{_PARTICLE}|에게서?|한테서?|마다|밖에|뿐|처럼|당|꼴|이며|이고|이다|이었|였|들){{0,3}}(?:[0-9]|(?![가-힣]))"
)
_NEXT_MONEY = units.MONEY_VERBS + units.MONEY_WORDS
_NEXT_ANY = _NEXT_MONEY + units.REACHED


def is_bare_money(run: str, around: Surroundings, start: int, end: int) -> bool:
    """Whether a number with 억, 조, 만 and no currency is an amount of won.

    What follows it decides first (`2만 가구`), then its neighbours (`추경 12조`, `4억 쥐는데`), then, for 억 and more, the
    sentence. 조 is also a group and an article of law, 만 counts anything: these need a neighbour that speaks of money.
    """
    text = around.text
    if _BARE_END.match(text, end) is None or _is_counted(text, end, run[-1]):
        return False
    before = text[max(0, start - 40) : start]
    if before and (before.endswith(("제", "제 ")) or (before[-1].isascii() and before[-1].isalpha())):
        return False
    is_large = "억" in run or "조" in run
    if is_large and text.startswith("짜리", end):
        return True
    if (unit := per(text, start, end)) and (is_large or unit.endswith(_EACH)):
        return True
    if run[-1] == "조" and (_DIVIDED.match(text, end) or _LAW_OR_LEAGUE.search(before)):
        return False
    skipped = _TO_NEXT_WORD.match(text, end)
    at = skipped.end() if skipped else end
    is_before_money = text.startswith(_NEXT_ANY if is_large else _NEXT_MONEY, at)
    low, high = around.sentence(start, end)
    counts = around.mentions("count", low, high)
    if _is_behind_money_word(before):
        return is_before_money or not counts
    if _MONTHLY.search(before):
        return text.startswith(_NEXT_ANY, at)
    if counts or not (is_before_money or "억" in run or (is_large and len(run) > 2)):
        return False
    return (is_large and is_before_money) or around.mentions("money", low, high)


def _is_counted(text: str, end: int, last: str) -> bool:
    """`2만 가구`, `1억 명을`. 대 behind 억 and 조 is a band, `10억대 사기`, behind 만 it counts cars."""
    at = end + text.startswith(" ", end)
    if text.startswith(units.COUNTED, at):
        return True
    counter = _COUNTER.match(text, at)
    return counter is not None and not (counter[1] == "대" and at == end and last in "억조")


def _is_behind_money_word(before: str) -> bool:
    """`추경 12조`, `보증금은 300만`, `분담금 7억`: a word for money, at most a particle, and the number."""
    lead = _LEAD_IN.search(before)
    word = before[: lead.start()] if lead else before
    particle = _LEAD_PARTICLE.search(word)
    return any(
        stem.endswith(units.MONEY_WORDS) or _SUM.search(stem) is not None
        for stem in (word, word[: particle.start()] if particle else word)
    )
