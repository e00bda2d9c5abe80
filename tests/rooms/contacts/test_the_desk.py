"""Counselors claim, answer, give back and close; one wins, nobody is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.contacts import (
    STUDENT,
    claim,
    make_contact,
    make_conversation,
    receive,
    scope_of,
)
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.rooms.contacts.test_texts_coming_in import at_once
from wellbeing.accounts.rules.roles import Permission
from wellbeing.contacts.events import ContactClaimed, ContactReturned, UrgencyRaised
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.operations import drafts
from wellbeing.contacts.operations import facts as recording
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import (
    AlreadyClaimed,
    ContactFacts,
    ContactState,
    Disposition,
    NobodyWaits,
    NoNumber,
    NotAnAnswer,
    NothingToSend,
    NotYours,
    StaleContact,
    TooManyConversations,
)
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import NotFound
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import Purpose
from wellbeing.policy.model import Language, RiskLevel

LATER = NOW + timedelta(minutes=5)


def open_as(user_id: int, contact_id: int) -> None:
    public_id = queries.contact_by_id(contact_id=contact_id).public_id
    queries.contact(public_id=public_id, scope=scope_of(user_id=user_id), now=LATER)


def test_twenty_counselors_claim_one_contact_and_one_wins(city: City, database: Flask):
    contact_id = make_contact()
    people = [make_counselor() for _ in range(20)]
    refused: list[int] = []

    def take(user_id: int) -> None:
        try:
            claim(contact_id=contact_id, user_id=user_id)
        except AlreadyClaimed:
            refused.append(user_id)

    at_once(database, [lambda user_id=one: take(user_id) for one in people])

    contact = queries.contact_by_id(contact_id=contact_id)
    assert len(refused) == 19
    assert contact.claimed_by not in refused


def test_next_is_the_most_urgent_then_the_longest_waiting(city: City, counselor: int):
    early = make_contact(sender="+8613800000011")
    make_contact(sender="+8613800000012", now=NOW + timedelta(seconds=1))
    red = make_contact(
        sender="+8613800000013", urgency=RiskLevel.IMMINENT, now=NOW + timedelta(seconds=2)
    )

    with transaction():
        first = operations.claim_next(scope=scope_of(), user_id=counselor, now=LATER)
    with transaction():
        second = operations.claim_next(scope=scope_of(), user_id=counselor, now=LATER)

    assert (first, second) == (red, early)


def test_nobody_waiting_is_said_plainly(city: City, counselor: int):
    with pytest.raises(NobodyWaits), transaction():
        operations.claim_next(scope=scope_of(), user_id=counselor, now=LATER)


def test_a_contact_of_another_district_cannot_be_seen_or_claimed(city: City, counselor: int):
    contact_id = make_contact(organization=city.district)
    elsewhere = scope_of(user_id=counselor, paths=(city.other_district.path,))

    with pytest.raises(NotFound), transaction():
        operations.claim(contact_id=contact_id, scope=elsewhere, user_id=counselor, now=LATER)
    assert queries.live(scope=elsewhere) == ()


def test_full_hands_are_refused_anything_but_red(city: City, counselor: int):
    for number in range(4):
        make_conversation(user_id=counselor, sender=f"+861380000002{number}")
    blue = make_contact(sender="+8613800000031")
    red = make_contact(sender="+8613800000032", urgency=RiskLevel.IMMINENT)

    with pytest.raises(TooManyConversations):
        claim(contact_id=blue, user_id=counselor)
    claim(contact_id=red, user_id=counselor)

    assert queries.conversations_held(user_id=counselor) == 5


def test_claiming_lets_the_counselor_open_the_contact_and_nobody_else(
    city: City, counselor: int, told: list[object]
):
    contact_id = make_conversation(user_id=counselor)

    open_as(counselor, contact_id)

    with pytest.raises(NotFound):
        open_as(make_counselor(), contact_id)
    assert (
        ContactClaimed(contact_id=contact_id, user_id=counselor, at=NOW + timedelta(seconds=20))
        in told
    )


def test_a_supervisor_opens_what_lies_in_the_subtree_only(city: City):
    contact_id = make_contact(organization=city.school)
    public_id = queries.contact_by_id(contact_id=contact_id).public_id
    supervise = frozenset({Permission.SUPERVISE})

    above = scope_of(paths=(city.district.path,), permissions=supervise)
    aside = scope_of(paths=(city.other_district.path,), permissions=supervise)

    assert queries.contact(public_id=public_id, scope=above, now=LATER).contact_id == contact_id
    with pytest.raises(NotFound):
        queries.contact(public_id=public_id, scope=aside, now=LATER)


def test_a_reply_is_queued_to_the_student_and_shown_in_the_thread(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)

    with transaction():
        message_id = operations.write_reply(
            contact_id=contact_id, by=counselor, body="我在,慢慢说。", now=LATER
        )

    row = queries.thread(contact_id=contact_id)[-1]
    contact = queries.contact_by_id(contact_id=contact_id)
    queued = outbox.texts_of(purpose=Purpose.CHAT, ids=[message_id])[message_id]
    assert (row.body, row.author_id) == ("我在,慢慢说。", counselor)
    assert row.outbound_id == queued[0].outbound_id
    assert contact.first_human_reply_at == LATER
    assert contact.unanswered_since is None


def test_only_the_counselor_who_holds_it_may_answer(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)
    other = make_counselor()

    with pytest.raises(NotYours), transaction():
        operations.write_reply(contact_id=contact_id, by=other, body="你好", now=LATER)


def test_a_blank_reply_and_a_withheld_number_are_refused(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor, sender=None)

    with pytest.raises(NothingToSend), transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body=" \n", now=LATER)
    with pytest.raises(NoNumber), transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body="你好", now=LATER)


def test_a_conversation_given_back_keeps_its_place_and_is_paged_at_once(
    city: City, counselor: int, told: list[object]
):
    contact_id = make_conversation(user_id=counselor)

    with transaction():
        operations.return_to_queue(contact_id=contact_id, by=counselor, now=LATER)

    contact = queries.contact_by_id(contact_id=contact_id)
    assert contact.state is ContactState.WAITING
    assert contact.waiting_since == NOW
    assert contact.next_page_at == LATER
    assert told[-1] == ContactReturned(contact_id=contact_id, user_id=counselor, at=LATER)
    with pytest.raises(NotFound):
        open_as(counselor, contact_id)


def test_an_answered_conversation_waits_from_its_first_unanswered_text(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)
    with transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body="你好", now=LATER)
    receive(body="在吗", now=LATER + timedelta(minutes=1))
    receive(body="在吗?", now=LATER + timedelta(minutes=2))

    with transaction():
        operations.return_to_queue(
            contact_id=contact_id, by=counselor, now=LATER + timedelta(minutes=4)
        )

    contact = queries.contact_by_id(contact_id=contact_id)
    assert contact.waiting_since == LATER + timedelta(minutes=1)


def test_a_red_thread_left_unanswered_goes_back(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor, urgency=RiskLevel.IMMINENT)
    levels = [RiskLevel.HIGH, RiskLevel.IMMINENT]
    asked = {"contact_id": contact_id, "levels": levels, "since": NOW + timedelta(seconds=20)}

    with transaction():
        early = operations.return_unanswered(
            **(asked | {"since": NOW + timedelta(seconds=19)}), now=LATER
        )
    with transaction():
        due = operations.return_unanswered(**asked, now=LATER)

    assert early is None
    assert due is not None
    assert due.user_id == counselor
    assert queries.contact_by_id(contact_id=contact_id).state is ContactState.WAITING


def test_urgency_only_rises(city: City, told: list[object]):
    contact_id = make_contact(urgency=RiskLevel.HIGH)

    with transaction():
        lower = operations.raise_urgency(contact_id=contact_id, level=RiskLevel.MODERATE, now=LATER)
    with transaction():
        higher = operations.raise_urgency(
            contact_id=contact_id, level=RiskLevel.IMMINENT, now=LATER
        )

    assert (lower, higher) == (False, True)
    assert told[-1] == UrgencyRaised(contact_id=contact_id, urgency=RiskLevel.IMMINENT, at=LATER)


def test_the_record_is_saved_and_a_stale_save_is_refused(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)
    version = queries.contact_by_id(contact_id=contact_id).version
    facts = ContactFacts(caller_type="self", reasons=("exam_anxiety",), distress_start=80)

    with transaction():
        recording.record_facts(contact_id=contact_id, facts=facts, version=version, now=LATER)

    assert queries.contact_by_id(contact_id=contact_id).facts == facts
    with pytest.raises(StaleContact), transaction():
        recording.record_facts(contact_id=contact_id, facts=facts, version=version, now=LATER)


def test_wrong_choices_are_named(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)
    facts = ContactFacts(caller_type="martian", hope_end=101)

    with pytest.raises(NotAnAnswer) as refused, transaction():
        recording.record_facts(contact_id=contact_id, facts=facts, version=2, now=LATER)

    assert refused.value.fields == {"wrong": ("hope_end", "caller_type")}


def test_closing_keeps_the_note_and_takes_the_contact_off_the_desk(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)

    with transaction():
        operations.close_contact(
            contact_id=contact_id,
            disposition=Disposition.SUPPORTED,
            wrap_up="约好明天再聊",
            by=counselor,
            now=LATER,
        )

    contact = queries.contact_by_id(contact_id=contact_id)
    assert (contact.state, contact.wrap_up) == (ContactState.CLOSED, "约好明天再聊")
    assert queries.live(scope=scope_of()) == ()
    assert queries.conversations_of(user_id=counselor) == ()


def test_a_draft_is_kept_until_it_is_sent(city: City, counselor: int):
    contact_id = make_conversation(user_id=counselor)
    mine = {"contact_id": contact_id, "user_id": counselor}
    for body in ("你", "你好"):
        with transaction():
            drafts.save_draft(**mine, body=body, now=LATER)

    kept = queries.draft_of(**mine)
    with transaction():
        operations.write_reply(contact_id=contact_id, by=counselor, body="你好", now=LATER)

    assert kept is not None
    assert kept.body == "你好"
    assert queries.draft_of(**mine) is None


def test_every_change_of_the_live_queue_counts(city: City, counselor: int):
    seen = [queries.queue_version()]
    contact_id = make_contact()
    seen.append(queries.queue_version())
    claim(contact_id=contact_id, user_id=counselor)
    seen.append(queries.queue_version())
    with transaction():
        operations.return_to_queue(contact_id=contact_id, by=counselor, now=LATER)
    seen.append(queries.queue_version())

    assert seen == sorted(set(seen))


def test_the_live_queue_carries_no_word_and_no_number(city: City):
    make_contact(body="秘密的话")

    shown = str(queries.live(scope=scope_of()))

    assert "秘密" not in shown
    assert STUDENT not in shown
    assert "•••• 01" in shown


def test_a_language_that_was_chosen_is_kept_for_the_caller(city: City):
    contact_id = make_contact()

    with transaction():
        operations.set_language(contact_id=contact_id, language=Language.EN, now=LATER)

    later = receive(line_number="+862300000001")
    assert queries.contact_by_id(contact_id=contact_id).language is Language.EN
    assert later.language is Language.EN
