"""An escalation climbs by itself, on its clocks, until somebody hears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.escalation import forward, make_escalation, rings_of, subject_of
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.rooms.escalation.conftest import Staff
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.operations import answers, escalations, pages, sweeps
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AttemptOutcome,
    EscalationState,
    PageChannel,
    PageState,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import DeliveryStatus, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


def first_rings(escalation_id: int) -> dict[int, float]:
    """Tell at which minute each person was rung first."""
    found: dict[int, float] = {}
    for ring in rings_of(escalation_id):
        found.setdefault(ring.user_id, (ring.at - NOW) / timedelta(minutes=1))
    return found


def kinds(case: CaseRow) -> list[str]:
    entries = cases.timeline(case_id=case.case_id, limit=100)
    return [entry.kind for entry in reversed(entries)]


def test_the_district_is_rung_at_once_and_the_sender_owns_the_case(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    rings = [(ring.user_id, ring.channel) for ring in rings_of(escalation_id)]
    row = queries.by_id(escalation_id=escalation_id)
    assert rings == [(staff.district, PageChannel.TEXT), (staff.district, PageChannel.CALL)]
    assert row.acknowledge_by == NOW + timedelta(minutes=15)
    assert row.contact_by == NOW + timedelta(hours=1)
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.sender
    assert [hold.kind for hold in cases.holds(case_id=case.case_id)] == ["escalation"]


def test_nobody_in_imminent_danger_waits_for_a_person_to_look(staff: Staff, case: CaseRow):
    """The promise in tiers.toml: desk, duty lead and director, each in its time."""
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    forward(until=NOW + timedelta(minutes=40))

    minutes = first_rings(escalation_id)
    assert minutes == {
        staff.district: 0,
        staff.municipal: 4,
        staff.duty_lead: 8,
        staff.director: 30,
    }
    row = queries.by_id(escalation_id=escalation_id)
    assert row.acknowledge_missed_at == NOW + timedelta(minutes=15)
    assert row.next_step_at == NOW + timedelta(minutes=45)


def test_everybody_is_rung_again_at_each_clock(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    forward(until=NOW + timedelta(minutes=15))

    again = {
        ring.user_id for ring in rings_of(escalation_id) if ring.at > NOW + timedelta(minutes=14)
    }
    assert again == {staff.district, staff.municipal, staff.duty_lead}


def test_the_chain_is_listed_with_planned_and_actual_times(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    forward(until=NOW + timedelta(minutes=5))

    row = queries.by_id(escalation_id=escalation_id)
    found = [
        (one.organization_id, one.desk, one.planned_at, one.joined_at)
        for one in queries.receivers(row=row)
    ]
    city = staff.city.municipality.id
    assert found == [
        (staff.city.district.id, "line", NOW, NOW),
        (city, "line", NOW + timedelta(minutes=15), NOW + timedelta(minutes=4)),
        (city, "duty_lead", NOW + timedelta(minutes=15), None),
        (city, "director", NOW + timedelta(minutes=30), None),
    ]


def test_at_orange_the_clock_leaves_four_hours(staff: Staff):
    case = make_case(owner_id=staff.sender, level=RiskLevel.HIGH)
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    forward(until=NOW + timedelta(hours=3, minutes=59))
    early = first_rings(escalation_id)
    forward(until=NOW + timedelta(hours=4))

    assert set(early) == {staff.district}
    assert set(first_rings(escalation_id)) == {staff.district, staff.municipal, staff.duty_lead}


def test_an_empty_desk_is_skipped_at_once_and_is_an_alarm(staff: Staff):
    sender = make_counselor(organization_id=staff.city.other_school.id)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT)

    escalation_id = make_escalation(case_id=case.case_id, by=sender)

    assert first_rings(escalation_id) == {staff.municipal: 0}
    assert "nobody_on_call" in kinds(case)
    duties = cases.duties_of(case_id=case.case_id)
    assert [(duty.kind, duty.holder_id) for duty in duties] == [("coverage_gap", staff.supervisor)]


def test_where_the_whole_chain_is_empty_every_supervisor_of_the_city_is_rung(
    staff: Staff, case: CaseRow
):
    later = NOW + timedelta(days=2)

    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender, now=later)
    forward(until=later + timedelta(minutes=20))

    assert set(first_rings(escalation_id)) == {staff.duty_lead, staff.director, staff.supervisor}


def test_a_university_is_heard_by_the_city_directly(staff: Staff):
    sender = make_counselor(organization_id=staff.city.university.id)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT)

    escalation_id = make_escalation(case_id=case.case_id, by=sender)

    assert set(first_rings(escalation_id)) == {staff.municipal}


def test_an_acknowledgement_stops_the_ringing(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    (page,) = queries.pages_of(subject=subject_of(escalation_id))

    with transaction():
        first = answers.acknowledge_page(
            page_id=page.page_id, user_id=staff.district, via=AcknowledgedVia.KEY, now=NOW
        )
    forward(until=NOW + timedelta(minutes=14))

    row = queries.by_id(escalation_id=escalation_id)
    assert first is True
    assert (row.state, row.acknowledged_by) == (EscalationState.ACKNOWLEDGED, staff.district)
    assert set(first_rings(escalation_id)) == {staff.district}
    orders = outbox.texts_of(purpose=Purpose.PAGE_CALL, ids=[page.page_id])[page.page_id]
    assert [order.state.value for order in orders] == ["withdrawn"]


def test_an_acknowledgement_without_acceptance_does_not_end_it(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    with transaction():
        escalations.acknowledge(
            escalation_id=escalation_id,
            by=staff.district,
            via=AcknowledgedVia.PORTAL,
            now=NOW + timedelta(minutes=5),
        )

    forward(until=NOW + timedelta(minutes=20))

    assert set(first_rings(escalation_id)) == {staff.district, staff.municipal, staff.duty_lead}
    assert queries.by_id(escalation_id=escalation_id).acknowledge_missed_at is None


def test_a_phone_that_cannot_be_called_hands_over_to_the_next_person(staff: Staff, case: CaseRow):
    second = make_counselor(organization_id=staff.city.district.id, phone="+8613700000009")
    make_shift(user_id=second, organization_id=staff.city.district.id, position=2)
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    (page,) = queries.pages_of(subject=subject_of(escalation_id))
    (call,) = outbox.texts_of(purpose=Purpose.PAGE_CALL, ids=[page.page_id])[page.page_id]
    soon = NOW + timedelta(seconds=5)

    with transaction():
        pages.record_ring(outbound_id=call.outbound_id, status=DeliveryStatus.FAILED, now=soon)
    forward(until=soon)

    rings = [(ring.user_id, ring.outcome) for ring in rings_of(escalation_id)]
    assert (staff.district, AttemptOutcome.FAILED) in rings
    assert second in first_rings(escalation_id)


def test_a_step_is_made_once_however_many_processes_look(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    due = NOW + timedelta(minutes=2)
    (page_id,) = queries.due_page_ids(now=due, limit=10)
    session().rollback()

    with transaction():
        first = sweeps.advance_page(page_id, now=due)
    with transaction():
        second = sweeps.advance_page(page_id, now=due)

    assert (first, second) == (True, False)
    assert len(rings_of(escalation_id)) == 3


def test_the_timeline_tells_it_all(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=16))
    with transaction():
        escalations.accept(
            escalation_id=escalation_id, by=staff.duty_lead, now=NOW + timedelta(minutes=16)
        )

    told = [kind for kind in kinds(case) if kind.startswith(("escalation", "acknowledgement"))]
    assert told == [
        "escalation_sent",
        "escalation_joined",
        "escalation_joined",
        "acknowledgement_missed",
        "escalation_accepted",
    ]


def test_pages_are_listed_by_what_became_of_them(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    forward(until=NOW + timedelta(minutes=5))

    found = [
        (page.desk, page.state) for page in queries.pages_of(subject=subject_of(escalation_id))
    ]
    assert found == [("line", PageState.UNANSWERED), ("line", PageState.PAGING)]


def answer(escalation_id: int, user_id: int, *, at: float) -> None:
    now = NOW + timedelta(minutes=at)
    page = queries.ringing_for(user_id=user_id)[0]
    session().rollback()
    with transaction():
        answers.acknowledge_page(
            page_id=page.page_id, user_id=user_id, via=AcknowledgedVia.KEY, now=now
        )


def rounds(escalation_id: int, user_id: int, *, since: float) -> list[float]:
    """Tell at which minutes a person was rung for the first time in each round."""
    found = [(ring.at - NOW) / timedelta(minutes=1) for ring in rings_of(escalation_id)
             if ring.user_id == user_id]  # fmt: skip
    later = [minute for minute in found if minute >= since]
    return [one for one, before in zip(later, [-99.0, *later], strict=False) if one - before > 10]


def test_once_the_director_has_answered_the_rounds_are_an_hour_apart(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=31))

    answer(escalation_id, staff.director, at=31)
    forward(until=NOW + timedelta(hours=4, minutes=40))

    assert rounds(escalation_id, staff.director, since=31) == [91, 151, 211, 271]
    assert rounds(escalation_id, staff.district, since=31) == [91, 151, 211, 271]
    assert queries.by_id(escalation_id=escalation_id).next_step_at == NOW + timedelta(minutes=331)


def test_until_the_director_answers_the_rounds_stay_a_quarter_of_an_hour_apart(
    staff: Staff, case: CaseRow
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=31))

    answer(escalation_id, staff.municipal, at=31)
    forward(until=NOW + timedelta(minutes=80))

    assert rounds(escalation_id, staff.director, since=31) == [46, 61, 76]


def test_the_pace_is_that_of_the_policy_it_was_sent_with(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=31))
    now = policy.current()
    slower = replace(now, tiers=replace(now.tiers, round_after_last_answer=timedelta(days=7)))
    policy.install(slower)
    try:
        answer(escalation_id, staff.director, at=31)
    finally:
        policy.install(now)

    assert queries.by_id(escalation_id=escalation_id).next_step_at == NOW + timedelta(minutes=91)
