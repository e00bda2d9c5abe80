"""A student whom nobody contacted in time: the desks above hear of it until somebody does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.cases import close, hand_over, make_case
from tests.factories.escalation import forward, make_escalation, rings_of, subject_of
from tests.factories.moments import NOW
from tests.factories.roster import make_shift
from tests.rooms.escalation.conftest import Staff
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.escalation import queries
from wellbeing.escalation.operations import answers, escalations, senders, sharpening
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    AlreadyAccepted,
    NewEscalation,
    NoSuchEscalation,
    PageState,
)
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import RiskLevel
from wellbeing.worklists.queries import auditing
from wellbeing.worklists.rules import Broken, Promise

MINUTE = timedelta(minutes=1)


@pytest.fixture
def late(staff: Staff, case: CaseRow) -> int:
    """A red escalation that the district accepted after five minutes, an hour and a minute ago."""
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district, at=5)
    forward(until=NOW + 61 * MINUTE)
    return escalation_id


def accept(escalation_id: int, by: int, *, at: int) -> None:
    with transaction():
        escalations.accept(escalation_id=escalation_id, by=by, now=NOW + at * MINUTE)


def first_rings(escalation_id: int) -> dict[int, float]:
    found: dict[int, float] = {}
    for ring in rings_of(escalation_id):
        found.setdefault(ring.user_id, (ring.at - NOW) / MINUTE)
    return found


def left_to_nobody(now: datetime) -> list[Broken]:
    found = auditing.broken_promises(now=now)
    return [one for one in found if one.kind is Promise.ESCALATION]


def ringing(escalation_id: int) -> list[PageState]:
    pages = queries.pages_of(subject=subject_of(escalation_id))
    return [page.state for page in pages if page.state is PageState.PAGING]


def test_the_next_tier_the_duty_lead_and_the_director_hear_of_it(staff: Staff, late: int):
    forward(until=NOW + 80 * MINUTE)

    assert first_rings(late) == {
        staff.district: 0,
        staff.municipal: 60,
        staff.duty_lead: 60,
        staff.director: 75,
    }


def test_each_step_is_written_down_with_its_planned_and_its_actual_time(
    staff: Staff, case: CaseRow, late: int
):
    forward(until=NOW + 80 * MINUTE)

    city = staff.city.municipality.id
    found = [
        (one.organization_id, one.desk, one.planned_at, one.joined_at)
        for one in queries.receivers(row=queries.by_id(escalation_id=late))
    ]
    told = [
        entry.facts["desk"]
        for entry in reversed(cases.timeline(case_id=case.case_id, limit=100))
        if entry.kind == "student_contact_climbed"
    ]
    assert found[1:] == [
        (city, "line", NOW + 60 * MINUTE, NOW + 60 * MINUTE),
        (city, "duty_lead", NOW + 60 * MINUTE, NOW + 60 * MINUTE),
        (city, "director", NOW + 75 * MINUTE, NOW + 75 * MINUTE),
    ]
    assert told == ["line", "duty_lead", "director"]


def test_it_goes_on_round_by_round_and_the_auditor_sees_its_next_step(staff: Staff, late: int):
    forward(until=NOW + timedelta(hours=6))

    row = queries.by_id(escalation_id=late)
    last = max(ring.at for ring in rings_of(late) if ring.user_id == staff.director)
    assert last >= NOW + timedelta(hours=5, minutes=45)
    assert row.next_step_at == NOW + timedelta(hours=6, minutes=15)
    assert left_to_nobody(NOW + timedelta(hours=6)) == []


def test_whoever_hears_of_it_reads_the_case_and_has_a_rounds_time(
    staff: Staff, case: CaseRow, late: int
):
    with transaction():
        answers.acknowledge_by_text(user_id=staff.municipal, now=NOW + 62 * MINUTE)

    scope = accounts.scope_of(user_id=staff.municipal)
    words = queries.words(escalation_id=late, scope=scope, now=NOW + 62 * MINUTE)
    assert words.reason == "虚构：他说今晚就走。"
    assert ringing(late) == []
    assert queries.by_id(escalation_id=late).next_step_at == NOW + 77 * MINUTE
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.district
    forward(until=NOW + 77 * MINUTE)
    assert first_rings(late)[staff.director] == 77


def test_it_ends_when_somebody_reached_the_student(staff: Staff, case: CaseRow, late: int):
    with transaction():
        escalations.note_contacted(case_id=case.case_id, by=staff.district, now=NOW + 63 * MINUTE)
    forward(until=NOW + timedelta(hours=3))

    row = queries.by_id(escalation_id=late)
    assert (row.contacted_at, row.next_step_at) == (NOW + 63 * MINUTE, None)
    assert ringing(late) == []
    assert staff.director not in first_rings(late)


def test_a_receiver_takes_the_case_over_and_the_clock_runs_on(
    staff: Staff, case: CaseRow, late: int
):
    accept(late, staff.municipal, at=63)

    row, owned = queries.by_id(escalation_id=late), cases.case_by_id(case_id=case.case_id)
    assert (owned.owner_id, owned.organization_id) == (staff.municipal, staff.city.municipality.id)
    assert (row.accepted_at, row.next_step_at) == (NOW + 5 * MINUTE, NOW + 78 * MINUTE)
    assert ringing(late) == []
    forward(until=NOW + 79 * MINUTE)
    assert first_rings(late)[staff.director] == 78


def test_of_two_who_take_it_over_one_wins(staff: Staff, case: CaseRow, late: int):
    accept(late, staff.duty_lead, at=63)

    with pytest.raises(AlreadyAccepted):
        accept(late, staff.duty_lead, at=64)
    assert cases.case_by_id(case_id=case.case_id).owner_id == staff.duty_lead


def test_nobody_takes_it_from_themselves_or_as_a_stranger(staff: Staff, late: int):
    with pytest.raises(AlreadyAccepted):
        accept(late, staff.district, at=63)
    with pytest.raises(NoSuchEscalation):
        accept(late, staff.stranger, at=63)
    with pytest.raises(AlreadyAccepted), transaction():
        escalations.decline(escalation_id=late, by=staff.duty_lead, reason="虚构", now=NOW)


def test_before_the_deadline_nobody_takes_it_away(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + 9 * MINUTE)
    accept(escalation_id, staff.district, at=10)

    with pytest.raises(AlreadyAccepted):
        accept(escalation_id, staff.municipal, at=11)


def test_who_joined_before_the_acceptance_hears_of_it_again(staff: Staff, case: CaseRow):
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    forward(until=NOW + 9 * MINUTE)
    accept(escalation_id, staff.district, at=10)

    forward(until=NOW + 60 * MINUTE)

    again = {ring.user_id for ring in rings_of(escalation_id) if ring.at == NOW + 60 * MINUTE}
    assert again == {staff.municipal, staff.duty_lead}


def test_where_the_city_accepted_only_those_above_its_desk_are_told(staff: Staff):
    sender = make_counselor(organization_id=staff.city.university.id)
    case = make_case(owner_id=sender, level=RiskLevel.IMMINENT)
    escalation_id = make_escalation(case_id=case.case_id, by=sender)
    accept(escalation_id, staff.municipal, at=1)

    forward(until=NOW + 80 * MINUTE)

    assert first_rings(escalation_id) == {
        staff.municipal: 0, staff.duty_lead: 60, staff.director: 75,
    }  # fmt: skip


def test_a_closed_case_calls_nobody(staff: Staff):
    case = make_case(owner_id=staff.sender, level=RiskLevel.LOW)
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district, at=5)
    close(case=cases.case_by_id(case_id=case.case_id))

    forward(until=NOW + timedelta(days=30))

    row = queries.by_id(escalation_id=escalation_id)
    assert (row.contact_missed_at, row.next_step_at) == (None, None)
    assert left_to_nobody(NOW + timedelta(days=30)) == []


def test_a_level_that_rises_meanwhile_brings_the_director(staff: Staff):
    case = make_case(owner_id=staff.sender, level=RiskLevel.HIGH)
    escalation_id = make_escalation(case_id=case.case_id, by=staff.sender)
    accept(escalation_id, staff.district, at=5)
    day = timedelta(hours=24)
    forward(until=NOW + day)
    assert staff.director not in first_rings(escalation_id)

    with transaction():
        sharpening.sharpen(
            case_id=case.case_id, level=RiskLevel.IMMINENT, by=staff.district,
            now=NOW + day + 20 * MINUTE,
        )  # fmt: skip
    forward(until=NOW + day + 20 * MINUTE)

    assert staff.director in first_rings(escalation_id)


def test_whoever_passes_it_on_after_the_deadline_ends_that_clock(
    staff: Staff, case: CaseRow, late: int
):
    at = NOW + 65 * MINUTE
    second = make_escalation(case_id=case.case_id, by=staff.district, now=at)
    with transaction():
        escalations.accept(escalation_id=second, by=staff.municipal, now=at)

    assert queries.by_id(escalation_id=late).next_step_at is None
    assert ringing(late) == []
    assert queries.by_id(escalation_id=second).next_step_at == at + timedelta(hours=1)


def test_a_step_down_that_nobody_answers_brings_those_between_and_the_senders_supervisor(
    staff: Staff, case: CaseRow
):
    """A school that does not answer is no end: its case would lie between two desks."""
    school = make_counselor(organization_id=staff.city.school.id, phone="+8613700000019")
    make_shift(user_id=school, organization_id=staff.city.school.id)
    hand_over(case=case, to_user_id=staff.municipal)
    plan = NewEscalation(case_id=case.case_id, reason="虚构：每周见一次。")
    with transaction():
        escalation_id = senders.step_down(
            new=plan, to_organization_id=staff.city.school.id, by=staff.municipal, now=NOW
        )

    forward(until=NOW + 31 * MINUTE)

    (duty,) = cases.duties_of(case_id=case.case_id)
    assert first_rings(escalation_id) == {school: 0, staff.district: 4}
    assert (duty.kind, duty.holder_id) == ("step_down_unanswered", staff.supervisor)


def test_once_the_director_has_answered_the_desks_are_rung_by_the_hour(staff: Staff, late: int):
    forward(until=NOW + 76 * MINUTE)
    with transaction():
        escalations.acknowledge(
            escalation_id=late,
            by=staff.director,
            via=AcknowledgedVia.PORTAL,
            now=NOW + 76 * MINUTE,
        )

    forward(until=NOW + 280 * MINUTE)

    minutes = {
        int((ring.at - NOW) / MINUTE) for ring in rings_of(late) if ring.at > NOW + 77 * MINUTE
    }
    assert {136, 196, 256} <= minutes
    assert not minutes & set(range(80, 136))
    assert queries.by_id(escalation_id=late).next_step_at == NOW + 316 * MINUTE
    assert left_to_nobody(NOW + 280 * MINUTE) == []
