"""How a call moves: queued, won by one, left, ended. Every move is one guarded UPDATE.

Who is rung is decided in `hotline`; the legs themselves are in `legs`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, func, insert, or_, select, update

from wellbeing.accounts.operations import grants as accounts
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.contacts.events import ContactClaimed, ContactOpened
from wellbeing.contacts.models import CALL, CONTACT, LEG
from wellbeing.contacts.operations import conversations, openings
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.queries.conversations import GRANT_SUBJECT
from wellbeing.contacts.rules.calls import CallEnd, CallRow, CallState, Stage
from wellbeing.contacts.rules.conversations import Channel, ContactState, Disposition, IncomingCall
from wellbeing.foundation import events
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy

SPARE = timedelta(minutes=5)
"""A call longer than the policy allows by so much has ended without our being told."""


def insert_call(
    *,
    contact_id: int,
    state: CallState,
    plan: Sequence[Stage],
    next_step_at: datetime | None,
    is_outgoing: bool = False,
) -> None:
    """Store a call with its ring plan as it is now."""
    row = {
        "contact_id": contact_id,
        "is_outgoing": is_outgoing,
        "state": state.value,
        "is_danger": False,
        "is_direct": False,
        "plan": stored(plan=plan),
        "stage": -1,
        "rung_before": 0,
        "next_step_at": next_step_at,
        "waited": 0,
        "is_conference": False,
        "is_on_hold": False,
    }
    session().execute(insert(CALL), row)


def stored(*, plan: Sequence[Stage]) -> list[dict[str, Any]]:
    """Write a plan as it is kept with its call."""
    return [
        {
            "key": stage.key,
            "places": [[place.organization_id, place.desk] for place in stage.places],
            "seconds": stage.lasts.total_seconds(),
            "user_id": stage.user_id,
        }
        for stage in plan
    ]


def locked(*, contact_id: int) -> CallRow:
    """Give a call for a decision; whoever else wants to decide waits until this one is done."""
    lock = select(CALL.c.contact_id).where(CALL.c.contact_id == contact_id).with_for_update()
    session().execute(lock)
    return queries.get(contact_id=contact_id)


def queue(*, contact_id: int, plan: Sequence[Stage] | None, is_danger: bool, now: datetime) -> bool:
    """Let a caller wait for a human from now on; a new plan starts at its first stage."""
    values: dict[str, Any] = {"state": CallState.QUEUED.value, "next_step_at": now}
    if plan is not None:
        values |= _from_the_start(contact_id, plan)
    if is_danger:
        values["is_danger"] = True
    waiting = (CallState.MENU.value, CallState.QUEUED.value)
    return _move(contact_id, CALL.c.state.in_(waiting), **values)


def again(*, contact_id: int, plan: Sequence[Stage], next_step_at: datetime) -> bool:
    """Let a caller wait again, whose counselor's line broke, or who was thought to be gone."""
    moved = _move(
        contact_id,
        CALL.c.state.in_((CallState.ANSWERED.value, CallState.ENDED.value)),
        state=CallState.QUEUED.value,
        **_from_the_start(contact_id, plan),
        next_step_at=next_step_at,
        is_direct=False,
        winner_leg_id=None,
        left_at=None,
        ended_at=None,
        ended_as=None,
        is_conference=False,
        conference_sid=None,
        is_on_hold=False,
    )
    if moved:
        changed(
            update(CONTACT)
            .where(CONTACT.c.id == contact_id, CONTACT.c.state == ContactState.CLOSED.value)
            .values(
                state=ContactState.CALLING.value,
                ended_at=None,
                disposition=None,
                version=CONTACT.c.version + 1,
            )
        )
    return moved


def set_stage(
    *, contact_id: int, stage: int, ends_at: datetime | None, next_step_at: datetime | None
) -> None:
    """Note which stage of the plan rings, until when, and what comes next."""
    _move(
        contact_id,
        CALL.c.state == CallState.QUEUED.value,
        stage=stage,
        stage_ends_at=ends_at,
        next_step_at=next_step_at,
    )


def note_told(*, contact_id: int) -> None:
    """Count that the waiting caller was told what is going on."""
    changed(update(CALL).where(CALL.c.contact_id == contact_id).values(waited=CALL.c.waited + 1))


