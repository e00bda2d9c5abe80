"""Promises survive migration 0015 and its way back, attempts and all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.contacts import make_contact
from tests.factories.followups import make_call_back, make_plan
from tests.factories.moments import NOW
from tests.factories.organizations import make_city
from tests.house.test_migrations import empty_database
from wellbeing.app import ROOT
from wellbeing.followups.operations import attempts
from wellbeing.followups.rules import Outcome, Owner
from wellbeing.foundation.database import db, transaction
from wellbeing.policy.model import RiskLevel

MIGRATIONS = str(ROOT / "migrations")


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest) -> Iterator[Flask]:
    with empty_database(request.param, request) as app:
        upgrade(directory=MIGRATIONS)
        yield app


def count(table: str) -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def make_promises() -> None:
    city = make_city()
    owner_id = make_counselor(organization_id=city.school.id)
    case = make_case(owner_id=owner_id, level=RiskLevel.IMMINENT)
    owner = Owner(user_id=owner_id, organization_id=city.school.id)
    of_case, *_ = make_plan(case=case)
    call_back = make_call_back(contact_id=make_contact(sender="+8613600000009"), owner=owner)
    for follow_up_id in (of_case, call_back.follow_up_id):
        with transaction():
            attempts.record_attempt(
                follow_up_id=follow_up_id, by=owner_id, outcome=Outcome.NO_ANSWER, now=NOW
            )


def test_the_promises_of_cases_go_back_and_come_again(migrated: Flask):
    make_promises()
    db.session.remove()
    promises = count("follow_up")

    downgrade(directory=MIGRATIONS, revision="0014")
    before = (count("follow_up"), count("follow_up_attempt"))
    upgrade(directory=MIGRATIONS)

    assert before == (promises - 1, 1)
    assert (count("follow_up"), count("follow_up_attempt")) == before


def test_a_missed_promise_that_stood_still_moves_again(migrated: Flask):
    """Migration 0039: once everybody was told, its steps had run out."""
    make_promises()
    still = "UPDATE follow_up SET state = 'missed', next_step_at = NULL WHERE settled_at IS NULL"
    with transaction():
        db.session.execute(text(still))
    db.session.remove()

    downgrade(directory=MIGRATIONS, revision="0038")
    upgrade(directory=MIGRATIONS)

    with db.engine.connect() as connection:
        left = text(
            "SELECT count(*) FROM follow_up WHERE settled_at IS NULL AND next_step_at IS NULL"
        )
        assert connection.execute(left).scalar_one() == 0
