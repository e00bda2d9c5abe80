"""What promises do by themselves: texts go out, windows pass, holders are told. Each once.

Jobs call `advance` in a transaction per promise; which ones are due, queries tell.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from wellbeing.cases.queries import cases, consents, unasked
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import ContactRow
from wellbeing.followups import queries
from wellbeing.followups.events import FollowUpMissed
from wellbeing.followups.operations import hours, moves
from wellbeing.followups.queries import FollowUpRow
from wellbeing.followups.rules import (
    TEXTED,
    Entry,
    FollowUpState,
    is_allowed,
    next_tell,
    sensible_moment,
)
from wellbeing.foundation import events
from wellbeing.foundation.crypto import ring
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.operations import UnsafeText
from wellbeing.messaging.rules import NewText, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import FollowUpKind, RiskLevel

logger = logging.getLogger(__name__)

PURPOSES = {
    FollowUpKind.CHECK_IN: (Purpose.CHECK_IN, "check_in"),
    FollowUpKind.CARING_CONTACT: (Purpose.CARING, "caring_contact"),
}
"""Why a text goes out, and the key of its wording."""


def advance(follow_up_id: int, *, now: datetime) -> bool:
    """Do the due step of one promise, once: send it, miss it, tell the next holder.

    False when nothing is due, or another process did it.
    """
    row = queries.by_id(follow_up_id=follow_up_id)
    if row.next_step_at is None or row.next_step_at > now or not row.is_open:
        return False
    if row.state is FollowUpState.PLANNED and row.kind in TEXTED and now < row.window_end:
        return _send(row, now)
    if row.state is FollowUpState.SENT and row.kind is FollowUpKind.CARING_CONTACT:
        return moves.settle(row=row, state=FollowUpState.KEPT, now=now)
    return _tell(row, now)


def _send(row: FollowUpRow, now: datetime) -> bool:
    if row.case_id is None:
        # Texts are promised to cases only (the table refuses others); a person calls instead.
        return moves.turn_into_call(row=row, cause="no_case", now=now)
    case = cases.case_by_id(case_id=row.case_id)
    if case.closed_at is not None:
        return moves.settle(row=row, state=FollowUpState.CANCELLED, now=now)
    followups = hours.of_case(case_id=row.case_id)
    if not is_allowed(policy=followups, moment=now):
        # The sweep came late; the hour has passed, the promise has not.
        later = sensible_moment(policy=followups, earliest=now, latest=row.window_end)
        return moves.replan(row=row, due_at=later)
    contact = _reachable_contact(row.case_id)
    number = contacts.number_of(contact_id=contact.contact_id) if contact else None
    if contact is None or number is None or _is_not_wished(row, number):
        cause = "not_wished" if number else "no_number"
        return moves.turn_into_call(row=row, cause=cause, now=now)
    said = _words(row, case, contact)
    try:
        messaging.refuse_unsafe(body=said.body, never_say=said.never)
    except UnsafeText:
        logger.exception("a template says too much", extra={"follow_up_id": row.follow_up_id})
        return moves.turn_into_call(row=row, cause="unsafe_wording", now=now)
    # Claimed before the order is written: of two processes the loser queues nothing.
    claimed = moves.change(
        row=row,
        state=FollowUpState.SENT.value,
        step=row.step + 1,
        next_step_at=row.window_end,
        sent_at=now,
        contact_id=contact.contact_id,
        number_index=ring.blind_index(purpose="phone", value=number),
        line_number=contact.line_number,
    )
    if claimed:
        _queue(replace(row, version=row.version + 1), contact, number, said, now)
    return claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What is texted, and what it may on no account contain."""

    purpose: Purpose
    body: str
    never: tuple[str, ...]


def _words(row: FollowUpRow, case: CaseRow, contact: ContactRow) -> _Words:
    purpose, key = PURPOSES[row.kind]
    return _Words(
        purpose=purpose,
        body=policy.current().prompts.text(key=key, language=contact.language),
        never=unasked.never_said(contact_id=contact.contact_id, case=case, user_ids=[row.owner_id]),
    )


def _queue(row: FollowUpRow, contact: ContactRow, number: str, said: _Words, now: datetime) -> None:
    order = NewText(
        to=number,
        from_number=contact.line_number,
        body=said.body,
        purpose=said.purpose,
        purpose_id=row.follow_up_id,
        data_key_id=contact.data_key_id,
        urgency=RiskLevel.LOW,
        scheduled=True,
        expires_at=row.window_end,
        never_say=said.never,
        has_lessons=bool(hours.of_case(case_id=row.case_id).class_hours),
    )
    outbound_id = messaging.queue_text(order=order, now=now)
    moves.change(row=row, outbound_id=outbound_id)
    moves.add_attempt(row=row, by=None, outcome=None, now=now, outbound_id=outbound_id)
    facts = {"kind": row.kind.value, "outbound_id": outbound_id}
    moves.note(row=row, kind=Entry.SENT, by=None, now=now, facts=facts)


def _is_not_wished(row: FollowUpRow, number: str) -> bool:
    """Ask at the last moment: what was agreed when the promise was made may not hold any more."""
    return row.case_id is not None and consents.forbids_texts(case_id=row.case_id, number=number)


def _reachable_contact(case_id: int) -> ContactRow | None:
    for contact_id in reversed(cases.contacts_of(case_id=case_id)):
        contact = contacts.contact_by_id(contact_id=contact_id)
        if contact.has_number:
            return contact
    return None


def _tell(row: FollowUpRow, now: datetime) -> bool:
    followups = policy.current().followups
    this = next_tell(policy=followups, window_end=row.window_end, told=row.told)
    is_due = this.at <= now
    told = row.told + 1 if is_due else row.told
    following = next_tell(policy=followups, window_end=row.window_end, told=told)
    moved = moves.change(
        row=row,
        state=FollowUpState.MISSED.value,
        step=row.step + 1,
        told=told,
        next_step_at=following.at,
    )
    if not moved or not is_due:
        return moved
    facts = {"holder": this.holder.value}
    moves.note(row=row, kind=Entry.MISSED, by=None, now=now, facts=facts)
    events.publish(
        FollowUpMissed(
            follow_up_id=row.follow_up_id,
            case_id=row.case_id,
            contact_id=row.promised_contact_id,
            owner_id=row.owner_id,
            organization_id=row.organization_id,
            holder=this.holder,
            level=row.level,
            at=now,
        )
    )
    return moved
