"""What waits on one person, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.cases import close, make_case, make_duty
from tests.factories.contacts import make_contact, make_conversation
from tests.factories.escalation import make_escalation
from tests.factories.followups import make_call_back, make_plan
from tests.factories.moments import NOW
from tests.factories.organizations import City, make_city
from tests.factories.statements import counted
from wellbeing.accounts.queries import people as accounts
from wellbeing.escalation.operations import escalations
from wellbeing.followups.rules import Owner
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.worklists import queries as worklists
from wellbeing.worklists.rules import CaseCursor, MyWork


@pytest.fixture
def city(database: Flask) -> City:
    return make_city()


def work_of(user_id: int, *, after: CaseCursor | None = None, hours: int = 0) -> MyWork:
    session().rollback()
    scope = accounts.scope_of(user_id=user_id)
    now = NOW + timedelta(hours=hours)
    return worklists.my_work(scope=scope, user_id=user_id, now=now, after=after)


def selects(statements: list[str]) -> list[str]:
    return [one for one in statements if one.startswith("SELECT")]


def escalated(city: City) -> int:
    sender = make_counselor(organization_id=city.district.id)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT)
    return make_escalation(case_id=case.case_id, by=sender)


def test_an_empty_desk_has_nothing_to_do(city: City):
    found = work_of(make_counselor())

    assert found == MyWork(
        conversations=(),
        escalations=(),
        to_contact=(),
        follow_ups=(),
        duties=(),
        requests=(),
        reviews=(),
        opened=(),
        rescues=(),
        reports=(),
        cases=(),
        more_cases=None,
    )


def test_conversations_cases_and_duties_are_ones_own(city: City):
    me, other = make_counselor(), make_counselor()
    contact_id = make_conversation(user_id=me)
    case = make_case(owner_id=me)
    duty = make_duty(holder_id=me, organization_id=city.municipality.id, case_id=case.case_id)

    mine, theirs = work_of(me), work_of(other)

    assert [row.contact_id for row in mine.conversations] == [contact_id]
    assert [row.case_id for row in mine.cases] == [case.case_id]
    assert [row.duty_id for row in mine.duties] == [duty]
    assert (theirs.conversations, theirs.cases, theirs.duties) == ((), (), ())


def test_the_most_endangered_case_stands_first_and_closed_ones_are_gone(city: City):
    me = make_counselor()
    low = make_case(owner_id=me, level=RiskLevel.LOW)
    high = make_case(owner_id=me, level=RiskLevel.HIGH, now=NOW + timedelta(minutes=1))
    close(case=make_case(owner_id=me))

    assert [row.case_id for row in work_of(me, hours=1).cases] == [high.case_id, low.case_id]


def test_the_second_page_of_cases_goes_on_where_the_first_ended(city: City):
    me = make_counselor()
    for number in range(27):
        level = RiskLevel.HIGH if number % 2 else RiskLevel.LOW
        make_case(owner_id=me, level=level, now=NOW + timedelta(minutes=number))

    first = work_of(me, hours=1)
    second = work_of(me, after=first.more_cases, hours=1)

    assert len(first.cases) == 25
    assert len(second.cases) == 2
    assert second.more_cases is None
    assert {row.case_id for row in first.cases}.isdisjoint(row.case_id for row in second.cases)
    assert [row.level for row in second.cases] == [RiskLevel.LOW, RiskLevel.LOW]


def test_an_escalation_waits_on_the_desk_that_was_asked_without_its_reference(city: City):
    number = escalated(city)

    (item,) = work_of(make_counselor()).escalations

    assert item.row.escalation_id == number
    assert item.reference is None
    assert not item.is_overdue(now=NOW + timedelta(minutes=15))
    assert item.is_overdue(now=NOW + timedelta(minutes=16))


def test_an_accepted_escalation_waits_on_its_winner_until_the_student_is_reached(city: City):
    me = make_counselor()
    number = escalated(city)
    with transaction():
        escalations.accept(escalation_id=number, by=me, now=NOW)

    (item,) = work_of(me).to_contact
    with transaction():
        escalations.note_contacted(case_id=item.row.case_id, by=me, now=NOW + timedelta(minutes=30))

    assert item.row.escalation_id == number
    assert item.reference
    assert work_of(me).to_contact == ()


def test_promises_of_the_next_day_are_work_for_today(city: City):
    me = make_counselor()
    case = make_case(owner_id=me, level=RiskLevel.IMMINENT)
    make_plan(case=case)

    found = work_of(me).follow_ups

    assert [item.reference for item in found] == [case.reference]
    assert found[0].row.due_at <= NOW + timedelta(hours=24)
    assert not found[0].is_overdue(now=NOW)


def test_a_call_back_without_a_case_is_work_with_a_number_that_is_hidden(city: City):
    me = make_counselor(organization_id=city.district.id)
    contact_id = make_contact(sender="+8613600000021", organization=city.district)
    owner = Owner(user_id=me, organization_id=city.district.id)
    make_call_back(contact_id=contact_id, owner=owner)

    (item,) = work_of(me).follow_ups

    assert item.reference is None
    assert item.caller is not None
    assert (item.caller.contact_id, item.caller.masked_number) == (contact_id, "•••• 21")


def test_my_work_costs_as_many_statements_for_three_of_each_as_for_one(city: City):
    me = make_counselor()

    def one_more() -> None:
        case = make_case(owner_id=me, level=RiskLevel.IMMINENT)
        make_plan(case=case)
        make_duty(holder_id=me, organization_id=city.municipality.id, case_id=case.case_id)
        escalated(city)

    one_more()
    scope = accounts.scope_of(user_id=me)
    with counted() as few:
        worklists.my_work(scope=scope, user_id=me, now=NOW)
    one_more()
    one_more()
    session().rollback()

    with counted() as many:
        found = worklists.my_work(scope=scope, user_id=me, now=NOW)

    assert len(found.cases) == len(found.duties) == len(found.escalations) == 3
    assert len(selects(many)) == len(selects(few)) == 14
