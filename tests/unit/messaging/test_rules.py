"""The order of statuses, retries, the pace of calls, and the hours of unasked texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from tests.factories.moments import NOW
from wellbeing.messaging import rules
from wellbeing.messaging.rules import Decision, DeliveryStatus
from wellbeing.policy.loader import load
from wellbeing.policy.model import Hours
from wellbeing.telephony.gateway import TelephonyError

NIGHT = Hours(starts=time(22), ends=time(7), zone="Asia/Shanghai")


@pytest.mark.parametrize(
    ("old", "new", "forward"),
    [
        (None, DeliveryStatus.QUEUED, True),
        (DeliveryStatus.QUEUED, DeliveryStatus.DELIVERED, True),
        (DeliveryStatus.SENT, DeliveryStatus.SENDING, False),
        (DeliveryStatus.SENT, DeliveryStatus.SENT, False),
        (DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED, False),
        (DeliveryStatus.COMPLETED, DeliveryStatus.IN_PROGRESS, False),
        (DeliveryStatus.RINGING, DeliveryStatus.NO_ANSWER, True),
    ],
)
def test_a_status_moves_forward_only(
    old: DeliveryStatus | None, new: DeliveryStatus, *, forward: bool
):
    assert rules.is_forward(old=old, new=new) is forward


def test_in_whatever_order_receipts_come_the_end_is_the_same():
    story = (
        DeliveryStatus.QUEUED,
        DeliveryStatus.SENDING,
        DeliveryStatus.SENT,
        DeliveryStatus.DELIVERED,
    )

    ends = set()
    for order in permutations(story):
        status = None
        for new in order:
            status = new if rules.is_forward(old=status, new=new) else status
        ends.add(status)

    assert ends == {DeliveryStatus.DELIVERED}


@pytest.mark.parametrize(
    ("error", "attempts", "decision"),
    [
        (TelephonyError(code=21211, permanent=True), 1, Decision.GIVE_UP),
        (TelephonyError(code=21610, permanent=True), 1, Decision.OPTED_OUT),
        (TelephonyError(code=30001), 1, Decision.TRY_AGAIN),
        (TelephonyError(code=20429, retry_after=7), 11, Decision.TRY_AGAIN),
        (TelephonyError(code=20429), 12, Decision.GIVE_UP),
        (TelephonyError(in_doubt=True), 12, Decision.RECONCILE),
    ],
)
def test_each_class_of_error_has_its_treatment(
    error: TelephonyError, attempts: int, decision: Decision
):
    assert rules.retry_decision(error=error, attempts=attempts) is decision


def test_waits_double_up_to_five_minutes():
    waits = [rules.back_off(attempts=n).total_seconds() for n in (1, 2, 3, 8, 9, 12)]

    assert waits == [2, 4, 8, 256, 300, 300]


def test_the_carrier_is_never_tried_earlier_than_it_asked():
    assert rules.back_off(attempts=1, retry_after=90) == timedelta(seconds=90)


def test_trying_lasts_longer_than_a_ten_minute_outage():
    total = sum((rules.back_off(attempts=n) for n in range(1, rules.ATTEMPTS)), start=timedelta())

    assert total > timedelta(minutes=20)


@pytest.mark.parametrize(("seconds", "tokens"), [(0, 0.0), (0.5, 0.5), (1, 1.0), (60, 1.0)])
def test_the_bucket_holds_one_call_and_fills_in_a_second(seconds: float, tokens: float):
    later = NOW + timedelta(seconds=seconds)

    assert rules.tokens_at(tokens=0.0, refilled_at=NOW, now=later) == tokens


def test_a_clock_that_went_back_gives_no_calls_away():
    earlier = NOW - timedelta(hours=1)

    assert rules.tokens_at(tokens=0.0, refilled_at=NOW, now=earlier) == 0.0


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 13, 59, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_end_at_seven_in_the_morning_of_chongqing(now: datetime, end: datetime | None):
    assert rules.end_of_quiet(hours=NIGHT, now=now) == end


POLICY = load(directory=Path("config")).followups


@pytest.mark.parametrize(
    ("now", "then"),
    [
        # Monday 22:00 in Chongqing: until 07:00.
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        # Tuesday 10:30, in a lesson: until 12:00.
        (datetime(2026, 11, 24, 2, 30, tzinfo=UTC), datetime(2026, 11, 24, 4, 0, tzinfo=UTC)),
        # Tuesday 12:30, between lessons; Saturday 10:30, no lesson.
        (datetime(2026, 11, 24, 4, 30, tzinfo=UTC), None),
        (datetime(2026, 11, 28, 2, 30, tzinfo=UTC), None),
    ],
)
def test_what_nobody_waits_for_waits_for_the_end_of_night_and_lesson(
    now: datetime, then: datetime | None
):
    assert rules.unasked_not_before(policy=POLICY, now=now) == then


def test_a_pause_may_begin_where_another_ends():
    lesson = Hours(starts=time(7), ends=time(8), zone="Asia/Shanghai")
    policy = replace(POLICY, class_hours=(lesson,))

    then = rules.unasked_not_before(policy=policy, now=datetime(2026, 11, 23, 20, tzinfo=UTC))

    assert then == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
