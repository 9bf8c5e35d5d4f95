"""What the surroundings of an amount say: is it money at all, of which country, how qualified, per what, is it a rate.

Here: decisions that look at a bounded stretch of text (at most WINDOW characters each way) around one number. Not here: the
number itself (`numerals`), the words looked for (`units`).
"""

import re

from orchestration.money import units
from orchestration.money.grammar import _any

WINDOW = 120  # a longer stretch would make one long paragraph cost more than its length

_JOSA = (
    "은|는|이|가|을|를|의|에|로|으로|와|과|도|만|까지|부터|씩|대|짜리|어치|권|가량|가까|정도|선|쯤|상당|상회|미만|초과|이상|이하|이내|안팎|내외|남짓|규모"
    "|수준|였|인|임|당|밖에|조차|마저|보다|처럼|같|등|및|뿐|치|꼴|하던|라|나|며|다|든|고|여|시대|육박|돌파|넘|투자|지원|전후|기준|대비|지폐|화|숍|샵|하락|상승"
)
_FOLLOWS = {  # what may be glued to the name; a name that is also the beginning of other words has its own list
    "원": re.compile(
        "은|이|을|의|에|으로|으론|과|도(?!심)|만(?![한하히])|까지|부터|씩|대(?!한)|짜리|어치|권|가량|가까|정도|정(?=이라|이란|[^가-힣]|$)|선(?!생|수)|쯤|상당|상회|미만|초과|이내"
        "|안팎|내외|남짓|규모|수준|인|임|당(?!황)|밖에|조차|마저|보다|처럼|같|등(?![가-힣])|및|뿐|치(?!료)|꼴|하던|여(?!성)|시대|육박|돌파|넘|하락|상승|전후|기준|대비|숍|샵"
        "|돈|지폐|동전|라|든|투자|지원"
    ),
    "동": re.compile("은|이(?!물)|을|에(?!서)|으로|까지|부터|씩|대|짜리|어치|가량|정도|안팎|이상|이하|내외|규모|상당|의|과"),
    "불": re.compile("이(?!익|행)|을|의|에|로|짜리|씩|대|어치|가량|정도|시대|어|상당|규모|수준|까지|부터"),
    "전": re.compile("에(?!서)|을|이|오|으로|까지|씩|내|상|하|급|떨|높|낮|올"),
}
_GENERIC = re.compile(_JOSA)
_NOT_WON = re.compile("칙|색|론|소(?![득송])|자력|전(?!체)|형|천기|유(?!동)|룸|주민|폭|생|아|탁|내대표|장(?!학)|년|어민")
_WON_TEAM = re.compile(" ?(?:팀|톱|포인트|플러스|스톱|샷|클릭|히트|코리아|보이스)")
_PAIR_OF_CURRENCIES = re.compile("[·/∙・-](?:달러|엔|위안|유로)")
_CROWDED = re.compile(rf"(?: ?(?:{_any(units.CROWDED_AFTER)})|\(?滿員|을 이[루뤄룬뤘]|이 [된될됐돼]|이 되|입니다|사례)")
_CROWDED_BEFORE = re.compile(rf"(?:{_any(units.CROWDED_BEFORE)})[이은도가마다]{{0,2}} ?(?:연일 |이미 |벌써 |늘 |매일 |항상 )?$|초$")
_GLUED = re.compile("(?:^|[^가-힣])(?:약|총|단돈|일금|거금|무려|자그마치|최대|최소|상금|벌금|현금|성금|각|겨우|고작|금|연봉|월급|보증금|매출|위자료|월|년|자본금|뇌물|계약금)$")
_NO_NUMBERS = frozenset({"조", "억", "경", "구조", "사조", "이조", "오조", "육조"})  # 구조원 is a rescuer, 이조 a dynasty
_TOURNAMENT = re.compile(" ?(?:대회|결승|예선|본선|우승|챔피언|개막|조별|4강|8강|16강|득점)")
_REAL_CLUB = re.compile(" ?(?:마드리드|소시에다드|베티스|사라고사)")
_POLICY = re.compile(r" ?(?:정책|원칙|합의|입장|약속|선언|\(不)")
_GROUP_OR_ARTICLE = re.compile("제 ?$")


