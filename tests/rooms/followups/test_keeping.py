"""Promises are kept: texts go out once, answers count, tries are spread, misses are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.cases import make_case
from tests.factories.contacts import LINE, make_contact
from tests.factories.followups import forward, make_plan
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.cases.queries import cases
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.followups import queries
from wellbeing.followups.events import (
    FollowUpAnswered,
    FollowUpMissed,
    StudentReached,
    StudentUnreachable,
)
from wellbeing.followups.operations import attempts, moves, sweeps
from wellbeing.followups.operations.attempts import FollowUpAnswer
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import Answer, FollowUpOver, FollowUpState, Outcome
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.rules import Purpose
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy
from wellbeing.policy.model import (
    FollowUpKind,
    Language,
    MissedStepHolder,
    Prompts,
    RiskLevel,
)
from wellbeing.worklists.queries import auditing
from wellbeing.worklists.rules import Promise

NUMBER = "+8613600000001"
CHECK_IN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
"""Wednesday, 18:00 in Chongqing."""


@pytest.fixture
def case(owner: int) -> CaseRow:
    """A red case whose student's number is known to the test."""
    contact_id = make_contact(sender=NUMBER)
    return make_case(owner_id=owner, contact_id=contact_id, level=RiskLevel.IMMINENT)


@pytest.fixture
def check_in(case: CaseRow) -> int:
    """The check-in of day 2, sent."""
    _, second, *_ = make_plan(case=case)
    forward(until=CHECK_IN)
    return second


def answer(text: str, *, at: datetime = CHECK_IN, number: str = NUMBER) -> FollowUpAnswer | None:
    with transaction():
        return attempts.record_answer(number=number, line_number=LINE, text=text, now=at)


def tries(follow_up_id: int, by: int, outcome: Outcome, at: datetime) -> FollowUpRow:
    with transaction():
        return attempts.record_attempt(follow_up_id=follow_up_id, by=by, outcome=outcome, now=at)


def missed(told: list[object], follow_up_id: int) -> list[tuple[MissedStepHolder, datetime]]:
    return [
        (one.holder, one.at)
        for one in told
        if isinstance(one, FollowUpMissed) and one.follow_up_id == follow_up_id
    ]


def test_a_check_in_says_nothing_of_anybody(check_in: int):
    clock = FrozenClock(CHECK_IN)
    carrier = FakeTelephony(now=clock)

    sweep.deliver_due(gateway=carrier, now=clock, limit=10)

    (text,) = [one for one in carrier.texts if one.to == NUMBER]
    row = queries.by_id(follow_up_id=check_in)
    assert text.body == "你好，上次约好今天联系，方便时回复1，不方便回复2。"
    assert (row.state, row.sent_at) == (FollowUpState.SENT, CHECK_IN)


def test_two_job_processes_send_it_once(case: CaseRow):
    _, second, *_ = make_plan(case=case)
    session().rollback()

    with transaction():
        first_process = sweeps.advance(second, now=CHECK_IN)
    with transaction():
        second_process = sweeps.advance(second, now=CHECK_IN)

    orders = outbox.texts_of(purpose=Purpose.CHECK_IN, ids=[second])[second]
    assert (first_process, second_process) == (True, False)
    assert len(orders) == 1


def test_a_stale_process_queues_nothing(case: CaseRow):
    """It read the row before the other one moved it: the version fences the second write."""
    _, second, *_ = make_plan(case=case)
    stale = queries.by_id(follow_up_id=second)
    forward(until=CHECK_IN)

    with transaction():
        assert moves.change(row=stale, state=FollowUpState.SENT.value) is False


def test_a_sweep_that_comes_at_night_waits_for_a_sensible_hour(case: CaseRow):
    tuesday_morning = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    _, second, *_ = make_plan(case=case, now=tuesday_morning)

    with transaction():
        sweeps.advance(second, now=datetime(2026, 11, 25, 15, 0, tzinfo=UTC))

    row = queries.by_id(follow_up_id=second)
    assert row.state is FollowUpState.PLANNED
    assert row.due_at == datetime(2026, 11, 25, 23, 45, tzinfo=UTC)
    assert outbox.texts_of(purpose=Purpose.CHECK_IN, ids=[second]) == {}


