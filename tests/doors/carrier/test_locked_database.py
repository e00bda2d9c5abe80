"""A database that is busy for longer than a caller can wait: bounded, and never an error page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import text

from tests.doors.carrier.conftest import Post
from wellbeing.foundation.database import db, schema_changes


@pytest.fixture
def locked(app: Flask) -> Iterator[None]:
    """Hold what every webhook needs, as a hung writer would."""
    with app.app_context(), schema_changes(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE outbound, contact IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_receipt_is_asked_for_again(locked: None, post: Post):
    form = {"MessageSid": "SM" + "f" * 32, "MessageStatus": "sent"}

    assert post("/twilio/text/status/1", form).status_code == 503


@pytest.mark.parametrize("path", ["/twilio/call/any/recording", "/twilio/conference/any"])
def test_a_report_that_cannot_be_noted_is_asked_for_again(locked: None, post: Post, path: str):
    form = {"CallSid": "CA" + "f" * 32, "RecordingStatus": "completed"}

    assert post(path, form).status_code == 503


def test_a_text_is_asked_for_again(locked: None, post: Post):
    form = {"MessageSid": "SM" + "f" * 32, "From": "+8613800000001", "Body": "我想聊聊"}

    assert post("/twilio/text/in", form).status_code == 503


def test_a_caller_is_led_to_the_lifeline(locked: None, post: Post):
    form = {"CallSid": "CA" + "f" * 32, "From": "+8613800000001", "CallStatus": "ringing"}

    answer = post("/twilio/voice/in", form)

    assert answer.status_code == 200
    tags = [verb.tag for verb in ET.fromstring(answer.text)]  # noqa: S314 - ours
    assert tags == ["Say", "Say", "Dial", "Hangup"]


@pytest.mark.parametrize(
    "path", ["/twilio/fallback/voice", "/twilio/fallback/page", "/twilio/fallback/code"]
)
def test_the_fallback_documents_need_no_database(locked: None, post: Post, path: str):
    answer = post(path)

    assert answer.status_code == 200
    assert [verb.tag for verb in ET.fromstring(answer.text)][:2] == ["Say", "Say"]  # noqa: S314 - ours


def test_a_student_is_asked_to_send_a_text_again_without_the_database(locked: None, post: Post):
    answer = post("/twilio/fallback/text")

    chinese, english = list(ET.fromstring(answer.text))  # noqa: S314 - ours
    assert (answer.status_code, chinese.tag, english.tag) == (200, "Message", "Message")
    assert "请过几分钟再发一次。有生命危险请拨110或120，也可打12356。" in chinese.text
    assert "Please send it again in a few minutes." in english.text
