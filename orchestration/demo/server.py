"""The bundled board on a socket.

Here: a threading HTTP server around a site, its request log, latency and faults. Not here: what is answered (`site`).
"""

import contextlib
import datetime as dt
import itertools
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from orchestration.demo.content import DemoBoard
from orchestration.demo.faults import Asked, Plan
from orchestration.demo.site import Answer, Site
from orchestration.errors import BoardhouseError

CONTROL = "/_control/"


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as served. `started_at`, `ended_at`: seconds of the monotonic clock, from the request read to the answer about
    to be sent, latency included; `status`: 0 where the connection is cut off; `size`: of the answer's body, in bytes."""

    method: str
    target: str
    headers: dict[str, str]
    started_at: float
    ended_at: float
    status: int
    size: int


class DemoServer:
    """Serves boards on loopback, from `start` (or `with`) until `close`.

    `latency`: seconds added to every answer, as a distant host would; `faults`: consulted before every request is answered,
    and free to change the site then; `robots`: the text of robots.txt, 404 without; `now`: the site's clock; `control`: lets a
    client change the board by POST to `/_control/<method of Site>` with its arguments as JSON, and read the log by GET
    `/_control/requests`. The methods of `Site` stand at `.site`.
    """

    def __init__(
        self,
        *boards: DemoBoard,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float = 0.0,
        control: bool = False,
        faults: Plan | None = None,
        robots: str | None = None,
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        """Raises BoardhouseError where the port cannot be had."""
        self.latency, self.control, self.faults = latency, control, faults
        self._log: list[Logged] = []
        self._count = 0
        self._lock = threading.Lock()
        try:
            self._http = _Server((host, port), self)
        except OSError as error:
            raise BoardhouseError(
                f"the bundled board cannot listen on {host}:{port}: {error.strerror}; choose another --port"
            ) from None
        self.base_url = f"http://{host}:{self._http.server_port}"
        self.site = Site(*boards, base=self.base_url, robots=robots, now=now)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> "DemoServer":
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening and end every connection: a client that kept one alive must find the board down."""
        if self._thread.is_alive():
            self._http.shutdown()
        self._http.server_close()
        self._http.end_connections()

    def __enter__(self) -> "DemoServer":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The first board's list page: what stands in boards.yaml."""
        return f"{self.base_url}/{next(iter(self.site.boards))}"

    @property
    def requests(self) -> list[Logged]:
        """Every request answered so far, in the order in which they ended; control requests left out."""
        with self._lock:
            return list(self._log)

    def most_in_flight(self) -> int:
        """The most requests that were being answered at one moment."""
        edges = sorted((at, step) for r in self.requests for at, step in ((r.started_at, 1), (r.ended_at, -1)))
        running = most = 0
        for _, step in edges:
            running += step
            most = max(most, running)
        return most

    def shortest_gap(self) -> float:
        """The least time, in seconds, from one request's end to the next one's start; infinite for fewer than two."""
        log = sorted(self.requests, key=lambda r: r.started_at)
        return min((b.started_at - a.ended_at for a, b in itertools.pairwise(log)), default=float("inf"))

    def _number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def _note(self, entry: Logged) -> None:
        with self._lock:
            self._log.append(entry)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], demo: DemoServer) -> None:
        self.demo = demo
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the board's; anything else is, and shows."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # without it a reused connection waits 40 ms for an ACK
    wbufsize = 1 << 16  # head and body leave together
    timeout = 60

    def _handle(self) -> None:
        demo = self.server.demo
        started = time.monotonic()
        headers = {name.lower(): value for name, value in self.headers.items()}
        if demo.control and self.path.startswith(CONTROL):
            self._send(self._control(headers))
            return
        if length := int(headers.get("content-length") or 0):
            self.rfile.read(length)
        fault = demo.faults(Asked(demo._number(), self.command, self.path, headers)) if demo.faults else None
        answer = demo.site.answer(self.command, self.path, headers)
        if fault and fault.change:
            answer = fault.change(answer)
        if delay := demo.latency + (fault.delay if fault else 0.0):
            time.sleep(delay)
        cut = fault.cut_at if fault else None
        # Logged before it is sent: a client that has the answer may ask again at once, and that is no second one in flight.
        demo._note(
            Logged(
                self.command,
                self.path,
                headers,
                started,
                time.monotonic(),
                0 if cut is not None else answer.status,
                len(answer.body),
            )
        )
        self._send(answer, cut, is_reset=bool(fault and fault.reset))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle

    def _send(self, answer: Answer, cut_at: int | None = None, is_reset: bool = False) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        for cookie in answer.cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:cut_at])
        self.wfile.flush()
        if cut_at is not None:
            self.close_connection = True
        if is_reset:  # closing with a linger of 0 sends RST, not FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _control(self, headers: dict[str, str]) -> Answer:
        kind = {"Content-Type": "application/json"}
        name = self.path.removeprefix(CONTROL)
        body = self.rfile.read(int(headers.get("content-length") or 0))
        if self.command == "GET" and name == "requests":
            log = [
                {"method": r.method, "target": r.target, "status": r.status, "size": r.size, "seconds": r.ended_at - r.started_at}
                for r in self.server.demo.requests
            ]
            return Answer(HTTPStatus.OK, kind, json.dumps(log).encode())
        try:
            return Answer(HTTPStatus.OK, kind, self.server.demo.site.control(name, json.loads(body or b"{}")))
        except (KeyError, TypeError, ValueError) as error:
            return Answer(HTTPStatus.BAD_REQUEST, kind, json.dumps({"error": str(error)}).encode())

    def date_time_string(self, timestamp: float | None = None) -> str:
        """By the site's clock, which may be wrong."""
        return format_datetime(self.server.demo.site.now().astimezone(dt.UTC), usegmt=True)

    def version_string(self) -> str:
        return "nginx"

    def log_message(self, format: str, *args: object) -> None:
        """Requests are in the log that tests read; standard error stays for errors."""
