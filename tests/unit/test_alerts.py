"""An alert reaches a real webhook, or is kept; the address is told to nobody."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest

from orchestration.alerts import PAUSES_SECONDS, Alert, send
from orchestration.build.run import BuildError
from orchestration.defs.sensors import alerting, first_problem
from orchestration.errors import BoardhouseError, ConfigError
from orchestration.settings import Settings

ALERT = Alert("run_failed", "news 2026-03-15 held back by rows.a<b & c", "0123456789", dt.datetime(2026, 3, 16, tzinfo=dt.UTC))


class Webhook(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.statuses: list[int] = []  # of the next answers; then 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                self.received.append(json.loads(handler.rfile.read(int(handler.headers["content-length"]))))
                handler.send_response(self.statuses.pop(0) if self.statuses else 200)
                handler.send_header("content-length", "0")
                handler.end_headers()

            def log_message(handler, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def settings(folder: Path, port: int | None = None, form: str = "json") -> Settings:
    url = f"http://127.0.0.1:{port}/s3cret" if port else None
    return Settings(boards=folder / "boards.yaml", home=folder / "home", webhook_url=url, webhook_format=form)


def test_json_and_slack_reach_the_webhook_and_both_the_file(tmp_path: Path, webhook: Webhook) -> None:
    send(settings(tmp_path, webhook.server_port), ALERT)
    send(settings(tmp_path, webhook.server_port, "slack"), ALERT)
    generic, slack = webhook.received
    assert (generic["kind"], generic["text"], generic["at"]) == (ALERT.kind, ALERT.text, ALERT.at.isoformat())
    assert slack == {"text": "*boardhouse* news 2026-03-15 held back by rows.a&lt;b &amp; c (run 01234567)"}
    assert (tmp_path / "home" / "alerts.jsonl").read_text().count(ALERT.run_id) == 2


def test_a_webhook_that_fails_is_tried_again(tmp_path: Path, webhook: Webhook) -> None:
    webhook.statuses = [503, 500]
    waited: list[float] = []
    send(settings(tmp_path, webhook.server_port), ALERT, wait=waited.append)
    assert len(webhook.received) == 3
    assert waited == list(PAUSES_SECONDS)


def test_a_webhook_that_is_down_is_told_without_its_address_and_the_alert_is_kept(tmp_path: Path, webhook: Webhook) -> None:
    port = webhook.server_port
    webhook.shutdown()
    webhook.server_close()
    with pytest.raises(BoardhouseError) as raised:
        send(settings(tmp_path, port), ALERT, wait=lambda seconds: None)
    assert "s3cret" not in str(raised.value)
    assert raised.value.__context__ is None  # a traceback would show the address
    assert "s3cret" not in repr(settings(tmp_path, port))
    assert ALERT.text in (tmp_path / "home" / "alerts.jsonl").read_text()


def test_the_sensor_tells_what_the_failed_step_said(tmp_path: Path, webhook: Webhook) -> None:
    @dg.op
    def publish() -> None:
        raise dg.Failure("news 2026-03-15 held back by rows.title", allow_retries=False)

    @dg.job
    def publish_days() -> None:
        publish()

    sensor, _ = alerting(settings(tmp_path, webhook.server_port), []).sensors
    with dg.DagsterInstance.ephemeral() as instance:
        result = publish_days.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            "alert_failed_runs", result.get_run_failure_event(), instance, result.dagster_run
        ).for_run_failure()
        sensor(context)
    assert [alert["text"] for alert in webhook.received] == ["news 2026-03-15 held back by rows.title"]


@pytest.mark.parametrize("kind", [BoardhouseError, ConfigError, BuildError])
def test_an_error_of_ours_is_told_in_its_own_words_whatever_is_beneath_it(kind: type[BoardhouseError]) -> None:
    @dg.op
    def build() -> None:
        raise kind("dbt could not run: make install") from KeyError("model.x")

    @dg.job
    def build_days() -> None:
        build()

    result = build_days.execute_in_process(raise_on_error=False)
    assert first_problem(result.filter_events(lambda event: event.is_step_failure)) == "dbt could not run: make install"
