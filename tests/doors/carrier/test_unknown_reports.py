"""What the carrier tells of a call that we do not know: logged, taken, not asked for again."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.doors.carrier.conftest import Post
from wellbeing.contacts.models import CALL, RECORDING
from wellbeing.foundation.database import session

REPORTS = (
    ("/twilio/call/unknown/recording", {"RecordingSid": "RE" + "1" * 32}),
    ("/twilio/conference/unknown", {"ConferenceSid": "CF" + "1" * 32}),
    ("/twilio/voice/status", {"CallSid": "CA" + "9" * 32, "CallStatus": "completed"}),
    ("/twilio/call/status/999999", {"CallSid": "CA" + "9" * 32, "CallStatus": "completed"}),
    ("/twilio/text/status/999999", {"MessageSid": "SM" + "9" * 32, "MessageStatus": "sent"}),
)


@pytest.mark.parametrize(("path", "told"), REPORTS)
def test_a_report_of_an_unknown_call_is_taken_and_logged(
    app: Flask, post: Post, caplog: pytest.LogCaptureFixture, path: str, told: dict[str, str]
):
    """A 503 would have it told again, and again in vain (quality.md, fault 13)."""
    with caplog.at_level(logging.WARNING):
        answer = post(path, {"RecordingStatus": "completed", "RecordingDuration": "12"} | told)

    assert answer.status_code == 204
    assert [record.levelname for record in caplog.records][-1] == "WARNING"
    with app.app_context():
        kept = [
            session().execute(select(func.count()).select_from(one)) for one in (CALL, RECORDING)
        ]
        assert [one.scalar_one() for one in kept] == [0, 0]
