"""Text to mentions of money.

Here: the scan, and how a number, a currency and their surroundings become a `Mention`. Not here: the written forms (`grammar`),
values (`numerals`), the reading of surroundings (`context`), which mentions restate each other (`pairs`).
"""

import re
from dataclasses import replace
from decimal import Decimal

from orchestration.money import context, units
from orchestration.money.grammar import AMOUNT, BARE, HEAD, PLAIN, RANGE
from orchestration.money.numerals import Number, complete_tail, exact, read_number, spread
from orchestration.money.pairs import find_pairs
from orchestration.money.records import Kind, Mention

_FOLDABLE = re.compile(f"[{''.join(re.escape(chr(code)) for code in units.FOLD)}]")
_CHINA = re.compile("중국|위안|베이징|상하이|선전|광저우|알리바바|CNY|RMB")
_JAPAN = re.compile("일본|엔화|엔저|도쿄|오사카|JPY")
_BASES = frozenset({Decimal(1), Decimal(100)})
_MINUS_WORD = re.compile("마이너스 ?$")


class _Amount:
    """One end of a range, or the whole of a mention, before its surroundings are looked at."""

    __slots__ = ("cents", "code", "end", "is_priced", "name", "number", "run", "start")

    def __init__(self, start: int, end: int, number: Number, run: str, code: str | None, name: str | None, is_priced: bool = False) -> None:
        self.start, self.end = start, end
        self.number, self.run = number, run
        self.code, self.name = code, name  # None: bare
        self.is_priced = is_priced  # with a symbol or code before it
        self.cents = False


def read_mentions(text: str) -> list[Mention]:
    """Every mention of money in `text`, in order, never overlapping; takes linear time and never raises.

    Spans are code points of `text` as given; amounts are exact.
    """
    folded = text.translate(units.FOLD) if _FOLDABLE.search(text) else text
    drafts: list[tuple[Mention, bool]] = []
    position = 0
    for head in HEAD.finditer(folded):
        start = head.start()
        if start < position:
            continue
        left = _read_amount(folded, start)
        if left is None:
            continue
        position = left.end
        right = None
        if folded[left.end : left.end + 1] in ("~", "-", " "):
            right = _right_end(folded, left)
            if right is not None:
                position = right.end
        if (draft := _mention(text, folded, left, right)) is not None:
            drafts.append(draft)
    if len(drafts) > 1:
        return _settle(folded, drafts)
    return [mention for mention, is_sure in drafts if is_sure]


def _read_amount(folded: str, start: int) -> _Amount | None:
    """The amount that begins at `start`, with its currency or bare; None where there is none."""
    match = AMOUNT.match(folded, start)
    if match is not None:
        amount = _priced(folded, match) if match["priced"] is not None else _named(folded, match)
        if amount is not None:
            return amount
    bare = BARE.match(folded, start)
    if bare is None or not context.is_begun(folded, start, bare[0]):
        return None
    number = read_number(bare[0])
    if number is None:
        return None
    return _Amount(start, start + number.length, number, bare[0][: number.length], None, None)


def _priced(folded: str, match: re.Match[str]) -> _Amount | None:
    """Symbol or code before the number: `US$ 1.2 billion`, `€120만`, `USD 5bn`."""
    run = match["priced"]
    number = read_number(run)
    if number is None:
        return None
    start, end = match.start(), match.start("priced") + number.length
    magnitude = match["price_magnitude"]
    if magnitude and number.length == len(run):
        number.shifted(units.MAGNITUDES[magnitude.lower()])
        end = match.end("price_magnitude")
    symbol = match["symbol"]
    if symbol:
        code = units.SYMBOLS[symbol]
        if symbol in units.SYMBOL_PREFIXES:
            letters = re.search(r"(?<![A-Za-z])[A-Z.]{1,4}$", folded[max(0, start - 4) : start])
            if letters is not None and letters[0] in units.SYMBOL_PREFIXES[symbol]:
                code = units.SYMBOL_PREFIXES[symbol][letters[0]]
                start -= len(letters[0])
            elif start and folded[start - 1].isascii() and folded[start - 1].isalpha():
                return None
            elif symbol == "¥" and _CHINA.search(around := context.sentence(folded, start, end)) and not _JAPAN.search(around):
                code = "CNY"
    else:
        if match["code"] in units.WORDLIKE_CODES and not (magnitude or number.has_multiplier or "," in run):
            return None
        code = units.CODES[match["code"]]
    if "-" in folded[match.start() : match.start("priced")]:
        number.low = -number.low
    amount = _Amount(start, end, number, run[: number.length], code, symbol or match["code"], is_priced=True)
    return _signed(folded, amount)


