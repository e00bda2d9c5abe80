"""A status never moves backwards, whatever the carrier reports and in whatever order (P4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.messaging import LINE, STUDENT, queued_call, queued_text
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony
from wellbeing.foundation.database import session, transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries
from wellbeing.messaging.events import CallSettled, TextRefusedByOptOut, TextSettled
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Purpose, Receipt

Deliver = Callable[[], int]


def report(outbound_id: int, sid: str, status: DeliveryStatus, **more: int | None) -> bool:
    with transaction():
        receipt = Receipt(outbound_id=outbound_id, sid=sid, status=status, **more)
        return messaging.apply_receipt(receipt=receipt, now=NOW)


def status_of(outbound_id: int) -> DeliveryStatus | None:
    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    session().rollback()
    return row.status


def test_a_delivered_text_is_settled_and_told_once(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    outbound_id = queued_text(purpose_id=3)
    deliver()
    sid = carrier.sid_of(0)

    news = [report(outbound_id, sid, DeliveryStatus.DELIVERED) for _ in range(2)]

    assert news == [True, False]
    assert told == [
        TextSettled(
            outbound_id=outbound_id,
            purpose=Purpose.CHAT,
            purpose_id=3,
            status=DeliveryStatus.DELIVERED,
            at=NOW,
        )
    ]


def test_reports_that_come_late_change_nothing(carrier: FakeTelephony, deliver: Deliver):
    outbound_id = queued_text()
    deliver()
    sid = carrier.sid_of(0)

    for status in (DeliveryStatus.SENT, DeliveryStatus.UNDELIVERED, DeliveryStatus.DELIVERED):
        report(outbound_id, sid, status)
    report(outbound_id, sid, DeliveryStatus.SENDING)

    assert status_of(outbound_id) is DeliveryStatus.UNDELIVERED


def test_a_text_that_was_sent_is_not_being_sent_again(carrier: FakeTelephony, deliver: Deliver):
    outbound_id = queued_text()
    deliver()

    news = [
        report(outbound_id, carrier.sid_of(0), status)
        for status in (DeliveryStatus.SENT, DeliveryStatus.SENDING)
    ]

    assert news == [True, False]
    assert status_of(outbound_id) is DeliveryStatus.SENT


def test_an_undelivered_text_is_told_with_its_reason_kept(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    outbound_id = queued_text()
    deliver()

    report(outbound_id, carrier.sid_of(0), DeliveryStatus.UNDELIVERED, error_code=30005)

    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    assert (row.state, row.error_code) == (OrderState.SETTLED, 30005)
    assert [type(event) for event in told] == [TextSettled]


def test_a_failure_because_of_an_opt_out_is_told_as_such(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    outbound_id = queued_text()
    deliver()

    report(outbound_id, carrier.sid_of(0), DeliveryStatus.FAILED, error_code=21610)

    assert [type(event) for event in told] == [TextRefusedByOptOut]
    assert queries.opted_out(number=STUDENT, line_number=LINE)


def test_a_report_under_another_id_than_ours_is_refused(deliver: Deliver, told: list[object]):
    outbound_id = queued_text()
    deliver()

    news = report(outbound_id, "SM" + "f" * 32, DeliveryStatus.FAILED)

    assert not news
    assert told == []


@pytest.mark.parametrize("outbound_id", [0, 999_999])
def test_a_report_for_an_unknown_order_is_refused(deliver: Deliver, outbound_id: int):
    assert not report(outbound_id, "SM" + "f" * 32, DeliveryStatus.SENT)


def test_a_report_for_what_was_never_tried_is_refused(deliver: Deliver):
    outbound_id = queued_text()

    assert not report(outbound_id, "SM" + "f" * 32, DeliveryStatus.SENT)


def test_an_id_that_belongs_to_another_order_is_refused(carrier: FakeTelephony, deliver: Deliver):
    queued_text(body="first")
    deliver()
    carrier.leaves_in_doubt(taken=False)
    second = queued_text(body="second")
    deliver()

    assert not report(second, carrier.sid_of(0), DeliveryStatus.SENT)


def test_a_report_proves_that_an_order_in_doubt_was_taken(carrier: FakeTelephony, deliver: Deliver):
    carrier.leaves_in_doubt(taken=True)
    outbound_id = queued_text()
    deliver()

    report(outbound_id, carrier.sid_of(0), DeliveryStatus.SENT)

    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    assert row.state is OrderState.ACCEPTED


def test_a_report_that_overtakes_our_own_answer_is_kept(carrier: FakeTelephony, deliver: Deliver):
    outbound_id = queued_text()

    def overtake() -> None:
        report(outbound_id, f"SM{0:032x}", DeliveryStatus.SENT)

    carrier.while_sending = overtake

    deliver()

    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    assert (row.state, row.status) == (OrderState.ACCEPTED, DeliveryStatus.SENT)
    assert row.sent_at == NOW


def test_a_call_moves_by_its_sequence_numbers(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    outbound_id = queued_call(purpose_id=7)
    deliver()
    sid = carrier.sid_of(0)

    news = [
        report(outbound_id, sid, DeliveryStatus.IN_PROGRESS, sequence_number=2),
        report(outbound_id, sid, DeliveryStatus.RINGING, sequence_number=1),
        report(outbound_id, sid, DeliveryStatus.COMPLETED, sequence_number=3),
        report(outbound_id, sid, DeliveryStatus.NO_ANSWER, sequence_number=4),
    ]

    assert news == [True, False, True, False]
    assert [one for one in told if isinstance(one, CallSettled)] == [
        CallSettled(
            outbound_id=outbound_id,
            purpose=Purpose.PAGE_CALL,
            purpose_id=7,
            status=DeliveryStatus.COMPLETED,
            at=NOW,
        )
    ]


def test_a_higher_status_with_an_older_number_is_refused(carrier: FakeTelephony, deliver: Deliver):
    outbound_id = queued_call()
    deliver()
    sid = carrier.sid_of(0)

    report(outbound_id, sid, DeliveryStatus.RINGING, sequence_number=5)
    report(outbound_id, sid, DeliveryStatus.COMPLETED, sequence_number=4)

    assert status_of(outbound_id) is DeliveryStatus.RINGING


def test_the_texts_of_a_purpose_are_listed_with_their_state(
    carrier: FakeTelephony, deliver: Deliver
):
    outbound_id = queued_text(purpose=Purpose.CHECK_IN, purpose_id=4)
    deliver()
    report(outbound_id, carrier.sid_of(0), DeliveryStatus.DELIVERED)

    found = queries.texts_of(purpose=Purpose.CHECK_IN, ids=[4, 5])

    assert {key: [row.status for row in rows] for key, rows in found.items()} == {
        4: [DeliveryStatus.DELIVERED]
    }
