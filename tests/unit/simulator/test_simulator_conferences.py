"""Dial with Conference: when it starts, who hears whom, how it ends, what is told."""

from __future__ import annotations

import pytest

from tests.unit.simulator.workbench import LINE, STUDENT, Bench
from wellbeing.simulator import conferences
from wellbeing.simulator.calls import CallChange
from wellbeing.simulator.handsets import Handset
from wellbeing.simulator.orders import CallOrder
from wellbeing.simulator.places import Conference
from wellbeing.simulator.records import Hook

COUNSELOR = "+8613900000002"
SUPERVISOR = "+8613900000003"
ALL_EVENTS = "start end join leave mute hold"
TOLD = f'statusCallback="/conference" statusCallbackEvent="{ALL_EVENTS}"'


def enter(bench: Bench, number: str, attributes: str = "", *, inner: str = "c-1") -> Handset:
    path = f"/enter/{number[-1]}"
    document = f'<Dial action="/done"><Conference {attributes}>{inner}</Conference></Dial>'
    bench.product.answers(path, f"<Response>{document}</Response>")
    bench.product.answers("/done", "<Response><Say>done</Say><Pause length='60'/></Response>")
    phone = bench.phone(number)
    hook = Hook(f"http://127.0.0.1:5000{path}")
    bench.core.calls.place(order=CallOrder(to=number, from_=LINE, document=hook))
    bench.forward(2)
    phone.answer()
    bench.forward(0)
    return phone


def conference(bench: Bench) -> Conference:
    return list(bench.core.board.conferences.values())[-1]


def events(bench: Bench) -> list[str]:
    return [each["StatusCallbackEvent"] for each in bench.product.fields("/conference")]


def heard(phone: Handset) -> list[str]:
    return [each.text for each in phone.heard]


def test_one_alone_waits_and_hears_nobody(bench: Bench):
    student = enter(bench, STUDENT)

    assert (conference(bench).status, student.connected_to) == ("init", [])
    assert student.state == "in call"


def test_two_hear_each_other(bench: Bench):
    student = enter(bench, STUDENT)
    counselor = enter(bench, COUNSELOR)

    student.speak("您好")

    assert conference(bench).status == "in-progress"
    assert student.connected_to == [COUNSELOR]
    assert [(each.kind, each.text) for each in counselor.heard] == [("voice", "您好")]


def test_three_hear_each_other(bench: Bench):
    student = enter(bench, STUDENT)
    enter(bench, COUNSELOR)
    supervisor = enter(bench, SUPERVISOR)

    student.speak("我在")

    assert student.connected_to == [COUNSELOR, SUPERVISOR]
    assert heard(supervisor) == ["我在"]


def test_it_does_not_start_before_somebody_who_starts_it_has_come(bench: Bench):
    student = enter(bench, STUDENT, 'startConferenceOnEnter="false"')
    enter(bench, COUNSELOR, 'startConferenceOnEnter="false"')
    early = student.connected_to

    enter(bench, SUPERVISOR)

    assert early == []
    assert student.connected_to == [COUNSELOR, SUPERVISOR]


def test_who_waits_for_the_start_hears_the_wait_document(bench: Bench):
    bench.product.answers("/music", "<Response><Say>one moment</Say></Response>")
    student = enter(bench, STUDENT, 'waitUrl="/music"')
    bench.forward(1)
    before = len(student.heard)

    enter(bench, COUNSELOR)
    asked = bench.product.paths().count("/music")
    bench.forward(30)

    assert before > 1
    assert bench.product.paths().count("/music") == asked
    assert student.connected_to == [COUNSELOR]


def test_who_is_muted_hears_but_is_not_heard(bench: Bench):
    student = enter(bench, STUDENT)
    supervisor = enter(bench, SUPERVISOR, 'muted="true"')

    supervisor.speak("听不到")
    student.speak("听得到")

    assert heard(student) == []
    assert heard(supervisor) == ["听得到"]


def test_who_is_on_hold_neither_hears_nor_is_heard(bench: Bench):
    student = enter(bench, STUDENT, TOLD)
    counselor = enter(bench, COUNSELOR)
    held = conference(bench).participants[0]

    conferences.hold(
        stage=bench.core.calls.stage, conference=conference(bench), participant=held, held=True
    )
    student.speak("有人吗")
    counselor.speak("请稍等")
    bench.forward(0)

    assert (student.connected_to, counselor.connected_to) == ([], [])
    assert (heard(student), heard(counselor)) == ([], [])
    assert events(bench)[-1] == "participant-hold"


