"""Only the board's host is asked, addresses are built by ourselves, and robots.txt is read by the rules."""

import base64
import contextlib
import datetime as dt
import shutil
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from orchestration.fetch import addresses, client
from orchestration.fetch.client import Client, NoAnswer, host_of, may_be_private, user_agent
from orchestration.fetch.connection import TIMEOUTS_AN_ANSWER, is_private
from orchestration.fetch.robots import LONGEST_CRAWL_DELAY, TOKEN, read_robots
from orchestration.settings import Board, Settings

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def board(url: str = "https://board.example/news", **given: object) -> Board:
    return Board(id="news", name="뉴스", url=url, first_day=dt.date(2026, 1, 1), **given)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(boards=tmp_path / "boards.yaml", home=tmp_path, request_timeout_seconds=1)


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://elsewhere.example/news", "elsewhere.example is not the board's host"),
        ("https://board.example:8443/news", "board.example:8443 is not"),
        ("file:///etc/passwd", "file: is no scheme"),
        ("ftp://board.example/x", "ftp: is no scheme"),
        ("http://127.0.0.1/", "127.0.0.1 is not"),
    ],
)
def test_only_the_boards_host_is_asked(settings, url, refused) -> None:
    with pytest.raises(NoAnswer, match=refused) as error:
        Client(settings, board()).get(url, referer=None, now=NOW)
    assert error.value.is_refusal