def window_before(text: str, start: int, width: int = WINDOW) -> str:
    return text[max(0, start - width) : start]


_SENTENCE_END = re.compile(r"[.!?…](?=[ \n\"'”’])|\n")


def sentence(text: str, start: int, end: int) -> str:
    """The sentence around a span, as far as WINDOW reaches."""
    before, after = window_before(text, start), text[end : end + WINDOW]
    cut = 0
    for cut_at in _SENTENCE_END.finditer(before):
        cut = cut_at.end()
    stop = _SENTENCE_END.search(after)
    return before[cut:] + text[start:end] + (after[: stop.start()] if stop else after)


def follows(name: str, text: str, end: int, is_glued: bool) -> bool:
    """Whether what stands behind a currency's name lets it be one. `is_glued`: the name stands right behind a multiplier or
    several digits, where `원` can hardly be the beginning of another word."""
    following = text[end : end + 1]
    if not "가" <= following <= "힣":
        return not (following.isascii() and following.isalpha() and name.isascii())
    if name == "원" and is_glued:
        return _NOT_WON.match(text, end) is None
    return (_FOLLOWS.get(name) or _GENERIC).match(text, end) is not None


def is_money(name: str, number: str, text: str, start: int, end: int, name_start: int, has_multiplier: bool) -> bool:
    """Whether this number with this name is an amount of money, where the form alone does not say."""
    gap = text[name_start - 1] == " "
    if name == "원":
        if number in ("만", "천", "백", "십", "백만", "천만") or not number[0].isdigit():
            if text.startswith(("·", "/", "-"), end) and _PAIR_OF_CURRENCIES.match(text, end):
                return False
            if number == "만" and (_CROWDED.match(text, end) or _CROWDED_BEFORE.search(window_before(text, start, 16))):
                return False
        elif gap and not has_multiplier and _WON_TEAM.match(text, end):
            return False
        return not (number.endswith("조") and _GROUP_OR_ARTICLE.search(window_before(text, start, 3)))
    if name == "파운드":
        if has_multiplier:
            return True
        around = window_before(text, start, 16) + " " + text[end : end + 14]
        return not any(word in around for word in units.WEIGHT_WORDS) and not text.startswith("급", end)
    if name == "유로":
        return not (gap and len(number) == 4 and number[:2] in ("19", "20") and _TOURNAMENT.match(text, end))
    if name in ("레알",) and _REAL_CLUB.match(text, end):
        return False
    if name == "불":
        if gap and not has_multiplier:
            return False
        return has_multiplier or not (len(number) == 1 and _POLICY.match(text, end))
    if name in units.NEEDS_MULTIPLIER or name in units.NEEDS_COUNTRY:
        around = sentence(text, start, end)
        if country_in(name, around):
            return has_multiplier or name != "동" or _digits(number) >= 1000
        if name in units.NEEDS_COUNTRY or not has_multiplier:
            return False
        return name != "동" or not (text.startswith("의", end) or any(word in around for word in units.BUILDING_WORDS))
    if name == "센트":
        return not re.search(r"(?:래퍼|힙합|가수)", window_before(text, start, 24))
    return True


def _digits(number: str) -> int:
    return int(re.sub("[^0-9]", "", number.split(".")[0]) or 0)


def is_begun(text: str, start: int, number: str) -> bool:
    """Whether a number may begin here, by what stands before it."""
    if not start:
        return number not in _NO_NUMBERS
    before = text[start - 1]
    if number[0].isdigit():
        if before.isascii() and before.isalpha():
            return "억" in number or "조" in number
        return True
    if number in _NO_NUMBERS:
        return False
    if "가" <= before <= "힣":
        return _GLUED.search(window_before(text, start, 8)) is not None
    return not before.isdigit()


