"""Twilio's own client library cannot tell the simulator from the carrier."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from requests.exceptions import ReadTimeout
from twilio.base.exceptions import TwilioRestException

from tests.doors.simulator.conftest import LINE, Carrier
from wellbeing.simulator.faults import Fault, FaultKind

STUDENT = "+8613900000001"


def send(carrier: Carrier, **parts: str) -> object:
    given = {"to": STUDENT, "from_": LINE, "body": "你好"} | parts
    return carrier.client().messages.create(**given)


def place(carrier: Carrier, **parts: object) -> object:
    given = {"to": STUDENT, "from_": LINE, "url": f"{carrier.product.base_url}/answer"} | parts
    return carrier.client().calls.create(**given)


def test_a_text_is_created_fetched_and_delivered(carrier: Carrier):
    phone = carrier.core.add_handset(number=STUDENT, label="学生小明")

    created = send(carrier)
    carrier.forward(5)
    fetched = carrier.client().messages(created.sid).fetch()

    assert (created.status, fetched.status) == ("queued", "delivered")
    assert fetched.date_sent == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert phone.texts[0].body == "你好"


def test_every_status_callback_is_signed(carrier: Carrier):
    send(carrier, status_callback=f"{carrier.product.base_url}/status?outbound=7")

    carrier.forward(5)

    told = [(path, fields["MessageStatus"], ok) for path, fields, ok in carrier.product.seen]
    assert told == [
        ("status", "sending", True),
        ("status", "sent", True),
        ("status", "delivered", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "a" * 1601}, 21617),
        ({"to": "12ab"}, 21211),
        ({"from_": "+8602399999999"}, 21606),
        ({"from_": "hotline"}, 21212),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
        ({"status_callback": "not a url"}, 21609),
    ],
)
def test_a_text_that_cannot_be_is_refused_with_twilios_code(
    carrier: Carrier, parts: dict[str, str], code: int
):
    with pytest.raises(TwilioRestException) as refused:
        send(carrier, **parts)

    assert (refused.value.status, refused.value.code) == (400, code)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"to": "+15005550001"}, 21217),
        ({"to": "+15005550002"}, 21214),
        ({"to": "+15005550003"}, 21215),
        ({"to": "+15005550004"}, 21216),
        ({"to": ""}, 21201),
        ({"to": "abc"}, 21211),
        ({"from_": ""}, 21213),
        ({"from_": "+8602399999999"}, 21210),
        ({"from_": "+15005550001"}, 21212),
        ({"url": "ftp://a.example/x"}, 21205),
        ({"status_callback_event": ["initiated", "never"]}, 20001),
        ({"record": True}, 20001),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_twilios_code(
    carrier: Carrier, parts: dict[str, object], code: int
):
    with pytest.raises(TwilioRestException) as refused:
        place(carrier, **parts)

    assert (refused.value.status, refused.value.code) == (400, code)


@pytest.mark.parametrize("to", ["client:counselor_12", "+8613900000001"])
def test_a_call_rings_is_answered_and_completed_with_signed_webhooks(carrier: Carrier, to: str):
    phone = carrier.core.add_handset(number=to, label="值班老师")
    carrier.product.documents["answer"] = (
        '<Response><Gather numDigits="1" action="/digit" method="GET">'
        "<Say>x</Say></Gather></Response>"
    )
    events = ["initiated", "ringing", "answered", "completed"]

    call = place(
        carrier,
        to=to,
        status_callback=f"{carrier.product.base_url}/status",
        status_callback_event=events,
        timeout=20,
    )
    carrier.forward(2)
    phone.answer()
    carrier.forward(1)
    phone.press(digits="1")
    carrier.forward(5)

    assert [(path, fields["CallStatus"]) for path, fields, _ in carrier.product.seen] == [
        ("status", "queued"),
        ("status", "ringing"),
        ("status", "in-progress"),
        ("answer", "in-progress"),
        ("digit", "in-progress"),
        ("status", "completed"),
    ]
    assert all(signed for _, _, signed in carrier.product.seen)
    fetched = carrier.client().calls(call.sid).fetch()
    assert (fetched.status, fetched.duration, fetched.direction) == (
        "completed", "1", "outbound-api",
    )  # fmt: skip


def test_calls_above_one_a_second_are_queued(carrier: Carrier):
    first, second = place(carrier), place(carrier)

    assert (first.queue_time, second.queue_time) == ("0", "1000")


def test_a_call_is_canceled_by_the_library(carrier: Carrier):
    call = place(carrier)

    changed = carrier.client().calls(call.sid).update(status="canceled")

    assert changed.status == "canceled"


def test_a_call_that_is_over_answers_21220(carrier: Carrier):
    call = place(carrier)
    carrier.client().calls(call.sid).update(status="completed")

    with pytest.raises(TwilioRestException) as refused:
        carrier.client().calls(call.sid).update(twiml="<Response/>")

    assert (refused.value.status, refused.value.code) == (400, 21220)


def test_an_unknown_call_answers_20404(carrier: Carrier):
    with pytest.raises(TwilioRestException) as refused:
        carrier.client().calls("CA" + "f" * 32).fetch()

    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_a_resource_that_is_not_simulated_answers_20404(carrier: Carrier):
    with pytest.raises(TwilioRestException) as refused:
        carrier.client().applications.create(friendly_name="x")

    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_a_wrong_token_answers_20003(carrier: Carrier):
    with pytest.raises(TwilioRestException) as refused:
        carrier.client(token="wrong").messages("SM" + "f" * 32).fetch()

    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_texts_are_listed_newest_first_over_several_pages(carrier: Carrier):
    for body in ("一", "二", "三"):
        send(carrier, body=body)
        carrier.forward(10)
    send(carrier, to="+8613900000002")

    rows = carrier.client().messages.list(to=STUDENT, page_size=2)

    assert [row.body for row in rows] == ["三", "二", "一"]


def test_texts_are_found_by_the_time_they_were_sent(carrier: Carrier):
    send(carrier, body="early")
    carrier.forward(3600)
    send(carrier, body="late")
    carrier.forward(10)
    between = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    after = carrier.client().messages.list(date_sent_after=between)
    before = carrier.client().messages.list(date_sent_before=between)

    assert [row.body for row in after] == ["late"]
    assert [row.body for row in before] == ["early"]


def test_calls_are_found_by_recipient_status_and_start(carrier: Carrier):
    place(carrier)
    carrier.forward(120)
    place(carrier)
    carrier.forward(2)
    client = carrier.client()

    ringing = client.calls.list(to=STUDENT, status="ringing")
    early = client.calls.list(start_time_before=datetime(2026, 3, 2, 1, 1, tzinfo=UTC))
    nobody = client.calls.list(to="+8613900000002")

    assert [call.status for call in ringing] == ["ringing"]
    assert [call.status for call in early] == ["no-answer"]
    assert nobody == []


def test_a_text_is_redacted_and_deleted(carrier: Carrier):
    created = send(carrier)
    carrier.forward(5)
    client = carrier.client()

    redacted = client.messages(created.sid).update(body="")
    deleted = client.messages(created.sid).delete()

    assert redacted.body == ""
    assert deleted is True
    assert client.messages.list() == []


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (FaultKind.REST_429, 429, 20429),
        (FaultKind.REST_500, 500, 20500),
        (FaultKind.REST_503, 503, 20503),
    ],
)
def test_an_ordered_refusal_strikes_once(carrier: Carrier, kind: FaultKind, status: int, code: int):
    carrier.core.add_fault(fault=Fault(kind=kind))

    with pytest.raises(TwilioRestException) as refused:
        send(carrier)

    assert (refused.value.status, refused.value.code) == (status, code)
    assert send(carrier).status == "queued"


def test_too_many_requests_say_when_to_come_back(carrier: Carrier):
    carrier.core.add_fault(fault=Fault(kind=FaultKind.REST_429, value=7))

    answer = carrier.app.test_client().get(
        f"/2010-04-01/Accounts/{carrier.core.settings.account_sid}/Calls.json",
        auth=(carrier.core.settings.account_sid, carrier.core.settings.auth_token),
    )

    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("kind", "made"), [(FaultKind.REST_TIMEOUT, 0), (FaultKind.REST_ACCEPT_TIMEOUT, 1)]
)
def test_a_request_that_hangs_makes_a_text_or_not(carrier: Carrier, kind: FaultKind, made: int):
    carrier.core.add_fault(fault=Fault(kind=kind, number=STUDENT))

    with pytest.raises(ReadTimeout):
        carrier.client(timeout=0.3).messages.create(to=STUDENT, from_=LINE, body="你好")

    assert len(carrier.core.messages) == made
    assert carrier.core.journal.entries()[-1].status is None


def test_the_journal_keeps_requests_without_the_secret(carrier: Carrier):
    send(carrier)

    entry = carrier.core.journal.entries()[-1]

    assert (entry.direction, entry.method, entry.status) == ("in", "POST", 201)
    assert "Body=%E4%BD%A0%E5%A5%BD" in entry.body
    assert entry.headers["Authorization"] == "(kept out)"
    assert '"status":"queued"' in entry.answer.replace(" ", "")
