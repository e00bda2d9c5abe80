"""What the tests of triage share: a contact, a counselor, and what was told."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.organizations import City, make_city
from tests.rooms.hotline.conftest import Recorder
from wellbeing.foundation import events


@pytest.fixture
def told(database: Flask) -> list[object]:
    recorder = Recorder()
    events.install(reactions=recorder)
    return recorder.heard


@pytest.fixture
def city(told: list[object]) -> City:
    return make_city()


@pytest.fixture
def counselor(city: City) -> int:
    return make_counselor()
