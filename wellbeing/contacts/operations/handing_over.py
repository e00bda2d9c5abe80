"""A counselor hands a conversation to a colleague, with a note. Who may take it, the door lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, update

from wellbeing.accounts.operations import grants
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.contacts.events import ContactClaimed
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.operations import conversations, drafts
from wellbeing.contacts.queries import conversations as queries
from wellbeing.contacts.rules.conversations import (
    Channel,
    ContactState,
    NotYours,
    SameCounselor,
    TheirHandsAreFull,
)
from wellbeing.foundation import events
from wellbeing.foundation.database import changed
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel


def hand_over(*, contact_id: int, by: int, to: Scope, note: str, now: datetime) -> None:
    """Give a conversation to a colleague, whose answer is awaited from now on.

    Left unanswered by them at an urgent level it goes back to the queue like any other.

    Raises:
        NotFound: the colleague may not see contacts of this unit.
        NotYours: it is not this counselor's conversation (any more).
        SameCounselor: the colleague is this counselor.
        TheirHandsAreFull: the colleague holds as many as one person can; red is never refused.

    """
    if to.user_id == by:
        raise SameCounselor
    queries.state_of(contact_id=contact_id, scope=to)
    cap = policy.current().line.text.counselor_thread_cap
    is_full = queries.conversations_held(user_id=to.user_id) >= cap
    lowest = RiskLevel.IMMINENT if is_full else RiskLevel.LOW
    held = update(CONTACT).where(
        CONTACT.c.id == contact_id,
        CONTACT.c.claimed_by == by,
        CONTACT.c.state == ContactState.IN_CONVERSATION.value,
        CONTACT.c.urgency >= lowest.value,
    )
    # Of somebody who came in person nobody waits for an answer at the other end.
    is_on_line = CONTACT.c.channel.in_([one.value for one in Channel if one.is_on_line])
    awaited = case((is_on_line, func.coalesce(CONTACT.c.unanswered_since, now)))
    moved = {"claimed_by": to.user_id, "claimed_at": now, "unanswered_since": awaited}
    if changed(held.values(**moved, version=CONTACT.c.version + 1)) != 1:
        is_held = queries.contact_by_id(contact_id=contact_id).claimed_by == by
        raise TheirHandsAreFull if is_held else NotYours
    _move_access(contact_id, by, to.user_id, now)
    if note.strip():
        conversations.add_note(contact_id=contact_id, note=note)
    drafts.throw_away(contact_id=contact_id, user_id=by)
    conversations.count_change(contact_id)
    events.publish(ContactClaimed(contact_id=contact_id, user_id=to.user_id, at=now))


def _move_access(contact_id: int, by: int, to: int, now: datetime) -> None:
    about: dict[str, Any] = {"subject_kind": queries.GRANT_SUBJECT, "subject_id": contact_id}
    grants.end_grants(**about, user_id=by, now=now)
    grants.grant_access(**about, user_id=to, kind=GrantKind.ASSIGNMENT, now=now)
