"""Enqueue, Leave and Dial with Queue: who waits, what the wait hears, how it ends."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import LINE, STUDENT, Bench
from wellbeing.simulator.calls import CallChange
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.orders import CallOrder
from wellbeing.simulator.records import Hook

VOICE = "/twilio/voice/in"
COUNSELOR = "+8613900000002"
SECOND = "+8613900000003"
ENQUEUE = '<Response><Enqueue action="/left" waitUrl="/wait">c-1</Enqueue></Response>'
WAIT = "<Response><Say>please wait</Say><Pause length='10'/></Response>"
TAKE = '<Response><Dial action="/done" timeout="10"><Queue>c-1</Queue></Dial></Response>'


def wait(bench: Bench, document: str = WAIT, *, enqueue: str = ENQUEUE) -> Handset:
    bench.product.answers(VOICE, enqueue)
    bench.product.answers("/wait", document)
    bench.product.answers("/left", "<Response><Say>left</Say><Pause length='60'/></Response>")
    bench.product.answers("/done", "<Response><Say>done</Say></Response>")
    phone = bench.phone()
    phone.call(to=LINE)
    bench.forward(0)
    return phone


def take(bench: Bench, document: str = TAKE, number: str = COUNSELOR) -> Handset:
    bench.product.answers("/take", document)
    phone = bench.phone(number)
    take = Hook("http://127.0.0.1:5000/take")
    bench.core.calls.place(order=CallOrder(to=number, from_=LINE, document=take))
    bench.forward(1.5)
    phone.answer()
    bench.forward(0)
    return phone


def results(bench: Bench) -> list[tuple[str, str]]:
    return [(each["QueueResult"], each["QueueTime"]) for each in bench.product.fields("/left")]


def heard(phone: Handset) -> list[str]:
    return [each.text for each in phone.heard]


def test_the_wait_document_is_asked_again_whenever_it_ends(bench: Bench):
    phone = wait(bench)

    bench.forward(23)

    asked = bench.product.fields("/wait")
    assert heard(phone) == ["please wait"] * 3
    assert [each["QueueTime"] for each in asked] == ["0", "11", "22"]
    assert asked[0]["QueuePosition"] == asked[0]["CurrentQueueSize"] == "1"
    assert asked[0]["QueueSid"].startswith("QU")
    assert (asked[2]["AvgQueueTime"], asked[2]["MaxQueueSize"]) == ("22", "1000")


def test_without_a_wait_document_there_is_silence(bench: Bench):
    phone = wait(bench, enqueue='<Response><Enqueue waitUrl="">c-1</Enqueue></Response>')

    bench.forward(600)

    assert (phone.state, heard(phone)) == ("in call", [])


def test_a_key_in_the_wait_document_is_taken_and_the_call_stays_in_the_queue(bench: Bench):
    document = '<Response><Gather numDigits="1" action="/key" timeout="5"/></Response>'
    phone = wait(bench, document)

    phone.press(digits="9")
    bench.forward(1)

    key = bench.product.fields("/key")[0]
    assert (key["Digits"], key["QueuePosition"]) == ("9", "1")
    assert results(bench) == []


def test_leave_goes_to_the_action_at_once(bench: Bench):
    phone = wait(bench, "<Response><Pause length='3'/><Leave/></Response>")

    bench.forward(3)

    assert results(bench) == [("leave", "3")]
    assert heard(phone) == ["left"]


def test_without_an_action_the_next_verb_follows(bench: Bench):
    enqueue = '<Response><Enqueue waitUrl="/wait">c-1</Enqueue><Say>next</Say></Response>'
    phone = wait(bench, "<Response><Leave/></Response>", enqueue=enqueue)

    assert heard(phone) == ["next"]


def test_a_caller_who_hangs_up_is_told_to_the_action_once(bench: Bench):
    phone = wait(bench)
    bench.forward(7)

    phone.hang_up()
    bench.forward(60)

    assert results(bench) == [("hangup", "7")]
    assert bench.product.fields("/left")[0]["CallStatus"] == "completed"
    assert heard(phone) == ["please wait"]


def test_a_wait_document_that_cannot_be_used_ends_the_wait_with_an_error(bench: Bench):
    wait(bench, "<Response><Dial>+8613900000009</Dial></Response>")

    assert results(bench) == [("error", "0")]
    assert [alert.code for alert in bench.core.alerts] == [12200]


def test_a_full_queue_takes_nobody(bench: Bench):
    enqueue = ENQUEUE.replace("<Enqueue", '<Enqueue maxQueueSize="1"')
    wait(bench, enqueue=enqueue)
    late = bench.phone(SECOND)

    late.call(to=LINE)
    bench.forward(0)

    assert results(bench) == [("queue-full", "0")]


def test_a_call_led_elsewhere_by_rest_leaves_the_queue(bench: Bench):
    phone = wait(bench)
    bench.product.answers("/other", "<Response><Say>other</Say></Response>")
    bench.forward(5)

    other = CallChange(document=Hook("http://127.0.0.1:5000/other"))
    bench.core.calls.update(sid=phone.current_call.sid, change=other)
    bench.forward(0)

    assert results(bench) == [("redirected", "5")]
    assert heard(phone) == ["please wait", "other"]


def test_dialing_the_queue_joins_its_first_call_and_both_hear_each_other(bench: Bench):
    student = wait(bench)

    counselor = take(bench)
    student.speak("我睡不着")
    counselor.speak("我在听")

    assert student.connected_to == [COUNSELOR]
    assert counselor.connected_to == [STUDENT]
    assert [(each.kind, each.text) for each in counselor.heard] == [("voice", "我睡不着")]
    assert heard(student) == ["please wait", "我在听"]
    assert results(bench) == []


def test_both_sides_go_on_once_when_the_counselor_hangs_up(bench: Bench):
    student = wait(bench)
    counselor = take(bench)
    bench.forward(30)

    counselor.hang_up()
    bench.forward(0)

    done = bench.product.fields("/done")
    assert results(bench) == [("bridged", "2")]
    assert [each["DialCallStatus"] for each in done] == ["completed"]
    assert (done[0]["DialBridged"], done[0]["DialCallDuration"]) == ("true", "30")
    assert (student.state, student.connected_to) == ("in call", [])


def test_both_sides_go_on_once_when_the_caller_hangs_up(bench: Bench):
    student = wait(bench)
    counselor = take(bench)

    student.hang_up()
    bench.forward(0)

    assert results(bench) == [("bridged", "2")]
    assert heard(counselor) == ["done"]


def test_a_joined_caller_led_elsewhere_by_rest_says_so(bench: Bench):
    student = wait(bench)
    counselor = take(bench)
    bench.product.answers("/other", "<Response><Pause length='60'/></Response>")

    other = CallChange(document=Hook("http://127.0.0.1:5000/other"))
    bench.core.calls.update(sid=student.current_call.sid, change=other)
    bench.forward(0)

    assert results(bench) == [("redirected-from-bridged", "2")]
    assert heard(counselor) == ["done"]
    assert student.state == "in call"


def test_an_empty_queue_is_waited_for_as_long_as_the_dial_says(bench: Bench):
    take(bench)

    bench.forward(9.5)
    early = bench.product.paths().count("/done")
    bench.forward(0.5)

    assert early == 0
    assert bench.product.fields("/done")[0]["DialCallStatus"] == "no-answer"


def test_somebody_who_enters_a_queue_that_is_dialed_is_joined_at_once(bench: Bench):
    counselor = take(bench)
    bench.forward(3)

    student = wait(bench)
    bench.forward(60)

    assert student.connected_to == [COUNSELOR]
    assert counselor.connected_to == [STUDENT]


def test_the_first_in_the_queue_is_taken_first(bench: Bench):
    wait(bench)
    second = bench.phone(SECOND)
    second.call(to=LINE)
    bench.forward(5)

    counselor = take(bench)

    assert counselor.connected_to == [STUDENT]
    assert second.connected_to == []
    assert bench.product.fields("/wait")[-1]["QueuePosition"] == "2"


def test_the_caller_hears_the_queues_document_before_the_two_are_joined(bench: Bench):
    bench.product.answers("/ready", "<Response><Say>one two three four five</Say></Response>")
    student = wait(bench)

    document = TAKE.replace("<Queue>", '<Queue url="/ready">')
    counselor = take(bench, document)
    early = counselor.connected_to
    bench.forward(2)

    call = counselor.current_call
    assert bench.product.fields("/ready")[0]["DequeingCallSid"] == call.sid
    assert early == []
    assert counselor.connected_to == [STUDENT]
    assert heard(student)[-1] == "one two three four five"


@pytest.mark.parametrize("verb", ["<Dial>1</Dial>", "<Enqueue>x</Enqueue>", "<Record/>"])
def test_only_few_verbs_are_allowed_while_waiting(bench: Bench, verb: str):
    wait(bench, f"<Response>{verb}</Response>")

    assert results(bench) == [("error", "0")]


def test_the_time_limit_ends_the_talk_for_both(bench: Bench):
    student = wait(bench)
    counselor = take(bench, TAKE.replace("<Dial", '<Dial timeLimit="60"'))

    bench.forward(60)

    assert results(bench) == [("bridged", "2")]
    assert heard(counselor) == ["done"]
    assert heard(student)[-1] == "left"


def test_a_star_ends_the_talk_where_the_dial_says_so(bench: Bench):
    wait(bench)
    counselor = take(bench, TAKE.replace("<Dial", '<Dial hangupOnStar="true"'))

    counselor.press(digits="*")
    bench.forward(0)

    assert results(bench) == [("bridged", "2")]
