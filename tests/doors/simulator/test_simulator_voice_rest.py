"""Queues, conferences, recordings and numbers as Twilio's own client library sees them."""

from __future__ import annotations

import io
import wave

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.doors.simulator.conftest import ACCOUNT, LINE, TOKEN, Carrier
from wellbeing.simulator.handsets import Handset

STUDENT = "+8613900000001"
COUNSELOR = "+8613900000002"
ENQUEUE = '<Response><Enqueue action="/left" waitUrl="/wait">c-1</Enqueue></Response>'
WAIT = "<Response><Pause length='60'/></Response>"
MEET = "<Response><Dial><Conference participantLabel='{}'>c-1</Conference></Dial></Response>"


def call_in(carrier: Carrier, document: str, number: str = STUDENT) -> Handset:
    carrier.product.documents |= {"twilio/voice/in": document, "wait": WAIT}
    phone = carrier.core.add_handset(number=number, label="学生小明")
    phone.call(to=LINE)
    carrier.forward(1)
    return phone


def meet(carrier: Carrier) -> tuple[Handset, Handset]:
    student = call_in(carrier, MEET.format("student"))
    return student, call_in(carrier, MEET.format("counselor"), COUNSELOR)


def left_with(carrier: Carrier) -> list[str]:
    return [fields["QueueResult"] for path, fields, _ in carrier.product.seen if path == "left"]


def test_a_queue_is_created_changed_listed_and_deleted(carrier: Carrier):
    queues = carrier.client().queues

    made = queues.create(friendly_name="c-7", max_size=5)
    changed = queues(made.sid).update(max_size=9)
    listed = queues.list()
    deleted = queues(made.sid).delete()

    assert (made.max_size, changed.max_size, changed.friendly_name) == (5, 9, "c-7")
    assert [each.sid for each in listed] == [made.sid]
    assert deleted is True
    assert queues.list() == []


def test_a_queue_with_members_is_not_deleted(carrier: Carrier):
    call_in(carrier, ENQUEUE)
    queue = carrier.client().queues.list()[0]

    with pytest.raises(TwilioRestException) as refused:
        queue.delete()

    assert (queue.friendly_name, queue.current_size) == ("c-1", 1)
    assert refused.value.status == 409


def test_a_name_is_taken_once(carrier: Carrier):
    carrier.client().queues.create(friendly_name="c-7")

    with pytest.raises(TwilioRestException) as refused:
        carrier.client().queues.create(friendly_name="c-7")

    assert refused.value.code == 20001


@pytest.mark.parametrize("name", ["Front", "its own"])
def test_a_waiting_call_is_found_and_led_elsewhere(carrier: Carrier, name: str):
    phone = call_in(carrier, ENQUEUE)
    sid = phone.current_call.sid
    queue = carrier.client().queues.list()[0]
    carrier.product.documents["other"] = "<Response><Say>other</Say></Response>"

    members = queue.members.list()
    carrier.client().queues(queue.sid).members("Front" if name == "Front" else sid).update(
        url=f"{carrier.product.base_url}/other"
    )
    carrier.forward(0)

    assert [(each.call_sid, each.position, each.wait_time) for each in members] == [(sid, 1, 1)]
    assert left_with(carrier) == ["redirected"]
    assert phone.heard[-1].text == "other"


def test_a_conference_and_its_participants_are_found_by_name_and_label(carrier: Carrier):
    student, _counselor = meet(carrier)

    found = carrier.client().conferences.list(friendly_name="c-1", status="in-progress")
    participants = carrier.client().conferences(found[0].sid).participants
    labeled = participants("student").fetch()

    assert len(found) == 1
    assert len(participants.list()) == 2
    assert labeled.call_sid == student.current_call.sid
    assert labeled.status == "connected"


