"""A city with people on call at every tier, and what was told."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case
from tests.factories.organizations import City, make_city
from tests.factories.roster import make_shift
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases import events as case_events
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts import events as contact_events
from wellbeing.escalation import events as escalation_events
from wellbeing.foundation import events
from wellbeing.messaging import events as messaging_events
from wellbeing.policy.model import RiskLevel
from wellbeing.triage import events as triage_events


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody at each desk, by id; `stranger` belongs to the other district."""

    city: City
    sender: int
    district: int
    municipal: int
    duty_lead: int
    director: int
    supervisor: int
    district_supervisor: int
    stranger: int


@pytest.fixture
def told(database: Flask) -> list[object]:
    """Record every event instead of letting other rooms move."""
    heard: list[object] = []
    modules = (contact_events, case_events, triage_events, escalation_events, messaging_events)
    kinds = [
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
    ]
    events.install(reactions={kind: [heard.append] for kind in kinds})
    return heard


@pytest.fixture
def staff(told: list[object]) -> Staff:
    """Put one person with an invented phone on each desk of the city."""
    city = make_city()
    top, district = city.municipality.id, city.district.id
    made = Staff(
        city=city,
        sender=make_counselor(organization_id=city.school.id, phone="+8613700000001"),
        district=make_counselor(organization_id=district, phone="+8613700000002"),
        municipal=make_counselor(organization_id=top, phone="+8613700000003"),
        duty_lead=make_supervisor(organization_id=top, phone="+8613700000004"),
        director=make_supervisor(organization_id=top, phone="+8613700000005"),
        supervisor=make_supervisor(organization_id=top, phone="+8613700000006"),
        district_supervisor=make_supervisor(organization_id=district, phone="+8613700000007"),
        stranger=make_counselor(organization_id=city.other_district.id, phone="+8613700000008"),
    )
    make_shift(user_id=made.district, organization_id=district)
    make_shift(user_id=made.municipal, organization_id=top)
    make_shift(user_id=made.duty_lead, organization_id=top, desk="duty_lead")
    make_shift(user_id=made.director, organization_id=top, desk="director")
    make_shift(user_id=made.supervisor, organization_id=top, desk="supervisor")
    make_shift(user_id=made.district_supervisor, organization_id=district, desk="supervisor")
    return made


@pytest.fixture
def case(staff: Staff) -> CaseRow:
    """A red case of the school's counselor."""
    return make_case(owner_id=staff.sender, level=RiskLevel.IMMINENT)


@pytest.fixture
def scopes() -> object:
    return lambda user_id: accounts.scope_of(user_id=user_id)
