"""Write down a contact that was made elsewhere. Its level and its case are not decided here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from wellbeing.contacts.events import ContactOpened
from wellbeing.contacts.models import CALLER, CONTACT, ORIGIN
from wellbeing.contacts.operations import calls, conversations, openings
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.queries import walk_ins
from wellbeing.contacts.rules.conversations import (
    Channel,
    ContactState,
    IncomingCall,
    NotAnAnswer,
    wrong_answers,
)
from wellbeing.contacts.rules.walk_ins import AlreadyRecorded, WalkIn, check_moment
from wellbeing.foundation import events
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy

NO_LINE = ""
"""It came over no line of ours."""


def record(*, walk_in: WalkIn, by: int, now: datetime) -> int:
    """Write a contact down, held by whoever writes it; give its id, also of one there already.

    Raises:
        NotYetHappened: it begins or ends in the future.
        TooLongAgo: it is more than a year ago.
        NotAnAnswer: an answer is not among the choices; `wrong` names which.
        AlreadyRecorded: the same record is being written at this moment.

    """
    known = walk_ins.recorded(origin=walk_in.origin)
    if known is not None:
        return known
    check_moment(walk_in=walk_in, now=now)
    wrong = wrong_answers(facts=walk_in.facts, choices=policy.current().triage)
    if wrong:
        raise NotAnAnswer(wrong=wrong)
    contact_id = _insert(walk_in, by, now)
    _note_origin(walk_in, contact_id, by, now)
    calls.let_in(contact_id=contact_id, user_id=by, now=now)
    conversations.count_change(contact_id)
    events.publish(ContactOpened(contact_id=contact_id, at=now))
    return contact_id


def set_ended(*, contact_id: int, at: datetime) -> None:
    """Keep when a contact that was written down later was really over."""
    session().execute(
        update(CONTACT)
        .where(CONTACT.c.id == contact_id, CONTACT.c.state == ContactState.CLOSED.value)
        .values(ended_at=at)
    )


def _insert(walk_in: WalkIn, by: int, now: datetime) -> int:
    caller_id, key_id = _caller(walk_in, now)
    is_met = walk_in.channel is Channel.WALK_IN
    place = openings.new_contact(
        reached=IncomingCall(
            call_sid="",
            sender=walk_in.number,
            line_number=NO_LINE,
            organization_id=walk_in.organization_id,
            organization_path=walk_in.organization_path,
            language=walk_in.language,
        ),
        caller_id=caller_id,
        key_id=key_id,
        now=walk_in.happened_at,
        channel=walk_in.channel.value,
        state=ContactState.IN_CONVERSATION.value,
        language=walk_in.language.value,
        claimed_by=by,
        claimed_at=now,
        # A letter is read, not answered: nobody spoke with the student.
        first_human_reply_at=walk_in.happened_at if is_met else None,
        **_facts(walk_in),
    )
    if place is None:
        raise RuntimeError("a fresh id met itself")
    return place.contact_id


def _facts(walk_in: WalkIn) -> dict[str, Any]:
    found = {name: getattr(walk_in.facts, name) for name in queries.FACTS}
    return found | {"reasons": list(walk_in.facts.reasons)}


def _caller(walk_in: WalkIn, now: datetime) -> tuple[int, uuid.UUID | None]:
    """Find or make the caller; with a new one comes the key of their first contact."""
    known = select(CALLER.c.id).where(
        CALLER.c.number_index == (openings.index_of(sender=walk_in.number) or openings.NOBODY)
    )
    found = session().execute(known).scalar_one_or_none()
    if found is not None:
        return found, None
    made = openings.newcomer(sender=walk_in.number, language=None, now=now)
    if made is None:
        return session().execute(known).scalar_one(), None
    return made.caller_id, made.contact_key_id


def _note_origin(walk_in: WalkIn, contact_id: int, by: int, now: datetime) -> None:
    statement = conversations.meeting(ORIGIN).values(
        contact_id=contact_id,
        origin_index=walk_ins.index_of(origin=walk_in.origin),
        by_user_id=by,
        at=now,
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(ORIGIN.c.contact_id))
    if made.scalar() is None:
        raise AlreadyRecorded
