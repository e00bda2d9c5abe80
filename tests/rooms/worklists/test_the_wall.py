"""What a supervisor watches, on both databases; nothing of other units."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import escalation as escalating
from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case, make_duty
from tests.factories.contacts import claim, make_contact
from tests.factories.escalation import make_escalation
from tests.factories.followups import make_call_back, make_plan
from tests.factories.moments import NOW
from tests.factories.organizations import City, make_city
from tests.factories.roster import make_shift
from tests.factories.statements import counted
from wellbeing.accounts.queries import people as accounts
from wellbeing.escalation.operations import escalations
from wellbeing.escalation.rules.words import AcknowledgedVia, PageState
from wellbeing.followups.rules import Owner
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.worklists import queries as worklists
from wellbeing.worklists.rules import Wall

MINUTE = timedelta(minutes=1)


@pytest.fixture
def city(database: Flask) -> City:
    return make_city()


def wall_of(user_id: int, *, minutes: int = 0) -> Wall:
    session().rollback()
    scope = accounts.scope_of(user_id=user_id)
    return worklists.wall(scope=scope, now=NOW + minutes * MINUTE)


def selects(statements: list[str]) -> list[str]:
    return [one for one in statements if one.startswith("SELECT")]


def on_duty(city: City) -> int:
    """Put somebody with a phone on the city's line desk."""
    person = make_counselor(phone="+8613800000099")
    make_shift(user_id=person, organization_id=city.municipality.id)
    return person


def passed_on(city: City, *, minutes: int = 0) -> int:
    sender = make_counselor(organization_id=city.district.id)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT)
    return make_escalation(case_id=case.case_id, by=sender, now=NOW + minutes * MINUTE)


def test_those_who_wait_are_counted_by_urgency_with_the_longest_wait(city: City):
    make_contact(sender="+8613800000011", urgency=RiskLevel.HIGH, now=NOW + MINUTE)
    make_contact(sender="+8613800000012", urgency=RiskLevel.HIGH, now=NOW)
    make_contact(sender="+8613800000013", now=NOW)

    found = wall_of(make_supervisor(), minutes=5).waiting

    assert [(group.urgency, group.count, group.oldest_since) for group in found] == [
        (RiskLevel.HIGH, 2, NOW),
        (RiskLevel.LOW, 1, NOW),
    ]


def test_somebody_who_is_being_answered_waits_no_longer(city: City):
    contact_id = make_contact()
    claim(contact_id=contact_id, user_id=make_counselor())

    assert wall_of(make_supervisor()).waiting == ()


def test_open_escalations_stand_oldest_first_with_everyone_who_was_called(city: City):
    me = on_duty(city)
    second, first = passed_on(city, minutes=2), passed_on(city)

    found = wall_of(make_supervisor(organization_id=city.district.id), minutes=3)

    assert [item.row.escalation_id for item in found.escalations] == [first, second]
    assert found.escalation_count == 2
    assert {ring.user_id for ring in found.escalations[0].rings} == {me}


def test_an_overdue_escalation_says_so(city: City):
    passed_on(city)

    (item,) = wall_of(make_supervisor(), minutes=16).escalations

    assert item.is_overdue(now=NOW + 16 * MINUTE)


def test_the_sending_and_the_receiving_side_see_it_and_another_district_does_not(city: City):
    on_duty(city)
    passed_on(city)

    sender = wall_of(make_supervisor(organization_id=city.district.id))
    receiver = wall_of(make_supervisor())
    stranger = wall_of(make_supervisor(organization_id=city.other_district.id))

    assert sender.escalation_count == receiver.escalation_count == 1
    assert stranger.escalation_count == 0
    assert (stranger.escalations, stranger.pages) == ((), ())


def test_a_page_stays_until_it_is_answered_and_a_day_when_nobody_does(city: City):
    me = on_duty(city)
    number = passed_on(city)
    supervisor = make_supervisor()

    running = wall_of(supervisor).pages
    escalating.forward(until=NOW + 14 * MINUTE)
    unanswered = [item for item in wall_of(supervisor, minutes=14).pages if item.row.desk == "line"]
    with transaction():
        escalations.acknowledge(
            escalation_id=number, by=me, via=AcknowledgedVia.PORTAL, now=NOW + 14 * MINUTE
        )

    assert [item.row.state for item in running] == [PageState.PAGING]
    assert [item.row.state for item in unanswered] == [PageState.UNANSWERED]
    assert {ring.user_id for ring in unanswered[0].rings} == {me}
    assert "line" not in {item.row.desk for item in wall_of(supervisor, minutes=15).pages}
    assert "line" not in {item.row.desk for item in wall_of(supervisor, minutes=60 * 25).pages}


