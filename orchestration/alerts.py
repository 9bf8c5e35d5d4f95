"""Telling people: one alert to the log file, and to a webhook where one is set.

Here: the two formats, retries, and that the address stays secret. Not here: when something is worth an alert (`defs.sensors`).
"""

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import requests

from orchestration.errors import BoardhouseError
from orchestration.settings import Settings

TIMEOUT_SECONDS = 10.0
PAUSES_SECONDS = (1.0, 4.0)
"""Between the tries, of which there is one more."""


@dataclass(frozen=True, slots=True)
class Alert:
    """`kind`: for programs; `text`: what an operator reads, in one line; `run_id`: None where no run is meant; `at`: aware."""

    kind: str
    text: str
    run_id: str | None
    at: dt.datetime
    board_id: str | None = None


def send(settings: Settings, alert: Alert, *, wait: Callable[[float], None] = time.sleep) -> None:
    """`record`, then `post`."""
    record(settings, alert)
    post(settings, alert, wait=wait)


def record(settings: Settings, alert: Alert) -> None:
    """Append to `alerts.jsonl` in the home."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with settings.alerts.open("a", encoding="utf-8") as file:
        file.write(_line(alert) + "\n")


def post(settings: Settings, alert: Alert, *, wait: Callable[[float], None] = time.sleep) -> None:
    """To the webhook, where one is set. Raises BoardhouseError, which never names the address, where it did not take the alert
    after three tries."""
    if settings.webhook_url is None:
        return
    line = _line(alert)
    body = line if settings.webhook_format == "json" else json.dumps({"text": _slack(alert)}, ensure_ascii=False)
    problem = ""
    for pause in (*PAUSES_SECONDS, None):
        try:
            answer = requests.post(
                settings.webhook_url.get_secret_value(),
                data=body.encode(),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            if answer.status_code < 300:
                return
            problem = f"it answers {answer.status_code}"
        except (requests.RequestException, ValueError) as error:
            problem = f"no answer ({type(error).__name__})"  # its own text holds the address
        if pause is not None:
            wait(pause)
    raise BoardhouseError(
        f"the webhook did not take an alert: {problem}; it stands in {settings.alerts}; see BOARDHOUSE_WEBHOOK_URL"
    )


def _line(alert: Alert) -> str:
    return json.dumps({**asdict(alert), "at": alert.at.isoformat()}, ensure_ascii=False)


def _slack(alert: Alert) -> str:
    """Slack reads three characters as markup."""
    text = alert.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    run = f" (run {alert.run_id[:8]})" if alert.run_id else ""
    return f"*boardhouse* {text}{run}"
