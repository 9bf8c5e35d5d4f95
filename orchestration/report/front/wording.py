"""Amounts, sentences, changes and addresses as a reader of the front page sees them.

Here: pure functions over texts and numbers. Not here: markup (`page.html`), or what is asked for (`facts`). Whatever a page wrote
is cut to a length: one title of a million characters must not make a page of a million characters.
"""

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from orchestration.settings import KST

JO, EOK, MAN = 10**12, 10**8, 10**4
WEEKDAYS = "일월화수목금토"


def won(amount: Decimal) -> str:
    """As a newspaper writes it, to four digits or more: 718조원, 1조 2,345억원, 3,200만원."""
    whole = int(abs(amount).to_integral_value())
    sign = "−" if amount < 0 and whole else ""
    for unit, name, lesser, lesser_name in ((JO, "조", EOK, "억"), (EOK, "억", MAN, "만"), (MAN, "만", 1, "")):
        finest = unit if whole >= 1000 * unit else lesser
        rounded = (whole + finest // 2) // finest * finest
        if rounded < unit:  # rounding may reach the next unit: 9999.99억 is 1조
            continue
        more, rest = divmod(rounded, unit)
        return f"{sign}{more:,}{name} {rest // lesser:,}{lesser_name}원" if rest else f"{sign}{more:,}{name}원"
    return f"{sign}{whole:,}원"


def exact_won(amount: Decimal) -> str:
    """Every digit: ₩718,000,000,000,000."""
    shown = f"{amount:,.4f}".rstrip("0").rstrip(".")
    return "₩" + shown if not shown.startswith("-") else "−₩" + shown[1:]


def rate(value: float) -> str:
    """To four digits or more, as many for all of one size: 1,436.2 · 9.312 · 0.05690."""
    size = abs(value)
    digits = 0 if size >= 10_000 else 1 if size >= 1000 else 2 if size >= 100 else 3 if size >= 1 else 5
    return f"{value:,.{digits}f}"


def tick(value: float) -> str:
    """At an axis: without zeros at the end."""
    shown = rate(value)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def deviation(ratio: float) -> str:
    """+3.2%, −0.4%."""
    return f"{100 * (ratio - 1):+.1f}%".replace("-", "−")


def percent(part: float, whole: float) -> str:
    """A part that is not all is never shown as all, and one that is not nothing never as nothing."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if share in (0, 100):
        return f"{share:.0f}%"
    return f"{min(max(share, 0.1), 99.9):.1f}%"


def kst(at: dt.datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M}"


def weekday(day: dt.date) -> str:
    return WEEKDAYS[day.isoweekday() % 7]


def cut(text: str | None, length: int = 160) -> str:
    """One line, at most `length` characters."""
    line = " ".join((text or "")[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def web_address(url: str | None) -> str | None:
    """`url` where it is one that a browser may be sent to: http or https, and a host. Else None: `javascript:`, `data:`, a path."""
    if not url or len(url) > 2000:
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `kind`: plain, mark, added or removed."""

    text: str
    kind: str = "plain"


_ENDS = re.compile(r"(?<=[.!?。])[”\"'’)\]]?\s+")
BEFORE, AFTER = 110, 90


def sentence(text: str, *spans: tuple[int, int]) -> list[Piece]:
    """The sentence around the first span, with every span in it marked; at most BEFORE and AFTER characters beside the first."""
    start, end = spans[0]
    ends = [match.end() for match in _ENDS.finditer(text)]
    first = max((at for at in ends if at <= start), default=0)
    last = min((at for at in ends if at >= end), default=len(text))
    begins, stops = max(first, start - BEFORE), min(last, end + AFTER)
    pieces = [Piece("…")] if begins > first else []
    at = begins
    for a, b in sorted(spans):
        if a >= at and a < b <= stops:
            pieces += [Piece(text[at:a]), Piece(text[a:b], "mark")]
            at = b
    pieces.append(Piece(text[at:stops].rstrip()))
    if stops < last:
        pieces.append(Piece("…"))
    return [piece for piece in pieces if piece.text]


_WORDS = re.compile(r"\s+|\S+")
LINES, LINE = 4, 600


def changes(before: str, after: str) -> tuple[list[list[Piece]], int]:
    """The lines that differ, word by word, and how many more there are. Compared are the first 200 lines of LINE characters each:
    what a reader looks at, in bounded time."""
    old, new = ([line[:LINE] for line in text.splitlines()[:200]] for text in (before, after))
    shown: list[list[Piece]] = []
    more = 0
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for n in range(max(b - a, d - c)):
            removed, added = (old[a + n] if a + n < b else ""), (new[c + n] if c + n < d else "")
            if len(shown) < LINES:
                shown.append(list(_words(removed, added)))
            else:
                more += 1
    return shown, more


def _words(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Piece(_shorter("".join(old[a:b]), a == 0, b == len(old)))
            continue
        if a < b:
            yield Piece("".join(old[a:b]), "removed")
        if c < d:
            yield Piece("".join(new[c:d]), "added")


def _shorter(text: str, is_first: bool, is_last: bool) -> str:
    """What stayed the same, but for some words beside a change."""
    if len(text) <= 80:
        return text
    head, tail = ("" if is_first else text[:35]), ("" if is_last else text[-35:])
    return f"{head}…{tail}"
