"""What may have been sent is asked about before it is ever sent again: one send per order."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from tests.factories.messaging import COUNSELOR, LINE, STUDENT, queued_call, queued_text
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation.database import changed, session, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries
from wellbeing.messaging.delivery import claims, questions, results
from wellbeing.messaging.events import TextSettled
from wellbeing.messaging.models import OUTBOUND
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Purpose
from wellbeing.telephony.gateway import CallOrder, TelephonyError, TextOrder

Deliver = Callable[[], int]


def state_of(outbound_id: int) -> OrderState:
    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    session().rollback()
    return row.state


def die_while_sending(outbound_id: int) -> None:
    """Leave a row as a killed process leaves it: claimed, and nothing recorded."""
    with transaction():
        batch = claims.claim(now=NOW, limit=10)
    assert [claim.outbound_id for claim in batch.claims] == [outbound_id]


def test_a_text_in_doubt_that_the_carrier_took_is_adopted_and_not_sent_again(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=True)
    outbound_id = queued_text()

    deliver()
    in_between = state_of(outbound_id)
    still.forward(seconds=10)
    deliver()

    assert in_between is OrderState.IN_DOUBT
    assert state_of(outbound_id) is OrderState.ACCEPTED
    assert len(carrier.texts) == 1


def test_a_text_in_doubt_that_the_carrier_never_took_is_sent_again_once(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=False)
    outbound_id = queued_text()

    deliver()
    still.forward(seconds=10)
    deliver()
    deliver()

    assert state_of(outbound_id) is OrderState.ACCEPTED
    assert len(carrier.texts) == 2


def test_the_carrier_is_not_asked_too_early_for_its_lists_lag(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=True)
    queued_text()

    deliver()
    still.forward(seconds=9)
    deliver()

    assert carrier.asked == 0


def test_a_thread_waits_until_its_text_in_doubt_is_cleared(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=True)
    queued_text(body="first", ordering_key="contact:1")
    queued_text(body="second", ordering_key="contact:1")

    deliver()
    before = [order.body for order in carrier.texts]
    still.forward(seconds=10)
    deliver()

    assert before == ["first"]
    assert [order.body for order in carrier.texts] == ["first", "second"]


def test_an_equal_text_that_is_already_known_is_not_adopted_for_another_order(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text(body="在吗？")
    deliver()
    carrier.leaves_in_doubt(taken=False)
    queued_text(body="在吗？")

    deliver()
    still.forward(seconds=10)
    deliver()

    assert len(carrier._taken) == 2


def test_other_words_to_the_same_number_are_not_taken_for_ours(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=False)
    queued_text(body="我们在。")
    deliver()
    carrier.send_text(TextOrder(to=STUDENT, from_number=LINE, body="another system", outbound_id=0))

    still.forward(seconds=10)
    deliver()

    assert [order.body for order in carrier.texts] == ["我们在。", "another system", "我们在。"]


def test_a_process_that_lost_its_claim_cannot_undo_the_claim_of_another(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    outbound_id = queued_text()
    with transaction():
        (lost,) = claims.claim(now=NOW, limit=1).claims
    with transaction():
        changed(update(OUTBOUND).values(lease_token="of another process"))

    with transaction():
        results.failed(claim=lost, error=TelephonyError(permanent=True), now=NOW)
        claims.give_back(claims=[lost])

    assert state_of(outbound_id) is OrderState.SENDING


def test_what_a_killed_process_had_claimed_is_asked_about_after_its_lease(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    outbound_id = queued_text(body="我们在。")
    die_while_sending(outbound_id)

    still.forward(seconds=29)
    deliver()
    during_lease = len(carrier.texts)
    still.forward(seconds=1)
    deliver()

    assert during_lease == 0
    assert carrier.asked == 1
    assert len(carrier.texts) == 1
    assert state_of(outbound_id) is OrderState.ACCEPTED


def test_what_a_process_sent_before_it_was_killed_is_found_at_the_carrier(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    outbound_id = queued_call(to=COUNSELOR, from_number=LINE)
    die_while_sending(outbound_id)
    carrier.place_call(
        CallOrder(
            to=COUNSELOR,
            from_number=LINE,
            outbound_id=outbound_id,
            purpose=Purpose.PAGE_CALL,
            public_id="page-7",
            ring_seconds=25,
        )
    )

    still.forward(seconds=30)
    deliver()

    assert len(carrier.calls) == 1
    assert state_of(outbound_id) is OrderState.ACCEPTED


def test_a_call_of_yesterday_is_not_taken_for_todays(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    still.forward(days=-1)
    queued_call(now=still())
    deliver()
    still.forward(days=1)
    with transaction():
        changed(update(OUTBOUND).values(sid="CA" + "e" * 32, due_at=None))
    carrier.leaves_in_doubt(taken=False)
    queued_call()

    deliver()
    still.forward(seconds=10)
    deliver()

    assert len(carrier.calls) == 3


def test_a_carrier_that_cannot_be_asked_is_asked_again_and_nothing_is_sent_meanwhile(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=True)
    outbound_id = queued_text()
    deliver()
    carrier.fails_to_list = True

    still.forward(seconds=10)
    deliver()
    unanswered = (state_of(outbound_id), len(carrier.texts))
    carrier.fails_to_list = False
    still.forward(seconds=2)
    deliver()

    assert unanswered == (OrderState.IN_DOUBT, 1)
    assert (state_of(outbound_id), len(carrier.texts)) == (OrderState.ACCEPTED, 1)


def test_an_order_in_doubt_that_is_no_longer_wanted_is_not_sent_again(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=False)
    outbound_id = queued_call()
    deliver()

    with transaction():
        messaging.withdraw(outbound_id=outbound_id, now=NOW)
    still.forward(seconds=10)
    deliver()

    assert len(carrier.calls) == 1
    assert state_of(outbound_id) is OrderState.WITHDRAWN


def test_a_call_in_doubt_that_is_no_longer_wanted_is_canceled_when_it_is_found(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.leaves_in_doubt(taken=True)
    outbound_id = queued_call()
    deliver()

    with transaction():
        messaging.withdraw(outbound_id=outbound_id, now=NOW)
    still.forward(seconds=10)
    deliver()

    assert carrier.changes == [("cancel", carrier.sid_of(0))]


def test_a_time_out_of_a_cancel_is_simply_tried_again(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    outbound_id = queued_call()
    deliver()
    carrier.leaves_in_doubt(taken=False)
    with transaction():
        messaging.withdraw(outbound_id=outbound_id, now=NOW)

    deliver()
    still.forward(seconds=2)
    deliver()

    assert carrier.changes == [("cancel", carrier.sid_of(0))] * 2


def test_a_text_that_was_never_reported_on_is_asked_about(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    outbound_id = queued_text()
    deliver()
    carrier.settles(carrier.sid_of(0), DeliveryStatus.UNDELIVERED)

    still.forward(minutes=5)
    deliver()

    assert state_of(outbound_id) is OrderState.SETTLED
    assert [type(event) for event in told] == [TextSettled]


def test_the_asking_ends_when_the_carrier_knows_no_more(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text()
    deliver()

    for _ in range(10):
        still.forward(hours=6)
        deliver()

    assert carrier.asked == 3
    assert queries.next_due_at() is None


def test_a_result_that_comes_after_the_lease_is_kept(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    """A process that slept through its lease did send: its answer must not be thrown away."""
    outbound_id = queued_text()

    def sleep_through_the_lease() -> None:
        carrier.while_sending = None
        still.forward(seconds=31)
        with transaction():
            questions.mark_lapsed(now=still())

    carrier.while_sending = sleep_through_the_lease

    deliver()
    deliver()

    assert state_of(outbound_id) is OrderState.ACCEPTED
    assert len(carrier.texts) == 1