def _named(folded: str, match: re.Match[str]) -> _Amount | None:
    """Number, then the currency's name, code or symbol."""
    run, start = match["number"], match.start()
    number = read_number(run)
    if number is None or not context.is_begun(folded, start, run):
        return None
    if number.length != len(run):  # two numbers side by side: `30만 40만원`; the scan comes back for the second
        return _Amount(start, start + number.length, number, run[: number.length], None, None) if number.last_big else None
    if magnitude := match["magnitude"]:
        number.shifted(units.MAGNITUDES[magnitude.lower()])
    name = match["name"]
    if name is None:
        code, end = match["after"], match.end("after")
        if code in units.WORDLIKE_CODES and not (magnitude or number.has_multiplier or "," in run):
            return None
        return _signed(folded, _Amount(start, end, number, run, units.CODES.get(code) or units.SYMBOLS[code], code))
    end = match.end("name")
    name_start = match.start("country") if match["country"] else match.start("name")
    subunit = match["subunit"]
    if subunit and (_code(name, match["country"], folded, start, end) not in units.SUBUNITS[subunit] or not context.follows(subunit, folded, match.end(), True)):
        subunit = None
    is_glued = folded[name_start - 1] != " " and run[0].isdigit() and (number.has_multiplier or len(run) > 2)
    if subunit is None and not context.follows(name, folded, end, is_glued):
        return None
    if not match["country"] and not context.is_money(name, run, folded, start, end, name_start, number.has_multiplier):
        return None
    if name in units.SUBUNITS:
        if name == "전" and not (context.rate_kind(folded, start, end, "KRW") == "rate_delta"):
            return None
        code = units.SUBUNITS[name][0]
        if name == "센트" and "유로" in (match["country"] or ""):
            code = "EUR"
        _hundredths(number)
        amount = _Amount(start, end, number, run, code, name)
        return _signed(folded, amount)
    amount = _Amount(start, end, number, run, _code(name, match["country"], folded, start, end), name)
    if subunit:
        whole, _, part = match["cents"].partition(".")
        _add_cents(number, int(whole + part), 2 + len(part))
        amount.end = match.end("subunit")
        amount.cents = True
    return _signed(folded, amount)


def _code(name: str, country: str | None, folded: str, start: int, end: int) -> str:
    if country:
        return units.COUNTRY_CODES.get(name, {}).get(country) or units.NAMES[name]
    if name in units.BY_CONTEXT:
        return context.country_in(name, context.sentence(folded, start, end)) or units.NAMES[name]
    return units.NAMES.get(name) or units.SUBUNITS[name][0]


def _hundredths(number: Number) -> None:
    number.scale += 2
    number.place -= 2


def _add_cents(number: Number, cents: int, scale: int) -> None:
    wider = max(number.scale, scale)
    number.low = number.low * 10 ** (wider - number.scale) + cents * 10 ** (wider - scale)
    number.scale, number.place = wider, -scale


def _signed(folded: str, amount: _Amount) -> _Amount:
    """Take in the sign before it: `-350억원`, `△85억원`, `마이너스 3억원`. ▲ and ▽ are bullets more often than signs."""
    at = amount.start
    if not at:
        return amount
    sign = folded[at - 1]
    is_negative = False
    if sign in "-+":
        if at > 1 and (folded[at - 2].isalnum() or folded[at - 2] in "~-)"):
            return amount
        is_negative = sign == "-"
        amount.start -= 1
    elif sign == "△":
        is_negative = True
        amount.start -= 1
    elif sign in " 스" and (minus := _MINUS_WORD.search(folded, max(0, at - 5), at)):
        is_negative = True
        amount.start = minus.start()
    if is_negative:
        amount.number.low = -amount.number.low
    return amount


def _right_end(folded: str, left: _Amount) -> _Amount | None:
    """The right end of the range that `left` begins, or None; gives `left` the multipliers that only the right end writes."""
    join = RANGE.match(folded, left.end)
    if join is None or left.number.low < 0:
        return None
    if folded[left.end] == "-" and folded[left.start - 1 : left.start] == "-":
        return None
    right = _read_amount(folded, join.end())
    if right is None and left.is_priced:
        right = _unpriced(folded, join.end(), left)
    if right is None or (left.code and right.code and left.code != right.code):
        return None
    if right.code is None and not right.number.has_multiplier and not left.is_priced:
        return None
    is_written_out = (left.code is not None and right.code is not None) or (right.code is None and not right.number.has_multiplier)
    if right.code is None and left.code is None:
        complete_tail(right.number)
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
        number.shifted(exponent)
        if folded[left.end - 1].isdigit():
            left.number.shifted(exponent)
    return _Amount(start, match.end(), number, match["number"], None, None)


