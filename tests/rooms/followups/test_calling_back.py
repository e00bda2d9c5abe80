"""Somebody whom nobody spoke with is called back: with or without a case, once, never forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tests.factories.accounts import make_counselor, make_supervisor
from tests.factories.cases import make_case
from tests.factories.contacts import make_contact
from tests.factories.followups import forward, make_call_back, make_plan
from tests.factories.moments import NOW
from tests.factories.organizations import City
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.followups import queries
from wellbeing.followups.events import FollowUpMissed, StudentReached, StudentUnreachable
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.operations import attempts, plans
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import (
    CallBackReason,
    FollowUpState,
    NoSuchFollowUp,
    Outcome,
    Owner,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.policy.model import FollowUpKind, MissedStepHolder, RiskLevel

NUMBER = "+8613600000007"
SOON = NOW + timedelta(minutes=40)


@pytest.fixture
def leader(city: City) -> Owner:
    """Who leads the district's desk and holds its call-backs."""
    return Owner(
        user_id=make_supervisor(organization_id=city.district.id), organization_id=city.district.id
    )


@pytest.fixture
def contact_id(city: City) -> int:
    return make_contact(sender=NUMBER, organization=city.district)


@pytest.fixture
def promise(contact_id: int, leader: Owner) -> FollowUpRow:
    return make_call_back(contact_id=contact_id, owner=leader)


def tries(row: FollowUpRow, by: int, outcome: Outcome, *, note: str = "") -> FollowUpRow:
    with transaction():
        return attempts.record_attempt(
            follow_up_id=row.follow_up_id, by=by, outcome=outcome, note=note, now=SOON
        )


def again(row: FollowUpRow) -> FollowUpRow:
    return queries.by_id(follow_up_id=row.follow_up_id)


def may_see(row: FollowUpRow, user_id: int) -> bool:
    try:
        queries.get(
            follow_up_id=row.follow_up_id, scope=accounts.scope_of(user_id=user_id), now=NOW
        )
    except NoSuchFollowUp:
        return False
    return True


def test_a_promise_without_a_case_names_its_contact_and_its_deadline(
    promise: FollowUpRow, contact_id: int, leader: Owner
):
    assert (promise.case_id, promise.promised_contact_id) == (None, contact_id)
    assert (promise.kind, promise.reason) == (FollowUpKind.CALL, CallBackReason.VOICEMAIL)
    assert promise.window_start == NOW
    assert promise.due_at == promise.window_end == promise.next_step_at == NOW + timedelta(hours=4)
    assert promise.owner_id == leader.user_id


def test_asking_twice_makes_one_promise_that_is_earlier(
    promise: FollowUpRow, contact_id: int, leader: Owner
):
    second = make_call_back(
        contact_id=contact_id,
        owner=leader,
        due_at=SOON,
        level=RiskLevel.HIGH,
        reason=CallBackReason.ABANDONED,
        now=NOW + timedelta(minutes=5),
    )

    assert second.follow_up_id == promise.follow_up_id
    assert (second.due_at, second.next_step_at) == (SOON, SOON)
    assert second.level is RiskLevel.HIGH
    assert second.reason is CallBackReason.VOICEMAIL


def test_asking_twice_never_moves_it_later(promise: FollowUpRow, contact_id: int, leader: Owner):
    second = make_call_back(contact_id=contact_id, owner=leader, due_at=NOW + timedelta(hours=9))

    assert second.due_at == promise.due_at


def test_the_database_refuses_a_second_open_call_back(promise: FollowUpRow):
    values = dict(session().execute(FOLLOW_UP.select()).mappings().one())
    del values["id"]

    with pytest.raises(IntegrityError), transaction():
        session().execute(insert(FOLLOW_UP).values(values))


@pytest.mark.parametrize(
    "wrong",
    [{"promised_contact_id": None, "reason": None}, {"reason": None}, {"kind": "check_in"}],
)
def test_the_database_refuses_a_promise_that_belongs_to_nobody(
    promise: FollowUpRow, wrong: dict[str, object]
):
    with pytest.raises(IntegrityError), transaction():
        session().execute(FOLLOW_UP.update().values(wrong))


def test_a_settled_call_back_makes_room_for_the_next(
    promise: FollowUpRow, contact_id: int, leader: Owner
):
    tries(promise, leader.user_id, Outcome.REACHED)

    second = make_call_back(contact_id=contact_id, owner=leader)

    assert second.follow_up_id != promise.follow_up_id


