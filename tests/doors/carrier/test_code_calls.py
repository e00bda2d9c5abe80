"""The document of a call that reads a code out: valid, signed, and the fallback beside it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests import twiml as held
from tests.doors.carrier.conftest import ACCOUNT, BASE, Post, StubCarrier
from tests.factories.accounts import make_counselor
from tests.factories.organizations import make_organization
from wellbeing.accounts.models import USER
from wellbeing.carrier.gateway import OVERRIDES, TwilioGateway
from wellbeing.escalation.models import PAGE_METHOD
from wellbeing.escalation.operations import reach
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.foundation import clock
from wellbeing.foundation.database import session, transaction
from wellbeing.telephony.gateway import CallOrder, Purpose

LANDLINE = "+862388880000"
CALL = {"CallSid": "CA" + "1" * 32, "From": "+862300000000", "To": LANDLINE}


@pytest.fixture
def waits(app: Flask) -> str:
    """Let a code wait for a landline; give the address of its document."""
    with app.app_context():
        make_organization(code="500000")
        user_id = make_counselor()
        with transaction():
            reach.set_method(
                user_id=user_id, channel=PageChannel.CALL, number=LANDLINE, now=clock.now()
            )
        found = session().execute(select(PAGE_METHOD.c.call_public_id)).scalar_one()
        return f"/twilio/code/{found}"


@pytest.mark.parametrize(
    ("language", "tag", "shape"),
    [
        ("zh", "cmn-CN", r"你的验证码是：\d(，\d){5}。如果不是你本人操作，挂断即可。"),
        ("en", "en-US", r"Your code is: \d(, \d){5}\. If you did not ask for it, just hang up\."),
    ],
)
def test_the_code_is_said_twice_in_the_persons_language(
    app: Flask, post: Post, waits: str, language: str, tag: str, shape: str
):
    with app.app_context(), transaction():
        session().execute(update(USER).values(languages=[language]))

    answer = post(waits, CALL)

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    held.fits_place(answer.text, path=waits)
    said = re.findall(r"<Say([^>]*)>([^<]*)</Say>", answer.text)
    assert len(said) == 2
    assert said[0] == said[1]
    assert tag in said[0][0]
    assert re.fullmatch(shape, said[0][1])
    assert answer.text.endswith("<Hangup /></Response>")


def test_a_forged_request_hears_no_code(post: Post, waits: str):
    answer = post(waits, CALL, signature="aW52ZW50ZWQgc2lnbmF0dXJlPQ==")

    assert answer.status_code == 403
    assert "验证码" not in answer.text
    assert "code" not in answer.text.lower()


@pytest.mark.parametrize("path", ["/twilio/code/unknown", "/twilio/fallback/code"])
def test_without_a_code_both_languages_say_so(post: Post, path: str):
    answer = post(path, CALL)

    held.fits_place(answer.text, path=path)
    assert re.findall(r"<Say[^>]*>([^<]*)<", answer.text) == [
        "现在没有可以播报的验证码，请重新获取。再见。",
        "No code can be read out at the moment. Please ask for a new one. Goodbye.",
    ]


def test_the_carrier_is_told_where_the_code_is_heard(stub: StubCarrier):
    stub.answers_with(201, {"sid": "CA" + "2" * 32, "status": "queued"})
    gateway = TwilioGateway(
        account_sid=ACCOUNT,
        auth_token="invented",
        public_base_url=BASE,
        telephony_base_url=stub.url,
    )

    gateway.place_call(
        CallOrder(
            to=LANDLINE,
            from_number="+862300000000",
            outbound_id=9,
            purpose=Purpose.CODE_CALL,
            public_id="Ab9-_x",
            ring_seconds=25,
        )
    )

    told = dict(stub.asked[0].pairs)
    assert told["Url"] == f"{BASE}/twilio/code/Ab9-_x{OVERRIDES}"
    assert told["FallbackUrl"] == f"{BASE}/twilio/fallback/code{OVERRIDES}"
