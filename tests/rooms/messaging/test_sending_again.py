"""A phone that is switched off for a moment gets its text later; then a human's turn comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.messaging import queued_call, queued_text
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries
from wellbeing.messaging.events import CallSettled, TextSettled
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Receipt

Deliver = Callable[[], int]


class Phone:
    """A text's way as the carrier reports it."""

    def __init__(self, carrier: FakeTelephony, still: FrozenClock, deliver: Deliver) -> None:
        self.carrier, self.still, self.deliver = carrier, still, deliver
        self.outbound_id = queued_text(ordering_key="chat-1")
        self.deliver()

    def is_off(self, *, code: int = 30003, sid: str | None = None) -> bool:
        return self.reports(DeliveryStatus.UNDELIVERED, code=code, sid=sid)

    def reports(
        self, status: DeliveryStatus, *, code: int | None = None, sid: str | None = None
    ) -> bool:
        receipt = Receipt(
            outbound_id=self.outbound_id,
            sid=sid or self.carrier.sid_of(len(self.carrier.texts) - 1),
            status=status,
            error_code=code,
        )
        with transaction():
            return messaging.apply_receipt(receipt=receipt, now=self.still())

    def later(self, **passed: float) -> None:
        self.still.forward(**passed)
        self.deliver()

    @property
    def state(self) -> OrderState:
        row = queries.order(outbound_id=self.outbound_id)
        assert row is not None
        session().rollback()
        return row.state


@pytest.fixture
def phone(carrier: FakeTelephony, still: FrozenClock, deliver: Deliver) -> Phone:
    return Phone(carrier, still, deliver)


@pytest.mark.parametrize("code", [30003, 30008, 30410])
def test_an_undelivered_text_is_sent_again_before_anybody_is_told(
    phone: Phone, told: list[object], code: int
):
    phone.is_off(code=code)
    phone.later(seconds=29)
    early = len(phone.carrier.texts)

    phone.later(seconds=1)

    assert (early, len(phone.carrier.texts)) == (1, 2)
    assert told == []


def test_after_the_third_try_a_human_is_told(phone: Phone, told: list[object]):
    for wait in (30, 120):
        phone.is_off()
        phone.later(seconds=wait)

    phone.is_off()

    assert len(phone.carrier.texts) == 3
    assert [type(one) for one in told] == [TextSettled]
    assert phone.state is OrderState.SETTLED


def test_a_text_that_arrives_at_the_second_try_is_delivered(phone: Phone, told: list[object]):
    phone.is_off()
    phone.later(seconds=30)

    assert phone.reports(DeliveryStatus.DELIVERED)
    assert [one.status for one in told if isinstance(one, TextSettled)] == [
        DeliveryStatus.DELIVERED
    ]


def test_a_late_report_of_the_first_try_says_nothing_of_the_second(phone: Phone):
    first = phone.carrier.sid_of(0)
    phone.is_off()

    repeated = [phone.is_off(sid=first) for _ in range(3)]
    phone.later(seconds=30)

    assert repeated == [False, False, False]
    assert len(phone.carrier.texts) == 2


def test_what_is_written_meanwhile_does_not_wait(phone: Phone):
    phone.is_off()
    queued_text(ordering_key="chat-1", body="还在吗?")

    phone.later(seconds=1)

    assert [order.body for order in phone.carrier.texts][-1] == "还在吗?"


def test_a_number_that_is_not_there_is_a_humans_turn_at_once(phone: Phone, told: list[object]):
    phone.is_off(code=30005)

    assert [type(one) for one in told] == [TextSettled]


def test_a_text_that_nobody_wants_any_more_is_not_sent_again(phone: Phone):
    with transaction():
        messaging.withdraw(outbound_id=phone.outbound_id, now=phone.still())

    phone.is_off()
    phone.later(minutes=5)

    assert len(phone.carrier.texts) == 1


def test_a_call_is_never_placed_again_by_itself(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    outbound_id = queued_call()
    deliver()
    receipt = Receipt(
        outbound_id=outbound_id,
        sid=carrier.sid_of(0),
        status=DeliveryStatus.FAILED,
        error_code=30008,
    )
    with transaction():
        messaging.apply_receipt(receipt=receipt, now=still())

    still.forward(minutes=5)
    deliver()

    assert len(carrier.calls) == 1
    assert [type(one) for one in told] == [CallSettled]
