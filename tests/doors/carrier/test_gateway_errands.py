"""Errands and questions of the voice line become requests that Twilio's own description knows."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import contracts
from tests.doors.carrier.conftest import ACCOUNT, TOKEN, StubCarrier
from tests.doors.carrier.test_gateway import CA, CALL, SM, call, fits, message, page
from wellbeing.carrier.gateway import ApiKey, TwilioGateway
from wellbeing.foundation import clock
from wellbeing.telephony.gateway import CallOrder, CarrierNumber, Purpose, TelephonyError

OVERRIDES = "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
RE, QU, CF, PN = ("RE" + "d" * 32, "QU" + "e" * 32, "CF" + "f" * 32, "PN" + "a" * 32)
HERE = f"/2010-04-01/Accounts/{ACCOUNT}"
SINCE = datetime(2026, 11, 23, 13, 59, tzinfo=UTC)
OLD = "Mon, 23 Nov 2026 13:00:00 +0000"
GONE = {"code": 20404, "message": "gone", "status": 404}


@pytest.fixture
def gateway(stub: StubCarrier) -> TwilioGateway:
    return TwilioGateway(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        public_base_url="https://line.example.test/",
        telephony_base_url=stub.url,
        api_key=ApiKey("SK" + "b" * 32, "secret-of-the-tests-long-enough-for-hs256"),
    )


def ring(to: str) -> CallOrder:
    return CallOrder(
        to=to,
        from_number=CALL.from_number,
        outbound_id=8,
        purpose=Purpose.RING,
        public_id="leg-x",
        ring_seconds=20,
        limit_s=14_400,
    )


@contracts.needs_contract
@pytest.mark.parametrize("to", ["+8613800000002", "client:counselor_7"])
def test_a_leg_is_rung_with_its_own_document_and_a_limit(
    stub: StubCarrier, gateway: TwilioGateway, to: str
):
    stub.answers_with(201, call(to=to))

    gateway.place_call(ring(to))

    asked = dict(stub.asked[0].pairs)
    assert (asked["To"], asked["Timeout"], asked["TimeLimit"]) == (to, "20", "14400")
    assert asked["Url"] == "https://line.example.test/twilio/leg/leg-x/answer" + OVERRIDES
    assert asked["FallbackUrl"] == "https://line.example.test/twilio/fallback/page" + OVERRIDES
    fits(stub)


@contracts.needs_contract
def test_a_caller_is_moved_to_their_own_document(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(200, call(status="in-progress"))

    gateway.redirect_call(sid=CA, purpose=Purpose.CALL, public_id="abc")

    assert stub.asked[0].pairs == [
        ("Url", "https://line.example.test/twilio/call/abc/moved" + OVERRIDES)
    ]
    fits(stub)


def test_a_recording_is_fetched_with_our_credentials(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(200, b"\x00\xffsound")

    sound = gateway.fetch_recording(sid=RE)

    assert sound == b"\x00\xffsound"
    assert (stub.asked[0].method, stub.asked[0].path) == ("GET", f"{HERE}/Recordings/{RE}.mp3")
    given = base64.b64decode(stub.asked[0].authorization.removeprefix("Basic ")).decode()
    assert given == f"{ACCOUNT}:{TOKEN}"


@pytest.mark.parametrize(
    ("status", "body", "permanent"),
    [(404, "", False), (503, "", False), (302, "", True), (401, "", False), (200, None, True)],
    ids=["not there yet", "busy", "elsewhere", "not allowed", "too large"],
)
def test_a_recording_that_cannot_be_fetched_is_an_error(
    stub: StubCarrier,
    gateway: TwilioGateway,
    status: int,
    body: str | None,
    permanent: bool,  # noqa: FBT001 - a table
):
    document = b"0" * (20 * 1024 * 1024 + 1) if body is None else body
    stub.answers_with(status, document, Location="http://127.0.0.1:9/elsewhere")

    with pytest.raises(TelephonyError) as caught:
        gateway.fetch_recording(sid=RE)

    assert caught.value.permanent is permanent
    assert len(stub.asked) == 1


@contracts.needs_contract
def test_a_recording_is_deleted(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(204, "")

    gateway.delete_recording(sid=RE)

    assert (stub.asked[0].method, stub.asked[0].path) == (
        "DELETE",
        f"{HERE}/Recordings/{RE}.json",
    )
    fits(stub)


def test_a_recording_that_is_gone_needs_no_deletion(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(404, GONE)

    gateway.delete_recording(sid=RE)

    assert len(stub.asked) == 1


@contracts.needs_contract
def test_only_the_queue_of_this_name_is_deleted(stub: StubCarrier, gateway: TwilioGateway):
    other = {"sid": "QU" + "1" * 32, "friendly_name": "c-other"}
    stub.answers_with(200, page("queues", other, {"sid": QU, "friendly_name": "c-abc"}))
    stub.answers_with(204, "")

    gateway.delete_queue(name="c-abc")

    assert [(one.method, one.path) for one in stub.asked] == [
        ("GET", f"{HERE}/Queues.json"),
        ("DELETE", f"{HERE}/Queues/{QU}.json"),
    ]
    fits(stub)


def test_a_queue_that_was_never_made_needs_no_deletion(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(200, page("queues"))

    gateway.delete_queue(name="c-abc")

    assert [one.method for one in stub.asked] == ["GET"]


@contracts.needs_contract
def test_a_caller_is_held_and_taken_back(stub: StubCarrier, gateway: TwilioGateway):
    for _ in range(2):
        stub.answers_with(200, {"call_sid": CA, "conference_sid": CF})

    gateway.hold_participant(conference_sid=CF, call_sid=CA, held=True)
    gateway.hold_participant(conference_sid=CF, call_sid=CA, held=False)

    assert {one.path for one in stub.asked} == {f"{HERE}/Conferences/{CF}/Participants/{CA}.json"}
    assert [one.pairs for one in stub.asked] == [[("Hold", "true")], [("Hold", "false")]]
    fits(stub)


def test_who_left_the_conference_cannot_be_held_and_that_is_no_error(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.answers_with(404, GONE)

    gateway.hold_participant(conference_sid=CF, call_sid=CA, held=True)

    assert len(stub.asked) == 1


@contracts.needs_contract
def test_the_calls_to_us_are_listed_back_to_a_moment(stub: StubCarrier, gateway: TwilioGateway):
    mine = call(direction="inbound", status="completed", to="+862300000000")
    ours = call(direction="outbound-api")
    stub.answers_with(200, page("calls", ours, mine, call(direction="inbound", date_created=OLD)))

    (found,) = gateway.inbound_calls(since=SINCE)

    assert (found.sid, found.sender, found.line_number, found.status) == (
        CA,
        "+862300000000",
        "+862300000000",
        "completed",
    )
    assert found.at == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    fits(stub)


@contracts.needs_contract
def test_the_texts_to_us_are_listed_back_to_a_moment(stub: StubCarrier, gateway: TwilioGateway):
    mine = message(direction="inbound", status="received", body="我想聊聊")
    ours: dict[str, Any] = message(direction="outbound-api")
    stub.answers_with(200, page("messages", mine, ours, message(date_created=OLD)))

    (found,) = gateway.inbound_texts(since=SINCE)

    assert (found.sid, found.body, found.status) == (SM, "我想聊聊", "received")
    fits(stub)


@contracts.needs_contract
def test_our_numbers_are_listed_with_the_addresses_they_ask(
    stub: StubCarrier, gateway: TwilioGateway
):
    number = {
        "sid": PN,
        "phone_number": "+862300000000",
        "voice_url": "https://line.example.test/twilio/voice/in",
        "voice_fallback_url": "https://handler.twilio.com/twiml/EH1",
        "sms_url": "https://line.example.test/twilio/text/in",
        "sms_fallback_url": "",
        "status_callback": None,
    }
    stub.answers_with(200, page("incoming_phone_numbers", number))

    assert gateway.numbers() == (
        CarrierNumber(
            number="+862300000000",
            voice_url="https://line.example.test/twilio/voice/in",
            voice_fallback_url="https://handler.twilio.com/twiml/EH1",
            text_url="https://line.example.test/twilio/text/in",
            text_fallback_url="",
            status_callback="",
        ),
    )
    fits(stub)


def test_a_browser_gets_a_token_to_be_rung_and_nothing_else(gateway: TwilioGateway):
    token = gateway.client_token(identity="counselor_7", seconds=600)

    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["grants"] == {
        "identity": "counselor_7",
        "voice": {"incoming": {"allow": True}},
    }
    assert 540 < claims["exp"] - clock.real_now().timestamp() <= 600
    assert claims["sub"] == ACCOUNT


@pytest.mark.parametrize("identity", ["", "counselor 7", "counselor:7", "a" * 122])
def test_nobody_else_gets_a_token(gateway: TwilioGateway, identity: str):
    with pytest.raises(TelephonyError):
        gateway.client_token(identity=identity, seconds=600)


def test_without_an_api_key_browsers_are_not_rung(stub: StubCarrier):
    gateway = TwilioGateway(
        account_sid=ACCOUNT, auth_token=TOKEN, public_base_url="x", telephony_base_url=stub.url
    )

    with pytest.raises(TelephonyError) as caught:
        gateway.client_token(identity="counselor_7", seconds=600)

    assert caught.value.permanent


ME = "ME" + "b" * 32
STORE = "https://mms.twiliocdn.com/AC/a-long-secret-name"


def test_a_picture_is_fetched_from_an_address_of_our_own_making(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.answers_with(200, b"dots", Content_Type="image/jpeg")

    assert gateway.fetch_medium(message_sid=SM, sid=ME) == b"dots"

    (asked,) = stub.asked
    assert asked.path == f"{HERE}/Messages/{SM}/Media/{ME}"
    assert asked.authorization.startswith("Basic ")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/inside",
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.example.test/x",
        "https://mms.twiliocdn.com.evil.example.test/x",
        "https://mms.twiliocdn.com@evil.example.test/x",
        "https://mms.twiliocdn.com:8443/x",
        "http://mms.twiliocdn.com/x",
        "//evil.example.test/x",
        "/2010-04-01/Accounts.json",
        "file:///etc/passwd",
    ],
)
def test_no_answer_leads_us_anywhere_but_to_the_carriers_own_store(
    stub: StubCarrier, gateway: TwilioGateway, address: str
):
    stub.answers_with(307, "", Location=address)

    with pytest.raises(TelephonyError) as refused:
        gateway.fetch_medium(message_sid=SM, sid=ME)

    assert refused.value.permanent
    assert refused.value.alarm
    assert len(stub.asked) == 1


def test_the_carriers_own_store_is_asked_once_and_without_our_credentials(
    stub: StubCarrier, gateway: TwilioGateway
):
    """The store is a host of its own, which the set carrier stands for like all the others."""
    stub.answers_with(307, "", Location=STORE)
    stub.answers_with(200, b"dots")

    assert gateway.fetch_medium(message_sid=SM, sid=ME) == b"dots"

    here, store = stub.asked
    assert here.authorization.startswith("Basic ")
    assert (store.path, store.authorization) == (urlsplit(STORE).path, "")


def test_a_store_that_leads_on_is_not_followed(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(307, "", Location=STORE)
    stub.answers_with(307, "", Location=STORE)

    with pytest.raises(TelephonyError):
        gateway.fetch_medium(message_sid=SM, sid=ME)

    assert len(stub.asked) == 2


def test_more_than_five_megabytes_are_not_read_to_their_end(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.answers_with(200, bytes(5 * 1024 * 1024 + 1))

    with pytest.raises(TelephonyError) as refused:
        gateway.fetch_medium(message_sid=SM, sid=ME)

    assert refused.value.permanent


@contracts.needs_contract
def test_a_picture_is_deleted_and_one_that_is_gone_is_no_error(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.answers_with(204, "")
    stub.answers_with(404, GONE)

    gateway.delete_medium(message_sid=SM, sid=ME)
    gateway.delete_medium(message_sid=SM, sid=ME)

    assert [one.path for one in stub.asked] == [f"{HERE}/Messages/{SM}/Media/{ME}.json"] * 2
    assert [one.method for one in stub.asked] == ["DELETE", "DELETE"]
