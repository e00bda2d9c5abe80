"""Under 14 a guardian agrees too (PIPL 31); neither a duty of the law nor an emergency waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.models.people import CONSENT, PERSON
from wellbeing.cases.operations import guardians
from wellbeing.cases.operations import people as people_operations
from wellbeing.cases.queries import ages, cases, consents, identity
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.consents import (
    Basis,
    ConsentStands,
    Giver,
    GuardianNeeded,
    Purpose,
)
from wellbeing.cases.rules.people import Details, NewPerson, PersonRow, Relation
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.operations import facts
from wellbeing.contacts.queries import conversations
from wellbeing.contacts.rules.conversations import ContactFacts
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import RiskLevel


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


def tell(people: People, case: CaseRow, born: str) -> PersonRow:
    """Write the student down, or correct how old they are."""
    found = session().execute(select(PERSON.c.id)).scalar()
    if found is None:
        return made.make_person(case_id=case.case_id, by=people.district, details={"born": born})
    person = queries.person(person_id=found, case_id=case.case_id)
    session().rollback()
    change = NewPerson(relation=Relation.STUDENT, name="示例甲", details=Details(born=born))
    with transaction():
        people_operations.edit_person(
            person=person, change=change, version=person.version, by=people.district, now=NOW
        )
    return queries.person(person_id=found, case_id=case.case_id)


def kinds(case: CaseRow) -> list[str]:
    return [one.kind for one in cases.timeline(case_id=case.case_id, limit=50)]


def relied_on(case: CaseRow) -> list[bool]:
    return [one.is_relied_on for one in consents.consents_of(case_id=case.case_id)]


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.TELL_GUARDIAN])
def test_once_the_age_is_known_nothing_relies_on_the_child_alone(people: People, purpose: Purpose):
    case = factory.make_case(owner_id=people.district)
    give(people, case, purpose=purpose)

    tell(people, case, "12岁")

    (row,) = consents.consents_of(case_id=case.case_id)
    assert (row.is_in_force, row.is_relied_on, row.suspended_at) == (True, False, NOW)
    assert kinds(case).count("consent_suspended") == 1
    assert consents.not_relied_on(case_id=case.case_id).suspended == {purpose}


def test_the_childs_own_wish_about_guardians_and_a_guardians_consent_go_on(people: People):
    case = factory.make_case(owner_id=people.district)
    give(people, case, purpose=Purpose.TELL_GUARDIAN)
    give(people, case, purpose=Purpose.NAME_TO_SCHOOL, given_by=Giver.BOTH)

    tell(people, case, "12岁")

    assert relied_on(case) == [True, True]
    assert "consent_suspended" not in kinds(case)


@pytest.mark.parametrize(
    "ground",
    [
        {"given_by": Giver.GUARDIAN},
        {"basis": Basis.STATUTORY_DUTY, "given_by": Giver.NOBODY, "words": "虚构：法定报告"},
        {"basis": Basis.EMERGENCY, "given_by": Giver.NOBODY, "words": "虚构：正在天台"},
    ],
)
def test_a_guardian_or_another_ground_takes_its_place_at_once(
    people: People, ground: dict[str, Any]
):
    case = factory.make_case(owner_id=people.district)
    give(people, case)
    tell(people, case, "12岁")

    give(people, case, approver_id=people.supervisor, **ground)

    assert relied_on(case) == [True, False]
    assert consents.not_relied_on(case_id=case.case_id) == consents.NotReliedOn(
        taken_back=frozenset(), suspended=frozenset()
    )


def test_the_child_alone_does_not_replace_it(people: People):
    case = factory.make_case(owner_id=people.district)
    give(people, case)
    tell(people, case, "12岁")

    with pytest.raises(GuardianNeeded):
        give(people, case)

    assert relied_on(case) == [False]


def test_what_stands_on_a_guardian_is_not_replaced_unseen(people: People):
    case = case_of(people, born="12岁")
    give(people, case, given_by=Giver.BOTH)

    with pytest.raises(ConsentStands):
        give(people, case, given_by=Giver.GUARDIAN)


def test_a_mistaken_age_gives_it_back(people: People):
    case = factory.make_case(owner_id=people.district)
    give(people, case)
    tell(people, case, "12岁")

    tell(people, case, "15岁")

    assert relied_on(case) == [True]
    assert kinds(case)[:2] == ["consent_resumed", "person_changed"]


def test_saving_the_record_again_suspends_nothing_twice(people: People):
    case = factory.make_case(owner_id=people.district)
    give(people, case)
    tell(people, case, "12岁")

    tell(people, case, "11岁")

    assert kinds(case).count("consent_suspended") == 1


def test_an_age_told_in_a_conversation_suspends_it_too(people: People):
    case = called(people, band=None, caller=None)
    give(people, case)
    (contact_id,) = cases.contacts_of(case_id=case.case_id)
    version = conversations.contact_by_id(contact_id=contact_id).version
    session().rollback()

    with transaction():
        facts.record_facts(
            contact_id=contact_id,
            facts=ContactFacts(caller_type="self", age_band="9-11"),
            version=version,
            now=NOW,
        )
        guardians.hold_to_age_of_contact(contact_id=contact_id, now=NOW)

    assert relied_on(case) == [False]


def test_the_school_sees_no_name_below_orange_and_every_name_from_orange_on(people: People):
    """Safety waits for nobody: from orange on the school knows, whatever is suspended."""
    case = factory.make_case(owner_id=people.counselor, level=RiskLevel.MODERATE)
    give(people, case, purpose=Purpose.NAME_TO_SCHOOL)
    reader = accounts.scope_of(user_id=people.counselor)
    agreed = identity.is_named(case=case, scope=reader)
    session().rollback()

    tell(people, case, "12岁")

    suspended = identity.is_named(case=case, scope=reader)
    in_danger = identity.is_named(case=replace(case, level=RiskLevel.HIGH), scope=reader)
    assert (agreed, suspended, in_danger) == (True, False, True)


def test_no_text_leaves_by_itself_until_a_guardian_agrees(people: People):
    case = factory.make_case(owner_id=people.district)
    give(people, case)
    number = "+8613600000009"
    before = consents.forbids_texts(case_id=case.case_id, number=number)
    session().rollback()
    tell(people, case, "12岁")
    suspended = consents.forbids_texts(case_id=case.case_id, number=number)
    session().rollback()

    give(people, case, given_by=Giver.BOTH)

    assert (before, suspended) == (False, True)
    assert consents.forbids_texts(case_id=case.case_id, number=number) is False
