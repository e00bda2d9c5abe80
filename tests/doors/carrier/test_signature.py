"""Only the carrier may post: any doubt is 403, too much is 413, never 500, and each is counted."""

from __future__ import annotations

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator

from tests.doors.carrier.conftest import ACCOUNT, BASE, TOKEN, Post
from wellbeing.carrier.signature import refused

PATH = "/twilio/fallback/voice"
FORM = {"CallSid": "CA" + "1" * 32, "From": "+8613800000001", "To": "+862300000000"}
SIGNED = {"AccountSid": ACCOUNT} | FORM


def refusals(reason: str) -> float:
    return refused.labels(reason=reason)._value.get()


def signature(url: str = BASE + PATH, token: str = TOKEN, form: dict[str, str] = SIGNED) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


def test_a_signed_request_is_let_in(post: Post):
    assert post(PATH, FORM).status_code == 200


def test_the_token_before_a_rotation_still_opens(post: Post):
    assert post(PATH, FORM, token="token-before-rotation").status_code == 200


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "unsigned"),
        ("c2hvcnQ=", "forged"),
        ("非法", "forged"),
        (signature(token="a wrong key"), "forged"),
        (signature(url=BASE + "/twilio/voice/in"), "forged"),
        (signature(url="http://line.example.test" + PATH), "forged"),
        (signature() + "," + signature(), "repeated"),
    ],
    ids=["missing", "short", "not ascii", "wrong key", "replayed", "http", "repeated"],
)
def test_a_doubtful_signature_is_refused_and_counted(post: Post, given: str, reason: str):
    before = refusals(reason)

    answer = post(PATH, FORM, signature=given.encode().decode("latin-1"))

    assert answer.status_code == 403
    assert refusals(reason) == before + 1


def test_a_changed_parameter_is_refused(app: Flask):
    form = SIGNED | {"From": "+8613800000009"}

    answer = app.test_client().post(PATH, data=form, headers={"X-Twilio-Signature": signature()})

    assert answer.status_code == 403


def test_another_account_is_refused_though_it_signs_well(app: Flask):
    form = SIGNED | {"AccountSid": "AC" + "9" * 32}
    headers = {"X-Twilio-Signature": signature(form=form)}

    assert app.test_client().post(PATH, data=form, headers=headers).status_code == 403


def test_a_request_without_an_account_is_refused(app: Flask):
    headers = {"X-Twilio-Signature": signature(form=FORM)}

    assert app.test_client().post(PATH, data=FORM, headers=headers).status_code == 403


def test_json_is_refused(app: Flask):
    headers = {"X-Twilio-Signature": signature(form={})}

    assert app.test_client().post(PATH, json=SIGNED, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "host", ["line.example.test:99999", "evil.example.test", "line.example.test:443"]
)
def test_the_host_that_a_request_claims_does_not_matter(app: Flask, host: str):
    headers = {"X-Twilio-Signature": signature(), "X-Forwarded-Proto": "http", "Host": host}

    answer = app.test_client().post(PATH, data=SIGNED, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["?a=1&b=%E4%BD%A0", "?x=%2F%3F+", "?Body=%00"])
def test_a_query_is_signed_as_it_was_sent(app: Flask, query: str):
    headers = {"X-Twilio-Signature": signature(url=BASE + PATH + query)}

    answer = app.test_client().post(PATH + query, data=SIGNED, headers=headers)

    assert answer.status_code == 200


def test_a_query_that_was_not_signed_is_refused(app: Flask):
    headers = {"X-Twilio-Signature": signature()}

    answer = app.test_client().post(PATH + "?a=1", data=SIGNED, headers=headers)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "form",
    [
        {f"p{number}": "x" for number in range(20_000)},
        {f"p{number}": "x" for number in range(1_001)},
        {"Body": "光" * 1_700_000},
    ],
    ids=["20,000 parameters", "1,001 parameters", "5 MB"],
)
def test_too_much_is_413(post: Post, form: dict[str, str]):
    assert post(PATH, form).status_code == 413


def test_unknown_parameters_are_let_in(post: Post):
    assert post(PATH, FORM | {f"New{number}": "x" for number in range(100)}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_not_there(app: Flask, method: str):
    assert app.test_client().open(PATH, method=method).status_code == 405


def test_every_webhook_is_for_the_carrier_alone(app: Flask):
    endpoints = [name for name in app.view_functions if name.startswith("carrier.")]

    opened = {name for name in endpoints if app.view_functions[name].allowed != "carrier"}  # type: ignore[attr-defined]

    assert len(endpoints) == 31
    assert opened == set()
