"""Text to mentions of money.

Here: the scan, and how a number, a currency and their surroundings become a `Mention`. Not here: the written forms (`grammar`),
values (`numerals`), the reading of surroundings (`context`), which mentions restate each other (`pairs`).
"""

import re
from decimal import Decimal

from orchestration.money import context, units
from orchestration.money.context import Surroundings
from orchestration.money.grammar import AMOUNT, BARE, HEAD, PLAIN, RANGE
from orchestration.money.numerals import Number, complete_tail, exact, power_of_ten, read_number, spread
from orchestration.money.pairs import find_pairs
from orchestration.money.records import Kind, Mention

_FOLDABLE = re.compile(f"[{''.join(re.escape(chr(code)) for code in units.FOLD)}]")
_SYMBOL_PREFIX = re.compile(r"(?<![A-Za-z])[A-Z.]{1,4}$")
_CHINA = re.compile("중국|위안|베이징|상하이|선전|광저우|알리바바|CNY|RMB")
_JAPAN = re.compile("일본|엔화|엔저|도쿄|오사카|JPY")
_MINUS_WORD = re.compile("마이너스 ?$")


class _Amount:
    """A number, perhaps with its currency: a whole mention or one end of a range. `code` is None for a bare number;
    `is_priced`: its symbol or code stands before it."""

    __slots__ = ("code", "end", "is_priced", "number", "run", "start")

    def __init__(self, start: int, end: int, number: Number, run: str, code: str | None, is_priced: bool = False) -> None:
        self.start = start
        self.end = end
        self.number = number
        self.run = run
        self.code = code
        self.is_priced = is_priced


_PATIENCE = 64
"""Numbers that are no money, in one text, until the reader looks first whether its neighbourhood speaks of any: tables and
adversaries have thousands, articles do not."""

_Draft = tuple[_Amount, _Amount | None, bool]
"""Left end (or whole), right end of a range, and whether it is surely money."""


def read_mentions(text: str) -> list[Mention]:
    """Every mention of money in `text`, in order, never overlapping. Takes linear time and never raises.

    Spans are code points of `text` as given; amounts are exact.
    """
    folded = text.translate(units.FOLD) if _FOLDABLE.search(text) else text
    around = Surroundings(folded)
    drafts: list[_Draft] = []
    position = rejected = 0
    for head in HEAD.finditer(folded):
        start = head.start()
        if start < position or (rejected > _PATIENCE and not around.can_be_money(start)):
            continue
        left = _read_amount(around, start)
        if left is None:
            rejected += 1
            continue
        position = left.end
        right = None
        if folded[position : position + 1] in ("~", "–", "-", ",", " ") and (right := _right_end(around, left)) is not None:
            position = right.end
        is_sure = left.code is not None or (right is not None and right.code is not None)
        if not is_sure:
            is_sure = _is_bare(around, left, right)
            rejected += not is_sure
            if not is_sure and (left.number if right is None else right.number).last_big is None:
                continue
        drafts.append((left, right, is_sure))
    if not drafts:
        return []
    if len(drafts) == 1:
        return [_mention(text, around, *drafts[0][:2])] if drafts[0][2] else []
    return _settle(text, around, drafts)


def _read_amount(around: Surroundings, start: int) -> _Amount | None:
    """The amount that begins at `start`, with its currency or bare; None where there is none."""
    folded = around.text
    match = AMOUNT.match(folded, start)
    if match is not None:
        amount = _priced(around, match) if match["number"] is None else _named(around, match)
        if amount is not None:
            return amount
    bare = BARE.match(folded, start)
    if bare is None or not context.is_begun(folded, start, bare[0]):
        return None
    number = read_number(bare[0])
    if number is None:
        return None
    return _Amount(start, start + number.length, number, bare[0][: number.length], None)


