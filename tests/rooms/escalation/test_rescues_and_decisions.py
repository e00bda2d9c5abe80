"""Who is called when a step of a rescue is late, and who has to decide about leaving red."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.events import LoweringDecided, LoweringProposed, RescueStepLate
from wellbeing.cases.operations import duties
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, DecidedElsewhere
from wellbeing.escalation import queries
from wellbeing.escalation.operations import decisions, rescues
from wellbeing.escalation.rules.words import PageSubject, PageSubjectKind
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.models import OUTBOUND

SUBJECT = PageSubject(kind=PageSubjectKind.RESCUE, id=71)


def late(case: CaseRow, rung: str) -> None:
    fact = RescueStepLate(
        rescue_id=SUBJECT.id,
        case_id=case.case_id,
        step="reached",
        rung=rung,
        owner_id=case.owner_id,
        organization_id=case.organization_id,
        at=NOW,
    )
    with transaction():
        rescues.call(late=fact)


def rung_people() -> set[int]:
    return {one.user_id for one in queries.attempts_of(subjects=[SUBJECT])}


def test_the_owner_gets_a_text_that_says_nothing_of_the_student(staff: Staff, case: CaseRow):
    late(case, "owner")

    orders = session().execute(select(OUTBOUND.c.purpose, OUTBOUND.c.urgency)).all()
    assert [tuple(one) for one in orders] == [("staff", 4)]
    assert rung_people() == set()


@pytest.mark.parametrize(
    ("rung", "who"),
    [
        ("supervisor", "district_supervisor"),
        ("next_tier", "supervisor"),
        ("duty_lead", "duty_lead"),
    ],
)
def test_each_rung_calls_the_desk_that_it_names(staff: Staff, case: CaseRow, rung: str, who: str):
    late(case, rung)

    assert rung_people() == {getattr(staff, who)}


def test_the_same_rung_twice_is_one_page(staff: Staff, case: CaseRow):
    late(case, "supervisor")
    late(case, "supervisor")

    assert len(queries.pages_of(subject=SUBJECT)) == 1


def proposed(staff: Staff, case: CaseRow, by: int) -> None:
    fact = LoweringProposed(
        lowering_id=5,
        case_id=case.case_id,
        contact_id=None,
        organization_id=case.organization_id,
        by_user_id=by,
        decide_by=NOW + timedelta(minutes=30),
        at=NOW,
    )
    with transaction():
        decisions.ask_to_decide(proposal=fact)


@pytest.mark.parametrize(
    ("proposer", "holder"),
    [("sender", "district_supervisor"), ("district_supervisor", "supervisor")],
)
def test_a_decision_is_a_duty_of_a_supervisor_who_did_not_propose(
    staff: Staff, case: CaseRow, proposer: str, holder: str
):
    proposed(staff, case, getattr(staff, proposer))

    (duty,) = cases.duties_of(case_id=case.case_id)
    assert (duty.kind, duty.holder_id) == ("level_decision", getattr(staff, holder))
    assert duty.by_at == NOW + timedelta(minutes=30)
    assert accounts.user(user_id=duty.holder_id).is_active


def test_nobody_ends_the_duty_by_saying_that_it_is_done(staff: Staff, case: CaseRow):
    proposed(staff, case, staff.sender)
    (duty,) = cases.duties_of(case_id=case.case_id)

    with pytest.raises(DecidedElsewhere), transaction():
        duties.settle_duty(duty_id=duty.duty_id, by=staff.district_supervisor, now=NOW)

    assert cases.duties_of(case_id=case.case_id) == (duty,)


def test_the_duty_ends_with_the_decision(staff: Staff, case: CaseRow):
    proposed(staff, case, staff.sender)
    fact = LoweringDecided(
        lowering_id=5,
        case_id=case.case_id,
        contact_id=None,
        outcome="kept",
        by_user_id=staff.district_supervisor,
        at=NOW,
    )

    with transaction():
        decisions.settle(decided=fact)
        decisions.settle(decided=fact)

    assert cases.duties_of(case_id=case.case_id) == ()
