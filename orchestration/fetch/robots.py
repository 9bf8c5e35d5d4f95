"""What a host's robots.txt allows us.

Here: reading it by a library, and what its absence means. Not here: asking for it (`board`).
"""

from dataclasses import dataclass

from protego import Protego

TOKEN = "boardhouse"
LONGEST_CRAWL_DELAY = 30.0  # a longer one would make a nightly run of 200 articles take hours; told in the log


@dataclass(frozen=True, slots=True)
class Robots:
    """`crawl_delay_seconds`: what it asks for, up to the cap."""

    rules: Protego | None
    crawl_delay_seconds: float = 0.0

    def allows(self, url: str) -> bool:
        return self.rules is None or bool(self.rules.can_fetch(url, TOKEN))


def read_robots(status: int, body: bytes) -> Robots | None:
    """None where it must not be guessed: 5xx, and whatever is no answer. 4xx: there are no rules."""
    if 400 <= status < 500 and status != 429:
        return Robots(None)
    if status != 200:
        return None
    rules = Protego.parse(body[: 512 << 10].decode("utf-8", "replace"))
    delay = rules.crawl_delay(TOKEN)
    return Robots(rules, min(float(delay), LONGEST_CRAWL_DELAY) if delay else 0.0)