def _priced(around: Surroundings, match: re.Match[str]) -> _Amount | None:
    """Symbol or code before the number: `US$ 1.2 billion`, `€120만`, `USD 5bn`."""
    folded, run = around.text, match["priced"]
    number = read_number(run)
    if number is None:
        return None
    start, end = match.start(), match.start("priced") + number.length
    magnitude = match["price_magnitude"]
    if magnitude and number.length == len(run):
        number.shift(units.MAGNITUDES[magnitude.lower()])
        end = match.end("price_magnitude")
    symbol = match["symbol"]
    if symbol:
        code = units.SYMBOLS[symbol]
        if symbol in units.SYMBOL_PREFIXES:
            letters = _SYMBOL_PREFIX.search(folded, max(0, start - 4), start)
            if letters is not None and letters[0] in units.SYMBOL_PREFIXES[symbol]:
                code = units.SYMBOL_PREFIXES[symbol][letters[0]]
                start = letters.start()
            elif start and folded[start - 1].isascii() and folded[start - 1].isalpha():
                return None
            elif symbol == "¥":
                low, high = around.sentence(start, end)
                if _CHINA.search(folded, low, high) and not _JAPAN.search(folded, low, high):
                    code = "CNY"
    else:
        if _is_other_abbreviation(match["code"], number, magnitude, run):
            return None
        code = units.CODES[match["code"]]
    if "-" in folded[match.start() : match.start("priced")]:
        number.low = -number.low
    return _signed(folded, _Amount(start, end, number, run[: number.length], code, is_priced=True))


def _named(around: Surroundings, match: re.Match[str]) -> _Amount | None:
    """Number, then the currency's name, code or symbol."""
    run, magnitude, country, name, after, cents, subunit = match.group(
        "number", "magnitude", "country", "name", "after", "cents", "subunit"
    )
    folded, start = around.text, match.start()
    if not context.is_begun(folded, start, run):
        return None
    number = read_number(run)
    if number is None:
        return None
    if number.length != len(run):  # two numbers side by side, `30만 40만원`: the scan comes back for the second
        return _Amount(start, start + number.length, number, run[: number.length], None) if number.last_big else None
    if magnitude:
        number.shift(units.MAGNITUDES[magnitude.lower()])
    if name is None:
        if _is_other_abbreviation(after, number, magnitude, run):
            return None
        return _signed(folded, _Amount(start, match.end("after"), number, run, units.CODES.get(after) or units.SYMBOLS[after]))
    end = match.end("name")
    code = _code(name, country, around, start, end)
    name_start = match.start("country") if country else match.start("name")
    if subunit and not (code in units.SUBUNITS[subunit] and context.follows(subunit, folded, match.end(), is_glued=True)):
        subunit = None
    is_glued = run[0].isdigit() and folded[name_start - 1] != " "
    if is_glued and name == "원" and not number.has_multiplier:
        is_glued = len(run) > 2  # `4원소` is no money, `5달러면` is
    if not (subunit or context.follows(name, folded, end, is_glued)):
        return None
    if not (country or context.is_money(name, run, around, start, name_start, end, number.has_multiplier)):
        return None
    if name in units.SUBUNITS:
        if name == "전" and context.rate_kind(around, start, end, code) != "rate_delta":
            return None  # `3전 4기`
        number.divide_by_100()
    elif subunit:
        number.add_hundredths(cents)
        end = match.end("subunit")
    return _signed(folded, _Amount(start, end, number, run, code))


def _is_other_abbreviation(code: str, number: Number, magnitude: str | None, run: str) -> bool:
    return code in units.WORDLIKE_CODES and not (magnitude or number.has_multiplier or "," in run)


def _code(name: str, country: str | None, around: Surroundings, start: int, end: int) -> str:
    if country and (code := units.COUNTRY_CODES.get(name, {}).get(country)):
        return code
    if name in units.BY_CONTEXT and (code := context.country_code(name, around, start, end)):
        return code
    return units.NAMES.get(name) or units.SUBUNITS[name][0]


