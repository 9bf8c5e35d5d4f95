"""How much a written number is: digits, 조·억·만·천 in any mixture, spelled numerals, 수·몇·여.

Here: one written number (folded, see `units.FOLD`) to its exact value. Integers and a decimal shift, never floats, and no
Decimal arithmetic, which would round to its context. Not here: where a number begins in a text (`grammar`), currencies.
"""

import re
from decimal import Decimal

from orchestration.money.units import BIG, DIGITS, SMALL

MAX_DIGITS = 30  # longer runs are serial numbers; int() of thousands of digits would be quadratic

_TOKEN = re.compile(
    rf"(?P<digits>[0-9][0-9,]*)(?:\.(?P<fraction>[0-9]+))?|(?P<spelled>[{''.join(DIGITS)}])"
    rf"|(?P<small>[{''.join(SMALL)}])|(?P<big>[{''.join(BIG)}])|여| +"
)
_SIMPLE = re.compile(rf"([0-9][0-9,]*)(?:\.([0-9]+))?([{''.join(BIG)}]?)")
_PAIRED_DIGITS = re.compile(rf"([{''.join(DIGITS)}])([{''.join(DIGITS)}])(?=[{''.join(SMALL)}{''.join(BIG)}])")
_FALLING = sorted({0, *BIG.values()}, reverse=True)


class Number:
    """A number as written: `low` (and `high` for vague ones) in units of 10 ** -scale.

    `is_half_open`: the upper end does not belong to it; `place`: exponent of ten of the last written digit, multipliers
    included; `lead`: exponents (small, big) of the multipliers of its first term; `last_big`: of its last 만·억·조, or None;
    `tail`: what stands after it; `length`: characters read.
    """

    __slots__ = ("high", "is_about", "is_half_open", "last_big", "lead", "length", "low", "place", "scale", "tail", "vague")

    low: int
    high: int | None
    scale: int
    place: int
    is_about: bool
    is_half_open: bool
    vague: str | None
    length: int
    lead: tuple[int, int]
    last_big: int | None
    tail: int

    def shift(self, exponent: int) -> None:
        """Multiply by a power of ten."""
        self.low *= 10**exponent
        self.place += exponent
        if self.high is not None:
            self.high *= 10**exponent

    def divide_by_100(self) -> None:
        self.scale += 2
        self.place -= 2

    def add_hundredths(self, written: str) -> None:
        """The 50 of `8달러 50센트`; may have decimals of its own."""
        whole, _, part = written.partition(".")
        scale = 2 + len(part)
        wider = max(self.scale, scale)
        self.low = self.low * 10 ** (wider - self.scale) + int(whole + part) * 10 ** (wider - scale)
        self.scale, self.place = wider, -scale

    @property
    def has_multiplier(self) -> bool:
        return self.last_big is not None or self.lead[0] > 0


def exact(value: int, scale: int) -> Decimal:
    """value / 10 ** scale, exactly, without trailing zeros behind the point."""
    while scale and value % 10 == 0:
        value //= 10
        scale -= 1
    if not scale:
        return Decimal(value)
    whole, part = divmod(abs(value), 10**scale)
    return Decimal(f"{'-' if value < 0 else ''}{whole}.{part:0{scale}d}")


_POWERS = {exponent: Decimal(10**exponent) for exponent in range(24)}


def power_of_ten(exponent: int) -> Decimal:
    return _POWERS.get(exponent) or exact(10 ** max(exponent, 0), max(-exponent, 0))


def read_number(run: str) -> Number | None:
    """Read the number at the start of `run`, as far as it is one (`Number.length`); None where there is none.

    Multipliers fall: `30만 40만` is read as 30만. A number behind a multiplier stays below it: `3천 200`, not `3천 2000`.
    """
    if (simple := _SIMPLE.fullmatch(run)) is not None and len(run) <= MAX_DIGITS:
        return _simple(run, *simple.groups())
    head = run[0]
    if head in "수몇":
        return _vague(run, 1, 2, 10, head)
    if head in SMALL and run[1:2] == "수":
        if head == "십":
            return _vague(run, 2, 11, 20, "수")
        return _topped_up(run)
    if (both := _PAIRED_DIGITS.match(run)) is not None:
        return _between(run, both)
    return _plain(run)


def _simple(run: str, digits: str, fraction: str | None, big: str) -> Number:
    """Digits and at most one multiplier: nine numbers in ten, so they get a short way."""
    number = Number()
    scale = len(fraction) if fraction else 0
    number.low = value = int(digits.replace(",", "") + (fraction or ""))
    number.scale, number.place = scale, -scale
    number.lead, number.last_big, number.tail = (0, 0), None, value
    if big:
        exponent = BIG[big]
        number.low = value * 10**exponent
        number.place += exponent
        number.lead, number.last_big, number.tail = (0, exponent), exponent, 0
    number.high = number.vague = None
    number.is_about = number.is_half_open = False
    number.length = len(run)
    return number


