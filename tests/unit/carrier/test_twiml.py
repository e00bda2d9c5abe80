"""Documents become TwiML that no child's text and no sentence of ours can break."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.carrier import twiml
from wellbeing.policy.model import Language, Prompts
from wellbeing.telephony.steps import Ask, Go, HangUp, Pause, Reject, Say

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

    chinese, english, dial = verbs(document)
    assert [chinese.text, english.text] == ["请先别挂断。", "Please stay."]
    assert (dial.tag, dial.text, dial.get("callerId")) == ("Dial", "+862300012356", "+862300000000")


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
