"""A board that is down and one that answers without news are two messages, each told once: to the log and to a webhook.

Real servers, real runs and the sensor as the daemon evaluates it; that a daemon does so is held by test_serve.py.
"""

import datetime as dt
import json
import warnings
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from orchestration import silence
from orchestration.definitions import build_defs
from orchestration.defs.home import instance
from orchestration.demo.content import generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings, today
from tests.support.workplace import make_settings, run
from tests.unit.test_alerts import Webhook, webhook  # noqa: F401  (a fixture)

DAY = dt.timedelta(days=1)
KNOWN = 9
"""Days of posts: enough to know how old the newest one usually is at any hour."""


def look(settings: Settings, cursor: str | None) -> str | None:
    """One evaluation of the sensor; its next cursor."""
    with warnings.catch_warnings(), instance(settings) as dagster:
        warnings.simplefilter("ignore")
        repository = build_defs(settings, settings.load_boards()).get_repository_def()
        with dg.build_sensor_context(dagster, cursor=cursor, repository_def=repository) as context:
            return repository.get_sensor_def("alert_silent_boards").evaluate_tick(context).cursor


def test_a_board_that_is_down_and_one_without_news_are_told_of_once_each_and_apart(
    tmp_path: Path,
    webhook: Webhook,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(silence, "UNREAD_FOR", dt.timedelta(0))  # the one thing that a test cannot wait for: two hours
    last = today() - 2 * DAY  # neither board has written anything since: silence alone does not tell them apart
    boards = [generate(seed=seed, end_day=last, days=KNOWN, posts=100) for seed in (3, 4)]
    with DemoServer(boards[0]) as quiet, DemoServer(boards[1]) as down:
        settings = make_settings(tmp_path, {"id": "quiet", "url": quiet.url}, {"id": "down", "url": down.url}).model_copy(
            update={"webhook_url": SecretStr(f"http://127.0.0.1:{webhook.server_port}/s3cret")}
        )
        assert run(settings, last - (KNOWN - 1) * DAY, today()) == 0
        down.close()
        assert run(settings, today() - DAY, today()) == 1

        cursor = look(settings, None)
        assert run(settings, today() - DAY, today()) == 1
        assert look(settings, look(settings, cursor)) is not None

    told = {alert["board_id"]: alert for alert in webhook.received}
    assert len(webhook.received) == 2
    assert (told["down"]["kind"], told["quiet"]["kind"]) == ("site_unreachable", "no_new_posts")
    assert "(down): site unreachable, last read" in told["down"]["text"] and "connection was refused" in told["down"]["text"]
    assert "(quiet): no new posts since" in told["quiet"]["text"] and "unreachable" not in told["quiet"]["text"]
    assert [json.loads(line) for line in settings.alerts.read_text(encoding="utf-8").splitlines()] == webhook.received