def test_a_public_name_that_leads_to_a_private_address_is_refused_before_a_byte_is_sent(settings, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(client, "get_environ_proxies", lambda url: {})
        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
        public = board(f"http://board.example:{port}/news")
        with pytest.raises(NoAnswer, match=r"private address 127\.0\.0\.1.*private_network: true") as error:
            Client(settings, public).get(public.url, referer=None, now=NOW)
        assert error.value.is_refusal
        connection, _ = listener.accept()
        assert connection.recv(100) == b""
        connection.close()


@pytest.mark.parametrize("part", [b"X-Filler: a\r\n", b"a"], ids=["head", "body"])
def test_an_answer_that_drips_for_ever_is_cut_off(settings, part) -> None:
    """Each byte comes within the timeout, so that the timeout alone would wait for hours."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n" + (b"\r\n" if part == b"a" else b"")
    timeout = 0.1
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(head)
            for at in range(10**6):
                if ended.wait(timeout / 4):
                    return
                connection.sendall(part[at % len(part) :][:1])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=drip, args=(listener,))
        server.start()
        slow = board(f"http://127.0.0.1:{listener.getsockname()[1]}/news")
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="no answer within"):
            Client(settings.model_copy(update={"request_timeout_seconds": timeout}), slow).get(slow.url, referer=None, now=NOW)
        assert time.monotonic() - began < 20 * TIMEOUTS_AN_ANSWER * timeout
        ended.set()
        server.join()


def test_a_body_larger_than_the_cap_is_refused(settings) -> None:
    def pour(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(bytes(1 << 20))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=pour, args=(listener,))
        server.start()
        large = board(f"http://127.0.0.1:{listener.getsockname()[1]}/news")
        with pytest.raises(NoAnswer, match="exceeds 8 MB") as error:
            Client(settings, large).get(large.url, referer=None, now=NOW)
        assert error.value.is_refusal
        server.join()


def test_a_proxy_of_the_environment_is_used_and_one_that_is_down_is_told(settings, monkeypatch) -> None:
    asked: list[tuple[str, str]] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args: object) -> None:
            pass

    there = board("http://board.example/news")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{server.server_port}")
        assert Client(settings, there).get(there.url, referer=None, now=NOW).body == b"ok"
        server.shutdown()
    assert asked == [(there.url, f"Basic {base64.b64encode(b'me:secret').decode()}")]
    with pytest.raises(NoAnswer, match="the proxy that the environment names does not answer"):
        Client(settings, there).get(there.url, referer=None, now=NOW)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_nobody_vouches_for_is_refused(settings, tmp_path) -> None:
    made = [tmp_path / "key.pem", tmp_path / "certificate.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    subprocess.run([*command, "-keyout", made[0], "-out", made[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made[1], made[0])
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        there = board(f"https://localhost:{server.server_port}/news")
        with pytest.raises(NoAnswer, match=r"no secure connection: .*self-signed certificate"):
            Client(settings, there).get(there.url, referer=None, now=NOW)
        server.shutdown()


def test_cookies_go_where_the_board_said_and_no_longer_than_it_said(settings) -> None:
    """The first answer sets one for every address, one for a folder and one that has expired; a later one changes the first."""
    sent: list[dict[str, str]] = []
    sets = [["a=1; Path=/", "b=2; Path=/news/1", "c=3; Path=/; Max-Age=0"], [], ["a=9; Path=/", "b=2; Path=/news/1; Max-Age=0"]]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookie = self.headers.get("Cookie", "")
            sent.append(dict(part.split("=") for part in cookie.split("; ")) if cookie else {})
            self.send_response(200)
            for value in sets[len(sent) - 1] if len(sent) <= len(sets) else []:
                self.send_header("Set-Cookie", value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        there = board(f"http://127.0.0.1:{server.server_port}/news")
        client = Client(settings, there)
        for path in ("", "", "/1", "", "/1"):
            client.get(there.url + path, referer=None, now=NOW)
        client.forget_session()
        client.get(there.url, referer=None, now=NOW)
        server.shutdown()
    assert sent == [{}, {"a": "1"}, {"a": "1", "b": "2"}, {"a": "9"}, {"a": "9"}, {}]


def test_credentials_of_a_tls_board_are_not_sent_in_the_clear(settings, monkeypatch) -> None:
    monkeypatch.setenv("BOARDHOUSE_COOKIE_NEWS", "a=b")
    monkeypatch.setattr(client, "host_of", lambda url: "board.example")
    with pytest.raises(NoAnswer, match="in the clear"):
        Client(settings, board()).get("http://board.example/news", referer=None, now=NOW)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        *[(address, True) for address in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0")],
        *[(address, True) for address in ("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:a00:1::")],
        *[(address, False) for address in ("8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::", "2606:4700::1")],
    ],
)
def test_private_addresses_are_known(address, private) -> None:
    assert is_private(address) == private


@pytest.mark.parametrize(
    ("url", "given", "private"),
    [
        ("http://127.0.0.1:8765/news", {}, True),
        ("http://localhost/news", {}, True),
        ("https://board.example/news", {}, False),
        ("https://intra.example/news", {"private_network": True}, True),
        ("http://8.8.8.8/news", {}, False),
    ],
)
def test_which_boards_may_live_at_a_private_address(url, given, private) -> None:
    assert may_be_private(board(url, **given)) == private


def test_hosts_are_named_with_their_port_unless_it_is_the_usual_one() -> None:
    assert [host_of(u) for u in ("https://a.example:443/x", "http://A.example/", "http://a.example:8080/")] == [
        "a.example",
        "a.example",
        "a.example:8080",
    ]


def test_the_user_agent_names_the_project_and_the_contact_where_there_is_one(settings) -> None:
    assert user_agent(settings).startswith(f"{TOKEN}/") and " " not in user_agent(settings), "as robots.txt would name us"
    with_contact = settings.model_copy(update={"contact": "https://x.example"})
    assert user_agent(with_contact).endswith(" (+https://x.example)")


PATH, QUERY = "https://b.example/news", "https://b.example/index.php?mid=news"


@pytest.mark.parametrize(
    ("built", "address"),
    [
        (addresses.list_page(PATH, 1), PATH),
        (addresses.list_page(PATH, 3), f"{PATH}?page=3"),
        (addresses.list_page(QUERY, 3), f"{QUERY}&page=3"),
        (addresses.article(PATH, 7), f"{PATH}/7"),
        (addresses.article(PATH + "/", 7, page=2), f"{PATH}/7?page=2"),
        (addresses.article(QUERY, 7), f"{QUERY}&document_srl=7"),
        (addresses.search_page(PATH, dt.date(2025, 2, 4), 1), f"{PATH}?search_target=regdate&search_keyword=20250204"),
        (addresses.search_page(QUERY, dt.date(2025, 2, 4), 2), f"{QUERY}&search_target=regdate&search_keyword=20250204&page=2"),
        (addresses.robots(QUERY), "https://b.example/robots.txt"),
    ],
)
def test_addresses_follow_the_boards_own(built, address) -> None:
    assert built == address


@pytest.mark.parametrize(
    ("url", "mid"),
    [
        (PATH, "news"),
        (f"{PATH}/71603", "news"),
        (f"{QUERY}&document_srl=3", "news"),
        ("/newsx/3", "newsx"),
        ("https://b.example/", None),
    ],
)
def test_the_board_of_an_address(url, mid) -> None:
    assert addresses.mid_of(url) == mid


def test_robots_txt_by_the_rules() -> None:
    assert read_robots(404, b"").allows("https://b.example/news")
    assert read_robots(403, b"").allows("https://b.example/news")
    assert read_robots(500, b"") is None and read_robots(429, b"") is None and read_robots(302, b"") is None
    rules = read_robots(200, b"User-agent: *\nDisallow: /news\nAllow: /news/1\nCrawl-delay: 900\n")
    assert not rules.allows("https://b.example/news?page=2") and rules.allows("https://b.example/news/1")
    assert rules.crawl_delay_seconds == LONGEST_CRAWL_DELAY
    assert read_robots(200, b"<html>not robots</html>\xff").allows("https://b.example/news")
