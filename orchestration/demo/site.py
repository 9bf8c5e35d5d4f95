"""The bundled board's site: which answer a request gets.

Here: routes, status codes, sessions, robots, view counts, and the changes that a test asks for, as methods of one thread-safe
object that knows no sockets. Not here: markup (`pages`), sockets and the request log (`server`), misbehaviour (`faults`).
"""

import datetime as dt
import hashlib
import html
import json
import re
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, unquote, urlsplit

from orchestration.demo import pages
from orchestration.demo.content import (
    KST,
    PAGE_SIZE,
    Block,
    Body,
    DemoBoard,
    Post,
    TrueArticle,
    TrueRow,
    write_body,
    write_title,
)
from orchestration.demo.pages import Query, Visit
from orchestration.demo.prose import Line, Writer

_ROBOT = re.compile(
    r"bot|spider|crawler|archiver|wget|curl|php|slurp|yeti|daum|facebook|[(+<]http|@.+\.", re.IGNORECASE
)  # "python-requests/2.x" is none; a contact as "(+https://…)" or an e-mail address is one
_PHONE = re.compile(r"iphone|ipod|android.+mobile|mobile.+firefox|opera mini|iemobile", re.IGNORECASE)
_MAX_SESSIONS = 50_000
_FEED_SIZE = 15
_PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")

CONTROLS = ("add_post", "edit_post", "delete_post", "make_secret", "move", "pin_notice", "advance")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it meets the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()  # each a whole Set-Cookie value


@dataclass(slots=True)
class _Session:
    csrf: str
    read: set[int] = field(default_factory=set)


