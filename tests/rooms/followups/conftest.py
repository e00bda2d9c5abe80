"""A counselor with a case, and what was told."""

from __future__ import annotations

import inspect

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.organizations import City, make_city
from wellbeing.cases import events as case_events
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts import events as contact_events
from wellbeing.followups import events as follow_up_events
from wellbeing.foundation import events
from wellbeing.messaging import events as messaging_events
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import events as triage_events


@pytest.fixture
def told(database: Flask) -> list[object]:
    """Record every event instead of letting other rooms move."""
    heard: list[object] = []
    modules = (contact_events, case_events, triage_events, follow_up_events, messaging_events)
    kinds = [
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
    ]
    events.install(reactions={kind: [heard.append] for kind in kinds})
    return heard


@pytest.fixture
def city(told: list[object]) -> City:
    return make_city()


@pytest.fixture
def owner(city: City) -> int:
    return make_counselor(organization_id=city.school.id)


@pytest.fixture
def case(owner: int) -> CaseRow:
    """A red case of somebody who texted from an invented number."""
    return make_case(owner_id=owner, level=RiskLevel.IMMINENT)
