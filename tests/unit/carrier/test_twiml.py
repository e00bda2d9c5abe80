"""Documents become TwiML that no child's text and no sentence of ours can break."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.carrier import twiml
from wellbeing.policy.model import Language, Prompts
from wellbeing.telephony.steps import (
    Ask,
    ConnectWaiting,
    Dial,
    Go,
    HangUp,
    Hold,
    JoinConference,
    Leave,
    Pause,
    Record,
    Reject,
    Say,
    Stay,
)

PROMPTS = Prompts(
    texts={
        Language.ZH: {
            "closed_fallback": "请先别挂断。",
            "staff_duty": "请登录查看。",
            "text_trouble": "请再发一次。",
        },
        Language.EN: {
            "closed_fallback": "Please stay.",
            "staff_duty": "Please sign in.",
            "text_trouble": "Please send it again.",
        },
    }
)
OVERRIDES = "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"


def verbs(document: str) -> list[ET.Element]:
    return list(ET.fromstring(document))  # noqa: S314 - our own document


def test_a_sentence_is_spoken_in_its_language():
    spoken = verbs(twiml.render((Say("你好", "zh"), Say("Hello", "en"))))

    assert [(verb.tag, verb.get("language"), verb.text) for verb in spoken] == [
        ("Say", "cmn-CN", "你好"),
        ("Say", "en-US", "Hello"),
    ]


def test_a_question_listens_while_it_speaks_and_goes_on_without_an_answer():
    ask = Ask(prompts=(Say("请按1", "zh"),), digits=1, timeout_s=8, action="/twilio/page/x/key")

    (gather,) = verbs(twiml.render((ask,)))

    assert gather.attrib == {
        "action": "/twilio/page/x/key" + OVERRIDES,
        "actionOnEmptyResult": "true",
        "finishOnKey": "",
        "numDigits": "1",
        "timeout": "8",
    }
    assert [verb.text for verb in gather] == ["请按1"]


def test_the_other_steps_have_their_verbs():
    document = twiml.render((Pause(2), Go("/twilio/page/x"), HangUp(), Reject()))

    assert [verb.tag for verb in verbs(document)] == ["Pause", "Redirect", "Hangup", "Reject"]


def test_nothing_stands_before_the_declaration():
    assert twiml.render((HangUp(),)).startswith("<?xml")


@given(st.text())
def test_no_text_breaks_the_document(text: str):
    document = twiml.render((Say(text, "zh"), HangUp()))

    assert verbs(document)[-1].tag == "Hangup"


@pytest.mark.parametrize("text", ["", " ", "\x00\x07"])
def test_what_cannot_be_spoken_leaves_no_empty_verb(text: str):
    assert [verb.tag for verb in verbs(twiml.render((Say(text, "zh"), HangUp())))] == ["Hangup"]


def test_a_document_larger_than_the_carrier_reads_is_never_sent():
    with pytest.raises(twiml.DocumentTooLarge):
        twiml.render((Say("光" * 30_000, "zh"),))


def test_a_caller_is_told_in_both_languages_and_led_to_the_lifeline():
    document = twiml.caller_fallback(
        prompts=PROMPTS, lifeline="+862300012356", line_number="+862300000000"
    )

    chinese, english, dial, _ = verbs(document)
    assert [chinese.text, english.text] == ["请先别挂断。", "Please stay."]
    assert (dial.tag, dial.text, dial.get("callerId")) == ("Dial", "+862300012356", "+862300000000")


def test_a_caller_waits_in_a_queue_of_their_own():
    hold = Hold(queue="c-abc", wait="/twilio/call/abc/wait", action="/twilio/call/abc/left")

    (enqueue,) = verbs(twiml.render((hold,)))

    assert (enqueue.tag, enqueue.text, enqueue.attrib) == (
        "Enqueue",
        "c-abc",
        {
            "action": "/twilio/call/abc/left" + OVERRIDES,
            "waitUrl": "/twilio/call/abc/wait" + OVERRIDES,
        },
    )


def test_a_colleague_is_connected_with_whoever_waits():
    connect = ConnectWaiting(
        queue="c-abc", action="/twilio/leg/x/done", timeout_s=10, limit_s=14_400
    )

    (dial,) = verbs(twiml.render((connect,)))

    assert dial.attrib == {
        "action": "/twilio/leg/x/done" + OVERRIDES,
        "timeLimit": "14400",
        "timeout": "10",
    }
    assert [(noun.tag, noun.text, noun.attrib) for noun in dial] == [("Queue", "c-abc", {})]


def dialled(number: str, *before: Say, screen: str | None = None) -> ET.Element:
    dial = Dial(
        number=number,
        caller_id="+862300000000",
        action="/twilio/call/abc/lifeline",
        timeout_s=30,
        limit_s=14_400,
        screen=screen,
    )
    return verbs(twiml.render((*before, dial)))[-1]


def test_a_number_is_dialled_in_the_name_of_the_line():
    dial = dialled("+862300012356")

    assert dial.attrib == {
        "action": "/twilio/call/abc/lifeline" + OVERRIDES,
        "answerOnBridge": "true",
        "callerId": "+862300000000",
        "timeLimit": "14400",
        "timeout": "30",
    }
    assert [(noun.tag, noun.text, noun.attrib) for noun in dial] == [
        ("Number", "+862300012356", {})
    ]


def test_after_words_the_call_is_answered_already():
    assert "answerOnBridge" not in dialled("+862300012356", Say("请稍等", "zh")).attrib


@pytest.mark.parametrize(
    ("number", "noun"),
    [("+8613800000002", "Number"), ("client:counselor_7", "Client")],
)
def test_whoever_is_dialled_is_asked_first(number: str, noun: str):
    (callee,) = dialled(number, screen="/twilio/leg/x/direct")

    assert (callee.tag, callee.text) == (noun, number.removeprefix("client:"))
    assert callee.attrib == {"url": "/twilio/leg/x/direct" + OVERRIDES}


def test_a_conference_begins_without_music_and_tells_of_itself():
    join = JoinConference(
        name="c-abc",
        action="/twilio/call/abc/left",
        ends_it=True,
        status="/twilio/conference/abc",
        muted=True,
    )

    (dial,) = verbs(twiml.render((join,)))

    assert dial.attrib == {"action": "/twilio/call/abc/left" + OVERRIDES}
    assert [(noun.tag, noun.text, noun.attrib) for noun in dial] == [
        (
            "Conference",
            "c-abc",
            {
                "beep": "false",
                "endConferenceOnExit": "true",
                "muted": "true",
                "startConferenceOnEnter": "true",
                "statusCallback": "/twilio/conference/abc" + OVERRIDES,
                "statusCallbackEvent": "start end join leave hold mute",
                "waitUrl": "",
            },
        )
    ]


def test_a_message_is_taken_and_its_arrival_told():
    record = Record(
        action="/twilio/call/abc/recorded", stored="/twilio/call/abc/recording", limit_s=120
    )

    (verb,) = verbs(twiml.render((record,)))

    assert (verb.tag, verb.attrib) == (
        "Record",
        {
            "action": "/twilio/call/abc/recorded" + OVERRIDES,
            "finishOnKey": "#",
            "maxLength": "120",
            "playBeep": "true",
            "recordingStatusCallback": "/twilio/call/abc/recording" + OVERRIDES,
            "recordingStatusCallbackEvent": "completed absent",
            "timeout": "10",
            "trim": "trim-silence",
        },
    )


def test_a_caller_can_be_taken_out_of_the_queue_or_left_where_they_are():
    assert [verb.tag for verb in verbs(twiml.render((Leave(),)))] == ["Leave"]
    assert verbs(twiml.render((Stay(),))) == []


def test_a_colleague_is_told_to_look_at_the_portal():
    document = twiml.staff_fallback(prompts=PROMPTS)

    assert [verb.text for verb in verbs(document)] == ["请登录查看。", "Please sign in.", None]


def test_a_student_whose_text_could_not_be_received_is_told_in_both_languages():
    document = twiml.text_fallback(prompts=PROMPTS)

    assert [(verb.tag, verb.text) for verb in verbs(document)] == [
        ("Message", "请再发一次。"),
        ("Message", "Please send it again."),
    ]


def test_a_text_that_was_taken_is_answered_with_nothing():
    assert verbs(twiml.EMPTY_TEXT_REPLY) == []