def test_a_participant_is_muted_held_and_put_out(carrier: Carrier):
    student, counselor = meet(carrier)
    conference = carrier.client().conferences.list()[0]
    one = carrier.client().conferences(conference.sid).participants("student")

    muted = one.update(muted=True)
    student.speak("听不到")
    held = one.update(hold=True, muted=False)
    apart = counselor.connected_to
    one.update(hold=False)
    together = counselor.connected_to
    one.delete()
    carrier.forward(0)

    assert (muted.muted, held.hold, held.muted) == (True, True, False)
    assert (apart, together) == ([], [STUDENT])
    assert counselor.heard == []
    assert student.state == "idle"


def test_a_conference_is_ended_for_all(carrier: Carrier):
    student, counselor = meet(carrier)
    conference = carrier.client().conferences.list()[0]

    ended = carrier.client().conferences(conference.sid).update(status="completed")
    carrier.forward(0)

    assert (ended.status, ended.reason_conference_ended) == (
        "completed",
        "conference-ended-via-api",
    )
    assert (student.state, counselor.state) == ("idle", "idle")


def test_a_recording_is_fetched_heard_and_deleted(carrier: Carrier):
    phone = call_in(carrier, '<Response><Record action="/recorded"/></Response>')
    phone.speak("请给我回电话谢谢")
    phone.press(digits="#")
    carrier.forward(2)
    recording = carrier.client().recordings.list()[0]
    address = f"{carrier.base_url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording.sid}"

    sounds = {
        ending: requests.get(address + ending, auth=(ACCOUNT, TOKEN), timeout=5)
        for ending in ("", ".wav", ".mp3")
    }
    recording.delete()

    with wave.open(io.BytesIO(sounds[".wav"].content)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert (recording.status, recording.duration, seconds) == ("completed", "2", 2.0)
    assert sounds[""].content == sounds[".wav"].content
    assert sounds[".mp3"].headers["Content-Type"] == "audio/mpeg"
    assert carrier.client().recordings.list() == []


def test_a_sound_is_for_the_account_only(carrier: Carrier):
    address = f"{carrier.base_url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1.wav"

    answer = requests.get(address, auth=(ACCOUNT, "wrong"), timeout=5)

    assert answer.status_code == 401


def test_a_number_says_where_it_leads_and_is_led_elsewhere(carrier: Carrier):
    numbers = carrier.client().incoming_phone_numbers
    carrier.product.documents["elsewhere"] = "<Response><Say>elsewhere</Say></Response>"

    before = numbers.list(phone_number=LINE)[0]
    after = numbers(before.sid).update(
        voice_url=f"{carrier.product.base_url}/elsewhere",
        voice_fallback_url=f"{carrier.product.base_url}/fallback",
        status_callback="",
    )
    phone = call_in(carrier, ENQUEUE)

    assert before.voice_url == f"{carrier.product.base_url}/twilio/voice/in"
    assert before.sms_url == f"{carrier.product.base_url}/twilio/text/in"
    assert before.status_callback == f"{carrier.product.base_url}/twilio/voice/status"
    assert (before.voice_fallback_url, after.status_callback) == (None, None)
    assert after.voice_fallback_url == f"{carrier.product.base_url}/fallback"
    assert phone.heard[-1].text == "elsewhere"


def test_a_dialed_leg_is_listed_under_its_parent(carrier: Carrier):
    carrier.core.add_handset(number=COUNSELOR, label="值班老师")
    phone = call_in(carrier, f"<Response><Dial>{COUNSELOR}</Dial></Response>")
    parent = phone.current_call.sid

    legs = carrier.client().calls.list(parent_call_sid=parent)

    assert [(leg.to, leg.direction, leg.parent_call_sid) for leg in legs] == [
        (COUNSELOR, "outbound-dial", parent)
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/Queues/QU1.json",
        "/Queues/QU1/Members.json",
        "/Conferences/CF1.json",
        "/Conferences/CF1/Participants/CA1.json",
        "/Recordings/RE1.json",
        "/Recordings/RE1.wav",
        "/IncomingPhoneNumbers/PN1.json",
    ],
)
def test_what_is_not_there_is_not_found(carrier: Carrier, path: str):
    address = f"{carrier.base_url}/2010-04-01/Accounts/{ACCOUNT}{path}"

    answer = requests.get(address, auth=(ACCOUNT, TOKEN), timeout=5)

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
