"""One mention of money in a text.

Here: its fields and their units. Not here: how it is read (`reader`), or what it is worth (dbt).
"""

from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["amount", "range", "approx", "band", "rate", "rate_delta", "bare"]


class Mention(NamedTuple):
    """`start`, `end`: half-open, in code points; `amount`, `min`, `max`: units of `currency`, exact."""

    text: str
    start: int
    end: int
    currency: str  # ISO 4217
    kind: Kind
    amount: Decimal | None
    min: Decimal | None = None  # range: [min, max]; approx: [min, max)
    max: Decimal | None = None
    qualifiers: tuple[str, ...] = ()
    per: str | None = None
    paired_with: int | None = None  # index, in the same text, of the mention that this one restates (of a chain, the first)
    rounding_unit: Decimal | None = None  # the last written multiplier (718조: 1e12), without one the last written digit's place
