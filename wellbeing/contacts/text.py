"""How texts and calls come in: one contact per conversation, whatever arrives twice or at once.

What counselors do with a contact is in `operations`; what the line answers is decided in `hotline`.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update

from wellbeing.contacts.events import ContactOpened, TextReceived
from wellbeing.contacts.models import CALLER, CONTACT, MESSAGE
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import (
    Author,
    Body,
    Channel,
    ContactState,
    Direction,
    Disposition,
    DuePage,
    IncomingCall,
    IncomingText,
    Received,
    Standing,
    clean_body,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language, RiskLevel

TRIES = 5
"""How often a text looks again after losing a race; each race has one winner."""
NOBODY = b""
"""Blind index of a withheld number: it matches no caller."""
KNOWN_CONTACT = (
    CONTACT.c.id,
    CONTACT.c.data_key_id,
    CONTACT.c.language,
    CONTACT.c.urgency,
    CONTACT.c.state,
)


class ContactRace(RuntimeError):
    """A text lost every race for its contact; the carrier will deliver it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The contact that a text belongs to."""

    contact_id: int
    data_key_id: uuid.UUID
    language: Language
    urgency: RiskLevel
    state: ContactState


def receive_text(*, text: IncomingText, now: datetime) -> Received:
    """Store a text under its sender's conversation, opening one if needed; idempotent by sid.

    A conversation closed less than the policy's 24 h ago is opened again. Withheld senders are
    never merged: each of their texts is a contact of its own.
    """
    body = clean_body(raw=text.body, media_count=text.media_count)
    for _ in range(TRIES):
        received = _receive(text, body, now)
        if received is not None:
            return received
    raise ContactRace


def receive_call(*, call: IncomingCall, now: datetime) -> int:
    """Record a call that the line answered by itself; give the contact. Idempotent by call sid.

    It is closed at once: the caller was told where to find a human now, and asked to text.
    """
    known = select(CONTACT.c.id).where(CONTACT.c.call_sid == call.call_sid)
    for _ in range(TRIES):
        found = session().execute(known).scalar_one_or_none()
        if found is not None:
            return int(found)
        contact_id = _record_call(call, now)
        if contact_id is not None:
            operations.count_change(contact_id)
            events.publish(ContactOpened(contact_id=contact_id, at=now))
            return contact_id
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
    standing = queries.standing_of(
        number_index=_index(text.sender) or NOBODY,
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
    caller_id = standing.caller_id or _new_caller(text.sender, text.language, now)
    if caller_id is None:
        return None
    place = (
        _continued(standing, now)
        if standing.contact_id
        else _opened(standing, caller_id, text, now)
    )
    if place is None:
        return None
    message_id = _new_message(place, text.sid, body, now)
    if message_id is None:
        return None
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


def _received(place: _Place, **facts: Any) -> Received:
    return Received(
        contact_id=place.contact_id,
        data_key_id=place.data_key_id,
        language=place.language,
        urgency=place.urgency,
        state=place.state,
        **facts,
    )


def _repeated(standing: Standing) -> Received:
    statement = select(*KNOWN_CONTACT).where(CONTACT.c.id == standing.repeat_of)
    return _received(
        _place(session().execute(statement).one()),
        message_id=standing.message_id,
        is_new_caller=False,
        is_new_contact=False,
        is_reopened=False,
        is_repeat=True,
    )


def _place(row: Any) -> _Place:
    return _Place(
        contact_id=row.id,
        data_key_id=row.data_key_id,
        language=Language(row.language),
        urgency=RiskLevel(row.urgency),
        state=ContactState(row.state),
    )


def _index(sender: str | None) -> bytes | None:
    return ring.blind_index(purpose="phone", value=sender) if sender else None


def _new_caller(sender: str | None, language: Language | None, now: datetime) -> int | None:
    """Make a caller; None when another process has just made the same one."""
    key_id = sealed.create_data_key(now=now)
    blob = sealed.seal(sender, key_id=key_id, place="caller.number") if sender else None
    row = {
        "number_index": _index(sender),
        "number_sealed": blob,
        "data_key_id": key_id,
        "language": language.value if language else None,
        "created_at": now,
    }
    statement = operations.meeting(CALLER).on_conflict_do_nothing().returning(CALLER.c.id)
    return _or_erase(session().execute(statement, row).scalar_one_or_none(), key_id, now)


def _or_erase(new_id: int | None, key_id: uuid.UUID, now: datetime) -> int | None:
    if new_id is None:
        # A key made in vain must not look like the key of somebody's record.
        sealed.erase_data_key(key_id=key_id, now=now)
    return new_id


def _opened(standing: Standing, caller_id: int, text: IncomingText, now: datetime) -> _Place | None:
    remembered = Language(standing.language) if standing.language else None
    language = text.language or remembered or policy.current().line.default_language
    return _new_contact(
        text,
        caller_id,
        now,
        channel=Channel.TEXT.value,
        state=ContactState.WAITING.value,
        language=language.value,
        waiting_since=now,
        last_inbound_at=now,
        next_page_at=now + policy.current().line.accept_within,
    )


def _new_contact(
    reached: IncomingText | IncomingCall, caller_id: int, now: datetime, **values: Any
) -> _Place | None:
    """Make a contact; None when another process has just made the one for the same caller."""
    key_id = sealed.create_data_key(now=now)
    values |= {
        "data_key_id": key_id,
        "urgency": RiskLevel.LOW.value,
        "public_id": secrets.token_urlsafe(16),
        "caller_id": caller_id,
        "line_number": reached.line_number,
        "organization_id": reached.organization_id,
        "organization_path": reached.organization_path,
        "urgency_at": now,
        "arrived_at": now,
    }
    statement = operations.meeting(CONTACT).on_conflict_do_nothing().returning(*KNOWN_CONTACT)
    row = session().execute(statement, values).first()
    if _or_erase(row.id if row else None, key_id, now) is None:
        return None
    return _place(row)


def _continued(standing: Standing, now: datetime) -> _Place | None:
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
        .returning(*KNOWN_CONTACT)
    )
    row = session().execute(statement).first()
    return _place(row) if row else None


def _reopened(standing: Standing, now: datetime) -> _Place | None:
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
        .returning(*KNOWN_CONTACT)
    )
    row = session().execute(statement).first()
    return _place(row) if row else None


def _new_message(place: _Place, sid: str, body: Body, now: datetime) -> int | None:
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


def _record_call(call: IncomingCall, now: datetime) -> int | None:
    index = _index(call.sender)
    found = session().execute(select(CALLER.c.id).where(CALLER.c.number_index == (index or NOBODY)))
    caller_id = found.scalar_one_or_none() or _new_caller(call.sender, call.language, now)
    if caller_id is None:
        return None
    place = _new_contact(
        call,
        caller_id,
        now,
        channel=Channel.VOICE.value,
        state=ContactState.CLOSED.value,
        language=call.language.value,
        call_sid=call.call_sid,
        ended_at=now,
        disposition=Disposition.NO_REPLY.value,
    )
    return place.contact_id if place else None
