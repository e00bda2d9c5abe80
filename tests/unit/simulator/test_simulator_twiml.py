"""The vocabulary: what the carrier takes and what it refuses, by error code."""

from __future__ import annotations

import pytest

from wellbeing.simulator.twiml import TwimlError, parse_text, parse_voice

XML = "text/xml; charset=utf-8"


def voice(inner: str) -> list[str]:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'.encode()
    return [verb.name for verb in parse_voice(body=body, content_type=XML)]


@pytest.mark.parametrize(
    ("inner", "names"),
    [
        ("", []),
        ('<Say language="cmn-CN" voice="Polly.Zhiyu">你好</Say>', ["Say"]),
        ("<Play>http://a.example/x.mp3</Play><Pause length='2'/>", ["Play", "Pause"]),
        ('<Play digits="ww1"/>', ["Play"]),
        ('<Gather input="dtmf" numDigits="1" finishOnKey=""><Say>x</Say></Gather>', ["Gather"]),
        ('<Redirect method="POST">/next?a=1&amp;b=2</Redirect>', ["Redirect"]),
        ("<Hangup/>", ["Hangup"]),
        ('<Reject reason="busy"/>', ["Reject"]),
    ],
)
def test_documents_of_the_vocabulary_are_taken(inner: str, names: list[str]):
    assert voice(inner) == names


@pytest.mark.parametrize(
    "inner",
    [
        "<Shout>x</Shout>",
        "<say>x</say>",
        '<Say lang="zh">x</Say>',
        '<Say language="cmn-Hans-CN">x</Say>',
        "<Say><Pause/></Say>",
        "<Say/>",
        "<Play/>",
        "<Gather><Hangup/></Gather>",
        "<Gather><Redirect>/x</Redirect></Gather>",
        '<Gather numDigits="0"/>',
        '<Gather finishOnKey="x"/>',
        '<Gather actionOnEmptyResult="yes"/>',
        '<Redirect method="PUT">/x</Redirect>',
        '<Pause length="-1"/>',
        "<Message>x</Message>",
        "loose words",
        "<Pause>words</Pause>",
        "<Hangup/>loose words",
    ],
)
def test_what_is_not_in_the_vocabulary_is_refused(inner: str):
    with pytest.raises(TwimlError) as refused:
        voice(inner)

    assert refused.value.code == 12200


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"\n<?xml version='1.0'?><Response/>", XML, 12100),
        (b" <Response/>", XML, 12100),
        (b"", XML, 12100),
        (b"<Response><Say>x</Response>", XML, 12100),
        (b"<Response><Say>\x07</Say></Response>", XML, 12100),
        (b"<Answer/>", XML, 12200),
        (b"<Response/>", "application/json", 12300),
        (b"<Response/>", "", 12300),
        (b"<Response><Say>" + b"a" * 65536 + b"</Say></Response>", XML, 11750),
    ],
)
def test_a_document_that_is_no_document_has_its_error_code(
    body: bytes, content_type: str, code: int
):
    with pytest.raises(TwimlError) as refused:
        parse_voice(body=body, content_type=content_type)

    assert refused.value.code == code


def test_a_text_is_answered_with_messages():
    body = "<Response><Message>一</Message><Message><Body>二</Body></Message></Response>"

    verbs = parse_text(body=body.encode(), content_type=XML)

    assert [verb.text or verb.children[0].text for verb in verbs] == ["一", "二"]


def test_an_empty_answer_to_a_text_says_nothing():
    assert parse_text(body=b"", content_type="text/plain") == []


def test_a_voice_verb_does_not_answer_a_text():
    with pytest.raises(TwimlError) as refused:
        parse_text(body=b"<Response><Say>x</Say></Response>", content_type=XML)

    assert refused.value.code == 12200
