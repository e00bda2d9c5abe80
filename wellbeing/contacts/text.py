"""How texts come in: one contact per conversation, whatever arrives twice or at once.

What counselors do with a contact is in `operations`; what the line answers is decided in `hotline`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update

from wellbeing.contacts.events import ContactOpened, TextReceived
from wellbeing.contacts.models import CONTACT, MESSAGE
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.operations import media, openings
from wellbeing.contacts.operations.openings import Place
from wellbeing.contacts.queries import standing as standings
from wellbeing.contacts.queries.words import WORD_PLACE
from wellbeing.contacts.rules import words
from wellbeing.contacts.rules.conversations import (
    Author,
    Body,
    BodyFlag,
    Channel,
    ContactState,
    Direction,
    Disposition,
    DuePage,
    IncomingText,
    Received,
    Standing,
    clean_body,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RiskLevel

TRIES = 5
"""How often a text looks again after losing a race; each race has one winner."""


class ContactRace(RuntimeError):
    """A text lost every race for its contact; the carrier will deliver it again."""


def receive_text(*, text: IncomingText, now: datetime) -> Received:
    """Store a text under its sender's conversation, opening one if needed; idempotent by sid.

    A conversation closed less than the policy's 24 h ago is opened again. Withheld senders are
    never merged: each of their texts is a contact of its own.
    """
    came_with_it = max(text.media_count, len(text.media_sids))
    body = clean_body(raw=text.body, media_count=came_with_it)
    for _ in range(TRIES):
        received = _receive(text, body, now)
        if received is not None:
            return received
    raise ContactRace


def plan_page(*, page: DuePage, step: int, at: datetime) -> bool:
    """Say which paging step of a waiting contact comes next, and when.

    Tells whether this call moved it on: of two sweeps at once, one does.
    """
    statement = (
        update(CONTACT)
        .where(
            CONTACT.c.id == page.contact_id,
            CONTACT.c.state == ContactState.WAITING.value,
            CONTACT.c.page_step == page.page_step,
            CONTACT.c.next_page_at == page.next_page_at,
        )
        .values(page_step=step, next_page_at=at)
    )
    return changed(statement) == 1


def settle(*, contact_id: int, disposition: Disposition, now: datetime) -> bool:
    """Close a waiting contact that needs no human answer (a lone STOP, a check-in's answer)."""
    statement = (
        update(CONTACT)
        .where(
            CONTACT.c.id == contact_id,
            CONTACT.c.state == ContactState.WAITING.value,
            CONTACT.c.urgency < RiskLevel.HIGH.value,
        )
        .values(
            state=ContactState.CLOSED.value,
            ended_at=now,
            next_page_at=None,
            disposition=disposition.value,
            version=CONTACT.c.version + 1,
        )
    )
    if changed(statement) != 1:
        return False
    operations.count_change(contact_id)
    return True


def _receive(text: IncomingText, body: Body, now: datetime) -> Received | None:
    standing = standings.standing_of(
        number_index=openings.index_of(sender=text.sender) or openings.NOBODY,
        line_number=text.line_number,
        sid=text.sid,
        since=now - policy.current().line.text.contact_reopens_within,
    )
    if standing.message_id is not None:
        return _repeated(standing)
    if text.sender is not None:
        return _store(standing, text, body, now)
    # Nothing but the sid tells two webhooks of a withheld number apart from two texts: the loser
    # takes its whole contact back.
    savepoint = session().begin_nested()
    received = _store(standing, text, body, now)
    if received is None:
        savepoint.rollback()
    else:
        savepoint.commit()
    return received


def _store(standing: Standing, text: IncomingText, body: Body, now: datetime) -> Received | None:
    place = _continued(standing, now) if standing.contact_id else _opened(standing, text, now)
    if place is None:
        return None
    flags = (*body.flags, *_said(standing, body))
    message_id = _new_message(place, text.sid, replace(body, flags=flags), now)
    if message_id is None:
        return None
    if text.media_sids:
        media.note(
            message_id=message_id,
            contact_id=place.contact_id,
            data_key_id=place.data_key_id,
            message_sid=text.sid,
            sids=text.media_sids,
            now=now,
        )
    is_opened = standing.contact_id is None or bool(standing.is_closed)
    operations.count_change(place.contact_id)
    if is_opened:
        events.publish(ContactOpened(contact_id=place.contact_id, at=now))
    events.publish(TextReceived(contact_id=place.contact_id, message_id=message_id, at=now))
    return _received(
        place,
        message_id=message_id,
        is_new_caller=standing.caller_id is None,
        is_new_contact=standing.contact_id is None,
        is_reopened=bool(standing.is_closed),
        is_repeat=False,
    )


def _said(standing: Standing, body: Body) -> tuple[BodyFlag, ...]:
    """Flag a text that says the word agreed with its sender; most people have none."""
    if standing.word_sealed is None:
        return ()
    word = sealed.open_sealed(standing.word_sealed, place=WORD_PLACE)
    return (BodyFlag.AGREED_WORD,) if words.is_said(word=word, text=body.text) else ()


def _received(place: Place, **facts: Any) -> Received:
    return Received(
        contact_id=place.contact_id,
        data_key_id=place.data_key_id,
        language=place.language,
        urgency=place.urgency,
        state=place.state,
        **facts,
    )


def _repeated(standing: Standing) -> Received:
    statement = select(*openings.KNOWN_CONTACT).where(CONTACT.c.id == standing.repeat_of)
    return _received(
        openings.place_of(row=session().execute(statement).one()),
        message_id=standing.message_id,
        is_new_caller=False,
        is_new_contact=False,
        is_reopened=False,
        is_repeat=True,
    )


def _opened(standing: Standing, text: IncomingText, now: datetime) -> Place | None:
    """Open a conversation, with its caller if nobody knows them yet; None when a race was lost."""
    remembered = Language(standing.language) if standing.language else None
    language = text.language or remembered or policy.current().line.default_language
    caller_id, key_id = standing.caller_id, None
    if caller_id is None:
        made = openings.newcomer(sender=text.sender, language=text.language, now=now)
        if made is None:
            return None
        caller_id, key_id = made.caller_id, made.contact_key_id
    return openings.new_contact(
        reached=text,
        caller_id=caller_id,
        key_id=key_id,
        now=now,
        channel=Channel.TEXT.value,
        state=ContactState.WAITING.value,
        language=language.value,
        waiting_since=now,
        last_inbound_at=now,
        next_page_at=now + policy.current().line.accept_within,
    )


def _continued(standing: Standing, now: datetime) -> Place | None:
    """Note a further text of a conversation, or open it again; None when it has just changed."""
    if standing.is_closed:
        return _reopened(standing, now)
    statement = (
        update(CONTACT)
        .where(CONTACT.c.id == standing.contact_id, CONTACT.c.state != ContactState.CLOSED.value)
        .values(
            last_inbound_at=now,
            unanswered_since=case(
                (
                    CONTACT.c.state == ContactState.IN_CONVERSATION.value,
                    func.coalesce(CONTACT.c.unanswered_since, now),
                )
            ),
        )
        .returning(*openings.KNOWN_CONTACT)
    )
    row = session().execute(statement).first()
    return openings.place_of(row=row) if row else None


def _reopened(standing: Standing, now: datetime) -> Place | None:
    statement = (
        update(CONTACT)
        .where(CONTACT.c.id == standing.contact_id, CONTACT.c.state == ContactState.CLOSED.value)
        .values(
            state=ContactState.WAITING.value,
            claimed_by=None,
            claimed_at=None,
            waiting_since=now,
            last_inbound_at=now,
            urgency_at=now,
            page_step=0,
            next_page_at=now + policy.current().line.accept_within,
            ended_at=None,
            disposition=None,
            version=CONTACT.c.version + 1,
        )
        .returning(*openings.KNOWN_CONTACT)
    )
    row = session().execute(statement).first()
    return openings.place_of(row=row) if row else None


def _new_message(place: Place, sid: str, body: Body, now: datetime) -> int | None:
    """Store a student's message; None when another process has just stored the same sid."""
    blob = sealed.seal(body.text, key_id=place.data_key_id, place="contact_message.body")
    row = {
        "contact_id": place.contact_id,
        "direction": Direction.IN.value,
        "author": Author.STUDENT.value,
        "body_sealed": blob,
        "sid": sid,
        "at": now,
        "flags": ",".join(flag.value for flag in body.flags),
    }
    statement = operations.meeting(MESSAGE).on_conflict_do_nothing().returning(MESSAGE.c.id)
    return session().execute(statement, row).scalar_one_or_none()