def _signed(folded: str, amount: _Amount) -> _Amount:
    """Take in the sign before it: `-350억원`, `△85억원`, `마이너스 3억원`. ▲ and ▽ are bullets more often than signs."""
    at = amount.start
    if not at:
        return amount
    sign = folded[at - 1]
    if sign in "-–+":
        if at > 1 and (folded[at - 2].isalnum() or folded[at - 2] in "~–-)"):
            return amount
        amount.start -= 1
    elif sign == "△":
        amount.start -= 1
    elif sign in " 스" and (minus := _MINUS_WORD.search(folded, max(0, at - 5), at)):
        amount.start = minus.start()
    else:
        return amount
    if sign != "+":
        amount.number.low = -amount.number.low
    return amount


def _right_end(around: Surroundings, left: _Amount) -> _Amount | None:
    """The right end of the range that `left` begins, or None; gives `left` the multipliers that only the right end writes."""
    folded = around.text
    join = RANGE.match(folded, left.end)
    if join is None or left.number.low < 0:
        return None
    if folded[left.end] == "-" and left.start and folded[left.start - 1] == "-":
        return None  # 010-1234-5678
    if folded[left.end] == "," and (left.code or int(folded[join.end()]) != left.number.low + 1):
        return None  # `2, 3만원` is two to three; `5, 3만원` is a list
    right = _read_amount(around, join.end())
    if right is None and left.is_priced:
        right = _unpriced(folded, join.end(), left)
    if right is None or (left.code and right.code and left.code != right.code):
        return None
    if right.code is None and not right.number.has_multiplier and not left.is_priced:
        return None
    if right.code is None and left.code is None:
        complete_tail(right.number)
    is_written_out = left.code is not None if right.code is not None else not right.number.has_multiplier
    if is_written_out:
        is_rising = left.number.low * 10**right.number.scale < right.number.low * 10**left.number.scale
    else:
        is_rising = spread(left.number, right.number)
    return right if is_rising else None


def _unpriced(folded: str, start: int, left: _Amount) -> _Amount | None:
    """The right end of `$30~40` or `$1~2 billion`, whose magnitude belongs to both."""
    match = PLAIN.match(folded, start)
    number = read_number(match["number"]) if match else None
    if match is None or number is None:
        return None
    if magnitude := match["magnitude"]:
        exponent = units.MAGNITUDES[magnitude.lower()]
        number.shift(exponent)
        if folded[left.end - 1].isdigit():
            left.number.shift(exponent)
    return _Amount(start, match.end(), number, match["number"], None)


def _is_bare(around: Surroundings, left: _Amount, right: _Amount | None) -> bool:
    """Whether a number without a currency is money by its surroundings; supplies the 만 of `3억5000`."""
    last = right or left
    if last.number.last_big is None:
        return False
    if right is None:
        complete_tail(left.number)
    return context.is_bare_money(around.text[left.start : last.end], around, left.start, last.end)


def _mention(text: str, around: Surroundings, left: _Amount, right: _Amount | None) -> Mention:
    """The mention from `left` to `right`, with what its surroundings say of it."""
    folded, number = around.text, left.number
    last = right or left
    start, end, top = left.start, last.end, last.number
    before, after = context.qualifiers(folded, start, end)
    vague = number.vague or top.vague
    is_about = number.is_about or top.is_about
    if vague:
        before.append(vague)
    if is_about:
        before.append("여")
    amount = low = high = place = None
    kind: Kind
    if right is not None or number.high is not None:
        low = exact(number.low, number.scale)
        high = exact(top.low if top.high is None else top.high, top.scale)
        kind = "approx" if vague else "range"
    else:
        amount = exact(number.low, number.scale)
        place = power_of_ten(number.place)
        kind = "approx" if is_about or "여" in after else "band" if "대" in after else "amount"
    per = context.per(folded, start, end)
    code = left.code or last.code
    if code is None:
        kind, code = "bare", "KRW"
    elif top.last_big is None and per is None and kind != "approx":
        kind = context.rate_kind(around, start, end, code) or kind
    return Mention(text[start:end], start, end, code, kind, amount, low, high, tuple(before + after), per, None, place)


