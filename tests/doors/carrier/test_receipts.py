"""The carrier's reports reach the outbox; what cannot be used is taken note of, never an error."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.doors.carrier.conftest import Post
from tests.factories.messaging import queued_call, queued_text
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation import events
from wellbeing.foundation.database import db
from wellbeing.messaging import queries
from wellbeing.messaging.delivery import sweep
from wellbeing.messaging.events import CallSettled, TextSettled
from wellbeing.messaging.rules import DeliveryStatus


@pytest.fixture
def told(app: Flask) -> list[object]:
    heard: list[object] = []
    events.install(reactions={CallSettled: [heard.append], TextSettled: [heard.append]})
    return heard


@pytest.fixture
def sent(app: Flask, told: list[object]) -> tuple[int, str, int, str]:
    """Send a text and a call; give their ids here and at the carrier."""
    still = FrozenClock(NOW)
    carrier = FakeTelephony(now=still)
    with app.app_context():
        text, call = queued_text(), queued_call()
        sweep.deliver_due(gateway=carrier, now=still, limit=10)
        db.session.remove()
    sids = {order.outbound_id: sid for sid, order, _ in carrier._taken}
    return text, sids[text], call, sids[call]


def status_of(app: Flask, outbound_id: int) -> DeliveryStatus | None:
    with app.app_context():
        row = queries.order(outbound_id=outbound_id)
    assert row is not None
    return row.status


def test_a_receipt_of_a_text_moves_it_forward(
    app: Flask, post: Post, sent: tuple[int, str, int, str], told: list[object]
):
    text, sid, _, _ = sent
    form = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "30005"}

    answer = post(f"/twilio/text/status/{text}", form)

    assert answer.status_code == 204
    assert status_of(app, text) is DeliveryStatus.UNDELIVERED
    assert [type(event) for event in told] == [TextSettled]


def test_receipts_of_a_call_that_come_in_disorder_end_at_its_end(
    app: Flask, post: Post, sent: tuple[int, str, int, str], told: list[object]
):
    _, _, call, sid = sent
    story = [("completed", 3), ("ringing", 1), ("queued", 0), ("in-progress", 2)]

    answers = [
        post(
            f"/twilio/call/status/{call}",
            {"CallSid": sid, "CallStatus": status, "SequenceNumber": str(number)},
        ).status_code
        for status, number in story
    ]

    assert answers == [204, 204, 204, 204]
    assert status_of(app, call) is DeliveryStatus.COMPLETED
    assert [type(event) for event in told] == [CallSettled]


@pytest.mark.parametrize(
    "changes",
    [
        {"MessageSid": "SM" + "f" * 32},
        {"MessageSid": ""},
        {"MessageStatus": "unheard of"},
        {"MessageStatus": ""},
        {"ErrorCode": "99999999999999999999"},
    ],
)
def test_a_receipt_that_cannot_be_used_changes_nothing_bad(
    app: Flask, post: Post, sent: tuple[int, str, int, str], changes: dict[str, str]
):
    text, sid, _, _ = sent
    form = {"MessageSid": sid, "MessageStatus": "sending"} | changes

    answer = post(f"/twilio/text/status/{text}", form)

    assert answer.status_code == 204
    assert status_of(app, text) in {DeliveryStatus.QUEUED, DeliveryStatus.SENDING}


def test_a_receipt_for_an_unknown_order_is_taken_note_of(post: Post, told: list[object]):
    form = {"MessageSid": "SM" + "f" * 32, "MessageStatus": "sent"}

    assert post("/twilio/text/status/999999", form).status_code == 204
