"""Webhooks of calls under attack, signed by a hand that shares nothing with the carrier's library.

Who signs well is let in at every address; whoever changes one sign of a request is not.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import twiml as held
from tests.doors.carrier.conftest import ACCOUNT, BASE, TOKEN
from tests.factories.accounts import make_counselor
from tests.factories.organizations import make_organization
from tests.factories.roster import make_shift
from wellbeing.contacts.models import CALL, CALLER, CONTACT
from wellbeing.contacts.queries import calls
from wellbeing.contacts.rules.calls import CallState
from wellbeing.foundation import clock
from wellbeing.foundation.database import session

FORM_TYPE = "application/x-www-form-urlencoded"
CALL_IN = "/twilio/voice/in"
SID = "CA" + "3" * 32
LINE = "+862300000000"
Pairs = tuple[tuple[str, str], ...]
ARRIVAL: Pairs = (
    ("AccountSid", ACCOUNT),
    ("CallSid", SID),
    ("CallStatus", "ringing"),
    ("From", "+8613800000001"),
    ("To", LINE),
)
PARTS: Mapping[str, str] = {"public_id": "unknown", "leg_id": "unknown", "turn": "0"}


def signed_by_hand(url: str, pairs: Pairs, *, token: str = TOKEN) -> str:
    """Sign as the carrier's documentation says: the address, then each name and value, sorted."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def send(app: Flask, path: str, body: str, signature: str) -> TestResponse:
    headers = {"X-Twilio-Signature": signature}
    return app.test_client().post(path, data=body, content_type=FORM_TYPE, headers=headers)


def calls_in(app: Flask, **changes: str) -> TestResponse:
    pairs = tuple((dict(ARRIVAL) | changes).items())
    return send(app, CALL_IN, urlencode(pairs), signed_by_hand(BASE + CALL_IN, pairs))


def count(app: Flask, table: object) -> int:
    with app.app_context():
        return int(session().execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]  # a table


@pytest.fixture
def line(app: Flask) -> Flask:
    """Give a line with one counselor on call."""
    with app.app_context():
        now = clock.now()
        city = make_organization(code="500000")
        make_shift(
            user_id=make_counselor(phone="+8613900000001"),
            organization_id=city.id,
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=8),
        )
    return app


def test_the_hand_signs_like_the_published_example():
    pairs = (
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    )

    signature = signed_by_hand("https://mycompany.com/myapp.php?foo=1&bar=2", pairs, token="12345")

    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def every_address(app: Flask) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("carrier.")]
    found = []
    for rule in rules:
        values = {name: PARTS.get(name, "1") for name in rule.arguments}
        found.append(str(rule.build(values)[1]))  # type: ignore[index]  # no rule has a host
    return found


def test_the_hand_is_let_in_at_every_address_and_an_unsigned_one_at_none(line: Flask):
    addresses = every_address(line)

    opened = {
        path: send(line, path, urlencode(ARRIVAL), signed_by_hand(BASE + path, ARRIVAL)).status_code
        for path in addresses
    }
    shut = {path: send(line, path, urlencode(ARRIVAL), "").status_code for path in addresses}

    assert len(addresses) == 31
    assert set(opened.values()) <= {200, 204, 503}
    assert set(shut.values()) == {403}


@pytest.mark.parametrize(
    "body",
    ["我不想活了 😀", "a+b&c=d%20e", "\r\n \t", "𠮷" * 500],
    ids=["Han", "signs", "blank", "long"],
)
def test_words_in_any_writing_are_signed_as_they_are(line: Flask, body: str):
    pairs = (*ARRIVAL, ("SpeechResult", body), ("CallerName", body[:40]))

    answer = send(line, CALL_IN, urlencode(pairs), signed_by_hand(BASE + CALL_IN, pairs))

    assert answer.status_code == 200


@given(at=st.integers(0, 10_000), put=st.sampled_from("09aZ+%&=;/"))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_one_changed_sign_anywhere_shuts_the_door(line: Flask, at: int, put: str):
    body, signature = urlencode(ARRIVAL), signed_by_hand(BASE + CALL_IN, ARRIVAL)
    at %= len(body) + len(signature)
    mangled = (body + signature)[:at] + put + (body + signature)[at + 1 :]
    body_sent, signature_sent = mangled[: len(body)], mangled[len(body) :]

    answer = send(line, CALL_IN, body_sent, signature_sent)

    is_same = (body_sent, signature_sent) == (body, signature)
    assert answer.status_code == (200 if is_same else 403)


@pytest.mark.parametrize(
    "path",
    [
        "/twilio/voice/status",
        "/twilio/call/unknown/wait",
        "/twilio/voice/in?again=1",
        "/twilio/text/in",
    ],
)
def test_a_signature_of_one_address_opens_no_other(line: Flask, path: str):
    answer = send(line, path, urlencode(ARRIVAL), signed_by_hand(BASE + CALL_IN, ARRIVAL))

    assert answer.status_code == 403


def test_a_replayed_arrival_makes_no_second_call_and_wakes_none_that_is_over(line: Flask):
    """A recorded request is good for ever at the carrier's; here it changes nothing any more."""
    calls_in(line)
    over = (("AccountSid", ACCOUNT), ("CallSid", SID), ("CallStatus", "completed"))
    path = "/twilio/voice/status"
    send(line, path, urlencode(over), signed_by_hand(BASE + path, over))

    again = calls_in(line)

    assert again.status_code == 200
    assert count(line, CALL) == 1
    with line.app_context():
        assert calls.by_sid(call_sid=SID).state is CallState.ENDED


def test_one_arrival_ten_times_at_once_is_one_call_and_one_answer(line: Flask):
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: calls_in(line), range(10)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert (count(line, CONTACT), count(line, CALL), count(line, CALLER)) == (1, 1, 1)


@pytest.mark.parametrize(
    "sender",
    ["", "anonymous", "+266696687", "12355", "sip:child@example.test:99999", "client:page_1",
     "＋８６１３８００００００００１", "+" + "9" * 60, "'; DROP TABLE contact; --", "\u202e+86138"],
)  # fmt: skip
def test_whoever_calls_from_whatever_is_let_in(line: Flask, sender: str):
    first = calls_in(line, From=sender)
    second = calls_in(line, From=sender, CallSid="CA" + "4" * 32)

    for answer in (first, second):
        assert answer.status_code == 200
        held.fits(answer.text)
        assert "Gather" in answer.text
    assert count(line, CALL) == 2


@pytest.mark.parametrize("withheld", ["", "anonymous", "+266696687", "Restricted"])
def test_two_withheld_numbers_are_two_persons(line: Flask, withheld: str):
    calls_in(line, From=withheld)
    calls_in(line, From=withheld, CallSid="CA" + "4" * 32)

    with line.app_context():
        callers = {calls.by_sid(call_sid=sid).caller_id for sid in (SID, "CA" + "4" * 32)}
    assert len(callers) == 2


@pytest.mark.parametrize("turn", ["99999", "-1", "1e3", "０", "0" * 400])
def test_an_address_out_of_range_is_no_error(line: Flask, turn: str):
    path = f"/twilio/call/unknown/menu/{turn}"

    answer = send(line, path, urlencode(ARRIVAL), signed_by_hand(BASE + path, ARRIVAL))

    assert answer.status_code in {200, 403, 404}
