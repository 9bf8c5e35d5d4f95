"""One HTTP request, made with suspicion: capped in size, time and address.

Here: sending a GET to a board's own host and reading its answer. Not here: when (`politeness`), how often, what an answer means
(`board`), redirects (an answer like others; `board` decides).
"""

import base64
import datetime as dt
import html
import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol
from urllib.parse import quote, quote_plus, urlsplit

import requests
import requests.adapters
import requests.auth
import urllib3
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

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


def is_private(address: str) -> bool:
    """Whether an IP address lies outside the public internet: loopback, private, link-local, reserved …"""
    return not ipaddress.ip_address(address.partition("%")[0]).is_global


def may_be_private(board: Board) -> bool:
    """A board named by a private address or as localhost, or declared so, may be reached at a private address."""
    name = urlsplit(board.url).hostname or ""
    if board.private_network or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return is_private(name)
    except ValueError:
        return False


class _PrivateAddress(Exception):
    pass


def _check_peer(connection: Any, connected: Any) -> Any:
    """The address that was really connected to, so that no answer of a name server comes between check and use."""
    address = connected.getpeername()[0]
    if is_private(address):
        connected.close()
        raise _PrivateAddress(address)
    return connected


class _PublicHTTP(HTTPConnection):
    def _new_conn(self) -> Any:
        return _check_peer(self, super()._new_conn())


class _PublicHTTPS(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _check_peer(self, super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _PublicTLSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class _PublicAdapter(requests.adapters.HTTPAdapter):
    """Refuses, before a byte is sent, a name that leads to a private address."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTLSPool}


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

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # .netrc would send passwords that nobody meant for the board
        session.proxies = dict(get_environ_proxies(self._board.url))
        session.headers.update({"User-Agent": self._agent, "Accept": "text/html,application/xhtml+xml", "Accept-Language": "ko"})
        if login := self._credentials.login:
            session.auth = requests.auth.HTTPBasicAuth(*(part.encode() for part in login))
        for name, value in self._credentials.cookies.items():
            session.cookies.set(name, value)
        if not may_be_private(self._board) and not session.proxies:
            session.mount("http://", _PublicAdapter())
            session.mount("https://", _PublicAdapter())
        return session

    def forget_session(self) -> None:
        self._session.close()
        self._session = self._new_session()

    def get(self, url: str, *, referer: str | None, now: dt.datetime) -> Reply:
        """One GET; `now` stamps the answer. Raises NoAnswer."""
        self._check(url)
        deadline = time.monotonic() + 4 * self._timeout
        try:
            with self._session.get(
                url,
                headers={"Referer": referer} if referer else {},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = self._read(answer, deadline)
                headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in _UNLANDED_HEADERS}
                return Reply(answer.status_code, self._struck_headers(headers), self._struck(body), now)
        except _PrivateAddress as error:
            raise NoAnswer(
                f"{self._host} leads to the private address {error}; for a board in your own network, say private_network: true",
                is_refusal=True,
            ) from None
        except requests.Timeout:
            raise NoAnswer(f"no answer within {self._timeout:g} s") from None
        except requests.exceptions.ContentDecodingError:
            raise NoAnswer("the compressed body cannot be read") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise NoAnswer(_why(error)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise NoAnswer(f"no valid HTTP answer ({type(error).__name__})") from None

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise NoAnswer(f"{parts.scheme}: is no scheme of a board", is_refusal=True)
        if host_of(url) != self._host:
            raise NoAnswer(f"{host_of(url)} is not the board's host {self._host}", is_refusal=True)
        has_account = self._credentials.cookie or self._credentials.basic
        if has_account and parts.scheme == "http" and self._board.url.startswith("https:"):
            raise NoAnswer("credentials of an https board are not sent in the clear", is_refusal=True)

    def _read(self, answer: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            body += chunk
            if len(body) > MOST_BODY_BYTES:
                raise NoAnswer(f"the body exceeds {MOST_BODY_BYTES >> 20} MB", is_refusal=True)
            if time.monotonic() > deadline:
                raise NoAnswer(f"the body took longer than {4 * self._timeout:g} s")
        return bytes(body)

    def _struck(self, body: bytes) -> bytes:
        for secret in self._secrets:
            body = body.replace(secret.encode(), STRUCK.encode())
        return body

    def _struck_headers(self, headers: dict[str, str]) -> dict[str, str]:
        for secret in self._secrets:
            headers = {name: value.replace(secret, STRUCK) for name, value in headers.items()}
        return headers


def _forms(credentials: Credentials) -> tuple[str, ...]:
    """The texts by which a page or header could give the credentials away, longest first."""
    user, password = credentials.login or ("", "")
    plain = {*credentials.cookies.values(), password, f"{user}:{password}"}
    long = {text for text in plain if len(text) >= SHORTEST_STRUCK}
    coded = {base64.b64encode(f"{user}:{password}".encode()).decode()} if password else set()
    coded |= {form for text in long for form in (quote(text, safe=""), quote_plus(text), html.escape(text))}
    return tuple(sorted(long | coded, key=len, reverse=True))


def _why(error: requests.RequestException) -> str:
    """The operator's words for a broken connection."""
    cause: BaseException | None = error
    while cause is not None:
        text = str(cause)
        if isinstance(cause, _PrivateAddress):
            raise cause
        if isinstance(cause, ConnectionRefusedError) or "Connection refused" in text:
            return "the connection was refused: nobody listens there"
        if "Name or service not known" in text or "Failed to resolve" in text or "name resolution" in text:
            return "its name leads nowhere (DNS)"
        if "IncompleteRead" in text:
            return "the connection ended in mid-body"
        cause = cause.__cause__ or cause.__context__
    return "the connection broke"
