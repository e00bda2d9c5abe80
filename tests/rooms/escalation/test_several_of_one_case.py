"""Several escalations of one case: one at a time waits, others may still owe a contact.

product.md 5.4 lets the next tier join the *same* escalation as a receiver, and the first of all
receivers wins: so a case has one that is open, with as many desks as are needed, and whoever sends
a second is told so; a level that rose hurries the running one instead (`test_sharpening`). What was
accepted and owes the student a contact is another one under way, and stays so beside an open one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.escalation import forward, make_escalation, rings_of
from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.cases.operations import changes
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow, HoldsRemain
from wellbeing.escalation import queries
from wellbeing.escalation.models import ESCALATION
from wellbeing.escalation.operations import escalations
from wellbeing.escalation.rules.words import AlreadyEscalated, EscalationState
from wellbeing.foundation.database import session, transaction

MINUTE = timedelta(minutes=1)


def accept(escalation_id: int, by: int, *, at: int) -> None:
    with transaction():
        escalations.accept(escalation_id=escalation_id, by=by, now=NOW + at * MINUTE)


@pytest.fixture
def both(staff: Staff, case: CaseRow) -> tuple[int, int]:
    """The district accepted and owes a contact; it passes the case on to the city."""
    first = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(first, staff.district, at=5)
    second = make_escalation(case_id=case.case_id, by=staff.district, now=NOW + 10 * MINUTE)
    return first, second


def test_two_who_pass_a_case_on_at_once_start_one_escalation(
    database: Flask, staff: Staff, case: CaseRow
):
    together = Barrier(2)

    def send(by: int) -> str:
        with database.app_context():
            together.wait(timeout=20)
            try:
                make_escalation(case_id=case.case_id, by=by)
            except AlreadyEscalated:
                return "refused"
            return "sent"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(send, (staff.sender, staff.district_supervisor)))

    count = session().execute(select(func.count()).select_from(ESCALATION)).scalar_one()
    assert (said, count) == (["refused", "sent"], 1)


def test_a_desk_that_joins_stands_beside_the_one_before_and_either_may_accept(
    staff: Staff, case: CaseRow
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + 5 * MINUTE)

    waiting = [one.joined_at is not None for one in queries.receivers(
        row=queries.by_id(escalation_id=escalation_id)
    )]  # fmt: skip
    accept(escalation_id, staff.district, at=6)

    assert waiting[:2] == [True, True]
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.district


def test_the_case_cannot_be_closed_while_one_of_them_is_open(
    staff: Staff, case: CaseRow, both: tuple[int, int]
):
    with pytest.raises(HoldsRemain) as refused, transaction():
        changes.close_case(
            case_id=case.case_id, by=staff.district, note="虚构", told=True, now=NOW + 11 * MINUTE
        )

    assert "escalation" in refused.value.fields["kinds"]


def test_one_that_is_taken_back_leaves_the_other_running(
    staff: Staff, case: CaseRow, both: tuple[int, int]
):
    first, second = both
    with transaction():
        escalations.release(escalation_id=second, by=staff.district, now=NOW + 12 * MINUTE)

    forward(until=NOW + 60 * MINUTE)

    assert queries.by_id(escalation_id=second).state is EscalationState.RELEASED
    assert queries.by_id(escalation_id=first).contact_missed_at == NOW + 60 * MINUTE
    assert {ring.user_id for ring in rings_of(first)} >= {staff.municipal, staff.duty_lead}


def test_a_contact_settles_the_clock_and_leaves_the_open_one_waiting(
    staff: Staff, case: CaseRow, both: tuple[int, int]
):
    first, second = both
    with transaction():
        escalations.note_contacted(case_id=case.case_id, by=staff.district, now=NOW + 13 * MINUTE)

    assert queries.by_id(escalation_id=first).next_step_at is None
    row = queries.by_id(escalation_id=second)
    assert row.is_open
    assert row.next_step_at is not None


def test_accepting_the_second_takes_the_clock_of_the_first_along(
    staff: Staff, case: CaseRow, both: tuple[int, int]
):
    first, second = both
    accept(second, staff.municipal, at=20)

    assert queries.by_id(escalation_id=first).next_step_at is None
    assert queries.by_id(escalation_id=second).contact_by == NOW + 60 * MINUTE
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.municipal