def win(*, call: CallRow, leg_id: int, user_id: int, now: datetime) -> bool:
    """Give a call to whoever accepted first: one guarded UPDATE decides (promise P3).

    Repeated for the winner it says yes again; for everybody else, and once the caller left, no.
    """
    limit = policy.current().line.voice.talk_limit
    won = _move(
        call.contact_id,
        CALL.c.state == CallState.QUEUED.value,
        CALL.c.left_at.is_(None),
        CALL.c.winner_leg_id.is_(None),
        state=CallState.ANSWERED.value,
        winner_leg_id=leg_id,
        answered_at=now,
        next_step_at=now + limit + SPARE,
    )
    if not won:
        return queries.get(contact_id=call.contact_id).winner_leg_id == leg_id
    hand_over(contact_id=call.contact_id, user_id=user_id, now=now)
    return True


def hand_over(*, contact_id: int, user_id: int, now: datetime) -> None:
    """Give the contact of a call to a counselor, who opens and closes it from now on."""
    before = session().execute(select(CONTACT.c.claimed_by).where(CONTACT.c.id == contact_id))
    holder = before.scalar_one()
    if holder == user_id:
        return
    answered = (
        update(CONTACT)
        .where(CONTACT.c.id == contact_id)
        .values(
            state=ContactState.IN_CONVERSATION.value,
            claimed_by=user_id,
            claimed_at=now,
            waiting_since=None,
            unanswered_since=None,
            next_page_at=None,
            version=CONTACT.c.version + 1,
        )
    )
    changed(answered)
    first = CONTACT.c.first_human_reply_at.is_(None)
    changed(
        update(CONTACT).where(CONTACT.c.id == contact_id, first).values(first_human_reply_at=now)
    )
    if holder is not None:
        accounts.end_grants(
            subject_kind=GRANT_SUBJECT, subject_id=contact_id, user_id=holder, now=now
        )
    let_in(contact_id=contact_id, user_id=user_id, now=now)
    conversations.count_change(contact_id)
    events.publish(ContactClaimed(contact_id=contact_id, user_id=user_id, at=now))


def let_in(*, contact_id: int, user_id: int, now: datetime) -> None:
    """Let a colleague who talks with the student open the contact."""
    accounts.grant_access(
        user_id=user_id,
        subject_kind=GRANT_SUBJECT,
        subject_id=contact_id,
        kind=GrantKind.ASSIGNMENT,
        now=now,
    )


def leave(*, contact_id: int, to: CallState, now: datetime) -> bool:
    """Take a caller out of the queue before anybody won; from then on nobody can.

    Tells True also when they had left for the same place before.
    """
    _move(
        contact_id,
        CALL.c.state.in_((CallState.MENU.value, CallState.QUEUED.value)),
        CALL.c.winner_leg_id.is_(None),
        state=to.value,
        left_at=now,
        next_step_at=now + policy.current().line.voice.talk_limit,
    )
    return queries.get(contact_id=contact_id).state is to


def take_message(*, contact_id: int) -> None:
    """Note that a caller whom nobody could answer leaves a message."""
    _move(
        contact_id,
        CALL.c.state == CallState.LIFELINE.value,
        state=CallState.VOICEMAIL.value,
    )


def go_direct(*, contact_id: int, until: datetime) -> bool:
    """Let the caller's own document ring people, because nobody delivers; it asks again by then."""
    return _move(
        contact_id,
        CALL.c.state == CallState.QUEUED.value,
        CALL.c.winner_leg_id.is_(None),
        is_direct=True,
        next_step_at=until,
    )


def end(*, contact_id: int, ended_as: CallEnd, now: datetime) -> bool:
    """End a call, once; tell whether this was it."""
    return _move(
        contact_id,
        CALL.c.state != CallState.ENDED.value,
        state=CallState.ENDED.value,
        ended_as=ended_as.value,
        ended_at=now,
        left_at=now,
        next_step_at=None,
        is_on_hold=False,
    )


