"""What the tests of cases share: a small city, its people, and what was told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.organizations import City, make_city
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases import events as case_events
from wellbeing.contacts import events as contact_events
from wellbeing.foundation import events
from wellbeing.organizations.rules import Scope
from wellbeing.triage import events as triage_events


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Somebody at each place, by id."""

    city: City
    counselor: int
    colleague: int
    district: int
    supervisor: int


@pytest.fixture
def told(database: Flask) -> list[object]:
    """Record every event instead of letting other rooms move."""
    heard: list[object] = []
    kinds = [
        kind
        for module in (contact_events, case_events, triage_events)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
    ]
    events.install(reactions={kind: [heard.append] for kind in kinds})
    return heard


@pytest.fixture
def people(told: list[object]) -> People:
    city = make_city()
    return People(
        city=city,
        counselor=make_counselor(organization_id=city.school.id),
        colleague=make_counselor(organization_id=city.school.id),
        district=make_counselor(organization_id=city.district.id),
        supervisor=make_supervisor(organization_id=city.district.id),
    )


@pytest.fixture
def scope_of() -> Callable[[int], Scope]:
    return lambda user_id: accounts.scope_of(user_id=user_id)
