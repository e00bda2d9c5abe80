"""Closing a case: every rule of product.md 5.7 refuses, and then allows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from tests.factories import cases as factory
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.cases.operations import changes, closing
from wellbeing.cases.queries import cases as queries
from wellbeing.cases.queries import closing as closing_queries
from wellbeing.cases.rules.cases import CaseRow, CaseStatus, HoldsRemain, NothingWritten
from wellbeing.cases.rules.closing import (
    MomentInFuture,
    MomentTooOld,
    NotDeclinedOften,
    OwnerCannotSign,
    SupervisorSigns,
)
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.policy.model import RiskLevel

DAY = timedelta(days=1)


def standing(case: CaseRow) -> CaseRow:
    return queries.case_by_id(case_id=case.case_id)


def missing(case: CaseRow, *, told: bool = True) -> tuple[str, ...]:
    return closing_queries.missing(case=standing(case), told=told)


def reach(case: CaseRow, *, at: datetime, has_declined: bool = False) -> None:
    with transaction():
        closing.note_reached(
            case_id=case.case_id, by=case.owner_id, has_declined=has_declined, now=at
        )


def answer_contact(case: CaseRow, *, at: datetime) -> None:
    """Let a human have answered the case's conversation."""
    (contact_id,) = queries.contacts_of(case_id=case.case_id)
    with transaction():
        session().execute(
            update(CONTACT)
            .where(CONTACT.c.id == contact_id)
            .values(arrived_at=at, first_human_reply_at=at)
        )


def close(case: CaseRow, *, now: datetime, told: bool = True) -> None:
    with transaction():
        changes.close_case(case_id=case.case_id, by=case.owner_id, note="虚构", told=told, now=now)


def lower(case: CaseRow, *, at: datetime) -> None:
    with transaction():
        changes.change_level(
            case_id=case.case_id,
            level=RiskLevel.LOW,
            by=factory.counselor_decides(case.owner_id),
            note="虚构：好多了。",
            now=at,
        )


def test_a_yellow_case_is_closed_only_when_every_rule_is_met_one_after_another(people: People):
    made = factory.make_case(owner_id=people.counselor, level=RiskLevel.MODERATE)
    answer_contact(made, at=NOW)
    at_first = missing(made, told=False)

    lower(made, at=NOW + DAY)
    after_level = missing(made, told=False)
    reach(made, at=NOW + 8 * DAY)
    after_calm = missing(made, told=False)
    factory.make_safety_plan(case=made)
    with pytest.raises(HoldsRemain) as untold:
        close(made, now=NOW + 9 * DAY, told=False)
    close(made, now=NOW + 9 * DAY)

    assert at_first == ("level", "calm", "safety_plan", "told")
    assert after_level == ("calm", "safety_plan", "told")
    assert after_calm == ("safety_plan", "told")
    assert untold.value.kinds == ("told",)
    assert standing(made).status is CaseStatus.CLOSED


def test_a_conversation_that_nobody_answered_is_no_contact(people: People):
    made = factory.make_case(owner_id=people.counselor)
    reach(made, at=NOW + 7 * DAY)

    before = missing(made)
    answer_contact(made, at=NOW)

    assert before == ("calm",)
    assert missing(made) == ()


def test_a_reopened_case_begins_to_be_calm_anew(people: People):
    made = factory.make_case(owner_id=people.counselor)
    reach(made, at=NOW)
    reach(made, at=NOW + 7 * DAY)
    close(made, now=NOW + 7 * DAY)
    with transaction():
        changes.change_status(
            case_id=made.case_id, status=CaseStatus.OPEN, by=people.counselor, now=NOW + 20 * DAY
        )

    assert missing(made) == ("calm",)


def test_a_student_who_declines_twice_is_let_go_with_a_supervisors_signature(people: People):
    made = factory.make_case(owner_id=people.counselor)
    for days in (1, 3):
        with transaction():
            closing.note_declined(
                case_id=made.case_id, by=people.counselor, note="虚构：不用再打了。",
                at=NOW + days * DAY, now=NOW + days * DAY,
            )  # fmt: skip
    before = missing(made)

    with transaction():
        closing.sign_closing(
            case_id=made.case_id, by=factory.supervisor_decides(people.supervisor),
            reason="虚构：班主任会留意。", now=NOW + 4 * DAY,
        )  # fmt: skip

    assert before == ("calm",)
    assert missing(made) == ()
    kinds = [one.kind for one in queries.timeline(case_id=made.case_id, limit=3)]
    assert kinds == ["closing_signed", "student_declined", "student_declined"]


def sign(case: CaseRow, *, by: int, is_supervisor: bool, reason: str = "虚构") -> None:
    decides = factory.supervisor_decides if is_supervisor else factory.counselor_decides
    with transaction():
        closing.sign_closing(case_id=case.case_id, by=decides(by), reason=reason, now=NOW + 9 * DAY)


def test_only_another_supervisor_signs_and_only_after_the_student_declined(people: People):
    made = factory.make_case(owner_id=people.supervisor)

    with pytest.raises(SupervisorSigns):
        sign(made, by=people.counselor, is_supervisor=False)
    with pytest.raises(OwnerCannotSign):
        sign(made, by=people.supervisor, is_supervisor=True)
    with pytest.raises(NotDeclinedOften):
        sign(made, by=people.district, is_supervisor=True)
    with pytest.raises(NothingWritten):
        sign(made, by=people.district, is_supervisor=True, reason=" ")


def test_a_signature_of_who_then_becomes_the_owner_does_not_count(people: People):
    """Else a supervisor could sign, take the case over and close it alone."""
    made = factory.make_case(owner_id=people.counselor)
    factory.decline(case=made)
    supervisor = queries.timeline(case_id=made.case_id, kinds=["closing_signed"], limit=1)[0]
    assert missing(made) == ()

    factory.hand_over(case=made, to_user_id=supervisor.actor_id or 0)

    assert missing(made) == ("calm",)


def test_a_no_is_written_down_for_when_it_was_said(people: People):
    made = factory.make_case(owner_id=people.counselor)

    def decline(at: datetime, case_id: int = made.case_id) -> None:
        with transaction():
            closing.note_declined(
                case_id=case_id, by=people.counselor, note="虚构", at=at, now=NOW + DAY
            )

    with pytest.raises(MomentInFuture):
        decline(NOW + 2 * DAY)
    with pytest.raises(MomentTooOld):
        decline(NOW - DAY)
    with pytest.raises(NotFound):
        decline(NOW, case_id=999_999)
