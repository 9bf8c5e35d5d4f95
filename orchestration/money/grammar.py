"""The written forms of an amount, as regular expressions built from the tables of `units`.

Here: where a number may begin, what a number with a currency looks like, what joins the ends of a range. Every repetition is
possessive or bounded, and no number is tried again inside its own digits, so that a scan takes linear time. They run on folded
text (`units.FOLD`). Not here: what a number is worth (`numerals`), which reading is right (`context`).
"""

import re

from orchestration.money import units


def _any(words: object) -> str:
    """An alternation, longest first, so that no word hides a longer one."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))  # type: ignore[call-overload]


SPELLED = "".join(units.DIGITS)
MULTIPLIERS = "".join((*units.SMALL, *units.BIG))
SYMBOLS = re.escape("".join(units.SYMBOLS))

# Digits are possessive, and HEAD never lets a number begin inside one: a megabyte of digits is read once.
DIGITS = r"[0-9]++(?:,[0-9]{3}(?![0-9]))*+(?:\.[0-9]++)?+"
_STEP = rf" ?[{MULTIPLIERS}]{{1,3}}+여?(?: ?(?:{DIGITS}여?|[{SPELLED}](?=[{MULTIPLIERS}])))?"
_NUMBER = (
    rf"(?:{DIGITS}여?(?:{_STEP}){{0,6}}"
    rf"|(?:십수|[수몇] ?|[{SPELLED}]{{1,2}})?(?=[{MULTIPLIERS}])(?:{_STEP}){{1,7}}[{SPELLED}]?"
    rf"|몇 ?(?=달러|유로|위안|파운드|센트))"
)
_MAGNITUDE = rf"(?i:{_any(units.MAGNITUDES)})(?![A-Za-z0-9])"
_LANDS = {country for codes in units.COUNTRY_CODES.values() for country in codes}
_COUNTRIES = _any(_LANDS)
_NAMES = "원|달러|" + _any([*(n for n in units.NAMES if n not in ("원", "달러")), *units.SUBUNITS])
_CODES = _any(units.CODES)
_FIRST = re.escape("".join(sorted({word[0] for table in (units.NAMES, units.SUBUNITS, units.CODES, units.SYMBOLS, _LANDS) for word in table})))

HEAD = re.compile(
    rf"[0-9{SYMBOLS}{MULTIPLIERS}{SPELLED}수몇A-Z]"
    rf"(?:(?<=[0-9])(?<![0-9].)(?<![0-9][.,].)|(?<=[십백천만])|(?<=[{SPELLED}수몇])(?= ?[{MULTIPLIERS}]|[{SPELLED}][{MULTIPLIERS}])"
    rf"|(?<=[{SYMBOLS}])|(?<=몇)|(?<=[A-Z])(?<![A-Za-z].)(?=[A-Z]{{2}} ?[0-9]))"
)
"""Every place where an amount may begin."""

AMOUNT = re.compile(
    rf"(?:(?:(?P<symbol>[{SYMBOLS}])|(?P<code>{_CODES})) ?-?(?P<priced>{DIGITS}(?:{_STEP}){{0,4}})(?: ?(?P<price_magnitude>{_MAGNITUDE}))?)"
    rf"|(?P<number>{_NUMBER})(?:[ -]?(?P<magnitude>{_MAGNITUDE}))? ?(?=[{_FIRST}])"
    rf"(?:(?:(?P<country>{_COUNTRIES}) ?)?(?P<name>{_NAMES})|(?P<after>{_CODES}|[{SYMBOLS}])(?![A-Za-z0-9]))"
    rf"(?: ?(?P<cents>[0-9]{{1,2}}(?:\.[0-9]{{1,2}})?) ?(?P<subunit>{_any(units.SUBUNITS)}))?"
)
"""A number with its currency."""

BARE = re.compile(
    rf"(?:{DIGITS}여?(?= ?[~-])"
    rf"|(?:(?:{DIGITS}여?|십수|[수몇] ?|[{SPELLED}]{{1,2}})[{MULTIPLIERS}]{{1,3}}+여?|[십백천][십백천만]?[억조])"
    rf"(?: ?{DIGITS}[{MULTIPLIERS}]{{1,3}}+여?){{0,4}}(?:{DIGITS})?)"
)
"""A number with a multiplier and no currency, or the open left end of a range."""

PLAIN = re.compile(rf"(?P<number>{DIGITS})(?: ?(?P<magnitude>{_MAGNITUDE}))?(?![0-9A-Za-z%만억조천백십년월일시분명개가])")
"""The right end of a range whose symbol stands before the left."""

RANGE = re.compile(rf" ?~ ?(?=[0-9{SYMBOLS}수몇{SPELLED}{MULTIPLIERS}A-Z])|-(?=[0-9])")
"""What joins the ends of a range."""