def test_a_student_without_a_number_is_called_instead(owner: int):
    contact_id = make_contact(sender=None)
    case = make_case(owner_id=owner, contact_id=contact_id, level=RiskLevel.IMMINENT)
    _, second, *_ = make_plan(case=case)

    forward(until=CHECK_IN)

    row = queries.by_id(follow_up_id=second)
    assert (row.kind, row.state) == (FollowUpKind.CALL, FollowUpState.PLANNED)
    assert row.due_at == CHECK_IN


def test_a_text_that_did_not_arrive_becomes_a_call(check_in: int):
    outbound_id = queries.by_id(follow_up_id=check_in).outbound_id
    assert outbound_id is not None

    with transaction():
        was_ours = attempts.record_text_failure(outbound_id=outbound_id, now=CHECK_IN)
        other = attempts.record_text_failure(outbound_id=999_999, now=CHECK_IN)

    row = queries.by_id(follow_up_id=check_in)
    assert (was_ours, other) == (True, False)
    assert (row.kind, row.state) == (FollowUpKind.CALL, FollowUpState.PLANNED)


def test_a_good_time_is_due_at_once(check_in: int, told: list[object]):
    found = answer("1")

    row = queries.by_id(follow_up_id=check_in)
    (event,) = [one for one in told if isinstance(one, FollowUpAnswered)]
    assert found == FollowUpAnswer(
        follow_up_id=check_in, case_id=row.case_id, answer=Answer.GOOD_TIME
    )
    assert (row.state, row.due_at) == (FollowUpState.ANSWERED, CHECK_IN)
    assert row.next_step_at == CHECK_IN + timedelta(hours=1)
    assert event.answer == "good_time"


def test_a_good_time_nobody_uses_is_missed_within_the_hour(check_in: int, told: list[object]):
    answer("1")

    forward(until=CHECK_IN + timedelta(hours=1))

    assert missed(told, check_in) == [(MissedStepHolder.OWNER, CHECK_IN + timedelta(hours=1))]


def test_not_now_means_another_time_of_another_day(check_in: int):
    answer("2")

    row = queries.by_id(follow_up_id=check_in)
    assert row.state is FollowUpState.PLANNED
    assert row.answer is Answer.NOT_NOW
    assert row.due_at == datetime(2026, 11, 25, 23, 0, tzinfo=UTC)


def test_words_are_for_a_human_and_the_promise_is_answered(check_in: int):
    found = answer("我现在很难受")

    row = queries.by_id(follow_up_id=check_in)
    assert found is not None
    assert found.answer is Answer.WORDS
    assert (row.state, row.answer) == (FollowUpState.ANSWERED, Answer.WORDS)


def test_a_second_answer_is_a_text_like_any_other(check_in: int):
    answer("1")

    assert answer("2") is None


def test_a_digit_from_another_number_answers_nothing(check_in: int):
    assert answer("1", number="+8613600000002") is None


def test_a_digit_weeks_later_answers_nothing(check_in: int):
    assert answer("1", at=CHECK_IN + timedelta(days=8)) is None


def test_reaching_the_student_keeps_the_promise(case: CaseRow, owner: int, told: list[object]):
    first, *_ = make_plan(case=case)

    row = tries(first, owner, Outcome.REACHED, NOW + timedelta(hours=20))

    (event,) = [one for one in told if isinstance(one, StudentReached)]
    assert (row.state, row.outcome, row.next_step_at) == (
        FollowUpState.KEPT, Outcome.REACHED, None,
    )  # fmt: skip
    assert (event.case_id, event.by_user_id) == (case.case_id, owner)
    assert first not in {hold.source_id for hold in cases.holds(case_id=case.case_id)}


def test_nothing_is_recorded_for_a_promise_that_is_settled(case: CaseRow, owner: int):
    first, *_ = make_plan(case=case)
    tries(first, owner, Outcome.REACHED, NOW)

    with pytest.raises(FollowUpOver):
        tries(first, owner, Outcome.NO_ANSWER, NOW)