def _mention(text: str, folded: str, left: _Amount, right: _Amount | None) -> tuple[Mention, bool] | None:
    """The mention that `left` (to `right`) is, and whether its surroundings prove it to be money; None for a plain number."""
    number, last = left.number, right or left
    start, end = left.start, last.end
    code = left.code or last.code
    is_sure = True
    if code is None:
        if not (number.last_big or last.number.last_big):
            return None
        if right is None:
            complete_tail(number)
        is_sure = context.is_bare_money(folded[start:end], folded, start, end)
    before, after = context.qualifiers(folded, start, end)
    if number.vague or last.number.vague:
        before.append(number.vague or last.number.vague or "")
    if number.is_about or last.number.is_about:
        before.append("여")
    amount = low = high = place = None
    kind: Kind
    if right is not None or number.high is not None:
        top = last.number
        low = exact(number.low, number.scale)
        high = exact(top.low if top.high is None else top.high, top.scale)
        kind = "approx" if number.vague or top.vague else "range"
    else:
        amount = exact(number.low, number.scale)
        place = exact(10**number.place, 0) if number.place >= 0 else exact(1, -number.place)
        kind = "approx" if number.is_about or "여" in after else "band" if "대" in after else "amount"
    per = context.per(folded, start, end)
    if code is None:
        kind, code = "bare", "KRW"
    elif last.number.last_big is None and per is None and kind != "approx" and context.speaks_of_rates(folded, start):
        kind = context.rate_kind(folded, start, end, code) or kind
    qualifiers = (*before, *after) if before or after else ()
    return Mention(text[start:end], start, end, code, kind, amount, low, high, qualifiers, per, None, place), is_sure


_LISTED = re.compile(r" ?(?:,|·|과|와|에서|부터|이나|또는|→|나) ?(?:약 |최대 |많게는 )?")
_OPENED = re.compile(r" ?[(\[](?:약|한화|우리 ?돈|원화|으로|로| ){0,6}")
_IS_RATE = re.compile(r"(?: ?[=≒≈] ?| ?당 ?)(?:약 |평균 )?")
_AT_RATE = re.compile(r"[에는은이가] ?(?:약 )?")


def _settle(folded: str, drafts: list[tuple[Mention, bool]]) -> list[Mention]:
    """What only the neighbours decide: bare amounts in a list or a parenthesis with one that has a currency, `1달러=1450원`, pairs."""
    found: list[Mention] = []
    for index, (mention, is_sure) in enumerate(drafts):
        if mention.kind == "bare":
            following = drafts[index + 1][0] if index + 1 < len(drafts) else None
            if following is not None and following.kind != "bare" and _LISTED.fullmatch(folded, mention.end, following.start):
                mention, is_sure = replace(mention, currency=following.currency), True
            elif found and found[-1].currency != "KRW" and _OPENED.fullmatch(folded, found[-1].end, mention.start):
                is_sure = folded.startswith((")", "]", "·", ",", " "), mention.end)
            elif following is not None and following.currency != "KRW" and _OPENED.fullmatch(folded, mention.end, following.start):
                is_sure = True
        elif found and _is_base(folded, found[-1], mention):
            found.pop()
            mention = replace(mention, kind="rate")
        if is_sure:
            found.append(mention)
    if len(found) < 2:
        return found
    for index, base in enumerate(find_pairs(folded, found)):
        if base is None:
            continue
        mention, previous = found[index], found[index - 1]
        qualifiers = mention.qualifiers
        if not qualifiers and previous.paired_with == base and previous.qualifiers[:1] == ("약",):
            qualifiers = ("약",)  # `(약 10억달러·1조5000억원)`: said once for both
        found[index] = replace(mention, paired_with=base, qualifiers=qualifiers)
    return found


def _is_base(folded: str, base: Mention, mention: Mention) -> bool:
    """Whether `base` is but the unit of the rate that follows: `1달러=1436원`, `100엔당 912원`."""
    if base.currency == mention.currency or base.amount not in _BASES or mention.kind not in ("amount", "rate", "band", "range"):
        return False
    value = mention.amount if mention.amount is not None else mention.max
    if value is None or value >= 100_000:
        return False
    return (_IS_RATE.fullmatch(folded, base.end, mention.start) or _AT_RATE.fullmatch(folded, base.end, mention.start)) is not None