def _vague(run: str, skip: int, low: int, high: int, word: str) -> Number | None:
    rest = run[skip:]
    gap = len(rest) - len(rest.lstrip(" "))
    number = _plain(rest[gap:]) if rest[gap:] else None
    if number is None:
        number = _unit()
    elif rest[gap] in DIGITS or rest[gap].isdigit() or (number.tail and number.last_big):
        return None
    number.length += skip + gap
    number.low, number.high = number.low * low, number.low * high
    number.vague = word
    number.is_half_open = True
    return number


def _topped_up(run: str) -> Number | None:
    """`백수십억`: 100억 and some tens of 억."""
    more = _vague(run[1:], 1, 2, 10, "수")
    if more is None or more.high is None or not 0 < more.lead[0] < SMALL[run[0]]:
        return None
    base = 10 ** (SMALL[run[0]] + more.lead[1])
    more.low, more.high = base + more.low, base + more.high
    more.length += 1
    return more


def _between(run: str, both: re.Match[str]) -> Number | None:
    """`이삼천만`: two neighbouring digits are a range."""
    first, second = DIGITS[both[1]], DIGITS[both[2]]
    if second != first + 1:
        return None
    low, high = _plain(run[0] + run[2:]), _plain(run[1:])
    if low is None or high is None:
        return None
    low.high = high.low
    low.length += 1
    return low


def _unit() -> Number:
    number = Number()
    number.low, number.high, number.scale, number.place, number.length = 1, None, 0, 0, 0
    number.is_about = number.is_half_open = False
    number.vague, number.lead, number.last_big, number.tail = None, (0, 0), None, 0
    return number


def _plain(run: str) -> Number | None:
    total = section = scale = place = 0
    pending: int | None = None
    last_big, last_small = 99, 99  # nothing written yet
    lead: tuple[int, int] | None = None
    is_about = False
    section_start = term_start = stop = 0
    for token in _TOKEN.finditer(run):
        kind = token.lastgroup
        start = token.start()
        if start != stop:
            break
        if kind is None:
            is_about = is_about or token[0] == "여"
            stop = token.end()
            continue
        if kind == "small":
            exponent = SMALL[token[0]]
            if exponent >= last_small:
                stop = term_start if pending is not None else start
                pending = None
                break
            if pending is None:
                if scale:
                    stop = start
                    break
                pending, place, term_start = 1, 0, start
            elif section and pending >= 10:
                stop, pending = term_start, None
                break
            section += pending * 10**exponent
            place += exponent
            last_small, pending = exponent, None
        elif kind == "big":
            exponent = BIG[token[0]]
            if exponent >= last_big or (total and not section and pending is None):
                stop, section, pending = section_start if section or pending is not None else start, 0, None
                break
            if not section and pending is None:
                pending = 1
            if lead is None:
                lead = (last_small if last_small != 99 else 0, exponent)
            total += (section + (pending or 0)) * 10**exponent
            place += exponent
            section, pending = 0, None
            last_big, last_small = exponent, 99
        else:
            fraction = token["fraction"] or ""
            below = last_small if section else last_big
            text = token["digits"]
            if pending is not None or scale or (text and len(text) > MAX_DIGITS):
                stop = start
                break
            value = int(text.replace(",", "")) if text else DIGITS[token[0]]
            if below != 99 and value >= 10**below:
                stop = start
                break
            if fraction:
                scale = len(fraction)
                if scale > MAX_DIGITS:
                    return None
                total, section, value = total * 10**scale, section * 10**scale, value * 10**scale + int(fraction)
            if not section:
                section_start = start
            pending, place, term_start = value, -scale, start
        stop = token.end()
    if not stop:
        return None
    number = Number()
    number.tail = section + (pending or 0)
    number.low = total + number.tail
    number.high = None
    number.scale, number.place, number.length = scale, place, len(run[:stop].rstrip(" "))
    number.is_about, number.is_half_open, number.vague = is_about, False, None
    number.lead = lead or (last_small if last_small != 99 else 0, 0)
    number.last_big = last_big if last_big != 99 else None
    return number


def spread(left: Number, right: Number) -> bool:
    """Give the left end of a range the multipliers that only its right end writes; False where no reading makes it smaller.

    `10~20억`: the 억 belongs to both. `8000~1만`: it does not, for 8000만 is more than 1만. `5천~1억`: the next lower one does.
    """
    small, big = right.lead
    goal = right.high if right.high is not None else right.low
    if left.last_big is None:
        tried = [small + big] if not left.lead[0] else []
        tried += [exponent for exponent in _FALLING if exponent <= big]
    elif left.last_big >= 8 and left.tail >= 100 * 10**left.scale:
        tried = [left.last_big - 4]
    else:
        tried = [0]
    for exponent in tried:
        base = left.low - left.tail if left.last_big is not None else 0
        low = base + (left.tail if left.last_big is not None else left.low) * 10**exponent
        if low * 10**right.scale < goal * 10**left.scale:
            high = None if left.high is None else left.high * 10**exponent
            left.low, left.high = low, high
            return True
    return False


def complete_tail(number: Number) -> None:
    """`3억5000`, `7조3천`: said without 만 or 억, which the reader supplies."""
    if number.last_big is not None and number.last_big >= 8 and number.tail >= 100 * 10**number.scale:
        exponent = number.last_big - 4
        number.low += number.tail * (10**exponent - 1)
        number.place += exponent
