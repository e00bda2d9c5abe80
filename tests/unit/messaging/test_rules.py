"""The order of statuses, retries, the pace of calls, quiet hours, segments and parts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.messaging import rules
from wellbeing.messaging.rules import Decision, DeliveryStatus
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


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("光" * 70, 1),
        ("光" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_carrier_bills_them(text: str, count: int):
    assert rules.segments(text=text) == count


@given(st.text(min_size=1, max_size=8_000))
def test_parts_say_together_what_the_whole_said(body: str):
    pieces = rules.parts(body=body)

    assert "".join(pieces) == body
    assert all(0 < len(piece) <= 1_500 for piece in pieces)


def test_a_long_text_is_cut_after_a_sentence():
    body = "一" * 1_000 + "。" + "二" * 1_000

    assert rules.parts(body=body) == ("一" * 1_000 + "。", "二" * 1_000)
