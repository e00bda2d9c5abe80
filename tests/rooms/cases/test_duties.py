"""Duties: a holder and a deadline, one of a kind at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories import cases as factory
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.events import DutyOpened
from wellbeing.cases.operations import duties
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.rules.cases import DutyDone, NoSuchDuty
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import Scope

ScopeOf = Callable[[int], Scope]


def test_a_duty_has_a_holder_and_a_deadline_and_is_told(people: People, told: list[object]):
    contact_id = make_contact()

    duty_id = factory.make_duty(
        holder_id=people.counselor, organization_id=people.city.school.id, contact_id=contact_id
    )

    assert told[-1] == DutyOpened(
        duty_id=duty_id,
        kind="call_back_failed",
        case_id=None,
        contact_id=contact_id,
        holder_id=people.counselor,
        organization_id=people.city.school.id,
        by_at=NOW + timedelta(hours=1),
        at=NOW,
    )


def test_an_open_duty_of_the_same_kind_is_the_same_duty(people: People, told: list[object]):
    contact_id = make_contact()
    about = {
        "holder_id": people.counselor,
        "organization_id": people.city.school.id,
        "contact_id": contact_id,
    }

    first, again = (factory.make_duty(**about) for _ in range(2))
    other = factory.make_duty(kind="text_undelivered", **about)

    assert first == again != other
    assert len([event for event in told if isinstance(event, DutyOpened)]) == 2


def test_a_duty_is_done_once_and_then_may_come_again(people: People):
    made = factory.make_case(owner_id=people.counselor)
    about = {
        "holder_id": people.counselor,
        "organization_id": people.city.school.id,
        "case_id": made.case_id,
    }
    first = factory.make_duty(**about)

    with transaction():
        duties.settle_duty(duty_id=first, by=people.counselor, now=NOW)
    with pytest.raises(DutyDone), transaction():
        duties.settle_duty(duty_id=first, by=people.counselor, now=NOW)

    assert queries.holds(case_id=made.case_id) == ()
    assert factory.make_duty(**about) != first


def test_a_duty_of_a_closed_case_is_still_to_be_done(people: People, scope_of: ScopeOf):
    made = factory.make_case(owner_id=people.counselor)
    factory.close(case=made)

    duty_id = factory.make_duty(
        holder_id=people.counselor, organization_id=people.city.school.id, case_id=made.case_id
    )

    (found,) = queries.duties(scope=scope_of(people.counselor))
    assert (found.duty_id, found.reference) == (duty_id, made.reference)
    assert queries.holds(case_id=made.case_id) == ()


def test_duties_are_listed_by_deadline_for_holder_and_supervisor_only(
    people: People, scope_of: ScopeOf
):
    late, soon = (
        factory.make_duty(
            holder_id=people.counselor,
            organization_id=people.city.school.id,
            contact_id=make_contact(sender=sender),
            by_at=NOW + timedelta(hours=hours),
        )
        for sender, hours in (("+8613900000081", 5), ("+8613900000082", 1))
    )

    listed = {
        name: [duty.duty_id for duty in queries.duties(scope=scope_of(user_id))]
        for name, user_id in (
            ("holder", people.counselor),
            ("supervisor", people.supervisor),
            ("colleague", people.colleague),
        )
    }

    assert listed == {"holder": [soon, late], "supervisor": [soon, late], "colleague": []}
    assert queries.duties(scope=scope_of(people.supervisor), holder_id=people.supervisor) == ()
    with pytest.raises(NoSuchDuty):
        queries.duty(duty_id=soon, scope=scope_of(people.colleague))
