"""A warm hand-over is one that the sender heard read back; and the others learn who has it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.escalation import forward, make_escalation
from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.models import ATTEMPT
from wellbeing.escalation.operations import escalations, handing_over, pages
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    EscalationOver,
    NobodyHeardYet,
    NotTheSender,
)
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import DeliveryStatus, Purpose


def confirm(escalation_id: int, by: int) -> bool:
    with transaction():
        return handing_over.confirm_read_back(escalation_id=escalation_id, by=by, now=NOW)


def told(escalation_id: int) -> list[tuple[str, str]]:
    """List who was texted that somebody has it, by number, and the words."""
    session().rollback()
    statement = OUTBOUND.select().where(
        OUTBOUND.c.purpose == Purpose.STAFF.value, OUTBOUND.c.purpose_id == escalation_id
    )
    return [
        (
            sealed.open_sealed(row["to_sealed"], place="outbound.to"),
            sealed.open_sealed(row["body_sealed"], place="outbound.body"),
        )
        for row in session().execute(statement.order_by(OUTBOUND.c.id)).mappings()
    ]


@pytest.fixture
def heard(staff: Staff, case: CaseRow) -> int:
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    with transaction():
        escalations.acknowledge(
            escalation_id=escalation_id, by=staff.district, via=AcknowledgedVia.KEY, now=NOW
        )
    return escalation_id


def test_a_hand_over_is_cold_until_the_sender_heard_it_read_back(
    staff: Staff, case: CaseRow, heard: int
):
    before = queries.by_id(escalation_id=heard).is_warm

    assert confirm(heard, staff.sender)

    assert not before
    assert queries.by_id(escalation_id=heard).is_warm
    entry = cases.timeline(case_id=case.case_id, limit=1)[0]
    assert (entry.kind, entry.actor_id) == ("escalation_read_back", staff.sender)
    assert entry.facts["user_id"] == staff.district


def test_it_is_noted_once(staff: Staff, heard: int):
    assert confirm(heard, staff.sender)
    assert not confirm(heard, staff.sender)


def test_it_may_be_noted_after_acceptance(staff: Staff, heard: int):
    with transaction():
        escalations.accept(escalation_id=heard, by=staff.district, now=NOW)

    assert confirm(heard, staff.sender)


@pytest.mark.parametrize("who", ["district", "stranger", "municipal"])
def test_nobody_but_the_sending_side_heard_it(staff: Staff, heard: int, who: str):
    with pytest.raises(NotTheSender):
        confirm(heard, getattr(staff, who))

    assert not queries.by_id(escalation_id=heard).is_warm


def test_what_nobody_acknowledged_nobody_read_back(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    with pytest.raises(NobodyHeardYet):
        confirm(escalation_id, staff.sender)


def test_what_was_taken_back_was_not_handed_over(staff: Staff, heard: int):
    with transaction():
        escalations.release(escalation_id=heard, by=staff.sender, now=NOW)

    with pytest.raises(EscalationOver):
        confirm(heard, staff.sender)


def test_everybody_who_was_rung_and_the_sender_learn_that_a_colleague_has_it(
    staff: Staff, case: CaseRow
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=16))
    for ring in session().execute(ATTEMPT.select()).mappings().all():
        session().rollback()
        with transaction():
            pages.record_ring(
                outbound_id=ring["outbound_id"], status=DeliveryStatus.NO_ANSWER, now=NOW
            )
    with transaction():
        escalations.accept(
            escalation_id=escalation_id, by=staff.municipal, now=NOW + timedelta(minutes=16)
        )

    found = told(escalation_id)

    numbers = [number for number, _ in found]
    assert "+8613700000001" in numbers
    assert "+8613700000002" in numbers
    assert "+8613700000003" not in numbers
    assert "+8613700000008" not in numbers
    assert len(numbers) == len(set(numbers))
    assert "+8613700000004" in numbers
    assert all("已有同事接手" in body and "WB-" not in body for _, body in found)
