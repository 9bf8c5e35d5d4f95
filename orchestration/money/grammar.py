"""The written forms of an amount, as regular expressions built from the tables of `units`.

Here: where a number may begin, what a number with a currency looks like, what joins the ends of a range. Every repetition is
possessive or bounded, and no number is tried again inside its own digits, so that a scan takes linear time. They run on folded
text (`units.FOLD`). Not here: what a number is worth (`numerals`), which reading is right (`context`).
"""

import re
from collections.abc import Iterable

from orchestration.money import units


def any_of(words: Iterable[str]) -> str:
    """An alternation, longest first, so that no word hides a longer one."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))


SPELLED = "".join(units.DIGITS)
MULTIPLIERS = "".join((*units.SMALL, *units.BIG))
SYMBOLS = re.escape("".join(units.SYMBOLS))

_LANDS = {country for codes in units.COUNTRY_CODES.values() for country in codes}
_COUNTRIES = any_of(_LANDS)
_NUMERAL_LIKE = "|".join(  # `2억 오만 리알` is 200 million of Oman's, `1만 조지아 라리` 10,000 of Georgia's
    f"{land} ?{name}"
    for name, codes in units.COUNTRY_CODES.items()
    for land in codes
    if land[0] in MULTIPLIERS or (land[0] in SPELLED and land[1:2] in tuple(MULTIPLIERS))
)

# Digits are possessive, and HEAD never lets a number begin inside one: a megabyte of digits is read once.
DIGITS = r"[0-9]++(?:,[0-9]{3}(?![0-9]))*+(?:\.[0-9]++)?+"
_STEP = rf" ?(?!{_NUMERAL_LIKE})[{MULTIPLIERS}]{{1,3}}+(?: ?여)?(?: ?(?!{_NUMERAL_LIKE})(?:{DIGITS}여?|[{SPELLED}](?=[{MULTIPLIERS}])))?"
_NUMBER = (
    rf"(?:{DIGITS}(?: ?여)?(?:{_STEP}){{0,12}}"
    rf"|(?:[십백천]수|[수몇] ?|[{SPELLED}]{{1,2}})?(?=[{MULTIPLIERS}])(?:{_STEP}){{1,16}}[{SPELLED}]?"
    rf"|몇 ?(?=달러|유로|위안|파운드|센트))"
)
_MAGNITUDE = rf"(?i:{any_of(units.MAGNITUDES)})(?![A-Za-z0-9])"
_NAMES = "원|달러|" + any_of([*(n for n in units.NAMES if n not in ("원", "달러")), *units.SUBUNITS])
_CODES = any_of(units.CODES)
_FIRST = re.escape(
    "".join(sorted({word[0] for table in (units.NAMES, units.SUBUNITS, units.CODES, units.SYMBOLS, _LANDS) for word in table}))
)

HEAD = re.compile(
    rf"[0-9{SYMBOLS}{MULTIPLIERS}{SPELLED}수몇A-Z]"
    rf"(?:(?<=[0-9])(?<![0-9].)(?<![0-9][.,].)|(?<=[십백천만])(?<![0-9{MULTIPLIERS}{SPELLED}].)"
    rf"|(?<=[{SPELLED}수몇])(?<![0-9{MULTIPLIERS}].)(?= ?[{MULTIPLIERS}]|[{SPELLED}][{MULTIPLIERS}])"
    rf"|(?<=[{SYMBOLS}])|(?<=몇)|(?<=[A-Z])(?<![A-Za-z].)(?=[A-Z]{{2}} ?[0-9]))"
)
"""Every place where an amount may begin."""

# What is in front of a currency is of these characters, so that a number with something else behind it (`2025년`) is left at a
# glance. Countries whose first syllable is also a numeral (이란, 조지아) add their second one.
_RUN = f"0-9,. 여수몇{MULTIPLIERS}{SPELLED}"
_BEHIND_RUN = (
    _FIRST
    + re.escape(
        "".join(
            sorted(
                {land[1] for land in _LANDS if land[0] in SPELLED + MULTIPLIERS + "수몇여"} | {word[0] for word in units.MAGNITUDES}
            )
        )
    )
    + "A-Z-"
)

AMOUNT = re.compile(
    rf"(?:(?:(?P<symbol>[{SYMBOLS}])|(?P<code>{_CODES})) ?-?(?P<priced>{DIGITS}(?:{_STEP}){{0,4}})(?: ?(?P<price_magnitude>{_MAGNITUDE}))?)"
    rf"|(?=[{_RUN}]{{1,64}}+[{_BEHIND_RUN}])(?P<number>{_NUMBER})(?:[ -]?(?P<magnitude>{_MAGNITUDE}))? ?(?=[{_FIRST}])"
    rf"(?:(?:(?P<country>{_COUNTRIES}) ?)?(?P<name>{_NAMES})|(?P<after>{_CODES}|[{SYMBOLS}])(?![A-Za-z0-9]))"
    rf"(?: ?(?P<cents>[0-9]{{1,2}}(?:\.[0-9]{{1,2}})?) ?(?P<subunit>{any_of(units.SUBUNITS)}))?"
)
"""A number with its currency."""

_TERM = rf"(?:{DIGITS}여?|[십백천]수|[수몇] ?|[{SPELLED}]{{1,2}})(?:[십백천]{DIGITS})?"
BARE = re.compile(
    rf"(?:{DIGITS}여?[십백천]?|[수몇]?[십백천]{{1,2}}만?|만)(?= ?[~–-])|[1-8](?=, ?[2-9][{MULTIPLIERS}])"
    rf"|(?:{_TERM}[십백천]{{0,2}}경여?|(?:{_TERM}[십백천]{{0,2}}|[십백천]{{1,2}})조여?(?: ?{DIGITS}[천백]?억여?)?"
    rf"|(?:{_TERM}[십백천]{{0,2}}|[십백천]{{1,2}})억여?(?: ?{DIGITS}[천백]?만여?)?|{_TERM}[십백천]{{0,2}}만여?)(?:{DIGITS}[천백]?)?"
)
"""A number with a multiplier and no currency, or the open left end of a range."""

PLAIN = re.compile(rf"(?P<number>{DIGITS})(?: ?(?P<magnitude>{_MAGNITUDE}))?(?![0-9A-Za-z%만억조천백십년월일시분명개가])")
"""The right end of a range whose symbol stands before the left."""

RANGE = re.compile(
    rf" ?[~–] ?(?=[0-9{SYMBOLS}수몇{SPELLED}{MULTIPLIERS}A-Z])|-(?=[0-9{SYMBOLS}])|(?<=[1-8]), ?(?=[2-9][{MULTIPLIERS}])"
)
"""What joins the ends of a range."""