def country_in(name: str, around: str) -> str | None:
    """The code of the country that the sentence names, for a currency's name that several countries share; the first named."""
    best, found = len(around), None
    codes = units.COUNTRY_CODES.get(name, {})
    for country, code in codes.items():
        at = around.find(country) if len(country) > 1 else -1
        if -1 < at < best and not (country == "인도" and around.startswith("인도네시아", at)):
            best, found = at, code
    for place, country in units.PLACES.items():
        if country in codes:
            at = around.find(place)
            if -1 < at < best:
                best, found = at, codes[country]
    return found


_BEFORE = re.compile(rf"(?<![가-힣])({_any(units.BEFORE)})(?:은|으로)? ?$")
_BEFORE_END = frozenset(word[-1] for word in units.BEFORE) | {"은", "로"}
_AFTER = re.compile(
    rf" ?(?:(?P<plain>{_any(units.AFTER)})|(?P<line>선)(?=[이을은의에까도 ,.)]|$)"
    rf"|(?:[을를이가은는도]|까지)? ?(?P<verb>{_any(v for v in units.AFTER_VERBS if v not in units.AFTER_DATIVES)})|에(?:는|도)? ?(?P<dative>{_any(units.AFTER_DATIVES)}))"
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


_PER_UNIT = _any(units.PER_UNITS)
_BETWEEN = rf"(?: ?(?:{_any(units.BEFORE)}|평균|각각|모두|총|무려))*"
_PER = re.compile(rf"(?<![가-힣a-zA-Z0-9])((?:[0-9][0-9.,]*[만천백]? ?|한 ?)?(?:{_PER_UNIT}))당{_BETWEEN} ?$")
_PER_AT = re.compile(rf"(?<![가-힣0-9.,])((?:1|한) ?(?:{_PER_UNIT}))에{_BETWEEN} ?$")
_PER_SLASH = re.compile(rf" ?/ ?({_PER_UNIT})(?![가-힣a-zA-Z])")


def per(text: str, start: int, end: int) -> str | None:
    """The unit that the amount is for: `배럴당`, `1온스에`, `원/kg`."""
    before = text[max(0, start - 24) : start]
    if "당" in before and (found := _PER.search(before)):
        return found[1]
    if "에" in before and (found := _PER_AT.search(before)):
        return found[1]
    if text.startswith(("/", " /"), end) and (found := _PER_SLASH.match(text, end)):
        return found[1]
    return None


_RATE_BASE = re.compile(r"(?:달러|엔|유로|위안|파운드|루블|바트|루피|리라|동|프랑|페소|헤알)당(?: ?(?:약|평균|최고|최저|한때|무려|사상 최고인|원화))* ?$")
_MOVED = re.compile(rf"(?:이|가|을|나|넘게|가량|정도|안팎)? ?(?:{_any(units.RATE_MOVES)})")
_MOVED_BEFORE = re.compile("(?:보다|대비|보다는|에 비해|하루 (?:새|만에)|장중|상승폭은|하락폭은) ?(?:약 )?$")


def speaks_of_rates(text: str, start: int) -> bool:
    """Whether `rate_kind` is worth asking: a cheap look at what stands before an amount."""
    before = text[max(0, start - WINDOW) : start]
    return any(word in before for word in units.RATE_WORDS) or ("당" in before and _RATE_BASE.search(before) is not None)


def rate_kind(text: str, start: int, end: int, currency: str) -> str | None:
    """`rate` or `rate_delta` for a small amount without 만·억·조 in a sentence on exchange rates, else None."""
    before = window_before(text, start)
    stop = 0
    for cut in _SENTENCE_END.finditer(before):
        stop = cut.end()
    before = before[stop:]
    is_based = _RATE_BASE.search(before) is not None
    if not is_based and not any(word in before for word in units.RATE_WORDS):
        return None
    if currency == "USD" and not is_based and not any(word in before for word in units.DOLLAR_RATES):
        return None  # in `환율이 1450원이면 100달러는` the dollars are what is converted
    if not is_based and _MOVED.match(text, end) and not text.startswith(("을", "를", "까지", "선", "대"), end):
        return "rate_delta"
    return "rate"


_PARTICLE = "을|를|은|는|이|가|에|의|으로|로|도|만|까지|부터|씩|대|짜리|쯤|가량|정도|이상|이하|미만|초과|안팎|내외|남짓|과|와|이나|나|에서|보다|여"
_BARE_END = re.compile(
    rf"(?![가-힣A-Za-z0-9%㎡℃.,])|[.,](?![0-9])|(?:{_PARTICLE})(?![가-힣])|대(?:의|에|로|를|는|까지)|까지[는도]|짜리|씩[은을]?|이[나라었]|이상|이하|넘|돌파|육박|규모|투자|으로"
)
_TO_NEXT_WORD = re.compile(rf"(?:{_PARTICLE})*[ ,]? ?(?:(?:더|넘게|이상|가량|정도|안팎|규모의?|상당의?|대의?|쯤|가까이) ){{0,2}}")
_LEAD_IN = re.compile(rf"(?:[ ,:(\"'“‘·]|{_any(units.BEFORE)}|총|무려|각각|각|자그마치|모두|만)+$")
_DIVIDED = re.compile("(?:으?로|씩) ?(?:나[누뉘눠]|편성된|구성|짜|갈라)|(?:의|에) ?(?:1위|조원|팀원)|[가-힣]? ?(?:조별|경기|리그|예선|[0-9]교대)|에서? ?(?:편성|속한|속해|배정)|[0-9]위")
_LAW_OR_LEAGUE = re.compile(r"(?:법|조항|헌법|규칙|령|[A-Z]|조별리그|예선) ?$")
_EARNED = ("쥐는", "쥐고", "벌어", "벌었", "벌고", "갚", "날린", "날렸", "부자", "원을", "원이", "원에", "만원", "억원")


def _speaks_of_money(around: str) -> bool:
    return any(word in around for word in units.MONEY_WORDS) or any(word in around for word in _EARNED)


def _is_behind_money_word(before: str) -> bool:
    """`추경 12조`, `보증금은 300만`: a word for money, at most a particle, and the number."""
    lead = _LEAD_IN.search(before)
    word = before[: lead.start()] if lead else before
    return any(word[: len(word) - cut].endswith(units.MONEY_WORDS) for cut in range(min(4, len(word))) if " " not in word[len(word) - cut :])


def is_bare_money(run: str, text: str, start: int, end: int) -> bool:
    """Whether a number with 억, 조, 만 and no currency is an amount of won.

    What follows it decides first (`2만 가구`), then its neighbours (`추경 12조`, `4억 쥐는데`), then, for 억 and more, the
    sentence. 조 is also a group and an article of law, 만 counts anything: these need a neighbour that speaks of money.
    """
    if _BARE_END.match(text, end) is None or text.startswith(units.COUNTED, end + text.startswith(" ", end)):
        return False
    before = window_before(text, start, 40)
    if _GROUP_OR_ARTICLE.search(before) or (start and text[start - 1].isascii() and text[start - 1].isalpha()):
        return False
    last = run[-1]
    is_money_before = _is_behind_money_word(before)
    if last == "조" and (_DIVIDED.match(text, end) or _LAW_OR_LEAGUE.search(before)):
        return False
    skipped = _TO_NEXT_WORD.match(text, end)
    is_money_next = text.startswith(units.MONEY_VERBS, skipped.end() if skipped else end)
    around = sentence(text, start, end)
    counts = any(word in around for word in units.COUNT_CONTEXT)
    if is_money_before:
        return not counts or is_money_next
    if counts:
        return False
    if "억" in run or ("조" in run and (len(run) > 2 or "수" in run)):
        return is_money_next or _speaks_of_money(around)
    if last == "조":
        return is_money_next
    return is_money_next and _speaks_of_money(around)
