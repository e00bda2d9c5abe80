"""Consent: for each purpose by itself, on a ground of the law, withdrawn at any time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.accounts import make_supervisor
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.events import TextsForbidden
from wellbeing.cases.models.cases import CASE, DUTY
from wellbeing.cases.models.people import CONSENT
from wellbeing.cases.operations import consents as operations
from wellbeing.cases.operations import reaching
from wellbeing.cases.queries import cases, identity
from wellbeing.cases.queries import consents as queries
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow, DutyDone
from wellbeing.cases.rules.consents import (
    AlreadyApproved,
    AlreadyWithdrawn,
    ApproverNeeded,
    Basis,
    ConsentRow,
    ConsentStands,
    Giver,
    NoSuchConsent,
    NotYetGiven,
    NotYourApproval,
    Purpose,
    ReasonNeeded,
    WrongGiver,
)
from wellbeing.cases.rules.people import Permission, ReasonMissing, Relation, Safety, Wish
from wellbeing.foundation.database import session, transaction

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def case(people: People) -> CaseRow:
    """Give a blue case of the district."""
    return factory.make_case(owner_id=people.district)


def give(people: People, case: CaseRow, **changes: Any) -> ConsentRow:
    by = changes.pop("by", people.district)
    consent_id = made.make_consent(case_id=case.case_id, by=by, **changes)
    return queries.consent(consent_id=consent_id, case_id=case.case_id)


def emergency(people: People, case: CaseRow, **changes: Any) -> ConsentRow:
    wanted = {
        "purpose": Purpose.NAME_TO_SCHOOL,
        "basis": Basis.EMERGENCY,
        "given_by": Giver.NOBODY,
        "words": "虚构：正站在天台",
        "approver_id": people.supervisor,
    } | changes
    return give(people, case, **wanted)


def withdraw(consent: ConsentRow, *, by: int, reason: str = "虚构：学生改了主意") -> None:
    with transaction():
        operations.withdraw_consent(consent=consent, reason=reason, by=by, now=LATER)


def duties(case: CaseRow) -> dict[str, int]:
    return {one.kind: one.holder_id for one in cases.duties_of(case_id=case.case_id)}


def test_a_consent_is_read_as_it_was_given(people: People, case: CaseRow):
    found = give(people, case, words="虚构：学生说可以", purpose=Purpose.TELL_GUARDIAN)

    assert (found.purpose, found.basis, found.given_by) == (
        Purpose.TELL_GUARDIAN,
        Basis.CONSENT,
        Giver.STUDENT,
    )
    assert (found.words, found.given_at, found.is_in_force) == ("虚构：学生说可以", NOW, True)
    assert duties(case) == {}
    assert cases.timeline(case_id=case.case_id, limit=1)[0].kind == "consent_given"


def test_the_words_of_a_consent_are_sealed(people: People, case: CaseRow):
    give(people, case, words="虚构独特词语甲")

    (row,) = session().execute(select(CONSENT))

    assert "虚构独特词语甲".encode() not in row.words_sealed


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"given_by": Giver.NOBODY}, WrongGiver),
        ({"basis": Basis.STATUTORY_DUTY, "given_by": Giver.STUDENT}, WrongGiver),
        ({"basis": Basis.STATUTORY_DUTY, "given_by": Giver.NOBODY, "words": " "}, ReasonNeeded),
        ({"given_at": NOW + timedelta(hours=1)}, NotYetGiven),
    ],
)
def test_what_the_law_does_not_know_is_refused(
    people: People, case: CaseRow, changes: Any, refusal: Any
):
    with pytest.raises(refusal):
        give(people, case, **changes)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"words": ""}, ReasonNeeded),
        ({"approver_id": None}, ApproverNeeded),
        ({"approver_id": 999}, ApproverNeeded),
    ],
)
def test_an_emergency_needs_a_reason_and_somebody_who_answers(
    people: People, case: CaseRow, changes: Any, refusal: Any
):
    with pytest.raises(refusal):
        emergency(people, case, **changes)


def test_nobody_answers_for_their_own_emergency(people: People, case: CaseRow):
    with pytest.raises(ApproverNeeded):
        emergency(people, case, by=people.supervisor)


def test_a_supervisor_of_another_branch_does_not_answer_for_it(people: People, case: CaseRow):
    stranger = make_supervisor(organization_id=people.city.university.id)

    with pytest.raises(ApproverNeeded):
        emergency(people, case, approver_id=stranger)


def test_an_emergency_holds_at_once_and_opens_two_duties(people: People, case: CaseRow):
    """Life comes first (PIPL 13 (1) 4); who was passed over is told afterwards (PIPL 18)."""
    found = emergency(people, case)

    assert found.awaits_approval
    assert duties(case) == {
        "late_notice": people.district,
        "approve_name_to_school": people.supervisor,
    }
    by = {one.kind: one.by_at for one in cases.duties_of(case_id=case.case_id)}
    assert set(by.values()) == {NOW + timedelta(hours=24)}
    assert (
        cases.timeline(case_id=case.case_id, kinds=["emergency_override"], limit=1)[0].facts[
            "approver_id"
        ]
        == people.supervisor
    )


def test_the_approver_confirms_once_and_nobody_else_may(people: People, case: CaseRow):
    found = emergency(people, case)

    with pytest.raises(NotYourApproval), transaction():
        operations.approve_emergency(consent=found, by=people.district, now=LATER)
    with transaction():
        operations.approve_emergency(consent=found, by=people.supervisor, now=LATER)
    with pytest.raises(AlreadyApproved), transaction():
        operations.approve_emergency(consent=found, by=people.supervisor, now=LATER)

    saved = queries.consent(consent_id=found.consent_id, case_id=case.case_id)
    assert saved.approved_at == LATER
    assert duties(case) == {"late_notice": people.district}


def test_an_approver_who_does_not_agree_ends_it_but_notice_is_still_due(
    people: People, case: CaseRow
):
    found = emergency(people, case)

    withdraw(found, by=people.supervisor, reason="虚构：没有这样的危险")

    saved = queries.consent(consent_id=found.consent_id, case_id=case.case_id)
    assert (saved.is_in_force, saved.withdrawal) == (False, "虚构：没有这样的危险")
    assert duties(case) == {"late_notice": people.district}
    with pytest.raises(AlreadyWithdrawn), transaction():
        operations.approve_emergency(consent=found, by=people.supervisor, now=LATER)


def test_late_notice_is_given_once_and_says_whom(people: People, case: CaseRow):
    emergency(people, case)
    told = {"case_id": case.case_id, "by": people.district, "now": LATER}

    with pytest.raises(ReasonMissing), transaction():
        operations.give_late_notice(words=" ", **told)
    with transaction():
        operations.give_late_notice(words="虚构：告知母亲", **told)
    with pytest.raises(DutyDone), transaction():
        operations.give_late_notice(words="虚构：再一次", **told)

    entry = cases.timeline(case_id=case.case_id, limit=1)[0]
    assert (entry.kind, entry.details) == ("late_notice_given", {"words": "虚构：告知母亲"})
    assert "late_notice" not in duties(case)


def test_an_emergency_holds_its_case_open_until_it_is_made_good(people: People, case: CaseRow):
    emergency(people, case)

    assert "duty" in {one.kind for one in cases.holds(case_id=case.case_id)}


def test_a_purpose_is_agreed_once_at_a_time(people: People, case: CaseRow):
    first = give(people, case)

    with pytest.raises(ConsentStands):
        give(people, case)
    withdraw(first, by=people.district)
    again = give(people, case)

    assert [one.consent_id for one in queries.consents_of(case_id=case.case_id)] == [
        again.consent_id,
        first.consent_id,
    ]


def test_a_withdrawal_needs_a_reason_and_happens_once(people: People, case: CaseRow):
    found = give(people, case)

    with pytest.raises(ReasonMissing):
        withdraw(found, by=people.district, reason=" ")
    withdraw(found, by=people.district)
    with pytest.raises(AlreadyWithdrawn):
        withdraw(found, by=people.district)


def test_a_consent_of_another_case_is_not_found(people: People, case: CaseRow):
    other = factory.make_case(owner_id=people.district)
    found = give(people, other)

    with pytest.raises(NoSuchConsent):
        queries.consent(consent_id=found.consent_id, case_id=case.case_id)


@pytest.mark.parametrize("status", ["sealed", "erased"])
def test_a_shut_case_takes_no_consent(people: People, case: CaseRow, status: str):
    with transaction():
        session().execute(update(CASE).values(status=status, closed_at=NOW))

    with pytest.raises(CaseIsClosed):
        give(people, case)


def test_whoever_takes_consent_to_texts_back_is_not_texted(
    people: People, case: CaseRow, told: list[object]
):
    found = give(people, case)
    wanted = {"case_id": case.case_id, "number": "+8613900000001"}
    before = queries.forbids_texts(**wanted)

    withdraw(found, by=people.district)

    assert (before, queries.forbids_texts(**wanted)) == (False, True)
    assert TextsForbidden(case_id=case.case_id, at=LATER) in told


def test_withdrawing_another_purpose_stops_no_text(
    people: People, case: CaseRow, told: list[object]
):
    found = give(people, case, purpose=Purpose.PASS_TO_HOSPITAL)

    withdraw(found, by=people.district)

    assert not queries.forbids_texts(case_id=case.case_id, number="+8613900000001")
    assert [one for one in told if isinstance(one, TextsForbidden)] == []


@pytest.mark.parametrize(
    ("relation", "number", "wish", "forbidden"),
    [
        (Relation.STUDENT, "13900000009", Permission(may_text=Wish.NO), "forbidden"),
        (Relation.STUDENT, "13900000009", Permission(safety=Safety.UNSAFE), "forbidden"),
        (Relation.STUDENT, "13900000009", Permission(may_text=Wish.YES), "allowed"),
        (Relation.FATHER, "13900000001", Permission(safety=Safety.UNSAFE), "forbidden"),
        (Relation.FATHER, "13900000009", Permission(safety=Safety.UNSAFE), "allowed"),
        (Relation.FATHER, "13900000001", Permission(), "allowed"),
    ],
)
def test_who_is_not_safe_is_not_texted_at_their_number(
    people: People,
    case: CaseRow,
    relation: Relation,
    number: str,
    wish: Permission,
    forbidden: str,
):
    """The number that called may be the father's; he must not read that a child reached out."""
    person = made.make_person(case_id=case.case_id, by=people.district, relation=relation)
    made.make_number(person=person, typed=number, by=people.district)
    with transaction():
        reaching.set_permission(person=person, wish=wish, version=0, by=people.district, now=NOW)

    found = queries.forbids_texts(case_id=case.case_id, number="+8613900000001")

    assert found is (forbidden == "forbidden")


def test_the_school_reads_names_while_the_student_agrees(people: People):
    case = factory.make_case(owner_id=people.counselor)
    reader = accounts.scope_of(user_id=people.counselor)
    before = identity.is_named(case=case, scope=reader)
    consent = give(people, case, purpose=Purpose.NAME_TO_SCHOOL)
    agreed = identity.is_named(case=case, scope=reader)

    withdraw(consent, by=people.district)

    assert (before, agreed, identity.is_named(case=case, scope=reader)) == (False, True, False)


def test_two_emergencies_of_one_case_have_one_notice_and_two_approvals(
    people: People, case: CaseRow
):
    emergency(people, case)
    emergency(people, case, purpose=Purpose.PASS_TO_HOSPITAL)

    kinds = sorted(row.kind for row in session().execute(select(DUTY)))

    assert kinds == ["approve_name_to_school", "approve_pass_to_hospital", "late_notice"]
