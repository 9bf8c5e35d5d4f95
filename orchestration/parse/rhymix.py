"""The stock board skins of Rhymix and XE1: `default` and `xedition`.

Here: what these skins call their parts, and how the two are told apart. Not here: how parts are read (`xe`).
"""

import re
from dataclasses import replace

from orchestration.parse.xe import Skin

DEFAULT = Skin(
    name="default",
    list_mark='id="board_list"',
    list_css="#board_list table, .board_list table",
    header_mark='class="read_header"',
    header_css=".read_header",
    body_mark='class="read_body"',
    body_css=".read_body",
    title_css="h1 a[href]",
    category_css="h1 a.category",
    date_css=".time",
    author_css=".meta a.author, .meta .author, .author",
    view_class="readNum",
    pager_mark='class="pagination"',
    pager_end="</div>",
)
XEDITION = replace(DEFAULT, name="xedition")

_STYLESHEET = re.compile(r"/modules/board/skins/([A-Za-z0-9_-]+)/")


def skin_of(html: str) -> Skin:
    """Which of the two a page is in: by the board's own stylesheet, and where a site bundles those, by what only one has."""
    named = {match[1] for match in _STYLESHEET.finditer(html, 0, max(html.find("</head>"), 0))}
    if "xedition" in named or (
        "default" not in named and ('<span class="read_count"' in html or '<div class="search_input"' in html)
    ):
        return XEDITION
    return DEFAULT
