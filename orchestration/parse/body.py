"""An article's HTML as lines of text, with what the markup says of each.

Here: which elements end a line, whitespace, blank lines, images. Not here: what a line is (`blocks`).
"""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from orchestration.parse.urls import absolute

_BLOCKS = frozenset(
    re.findall(
        r"[a-z0-9]+",
        "address article aside blockquote caption center dd details div dl dt fieldset figcaption figure footer form "
        "h1 h2 h3 h4 h5 h6 header li main nav ol p pre section summary table tbody tfoot thead tr ul",
    )
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BOLD = frozenset(("b", "strong"))
_SET_APART = frozenset(("center", "em", "i", "small"))
_CELLS = frozenset(("td", "th"))
# What a reader does not see, or what is no part of the text.
_SKIPPED = frozenset(
    re.findall(
        r"[a-z]+",
        "audio button embed head iframe input math noscript object option script select style svg template textarea title video",
    )
)

_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
# Grey, small or centred: how editors set a caption apart, since they have no element for it.
APART_STYLE = re.compile(
    r"text-align\s*:\s*center|font-size\s*:|(?<![\w-])color\s*:\s*(?!#0{3,6}\b|black|inherit|rgb\(0,\s*0,\s*0\))", re.IGNORECASE
)
INVISIBLE = ("\u200b", "\u2060", "\ufeff", "\u00ad")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a reader sees it.

    `gap`: blank lines above it, or between it and the image above; `image_url`: of that image (empty: it has no address).
    """

    text: str
    gap: int = 0
    heading: bool = False
    bold: bool = False  # all of it
    set_apart: bool = False  # all of it in another style than the text
    figcaption: bool = False
    image_url: str | None = None
    shares_image_block: bool = False  # the image stands in the same paragraph, above


@dataclass(slots=True)
class _Open:
    node: LexborNode
    tag: str
    outer: tuple[bool, bool, bool, bool]
    seen: tuple[int, int, int]  # lines, images and blank lines when it opened


def fold(text: str) -> str:
    """Whitespace of all kinds as single spaces, and no invisible characters; joiners stay, emoji are made with them."""
    for character in INVISIBLE:  # a search each is a tenth of what `translate` costs, and they are rare
        if character in text:
            text = text.replace(character, "")
    return " ".join(text.split())


def body_lines(root: LexborNode, base: str | None, site: str | None = None) -> tuple[tuple[Line, ...], int]:
    """The lines of `root`, and how many images stand among them. `base`, `site`: what their addresses are relative to.

    A line ends at a block's edge and at `<br>`; blank ones are dropped and counted in the next line's `gap`. Depth is unbounded:
    the walk keeps its own stack.
    """
    walk = _Walk(base, site or base)
    node, open_ = root.first_child, list[_Open]()
    while True:
        if node is None:
            if not open_:
                break
            closed = open_.pop()
            walk.close(closed)
            node = closed.node.next
            continue
        if node.is_text_node:
            walk.text(node.text_content or "")
        elif node.is_element_node and walk.enters(node):
            open_.append(walk.open(node))
            node = node.first_child
            continue
        node = node.next
    walk.flush()
    return tuple(walk.lines), walk.images


class _Walk:
    """What is known at one point of the body."""

    def __init__(self, base: str | None, site: str | None) -> None:
        self.base = base
        self.site = site
        self.lines: list[Line] = []
        self.images = 0
        self.gap = 0
        self.blocks: list[int] = [0]  # the blocks that are open, by serial number; 0 is the body itself
        self.serial = 0
        self.image: tuple[str, int] | None = None  # the latest image that no line has followed: address, its block
        self.style = (False, False, False, False)  # heading, bold, set apart, figcaption
        self.pre = 0
        self.pieces: list[str] = []
        self.styles: list[tuple[bool, bool, bool, bool]] = []

    def text(self, text: str) -> None:
        if self.pre and "\n" in text:
            first, *rest = text.split("\n")
            self._piece(first)
            for line in rest:
                self.end_line()
                self._piece(line)
        else:
            self._piece(text)

    def _piece(self, text: str) -> None:
        self.pieces.append(text)
        if text and not text.isspace():
            self.styles.append(self.style)

    def enters(self, node: LexborNode) -> bool:
        """Whether the walk goes into an element; what has no inside is dealt with here."""
        tag = node.tag
        if tag == "br":
            self.end_line()
        elif tag == "hr":
            self.flush()
            self.gap += 1
        elif tag == "img":
            self._image(node)
        else:
            return tag not in _SKIPPED and not _HIDDEN.search(node.attributes.get("style") or "")
        return False

    def _image(self, node: LexborNode) -> None:
        source = node.attributes.get("src") or node.attributes.get("data-src")
        if not source:
            return
        if fold("".join(self.pieces)):
            self.flush()
        self.images += 1
        self.gap = 0
        self.image = (absolute(source, self.site if source.startswith("./") else self.base) or "", self.blocks[-1])

    def open(self, node: LexborNode) -> _Open:
        tag = node.tag or ""
        if tag in _BLOCKS:
            self.flush()
            self.serial += 1
            self.blocks.append(self.serial)
        elif tag in _CELLS:
            self.pieces.append(" ")
        opened = _Open(node, tag, self.style, (len(self.lines), self.images, self.gap))
        heading, bold, apart, caption = self.style
        style = node.attributes.get("style") or ""
        self.style = (
            heading or tag in _HEADINGS,
            bold or tag in _BOLD or bool(style and BOLD_STYLE.search(style)),
            apart or tag in _SET_APART or bool(style and APART_STYLE.search(style)),
            caption or tag == "figcaption",
        )
        self.pre += tag == "pre"
        return opened

    def close(self, opened: _Open) -> None:
        if opened.tag in _BLOCKS:
            self.flush()
            self.blocks.pop()
            if opened.seen == (len(self.lines), self.images, self.gap):
                self.gap += 1
        self.style = opened.outer
        self.pre -= opened.tag == "pre"

    def end_line(self) -> None:
        """At `<br>`: nothing before it on its line makes a blank line, but right below an image it only ends the image's."""
        before = (len(self.lines), self.image)
        ends_image = self.image is not None and self.gap == 0
        self.flush()
        if before == (len(self.lines), self.image) and not ends_image:
            self.gap += 1

    def flush(self) -> None:
        text = fold("".join(self.pieces))
        if text:
            heading, bold, apart, caption = (all(style[i] for style in self.styles) and bool(self.styles) for i in range(4))
            url, block = self.image or (None, None)
            self.lines.append(
                Line(text, self.gap, heading, bold, apart, caption, url, block is not None and block == self.blocks[-1] != 0)
            )
            self.gap, self.image = 0, None
        self.pieces.clear()
        self.styles.clear()


def text_lines(lines: list[str]) -> tuple[Line, ...]:
    """Lines of plain text, blank ones counted in the next line's `gap`."""
    found: list[Line] = []
    gap = 0
    for line in lines:
        if text := fold(line):
            found.append(replace(Line(text), gap=gap))
            gap = 0
        else:
            gap += 1
    return tuple(found)
