"""One seeded folder, and for each test a service that runs on a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people, running
from tests.browser.people import PATIENCE_MS, Room
from tests.browser.running import Service


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the demonstration's city in a folder, not running."""
    folder = tmp_path_factory.mktemp("seeded")
    running.seed(folder)
    return folder


@pytest.fixture
def service(seeded: Path, tmp_path: Path) -> Iterator[Service]:
    """Give a running service with nobody waiting; jobs are for the test to start."""
    with running.running(seeded=seeded, folder=tmp_path / "service") as made:
        yield made


@pytest.fixture
def room(chromium: Browser, service: Service, tmp_path: Path) -> Iterator[Room]:
    """Give a room where people may sit down; pictures of their pages go to `shots`."""
    expect.set_options(timeout=PATIENCE_MS)
    shots = tmp_path / "shots"
    shots.mkdir()
    with people.room(chromium=chromium, service=service, shots=shots) as made:
        yield made
