"""Pages: who is called for what, how they answer, and that no word of a student leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.contacts import claim, make_contact
from tests.factories.escalation import forward, make_escalation, rings_of, subject_of
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.fakes import FakeTelephony, FrozenClock
from tests.rooms.escalation.conftest import Staff
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.events import PageAcknowledged, PageUnanswered
from wellbeing.escalation.operations import answers, pages
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AttemptOutcome,
    NoSuchPage,
    PageState,
    PageSubject,
    PageSubjectKind,
)
from wellbeing.foundation.database import transaction
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.rules import DeliveryStatus
from wellbeing.policy.model import Language, RiskLevel

MORNING = NOW + timedelta(hours=9)
"""07:00 in Chongqing: quiet hours end."""


def page(
    staff: Staff, desk: str = "line", urgency: RiskLevel = RiskLevel.IMMINENT, **changes: int
) -> int:
    """Page a desk of the city for an invented contact."""
    subject = PageSubject(
        kind=PageSubjectKind.CONTACT, id=changes.get("contact_id") or make_contact()
    )
    place = changes.get("organization_id", staff.city.municipality.id)
    with transaction():
        return pages.page_desk(
            subject=subject, organization_id=place, desk=desk, urgency=urgency, now=NOW
        )


def rung(page_id: int) -> list[int]:
    subject = queries.page(page_id=page_id).subject
    found = queries.attempts_of(subjects=[subject])
    return [ring.user_id for ring in found if ring.page_id == page_id]


def test_a_page_says_a_code_word_and_nothing_of_a_student(staff: Staff):
    page(staff)
    clock = FrozenClock(NOW)
    carrier = FakeTelephony(now=clock)

    for _ in range(3):
        sweep.deliver_due(gateway=carrier, now=clock, limit=10)
        clock.forward(seconds=2)

    texts = {one.to: one.body for one in carrier.texts}
    assert texts["+8613700000003"] == "【晨光】热线需要你。收到请回复1。"
    (call,) = carrier.calls
    spoken = queries.page_for_call(public_id=call.public_id)
    assert (spoken.user_id, spoken.code_word, spoken.language) == (
        staff.municipal, "晨光", Language.ZH,
    )  # fmt: skip


def test_a_person_is_called_in_their_language(staff: Staff):
    english = make_counselor(
        organization_id=staff.city.university.id,
        phone="+8613700000020",
        languages=(Language.EN,),
    )
    make_shift(user_id=english, organization_id=staff.city.university.id)
    page(staff, organization_id=staff.city.university.id)
    clock = FrozenClock(NOW)
    carrier = FakeTelephony(now=clock)

    sweep.deliver_due(gateway=carrier, now=clock, limit=10)

    bodies = {one.body for one in carrier.texts if one.to == "+8613700000020"}
    assert bodies == {"Daybreak: the line needs you. Reply 1 to acknowledge."}


def test_a_desk_is_paged_once_for_a_subject_and_grows_more_urgent(staff: Staff):
    contact_id = make_contact()
    first = page(staff, urgency=RiskLevel.HIGH, contact_id=contact_id)
    second = page(staff, urgency=RiskLevel.IMMINENT, contact_id=contact_id)

    assert first == second
    assert queries.page(page_id=first).urgency is RiskLevel.IMMINENT
    assert len(rung(first)) == 1


def test_yellow_waits_for_the_morning_and_red_does_not(staff: Staff):
    page_id = page(staff, urgency=RiskLevel.MODERATE)
    waiting = queries.page(page_id=page_id)

    forward(until=MORNING - timedelta(minutes=1))
    silent = rung(page_id)
    forward(until=MORNING)

    assert waiting.next_step_at == MORNING
    assert silent == []


def test_a_page_that_waits_for_the_morning_rings_when_it_turns_red(staff: Staff):
    contact_id = make_contact()
    page_id = page(staff, urgency=RiskLevel.MODERATE, contact_id=contact_id)
    page(staff, urgency=RiskLevel.IMMINENT, contact_id=contact_id)

    forward(until=NOW)

    assert rung(page_id) == [staff.municipal, staff.municipal]


def test_everybody_on_the_list_is_rung_and_listed_then_it_is_told(staff: Staff, told: list[object]):
    second = make_counselor(phone="+8613700000021")
    make_shift(user_id=second, organization_id=staff.city.municipality.id, position=2)
    page_id = page(staff)

    forward(until=NOW + timedelta(minutes=30))

    assert rung(page_id) == [staff.municipal] * 3 + [second] * 3
    assert queries.page(page_id=page_id).state is PageState.UNANSWERED
    (event,) = [one for one in told if isinstance(one, PageUnanswered)]
    assert (event.page_id, event.desk, event.at) == (page_id, "line", NOW + timedelta(minutes=8))


def test_an_empty_desk_is_over_at_once(staff: Staff, told: list[object]):
    page_id = page(staff, desk="crisis")

    assert queries.page(page_id=page_id).state is PageState.UNANSWERED
    assert [type(one) for one in told].count(PageUnanswered) == 1


def test_a_text_of_one_digit_answers_the_newest_page(staff: Staff, told: list[object]):
    page(staff)
    newest = page(staff)

    with transaction():
        answered = answers.acknowledge_by_text(
            user_id=staff.municipal, now=NOW + timedelta(minutes=1)
        )

    assert answered is not None
    assert (answered.page_id, answered.acknowledged_by) == (newest, staff.municipal)
    assert answered.acknowledged_via is AcknowledgedVia.TEXT
    assert [one.page_id for one in told if isinstance(one, PageAcknowledged)] == [newest]


def test_whoever_is_late_is_told_that_a_colleague_has_it(staff: Staff):
    second = make_counselor(phone="+8613700000022")
    make_shift(user_id=second, organization_id=staff.city.municipality.id, position=2)
    page_id = page(staff)
    forward(until=NOW + timedelta(minutes=4))
    with transaction():
        answers.acknowledge_page(page_id=page_id, user_id=second, via=AcknowledgedVia.KEY, now=NOW)

    with transaction():
        found = answers.acknowledge_by_text(user_id=staff.municipal, now=NOW + timedelta(minutes=5))

    assert found is not None
    assert found.acknowledged_by == second


def test_a_digit_of_somebody_who_was_not_rung_is_no_answer(staff: Staff):
    page(staff)

    with transaction():
        found = answers.acknowledge_by_text(user_id=staff.stranger, now=NOW)

    assert found is None


def test_an_answer_after_the_ringing_ended_still_counts(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=10))
    (first, *_) = queries.pages_of(subject=subject_of(escalation_id))

    with transaction():
        counted = answers.acknowledge_page(
            page_id=first.page_id,
            user_id=staff.district,
            via=AcknowledgedVia.TEXT,
            now=NOW + timedelta(minutes=11),
        )

    row = queries.by_id(escalation_id=escalation_id)
    assert first.state is PageState.UNANSWERED
    assert counted is True
    assert row.acknowledged_by == staff.district


def test_a_stranger_cannot_answer_a_page(staff: Staff):
    page_id = page(staff)

    with pytest.raises(NoSuchPage), transaction():
        answers.acknowledge_page(
            page_id=page_id, user_id=staff.stranger, via=AcknowledgedVia.PORTAL, now=NOW
        )


def test_a_withdrawn_page_rings_nobody_any_more(staff: Staff):
    page_id = page(staff)

    with transaction():
        stopped = pages.withdraw_pages(
            subject=queries.page(page_id=page_id).subject, now=NOW + timedelta(seconds=1)
        )
    forward(until=NOW + timedelta(minutes=30))

    outcomes = {
        ring.outcome
        for ring in queries.attempts_of(subjects=[queries.page(page_id=page_id).subject])
    }
    assert stopped == 1
    assert rung(page_id) == [staff.municipal] * 2
    assert outcomes == {AttemptOutcome.WITHDRAWN}
    with transaction():
        assert answers.acknowledge_by_text(user_id=staff.municipal, now=NOW) is not None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (DeliveryStatus.NO_ANSWER, AttemptOutcome.NO_ANSWER),
        (DeliveryStatus.BUSY, AttemptOutcome.BUSY),
        (DeliveryStatus.COMPLETED, AttemptOutcome.ANSWERED),
    ],
)
def test_what_became_of_a_ring_is_listed(
    staff: Staff, case: CaseRow, status: DeliveryStatus, outcome: AttemptOutcome
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    clock = FrozenClock(NOW)
    carrier = FakeTelephony(now=clock)
    sweep.deliver_due(gateway=carrier, now=clock, limit=10)
    (order,) = carrier.calls

    with transaction():
        was_ours = pages.record_ring(outbound_id=order.outbound_id, status=status, now=NOW)

    assert was_ours is True
    assert [ring.outcome for ring in rings_of(escalation_id)] == [None, outcome]


def test_a_receipt_of_something_else_is_not_a_ring(staff: Staff):
    with transaction():
        assert not pages.record_ring(outbound_id=999_999, status=DeliveryStatus.FAILED, now=NOW)


def test_a_person_who_answers_stays_listed_as_such(staff: Staff):
    page_id = page(staff)
    with transaction():
        answers.acknowledge_page(
            page_id=page_id, user_id=staff.municipal, via=AcknowledgedVia.KEY, now=NOW
        )
    subject = queries.page(page_id=page_id).subject

    outcomes = [ring.outcome for ring in queries.attempts_of(subjects=[subject])]

    assert outcomes == [AttemptOutcome.WITHDRAWN, AttemptOutcome.ACKNOWLEDGED]
    assert queries.ringing_for(user_id=staff.municipal) == ()


def test_a_desk_that_was_called_again_is_called_for_one_thing_once(staff: Staff):
    """A night without an answer left seventeen notices of one waiting student on the queue."""
    contact_id = make_contact()
    page(staff, contact_id=contact_id)
    forward(until=NOW + timedelta(hours=1))

    second = page(staff, contact_id=contact_id)
    forward(until=NOW + timedelta(hours=2))

    assert [one.page_id for one in queries.ringing_for(user_id=staff.municipal)] == [second]
    assert queries.page(page_id=second).state is PageState.UNANSWERED


def test_who_was_called_in_vain_is_not_called_for_what_a_colleague_took_over(staff: Staff):
    contact_id = make_contact()
    page_id = page(staff, contact_id=contact_id)
    forward(until=NOW + timedelta(hours=1))
    before = [one.page_id for one in queries.ringing_for(user_id=staff.municipal)]

    claim(contact_id=contact_id, user_id=staff.municipal, now=NOW + timedelta(hours=2))

    assert before == [page_id]
    assert queries.page(page_id=page_id).state is PageState.UNANSWERED
    assert queries.ringing_for(user_id=staff.municipal) == ()
