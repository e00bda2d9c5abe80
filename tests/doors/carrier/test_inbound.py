"""What students send arrives once and whole, and every caller hears a valid document."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.doors.carrier.conftest import ACCOUNT, Post
from tests.factories.moments import NOW
from wellbeing.contacts.models import CONTACT, MEDIUM, MESSAGE
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import session, transaction
from wellbeing.organizations import operations as organizations
from wellbeing.organizations.rules import NewOrganization, OrganizationKind
from wellbeing.policy import current as policy

STUDENT = "+8613800000001"


@pytest.fixture(autouse=True)
def city(app: Flask) -> None:
    """The line's number belongs to an organization of the invented city."""
    with app.app_context(), transaction():
        organizations.add_organization(
            new=NewOrganization(
                code=policy.current().line.numbers[0].organization_code,
                kind=OrganizationKind.MUNICIPALITY,
                parent_code=None,
                name_zh="逐光市",
                name_en="Zhuguang",
            ),
            now=NOW,
        )


def form(**changes: str) -> dict[str, str]:
    sid = "SM" + secrets.token_hex(16)
    line = policy.current().line.numbers[0].number
    return {
        "MessageSid": sid, "SmsSid": sid, "From": STUDENT, "To": line, "Body": "我想聊聊",
        "NumMedia": "0", "NumSegments": "1", "ApiVersion": "2010-04-01", "FromCity": "重庆",
    } | changes  # fmt: skip


def call(**changes: str) -> dict[str, str]:
    line = policy.current().line.numbers[0].number
    return {
        "CallSid": "CA" + secrets.token_hex(16), "From": STUDENT, "To": line,
        "CallStatus": "ringing", "Direction": "inbound",
    } | changes  # fmt: skip


def count(app: Flask, table: object) -> int:
    with app.app_context():
        return int(session().execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def inbound_bodies(app: Flask) -> list[str]:
    with app.app_context():
        rows = session().execute(
            select(MESSAGE.c.body_sealed).where(MESSAGE.c.direction == "in").order_by(MESSAGE.c.id)
        )
        return [sealed.open_sealed(row[0], place="contact_message.body") for row in rows]


def test_a_text_is_stored_and_answered_with_nothing(app: Flask, post: Post):
    answer = post("/twilio/text/in", form(Body="我想聊聊"))

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert list(ET.fromstring(answer.text)) == []  # noqa: S314 - ours
    assert inbound_bodies(app) == ["我想聊聊"]


def test_the_same_text_ten_times_at_once_is_one_contact(app: Flask, post: Post):
    once = form()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post("/twilio/text/in", once).status_code, range(10)))

    assert answers == [200] * 10
    assert (count(app, CONTACT), len(inbound_bodies(app))) == (1, 1)


def test_ten_texts_of_one_student_at_once_are_one_contact(app: Flask, post: Post):
    texts = [form(Body=f"第{number}条") for number in range(10)]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda one: post("/twilio/text/in", one).status_code, texts))

    assert answers == [200] * 10
    assert (count(app, CONTACT), len(inbound_bodies(app))) == (1, 10)


MEDIA = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/{text}/Media/{sid}"
PICTURE = f"ME{7:032x}"
TEXT = f"MM{5:032x}"
ADDRESS = MEDIA.format(account=ACCOUNT, text=TEXT, sid=PICTURE)


def with_media(address: str = ADDRESS) -> dict[str, str]:
    media = {"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": address}
    return form(MessageSid=TEXT, **media)


def noted(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = session().execute(select(MEDIUM.c.sid, MEDIUM.c.message_sid)).all()
        return [(row.sid, row.message_sid) for row in rows]


def test_what_comes_with_a_text_is_noted_by_its_id(app: Flask, post: Post):
    answer = post("/twilio/text/in", with_media())

    assert answer.status_code == 200
    assert noted(app) == [(PICTURE, TEXT)]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.test/2010-04-01/Accounts/x/Messages/y/Media/z",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        ADDRESS.replace("api.twilio.com", "api.twilio.com@evil.example.test"),
        ADDRESS.replace("https", "http"),
        ADDRESS + "/../../../../Calls.json",
        ADDRESS.replace(ACCOUNT, "AC" + "9" * 32),
        ADDRESS.replace(TEXT, f"MM{6:032x}"),
        "",
    ],
)
def test_an_address_that_is_not_the_carriers_own_is_never_taken(
    app: Flask, post: Post, address: str
):
    """The text itself is kept; of the address nothing is, so that nothing can be fetched there."""
    answer = post("/twilio/text/in", with_media(address))

    assert answer.status_code == 200
    assert noted(app) == []
    assert len(inbound_bodies(app)) == 1


@pytest.mark.parametrize("count", ["-1", "x", "99999999", "1e9"])
def test_a_strange_number_of_media_loses_no_text(app: Flask, post: Post, count: str):
    answer = post("/twilio/text/in", with_media() | {"NumMedia": count})

    assert answer.status_code == 200
    assert len(inbound_bodies(app)) == 1


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("😀👨‍👩‍👧", "😀👨‍👩‍👧"),
        ("𠮷野家", "𠮷野家"),
        ("\u202eabc", "\u202eabc"),
        ("a\x00b\x07c", "abc"),
        ("", ""),
        (" \n ", " \n "),
        ("<Response><Dial>110</Dial></Response>", "<Response><Dial>110</Dial></Response>"),
        ("一" * 1_600, "一" * 1_600),
        ("a" * 10_000, "a" * 10_000),
    ],
    ids=["emoji", "4 bytes", "RTL", "NUL", "empty", "blank", "TwiML", "longest", "10,000"],
)
def test_any_text_is_stored(app: Flask, post: Post, body: str, stored: str):
    answer = post("/twilio/text/in", form(Body=body))

    assert answer.status_code == 200
    assert inbound_bodies(app) == [stored]


@pytest.mark.parametrize(
    "sender",
    [
        "anonymous",
        "+266696687",
        "12355",
        "＋８６１３８００００００００１",
        "sip:a@b.test",
        "client:x",
        "",
    ],
)
def test_any_sender_is_let_in(app: Flask, post: Post, sender: str):
    assert post("/twilio/text/in", form(From=sender)).status_code == 200
    assert count(app, CONTACT) == 1


def test_a_caller_hears_words_in_both_languages(app: Flask, post: Post):
    answer = post("/twilio/voice/in", call())

    spoken = {verb.get("language") for verb in ET.fromstring(answer.text).iter("Say")}  # noqa: S314 - ours
    assert (answer.status_code, spoken) == (200, {"cmn-CN", "en-US"})


def test_a_call_repeated_by_the_carrier_is_one_contact(app: Flask, post: Post):
    once = call()

    answers = [post("/twilio/voice/in", once).text for _ in range(2)]

    assert answers[0] == answers[1]
    assert count(app, CONTACT) == 1


def test_a_page_that_is_not_there_still_gives_a_valid_document(post: Post):
    answers = [post("/twilio/page/unknown", call()), post("/twilio/page/unknown/key", call())]

    for answer in answers:
        assert answer.status_code == 200
        assert ET.fromstring(answer.text).tag == "Response"  # noqa: S314 - ours


def test_the_end_of_a_call_to_the_line_is_taken_note_of(post: Post):
    assert post("/twilio/voice/status", call(CallStatus="completed")).status_code == 204
