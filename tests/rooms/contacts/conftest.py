"""What the tests of contacts share: a small city, a counselor, and what was told."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.organizations import City, make_city
from wellbeing.contacts import events as facts
from wellbeing.foundation import events

KINDS = (
    facts.ContactOpened,
    facts.TextReceived,
    facts.ContactClaimed,
    facts.ContactReturned,
    facts.UrgencyRaised,
    facts.ContactClosed,
    facts.FactsRecorded,
)


@pytest.fixture
def told(database: Flask) -> list[object]:
    """Record every event instead of letting other rooms move."""
    heard: list[object] = []
    events.install(reactions={kind: [heard.append] for kind in KINDS})
    return heard


@pytest.fixture
def city(told: list[object]) -> City:
    return make_city()


@pytest.fixture
def counselor(city: City) -> int:
    return make_counselor()