def close_unanswered(*, contact_id: int, disposition: Disposition, now: datetime) -> bool:
    """Close the contact of a call that nobody answered; tell whether it was open."""
    return _settle(
        contact_id,
        state=ContactState.CLOSED.value,
        ended_at=now,
        disposition=disposition.value,
    )


def leave_waiting(*, contact_id: int, now: datetime) -> bool:
    """Keep the contact of a call that ended in danger: it waits for a human, and they are paged."""
    return _settle(
        contact_id,
        state=ContactState.WAITING.value,
        urgency_at=now,
        page_step=0,
        next_page_at=now,
    )


def close_missed(*, contact_id: int, at: datetime, now: datetime) -> None:
    """Settle a call that came in while we were down; it was answered by the carrier's fallback."""
    end(contact_id=contact_id, ended_as=CallEnd.FAILED, now=at)
    close_unanswered(contact_id=contact_id, disposition=Disposition.LIFELINE, now=now)


def begin_outgoing(*, call: IncomingCall, caller_id: int, by: int, now: datetime) -> int:
    """Make the contact of a call to a student, held by the counselor who makes it; give its id."""
    place = openings.new_contact(
        reached=call,
        caller_id=caller_id,
        now=now,
        channel=Channel.VOICE.value,
        state=ContactState.IN_CONVERSATION.value,
        language=call.language.value,
        call_sid=f"outgoing:{secrets.token_hex(8)}",
        claimed_by=by,
        claimed_at=now,
        first_human_reply_at=now,
    )
    if place is None:
        raise RuntimeError("a fresh id met itself")
    limit = policy.current().line.voice.talk_limit
    insert_call(
        contact_id=place.contact_id,
        state=CallState.ANSWERED,
        plan=(),
        next_step_at=now + limit + SPARE,
        is_outgoing=True,
    )
    let_in(contact_id=place.contact_id, user_id=by, now=now)
    conversations.count_change(place.contact_id)
    events.publish(ContactOpened(contact_id=place.contact_id, at=now))
    return place.contact_id


def expect_caller(*, contact_id: int, until: datetime) -> None:
    """Note that nobody talks with the caller any more: without a word until then they are gone."""
    _move(contact_id, CALL.c.state == CallState.ANSWERED.value, next_step_at=until)


def confer(*, contact_id: int) -> bool:
    """Note that the call moves into a conference; tell whether it was news."""
    return _move(
        contact_id,
        CALL.c.state == CallState.ANSWERED.value,
        CALL.c.is_conference.is_(False),
        is_conference=True,
    )


def note_conference(*, contact_id: int, conference_sid: str) -> None:
    """Keep the carrier's id of the conference; the first one told is the one."""
    _move(contact_id, CALL.c.conference_sid.is_(None), conference_sid=conference_sid)


def set_hold(*, contact_id: int, held: bool) -> bool:
    """Note that the caller is put on hold or taken back; tell whether it was news."""
    return _move(
        contact_id,
        CALL.c.state == CallState.ANSWERED.value,
        CALL.c.is_on_hold.is_not(held),
        is_on_hold=held,
    )


def _from_the_start(contact_id: int, plan: Sequence[Stage]) -> dict[str, Any]:
    newest = select(func.coalesce(func.max(LEG.c.id), 0)).where(LEG.c.contact_id == contact_id)
    return {
        "plan": stored(plan=plan),
        "stage": -1,
        "stage_ends_at": None,
        "rung_before": newest.scalar_subquery(),
    }


def _settle(contact_id: int, **values: Any) -> bool:
    open_states = (ContactState.CALLING.value, ContactState.WAITING.value)
    settled = (
        update(CONTACT)
        .where(
            CONTACT.c.id == contact_id,
            CONTACT.c.state.in_(open_states),
            or_(CONTACT.c.claimed_by.is_(None), CONTACT.c.state == ContactState.CALLING.value),
        )
        .values(version=CONTACT.c.version + 1, **values)
    )
    if changed(settled) != 1:
        return False
    conversations.count_change(contact_id)
    return True


def _move(contact_id: int, *guards: Any, **values: Any) -> bool:
    moved: Update = update(CALL).where(CALL.c.contact_id == contact_id, *guards).values(**values)
    if changed(moved) != 1:
        return False
    conversations.count_change(contact_id)
    return True
