"""What reached the carrier while we were down is recorded afterwards, once (product.md 1.7, 12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.contacts import scope_of
from tests.factories.moments import NOW
from tests.fakes import FakeTelephony
from wellbeing.carrier.back_fill import Counts, back_fill
from wellbeing.contacts.queries import calls
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import QueueRow
from wellbeing.foundation.database import session
from wellbeing.telephony.gateway import InboundRecord, TelephonyError

LINE = "+862300000000"
STUDENT = "+8613800000001"
SINCE = NOW - timedelta(minutes=30)

pytestmark = pytest.mark.usefixtures("municipality")


@pytest.fixture
def carrier() -> FakeTelephony:
    return FakeTelephony(now=lambda: NOW)


def text(body: str, *, sid: str = "SM1", minutes: int = 10, line: str = LINE) -> InboundRecord:
    return InboundRecord(
        sid=sid,
        sender=STUDENT,
        line_number=line,
        at=NOW - timedelta(minutes=minutes),
        status="received",
        body=body,
    )


def call(*, sid: str = "CA1", sender: str = STUDENT, status: str = "completed") -> InboundRecord:
    return InboundRecord(
        sid=sid,
        sender=sender,
        line_number=LINE,
        at=NOW - timedelta(minutes=10),
        status=status,
    )


def fill(carrier: FakeTelephony, *, minutes_later: int = 0) -> Counts:
    session().rollback()
    now = NOW + timedelta(minutes=minutes_later)
    return back_fill(gateway=carrier, since=SINCE, now=now)


def waiting() -> tuple[QueueRow, ...]:
    session().rollback()
    return contacts.live(scope=scope_of())


def test_a_text_that_never_reached_us_waits_for_a_human(
    carrier: FakeTelephony, outbox: Callable[[], list[tuple[str, str, str]]]
):
    carrier.arrived_texts = [text("有人吗")]

    counts = fill(carrier)

    assert counts == Counts(texts=1, calls=0, failed=0)
    assert len(waiting()) == 1
    assert [purpose for purpose, _, _ in outbox()] == ["auto_reply"]


def test_asked_again_the_same_text_is_not_recorded_again(carrier: FakeTelephony):
    carrier.arrived_texts = [text("有人吗")]
    fill(carrier)

    again = fill(carrier, minutes_later=5)

    assert again == Counts(texts=0, calls=0, failed=0)
    assert len(waiting()) == 1


def test_texts_are_recorded_in_the_order_in_which_they_were_written(carrier: FakeTelephony):
    carrier.arrived_texts = [text("第二句", sid="SM2", minutes=5), text("第一句", minutes=9)]

    fill(carrier)

    (row,) = waiting()
    thread = contacts.thread(contact_id=row.contact_id)
    assert [one.body for one in thread if one.body in {"第一句", "第二句"}] == ["第一句", "第二句"]


def test_a_text_to_another_number_of_the_account_is_none_of_ours(carrier: FakeTelephony):
    carrier.arrived_texts = [text("to somebody else", line="+14155550100")]

    assert fill(carrier) == Counts(texts=0, calls=0, failed=0)


@pytest.mark.usefixtures("counselor")
def test_the_late_one_of_a_colleague_acknowledges_no_newer_page(carrier: FakeTelephony):
    carrier.arrived_texts = [replace(text("1"), sender="+8613900000001")]

    assert fill(carrier) == Counts(texts=0, calls=0, failed=0)
    assert waiting() == ()


def test_a_call_that_the_carrier_answered_alone_leaves_a_contact(carrier: FakeTelephony):
    carrier.arrived_calls = [call()]

    counts = fill(carrier)

    assert counts == Counts(texts=0, calls=1, failed=0)
    found = calls.by_sid(call_sid="CA1")
    assert found.arrived_at == NOW - timedelta(minutes=10)
    assert found.is_over


def test_a_call_is_recorded_once(carrier: FakeTelephony):
    carrier.arrived_calls = [call(), call(sid="CA2", sender="+266696687")]
    fill(carrier)

    assert fill(carrier, minutes_later=5) == Counts(texts=0, calls=0, failed=0)


def test_a_call_that_still_goes_on_is_left_to_its_own_webhooks(carrier: FakeTelephony):
    """Recorded as missed it would be closed under the caller."""
    carrier.arrived_calls = [call(status="in-progress"), call(sid="CA2", status="ringing")]

    assert fill(carrier) == Counts(texts=0, calls=0, failed=0)


def test_one_bad_row_does_not_keep_the_others_from_a_human(carrier: FakeTelephony):
    at_no_time = replace(call(), at=datetime.max.replace(tzinfo=UTC))
    carrier.arrived_texts = [text("有人吗")]
    carrier.arrived_calls = [at_no_time, call(sid="CA2")]

    counts = fill(carrier)

    assert counts == Counts(texts=1, calls=1, failed=1)
    assert calls.by_sid(call_sid="CA2").is_over


def test_a_carrier_that_does_not_answer_is_said_so(carrier: FakeTelephony):
    carrier.fails_to_list = True

    with pytest.raises(TelephonyError):
        fill(carrier)
