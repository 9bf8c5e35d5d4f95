"""A real Chromium for the tests of this folder, and where their pictures go.

Here: the browser, its pages, and `picture`. Not here: what is opened in it. The browser is Debian's (`apt-get install chromium
fonts-nanum`) or the one that CHROMIUM names; none is ever downloaded, and without one these tests skip and say so.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000
"""Milliseconds that a page may take for what a test waits for; it takes 1 to 5 s on a free machine."""


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no browser here: apt-get install chromium fonts-nanum, or set CHROMIUM to one")
    with sync_playwright() as playwright:
        # No sandbox: in a container, and as root, Chromium cannot make one.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1600, "height": 900}, locale="en-US", timezone_id="Asia/Seoul")
    made.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


class Picture(Protocol):
    def __call__(self, page: Page, name: str, *, height: int = 900) -> None: ...


@pytest.fixture
def picture() -> Picture:
    """Writes the upper `height` pixels of what the page shows to `docs/images/<name>.png` where SCREENSHOTS is set
    (`make screenshots`); else nothing, for a test must not change the tree."""

    def take(page: Page, name: str, *, height: int = 900) -> None:
        if os.environ.get("SCREENSHOTS"):
            page.wait_for_timeout(1500)  # what slides or fades in has come to rest
            page.screenshot(path=IMAGES / f"{name}.png", clip={"x": 0, "y": 0, "width": 1600, "height": height})

    return take
