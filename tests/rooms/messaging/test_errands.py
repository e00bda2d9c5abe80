"""Errands: the carrier is asked to move, end, hold, fetch and forget; twice does no harm."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.messaging import queued_call
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries
from wellbeing.messaging.events import CallMoved, RecordingFetched
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Purpose, Receipt
from wellbeing.policy.model import RiskLevel
from wellbeing.telephony.gateway import TelephonyError

Deliver = Callable[[], int]
CALL = "CA" + "1" * 32
CONFERENCE = "CF" + "2" * 32
RECORDING = "RE" + "3" * 32


def new_key() -> uuid.UUID:
    with transaction():
        return sealed.create_data_key(now=NOW)


def state_of(outbound_id: int) -> OrderState:
    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    session().rollback()
    return row.state


def queued_fetch(key_id: uuid.UUID) -> int:
    with transaction():
        return messaging.queue_recording_fetch(
            sid=RECORDING, recording_id=5, data_key_id=key_id, now=NOW
        )


def queued_deletion(key_id: uuid.UUID) -> int:
    with transaction():
        return messaging.queue_recording_deletion(
            sid=RECORDING, recording_id=5, data_key_id=key_id, now=NOW
        )


def a_caller(key_id: uuid.UUID) -> dict[str, object]:
    return {
        "call_sid": CALL,
        "purpose_id": 9,
        "public_id": "abc",
        "data_key_id": key_id,
        "urgency": RiskLevel.HIGH,
        "now": NOW,
    }


def test_a_caller_can_be_moved_and_hung_up(carrier: FakeTelephony, deliver: Deliver):
    key_id = new_key()
    with transaction():
        moved = messaging.queue_redirect(**a_caller(key_id))  # type: ignore[arg-type]  # one table
    with transaction():
        messaging.queue_end(**a_caller(key_id))  # type: ignore[arg-type]  # one table

    deliver()

    assert carrier.changes == [("redirect call abc", CALL), ("hang_up", CALL)]
    assert state_of(moved) is OrderState.SETTLED


def test_a_caller_is_held_and_hears_the_others_again(carrier: FakeTelephony, deliver: Deliver):
    key_id = new_key()
    for held in (True, False):
        with transaction():
            messaging.queue_hold(
                conference_sid=CONFERENCE,
                call_sid=CALL,
                held=held,
                contact_id=9,
                data_key_id=key_id,
                now=NOW,
            )

    deliver()

    assert carrier.changes == [(f"hold in {CONFERENCE}", CALL), (f"unhold in {CONFERENCE}", CALL)]


def test_a_recording_is_fetched_and_handed_over_once(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    carrier.recordings[RECORDING] = b"sound"
    fetch = queued_fetch(new_key())

    deliver()
    deliver()

    assert told == [RecordingFetched(recording_id=5, media=b"sound", at=NOW)]
    assert state_of(fetch) is OrderState.SETTLED


def test_a_recording_is_fetched_again_when_the_first_try_failed(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    carrier.recordings[RECORDING] = b"sound"
    carrier.fails_for_now(code=20500)
    queued_fetch(new_key())

    deliver()
    still.forward(minutes=1)
    deliver()

    assert [type(one) for one in told] == [RecordingFetched]


def test_nothing_is_fetched_for_an_erased_contact(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    carrier.recordings[RECORDING] = b"sound"
    key_id = new_key()
    fetch = queued_fetch(key_id)
    with transaction():
        sealed.erase_data_key(key_id=key_id, now=NOW)

    deliver()

    assert told == []
    assert state_of(fetch) is OrderState.WITHDRAWN
    assert carrier.recordings == {}, "what is not fetched any more is deleted there"


def test_the_carrier_forgets_a_recording_although_its_contact_was_erased(
    carrier: FakeTelephony, deliver: Deliver
):
    carrier.recordings[RECORDING] = b"sound"
    key_id = new_key()
    queued_deletion(key_id)
    with transaction():
        sealed.erase_data_key(key_id=key_id, now=NOW)

    deliver()

    assert carrier.recordings == {}


def test_the_carrier_forgets_the_queue_of_a_call(carrier: FakeTelephony, deliver: Deliver):
    key_id = new_key()
    with transaction():
        messaging.queue_queue_deletion(name="c-abc", contact_id=9, data_key_id=key_id, now=NOW)

    deliver()

    assert carrier.changes == [("delete queue", "c-abc")]


def test_an_errand_in_doubt_is_simply_asked_for_again(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    carrier.fails(TelephonyError(in_doubt=True))
    errand = queued_deletion(new_key())

    deliver()
    still.forward(minutes=1)
    deliver()

    assert [word for word, _ in carrier.changes] == ["delete", "delete"]
    assert state_of(errand) is OrderState.SETTLED


def test_errands_spend_no_token_of_the_carriers_pace(carrier: FakeTelephony, deliver: Deliver):
    key_id = new_key()
    for _ in range(3):
        queued_deletion(key_id)
    queued_call()

    deliver()

    assert len(carrier.changes) == 3
    assert len(carrier.calls) == 1


def test_a_calls_limit_reaches_the_carrier(carrier: FakeTelephony, deliver: Deliver):
    queued_call(limit_s=600)

    deliver()

    assert carrier.calls[0].limit_s == 600


@pytest.mark.parametrize("status", [DeliveryStatus.RINGING, DeliveryStatus.IN_PROGRESS])
def test_a_ringing_or_answered_call_is_told_of_once(
    carrier: FakeTelephony, deliver: Deliver, told: list[object], status: DeliveryStatus
):
    outbound_id = queued_call(purpose=Purpose.RING, purpose_id=4, public_id="leg-4")
    deliver()
    receipt = Receipt(outbound_id=outbound_id, sid=carrier.sid_of(0), status=status)

    for _ in range(2):
        with transaction():
            messaging.apply_receipt(receipt=receipt, now=NOW + timedelta(seconds=1))

    assert told == [
        CallMoved(
            outbound_id=outbound_id,
            purpose=Purpose.RING,
            purpose_id=4,
            public_id="leg-4",
            status=status,
            at=NOW + timedelta(seconds=1),
        )
    ]
