import datetime as dt
import gzip

import pytest
import requests

from orchestration.demo import faults
from orchestration.demo.content import DemoBoard, generate
from orchestration.demo.faults import Asked, Plan
from orchestration.demo.server import DemoServer

ANY = r"."


@pytest.fixture(scope="module")
def board() -> DemoBoard:
    return generate(1, dt.date(2026, 11, 20), days=3, posts=90)


def fetch(board: DemoBoard, plan: Plan, path: str = "/news", **options: object) -> requests.Response:
    with DemoServer(board, faults=plan) as server:
        return requests.get(server.base_url + path, timeout=5, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [500, 502, 503, 429])
def test_a_status_comes_with_its_retry_after(board: DemoBoard, code: int) -> None:
    answer = fetch(board, faults.on(ANY, faults.status(code, retry_after="7")))
    assert (answer.status_code, answer.headers["Retry-After"]) == (code, "7")
    assert "Retry-After" not in fetch(board, faults.on(ANY, faults.status(code))).headers


@pytest.mark.parametrize("fault", [faults.reset(), faults.hang_up()])
def test_a_connection_dies_in_mid_body(board: DemoBoard, fault: faults.Fault) -> None:
    with DemoServer(board, faults=faults.on(ANY, fault)) as server:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            requests.get(server.url, timeout=5)
        assert server.requests[0].status == 0


def test_a_truncated_page_is_whole_to_http(board: DemoBoard) -> None:
    answer = fetch(board, faults.on(ANY, faults.truncated(0.5)))
    assert answer.status_code == 200
    assert "</html>" not in answer.text and "<html" in answer.text


def test_a_gzip_bomb_is_small_on_the_wire_and_large_in_memory(board: DemoBoard) -> None:
    size = 30_000_000
    with DemoServer(board, faults=faults.on(ANY, faults.gzip_bomb(size))) as server:
        answer = requests.get(server.url, timeout=20, stream=True)
        assert int(answer.headers["Content-Length"]) < size / 500
        assert len(gzip.decompress(answer.raw.read(decode_content=False))) == size


def test_redirects_never_end(board: DemoBoard) -> None:
    with pytest.raises(requests.TooManyRedirects):
        fetch(board, faults.on(ANY, faults.redirects_forever()))


def test_a_redirect_leads_elsewhere(board: DemoBoard) -> None:
    answer = fetch(board, faults.on(ANY, faults.redirects_to("http://169.254.169.254/")), allow_redirects=False)
    assert answer.headers["Location"] == "http://169.254.169.254/"


def test_a_charset_is_wrong_or_missing(board: DemoBoard) -> None:
    assert fetch(board, faults.on(ANY, faults.charset("iso-8859-1"))).headers["Content-Type"] == "text/html; charset=iso-8859-1"
    assert fetch(board, faults.on(ANY, faults.charset(None))).headers["Content-Type"] == "text/html"
    lying = fetch(board, faults.on(ANY, faults.encoded("cp949", "UTF-8")))
    with pytest.raises(UnicodeDecodeError):
        lying.content.decode("utf-8")
    assert "데모뉴스" in lying.content.decode("cp949")


def test_a_login_page_a_new_template_and_an_empty_list_come_with_status_200(board: DemoBoard) -> None:
    login = fetch(board, faults.on(ANY, faults.login_page()))
    changed = fetch(board, faults.on(ANY, faults.changed_template()))
    empty = fetch(board, faults.on(ANY, faults.empty_list()))
    assert {login.status_code, changed.status_code, empty.status_code} == {200}
    assert "board_list" not in login.text and 'type="password"' in login.text
    assert "board_list" not in changed.text and "<table" not in changed.text and "데모뉴스" in changed.text
    assert 'id="board_list"' in empty.text and "<td" not in empty.text


def test_another_robots_txt_is_an_answer(board: DemoBoard) -> None:
    plan = faults.on(r"^/robots\.txt$", faults.answers("User-agent: *\nDisallow: /\n"))
    assert fetch(board, plan, "/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert fetch(board, plan).status_code == 200


def test_plans_choose_their_requests() -> None:
    def asked(number: int, target: str = "/news") -> Asked:
        return Asked(number, "GET", target, {})

    bad, worse = faults.status(500), faults.status(503)
    assert [faults.numbered(bad, 2, 3)(asked(n)) for n in (1, 2, 3, 4)] == [None, bad, bad, None]
    assert [faults.every(bad, 2)(asked(n)) for n in (1, 2, 3, 4)] == [None, bad, None, bad]
    burst = faults.first(2, faults.on("page=", bad))
    assert [burst(asked(n, t)) for n, t in enumerate(("/news", "/news?page=2", "/news?page=2", "/news?page=2"))] == [
        None,
        bad,
        bad,
        None,
    ]
    both = faults.either(faults.on("page=", bad), faults.numbered(worse, 1))
    assert [both(asked(1)), both(asked(1, "/news?page=2")), both(asked(2))] == [worse, bad, None]


def test_after_a_burst_the_board_is_well_again(board: DemoBoard) -> None:
    with DemoServer(board, faults=faults.first(2, faults.on(ANY, faults.status(503)))) as server:
        assert [requests.get(server.url, timeout=5).status_code for _ in range(3)] == [503, 503, 200]
