"""Promises that people make: by hand, wanted by the student, decided about the unreachable."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.cases import close, make_case
from tests.factories.contacts import make_contact
from tests.factories.followups import forward, make_plan
from tests.factories.moments import NOW
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow
from wellbeing.followups import queries
from wellbeing.followups.events import PromisesChanged
from wellbeing.followups.operations import attempts, by_hand, plans
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import (
    Decision,
    FollowUpState,
    InThePast,
    NotAnHour,
    NothingMoreOffered,
    NothingSaid,
    NotUnreachable,
    Outcome,
    Owner,
)
from wellbeing.foundation.database import transaction
from wellbeing.policy.model import FollowUpKind, RiskLevel

FRIDAY_EVENING = NOW + timedelta(days=3, hours=21)
"""NOW is Monday 22:00 in Chongqing; this is Friday 19:00."""


def promised(
    case: CaseRow, owner: int, kind: FollowUpKind = FollowUpKind.CALL, at: datetime = FRIDAY_EVENING
) -> int:
    with transaction():
        return by_hand.promise(
            case_id=case.case_id, kind=kind, due_at=at, note="周五晚上聊考试", by=owner, now=NOW
        )


def unreachable(case: CaseRow, owner: int) -> FollowUpRow:
    """Try the first promised call as often as the level asks for, in vain."""
    first, *_ = make_plan(case=case)
    row = queries.by_id(follow_up_id=first)
    for number in range(3):
        with transaction():
            row = attempts.record_attempt(
                follow_up_id=first,
                by=owner,
                outcome=Outcome.NO_ANSWER,
                now=NOW + timedelta(hours=20 + 5 * number),
            )
    return row


def decided(row: FollowUpRow, decision: Decision, by: int, note: str = "两天没有消息") -> None:
    with transaction():
        by_hand.decide_unreachable(
            follow_up_id=row.follow_up_id,
            decision=decision,
            note=note,
            by=by,
            now=NOW + timedelta(days=2),
        )


def test_a_promise_of_ones_own_is_due_when_it_was_promised(case: CaseRow, owner: int):
    row = queries.by_id(follow_up_id=promised(case, owner))

    assert (row.kind, row.due_at, row.owner_id) == (FollowUpKind.CALL, FRIDAY_EVENING, owner)
    assert row.next_step_at == FRIDAY_EVENING + timedelta(hours=2)
    assert "follow_up" in {one.kind for one in cases.holds(case_id=case.case_id)}


def test_a_new_level_leaves_a_promise_of_ones_own_alone(case: CaseRow, owner: int):
    mine = promised(case, owner)

    with transaction():
        plans.plan_for(
            case_id=case.case_id,
            level=RiskLevel.MODERATE,
            owner=Owner(user_id=owner, organization_id=case.organization_id),
            anchor=NOW,
            now=NOW,
        )

    assert queries.by_id(follow_up_id=mine).is_open


def test_a_check_in_by_hand_goes_out_by_itself_and_holds_nothing_open(owner: int):
    case = make_case(owner_id=owner, contact_id=make_contact(sender="+8613600000009"))
    mine = promised(case, owner, FollowUpKind.CHECK_IN)

    forward(until=FRIDAY_EVENING)

    assert queries.by_id(follow_up_id=mine).state is FollowUpState.SENT
    assert cases.holds(case_id=case.case_id) == ()


@pytest.mark.parametrize(
    ("kind", "at", "note", "refusal"),
    [
        (FollowUpKind.CALL, NOW - timedelta(minutes=1), "说好了", InThePast),
        (FollowUpKind.CHECK_IN, NOW + timedelta(hours=1), "说好了", NotAnHour),
        (FollowUpKind.CALL, FRIDAY_EVENING, "  ", NothingSaid),
    ],
)
def test_what_cannot_be_promised_is_refused(
    case: CaseRow, owner: int, kind: FollowUpKind, at: datetime, note: str, refusal: type[Exception]
):
    with pytest.raises(refusal), transaction():
        by_hand.promise(case_id=case.case_id, kind=kind, due_at=at, note=note, by=owner, now=NOW)

    assert queries.open_of_case(case_id=case.case_id) == ()


def test_a_closed_case_promises_nothing_new(owner: int):
    case = make_case(owner_id=owner, level=RiskLevel.LOW)
    close(case=case)

    with pytest.raises(CaseIsClosed):
        promised(case, owner)


def test_blue_hears_from_us_again_only_if_wanted_and_once(owner: int):
    case = make_case(owner_id=owner, level=RiskLevel.LOW)
    with transaction():
        (wanted,) = plans.add_wanted(case_id=case.case_id, by=owner, now=NOW)

    with pytest.raises(NothingMoreOffered), transaction():
        plans.add_wanted(case_id=case.case_id, by=owner, now=NOW)

    row = queries.by_id(follow_up_id=wanted)
    assert row.kind is FollowUpKind.CHECK_IN
    assert NOW + timedelta(days=6) <= row.due_at <= NOW + timedelta(days=14)


def test_red_offers_nothing_more(case: CaseRow, owner: int):
    with pytest.raises(NothingMoreOffered), transaction():
        plans.add_wanted(case_id=case.case_id, by=owner, now=NOW)


def test_trying_on_plans_another_call_at_an_allowed_hour(case: CaseRow, owner: int):
    row = unreachable(case, owner)

    decided(row, Decision.TRY_ON, owner)

    again = queries.by_id(follow_up_id=row.follow_up_id)
    assert (again.state, again.kind) == (FollowUpState.PLANNED, FollowUpKind.CALL)
    assert again.due_at > NOW + timedelta(days=2)
    assert again.outcome is None


@pytest.mark.parametrize("decision", [Decision.SCHOOL_VISIT, Decision.GUARDIAN, Decision.POLICE])
def test_a_welfare_check_is_the_deciders_duty_with_a_deadline(
    case: CaseRow, owner: int, decision: Decision
):
    row = unreachable(case, owner)

    decided(row, decision, owner)

    (duty,) = cases.duties_of(case_id=case.case_id)
    assert (duty.kind, duty.holder_id) == ("welfare_check", owner)
    assert duty.by_at == NOW + timedelta(days=2, hours=4)
    assert not queries.by_id(follow_up_id=row.follow_up_id).is_open


def test_a_caring_text_closes_the_promise_kindly(case: CaseRow, owner: int):
    row = unreachable(case, owner)

    decided(row, Decision.CARING_TEXT, owner)

    kinds = [one.kind for one in queries.open_of_case(case_id=case.case_id)]
    assert kinds.count(FollowUpKind.CARING_CONTACT) == 3
    assert not queries.by_id(follow_up_id=row.follow_up_id).is_open


def test_nothing_is_decided_before_the_attempts_are_used_up_or_twice(case: CaseRow, owner: int):
    first, *_ = make_plan(case=case)
    with pytest.raises(NotUnreachable):
        decided(queries.by_id(follow_up_id=first), Decision.POLICE, owner)

    other = make_case(owner_id=owner, level=RiskLevel.IMMINENT)
    row = unreachable(other, owner)
    decided(row, Decision.POLICE, owner)
    with pytest.raises(NotUnreachable):
        decided(row, Decision.TRY_ON, owner)


def test_a_decision_needs_its_reason(case: CaseRow, owner: int):
    row = unreachable(case, owner)

    with pytest.raises(NothingSaid):
        decided(row, Decision.POLICE, owner, note=" ")


def test_the_next_step_of_the_case_follows(case: CaseRow, owner: int, told: list[object]):
    promised(case, owner)

    assert PromisesChanged(case_id=case.case_id, at=NOW) in told