_LISTED = re.compile(r" ?(?:,|·|과|와|에서|부터|이나|또는|→|나) ?(?:약 |최대 |많게는 )?")
_OPENED = re.compile(r" ?[(\[](?:약|한화|우리 ?돈|원화|으로|로| ){0,6}")
_WITHIN = re.compile(r"[^()\[\].]{0,4}[(,]?[^()\[\].]{0,16}")
_IS_RATE = re.compile(r"(?: ?[=≒≈] ?| ?당[가-힣 ]{0,16})(?:약 |평균 )?")
_AT_RATE = re.compile(r"[에는은이가] ?(?:약 )?")
_RATE_BASES = frozenset({Decimal(1), Decimal(100)})
_LARGEST_RATE = 100_000  # won per unit of anything: the Kuwaiti dinar, the dearest, is at some 4,700


def _settle(text: str, around: Surroundings, drafts: list[_Draft]) -> list[Mention]:
    """What only the neighbours decide: bare amounts beside one with a currency, the 1 of `1달러=1450원`, pairs."""
    folded = around.text
    found: list[Mention] = []
    for index, (left, right, is_sure) in enumerate(drafts):
        code = None
        if left.code is None and (right is None or right.code is None):
            following = drafts[index + 1] if index + 1 < len(drafts) else None
            code = _code_of_neighbours(folded, left.start, (right or left).end, is_sure, found[-1] if found else None, following)
            if code is None:
                continue
        mention = _mention(text, around, left, right)
        if code is not None:
            if code != "KRW":
                mention = mention._replace(currency=code)
        elif found and _is_rate_base(folded, found[-1], mention):
            found.pop()
            mention = mention._replace(kind="rate")
        found.append(mention)
    if len(found) > 1:
        _pair(folded, found)
    return found


def _code_of_neighbours(
    folded: str, start: int, end: int, is_sure: bool, previous: Mention | None, following: _Draft | None
) -> str | None:
    """The currency of a bare number, None where it is no money."""
    if following is not None:
        code = following[0].code or (following[1].code if following[1] is not None else None)
        if code is not None:
            if _LISTED.fullmatch(folded, end, following[0].start):
                return code  # `300만에서 500만 달러`
            if code != "KRW" and _OPENED.fullmatch(folded, end, following[0].start):
                return "KRW"  # `718조(5000억 달러)`
    if previous is not None and previous.currency != "KRW":
        if _OPENED.fullmatch(folded, previous.end, start):
            return "KRW" if is_sure or folded.startswith((")", "]", "·", ",", " "), end) else None
        if (
            is_sure
            and _WITHIN.fullmatch(folded, previous.end, start)
            and (previous.kind == "bare" or "(" in folded[previous.end : start])
        ):
            return previous.currency  # `100만 달러(계약금 20만, 연봉 80만)`
    return "KRW" if is_sure else None


def _is_rate_base(folded: str, base: Mention, mention: Mention) -> bool:
    """Whether `base` is but the unit of the rate that follows: `1달러=1436원`, `100엔당 912원`."""
    if base.currency == mention.currency or base.amount not in _RATE_BASES or mention.kind in ("bare", "approx"):
        return False
    value = mention.amount if mention.amount is not None else mention.max
    if value is None or value >= _LARGEST_RATE:
        return False
    return (_IS_RATE.fullmatch(folded, base.end, mention.start) or _AT_RATE.fullmatch(folded, base.end, mention.start)) is not None


def _pair(folded: str, found: list[Mention]) -> None:
    for index, base in enumerate(find_pairs(folded, found)):
        if base is None:
            continue
        mention, previous = found[index], found[index - 1]
        qualifiers = mention.qualifiers
        if not qualifiers and previous.paired_with == base and previous.qualifiers[:1] == ("약",):
            qualifiers = ("약",)  # `(약 10억달러·1조5000억원)`: said once for both
        found[index] = mention._replace(paired_with=base, qualifiers=qualifiers)
