"""Accepting, declining, taking back, stepping down: who may, who wins, what follows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.cases import close, hand_over, make_case
from tests.factories.contacts import claim, make_conversation
from tests.factories.escalation import forward, make_escalation, rings_of
from tests.factories.moments import NOW
from tests.rooms.escalation.conftest import Staff
from wellbeing.accounts.queries import grants as accounts
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow
from wellbeing.contacts.operations import conversations
from wellbeing.escalation import queries
from wellbeing.escalation.events import EscalationAccepted, EscalationDeclined, StudentContactMissed
from wellbeing.escalation.operations import escalations, senders
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AlreadyAccepted,
    AlreadyEscalated,
    Direction,
    EscalationOver,
    EscalationState,
    NewEscalation,
    NobodyAbove,
    NoSuchEscalation,
    NotBelow,
    NotTheSender,
    PageSubject,
    PageSubjectKind,
    ReasonNeeded,
    SkipNotAllowed,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel, Tier

Scopes = Callable[[int], Scope]


def accept(escalation_id: int, by: int, minutes: float = 5) -> None:
    with transaction():
        escalations.accept(escalation_id=escalation_id, by=by, now=NOW + timedelta(minutes=minutes))


def acknowledge(escalation_id: int, by: int) -> bool:
    with transaction():
        return escalations.acknowledge(
            escalation_id=escalation_id, by=by, via=AcknowledgedVia.PORTAL, now=NOW
        )


def decline(escalation_id: int, by: int, reason: str = "虚构：人手不够。") -> bool:
    with transaction():
        return escalations.decline(escalation_id=escalation_id, by=by, reason=reason, now=NOW)


def test_whoever_accepts_owns_the_case_and_the_sender_no_longer(
    staff: Staff, case: CaseRow, told: list[object]
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    accept(escalation_id, staff.district)

    row = cases.case_by_id(case_id=case.case_id)
    assert (row.owner_id, row.organization_id) == (staff.district, staff.city.district.id)
    assert cases.holds(case_id=case.case_id) == ()
    (event,) = [one for one in told if isinstance(one, EscalationAccepted)]
    assert event == EscalationAccepted(
        escalation_id=escalation_id,
        case_id=case.case_id,
        by_user_id=staff.district,
        organization_id=staff.city.district.id,
        level=RiskLevel.IMMINENT,
        at=NOW + timedelta(minutes=5),
    )


def test_the_second_to_accept_is_told_which_organization_has_it(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=9))
    accept(escalation_id, staff.duty_lead, minutes=10)

    with pytest.raises(AlreadyAccepted) as error:
        accept(escalation_id, staff.district, minutes=10)

    assert error.value.fields["name_zh"] == "虚构市"
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.duty_lead


def test_of_twelve_who_accept_at_once_one_wins(database: Flask, staff: Staff, case: CaseRow):
    """Promise P3: a case never has two owners, nor none."""
    district = staff.city.district.id
    crowd = [make_counselor(organization_id=district) for _ in range(12)]
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    session().rollback()
    together = Barrier(len(crowd))

    def try_it(user_id: int) -> str:
        with database.app_context():
            together.wait()
            try:
                accept(escalation_id, user_id)
            except AlreadyAccepted:
                return "late"
            return "won"

    with ThreadPoolExecutor(len(crowd)) as pool:
        results = sorted(pool.map(try_it, crowd))

    session().rollback()
    assert results == ["late"] * 11 + ["won"]
    assert cases.case_by_id(case_id=case.case_id).owner_id in crowd


def test_the_ringing_stops_when_somebody_accepts(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district, minutes=1)

    forward(until=NOW + timedelta(minutes=59))

    assert {ring.user_id for ring in rings_of(escalation_id)} == {staff.district}


def test_nobody_outside_the_chain_may_accept(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    for outsider in (staff.stranger, staff.sender, staff.municipal):
        with pytest.raises(NoSuchEscalation):
            accept(escalation_id, outsider)


def test_a_receiver_reads_the_reason_only_after_acknowledging(
    staff: Staff, case: CaseRow, scopes: Scopes
):
    escalation_id = make_escalation(
        case_id=case.case_id, by=staff.sender, safety_plan="虚构：打给姐姐。"
    )
    reader = scopes(staff.district)

    summary = queries.inbox(scope=reader)
    with pytest.raises(NoSuchEscalation):
        queries.words(escalation_id=escalation_id, scope=reader, now=NOW)
    acknowledge(escalation_id, staff.district)
    words = queries.words(escalation_id=escalation_id, scope=reader, now=NOW)

    assert [row.escalation_id for row in summary] == [escalation_id]
    assert words.reason == "虚构：他说今晚就走。"
    assert words.safety_plan == "虚构：打给姐姐。"
    assert cases.get(case_id=case.case_id, scope=reader, now=NOW).case_id == case.case_id


def test_the_case_closes_again_to_those_who_only_acknowledged(staff: Staff, case: CaseRow):
    colleague = make_counselor(organization_id=staff.city.district.id)
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    acknowledge(escalation_id, colleague)

    accept(escalation_id, staff.district)

    holders = accounts.holders_of(
        subject_kind="case", subject_id=case.case_id, now=NOW + timedelta(hours=1)
    )
    assert holders == (staff.district,)


def test_another_districts_counselor_never_learns_of_it(
    staff: Staff, case: CaseRow, scopes: Scopes
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    reader = scopes(staff.stranger)

    assert queries.inbox(scope=reader) == ()
    assert queries.open_escalations(scope=reader) == ()
    with pytest.raises(NoSuchEscalation):
        queries.get(escalation_id=escalation_id, scope=reader)


def test_a_city_counselor_sees_it_only_when_the_city_has_joined(
    staff: Staff, case: CaseRow, scopes: Scopes
):
    make_escalation(case_id=case.case_id, by=staff.sender)
    reader = scopes(staff.municipal)

    before = queries.inbox(scope=reader)
    forward(until=NOW + timedelta(minutes=4))

    assert before == ()
    assert len(queries.inbox(scope=reader)) == 1


def test_declining_needs_a_reason(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    with pytest.raises(ReasonNeeded):
        decline(escalation_id, staff.district, reason="  ")


def test_a_declined_case_goes_back_to_the_senders_supervisor_who_is_paged(
    staff: Staff, case: CaseRow, told: list[object], scopes: Scopes
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    ended = decline(escalation_id, staff.district)

    row = queries.by_id(escalation_id=escalation_id)
    (duty,) = cases.duties_of(case_id=case.case_id)
    rings = queries.attempts_of(subjects=[PageSubject(kind=PageSubjectKind.DUTY, id=duty.duty_id)])
    assert ended is True
    assert (row.state, row.next_step_at) == (EscalationState.DECLINED, None)
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.sender
    assert (duty.kind, duty.holder_id) == ("escalation_declined", staff.district_supervisor)
    assert {ring.user_id for ring in rings} == {staff.district_supervisor}
    assert [type(one) for one in told].count(EscalationDeclined) == 1
    words = queries.words(escalation_id=escalation_id, scope=scopes(staff.sender), now=NOW)
    assert words.decline_reasons == ("虚构：人手不够。",)


def test_the_page_of_a_supervisor_climbs_until_it_is_heard(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    decline(escalation_id, staff.district)
    (duty,) = cases.duties_of(case_id=case.case_id)

    forward(until=NOW + timedelta(hours=1))

    subject = PageSubject(kind=PageSubjectKind.DUTY, id=duty.duty_id)
    rung = list(dict.fromkeys(ring.user_id for ring in queries.attempts_of(subjects=[subject])))
    assert rung == [
        staff.district_supervisor, staff.supervisor, staff.duty_lead, staff.director,
    ]  # fmt: skip


def test_one_receiver_who_declines_does_not_end_it_for_the_others(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=4))

    ended = decline(escalation_id, staff.district)

    row = queries.by_id(escalation_id=escalation_id)
    assert ended is False
    assert row.state is EscalationState.SENT
    assert row.step == 3
    accept(escalation_id, staff.municipal)
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.municipal


def test_whoever_declined_cannot_accept(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + timedelta(minutes=4))
    decline(escalation_id, staff.district)

    with pytest.raises(NoSuchEscalation):
        accept(escalation_id, staff.district)


def test_the_sender_may_take_it_back(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    with transaction():
        escalations.release(escalation_id=escalation_id, by=staff.sender, now=NOW)

    forward(until=NOW + timedelta(hours=1))
    assert queries.by_id(escalation_id=escalation_id).state is EscalationState.RELEASED
    assert len(rings_of(escalation_id)) == 2
    assert cases.holds(case_id=case.case_id) == ()
    with pytest.raises(EscalationOver):
        accept(escalation_id, staff.district)


def test_a_receiver_may_not_take_it_back(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)

    with pytest.raises(NotTheSender), transaction():
        escalations.release(escalation_id=escalation_id, by=staff.district, now=NOW)


def test_a_case_is_passed_on_once_at_a_time(staff: Staff, case: CaseRow):
    make_escalation(case_id=case.case_id, by=staff.sender)

    with pytest.raises(AlreadyEscalated):
        make_escalation(case_id=case.case_id, by=staff.sender)


def test_only_the_owner_or_a_supervisor_passes_a_case_on(staff: Staff, case: CaseRow):
    colleague = make_counselor(organization_id=staff.city.school.id)

    with pytest.raises(NotTheSender):
        make_escalation(case_id=case.case_id, by=colleague)

    assert make_escalation(case_id=case.case_id, by=staff.district_supervisor) > 0


def test_an_escalation_needs_a_reason(staff: Staff, case: CaseRow):
    with pytest.raises(ReasonNeeded):
        make_escalation(case_id=case.case_id, by=staff.sender, reason=" ")


def test_a_closed_case_is_not_passed_on(staff: Staff):
    case = make_case(owner_id=staff.sender)
    close(case=case)

    with pytest.raises(CaseIsClosed):
        make_escalation(case_id=case.case_id, by=staff.sender)


def test_there_is_nobody_above_the_city(staff: Staff):
    case = make_case(owner_id=staff.municipal, level=RiskLevel.IMMINENT)

    with pytest.raises(NobodyAbove):
        make_escalation(case_id=case.case_id, by=staff.municipal)


def test_a_counselor_may_not_skip_a_tier(staff: Staff, case: CaseRow):
    with pytest.raises(SkipNotAllowed):
        make_escalation(
            case_id=case.case_id, by=staff.sender, to_tier=Tier.MUNICIPAL, skip_reason="虚构"
        )


def test_a_supervisor_skips_a_tier_with_a_reason(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(
        case_id=case.case_id,
        by=staff.district_supervisor,
        to_tier=Tier.MUNICIPAL,
        skip_reason="虚构：区里今晚停电。",
    )

    assert {ring.user_id for ring in rings_of(escalation_id)} == {staff.municipal}


def test_a_supervisor_who_skips_must_say_why(staff: Staff, case: CaseRow):
    with pytest.raises(SkipNotAllowed):
        make_escalation(case_id=case.case_id, by=staff.district_supervisor, to_tier=Tier.MUNICIPAL)


def test_a_case_is_stepped_down_with_a_plan_and_accepted_below(staff: Staff, case: CaseRow):
    school = make_counselor(organization_id=staff.city.school.id, phone="+8613700000019")
    hand_over(case=case, to_user_id=staff.district)
    plan = NewEscalation(case_id=case.case_id, reason="虚构：每周见一次。")

    with transaction():
        escalation_id = senders.step_down(
            new=plan, to_organization_id=staff.city.school.id, by=staff.district, now=NOW
        )
    accept(escalation_id, school)

    row = queries.by_id(escalation_id=escalation_id)
    assert row.direction is Direction.DOWN
    assert cases.case_by_id(case_id=case.case_id).owner_id == school


def test_a_case_is_not_stepped_down_sideways_or_up(staff: Staff, case: CaseRow):
    plan = NewEscalation(case_id=case.case_id, reason="虚构")
    hand_over(case=case, to_user_id=staff.district)

    for place in (staff.city.district.id, staff.city.other_school.id, staff.city.municipality.id):
        with pytest.raises(NotBelow), transaction():
            senders.step_down(new=plan, to_organization_id=place, by=staff.district, now=NOW)


def test_a_student_contacted_in_time_settles_the_clock(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district)
    at = NOW + timedelta(minutes=30)

    with transaction():
        settled = escalations.note_contacted(case_id=case.case_id, by=staff.district, now=at)
    forward(until=NOW + timedelta(hours=2))

    row = queries.by_id(escalation_id=escalation_id)
    assert settled is True
    assert (row.contacted_at, row.contact_missed_at, row.next_step_at) == (at, None, None)


def written_by(user_id: int, case: CaseRow) -> int:
    (contact_id,) = cases.contacts_of(case_id=case.case_id)
    claim(contact_id=contact_id, user_id=user_id)
    with transaction():
        return conversations.write_reply(
            contact_id=contact_id, by=user_id, body="虚构：我在。", now=NOW
        )


def delivered(message_id: int, at: datetime) -> bool:
    with transaction():
        return escalations.note_text_delivered(message_id=message_id, now=at)


def test_a_text_of_the_new_owner_that_arrives_settles_the_clock(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district)
    at = NOW + timedelta(minutes=30)

    written = written_by(staff.district, case)
    settled, again = delivered(written, at), delivered(written, at + timedelta(minutes=1))

    row = queries.by_id(escalation_id=escalation_id)
    assert (settled, again) == (True, False)
    assert (row.contacted_at, row.next_step_at) == (at, None)


def test_a_text_of_the_former_owner_settles_nothing(staff: Staff, case: CaseRow):
    """It was written before the tier above had taken over; that tier still owes its contact."""
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    written = written_by(staff.sender, case)
    accept(escalation_id, staff.district)

    settled = delivered(written, NOW + timedelta(minutes=30))

    assert settled is False
    assert queries.by_id(escalation_id=escalation_id).contacted_at is None


def test_a_text_in_a_conversation_without_a_case_settles_nothing(staff: Staff):
    contact_id = make_conversation(user_id=staff.sender)
    with transaction():
        message_id = conversations.write_reply(
            contact_id=contact_id, by=staff.sender, body="虚构：我在。", now=NOW
        )

    assert delivered(message_id, NOW) is False


def test_a_student_not_contacted_in_time_is_the_supervisors_duty(
    staff: Staff, case: CaseRow, told: list[object]
):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district)

    forward(until=NOW + timedelta(hours=1))

    row = queries.by_id(escalation_id=escalation_id)
    (duty,) = cases.duties_of(case_id=case.case_id)
    assert row.contact_missed_at == NOW + timedelta(hours=1)
    assert row.next_step_at == NOW + timedelta(hours=1, minutes=15)
    assert (duty.kind, duty.holder_id) == ("student_contact_missed", staff.district_supervisor)
    assert [type(one) for one in told].count(StudentContactMissed) == 1


def test_reports_count_the_facts_of_the_readers_subtree(
    staff: Staff, case: CaseRow, scopes: Scopes
):
    make_escalation(case_id=case.case_id, by=staff.sender)
    day = {"since": NOW - timedelta(days=1), "until": NOW + timedelta(days=1)}

    mine = queries.escalation_facts(scope=scopes(staff.district_supervisor), **day)
    others = queries.escalation_facts(scope=scopes(staff.stranger), **day)

    (row,) = session().execute(mine).mappings().all()
    assert (row["level"], row["tier"], row["acknowledged_at"]) == (4, 2, None)
    assert not [name for name in row if name.endswith("_sealed")]
    assert session().execute(others).all() == []
