"""What a page is that is no board of ours, and what its reader can try.

Here: signs of other software, of logins, of bot checks. Pure. Not here: the parsers' own reason (`parse.page`), requests (`look`).
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from orchestration.fetch.addresses import board_of
from orchestration.parse.records import Page
from orchestration.parse.urls import document_id

MOST_LINKS = 6
_MADE_BY = (
    ("Gnuboard", re.compile(r"\bg5_url\b|/bbs/board\.php\?|[?&;]wr_id=\d|/gnuboard")),
    ("WordPress with KBoard", re.compile(r"/plugins/kboard/|kboard-document")),
    ("WordPress", re.compile(r"/wp-content/|/wp-includes/|content=[\"']WordPress")),
    ("Discourse", re.compile(r"content=[\"']Discourse")),
    ("phpBB", re.compile(r"viewforum\.php|content=[\"']phpBB")),
    ("MediaWiki", re.compile(r"content=[\"']MediaWiki")),
    ("DokuWiki", re.compile(r"content=[\"']DokuWiki")),
    ("Tistory", re.compile(r"tistory_admin|t1\.daumcdn\.net/tistory")),
    ("Naver Cafe", re.compile(r"cafe\.naver\.com/(?:ca-fe|ArticleList)")),
)
_BOT_CHECK = re.compile(r"/cdn-cgi/challenge-platform|cf-chl-|<title>Just a moment\.\.\.")
_APP_ROOT = re.compile(r"<div[^>]+id=[\"']?(?:root|app|__next|__nuxt)[\"'\s>]")
_BOARD_PATH = re.compile(r"(?P<board>/[A-Za-z][A-Za-z0-9_-]*)(?P<document>/[0-9]+)?")
_NO_BOARDS = {"/login", "/logout", "/member", "/members", "/admin", "/index.php", "/rss", "/atom", "/signup", "/privacy", "/terms"}
_FEW_WORDS = 200
"""Characters of visible text below which a page with scripts is taken to be drawn by them."""

SAVE_AND_INGEST = (
    "save its pages as text (the columns 번호 제목 글쓴이 날짜 as a reader copies them) and use boardhouse ingest: "
    "docs/how-to/add-a-board.md, “Boards that cannot be fetched”"
)
ASK_FOR_A_PARSER = "keep a saved page of the list and of an article: a parser for them can be tried with boardhouse parse PAGE"


@dataclass(frozen=True, slots=True)
class Guess:
    """`what`: what it looks like, in a few words; `tries`: what to do next, likeliest first; `links`: addresses of the same
    site that may be boards, with the words of their links."""

    what: str
    tries: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


def title_of(html: str) -> str | None:
    """The page's own title."""
    node = LexborHTMLParser(html).css_first("title")
    return " ".join(node.text().split()) or None if node else None


def guess(html: str, page: Page, *, url: str, status: int, headers: Mapping[str, str], cookie_variable: str) -> Guess:
    """What the answer is, though not a list that boardhouse reads. `headers`: lower-case names."""
    word = (page.reason or "").partition(":")[0]
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if _BOT_CHECK.search(html) and page.engine is None:
        return Guess("a check against robots", ("ask the site's owner to let boardhouse through", SAVE_AND_INGEST))
    if word in ("login", "refused"):
        if page.engine is None and status == 403:
            return Guess("a refusal by something before the site (a firewall)", ("ask the site's owner", SAVE_AND_INGEST))
        return Guess(
            "a page for members", (f"with an account: set {cookie_variable} to its Cookie header, probe again", SAVE_AND_INGEST)
        )
    if word == "feed":
        return Guess("a feed", ("probe the address of the board itself, as a reader opens it",))
    if word == "mobile":
        return Guess("the mobile view of a board", ("probe its desktop address: put m=0 into it, or take off a leading m.",))
    if word in ("deleted", "error") and status >= 400:
        later = (
            "the site has a fault: probe again later"
            if status >= 500
            else "look at the address in a browser: is it the board's list?"
        )
        return Guess("a server's fault" if status >= 500 else "a page that is not there", (later,), _boards_linked(html, url))
    if content_type and "html" not in content_type and not content_type.startswith("text/"):
        return Guess(f"a file ({content_type})", ("probe the board's list page, as a reader opens it",))
    if page.engine == "text":
        return Guess("text, not a page: its rows carry no links to ask for", ("save it and use boardhouse ingest",))
    if made_by := next((name for name, sign in _MADE_BY if sign.search(html)), None):
        return Guess(f"{made_by}, which boardhouse does not read yet", (ASK_FOR_A_PARSER, SAVE_AND_INGEST))
    if page.engine in ("rhymix", "xe"):
        links = _boards_linked(html, url)
        name = "Rhymix" if page.engine == "rhymix" else "XpressEngine"
        tries = ("probe one of its boards",) if links else ()
        return Guess(f"{name}, but without a list in a skin that boardhouse reads", (*tries, ASK_FOR_A_PARSER), links)
    if _is_drawn_by_scripts(html):
        return Guess(
            "a page drawn by JavaScript", ("look for an address that works without it (a mobile or an old view)", SAVE_AND_INGEST)
        )
    return Guess(
        "a page of software unknown to boardhouse", ("look at the address in a browser: is it the board's list?", ASK_FOR_A_PARSER)
    )


def _is_drawn_by_scripts(html: str) -> bool:
    tree = LexborHTMLParser(html)
    has_scripts = tree.css_first("script") is not None
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    words = " ".join((tree.body.text() if tree.body else "").split())
    return has_scripts and len(words) < _FEW_WORDS and (bool(_APP_ROOT.search(html)) or "noscript" in html)


def _boards_linked(html: str, url: str) -> tuple[tuple[str, str], ...]:
    """Links of the same host with a path of one word, as boards have it: those that the page also links documents of come first."""
    its_own = board_of(url) if document_id(url) else None
    words: dict[str, str] = {its_own: "the board that this address is of"} if its_own else {}
    documents: Counter[str] = Counter()
    host = urlsplit(url).netloc
    for node in LexborHTMLParser(html).css("a[href]"):
        try:
            target = urlsplit(urljoin(url, node.attributes.get("href") or ""))
        except ValueError:
            continue
        match = _BOARD_PATH.fullmatch(target.path)
        if target.netloc != host or match is None or match["board"] in _NO_BOARDS:
            continue
        address = f"{target.scheme}://{target.netloc}{match['board']}"
        documents[address] += match["document"] is not None
        if match["document"] is None or address not in words:
            words[address] = "" if match["document"] else " ".join(node.text().split())
    words.pop(url.rstrip("/"), None)
    likeliest = sorted(words, key=lambda address: (address != its_own, -documents[address]))
    return tuple((address, words[address]) for address in likeliest[:MOST_LINKS])
