import datetime as dt
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.faults import Asked, Fault, numbered, slow
from orchestration.demo.server import DemoServer
from orchestration.errors import BoardhouseError

END = dt.date(2026, 11, 20)


@pytest.fixture
def board() -> DemoBoard:
    return generate(1, END, days=3, posts=90)


@pytest.fixture
def server(board: DemoBoard) -> Iterator[DemoServer]:
    with DemoServer(board, control=True) as running:
        yield running


def test_it_serves_its_board_on_a_free_port(server: DemoServer, board: DemoBoard) -> None:
    answer = requests.get(server.url, timeout=5)
    assert answer.status_code == 200
    assert f"/news/{board.listed[-1].srl}" in answer.text
    assert {"PHPSESSID", "rx_login_status", "rx_uatype"} == set(answer.cookies.keys())
    assert requests.head(server.url, timeout=5).status_code == 405


def test_a_kept_session_gets_the_same_bytes_again(server: DemoServer) -> None:
    with requests.Session() as session:
        session.get(server.url, timeout=5)
        assert session.get(server.url, timeout=5).content == session.get(server.url, timeout=5).content


def test_redirects_lead_to_the_board(server: DemoServer, board: DemoBoard) -> None:
    srl = board.listed[-1].srl
    answer = requests.get(f"{server.base_url}/{srl}", timeout=5)
    assert (answer.status_code, answer.url) == (200, f"{server.url}/{srl}")


def test_every_request_is_logged_with_its_headers(server: DemoServer) -> None:
    requests.get(f"{server.url}?page=2", headers={"User-Agent": "boardhouse/0.1"}, timeout=5)
    (entry,) = server.requests
    assert (entry.method, entry.target, entry.status) == ("GET", "/news?page=2", 200)
    assert entry.headers["user-agent"] == "boardhouse/0.1"
    assert 0 <= entry.ended_at - entry.started_at < 5
    assert entry.size > 15_000


def test_requests_in_turn_are_never_two_in_flight(server: DemoServer) -> None:
    for page in range(20):
        requests.get(f"{server.url}?page={page}", timeout=5)
    assert server.most_in_flight() == 1
    assert server.shortest_gap() > 0


def test_requests_at_once_show_as_such(board: DemoBoard) -> None:
    with DemoServer(board, latency=0.2) as server:
        threads = [threading.Thread(target=requests.get, args=(server.url,), kwargs={"timeout": 5}) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.most_in_flight() == 3
        assert server.shortest_gap() < 0


def test_latency_is_added_to_every_answer(board: DemoBoard) -> None:
    with DemoServer(board, latency=0.05) as server:
        requests.get(server.url, timeout=5)
        (entry,) = server.requests
        assert entry.ended_at - entry.started_at >= 0.05


def test_the_board_can_be_changed_over_http(server: DemoServer, board: DemoBoard) -> None:
    control = f"{server.base_url}/_control"
    added = requests.post(f"{control}/add_post", json={"title": "[속보] 시험", "paragraphs": ["하나."]}, timeout=5).json()["result"]
    assert "[속보] 시험" in requests.get(server.url, timeout=5).text
    requests.post(f"{control}/edit_post", json={"srl": added, "title": "고침"}, timeout=5).raise_for_status()
    requests.post(f"{control}/make_secret", json={"srl": added}, timeout=5).raise_for_status()
    assert requests.get(f"{server.url}/{added}", timeout=5).status_code == 403
    requests.post(f"{control}/delete_post", json={"srl": added}, timeout=5).raise_for_status()
    assert requests.get(f"{server.url}/{added}", timeout=5).status_code == 404
    log = requests.get(f"{control}/requests", timeout=5).json()
    assert [entry["status"] for entry in log] == [200, 403, 404]


@pytest.mark.parametrize(
    ("name", "arguments"), [("delete_post", {"srl": 9}), ("__init__", {}), ("move", {"srl": 1}), ("nothing", {})]
)
def test_a_wrong_control_is_answered_with_its_reason(server: DemoServer, name: str, arguments: dict[str, int]) -> None:
    answer = requests.post(f"{server.base_url}/_control/{name}", json=arguments, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_without_control_the_path_is_the_board_s(board: DemoBoard) -> None:
    with DemoServer(board) as server:
        assert requests.post(f"{server.base_url}/_control/add_post", json={}, timeout=5).status_code == 405
        assert len(board.posts) == len(server.site.boards["news"].posts)


def test_a_plan_can_change_the_board_between_two_requests(board: DemoBoard) -> None:
    added: list[int] = []

    def plan(asked: Asked) -> Fault | None:
        if asked.number == 2:
            added.append(server.site.add_post("새 글"))
        return None

    server = DemoServer(board, faults=plan)
    with server:
        first, second = (requests.get(server.url, timeout=5).text for _ in range(2))
    assert f"/news/{added[0]}" not in first
    assert f"/news/{added[0]}" in second


def test_the_clock_can_be_wrong(board: DemoBoard) -> None:
    with DemoServer(board, now=lambda: dt.datetime(2001, 1, 1, tzinfo=KST)) as server:
        assert requests.get(server.url, timeout=5).headers["Date"] == "Sun, 31 Dec 2000 15:00:00 GMT"


def test_a_slow_answer_runs_into_the_client_s_timeout(board: DemoBoard) -> None:
    with DemoServer(board, faults=numbered(slow(1.0), 1)) as server, pytest.raises(requests.Timeout):
        requests.get(server.url, timeout=0.2)


def test_a_closed_board_is_down_also_for_a_kept_connection_and_can_come_back(board: DemoBoard) -> None:
    with requests.Session() as session:
        with DemoServer(board) as server:
            assert session.get(server.url, timeout=5).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.get(server.url, timeout=5)
        with DemoServer(board, port=int(server.base_url.rsplit(":", 1)[1])) as again:
            assert session.get(again.url, timeout=5).status_code == 200


def test_a_taken_port_is_a_clear_error(server: DemoServer, board: DemoBoard) -> None:
    port = int(server.base_url.rsplit(":", 1)[1])
    with pytest.raises(BoardhouseError, match=f"127.0.0.1:{port}.*--port"):
        DemoServer(board, port=port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_a_signal_and_writes_its_rates(tmp_path: Path, sign: signal.Signals) -> None:
    rates = tmp_path / "rates" / "demo.csv"
    command = [sys.executable, "-m", "orchestration.demo", "--port", str(_free_port()), "--days", "2", "--posts", "40"]
    with subprocess.Popen([*command, "--rates", str(rates)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        assert rates.read_text(encoding="utf-8").startswith("day,currency,krw_per_unit\n")
        assert requests.get(url, timeout=5).status_code == 200
        process.send_signal(sign)
        assert process.wait(10) == 0


def test_the_command_says_in_one_line_that_its_port_is_taken(server: DemoServer) -> None:
    port = server.base_url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "orchestration.demo", "--port", port, "--days", "1", "--posts", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and f":{port}" in done.stderr
