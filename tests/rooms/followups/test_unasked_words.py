"""No name and no school leaves in a text that nobody asked for, whatever its template says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.contacts import make_contact
from tests.factories.followups import forward, make_plan
from tests.factories.organizations import City
from tests.factories.people import make_person
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.cases.queries import cases, unasked
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.people import Relation
from wellbeing.followups import queries
from wellbeing.followups.operations import by_hand, hours, plans
from wellbeing.followups.rules import FollowUpState, NotAnHour
from wellbeing.foundation.database import transaction
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.rules import Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind, Language, Prompts, RiskLevel

CHECK_IN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
IN_A_LESSON = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
"""Thursday, 10:30 in Chongqing: a school day, in the second lesson."""


def the_template_says(words: str) -> None:
    texts = {one: {"check_in": f"{words}，方便时回复1，不方便回复2。"} for one in Language}
    policy.install(replace(policy.current(), prompts=Prompts(texts=texts)))


def what_became_of(case: CaseRow) -> tuple[FollowUpKind, bool]:
    """Tell what the check-in of the second day is now, and whether a text was written."""
    _, second, *_ = make_plan(case=case)
    forward(until=CHECK_IN)
    kind = queries.by_id(follow_up_id=second).kind
    return kind, bool(outbox.texts_of(purpose=Purpose.CHECK_IN, ids=[second]))


@pytest.mark.parametrize(
    "said",
    ["例小树", "小树", "小 树", "例·小树", "木木", "虚构三中", "例大树", "大树"],
)
def test_a_name_of_the_vault_or_a_school_becomes_a_call(case: CaseRow, said: str):
    make_person(
        case_id=case.case_id,
        by=case.owner_id,
        name="例小树",
        details={"called": "木木", "school": "虚构三中"},
    )
    make_person(case_id=case.case_id, by=case.owner_id, relation=Relation.MOTHER, name="例大树")
    the_template_says(f"{said}，今天还好吗")

    assert what_became_of(case) == (FollowUpKind.CALL, False)


@pytest.mark.parametrize("said", ["Anna Example", "anna", "EXAMPLE"])
def test_a_name_in_latin_letters_is_found_by_each_part(case: CaseRow, said: str):
    make_person(case_id=case.case_id, by=case.owner_id, name="Anna Example")
    the_template_says(f"Hi {said}, are you there")

    assert what_became_of(case) == (FollowUpKind.CALL, False)


def test_words_that_name_nobody_leave(case: CaseRow):
    """The proof that the tests above could fail."""
    make_person(
        case_id=case.case_id,
        by=case.owner_id,
        name="例小树",
        details={"called": "木木", "school": "虚构三中"},
    )
    the_template_says("今天还好吗")

    assert what_became_of(case) == (FollowUpKind.CHECK_IN, True)


def test_the_names_that_travel_with_a_text_are_those_of_the_vault_too(case: CaseRow):
    """Sealed beside it, they are asked again at the moment of sending."""
    make_person(case_id=case.case_id, by=case.owner_id, name="例小树")
    (contact_id,) = cases.contacts_of(case_id=case.case_id)

    names = unasked.never_said(contact_id=contact_id, case=case, user_ids=[case.owner_id])

    assert {"例小树", "小树", case.reference} <= set(names)


@pytest.fixture
def student_case(city: City) -> CaseRow:
    """A red case at a university."""
    owner = make_counselor(organization_id=city.university.id)
    return make_case(
        owner_id=owner, level=RiskLevel.IMMINENT, contact_id=make_contact(sender="+8613600000009")
    )


def test_a_university_student_has_no_lessons_to_be_spared(student_case: CaseRow, case: CaseRow):
    assert hours.of_case(case_id=student_case.case_id).class_hours == ()
    assert hours.of_case(case_id=case.case_id).class_hours != ()


def test_a_promise_to_a_university_student_may_stand_in_the_morning(
    student_case: CaseRow, case: CaseRow
):
    def promise(one: CaseRow) -> int:
        with transaction():
            return by_hand.promise(
                case_id=one.case_id,
                kind=FollowUpKind.CHECK_IN,
                due_at=IN_A_LESSON,
                note="虚构：上午方便。",
                by=one.owner_id,
                now=CHECK_IN,
            )

    assert queries.by_id(follow_up_id=promise(student_case)).due_at == IN_A_LESSON
    with pytest.raises(NotAnHour):
        promise(case)


def test_the_text_of_a_university_student_leaves_during_lessons(student_case: CaseRow):
    _, second, *_ = make_plan(case=student_case)
    with transaction():
        plans.reschedule(
            follow_up_id=second,
            due_at=IN_A_LESSON,
            reason="虚构：上午没有课。",
            by=student_case.owner_id,
            now=CHECK_IN,
        )
    clock = FrozenClock(IN_A_LESSON)
    carrier = FakeTelephony(now=clock)

    forward(until=IN_A_LESSON)
    sweep.deliver_due(gateway=carrier, now=clock, limit=10)

    assert [one.to for one in carrier.texts] == ["+8613600000009"]
    assert queries.by_id(follow_up_id=second).state is FollowUpState.SENT
