"""The outbox goes out in order, once, at the carrier's pace, and not to those who said stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.messaging import COUNSELOR, LINE, STUDENT, queued_call, queued_text
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation import database as ground
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries
from wellbeing.messaging.events import (
    CallSettled,
    OrderExpired,
    TextRefusedByOptOut,
    TextSettled,
)
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import CallChange, DeliveryStatus, OrderState, Purpose
from wellbeing.policy.model import RiskLevel
from wellbeing.telephony.gateway import TelephonyError

Deliver = Callable[[], int]
MORNING = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def state_of(outbound_id: int) -> OrderState:
    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    ground.session().rollback()
    return row.state


def test_a_queued_text_reaches_the_carrier_once(carrier: FakeTelephony, deliver: Deliver):
    outbound_id = queued_text(body="我们在。")

    deliver()
    deliver()

    assert [(order.to, order.from_number, order.body) for order in carrier.texts] == [
        (STUDENT, LINE, "我们在。")
    ]
    assert state_of(outbound_id) is OrderState.ACCEPTED


def test_neither_number_nor_words_lie_open_in_the_database(deliver: Deliver):
    queued_text(body="我们在。")

    row = ground.session().execute(select(OUTBOUND)).mappings().one()

    stored = b"".join(value for value in row.values() if isinstance(value, bytes))
    assert STUDENT.encode() not in stored
    assert "我们在".encode() not in stored


def test_no_transaction_is_open_while_the_carrier_is_called(
    carrier: FakeTelephony, deliver: Deliver
):
    open_ones = []
    carrier.while_sending = lambda: open_ones.append(ground.session().in_transaction())
    queued_text()

    deliver()

    assert open_ones == [False]


def test_the_most_urgent_goes_first(carrier: FakeTelephony, deliver: Deliver):
    queued_text(body="blue", urgency=RiskLevel.LOW)
    queued_text(body="red", urgency=RiskLevel.IMMINENT)

    deliver()

    assert [order.body for order in carrier.texts] == ["red", "blue"]


def test_texts_of_one_thread_leave_in_the_order_they_were_written(
    carrier: FakeTelephony, deliver: Deliver
):
    queued_text(body="first", ordering_key="contact:1", urgency=RiskLevel.LOW)
    queued_text(body="second", ordering_key="contact:1", urgency=RiskLevel.IMMINENT)

    deliver()

    assert [order.body for order in carrier.texts] == ["first", "second"]


def test_a_text_waits_for_the_one_before_it(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.fails_for_now()
    queued_text(body="first", ordering_key="contact:1")
    queued_text(body="second", ordering_key="contact:1")
    queued_text(body="another thread", ordering_key="contact:2")

    deliver()
    still.forward(seconds=2)
    deliver()

    assert [order.body for order in carrier.texts] == ["first", "another thread", "first", "second"]


def test_a_text_that_failed_for_good_does_not_block_its_thread(
    carrier: FakeTelephony, deliver: Deliver
):
    carrier.fails_permanently()
    queued_text(body="first", ordering_key="contact:1")
    queued_text(body="second", ordering_key="contact:1")

    deliver()

    assert [order.body for order in carrier.texts] == ["first", "second"]


def test_a_text_of_the_morning_does_not_hold_back_an_answer_of_tonight(
    carrier: FakeTelephony, deliver: Deliver
):
    queued_text(body="check-in", ordering_key="contact:1", scheduled=True)
    queued_text(body="answer", ordering_key="contact:1")

    deliver()

    assert [order.body for order in carrier.texts] == ["answer"]


def test_a_long_text_leaves_in_parts_in_their_order(carrier: FakeTelephony, deliver: Deliver):
    queued_text(body="一" * 1_400 + "。" + "二" * 1_400)

    deliver()

    assert [order.body for order in carrier.texts] == ["一" * 1_400 + "。", "二" * 1_400]


def test_a_blank_text_is_refused(deliver: Deliver):
    with pytest.raises(messaging.NothingToSend):
        queued_text(body=" \n")


def test_nothing_goes_out_before_its_time(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text(not_before=NOW + timedelta(minutes=5))

    early = deliver()
    still.forward(minutes=5)
    deliver()

    assert early == 0
    assert len(carrier.texts) == 1


def test_calls_leave_one_a_second_the_reddest_first_and_texts_do_not_wait(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_call(public_id="blue", urgency=RiskLevel.LOW)
    queued_call(public_id="red", urgency=RiskLevel.IMMINENT)
    queued_text()

    deliver()
    first = [order.public_id for order in carrier.calls]
    deliver()
    still.forward(seconds=1)
    deliver()

    assert first == ["red"]
    assert [order.public_id for order in carrier.calls] == ["red", "blue"]
    assert len(carrier.texts) == 1


def test_a_permanent_error_ends_the_order_and_is_told(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    carrier.fails_permanently(code=21211)
    outbound_id = queued_text(purpose=Purpose.PAGE_TEXT, purpose_id=9)

    deliver()

    assert told == [
        TextSettled(
            outbound_id=outbound_id,
            purpose=Purpose.PAGE_TEXT,
            purpose_id=9,
            status=DeliveryStatus.FAILED,
            at=NOW,
        )
    ]
    assert state_of(outbound_id) is OrderState.FAILED


def test_a_temporary_error_is_tried_again_with_growing_waits(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    carrier.fails(TelephonyError(code=30001), times=2)
    outbound_id = queued_text()

    for seconds in (0, 1, 1, 3, 1):
        still.forward(seconds=seconds)
        deliver()

    assert len(carrier.texts) == 3
    assert state_of(outbound_id) is OrderState.ACCEPTED
    assert told == []


def test_trying_ends_after_twelve_attempts_and_is_told(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    carrier.fails(TelephonyError(code=30001), times=20)
    queued_text()

    for _ in range(20):
        deliver()
        still.forward(minutes=5)

    assert len(carrier.texts) == 12
    assert [type(event) for event in told] == [TextSettled]


def test_a_carrier_that_asks_to_wait_is_left_alone_by_every_order(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.fails(TelephonyError(code=20429, retry_after=30, whole_account=True))
    for number in range(5):
        queued_text(body=f"text {number}")

    deliver()
    still.forward(seconds=29)
    deliver()
    during = len(carrier.texts)
    still.forward(seconds=1)
    deliver()

    assert during == 1
    assert len(carrier.texts) == 6


def test_somebody_who_said_stop_gets_no_text_and_it_is_told(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    outbound_id = queued_text(purpose_id=5)
    with transaction():
        messaging.opt_out(number=STUDENT, line_number=LINE, now=NOW)

    deliver()

    assert carrier.texts == []
    assert told == [
        TextRefusedByOptOut(outbound_id=outbound_id, purpose=Purpose.CHAT, purpose_id=5, at=NOW)
    ]


def test_the_confirmation_of_stop_goes_out_all_the_same(carrier: FakeTelephony, deliver: Deliver):
    with transaction():
        messaging.opt_out(number=STUDENT, line_number=LINE, now=NOW)
    queued_text(despite_opt_out=True)

    deliver()

    assert len(carrier.texts) == 1


def test_who_starts_again_gets_texts_again(carrier: FakeTelephony, deliver: Deliver):
    with transaction():
        messaging.opt_out(number=STUDENT, line_number=LINE, now=NOW)
        messaging.opt_out(number=STUDENT, line_number=LINE, now=NOW)
        messaging.opt_in(number=STUDENT, line_number=LINE, now=NOW)
    queued_text()

    deliver()

    assert len(carrier.texts) == 1
    assert not queries.opted_out(number=STUDENT, line_number=LINE)


def test_a_refusal_by_the_carrier_is_remembered_as_an_opt_out(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    carrier.fails_permanently(code=21610)
    queued_text(body="first")

    deliver()
    queued_text(body="second")
    deliver()

    assert [order.body for order in carrier.texts] == ["first"]
    assert [type(event) for event in told] == [TextRefusedByOptOut, TextRefusedByOptOut]
    assert queries.opted_out(number=STUDENT, line_number=LINE)


def test_an_opt_out_from_one_line_leaves_the_other_open(carrier: FakeTelephony, deliver: Deliver):
    with transaction():
        messaging.opt_out(number=STUDENT, line_number="+862300000009", now=NOW)
    queued_text()

    deliver()

    assert len(carrier.texts) == 1


def test_a_text_that_nobody_waits_for_keeps_the_night_quiet(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text(scheduled=True)

    deliver()
    at_night = len(carrier.texts)
    still.moment = MORNING
    deliver()

    assert at_night == 0
    assert len(carrier.texts) == 1


def test_a_text_that_would_be_too_late_after_the_night_is_withdrawn_and_told(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    outbound_id = queued_text(scheduled=True, expires_at=MORNING, purpose=Purpose.CHECK_IN)

    deliver()

    assert carrier.texts == []
    assert told == [
        OrderExpired(outbound_id=outbound_id, purpose=Purpose.CHECK_IN, purpose_id=1, at=NOW)
    ]
    assert state_of(outbound_id) is OrderState.WITHDRAWN


def test_an_expired_order_is_withdrawn_and_told(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    queued_call(expires_at=NOW + timedelta(minutes=1))
    still.forward(minutes=1)

    deliver()

    assert carrier.calls == []
    assert [type(event) for event in told] == [OrderExpired]


def test_what_was_withdrawn_does_not_go_out(carrier: FakeTelephony, deliver: Deliver):
    queued_text(purpose=Purpose.PAGE_TEXT, purpose_id=7)
    queued_call(purpose_id=7)
    kept = queued_call(purpose_id=8)

    with transaction():
        texts = messaging.withdraw(purpose=Purpose.PAGE_TEXT, purpose_id=7, now=NOW)
        calls = messaging.withdraw(purpose=Purpose.PAGE_CALL, purpose_id=7, now=NOW)
    deliver()

    assert (texts, calls) == (1, 1)
    assert [order.outbound_id for order in carrier.calls] == [kept]


def test_withdrawing_a_call_that_rings_stops_its_ringing_once(
    carrier: FakeTelephony, deliver: Deliver
):
    queued_call(purpose_id=7)
    deliver()

    for _ in range(2):
        with transaction():
            messaging.withdraw(purpose=Purpose.PAGE_CALL, purpose_id=7, now=NOW)
        deliver()

    assert carrier.changes == [("cancel", carrier.sid_of(0))]


def test_a_call_withdrawn_while_it_was_being_sent_is_stopped_too(
    carrier: FakeTelephony, deliver: Deliver
):
    outbound_id = queued_call()

    def withdraw() -> None:
        with transaction():
            messaging.withdraw(outbound_id=outbound_id, now=NOW)

    carrier.while_sending = withdraw

    deliver()

    assert carrier.changes == [("cancel", carrier.sid_of(0))]


def test_a_running_call_can_be_redirected_and_hung_up(carrier: FakeTelephony, deliver: Deliver):
    outbound_id = queued_call(public_id="page-7")
    deliver()

    with transaction():
        for change in (CallChange.REDIRECT, CallChange.HANG_UP):
            messaging.queue_call_change(outbound_id=outbound_id, change=change, now=NOW)
    deliver()

    sid = carrier.sid_of(0)
    assert carrier.changes == [("redirect page_call page-7", sid), ("hang_up", sid)]


def test_a_call_that_was_never_placed_cannot_be_changed(deliver: Deliver):
    outbound_id = queued_call()

    with transaction(), pytest.raises(messaging.NoSuchCall):
        messaging.queue_call_change(outbound_id=outbound_id, change=CallChange.CANCEL, now=NOW)


def test_a_permanent_error_of_a_call_is_told_as_its_end(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    carrier.fails_permanently(code=21214)
    outbound_id = queued_call(to=COUNSELOR)

    deliver()

    assert told == [
        CallSettled(
            outbound_id=outbound_id,
            purpose=Purpose.PAGE_CALL,
            purpose_id=7,
            status=DeliveryStatus.FAILED,
            at=NOW,
        )
    ]


def test_what_was_sealed_for_an_erased_contact_is_not_sent_and_blocks_nobody(
    carrier: FakeTelephony, deliver: Deliver
):
    with transaction():
        key_id = sealed.create_data_key(now=NOW)
    erased = queued_text(data_key_id=key_id)
    queued_text(body="other")
    with transaction():
        sealed.erase_data_key(key_id=key_id, now=NOW)

    deliver()

    assert [order.body for order in carrier.texts] == ["other"]
    assert state_of(erased) is OrderState.WITHDRAWN


def test_a_claim_that_grew_stale_is_given_back_before_it_is_tried(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    """A slow carrier must not stretch the moment at which opt-outs were checked."""
    queued_text(body="first")
    second = queued_text(body="second", to="+8613800000003")

    def stop() -> None:
        still.forward(seconds=4)
        carrier.while_sending = None
        with transaction():
            messaging.opt_out(number="+8613800000003", line_number=LINE, now=still())

    carrier.while_sending = stop

    deliver()

    assert [order.body for order in carrier.texts] == ["first"]
    assert state_of(second) is OrderState.FAILED


def test_the_next_work_is_known(deliver: Deliver):
    queued_text(not_before=NOW + timedelta(minutes=9))

    assert queries.next_due_at() == NOW + timedelta(minutes=9)


def test_delivery_is_alive_for_fifteen_seconds_after_its_heartbeat(deliver: Deliver):
    with transaction():
        messaging.heartbeat(process="jobs-1", now=NOW - timedelta(minutes=1))
        messaging.heartbeat(process="jobs-1", now=NOW)

    assert queries.is_delivery_alive(now=NOW + timedelta(seconds=15))
    assert not queries.is_delivery_alive(now=NOW + timedelta(seconds=16))
