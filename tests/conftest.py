"""Fixtures of the whole suite: application, both databases, one Chromium, clean-up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.databases import clean, hurry, hurry_sqlite, migrate, postgresql
from wellbeing.accounts.rules import passwords
from wellbeing.app import create_app
from wellbeing.foundation.database import db
from wellbeing.jobs import watching

UNIT = Path(__file__).parent / "unit"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
]


settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
# The same examples on every machine, so that what is green here is green there; new ones are
# sought with `HYPOTHESIS_PROFILE=explore` (CONTRIBUTING.md), before a change, not after it.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

HASHER = "wellbeing.accounts.rules.passwords._hasher"


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """Give the hasher of the product, and let everybody else's passwords cost next to nothing.

    The suite makes thousands of people, each with 46 MiB and 70 ms of hashing. What the product's
    own hasher does is held by `unit/accounts/test_passwords_and_codes.py`, which takes it back.
    """
    real = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield real


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Give one PostgreSQL database: TEST_DATABASE_URL, else a server of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with postgresql() as server:
        hurry(server.url)
        yield server.url


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give one SQLite file."""
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"


@pytest.fixture(scope="session")
def _applications() -> Iterator[dict[str, Flask]]:
    made: dict[str, Flask] = {}
    yield made
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(
    request: pytest.FixtureRequest, _applications: dict[str, Flask], tmp_path: Path
) -> Iterator[Flask]:
    """Give the application on a migrated, empty database; each test runs on both kinds."""

    kind = request.param
    if kind not in _applications:
        url = request.getfixturevalue(f"{kind}_url")
        _applications[kind] = create_app(environment="testing", overrides={"DATABASE_URL": url})
        if kind == "sqlite":
            hurry_sqlite(_applications[kind])
        migrate(_applications[kind])
    application = _applications[kind]
    # One table of rules per process: the last application made wins, so hand over again.
    application.extensions["wellbeing"].install()
    # Signs of life of another test's night, by another clock, are none of this one's.
    watching.forget()
    application.config["AUDIT_ANCHOR_FILE"] = str(tmp_path / "anchor.txt")
    yield application
    clean(application)


@pytest.fixture
def database(app: Flask) -> Iterator[Flask]:
    """Give an application context for tests of rooms, which know no request."""
    with app.app_context():
        yield app


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give a real browser: one a process, for Playwright runs once in a process."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_database_in_unit_tests(request: pytest.FixtureRequest) -> None:
    if UNIT in request.path.parents and "app" in request.fixturenames:
        raise AssertionError("unit tests do not touch the database")
