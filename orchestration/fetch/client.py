"""One HTTP request, made with suspicion: capped in size, time and address.

Here: sending a GET to a board's own host and reading its answer. Not here: when (`politeness`), how often, what an answer means
(`board`), redirects (an answer like others; `board` decides).
"""

import base64
import datetime as dt
import html
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Protocol
from urllib.parse import quote, quote_plus, urlsplit

import requests
import requests.adapters
import requests.auth
from requests.utils import get_environ_proxies
from urllib3.exceptions import (
    DecodeError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
    TimeoutError,
)

from orchestration.fetch.connection import PrivateAddress, WatchedAdapter, is_private
from orchestration.settings import Board, Credentials, Settings

MOST_BODY_BYTES = 8 << 20  # after decompression; the largest article seen has 0.2 MB
STRUCK = "***"
SHORTEST_STRUCK = 6  # a shorter secret stands in pages by chance, and striking it out would change what they say
_CHUNK = 64 << 10
_UNLANDED_HEADERS = {"set-cookie", "set-cookie2", "authorization", "proxy-authorization", "www-authenticate", "cookie"}


class NoAnswer(Exception):
    """No whole answer came: refused, reset, timed out, too large. `is_refusal`: asking again cannot help."""

    def __init__(self, reason: str, *, is_refusal: bool = False) -> None:
        super().__init__(reason)
        self.is_refusal = is_refusal


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; `body` after content-encoding, `headers` lower-case and without cookies."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: dt.datetime


class Transport(Protocol):
    def get(self, url: str, *, referer: str | None, now: dt.datetime) -> Reply:
        """One request, no redirect followed. Raises NoAnswer."""

    def forget_session(self) -> None:
        """Drop the cookies: the board began to answer as to somebody else (a mobile reader)."""


def user_agent(settings: Settings) -> str:
    """Names the project. With a contact, Rhymix takes it for a robot and shows page 1 below every article."""
    name = f"boardhouse/{version('boardhouse')}"
    return f"{name} (+{settings.contact})" if settings.contact else name


def host_of(url: str) -> str:
    """`host` or `host:port`, the key of politeness; the default port left out."""
    parts = urlsplit(url)
    port = parts.port
    is_default = port is None or port == {"http": 80, "https": 443}.get(parts.scheme)
    return (parts.hostname or "") if is_default else f"{parts.hostname}:{port}"


def may_be_private(board: Board) -> bool:
    """A board named by a private address or as localhost, or declared so, may be reached at a private address."""
    name = urlsplit(board.url).hostname or ""
    if board.private_network or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return is_private(name)
    except ValueError:
        return False


