"""A number of ours that fails is left alone; a thread's texts go from the next, in order, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.messaging import LINE, queued_text
from tests.fakes import FakeTelephony, FrozenClock
from wellbeing.foundation import database as ground
from wellbeing.foundation.database import transaction
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries
from wellbeing.messaging.events import TextRefusedByOptOut, TextSettled
from wellbeing.messaging.rules import DeliveryStatus, OrderState, Receipt
from wellbeing.telephony.gateway import TelephonyError

Deliver = Callable[[], int]
SPARE = "+862300000001"
DISTRICT = "+862300000103"
THREAD = "contact:1"
BUSY = TelephonyError(code=21611)
"""The queue of the number is full."""


def row_of(outbound_id: int) -> queries.OrderRow:
    row = queries.order(outbound_id=outbound_id)
    assert row is not None
    ground.session().rollback()
    return row


def fails(carrier: FakeTelephony, *errors: TelephonyError) -> None:
    for error in errors:
        carrier.fails(error)


def later(still: FrozenClock, deliver: Deliver, seconds: int, times: int = 1) -> None:
    for _ in range(times):
        still.forward(seconds=seconds)
        deliver()


def test_after_three_failures_in_a_row_the_text_goes_from_the_second_number_once(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    first = queued_text(body="一", ordering_key=THREAD)
    fails(carrier, BUSY, BUSY, BUSY)

    deliver()
    later(still, deliver, 60, times=4)

    assert carrier.went_out() == [(SPARE, "一")]
    assert row_of(first).state is OrderState.ACCEPTED
    assert row_of(first).via_number == SPARE


def test_two_failures_are_not_yet_held_against_a_number(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    first = queued_text(body="一", ordering_key=THREAD)
    fails(carrier, BUSY, BUSY)

    deliver()
    later(still, deliver, 60, times=3)

    assert carrier.went_out() == [(LINE, "一")]
    assert row_of(first).via_number is None


def test_a_success_in_between_begins_the_count_anew(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text(body="一", ordering_key=THREAD)
    fails(carrier, BUSY, BUSY)
    deliver()
    later(still, deliver, 60, times=3)
    queued_text(body="二", ordering_key=THREAD, now=still())
    fails(carrier, BUSY, BUSY)

    deliver()
    later(still, deliver, 60, times=3)

    assert carrier.went_out() == [(LINE, "一"), (LINE, "二")]


def test_a_thread_that_moved_keeps_its_number_and_its_order(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    for body in ("一", "二", "三"):
        queued_text(body=body, ordering_key=THREAD)
    fails(carrier, BUSY, BUSY, BUSY)
    deliver()
    later(still, deliver, 60, times=4)
    later(still, deliver, 3600)
    queued_text(body="四", ordering_key=THREAD, now=still())

    deliver()

    assert carrier.went_out() == [(SPARE, "一"), (SPARE, "二"), (SPARE, "三"), (SPARE, "四")]


def test_other_threads_use_the_first_number_again_when_it_has_rested(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text(body="一", ordering_key=THREAD)
    fails(carrier, BUSY, BUSY, BUSY)
    deliver()
    later(still, deliver, 60, times=4)
    queued_text(body="甲", ordering_key="contact:2", now=still())
    deliver()
    later(still, deliver, 600)
    queued_text(body="乙", ordering_key="contact:3", now=still())

    deliver()

    assert carrier.went_out() == [(SPARE, "一"), (SPARE, "甲"), (LINE, "乙")]


@pytest.mark.parametrize("code", [21606, 21612, 30034], ids=str)
def test_what_the_carrier_says_against_the_number_moves_the_thread_at_once(
    carrier: FakeTelephony, deliver: Deliver, told: list[object], code: int
):
    first = queued_text(body="一", ordering_key=THREAD)
    second = queued_text(body="二", ordering_key=THREAD)
    fails(carrier, TelephonyError(permanent=True, alarm=True, code=code))

    deliver()

    assert carrier.went_out() == [(SPARE, "一"), (SPARE, "二")]
    assert row_of(first).via_number == row_of(second).via_number == SPARE
    assert told == []


def test_when_the_last_number_is_refused_too_a_human_hears_of_it(
    carrier: FakeTelephony, deliver: Deliver, told: list[object]
):
    first = queued_text(body="一", ordering_key=THREAD)
    refused = TelephonyError(permanent=True, alarm=True, code=21606)
    fails(carrier, refused, refused)

    deliver()

    assert carrier.went_out() == []
    assert row_of(first).state is OrderState.FAILED
    assert [type(event) for event in told] == [TextSettled]


def test_a_page_without_a_thread_moves_alone(carrier: FakeTelephony, deliver: Deliver):
    page = queued_text(body="值班热线需要您。")
    fails(carrier, TelephonyError(permanent=True, alarm=True, code=21606))

    deliver()

    assert carrier.went_out() == [(SPARE, "值班热线需要您。")]
    assert row_of(page).via_number == SPARE


def test_a_filtered_text_is_not_repeated_but_the_next_one_leaves_from_the_second_number(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, told: list[object]
):
    first = queued_text(body="一", ordering_key=THREAD)
    deliver()
    sid = row_of(first).sid
    assert sid is not None
    with transaction():
        receipt = Receipt(
            outbound_id=first, sid=sid, status=DeliveryStatus.UNDELIVERED, error_code=30007
        )
        messaging.apply_receipt(receipt=receipt, now=still())
    queued_text(body="二", ordering_key=THREAD, now=still())

    deliver()

    assert carrier.went_out() == [(LINE, "一"), (SPARE, "二")]
    assert row_of(first).via_number is None
    assert [type(event) for event in told] == [TextSettled]


@pytest.mark.parametrize(
    "error",
    [
        TelephonyError(permanent=True, code=21211),
        TelephonyError(permanent=True, code=21614),
        TelephonyError(code=20429, whole_account=True, retry_after=1),
        TelephonyError(code=30002, whole_account=True, alarm=True),
        TelephonyError(code=14107),
    ],
    ids=["no such number", "landline", "too fast", "suspended", "loop guard"],
)
def test_what_is_not_the_numbers_fault_moves_nobody(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock, error: TelephonyError
):
    for body in ("一", "二", "三", "四"):
        queued_text(body=body, ordering_key=f"contact:{body}")
    fails(carrier, error, error, error)

    deliver()
    later(still, deliver, 400, times=6)

    assert {number for number, _ in carrier.went_out()} == {LINE}


def test_who_said_stop_gets_nothing_from_any_number(
    carrier: FakeTelephony, deliver: Deliver, told: list[object], still: FrozenClock
):
    queued_text(body="一", ordering_key=THREAD)
    fails(carrier, TelephonyError(permanent=True, code=21610))
    deliver()
    queued_text(body="二", ordering_key=THREAD, now=still())

    deliver()

    assert carrier.went_out() == []
    assert [type(event) for event in told] == [TextRefusedByOptOut, TextRefusedByOptOut]


def test_a_line_without_spares_keeps_trying_its_own(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    queued_text(body="一", ordering_key=THREAD, from_number=DISTRICT)
    fails(carrier, *[BUSY] * 5)

    deliver()
    later(still, deliver, 400, times=6)

    assert carrier.went_out() == [(DISTRICT, "一")]


def test_a_text_in_doubt_is_asked_about_by_the_number_that_tried_and_never_doubled(
    carrier: FakeTelephony, deliver: Deliver, still: FrozenClock
):
    """The answer was lost: whether it went out is asked for before another number may try."""
    queued_text(body="一", ordering_key=THREAD)
    lost = TelephonyError(in_doubt=True, whole_account=True)
    fails(carrier, lost, lost)
    carrier.fails(lost, taken=True)

    deliver()
    later(still, deliver, 60, times=12)

    assert carrier.went_out() == [(LINE, "一")]
    assert len(carrier.texts) == 3