def test_only_promises_whose_time_has_passed_are_overdue(city: City):
    owner = make_counselor(organization_id=city.district.id)
    make_plan(case=make_case(owner_id=owner, level=RiskLevel.IMMINENT))
    supervisor = make_supervisor(organization_id=city.district.id)
    stranger = make_supervisor(organization_id=city.other_district.id)

    before, after = wall_of(supervisor), wall_of(supervisor, minutes=60 * 24)

    assert before.follow_ups == ()
    assert len(after.follow_ups) == 1
    assert after.follow_ups[0].row.owner_id == owner
    assert wall_of(stranger, minutes=60 * 24).follow_ups == ()


def test_an_overdue_call_back_stands_on_the_wall_of_its_unit_alone(city: City):
    leader = make_supervisor(organization_id=city.district.id)
    stranger = make_supervisor(organization_id=city.other_district.id)
    contact_id = make_contact(sender="+8613600000022")
    owner = Owner(user_id=leader, organization_id=city.district.id)
    make_call_back(contact_id=contact_id, owner=owner)

    (item,) = wall_of(make_supervisor(), minutes=60 * 5).follow_ups

    assert (item.row.case_id, item.reference) == (None, None)
    assert item.caller is not None
    assert item.caller.masked_number == "•••• 22"
    assert wall_of(stranger, minutes=60 * 5).follow_ups == ()


def test_open_duties_of_the_subtree_are_listed_and_no_others(city: City):
    holder = make_counselor(organization_id=city.school.id)
    case = make_case(owner_id=holder)
    duty = make_duty(holder_id=holder, organization_id=city.school.id, case_id=case.case_id)

    found = wall_of(make_supervisor(organization_id=city.district.id)).duties
    others = wall_of(make_supervisor(organization_id=city.other_district.id)).duties

    assert [row.duty_id for row in found] == [duty]
    assert others == ()


def test_a_desk_that_must_never_be_empty_is_named_until_somebody_is_on_it(city: City):
    supervisor = make_supervisor()
    before = {one.desk for one in wall_of(supervisor).empty_desks}

    make_shift(user_id=make_counselor(), organization_id=city.municipality.id)

    after = {one.desk for one in wall_of(supervisor).empty_desks}
    assert before - after == {"line"}
    assert "duty_lead" in after


def test_an_empty_desk_says_when_the_last_person_left_and_when_the_next_comes(city: City):
    person, place = make_counselor(), city.municipality.id
    make_shift(
        user_id=person,
        organization_id=place,
        starts_at=NOW - 60 * MINUTE,
        ends_at=NOW + 30 * MINUTE,
    )
    make_shift(
        user_id=person,
        organization_id=place,
        starts_at=NOW + 90 * MINUTE,
        ends_at=NOW + 120 * MINUTE,
    )

    found = wall_of(make_supervisor(), minutes=60).empty_desks

    (line,) = (one for one in found if one.desk == "line")
    assert line.since == NOW + 30 * MINUTE
    assert line.until == NOW + 90 * MINUTE


def test_the_version_moves_with_an_escalation_its_answer_and_the_minute(city: City):
    me = make_counselor()
    versions = [worklists.wall_version(now=NOW)]
    number = passed_on(city)
    versions.append(worklists.wall_version(now=NOW))
    session().rollback()
    with transaction():
        escalations.acknowledge(escalation_id=number, by=me, via=AcknowledgedVia.PORTAL, now=NOW)
    versions.append(worklists.wall_version(now=NOW))
    same = worklists.wall_version(now=NOW + timedelta(seconds=59))
    versions.append(worklists.wall_version(now=NOW + MINUTE))

    assert len(set(versions)) == 4
    assert same == versions[2]


def test_the_wall_costs_as_many_statements_for_three_of_each_as_for_one(city: City):
    on_duty(city)
    scope = accounts.scope_of(user_id=make_supervisor())
    late = NOW + timedelta(days=2)

    def one_more(number: int) -> None:
        make_contact(sender=f"+861380000002{number}")
        owner = make_counselor(organization_id=city.district.id)
        case = make_case(owner_id=owner, level=RiskLevel.IMMINENT)
        make_plan(case=case)
        make_duty(holder_id=owner, organization_id=city.district.id, case_id=case.case_id)
        make_escalation(case_id=case.case_id, by=owner)
        session().rollback()

    one_more(1)
    with counted() as few:
        worklists.wall(scope=scope, now=late)
    one_more(2)
    one_more(3)

    with counted() as many:
        found = worklists.wall(scope=scope, now=late)

    assert found.escalation_count == 3
    assert len(selects(many)) == len(selects(few)) == 13
