"""Calls: placing, ringing, events, ends, faults, changes."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import LINE, STUDENT, Bench
from wellbeing.simulator.calls import CallChange, DeskError
from wellbeing.simulator.catalogue import RestError
from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.orders import CallOrder
from wellbeing.simulator.records import Call, Hook

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
GATHER = '<Response><Gather numDigits="1" action="/digit"><Say>press</Say></Gather></Response>'


def place(bench: Bench, *, to: str = STUDENT, **parts: object) -> Call:
    order = CallOrder(
        to=to,
        from_=LINE,
        document=Hook("http://127.0.0.1:5000/answer"),
        status_callback=Hook("http://127.0.0.1:5000/status"),
        events=EVENTS,
        **parts,  # type: ignore[arg-type]
    )
    return bench.core.calls.place(order=order)


def fault(bench: Bench, kind: FaultKind) -> None:
    bench.core.add_fault(fault=Fault(kind=kind, number=STUDENT))


def told(bench: Bench) -> list[str]:
    return [fields["CallStatus"] for fields in bench.product.fields("/status")]


def test_the_document_is_fetched_only_after_the_answer(bench: Bench):
    phone = bench.phone()
    place(bench)

    bench.forward(5)
    before = bench.product.paths().count("/answer")
    phone.answer()
    bench.forward(0)

    assert before == 0
    assert bench.product.fields("/answer")[0]["CallStatus"] == "in-progress"


def test_an_answered_call_tells_its_events_in_sequence(bench: Bench):
    phone = bench.phone()
    bench.product.answers("/answer", "<Response><Pause length='30'/></Response>")

    place(bench)
    bench.forward(2)
    phone.answer()
    bench.forward(12)
    phone.hang_up()
    bench.forward(0)

    assert told(bench) == ["queued", "ringing", "in-progress", "completed"]
    fields = bench.product.fields("/status")
    assert [each["SequenceNumber"] for each in fields] == ["0", "1", "2", "3"]
    assert fields[-1]["CallDuration"] == "12"
    assert fields[-1]["Duration"] == "1"
    assert fields[-1]["CallbackSource"] == "call-progress-events"
    assert fields[-1]["Timestamp"] == "Mon, 02 Mar 2026 01:00:14 +0000"


def test_only_the_events_asked_for_are_told(bench: Bench):
    bench.phone()
    order = CallOrder(
        to=STUDENT,
        from_=LINE,
        twiml="<Response/>",
        status_callback=Hook("http://127.0.0.1:5000/status"),
        ring_seconds=10,
    )

    bench.core.calls.place(order=order)
    bench.forward(20)

    assert told(bench) == ["no-answer"]
    assert bench.product.fields("/status")[0]["SequenceNumber"] == "0"


def test_nobody_answering_ends_the_call_after_its_ring_timeout(bench: Bench):
    phone = bench.phone()
    call = place(bench, ring_seconds=20)

    bench.forward(20.4)
    still = phone.state
    bench.forward(0.1)

    assert still == "ringing"
    assert (call.status, phone.state) == ("no-answer", "idle")


def test_a_declined_call_is_busy(bench: Bench):
    phone = bench.phone()
    call = place(bench)
    bench.forward(2)

    phone.decline()
    bench.forward(0)

    assert call.status == "busy"
    assert told(bench) == ["queued", "ringing", "busy"]


def test_a_phone_in_a_call_is_busy_for_others(bench: Bench):
    phone = bench.phone()
    bench.product.answers("/answer", "<Response><Pause length='60'/></Response>")
    place(bench)
    bench.forward(2)
    phone.answer()

    second = place(bench)
    bench.forward(2)

    assert second.status == "busy"
    assert phone.state == "in call"


def test_the_account_places_one_call_a_second_and_says_how_long_each_waits(bench: Bench):
    numbers = ["+8613900000001", "+8613900000002", "+8613900000003"]
    phones = [bench.phone(number) for number in numbers]

    calls = [place(bench, to=number) for number in numbers]
    bench.forward(1.6)

    assert [call.queue_ms for call in calls] == [0, 1000, 2000]
    assert [phone.state for phone in phones] == ["ringing", "ringing", "idle"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [(FaultKind.BUSY, "busy"), (FaultKind.FAILED, "failed"), (FaultKind.NO_ANSWER, "no-answer")],
)
def test_an_ordered_fault_decides_the_end(bench: Bench, kind: FaultKind, status: str):
    phone = bench.phone()
    fault(bench, kind)

    call = place(bench)
    bench.forward(61)

    assert call.status == status
    assert phone.history == []


def test_a_voicemail_answers_by_itself_and_never_presses(bench: Bench):
    bench.phone()
    fault(bench, FaultKind.VOICEMAIL)
    bench.product.answers("/answer", GATHER)

    call = place(bench, detects_machine=True)
    bench.forward(30)

    assert bench.product.paths().count("/answer") == 1
    assert bench.product.paths().count("/digit") == 0
    assert (call.status, call.answered_by) == ("completed", "machine_start")


def test_an_invalid_number_is_refused_at_once(bench: Bench):
    fault(bench, FaultKind.INVALID)

    with pytest.raises(RestError) as refused:
        place(bench)

    assert refused.value.code == 21217


def test_a_call_canceled_while_queued_never_rings(bench: Bench):
    phone = bench.phone()
    place(bench, to="+8613900000002")
    call = place(bench)

    bench.core.calls.update(sid=call.sid, change=CallChange(status="canceled"))
    bench.forward(10)

    assert call.status == "canceled"
    assert phone.history == []


def test_a_ringing_call_stops_ringing_when_it_is_canceled(bench: Bench):
    phone = bench.phone()
    call = place(bench)
    bench.forward(2)

    bench.core.calls.update(sid=call.sid, change=CallChange(status="canceled"))

    assert phone.state == "idle"
    assert phone.history[-1].status == "canceled"


@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_a_call_that_is_over_cannot_be_ended_again(bench: Bench, status: str):
    call = place(bench)
    bench.forward(90)

    with pytest.raises(RestError) as refused:
        bench.core.calls.update(sid=call.sid, change=CallChange(status=status))

    assert refused.value.code == 21220


def test_an_answered_call_is_completed_not_canceled(bench: Bench):
    phone = bench.phone()
    bench.product.answers("/answer", "<Response><Pause length='60'/></Response>")
    call = place(bench)
    bench.forward(2)
    phone.answer()
    bench.forward(0)

    with pytest.raises(RestError) as refused:
        bench.core.calls.update(sid=call.sid, change=CallChange(status="canceled"))
    bench.core.calls.update(sid=call.sid, change=CallChange(status="completed"))

    assert refused.value.code == 21220
    assert (call.status, phone.state) == ("completed", "idle")


def test_a_live_call_can_be_led_to_another_document(bench: Bench):
    phone = bench.phone()
    bench.product.answers("/answer", GATHER)
    bench.product.answers("/other", "<Response><Say>other</Say></Response>")
    call = place(bench)
    bench.forward(2)
    phone.answer()
    bench.forward(1)

    hook = Hook("http://127.0.0.1:5000/other")
    bench.core.calls.update(sid=call.sid, change=CallChange(document=hook))
    bench.forward(1)

    assert [heard.text for heard in phone.heard] == ["press", "other"]


def test_a_phone_reaches_the_product_with_a_ringing_call(bench: Bench):
    phone = bench.phone()

    call = phone.call(to=LINE)
    bench.forward(0)

    fields = bench.product.fields("/twilio/voice/in")[0]
    assert fields["CallSid"] == call.sid
    assert fields["CallStatus"] == "ringing"
    assert fields["Direction"] == "inbound"
    assert (fields["From"], fields["Caller"]) == (STUDENT, STUDENT)
    assert (fields["To"], fields["Called"]) == (LINE, LINE)


def test_the_end_of_an_inbound_call_is_told_to_the_numbers_status_url(bench: Bench):
    phone = bench.phone()
    bench.product.answers("/twilio/voice/in", GATHER)

    phone.call(to=LINE)
    bench.forward(3)
    phone.hang_up()
    bench.forward(0)

    fields = bench.product.fields("/twilio/voice/status")
    assert [(each["CallStatus"], each["CallDuration"]) for each in fields] == [("completed", "3")]


def test_a_caller_who_gives_up_before_the_answer_is_canceled(bench: Bench):
    phone = bench.phone()

    call = phone.call(to=LINE)
    phone.hang_up()
    bench.forward(5)

    assert call.status == "canceled"
    assert bench.product.paths() == ["/twilio/voice/status"]


def test_a_phone_does_only_what_its_state_allows(bench: Bench):
    phone = bench.phone()

    for act in (phone.answer, phone.decline, phone.hang_up):
        with pytest.raises(DeskError, match="idle"):
            act()
    with pytest.raises(DeskError, match="nobody has this number"):
        phone.call(to="+8602300000000")
    phone.call(to=LINE)
    with pytest.raises(DeskError, match="in use"):
        phone.call(to=LINE)
