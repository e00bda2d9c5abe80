"""A text is stored once, under the right conversation, whatever it holds and however it comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.factories.contacts import STUDENT, claim, make_text, receive
from tests.factories.moments import NOW
from tests.factories.organizations import City
from wellbeing.contacts import text
from wellbeing.contacts.events import ContactOpened, TextReceived
from wellbeing.contacts.models import CALLER, CONTACT, MESSAGE
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import BodyFlag, ContactState, Disposition
from wellbeing.foundation.database import db, session, transaction
from wellbeing.policy.model import Language

BODIES = {
    "emoji": "我好难过😭👨‍👩‍👧",
    "four-byte Han": "𠮷𠀀𪚥",
    "right-to-left override": "\u202e反过来",
    "line breaks": "第一行\n第二行\r\n\t第三行",
    "empty": "",
    "blank": "  \u3000 ",
    "long": "长" * 10_000,
    "markup": "<script>alert(1)</script>=1+1",
}


def rows(table: object) -> int:
    session().rollback()
    return session().execute(select(func.count()).select_from(table)).scalar_one()


def at_once(app: Flask, work: list[Callable[[], None]]) -> None:
    """Run everything at the same moment, each on its own thread and connection."""
    gate = Barrier(len(work))
    failures: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        with app.app_context():
            gate.wait()
            try:
                one()
            except BaseException as error:  # noqa: BLE001 - told below, on the test's own thread
                failures.append(error)

    threads = [Thread(target=run, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_first_text_opens_a_waiting_contact(city: City, told: list[object]):
    received = receive(body="你好,在吗")

    contact = queries.contact_by_id(contact_id=received.contact_id)
    assert contact.state is ContactState.WAITING
    assert contact.language is Language.ZH
    assert contact.next_page_at == NOW + timedelta(seconds=30)
    assert contact.masked_number == "•••• 01"
    assert [type(one) for one in told] == [ContactOpened, TextReceived]
    assert [row.body for row in queries.thread(contact_id=contact.contact_id)] == ["你好,在吗"]


def test_nothing_of_a_student_lies_readable_in_the_tables(city: City):
    receive(body="秘密")

    stored = [
        value
        for table in (CALLER, CONTACT, MESSAGE)
        for row in session().execute(select(table))
        for value in row
    ]
    assert not any("秘密" in str(value) or STUDENT in str(value) for value in stored)
    assert not any(
        isinstance(value, bytes) and ("秘密".encode() in value or STUDENT.encode() in value)
        for value in stored
    )


def test_the_same_webhook_again_changes_nothing(city: City, told: list[object]):
    first = receive(sid="SM1", body="一")
    told.clear()

    again = receive(sid="SM1", body="一")

    assert again.is_repeat
    assert (again.contact_id, again.message_id) == (first.contact_id, first.message_id)
    assert rows(MESSAGE) == 1
    assert told == []


def test_further_texts_stay_in_one_contact_in_the_order_of_arrival(city: City):
    first = receive(body="一")
    second = receive(body="二", now=NOW + timedelta(seconds=1))

    assert second.contact_id == first.contact_id
    assert not second.is_new_contact
    bodies = [row.body for row in queries.thread(contact_id=first.contact_id)]
    assert bodies == ["一", "二"]


def test_another_line_is_another_contact_of_the_same_caller(city: City):
    first = receive()
    second = receive(line_number="+862300000001")

    assert second.contact_id != first.contact_id
    assert rows(CALLER) == 1


def test_ten_identical_webhooks_at_once_make_one_contact(city: City, database: Flask):
    incoming = make_text(sid="SM-same")

    def once() -> None:
        with transaction():
            text.receive_text(text=incoming, now=NOW)

    at_once(database, [once] * 10)

    assert (rows(CALLER), rows(CONTACT), rows(MESSAGE)) == (1, 1, 1)


def test_two_first_texts_of_one_number_at_once_make_one_contact(city: City, database: Flask):
    def send(sid: str) -> Callable[[], None]:
        incoming = make_text(sid=sid)

        def once() -> None:
            with transaction():
                text.receive_text(text=incoming, now=NOW)

        return once

    at_once(database, [send(f"SM-{number}") for number in range(8)])

    assert (rows(CALLER), rows(CONTACT), rows(MESSAGE)) == (1, 1, 8)


def test_one_webhook_of_a_withheld_number_ten_times_at_once_makes_one_contact(
    city: City, database: Flask
):
    incoming = make_text(sid="SM-withheld", sender=None)

    def once() -> None:
        with transaction():
            text.receive_text(text=incoming, now=NOW)

    at_once(database, [once] * 10)

    assert (rows(CALLER), rows(CONTACT), rows(MESSAGE)) == (1, 1, 1)


def test_withheld_numbers_are_never_merged(city: City):
    first = receive(sender=None)
    second = receive(sender=None)

    assert first.contact_id != second.contact_id
    assert rows(CALLER) == 2
    assert queries.number_of(contact_id=first.contact_id) is None


@pytest.mark.parametrize("sender", ["12355", "sip:student@example.org", "client:browser_1"])
def test_short_codes_and_addresses_are_let_in_and_kept_apart(sender: str, city: City):
    first = receive(sender=sender)
    receive(sender="12356")

    assert queries.number_of(contact_id=first.contact_id) == sender
    assert rows(CALLER) == 2


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_of_any_kind_survives(body: str, city: City):
    received = receive(body=body)

    assert [row.body for row in queries.thread(contact_id=received.contact_id)] == [body]


def test_control_characters_are_taken_out_and_flagged(city: City):
    received = receive(body="一\x00二\x07三\x1b[31m\ud83d")

    row = queries.thread(contact_id=received.contact_id)[0]
    assert row.body == "一二三[31m\N{REPLACEMENT CHARACTER}"
    assert row.flags == (BodyFlag.SURROGATES_REPLACED, BodyFlag.CONTROLS_REMOVED)


def test_what_is_longer_than_ten_thousand_characters_is_cut_and_flagged(city: City):
    received = receive(body="长" * 10_001)

    row = queries.thread(contact_id=received.contact_id)[0]
    assert len(row.body) == 10_000
    assert row.flags == (BodyFlag.CUT,)


def test_a_text_within_a_day_of_closing_opens_the_contact_again(city: City, counselor: int):
    received = receive()
    claim(contact_id=received.contact_id, user_id=counselor)
    with transaction():
        operations.close_contact(
            contact_id=received.contact_id,
            disposition=Disposition.SUPPORTED,
            wrap_up="",
            by=counselor,
            now=NOW + timedelta(hours=1),
        )

    again = receive(now=NOW + timedelta(hours=24))

    contact = queries.contact_by_id(contact_id=again.contact_id)
    assert again.contact_id == received.contact_id
    assert again.is_reopened
    assert contact.state is ContactState.WAITING
    assert contact.waiting_since == NOW + timedelta(hours=24)


def test_a_text_more_than_a_day_after_closing_is_a_new_contact(city: City, counselor: int):
    received = receive()
    claim(contact_id=received.contact_id, user_id=counselor)
    with transaction():
        operations.close_contact(
            contact_id=received.contact_id,
            disposition=Disposition.SUPPORTED,
            wrap_up="",
            by=counselor,
            now=NOW + timedelta(hours=1),
        )

    again = receive(now=NOW + timedelta(hours=25, seconds=1))

    assert again.is_new_contact
    previous = queries.previous_of(
        caller_id=queries.contact_by_id(contact_id=again.contact_id).caller_id,
        before=again.contact_id,
    )
    assert [row.contact_id for row in previous] == [received.contact_id]


def test_the_language_of_a_text_is_remembered_for_the_caller(city: City):
    receive(language=Language.EN, line_number="+862300000001")

    later = receive(language=None)

    assert queries.contact_by_id(contact_id=later.contact_id).language is Language.EN


def test_a_first_text_costs_six_statements(city: City, database: Flask):
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]).split()[0])

    incoming = make_text()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with transaction():
            text.receive_text(text=incoming, now=NOW)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    kinds = [kind for kind in statements if kind not in {"BEGIN", "PRAGMA"}]
    assert json.dumps(kinds) == json.dumps(["SELECT", *["INSERT"] * 5])