def test_after_three_tries_in_vain_a_supervisor_decides(
    case: CaseRow, owner: int, told: list[object]
):
    first, *_ = make_plan(case=case)
    at = queries.by_id(follow_up_id=first).due_at
    times = [at]
    for _ in range(2):
        at = tries(first, owner, Outcome.NO_ANSWER, at).due_at
        times.append(at)

    row = tries(first, owner, Outcome.NO_ANSWER, at)

    (event,) = [one for one in told if isinstance(one, StudentUnreachable)]
    hours = {(moment + timedelta(hours=8)).hour for moment in times}
    assert event.level is RiskLevel.IMMINENT
    assert len(hours) == 3
    assert times[-1] - times[0] <= timedelta(hours=24)
    assert row.state is FollowUpState.MISSED
    assert row.next_step_at == at + timedelta(hours=2)


def test_a_missed_promise_climbs_from_owner_to_supervisor_to_the_next_tier(
    case: CaseRow, told: list[object]
):
    first, *_ = make_plan(case=case)
    end = NOW + timedelta(days=1)

    forward(until=end + timedelta(hours=6))

    assert missed(told, first) == [
        (MissedStepHolder.OWNER, end),
        (MissedStepHolder.SUPERVISOR, end + timedelta(hours=2)),
        (MissedStepHolder.NEXT_TIER, end + timedelta(hours=6)),
    ]


def test_a_missed_promise_can_still_be_kept(case: CaseRow, owner: int, told: list[object]):
    first, *_ = make_plan(case=case)
    end = NOW + timedelta(days=1)
    forward(until=end)

    tries(first, owner, Outcome.REACHED, end + timedelta(hours=1))
    forward(until=end + timedelta(hours=6))

    assert missed(told, first) == [(MissedStepHolder.OWNER, end)]


def test_a_caring_contact_asks_for_nothing_and_is_kept(case: CaseRow, told: list[object]):
    *_, last = make_plan(case=case)
    row = queries.by_id(follow_up_id=last)
    with transaction():
        sweeps.advance(last, now=row.due_at)
    sent = queries.by_id(follow_up_id=last).state

    with transaction():
        sweeps.advance(last, now=row.window_end)

    assert (row.kind, sent) == (FollowUpKind.CARING_CONTACT, FollowUpState.SENT)
    assert queries.by_id(follow_up_id=last).state is FollowUpState.KEPT
    assert missed(told, last) == []


def test_every_open_promise_has_a_next_step_however_long_nobody_cares(
    case: CaseRow, told: list[object]
):
    """Promise P8: nobody is left; the next tier hears of it again each day."""
    first, *_ = make_plan(case=case)
    end = NOW + timedelta(days=1)

    forward(until=end + timedelta(days=3))

    waiting = queries.open_of_case(case_id=case.case_id)
    assert waiting
    assert all(one.next_step_at is not None for one in waiting)
    assert missed(told, first)[2:] == [
        (MissedStepHolder.NEXT_TIER, end + timedelta(days=day, hours=6)) for day in range(3)
    ]
    found = auditing.broken_promises(now=end + timedelta(days=3))
    assert [one for one in found if one.kind is Promise.FOLLOW_UP] == []


def test_a_template_that_says_too_much_becomes_a_call(case: CaseRow):
    """Whatever the template says (product.md 2.7): the unit's name slipped into it."""
    line = organizations.get(organization_id=case.organization_id)
    _, second, *_ = make_plan(case=case)
    texts = {one: {"check_in": f"{line.name_zh}想和你联系，回复1或2"} for one in Language}
    whole = policy.current()
    policy.install(replace(whole, prompts=Prompts(texts=texts)))

    forward(until=CHECK_IN)

    row = queries.by_id(follow_up_id=second)
    assert row.kind is FollowUpKind.CALL
    assert not outbox.texts_of(purpose=Purpose.CHECK_IN, ids=[second])
