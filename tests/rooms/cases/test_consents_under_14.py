"""Under 14 a guardian agrees too (PIPL 31); neither a duty of the law nor an emergency waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.models.people import CONSENT
from wellbeing.cases.queries import ages
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.consents import Basis, Giver, GuardianNeeded, Purpose
from wellbeing.cases.rules.people import Relation
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation.database import session, transaction


def case_of(people: People, *, born: str = "", relation: Relation = Relation.STUDENT) -> CaseRow:
    case = factory.make_case(owner_id=people.district)
    made.make_person(
        case_id=case.case_id, by=people.district, relation=relation, details={"born": born}
    )
    return case


def give(people: People, case: CaseRow, **changes: Any) -> int:
    return made.make_consent(case_id=case.case_id, by=people.district, **changes)


def called(people: People, *, band: str | None, caller: str | None = "self") -> CaseRow:
    """Open a case from a conversation whose record says who it was, and how old."""
    contact_id = make_contact()
    with transaction():
        record = update(CONTACT).where(CONTACT.c.id == contact_id)
        session().execute(record.values(age_band=band, caller_type=caller))
    return factory.make_case(owner_id=people.district, contact_id=contact_id)


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.TELL_GUARDIAN])
def test_a_student_under_14_does_not_agree_alone(people: People, purpose: Purpose):
    case = case_of(people, born="13岁")

    with pytest.raises(GuardianNeeded):
        give(people, case, purpose=purpose)

    assert session().execute(select(CONSENT.c.id)).first() is None


@pytest.mark.parametrize("giver", [Giver.GUARDIAN, Giver.BOTH])
def test_with_a_guardian_it_is_written_down(people: People, giver: Giver):
    assert give(people, case_of(people, born="2013"), given_by=giver) > 0


def test_whether_a_guardian_may_be_spoken_with_is_the_students_wish(people: People):
    assert give(people, case_of(people, born="13"), purpose=Purpose.TELL_GUARDIAN) > 0


@pytest.mark.parametrize("basis", [Basis.STATUTORY_DUTY, Basis.EMERGENCY])
def test_where_the_guardian_is_the_danger_nothing_waits_for_them(people: People, basis: Basis):
    case = case_of(people, born="11岁")

    made_id = give(
        people, case, purpose=Purpose.PASS_TO_HOSPITAL, basis=basis, given_by=Giver.NOBODY,
        words="虚构：父亲动手", approver_id=people.supervisor,
    )  # fmt: skip

    assert made_id > 0


@pytest.mark.parametrize("born", ["14岁", "2010", "", "初二", "13或14"])
def test_from_14_and_where_nobody_knows_the_student_agrees_alone(people: People, born: str):
    assert give(people, case_of(people, born=born)) > 0


def test_the_age_of_somebody_else_in_the_case_is_not_the_students(people: People):
    assert give(people, case_of(people, born="9岁", relation=Relation.SIBLING)) > 0


@pytest.mark.parametrize("band", ["0-5", "6-8", "9-11", "12-13"])
def test_an_age_that_the_student_told_on_the_line_counts_too(people: People, band: str):
    with pytest.raises(GuardianNeeded):
        give(people, called(people, band=band))


@pytest.mark.parametrize(
    ("band", "caller"),
    [("14-15", "self"), ("26+", "self"), (None, "self"), ("unheard-of", "self"),
     ("9-11", "parent"), ("9-11", None)],
)  # fmt: skip
def test_whose_age_it_is_or_what_it_means_is_not_guessed(
    people: People, band: str | None, caller: str | None
):
    assert give(people, called(people, band=band, caller=caller)) > 0


@pytest.mark.parametrize(("born", "years"), [("2010年1月", 16), ("", 13), ("说不清", 13)])
def test_the_record_outweighs_the_line_where_it_says_an_age(people: People, born: str, years: int):
    case = called(people, band="12-13")
    made.make_person(case_id=case.case_id, by=people.district, details={"born": born})

    assert ages.student_years(case_id=case.case_id, now=NOW) == years


def test_a_student_grows_up(people: People):
    case = called(people, band="12-13")

    later = ages.student_years(case_id=case.case_id, now=NOW + timedelta(days=366))

    assert later == 14
