"""Promises are planned by level, planned anew when it changes, and hold a case open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.cases import make_case
from tests.factories.followups import forward, make_plan
from tests.factories.moments import NOW
from tests.factories.organizations import City
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries
from wellbeing.followups.operations import plans
from wellbeing.followups.rules import (
    FollowUpOver,
    FollowUpState,
    InThePast,
    NoSuchFollowUp,
    NotAnHour,
    Owner,
    ReasonNeeded,
)
from wellbeing.foundation.database import transaction
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import OrderState, Purpose
from wellbeing.policy.model import FollowUpKind, RiskLevel

CHECK_IN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
"""Wednesday, 18:00 in Chongqing: the second promise of a red case set on Monday night."""


def test_red_is_followed_for_a_year(case: CaseRow, owner: int):
    make_plan(case=case)

    found = queries.of_case(case_id=case.case_id)
    days = [round((one.window_end - NOW) / timedelta(days=1)) for one in found]
    assert days == [1, 2, 3, 7, 14, 21, 28, 30, 90, 180, 365]
    assert (found[0].kind, found[0].owner_id) == (FollowUpKind.CALL, owner)
    assert (found[1].kind, found[1].due_at) == (FollowUpKind.CHECK_IN, CHECK_IN)
    assert len(cases.holds(case_id=case.case_id)) == 11


def test_yellow_promises_do_not_hold_a_case_open(owner: int):
    case = make_case(owner_id=owner, level=RiskLevel.MODERATE)

    make_plan(case=case, level=RiskLevel.MODERATE)

    assert len(queries.open_of_case(case_id=case.case_id)) == 4
    assert cases.holds(case_id=case.case_id) == ()


def test_blue_is_promised_only_what_is_wanted(owner: int):
    case = make_case(owner_id=owner)

    unwanted = make_plan(case=case, level=RiskLevel.LOW)
    wanted = make_plan(case=case, level=RiskLevel.LOW, wanted=True)

    assert (len(unwanted), len(wanted)) == (0, 1)


def test_a_new_level_cancels_the_old_plan_and_makes_a_new_one(case: CaseRow):
    old = make_plan(case=case)

    new = make_plan(case=case, level=RiskLevel.HIGH, now=NOW + timedelta(hours=1))

    states = {one: queries.by_id(follow_up_id=one).state for one in old}
    still = queries.open_of_case(case_id=case.case_id)
    assert set(states.values()) == {FollowUpState.CANCELLED}
    assert [one.follow_up_id for one in still] == list(new)
    assert {one.plan_version for one in still} == {2}
    assert {hold.source_id for hold in cases.holds(case_id=case.case_id)} == set(new)


def test_a_text_that_has_not_left_is_withdrawn_with_its_promise(case: CaseRow):
    _, check_in, *_ = make_plan(case=case)
    forward(until=CHECK_IN)

    make_plan(case=case, level=RiskLevel.HIGH, now=CHECK_IN)

    (order,) = outbox.texts_of(purpose=Purpose.CHECK_IN, ids=[check_in])[check_in]
    assert order.state is OrderState.WITHDRAWN
    assert queries.by_id(follow_up_id=check_in).state is FollowUpState.CANCELLED


def test_a_closed_case_promises_nothing(case: CaseRow):
    make_plan(case=case)

    with transaction():
        gone = plans.cancel_for(case_id=case.case_id, now=NOW)

    assert gone == 11
    assert queries.next_due_at() is None
    assert cases.holds(case_id=case.case_id) == ()


def test_promises_go_to_the_new_owner(case: CaseRow, city: City):
    make_plan(case=case)
    new = make_counselor(organization_id=city.district.id)

    with transaction():
        moved = plans.change_owner(
            case_id=case.case_id, owner=Owner(user_id=new, organization_id=city.district.id)
        )

    assert moved == 11
    assert {one.owner_id for one in queries.open_of_case(case_id=case.case_id)} == {new}


def test_a_promise_is_moved_with_a_reason(case: CaseRow, owner: int):
    _, check_in, *_ = make_plan(case=case)
    later = CHECK_IN + timedelta(days=1)

    with transaction():
        plans.reschedule(
            follow_up_id=check_in, due_at=later, reason="虚构：周三考试。", by=owner, now=NOW
        )

    row = queries.by_id(follow_up_id=check_in)
    (entry,) = cases.timeline(case_id=case.case_id, kinds=["follow_up_moved"], limit=5)
    assert (row.due_at, row.next_step_at) == (later, later)
    assert row.window_end > later
    assert entry.details == {"reason": "虚构：周三考试。"}


@pytest.mark.parametrize(
    ("due_at", "reason", "error"),
    [
        (CHECK_IN, " ", ReasonNeeded),
        (NOW - timedelta(minutes=1), "虚构", InThePast),
        (CHECK_IN + timedelta(hours=6), "虚构", NotAnHour),
        (CHECK_IN - timedelta(hours=8), "虚构", NotAnHour),
    ],
)
def test_a_text_is_not_moved_into_the_night_or_a_lesson_or_without_reason(
    case: CaseRow, owner: int, due_at: datetime, reason: str, error: type[Exception]
):
    _, check_in, *_ = make_plan(case=case)

    with pytest.raises(error), transaction():
        plans.reschedule(follow_up_id=check_in, due_at=due_at, reason=reason, by=owner, now=NOW)


def test_what_is_settled_is_not_moved(case: CaseRow, owner: int):
    first, *_ = make_plan(case=case)
    with transaction():
        plans.cancel_for(case_id=case.case_id, now=NOW)

    with pytest.raises(FollowUpOver), transaction():
        plans.reschedule(follow_up_id=first, due_at=CHECK_IN, reason="虚构", by=owner, now=NOW)


def test_the_due_list_is_the_readers_own_and_in_order(case: CaseRow, owner: int, city: City):
    make_plan(case=case)
    stranger = make_counselor(organization_id=city.other_school.id)
    until = NOW + timedelta(days=3)

    mine = queries.due_for(
        scope=accounts.scope_of(user_id=owner), until=until, now=NOW, owner_id=owner
    )
    theirs = queries.due_for(scope=accounts.scope_of(user_id=stranger), until=until, now=NOW)

    assert [one.due_at for one in mine] == sorted(one.due_at for one in mine)
    assert len(mine) == 3
    assert theirs == ()


def test_a_stranger_does_not_learn_of_a_promise(case: CaseRow, city: City):
    first, *_ = make_plan(case=case)
    stranger = accounts.scope_of(user_id=make_counselor(organization_id=city.other_school.id))

    with pytest.raises(NoSuchFollowUp):
        queries.get(follow_up_id=first, scope=stranger, now=NOW)