def test_its_owner_the_supervisors_above_and_nobody_else_see_it(
    promise: FollowUpRow, leader: Owner, city: City
):
    above = make_supervisor(organization_id=city.municipality.id)
    beside = make_supervisor(organization_id=city.other_school.id)
    colleague = make_counselor(organization_id=city.district.id)

    seen = [may_see(promise, one) for one in (leader.user_id, above, beside, colleague)]

    assert seen == [True, True, False, False]


def test_the_owner_may_open_the_contact(city: City, contact_id: int):
    counselor = make_counselor(organization_id=city.district.id)
    make_call_back(
        contact_id=contact_id,
        owner=Owner(user_id=counselor, organization_id=city.district.id),
    )
    public_id = contacts.contact_by_id(contact_id=contact_id).public_id

    opened = contacts.contact(
        public_id=public_id, scope=accounts.scope_of(user_id=counselor), now=NOW
    )

    assert opened.contact_id == contact_id


def test_the_due_list_has_promises_with_and_without_a_case(
    promise: FollowUpRow, leader: Owner, city: City
):
    case = make_case(owner_id=leader.user_id, level=RiskLevel.IMMINENT)
    make_plan(case=case)

    rows = queries.due_for(
        scope=accounts.scope_of(user_id=leader.user_id),
        until=NOW + timedelta(days=1),
        now=NOW,
        owner_id=leader.user_id,
    )
    callers = queries.callers_of(rows=rows)

    assert [row.case_id for row in rows] == [None, case.case_id]
    assert [one.masked_number for one in callers.values()] == ["•••• 07"]
    assert [one.reached_at for one in callers.values()] == [NOW]


def test_reaching_the_student_keeps_it_and_tells_of_the_contact(
    promise: FollowUpRow, contact_id: int, leader: Owner, told: list[object]
):
    row = tries(promise, leader.user_id, Outcome.REACHED, note="虚构：接了，聊了十分钟。")

    (event,) = [one for one in told if isinstance(one, StudentReached)]
    (attempt,) = queries.attempts_of(follow_up_id=row.follow_up_id)
    assert (row.state, row.outcome) == (FollowUpState.KEPT, Outcome.REACHED)
    assert (event.case_id, event.contact_id) == (None, contact_id)
    assert attempt.note == "虚构：接了，聊了十分钟。"


def test_whoever_called_from_two_contacts_is_called_back_once(
    promise: FollowUpRow, leader: Owner, city: City
):
    other = make_contact(sender=NUMBER, organization=city.district, line_number="+862300000001")
    second = make_call_back(contact_id=other, owner=leader)

    tries(promise, leader.user_id, Outcome.REACHED)

    assert again(second).state is FollowUpState.KEPT


def test_no_answer_plans_another_try(promise: FollowUpRow, leader: Owner):
    row = tries(promise, leader.user_id, Outcome.NO_ANSWER)

    assert row.state is FollowUpState.PLANNED
    assert row.due_at > promise.due_at
    assert row.next_step_at is not None


def test_after_all_tries_in_vain_a_supervisor_is_told_of_the_contact(
    contact_id: int, leader: Owner, told: list[object]
):
    blue = make_call_back(contact_id=contact_id, owner=leader, level=RiskLevel.LOW)

    row = tries(blue, leader.user_id, Outcome.NO_ANSWER)

    (event,) = [one for one in told if isinstance(one, StudentUnreachable)]
    assert (event.case_id, event.contact_id) == (None, contact_id)
    assert row.state is FollowUpState.MISSED


def test_a_missed_call_back_climbs_like_every_promise(
    promise: FollowUpRow, contact_id: int, told: list[object]
):
    forward(until=promise.due_at + timedelta(hours=6))

    missed = [one for one in told if isinstance(one, FollowUpMissed)]
    assert [(one.holder, one.at - promise.due_at) for one in missed] == [
        (MissedStepHolder.OWNER, timedelta()),
        (MissedStepHolder.SUPERVISOR, timedelta(hours=2)),
        (MissedStepHolder.NEXT_TIER, timedelta(hours=6)),
    ]
    assert {(one.case_id, one.contact_id) for one in missed} == {(None, contact_id)}


def test_another_time_keeps_the_reason_with_the_promise(promise: FollowUpRow, leader: Owner):
    tonight = datetime(2026, 11, 24, 15, 0, tzinfo=NOW.tzinfo)

    with transaction():
        plans.reschedule(
            follow_up_id=promise.follow_up_id,
            due_at=tonight,
            reason="虚构：同学说十一点后才方便。",
            by=leader.user_id,
            now=NOW,
        )

    row = again(promise)
    assert row.due_at == tonight
    assert queries.why_moved(follow_up_id=row.follow_up_id) == "虚构：同学说十一点后才方便。"


