"""What a paged colleague hears, and what their keys do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.contacts import claim, scope_of
from tests.factories.moments import NOW
from tests.rooms.hotline.test_a_text_comes_in import desks_called, ring, texts
from wellbeing.audit.models import AUDIT_EVENT
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.escalation.models import ATTEMPT
from wellbeing.escalation.rules.words import PageState
from wellbeing.foundation.database import session, transaction
from wellbeing.hotline.voice import pages as voice
from wellbeing.telephony.steps import Ask, Document, HangUp, Say

pytestmark = pytest.mark.usefixtures("municipality")


def rung_for_red_text() -> str:
    """Let a red text ring the crisis desk; give the address of the call."""
    texts("我不想活了")
    ring(seconds=0)
    ids = session().execute(
        select(ATTEMPT.c.public_id).where(ATTEMPT.c.channel == "call").order_by(ATTEMPT.c.id)
    )
    return ids.scalars().all()[-1]


def answered(public_id: str) -> Document:
    session().rollback()
    with transaction():
        return voice.page_call(public_id=public_id, now=NOW)


def pressed(address: str, digits: str) -> Document:
    session().rollback()
    with transaction():
        return voice.page_call_key(
            public_id=address, digits=digits, now=NOW + timedelta(seconds=30)
        )


def heard(document: Document) -> str:
    said = document[0]
    assert isinstance(said, Say)
    return said.text


def asked(document: Document) -> Ask:
    (ask,) = document
    assert isinstance(ask, Ask)
    return ask


def address_of(ask: Ask) -> str:
    return ask.action.removeprefix("/twilio/page/").removesuffix("/key")


def test_a_page_says_the_code_word_and_nothing_of_a_student(counselor: int):
    ask = asked(answered(rung_for_red_text()))

    assert ask.prompts[0].text == "你好，灯塔。热线需要你。收到请按1，现在接手请按2。"
    assert ask.digits == 1


def test_one_acknowledges(counselor: int):
    document = pressed(rung_for_red_text(), "1")

    assert heard(document) == "已记录你的确认。请尽快登录平台处理。谢谢。"
    assert document[-1] == HangUp()
    session().rollback()
    (contact,) = contacts.live(scope=scope_of())
    assert desks_called(contact.contact_id) == [("crisis", PageState.ACKNOWLEDGED)]


def test_two_is_read_back_and_two_again_takes_the_contact(counselor: int):
    read_back = asked(pressed(rung_for_red_text(), "2"))

    document = pressed(address_of(read_back), "2")

    session().rollback()
    (contact,) = contacts.live(scope=scope_of())
    assert "请确认：灯塔" in read_back.prompts[0].text
    assert heard(document) == "已记录由你接手。请马上登录平台。谢谢。"
    assert (contact.state, contact.claimed_by) == (ContactState.IN_CONVERSATION, counselor)


def test_a_contact_that_a_colleague_took_is_not_taken_twice(counselor: int, supervisor: int):
    address = rung_for_red_text()
    (contact,) = contacts.live(scope=scope_of())
    session().rollback()
    claim(contact_id=contact.contact_id, user_id=supervisor)

    document = pressed(f"{address}.again", "2")

    assert heard(document) == "已有同事接手，谢谢你。再见。"


def test_no_key_promises_another_call(counselor: int):
    assert heard(pressed(rung_for_red_text(), "")) == "没有收到按键，我们稍后再打给你。"


def test_another_key_asks_again(counselor: int):
    address = rung_for_red_text()

    assert address_of(asked(pressed(address, "7"))) == address


@pytest.mark.parametrize("public_id", ["unknown", "unknown.again", "x" * 200])
def test_an_unknown_address_hears_nothing(public_id: str):
    assert answered(public_id) == (HangUp(),)
    assert pressed(public_id, "1") == (HangUp(),)


def test_a_key_leaves_its_audit_event(counselor: int):
    pressed(rung_for_red_text(), "1")

    session().rollback()
    actions = session().execute(select(AUDIT_EVENT.c.action).order_by(AUDIT_EVENT.c.id))
    assert [one for one in actions.scalars() if one != "user_created"][-1] == "acknowledged"
