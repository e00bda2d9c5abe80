"""How calls come in: one contact per call, whatever arrives twice. Nobody is rung here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from wellbeing.contacts.events import ContactOpened
from wellbeing.contacts.models import CALLER, CONTACT
from wellbeing.contacts.operations import calls, openings
from wellbeing.contacts.operations import conversations as operations
from wellbeing.contacts.rules.calls import CallState, Stage, Started
from wellbeing.contacts.rules.conversations import Channel, ContactState, IncomingCall
from wellbeing.foundation import events
from wellbeing.foundation.database import session
from wellbeing.policy.model import Language

TRIES = 5
SILENT_AFTER = timedelta(seconds=90)
"""A caller who is in the menu for so long without a word of the carrier is gone."""


class CallRace(RuntimeError):
    """A call lost every race for its contact; the carrier asks again."""


def receive_call(*, call: IncomingCall, plan: Sequence[Stage], now: datetime) -> Started:
    """Record a call that comes in, before it is answered; idempotent by its sid.

    `language` of the result is the one this caller chose before, None for a new one.
    """
    for _ in range(TRIES):
        started = _known(call) or _begun(call, plan, now)
        if started is not None:
            return started
    raise CallRace


def record_missed_call(*, call: IncomingCall, at: datetime, now: datetime) -> int | None:
    """Record a call that reached the carrier while we were down; None if we know it already."""
    if _known(call) is not None:
        return None
    started = _begun(call, (), at)
    if started is None:
        return None
    calls.close_missed(contact_id=started.contact_id, at=at, now=now)
    return started.contact_id


def _known(call: IncomingCall) -> Started | None:
    statement = (
        select(CONTACT.c.id, CONTACT.c.public_id, CALLER.c.language)
        .join(CALLER, CALLER.c.id == CONTACT.c.caller_id)
        .where(CONTACT.c.call_sid == call.call_sid)
    )
    row = session().execute(statement).first()
    return _started(row, is_repeat=True) if row else None


def _begun(call: IncomingCall, plan: Sequence[Stage], now: datetime) -> Started | None:
    caller_id, key_id = _known_caller(call), None
    if caller_id is None:
        made = openings.newcomer(sender=call.sender, language=None, now=now)
        if made is None:
            return None
        caller_id, key_id = made.caller_id, made.contact_key_id
    place = openings.new_contact(
        reached=call,
        caller_id=caller_id,
        key_id=key_id,
        now=now,
        channel=Channel.VOICE.value,
        state=ContactState.CALLING.value,
        language=call.language.value,
        waiting_since=now,
        call_sid=call.call_sid,
    )
    if place is None:
        return None
    calls.insert_call(
        contact_id=place.contact_id,
        state=CallState.MENU,
        plan=plan,
        next_step_at=now + SILENT_AFTER,
    )
    operations.count_change(place.contact_id)
    events.publish(ContactOpened(contact_id=place.contact_id, at=now))
    statement = (
        select(CONTACT.c.id, CONTACT.c.public_id, CALLER.c.language)
        .join(CALLER, CALLER.c.id == CONTACT.c.caller_id)
        .where(CONTACT.c.id == place.contact_id)
    )
    return _started(session().execute(statement).one(), is_repeat=False)


def _known_caller(call: IncomingCall) -> int | None:
    index = openings.index_of(sender=call.sender)
    found = session().execute(
        select(CALLER.c.id).where(CALLER.c.number_index == (index or openings.NOBODY))
    )
    return found.scalar_one_or_none()


def _started(row: Any, *, is_repeat: bool) -> Started:
    language = row.language
    return Started(
        contact_id=row.id,
        public_id=row.public_id,
        language=Language(language) if language else None,
        is_repeat=is_repeat,
    )
