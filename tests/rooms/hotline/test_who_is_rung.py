"""Whose desks a caller's plan names: the number's, their open case's, their school's if they ask.

The plan is the policy's of the moment in which they called; an edit does not bend a running call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.cases import close, make_case
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from tests.rooms.hotline.calling import STUDENT, Caller, said
from wellbeing.accounts.operations import people
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import ringing
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.organizations.rules import OrganizationKind
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, Policy

pytestmark = pytest.mark.usefixtures("supervisor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """One counselor on call at each tier, and the unit of each."""

    city: int
    district: int
    school: int
    of_district: OrganizationRow
    of_school: OrganizationRow


@pytest.fixture
def desks(municipality: OrganizationRow, counselor: int) -> Desks:
    district = make_organization(
        code="500101", kind=OrganizationKind.DISTRICT, parent_code="500000", name_zh="甲区"
    )
    school = make_organization(
        code="S1", kind=OrganizationKind.SCHOOL, parent_code="500101", name_zh="虚构一中"
    )
    people = {}
    for number, place in enumerate((district, school)):
        people[place.code] = make_counselor(
            organization_id=place.id, phone=f"+861390000004{number}"
        )
        make_shift(user_id=people[place.code], organization_id=place.id)
    return Desks(
        city=counselor,
        district=people["500101"],
        school=people["S1"],
        of_district=district,
        of_school=school,
    )


@pytest.fixture
def shipped() -> Iterator[Policy]:
    """Give the policy in force, and put it in force again afterwards."""
    whole = policy.current()
    yield whole
    policy.install(whole)


def case_at(user_id: int) -> CaseRow:
    """Open a case of the student at somebody's unit, out of a text of yesterday."""
    session().rollback()
    return make_case(owner_id=user_id, contact_id=make_contact(sender=STUDENT))


def rung(caller: Caller) -> set[int]:
    return {leg.user_id for leg in caller.legs}


def test_a_new_caller_of_the_citys_number_rings_the_citys_desk(desks: Desks):
    assert rung(Caller().queued()) == {desks.city}


def test_a_caller_with_an_open_case_rings_its_district_beside_the_city(desks: Desks):
    case_at(desks.district)

    assert rung(Caller().queued()) == {desks.district, desks.city}


def test_a_case_that_is_closed_rings_nobody_any_more(desks: Desks):
    close(case=case_at(desks.district))

    assert rung(Caller().queued()) == {desks.city}


def test_another_number_is_another_person(desks: Desks):
    """Phones are shared, and numbers are not guessed: only the same number knows its case."""
    case_at(desks.district)

    assert rung(Caller(sender="+8613800000077").queued()) == {desks.city}


def test_ones_own_school_is_offered_only_where_a_case_names_one(desks: Desks):
    unknown = Caller(sid="CA2", sender="+8613800000077")
    unknown.dials()
    case_at(desks.school)
    known = Caller()
    known.dials()

    assert "学校" not in said(unknown.presses("1"))
    assert "按3" in said(known.presses("1"))


@pytest.mark.parametrize("digits", ["", "0", "5"])
def test_ones_own_school_is_not_rung_unless_one_asks_for_it(desks: Desks, digits: str):
    """A child may have a reason not to be heard at school (product.md 1.2)."""
    case_at(desks.school)
    caller = Caller()
    caller.dials()
    caller.presses("1")

    caller.presses(digits, turn=10)
    caller.waits()

    assert rung(caller) == {desks.district, desks.city}


def test_whoever_asks_for_their_school_hears_it_first(desks: Desks):
    case_at(desks.school)
    caller = Caller()
    caller.dials()
    caller.presses("1")

    caller.presses("3", turn=10)
    caller.waits()
    first = rung(caller)
    for _ in range(3):
        caller.waits(seconds=12)

    assert first == {desks.school}
    assert rung(caller) == {desks.school, desks.district, desks.city}


def test_three_in_the_first_menu_asks_for_no_school(desks: Desks):
    case_at(desks.school)
    caller = Caller()
    caller.dials()

    caller.presses("3")

    assert desks.school not in rung(caller)


def test_a_school_without_anybody_on_call_keeps_nobody_waiting(
    desks: Desks, caplog: pytest.LogCaptureFixture
):
    """No duty of the city's supervisor: a school's desk may be empty by the policy."""
    other = make_organization(
        code="S2", kind=OrganizationKind.SCHOOL, parent_code="500101", name_zh="虚构二中"
    )
    case_at(make_counselor(organization_id=other.id, phone="+8613900000049"))
    caller = Caller()
    caller.dials()
    caller.presses("1")

    caller.presses("3", turn=10)
    caller.waits()

    assert rung(caller) == {desks.district, desks.city}
    assert "nobody to ring" in caplog.messages


def test_danger_passes_the_school_by(desks: Desks):
    case_at(desks.school)
    caller = Caller()
    caller.dials()
    caller.presses("1")
    caller.presses("3", turn=10)

    caller.wait_key("9")
    caller.waits()

    assert desks.city in rung(caller)
    assert caller.call.plan[0].key != "school"
    assert caller.call.is_danger


def test_a_plan_that_is_edited_bends_no_running_call(desks: Desks, shipped: Policy):
    caller = Caller().queued()
    before = caller.call.plan
    voice = shipped.line.voice
    plans = tuple(replace(plan, stages=plan.stages[:1]) for plan in voice.plans)
    shorter = replace(voice, plans=plans, ring=timedelta(seconds=7))

    policy.install(replace(shipped, line=replace(shipped.line, voice=shorter)))
    caller.waits(seconds=5)
    second = Caller(sid="CA2", sender="+8613800000077").queued()

    assert len(before) == 2
    assert caller.call.plan == before
    assert len(second.call.plan) == 1


def test_a_caller_reaches_somebody_of_their_language_first(desks: Desks, counselor: int):
    place = accounts.user(user_id=counselor).organization_id
    speaker = make_counselor(organization_id=place, phone="+8613900000061")
    make_shift(user_id=speaker, organization_id=place, position=2)
    with transaction():
        people.set_languages(user_id=speaker, languages=(Language.EN, Language.ZH))
    (stage, *_later) = Caller().queued().call.plan

    order = {
        language: [
            one.user_id
            for one in ringing.people_of(stage=stage, language=language, now=NOW)
            if one.user_id in {counselor, speaker}
        ]
        for language in Language
    }

    assert order == {Language.ZH: [counselor, speaker], Language.EN: [speaker, counselor]}