def test_the_events_are_told_in_sequence_to_where_the_first_participant_says(bench: Bench):
    enter(bench, STUDENT, TOLD)
    counselor = enter(bench, COUNSELOR, 'statusCallback="/ignored" participantLabel="counselor"')
    call_sid = counselor.current_call.sid
    bench.core.handset(number=STUDENT).hang_up()
    bench.forward(0)
    counselor.hang_up()
    bench.forward(0)

    fields = bench.product.fields("/conference")
    assert events(bench) == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    assert [each["SequenceNumber"] for each in fields] == ["0", "1", "2", "3", "4", "5"]
    assert fields[1]["CallSid"] == call_sid
    assert fields[1]["ParticipantLabel"] == "counselor"
    assert fields[3]["ReasonParticipantLeft"] == "participant_hung_up"
    assert fields[5]["ReasonConferenceEnded"] == "last-participant-left"
    assert fields[5]["CallSidEndingConference"] == call_sid
    assert bench.product.paths().count("/ignored") == 0


def test_only_the_events_asked_for_are_told(bench: Bench):
    enter(bench, STUDENT, 'statusCallback="/conference" statusCallbackEvent="start"')
    enter(bench, COUNSELOR)

    assert events(bench) == ["conference-start"]


def test_it_goes_on_when_one_leaves_who_does_not_end_it(bench: Bench):
    student = enter(bench, STUDENT)
    counselor = enter(bench, COUNSELOR)

    counselor.hang_up()
    bench.forward(0)

    assert (conference(bench).status, student.state) == ("in-progress", "in call")
    assert student.connected_to == []


def test_it_ends_for_all_when_one_leaves_who_ends_it(bench: Bench):
    student = enter(bench, STUDENT, 'endConferenceOnExit="true"')
    counselor = enter(bench, COUNSELOR)

    student.hang_up()
    bench.forward(0)

    assert conference(bench).status == "completed"
    assert heard(counselor) == ["done"]
    assert [each["DialCallStatus"] for each in bench.product.fields("/done")] == ["answered"] * 2


def test_who_is_led_elsewhere_by_rest_leaves_without_the_action(bench: Bench):
    student = enter(bench, STUDENT)
    enter(bench, COUNSELOR)
    bench.product.answers("/other", "<Response><Say>other</Say><Pause length='9'/></Response>")

    other = CallChange(document=Hook("http://127.0.0.1:5000/other"))
    bench.core.calls.update(sid=student.current_call.sid, change=other)
    bench.forward(0)

    assert heard(student) == ["other"]
    assert bench.product.fields("/done") == []
    assert len(conference(bench).participants) == 1


def test_a_call_in_a_queue_can_be_led_into_a_conference(bench: Bench):
    enqueue = '<Response><Enqueue action="/left" waitUrl="">c-1</Enqueue></Response>'
    bench.product.answers("/twilio/voice/in", enqueue)
    student = bench.phone()
    student.call(to=LINE)
    bench.forward(1)

    twiml = "<Response><Dial><Conference>c-1</Conference></Dial></Response>"
    bench.core.calls.update(sid=student.current_call.sid, change=CallChange(twiml=twiml))
    counselor = enter(bench, COUNSELOR)

    assert bench.product.fields("/left")[0]["QueueResult"] == "redirected"
    assert counselor.connected_to == [STUDENT]


def test_a_new_one_of_the_same_name_is_made_after_the_end(bench: Bench):
    enter(bench, STUDENT).hang_up()
    bench.forward(1)

    enter(bench, STUDENT)

    statuses = [each.status for each in bench.core.board.conferences.values()]
    assert statuses == ["completed", "init"]


def test_a_full_one_takes_nobody(bench: Bench):
    enter(bench, STUDENT, 'maxParticipants="2"')
    enter(bench, COUNSELOR, 'maxParticipants="2"')

    supervisor = enter(bench, SUPERVISOR, 'maxParticipants="2"')

    assert heard(supervisor) == ["done"]
    assert len(conference(bench).participants) == 2


@pytest.mark.parametrize("verb", ["<Gather/>", "<Leave/>", "<Hangup/>"])
def test_the_wait_document_may_only_speak(bench: Bench, verb: str):
    bench.product.answers("/music", f"<Response>{verb}</Response>")

    student = enter(bench, STUDENT, 'waitUrl="/music"')

    assert [alert.code for alert in bench.core.alerts] == [12200]
    assert student.state == "in call"
