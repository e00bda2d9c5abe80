"""Dial with Number and Client: ringing together, screening, joining, what the action is told."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import LINE, STUDENT, Bench
from wellbeing.simulator.calls import CallChange
from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.records import Hook

VOICE = "/twilio/voice/in"
FIRST = "+8613900000002"
SECOND = "+8613900000003"
CLIENT = "client:counselor_12"
BOTH = f"<Number>{FIRST}</Number><Number>{SECOND}</Number>"
SCREENED = f'<Number url="/screen">{FIRST}</Number>'
SCREEN = '<Response><Gather numDigits="1" action="/key"/><Hangup/></Response>'


def dial(bench: Bench, inner: str = FIRST, attributes: str = 'timeout="20"') -> Handset:
    bench.product.answers(
        VOICE, f'<Response><Dial action="/done" {attributes}>{inner}</Dial></Response>'
    )
    bench.product.answers("/done", "<Response><Say>done</Say><Pause length='60'/></Response>")
    for number in (FIRST, SECOND, CLIENT):
        bench.phone(number)
    student = bench.phone()
    student.call(to=LINE)
    bench.forward(1)
    return student


def phone(bench: Bench, number: str = FIRST) -> Handset:
    return bench.core.handset(number=number)


def outcome(bench: Bench) -> list[tuple[str, str]]:
    done = bench.product.fields("/done")
    return [(each["DialCallStatus"], each["DialBridged"]) for each in done]


def test_a_dialed_number_rings_with_the_callers_own_number(bench: Bench):
    student = dial(bench)

    assert phone(bench).state == "ringing"
    assert phone(bench).current_call.from_ == STUDENT
    assert student.state == "in call"


def test_the_one_who_picks_up_is_joined_with_the_caller(bench: Bench):
    student = dial(bench)

    phone(bench).answer()
    phone(bench).speak("这里是热线")

    assert student.connected_to == [FIRST]
    assert phone(bench).connected_to == [STUDENT]
    assert student.heard[-1].text == "这里是热线"


def test_a_client_is_dialed_by_its_identity(bench: Bench):
    student = dial(bench, "<Client>counselor_12</Client>")

    phone(bench, CLIENT).answer()

    assert student.connected_to == [CLIENT]


def test_several_numbers_ring_and_the_first_to_pick_up_wins(bench: Bench):
    student = dial(bench, BOTH)
    ringing = [phone(bench, number).state for number in (FIRST, SECOND)]

    phone(bench, SECOND).answer()

    assert ringing == ["ringing", "ringing"]
    assert (phone(bench, FIRST).state, phone(bench, FIRST).history[-1].status) == (
        "idle",
        "canceled",
    )
    assert student.connected_to == [SECOND]


def test_the_end_of_the_talk_is_told_with_its_length(bench: Bench):
    dial(bench)
    phone(bench).answer()
    leg = phone(bench).current_call.sid
    bench.forward(42)

    phone(bench).hang_up()
    bench.forward(0)

    done = bench.product.fields("/done")[0]
    assert outcome(bench) == [("completed", "true")]
    assert (done["DialCallSid"], done["DialCallDuration"]) == (leg, "42")


def test_a_caller_who_hangs_up_ends_the_other_leg_and_the_action_is_told(bench: Bench):
    student = dial(bench)
    phone(bench).answer()

    student.hang_up()
    bench.forward(5)

    assert phone(bench).state == "idle"
    assert outcome(bench) == [("completed", "true")]
    assert [each.text for each in student.heard] == []


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(bench: Bench):
    student = dial(bench)

    student.hang_up()
    bench.forward(5)

    assert phone(bench).history[-1].status == "canceled"
    assert outcome(bench) == [("canceled", "false")]


def test_nobody_answering_goes_to_the_action_after_the_timeout(bench: Bench):
    student = dial(bench)

    bench.forward(20)

    assert outcome(bench) == [("no-answer", "false")]
    assert student.heard[-1].text == "done"


@pytest.mark.parametrize(
    ("kind", "status"),
    [(FaultKind.BUSY, "busy"), (FaultKind.FAILED, "failed"), (FaultKind.NO_ANSWER, "no-answer")],
)
def test_an_ordered_fault_decides_how_a_dial_ends(bench: Bench, kind: FaultKind, status: str):
    bench.core.add_fault(fault=Fault(kind=kind, number=FIRST))

    dial(bench)
    bench.forward(30)

    assert outcome(bench) == [(status, "false")]


def test_of_several_numbers_one_that_rang_out_means_no_answer(bench: Bench):
    bench.core.add_fault(fault=Fault(kind=FaultKind.BUSY, number=SECOND))

    dial(bench, BOTH)
    bench.forward(30)

    assert outcome(bench) == [("no-answer", "false")]


def test_a_voicemail_that_picks_up_takes_the_call_from_the_others(bench: Bench):
    bench.core.add_fault(fault=Fault(kind=FaultKind.VOICEMAIL, number=SECOND))

    student = dial(bench, BOTH)
    bench.forward(5)

    assert phone(bench, FIRST).state == "idle"
    assert student.connected_to == [SECOND]


def test_a_voicemail_that_is_asked_for_a_key_is_never_joined(bench: Bench):
    bench.core.add_fault(fault=Fault(kind=FaultKind.VOICEMAIL, number=FIRST))
    bench.product.answers("/screen", SCREEN)

    student = dial(bench, SCREENED)
    bench.forward(30)

    assert student.connected_to == []
    assert outcome(bench) == [("completed", "false")]


def test_the_one_who_picks_up_hears_the_numbers_document_first(bench: Bench):
    bench.product.answers("/screen", SCREEN)
    bench.product.answers("/key", "<Response/>")
    student = dial(bench, SCREENED)

    phone(bench).answer()
    bench.forward(1)
    early = student.connected_to
    phone(bench).press(digits="1")
    bench.forward(0)

    fields = bench.product.fields("/screen")[0]
    assert (fields["Direction"], fields["ParentCallSid"]) == (
        "outbound-dial",
        student.current_call.sid,
    )
    assert early == []
    assert student.connected_to == [FIRST]


def test_the_numbers_document_may_not_dial(bench: Bench):
    bench.product.answers("/screen", "<Response><Dial>+8613900000009</Dial></Response>")
    dial(bench, SCREENED)

    phone(bench).answer()
    bench.forward(0)

    assert [alert.code for alert in bench.core.alerts] == [13201]
    assert outcome(bench) == [("completed", "false")]


@pytest.mark.parametrize("number", ["112", "12355", "01012345678"])
def test_a_short_or_local_number_cannot_be_dialed(bench: Bench, number: str):
    dial(bench, number)

    assert [alert.code for alert in bench.core.alerts] == [13223]
    assert outcome(bench) == [("failed", "false")]


def test_a_caller_id_of_strangers_is_refused(bench: Bench):
    dial(bench, FIRST, 'callerId="+8613900000077"')

    assert [alert.code for alert in bench.core.alerts] == [13214]
    assert outcome(bench) == [("failed", "false")]


def test_with_answer_on_bridge_the_caller_hears_ringing_until_somebody_answers(bench: Bench):
    student = dial(bench, FIRST, 'answerOnBridge="true"')
    early = student.state

    phone(bench).answer()

    assert (early, student.state) == ("calling", "in call")


def test_a_leg_tells_its_own_events(bench: Bench):
    events = "initiated ringing answered completed"
    number = f'<Number statusCallback="/leg" statusCallbackEvent="{events}">{FIRST}</Number>'
    dial(bench, number)

    phone(bench).answer()
    bench.forward(3)
    phone(bench).hang_up()
    bench.forward(0)

    told = [each["CallStatus"] for each in bench.product.fields("/leg")]
    assert told == ["queued", "ringing", "in-progress", "completed"]


def test_a_caller_led_elsewhere_by_rest_leaves_the_dial_without_its_action(bench: Bench):
    student = dial(bench)
    phone(bench).answer()
    bench.product.answers("/other", "<Response><Pause length='60'/></Response>")

    other = CallChange(document=Hook("http://127.0.0.1:5000/other"))
    bench.core.calls.update(sid=student.current_call.sid, change=other)
    bench.forward(1)

    assert outcome(bench) == []
    assert (student.state, phone(bench).state) == ("in call", "idle")


def test_the_time_limit_ends_the_dialed_leg(bench: Bench):
    dial(bench, FIRST, 'timeLimit="60"')
    phone(bench).answer()

    bench.forward(60)

    assert outcome(bench) == [("completed", "true")]


@pytest.mark.parametrize(
    "inner",
    [
        f"{FIRST}<Number>{SECOND}</Number>",
        f"<Queue>c-1</Queue><Number>{SECOND}</Number>",
        "<Number>+8613900000009</Number>" * 11,
    ],
)
def test_a_dial_that_mixes_its_kinds_is_refused(bench: Bench, inner: str):
    dial(bench, inner)

    assert [alert.code for alert in bench.core.alerts] == [12200]
