"""Misbehaviour of the bundled board: what a hostile or broken server does to its answers.

Here: faults, each a plain value, and plans that say which request meets one. Not here: how they reach the wire (`server`).
"""

import gzip
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from orchestration.demo.site import Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a plan sees it: `number` counts from 1 over all requests of the server."""

    number: int
    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to an answer. `delay`: seconds before it; `change`: applied to the whole answer; `cut_at`: the connection
    ends after so many bytes of the body, although the header promises all; `reset`: it ends with a TCP reset."""

    delay: float = 0.0
    change: Callable[[Answer], Answer] | None = field(default=None, compare=False)
    cut_at: int | None = None
    reset: bool = False


Plan = Callable[[Asked], Fault | None]


def _headers(answer: Answer, **headers: str) -> dict[str, str]:
    return {**answer.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}


# Faults.


def status(code: int, retry_after: str | None = None) -> Fault:
    """An error page with this status, with `Retry-After` (seconds or an HTTP date) if given."""

    def change(answer: Answer) -> Answer:
        extra = {"Retry-After": retry_after} if retry_after is not None else {}
        body = f"<html><head><title>{code}</title></head><body><h1>{code} {HTTPStatus(code).phrase}</h1></body></html>".encode()
        return Answer(code, {"Content-Type": "text/html", **extra}, body)

    return Fault(change=change)


def slow(seconds: float) -> Fault:
    return Fault(delay=seconds)


def reset(after: int = 1000) -> Fault:
    """A connection that dies in mid-body."""
    return Fault(cut_at=after, reset=True)


def hang_up(after: int = 1000) -> Fault:
    """A connection closed before the promised length."""
    return Fault(cut_at=after)


def truncated(share: float = 0.5) -> Fault:
    """A page that ends early although the transfer is whole: only its missing end tells."""
    return Fault(change=lambda answer: replace(answer, body=answer.body[: int(len(answer.body) * share)]))


def gzip_bomb(size: int = 200_000_000) -> Fault:
    """A small gzip body that unpacks to `size` bytes."""

    def change(answer: Answer) -> Answer:
        return replace(answer, headers=_headers(answer, Content_Encoding="gzip"), body=_bomb(size))

    return Fault(change=change)


def redirects_forever() -> Fault:
    """A redirect to another address of the same host, each time a new one."""
    counter = iter(range(10**9))

    def change(answer: Answer) -> Answer:
        return Answer(HTTPStatus.FOUND, {"Location": f"/again/{next(counter)}", "Content-Type": "text/html"}, b"")

    return Fault(change=change)


def redirects_to(location: str) -> Fault:
    """A redirect to another host, a private address, a file …"""
    return Fault(change=lambda answer: Answer(HTTPStatus.FOUND, {"Location": location, "Content-Type": "text/html"}, b""))


def charset(label: str | None) -> Fault:
    """The header names another charset than the bytes are in, or none at all."""
    kind = "text/html" if label is None else f"text/html; charset={label}"
    return Fault(change=lambda answer: replace(answer, headers=_headers(answer, Content_Type=kind)))


def encoded(codec: str, label: str | None) -> Fault:
    """The page in another encoding, the header saying `label`; its own meta tag is left to lie."""
    kind = "text/html" if label is None else f"text/html; charset={label}"

    def change(answer: Answer) -> Answer:
        body = answer.body.decode("utf-8").encode(codec, "xmlcharrefreplace")
        return replace(answer, headers=_headers(answer, Content_Type=kind), body=body)

    return Fault(change=change)


def login_page() -> Fault:
    """200 with a login form in place of what was asked for."""
    body = (
        '<!DOCTYPE html>\n<html lang="ko"><head><meta charset="utf-8">'
        '<meta name="generator" content="Rhymix"><title>로그인</title></head>'
        '<body><div id="access"><h1>로그인이 필요합니다.</h1><form id="message_login_form" action="/" method="post">'
        '<input type="text" name="user_id" /><input type="password" name="password" /></form></div></body></html>\n'
    ).encode()
    return Fault(change=lambda answer: replace(answer, body=body))


def changed_template() -> Fault:
    """The same content in markup that no parser knows."""

    def change(answer: Answer) -> Answer:
        body = answer.body
        for old, new in (
            (b"board_list", b"post-grid"),
            (b"board_read", b"post-view"),
            (b"read_", b"view_"),
            (b"Document(", b"Doc("),
        ):
            body = body.replace(old, new)
        body = re.sub(rb"<(/?)(?:table|thead|tbody|tr|td|th)\b", rb"<\1div", body)
        return replace(answer, body=body)

    return Fault(change=change)


def empty_list() -> Fault:
    """200 with a list that lost all its rows."""
    return Fault(change=lambda answer: replace(answer, body=re.sub(rb"<tr[ >].*?</tr>", b"", answer.body, flags=re.S)))


def answers(text: str, content_type: str = "text/plain", code: int = 200) -> Fault:
    """A fixed text: another robots.txt, a page that is no board."""
    return Fault(change=lambda answer: Answer(code, {"Content-Type": content_type}, text.encode()))


# Plans.


def on(pattern: str, fault: Fault) -> Plan:
    """Every request whose path and query match the regular expression."""
    return lambda asked: fault if re.search(pattern, asked.target) else None


def numbered(fault: Fault, *numbers: int) -> Plan:
    """The n-th requests of the server's life."""
    return lambda asked: fault if asked.number in numbers else None


def every(fault: Fault, step: int) -> Plan:
    return lambda asked: fault if asked.number % step == 0 else None


def first(count: int, plan: Plan) -> Plan:
    """The first `count` times that `plan` would strike; then never again."""
    left, lock = [count], threading.Lock()

    def limited(asked: Asked) -> Fault | None:
        fault = plan(asked)
        with lock:
            if fault is None or not left[0]:
                return None
            left[0] -= 1
        return fault

    return limited


def either(*plans: Plan) -> Plan:
    """The first of the plans that strikes."""
    return lambda asked: next((fault for plan in plans if (fault := plan(asked))), None)


def _bomb(size: int) -> bytes:
    block = gzip.compress(bytes(1_000_000), 9, mtime=0)
    return block * (size // 1_000_000) + gzip.compress(bytes(size % 1_000_000), 9, mtime=0)  # members of one file concatenate