class Site:
    """Boards under one host. `now`: the site's clock (aware); it dates new posts, marks recent ones and stamps headers.

    Every public method holds the lock, so an answer shows one state and a change lies between two answers.
    """

    def __init__(
        self,
        *boards: DemoBoard,
        base: str = "http://127.0.0.1",
        robots: str | None = None,
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        if not boards:
            raise ValueError("a site needs at least one board")
        if len({board.mid for board in boards}) != len(boards):
            raise ValueError("two boards of a site have the same mid")
        self.boards = {board.mid: board for board in boards}
        self.base, self.robots = base, robots
        self.now = now or (lambda: dt.datetime.now(KST))
        self._lock = threading.RLock()
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._edits: Counter[int] = Counter()

    # What a reader sees.

    def answer(self, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        """The answer to one request. `target`: path and query as on the request line; `headers`: lower-case names."""
        with self._lock:
            return self._answer(method, target, headers)

    def _answer(self, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(target)
        path, params = unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
        agent = headers.get("user-agent", "")
        if method != "GET":
            return self._plain(HTTPStatus.METHOD_NOT_ALLOWED, "", {"Allow": "GET"})
        if path.startswith("/rates/"):
            return self._rates(path)
        if path.startswith(("/files/", "/modules/", "/layouts/")):
            return self._static(path)
        session_id, session, is_new = self._session(headers)
        visit = Visit(self.base, target, session.csrf, self.now(), bool(_ROBOT.search(agent)))
        cookies = [f"PHPSESSID={session_id}; path=/; HttpOnly; SameSite=Lax", "rx_login_status=none; path=/"] if is_new else []
        is_mobile, mark = _mobile(params.get("m"), headers.get("cookie", ""), agent)
        if mark:
            cookies.append(f"rx_uatype={mark}; path=/")
        if path == "/robots.txt" and self.robots is not None:
            return self._plain(HTTPStatus.OK, self.robots, {"Content-Type": "text/plain"})
        answer = self._route(path, params, visit, _Reader(session, is_new, "referer" in headers, is_mobile))
        return Answer(answer.status, answer.headers, answer.body, tuple(cookies))

    def _route(self, path: str, params: Mapping[str, str], visit: Visit, reader: "_Reader") -> Answer:
        segments = path.strip("/").split("/") if path.strip("/") else []
        slash = path.endswith("/") and len(segments) > 1
        if segments in ([], ["index.php"]):
            mid, rest = params.get("mid"), [params["act"]] if params.get("act") in ("rss", "atom") else []
        elif segments[0].isdigit() and len(segments) == 1:
            mid, rest = None, segments
        else:
            mid, rest = segments[0], segments[1:]
        if not rest and params.get("document_srl", "").isdigit():
            rest = [params["document_srl"]]
        if mid is None:
            return self._unplaced(rest, visit)
        board = self.boards.get(mid.lower())
        if board is None and len(rest) == 1 and not slash:
            return self._unplaced(rest, visit)
        if board is None or slash:
            return self._html(HTTPStatus.NOT_FOUND, pages.not_found_html(visit))
        category = params.get("category")
        if len(rest) == 2 and rest[0] == "category":
            category, rest = rest[1], []
        number, broken = _page(params.get("page"))
        if broken:
            return self._html(HTTPStatus.INTERNAL_SERVER_ERROR, pages.error_html(visit), board)
        query = Query(
            page=number,
            search_target=params.get("search_target") or None,
            search_keyword=params.get("search_keyword") or None,
            category=int(category) if category and category.isdigit() else None,
            sort_index=params.get("sort_index") or None,
            order_type=params.get("order_type") or None,
        )
        match rest:
            case []:
                return self._list(board, query, visit, reader)
            case [srl] if srl.isdigit():
                return self._article(board, int(srl), query, visit, reader)
            case [("rss" | "atom") as kind]:
                return self._feed(board, kind, query.page or 1, visit)
            case _:
                return self._html(HTTPStatus.NOT_FOUND, pages.not_found_html(visit))

    def _unplaced(self, rest: Sequence[str], visit: Visit) -> Answer:
        """A request that names no board: a document's short link, or the site's front page."""
        first = next(iter(self.boards.values()))
        if rest in ([], ["rss"], ["atom"]):
            return self._html(HTTPStatus.OK, pages.shell(first, visit, first.name, "<p>어서 오세요.</p>\n"), first)
        found = self._find(int(rest[0])) if rest[0].isdigit() else None
        if found is None:
            return self._html(HTTPStatus.NOT_FOUND, pages.message_html(first, visit, "대상을 찾을 수 없습니다."), first)
        return self._redirect(f"/{found[0].mid}/{rest[0]}")

    def _list(self, board: DemoBoard, query: Query, visit: Visit, reader: "_Reader") -> Answer:
        listing = pages.list_page(board, query, query.page or 1)
        make = pages.mobile_list_html if reader.is_mobile else pages.list_html
        return self._html(HTTPStatus.OK, make(board, visit, listing), board)

    def _article(self, board: DemoBoard, srl: int, query: Query, visit: Visit, reader: "_Reader") -> Answer:
        found = self._find(srl)
        if found is None or (board.engine == "xe" and found[0] is not board):
            if board.engine == "xe":  # no status of its own: an alert on an empty page
                return self._html(HTTPStatus.OK, pages.alert_html(board, visit, "대상을 찾을 수 없습니다."), board)
            return self._html(HTTPStatus.NOT_FOUND, pages.message_html(board, visit, "대상을 찾을 수 없습니다."), board)
        if found[0] is not board:
            return self._redirect(f"/{found[0].mid}/{srl}")
        post = found[1]
        status = HTTPStatus.FORBIDDEN if post.is_secret else HTTPStatus.OK
        views = board.views(post)
        if not visit.is_robot and srl not in reader.session.read:
            reader.session.read.add(srl)
            board.reads[srl] += 1
        if reader.is_mobile:
            return self._html(status, pages.mobile_article_html(board, visit, post), board)
        is_stranger = visit.is_robot or (reader.is_new and not reader.has_referer)
        # A stranger gets page 1 also where the link names another page.
        page = 1 if board.engine == "rhymix" and is_stranger else query.page or _page_of(board, query, srl)
        listing = pages.list_page(board, query, page)
        return self._html(status, pages.article_html(board, visit, post, views, listing), board)

    def _feed(self, board: DemoBoard, kind: str, page: int, visit: Visit) -> Answer:
        newest = sorted((p for p in board.listed if not p.is_secret), key=lambda p: (p.regdate, p.srl), reverse=True)
        posts = newest[(page - 1) * _FEED_SIZE : page * _FEED_SIZE]
        text = (pages.rss_xml if kind == "rss" else pages.atom_xml)(board, visit, posts)
        return Answer(HTTPStatus.OK, self._headers("text/xml; charset=UTF-8"), text.encode())

    def _rates(self, path: str) -> Answer:
        """The central bank's two files, of the rates that the first board's articles were written with."""
        days = {"/rates/eurofxref-daily.xml": 1, "/rates/eurofxref-hist-90d.xml": 90}.get(path)
        rates = next(iter(self.boards.values())).rates
        if days is None or rates is None:
            return self._plain(HTTPStatus.NOT_FOUND, "")
        return self._plain(HTTPStatus.OK, rates.to_ecb_xml(days, self.now().date()), {"Content-Type": "text/xml"})

    def _static(self, path: str) -> Answer:
        etag = hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()[:16]
        headers = {"Content-Type": "image/gif", "ETag": f'"{etag}"', "Last-Modified": "Thu, 02 Jul 2026 00:00:00 GMT"}
        return Answer(HTTPStatus.OK, headers, _PIXEL)

    def _session(self, headers: Mapping[str, str]) -> tuple[str, _Session, bool]:
        """The session of the request's cookie, or a new one (True)."""
        given = _cookie(headers.get("cookie", ""), "PHPSESSID")
        if given and given in self._sessions:
            self._sessions.move_to_end(given)
            return given, self._sessions[given], False
        session_id = secrets.token_hex(16)
        session = self._sessions[session_id] = _Session(secrets.token_urlsafe(12))
        if len(self._sessions) > _MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return session_id, session, True

    def _headers(self, content_type: str, board: DemoBoard | None = None) -> dict[str, str]:
        headers = {
            "Content-Type": content_type,
            "Cache-Control": "must-revalidate, no-store, no-cache",
            "Last-Modified": format_datetime(self.now().astimezone(dt.UTC), usegmt=True),
            "Expires": "Mon, 26 Jul 1997 05:00:00 GMT",
        }
        if board is not None and board.engine == "xe":
            headers["Pragma"] = "no-cache"
        return headers

    def _html(self, status: HTTPStatus, text: str, board: DemoBoard | None = None) -> Answer:
        charset = board.charset if board else "utf-8"
        label = {"utf-8": "UTF-8", "cp949": "EUC-KR"}.get(charset, charset)  # Korean servers say EUC-KR and send cp949
        return Answer(status, self._headers(f"text/html; charset={label}", board), text.encode(charset, "xmlcharrefreplace"))

    def _plain(self, status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Answer:
        return Answer(status, {"Content-Type": "text/html", **(headers or {})}, text.encode())

    def _redirect(self, path: str) -> Answer:
        return Answer(HTTPStatus.MOVED_PERMANENTLY, {"Location": self.base + path, "Content-Type": "text/html"}, b"")

    def _find(self, srl: int) -> tuple[DemoBoard, Post] | None:
        for board in self.boards.values():
            if post := board.posts.get(srl):
                return board, post
        return None

    # What is true now.

    def true_rows(self, mid: str | None = None) -> list[TrueRow]:
        with self._lock:
            return self._board(mid).true_rows()

    def true_articles(self, mid: str | None = None) -> list[TrueArticle]:
        with self._lock:
            return list(self._board(mid).true_articles())

    def page_count(self, mid: str | None = None) -> int:
        """List pages of the whole board."""
        with self._lock:
            return pages.list_page(self._board(mid), Query(), 1).last_page

    # What a test can do. Unknown ids and boards raise KeyError.

    def add_post(
        self,
        title: str | None = None,
        paragraphs: Sequence[str] | None = None,
        *,
        mid: str | None = None,
        regdate: dt.datetime | str | None = None,
        srl: int | None = None,
        is_secret: bool = False,
    ) -> int:
        """Submit a post now, and return its id. `regdate` dates it otherwise (back, as a manager can); its place in the list
        follows from its submission all the same. Without a title or paragraphs they are generated, their money known; given
        ones are taken as they are and carry no known money."""
        with self._lock:
            board = self._board(mid)
            taken = {s for b in self.boards.values() for s in (*b.posts, *(p.srl for p in b.pending))}
            newest = max((-p.list_order for b in self.boards.values() for p in b.posts.values()), default=1000)
            order = next(number for number in range(max(newest, *board.posts, 0) + 1, 2**63) if number not in taken)
            if srl is None:
                srl = order
            elif srl in taken:
                raise KeyError(f"the id {srl} is taken")
            stamp = _stamp(regdate or self.now())
            made = self._generated(board, srl, stamp, 0)
            line, tags = made[:2] if title is None else (Line(title), tuple(re.findall(r"\[([^\]]+)\]", title)))
            post = Post(
                srl=srl,
                list_order=-order,
                regdate=stamp,
                title=line,
                tags=tags,
                author=board.name,
                member_srl=79,
                category=next(iter(board.categories.values()), None),
                comment_count=0,
                views=0,
                is_secret=is_secret,
                is_notice=False,
                body=made[2] if paragraphs is None else partial(_written, tuple(paragraphs)),
                comments=tuple,
            )
            board.add(post)
            return srl

    def edit_post(
        self,
        srl: int,
        title: str | None = None,
        paragraphs: Sequence[str] | None = None,
        *,
        regdate: dt.datetime | str | None = None,
    ) -> None:
        """Change a post's text, or date it anew as a manager can; its number and place stay. Without arguments its body is
        written anew, its money known."""
        with self._lock:
            board, post = self._known(srl)
            self._edits[srl] += 1
            changes: dict[str, object] = {}
            if title is not None:
                changes |= {"title": Line(title), "tags": tuple(re.findall(r"\[([^\]]+)\]", title))}
            if paragraphs is not None:
                changes["body"] = partial(_written, tuple(paragraphs))
            if regdate is not None:
                changes["regdate"] = _stamp(regdate)
            board.change(srl, **(changes or {"body": self._generated(board, srl, post.regdate, self._edits[srl])[2]}))

    def delete_post(self, srl: int) -> None:
        with self._lock:
            self._known(srl)[0].remove(srl)

    def make_secret(self, srl: int, is_secret: bool = True) -> None:
        with self._lock:
            self._known(srl)[0].change(srl, is_secret=is_secret)

    def pin_notice(self, srl: int, is_notice: bool = True) -> None:
        with self._lock:
            self._known(srl)[0].change(srl, is_notice=is_notice)

    def move(self, srl: int, to_mid: str) -> None:
        """To another board of the site, which is made where there is none; the old link answers 301 then."""
        with self._lock:
            target = self.boards.setdefault(to_mid, DemoBoard(to_mid, to_mid))
            target.add(self._known(srl)[0].remove(srl))

    def advance(self, now: dt.datetime | str | None = None) -> int:
        """Publish what the generator has dated up to `now` (by default the site's clock); returns how many posts."""
        with self._lock:
            stamp = _stamp(now or self.now())
            return sum(board.advance(stamp) for board in self.boards.values())

    def control(self, name: str, arguments: Mapping[str, object]) -> bytes:
        """One of CONTROLS by name, its result as JSON. Raises KeyError, TypeError or ValueError for a wrong call."""
        if name not in CONTROLS:
            raise KeyError(f"no control {name!r}: there are {', '.join(CONTROLS)}")
        return json.dumps({"result": getattr(self, name)(**arguments)}).encode()

    def _board(self, mid: str | None) -> DemoBoard:
        return self.boards[mid] if mid else next(iter(self.boards.values()))

    def _known(self, srl: int) -> tuple[DemoBoard, Post]:
        found = self._find(srl)
        if found is None:
            raise KeyError(f"no post {srl}")
        return found

    def _generated(
        self, board: DemoBoard, srl: int, regdate: dt.datetime, edition: int
    ) -> tuple[Line, tuple[str, ...], Callable[[], Body]]:
        rates = board.rates or next(b.rates for b in self.boards.values() if b.rates)
        seed = f"added:{edition}"
        title, tags = write_title(Writer.seeded(f"{seed}:{srl}", rates, regdate.date()))
        return title, tags, partial(write_body, seed, srl, regdate, rates)


@dataclass(frozen=True, slots=True)
class _Reader:
    session: _Session
    is_new: bool
    has_referer: bool
    is_mobile: bool


def _stamp(moment: dt.datetime | str) -> dt.datetime:
    """In KST, to the second, as the engine stores it. Raises ValueError for one without a zone."""
    stamp = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if stamp.tzinfo is None:
        raise ValueError(f"{moment} has no zone: write it as 2026-11-20T09:30:00+09:00")
    return stamp.astimezone(KST).replace(microsecond=0)


def _written(paragraphs: tuple[str, ...]) -> Body:
    blocks = tuple(Block("paragraph", text) for text in paragraphs)
    return Body(blocks, None, "\n\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in paragraphs))


def _page_of(board: DemoBoard, query: Query, srl: int) -> int:
    """The page of the listing that holds the post; 1 where none does (a notice)."""
    if query.is_plain:
        rank, total = board.rank(srl), len(board.listed)
    else:
        posts = pages.chosen(board, query)
        total = len(posts)
        rank = next((number for number, post in enumerate(posts, 1) if post.srl == srl), None)
    return 1 if rank is None else (total - rank) // PAGE_SIZE + 1


def _page(text: str | None) -> tuple[int | None, bool]:
    """The page that the request names, as PHP reads it (`2.5` is 2; 0 and words are page 1), and whether it breaks the
    server, as a negative one does."""
    if text is None:
        return None, False
    digits = re.match(r"\s*(-?\d+)", text)
    number = int(digits[1]) if digits else 0
    return max(number, 1), number < 0


def _cookie(header: str, name: str) -> str | None:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _mobile(asked: str | None, cookies: str, agent: str) -> tuple[bool, str | None]:
    """Whether the mobile view is shown, and the cookie that remembers it, where it must be set. A choice sticks to the jar
    until `m=0` or another User-Agent."""
    key = hashlib.md5(agent.encode(), usedforsecurity=False).hexdigest()[:12]
    kept = _cookie(cookies, "rx_uatype")
    if asked in ("0", "1"):
        chosen = asked == "1"
    elif kept and kept.startswith(f"{key}:"):
        return kept.endswith(":1"), None
    else:
        chosen = bool(_PHONE.search(agent))
    mark = f"{key}:{int(chosen)}"
    return chosen, mark if mark != kept else None
