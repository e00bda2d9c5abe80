"""A call-back that nobody made reaches the supervisor, then the next tier: the real reactions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_supervisor
from tests.factories.contacts import make_contact
from tests.factories.followups import forward, make_call_back
from tests.factories.organizations import City, make_city
from tests.factories.roster import make_shift
from wellbeing.escalation import queries as escalation
from wellbeing.escalation.rules.rows import PageRow
from wellbeing.escalation.rules.words import (
    SUPERVISOR_DESK,
    PageState,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.followups.operations import attempts
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import CallBackReason, Outcome, Owner
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel


@pytest.fixture
def city(database: Flask) -> City:
    return make_city()


@pytest.fixture
def promise(city: City) -> FollowUpRow:
    """A red call-back of a voicemail, held by the district's supervisor; the city has one too."""
    make_supervisor()
    leader = make_supervisor(organization_id=city.district.id, phone="+8613800000031")
    contact_id = make_contact(sender="+8613600000031", organization=city.district)
    return make_call_back(
        contact_id=contact_id,
        owner=Owner(user_id=leader, organization_id=city.district.id),
        level=RiskLevel.IMMINENT,
        reason=CallBackReason.VOICEMAIL,
    )


def pages(promise: FollowUpRow) -> list[PageRow]:
    session().rollback()
    subject = PageSubject(kind=PageSubjectKind.FOLLOW_UP, id=promise.follow_up_id)
    return list(escalation.pages_of(subject=subject))


def places(promise: FollowUpRow) -> list[int]:
    return [page.organization_id for page in pages(promise)]


def test_the_supervisor_is_called_and_then_the_tier_above(promise: FollowUpRow, city: City):
    forward(until=promise.due_at + timedelta(hours=1))
    waiting = places(promise)
    forward(until=promise.due_at + timedelta(hours=2))
    supervised = places(promise)
    forward(until=promise.due_at + timedelta(hours=6))

    assert waiting == []
    assert supervised[0] == city.district.id
    assert city.municipality.id in places(promise)


def test_nobody_is_called_any_more_once_the_student_is_reached(promise: FollowUpRow, city: City):
    make_shift(
        organization_id=city.district.id,
        desk=SUPERVISOR_DESK,
        user_id=promise.owner_id,
    )
    forward(until=promise.due_at + timedelta(hours=2))
    before = [page.state for page in pages(promise)]

    with transaction():
        attempts.record_attempt(
            follow_up_id=promise.follow_up_id,
            by=promise.owner_id,
            outcome=Outcome.REACHED,
            now=promise.due_at + timedelta(hours=2, minutes=1),
        )

    assert before == [PageState.PAGING]
    assert [page.state for page in pages(promise)] == [PageState.WITHDRAWN]
