"""One Chromium and one served gallery for the house's browser tests."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.house import gallery

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give a real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def gallery_url() -> Iterator[str]:
    """Give the address of the served gallery."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with gallery.serve(gallery.make_gallery()) as url:
        yield url