def opened(contact_id: int, owner_id: int) -> CaseRow:
    case = make_case(owner_id=owner_id, contact_id=contact_id, level=RiskLevel.HIGH)
    with transaction():
        plans.attach_to_case(contact_id=contact_id, case_id=case.case_id, now=NOW)
    return case


def test_a_call_back_goes_along_with_the_case_of_its_contact(
    promise: FollowUpRow, contact_id: int, city: City
):
    counselor = make_counselor(organization_id=city.district.id)

    case = opened(contact_id, counselor)

    row = again(promise)
    (hold,) = cases.holds(case_id=case.case_id)
    (entry,) = cases.timeline(case_id=case.case_id, kinds=["follow_ups_planned"], limit=5)
    assert (row.case_id, row.owner_id) == (case.case_id, counselor)
    assert (row.due_at, row.reason) == (promise.due_at, promise.reason)
    assert hold.source_id == row.follow_up_id
    assert entry.facts["count"] == 1


def test_going_along_twice_is_once(promise: FollowUpRow, contact_id: int, leader: Owner):
    case = opened(contact_id, leader.user_id)

    with transaction():
        moved = plans.attach_to_case(contact_id=contact_id, case_id=case.case_id, now=NOW)

    assert moved == 0
    assert len(cases.holds(case_id=case.case_id)) == 1


def test_planning_a_case_anew_does_not_forget_the_call_back(
    promise: FollowUpRow, contact_id: int, leader: Owner
):
    """The student was told that we call back; a level cannot take that away."""
    case = opened(contact_id, leader.user_id)

    make_plan(case=case, level=RiskLevel.HIGH)
    make_plan(case=case, level=RiskLevel.MODERATE)

    assert again(promise).is_open


def test_keeping_a_call_back_lets_its_case_go(promise: FollowUpRow, contact_id: int, leader: Owner):
    case = opened(contact_id, leader.user_id)

    row = tries(again(promise), leader.user_id, Outcome.REACHED, note="虚构：平静了。")

    (entry,) = cases.timeline(case_id=case.case_id, kinds=["follow_up_tried"], limit=5)
    (attempt,) = queries.attempts_of(follow_up_id=row.follow_up_id)
    assert cases.holds(case_id=case.case_id) == ()
    assert entry.details == {"note": "虚构：平静了。"}
    assert attempt.note == ""


def test_a_contact_of_a_case_gives_its_call_back_to_the_case(contact_id: int, leader: Owner):
    case = make_case(owner_id=leader.user_id, contact_id=contact_id)

    row = make_call_back(contact_id=contact_id, owner=leader)

    assert row.case_id == case.case_id


def test_who_comes_back_before_we_called_has_been_reached(
    promise: FollowUpRow, contact_id: int, leader: Owner, city: City, told: list[object]
):
    counselor = make_counselor(organization_id=city.district.id)
    caller_id = contacts.contact_by_id(contact_id=contact_id).caller_id
    newer = make_contact(sender=NUMBER, organization=city.district, line_number="+862300000001")

    with transaction():
        kept = attempts.settle_call_backs(
            caller_id=caller_id, by=counselor, now=SOON, answered_contact_id=newer
        )

    row = again(promise)
    (event,) = [one for one in told if isinstance(one, StudentReached)]
    assert kept == 1
    assert (row.state, row.outcome) == (FollowUpState.KEPT, Outcome.REACHED)
    assert (event.contact_id, event.by_user_id) == (contact_id, counselor)


def test_taking_up_a_voicemail_is_not_yet_a_call_back(
    promise: FollowUpRow, contact_id: int, leader: Owner
):
    caller_id = contacts.contact_by_id(contact_id=contact_id).caller_id

    with transaction():
        kept = attempts.settle_call_backs(
            caller_id=caller_id, by=leader.user_id, now=SOON, answered_contact_id=contact_id
        )

    assert kept == 0
    assert again(promise).is_open


def test_somebody_else_who_is_answered_keeps_no_promise(promise: FollowUpRow, leader: Owner):
    stranger = contacts.contact_by_id(contact_id=make_contact(sender="+8613600000008")).caller_id

    with transaction():
        kept = attempts.settle_call_backs(caller_id=stranger, by=leader.user_id, now=SOON)

    assert kept == 0
    assert again(promise).is_open