class Client:
    """The session of one board: its own cookies, its own credentials from the environment, its own host and no other.

    BOARDHOUSE_COOKIE_<ID> (a Cookie header) and BOARDHOUSE_BASIC_<ID> (user:password) are sent to the board's host only, and
    struck out of whatever the board sends back, also in the forms of a link, of HTML and of an Authorization header.
    """

    def __init__(self, settings: Settings, board: Board) -> None:
        self._board = board
        self._host = host_of(board.url)
        self._timeout = settings.request_timeout_seconds
        self._agent = user_agent(settings)
        self._credentials = Credentials.of(board.id)
        self._secrets = _forms(self._credentials)
        self._session = self._new_session()
        # What all requests share is prepared once: preparing is an eighth of what a near request costs.
        self._request = self._session.prepare_request(requests.Request("GET", board.url))
        self._request.headers.pop("Cookie", None)  # each request has those of its moment and address
        self._cookie: str | None = None

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # .netrc would send passwords that nobody meant for the board
        session.proxies = dict(get_environ_proxies(self._board.url))
        session.headers.update({"User-Agent": self._agent, "Accept": "text/html,application/xhtml+xml", "Accept-Language": "ko"})
        if login := self._credentials.login:
            session.auth = requests.auth.HTTPBasicAuth(*(part.encode() for part in login))
        for name, value in self._credentials.cookies.items():
            session.cookies.set(name, value)
        # Behind a proxy it is the proxy that is connected to.
        adapter = WatchedAdapter(is_public=not (session.proxies or may_be_private(self._board)))
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        return session

    def forget_session(self) -> None:
        self._session.close()
        self._session = self._new_session()
        self._cookie = None

    def get(self, url: str, *, referer: str | None, now: dt.datetime) -> Reply:
        """One GET; `now` stamps the answer. Raises NoAnswer."""
        self._check(url)
        try:
            asked = self._request.copy()
            asked.prepare_url(url, {})
            self._prepare_cookies(asked)
            if referer:
                asked.headers["Referer"] = referer
            with self._session.send(
                asked, timeout=self._timeout, allow_redirects=False, stream=True, proxies=self._session.proxies
            ) as answer:
                if "set-cookie" in answer.headers:
                    self._cookie = None
                body = self._read(answer)
                kept = {n.lower(): _text(value) for n, value in answer.headers.items() if n.lower() not in _UNLANDED_HEADERS}
                return Reply(answer.status_code, self._struck_headers(kept), self._struck(body), now)
        except (requests.RequestException, HTTPError, OSError, ValueError, PrivateAddress) as error:
            raise self._no_answer(_cause(error)) from None

    def _prepare_cookies(self, asked: requests.PreparedRequest) -> None:
        """The jar takes an eighth of a near request to find its cookies, and finds the same ones until an answer sets others,
        as long as each is for the whole host, both schemes and the whole session, which is what boards set."""
        if self._cookie is not None:
            asked.headers["Cookie"] = self._cookie
            return
        asked.prepare_cookies(self._session.cookies)
        if all(cookie.path == "/" and not cookie.secure and cookie.expires is None for cookie in self._session.cookies):
            self._cookie = asked.headers.get("Cookie")

    def _no_answer(self, error: BaseException) -> NoAnswer:
        """The operator's words for what went wrong."""
        match error:
            case PrivateAddress():
                advice = "for a board in your own network, say private_network: true"
                return NoAnswer(f"{self._host} leads to the private address {error}; {advice}", is_refusal=True)
            case NameResolutionError():
                return NoAnswer("its name leads nowhere (DNS)")
            case NewConnectionError(__cause__=ConnectionRefusedError()):
                return NoAnswer("the connection was refused: nobody listens there")
            case NewConnectionError():  # urllib3 counts it among the timeouts
                return NoAnswer("no connection can be made")
            case TimeoutError():
                return NoAnswer(f"no answer within {self._timeout:g} s")
            case ProxyError():
                return NoAnswer("the proxy that the environment names does not answer")
            case SSLError():
                return NoAnswer(f"no secure connection: {error}")
            case DecodeError():
                return NoAnswer("the compressed body cannot be read")
            case ProtocolError() if "IncompleteRead" in str(error):
                return NoAnswer("the connection ended in mid-body")
            case ProtocolError() | OSError():
                return NoAnswer("the connection broke")
        return NoAnswer(f"no valid HTTP answer ({type(error).__name__})")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise NoAnswer(f"{parts.scheme}: is no scheme of a board", is_refusal=True)
        if host_of(url) != self._host:
            raise NoAnswer(f"{host_of(url)} is not the board's host {self._host}", is_refusal=True)
        has_account = self._credentials.cookie or self._credentials.basic
        if has_account and parts.scheme == "http" and self._board.url.startswith("https:"):
            raise NoAnswer("credentials of an https board are not sent in the clear", is_refusal=True)

    def _read(self, answer: requests.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            body += chunk
            if len(body) > MOST_BODY_BYTES:
                raise NoAnswer(f"the body exceeds {MOST_BODY_BYTES >> 20} MB", is_refusal=True)
        return bytes(body)

    def _struck(self, body: bytes) -> bytes:
        for secret in self._secrets:
            body = body.replace(secret.encode(), STRUCK.encode())
        return body

    def _struck_headers(self, headers: dict[str, str]) -> dict[str, str]:
        for secret in self._secrets:
            headers = {name: value.replace(secret, STRUCK) for name, value in headers.items()}
        return headers


def _cause(error: BaseException) -> BaseException:
    """What requests wraps, often twice: urllib3's own error, which tells more. That about TLS wraps Python's, which tells less."""
    while isinstance(inner := getattr(error, "reason", None) or next(iter(error.args), None), Exception):
        error = inner
        if isinstance(error, SSLError):
            break
    return error


def _text(value: str) -> str:
    """A header value as its sender meant it: http.client reads bytes as Latin-1, boards write UTF-8 into Location."""
    try:
        return value if value.isascii() else value.encode("latin-1").decode()
    except ValueError:
        return value


def _forms(credentials: Credentials) -> tuple[str, ...]:
    """The texts by which a page or header could give the credentials away, longest first."""
    user, password = credentials.login or ("", "")
    plain = {*credentials.cookies.values(), password, f"{user}:{password}"}
    long = {text for text in plain if len(text) >= SHORTEST_STRUCK}
    coded = {base64.b64encode(f"{user}:{password}".encode()).decode()} if password else set()
    coded |= {form for text in long for form in (quote(text, safe=""), quote_plus(text), html.escape(text))}
    return tuple(sorted(long | coded, key=len, reverse=True))
