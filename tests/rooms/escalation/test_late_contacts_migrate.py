"""Clocks of missed contacts that had stopped go on after migration 0036, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.escalation import forward, make_escalation
from tests.factories.moments import NOW
from tests.factories.organizations import make_city
from tests.house.test_migrations import empty_database
from wellbeing.app import ROOT
from wellbeing.escalation.models import ESCALATION
from wellbeing.escalation.operations import escalations
from wellbeing.foundation.database import db, transaction
from wellbeing.policy.model import RiskLevel

MIGRATIONS = str(ROOT / "migrations")


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest) -> Iterator[Flask]:
    with empty_database(request.param, request) as app:
        upgrade(directory=MIGRATIONS)
        yield app


def is_moving() -> bool:
    with db.engine.connect() as connection:
        step = select(ESCALATION.c.next_step_at)
        return connection.execute(step).scalar_one() is not None


def test_a_missed_contact_calls_people_again_after_the_upgrade(migrated: Flask):
    city = make_city()
    sender = make_counselor(organization_id=city.school.id)
    district = make_counselor(organization_id=city.district.id)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT)
    escalation_id = make_escalation(case_id=case.case_id, by=sender)
    with transaction():
        escalations.accept(escalation_id=escalation_id, by=district, now=NOW)
    forward(until=NOW + timedelta(hours=1))
    db.session.remove()

    downgrade(directory=MIGRATIONS, revision="0035")
    stopped = is_moving()
    upgrade(directory=MIGRATIONS)

    assert (stopped, is_moving()) == (False, True)
