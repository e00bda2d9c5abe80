"""Orders become requests that Twilio's own description knows, and its answers become ours."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests import contracts
from tests.doors.carrier.conftest import ACCOUNT, StubCarrier
from wellbeing.carrier.client import CarrierClient
from wellbeing.carrier.gateway import TwilioGateway, from_config
from wellbeing.telephony.gateway import (
    CallOrder,
    DeliveryStatus,
    Purpose,
    TelephonyError,
    TextOrder,
)

OVERRIDES = "#rc=2&rp=ct,5xx,rt&ct=1000&rt=3500"
TEXT = TextOrder(to="+8613800000001", from_number="+862300000000", body="我们在。😀", outbound_id=5)
CALL = CallOrder(
    to="+8613800000002",
    from_number="+862300000000",
    outbound_id=6,
    purpose=Purpose.PAGE_CALL,
    public_id="Ab9-_x",
    ring_seconds=25,
)
SM, CA = "SM" + "a" * 32, "CA" + "b" * 32


@pytest.fixture
def gateway(stub: StubCarrier) -> TwilioGateway:
    return TwilioGateway(
        account_sid=ACCOUNT,
        auth_token="token-of-the-tests",
        public_base_url="https://line.example.test/",
        telephony_base_url=stub.url,
    )


def message(**changes: Any) -> dict[str, Any]:
    return {
        "sid": SM, "status": "queued", "to": TEXT.to, "from": TEXT.from_number, "body": TEXT.body,
        "error_code": None, "date_created": "Mon, 23 Nov 2026 14:00:00 +0000",
    } | changes  # fmt: skip


def call(**changes: Any) -> dict[str, Any]:
    return {
        "sid": CA, "status": "queued", "to": CALL.to, "from": CALL.from_number,
        "date_created": "Mon, 23 Nov 2026 14:00:00 +0000",
    } | changes  # fmt: skip


def page(key: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {key: list(items), "page": 0, "page_size": 50, "next_page_uri": None}


def fits(stub: StubCarrier) -> None:
    for asked in stub.asked:
        contracts.request_fits(asked.method, asked.path, asked.pairs)


@contracts.needs_contract
def test_a_text_is_ordered_with_an_address_for_its_receipts(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.answers_with(201, message())

    accepted = gateway.send_text(TEXT)

    assert (accepted.sid, accepted.status) == (SM, DeliveryStatus.QUEUED)
    assert stub.asked[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert dict(stub.asked[0].pairs) == {
        "To": "+8613800000001",
        "From": "+862300000000",
        "Body": "我们在。😀",
        "StatusCallback": "https://line.example.test/twilio/text/status/5" + OVERRIDES,
    }
    fits(stub)


@contracts.needs_contract
def test_a_call_is_ordered_with_its_document_its_fallback_and_all_its_events(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.answers_with(201, call())

    accepted = gateway.place_call(CALL)

    assert (accepted.sid, accepted.status) == (CA, DeliveryStatus.QUEUED)
    assert sorted(stub.asked[0].pairs) == [
        ("FallbackUrl", "https://line.example.test/twilio/fallback/page" + OVERRIDES),
        ("From", "+862300000000"),
        ("StatusCallback", "https://line.example.test/twilio/call/status/6" + OVERRIDES),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("Timeout", "25"),
        ("To", "+8613800000002"),
        ("Url", "https://line.example.test/twilio/page/Ab9-_x" + OVERRIDES),
    ]
    fits(stub)


@contracts.needs_contract
def test_a_running_call_is_redirected_canceled_and_hung_up(
    stub: StubCarrier, gateway: TwilioGateway
):
    for _ in range(3):
        stub.answers_with(200, call(status="in-progress"))

    gateway.redirect_call(sid=CA, purpose=Purpose.PAGE_CALL, public_id="Ab9-_x")
    gateway.cancel_call(sid=CA)
    gateway.hang_up(sid=CA)

    assert [asked.pairs for asked in stub.asked] == [
        [("Url", "https://line.example.test/twilio/page/Ab9-_x" + OVERRIDES)],
        [("Status", "canceled")],
        [("Status", "completed")],
    ]
    fits(stub)


@pytest.mark.parametrize(("status", "code"), [(400, 21220), (404, 20404)])
def test_canceling_a_call_that_is_over_is_no_error(
    stub: StubCarrier, gateway: TwilioGateway, status: int, code: int
):
    stub.answers_with(status, {"code": code, "message": "over", "status": status})

    gateway.cancel_call(sid=CA)

    assert len(stub.asked) == 1


def test_redirecting_a_call_that_is_over_is_an_error(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(400, {"code": 21220, "message": "over", "status": 400})

    with pytest.raises(TelephonyError) as caught:
        gateway.redirect_call(sid=CA, purpose=Purpose.PAGE_CALL, public_id="x")

    assert caught.value.permanent


@contracts.needs_contract
def test_texts_are_listed_back_to_a_moment(stub: StubCarrier, gateway: TwilioGateway):
    old = message(sid="SM" + "c" * 32, date_created="Mon, 23 Nov 2026 13:00:00 +0000")
    stub.answers_with(200, page("messages", message(status="undelivered", error_code=30005), old))

    found = gateway.texts_to(
        number=TEXT.to,
        from_number=TEXT.from_number,
        since=datetime(2026, 11, 23, 13, 59, tzinfo=UTC),
    )

    assert [(item.sid, item.body, item.status, item.error_code) for item in found] == [
        (SM, "我们在。😀", DeliveryStatus.UNDELIVERED, 30005)
    ]
    assert found[0].taken_at == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    fits(stub)


@contracts.needs_contract
def test_calls_are_listed_back_to_a_moment(stub: StubCarrier, gateway: TwilioGateway):
    stub.answers_with(200, page("calls", call(status="no-answer")))

    found = gateway.calls_to(
        number=CALL.to,
        from_number=CALL.from_number,
        since=datetime(2026, 11, 23, 13, 59, tzinfo=UTC),
    )

    assert [(item.sid, item.from_number, item.status) for item in found] == [
        (CA, "+862300000000", DeliveryStatus.NO_ANSWER)
    ]
    fits(stub)


@pytest.mark.parametrize(
    ("status", "body", "nature", "code"),
    [
        (400, {"code": 21211, "message": "no", "status": 400}, "permanent", 21211),
        (400, {"code": 21610, "message": "no", "status": 400}, "permanent", 21610),
        (401, {"code": 20003, "message": "no", "status": 401}, "temporary", 20003),
        (500, "<html>oops</html>", "in doubt", None),
        (503, "", "temporary", None),
        (201, "not json", "in doubt", None),
        (201, {"status": "queued"}, "in doubt", None),
        (201, {"sid": SM, "status": "unheard of"}, "in doubt", None),
    ],
)
def test_what_the_carrier_answers_instead_becomes_our_error(
    stub: StubCarrier,
    gateway: TwilioGateway,
    status: int,
    body: object,
    nature: str,
    code: int | None,
):
    stub.answers_with(status, body)

    with pytest.raises(TelephonyError) as caught:
        gateway.send_text(TEXT)

    error = caught.value
    assert (error.permanent, error.in_doubt, error.code) == (
        nature == "permanent",
        nature == "in doubt",
        code,
    )


def test_a_wait_that_the_carrier_asks_for_is_told(stub: StubCarrier, gateway: TwilioGateway):
    body = {"code": 20429, "message": "slow", "status": 429}
    stub.answers_with(429, body, Retry_After="9")

    with pytest.raises(TelephonyError) as caught:
        gateway.send_text(TEXT)

    assert (caught.value.retry_after, caught.value.whole_account) == (9.0, True)


def test_a_connection_that_broke_after_the_order_leaves_it_in_doubt(
    stub: StubCarrier, gateway: TwilioGateway
):
    stub.hangs_up()

    with pytest.raises(TelephonyError) as caught:
        gateway.send_text(TEXT)

    assert caught.value.in_doubt


def test_a_connection_that_never_came_about_leaves_nothing_in_doubt():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    gateway = TwilioGateway(
        account_sid=ACCOUNT, auth_token="x", public_base_url=url, telephony_base_url=url
    )

    with pytest.raises(TelephonyError) as caught:
        gateway.send_text(TEXT)

    assert (caught.value.in_doubt, caught.value.permanent) == (False, False)


def test_a_call_of_a_purpose_without_a_document_is_refused_before_it_is_sent(
    stub: StubCarrier, gateway: TwilioGateway
):
    order = CallOrder(
        to=CALL.to,
        from_number=CALL.from_number,
        outbound_id=1,
        purpose=Purpose.CHAT,
        public_id="x",
        ring_seconds=5,
    )

    with pytest.raises(TelephonyError) as caught:
        gateway.place_call(order)

    assert (caught.value.permanent, caught.value.alarm, stub.asked) == (True, True, [])


def test_the_carrier_is_never_waited_for_without_end():
    assert CarrierClient(base_url=None).timeout == (3.0, 10.0)


def test_the_same_settings_give_the_same_gateway(app: Flask):
    first, second = from_config(app.config), from_config(app.config)

    assert first is second
