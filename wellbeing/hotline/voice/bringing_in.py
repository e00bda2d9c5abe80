"""A third voice in a call: warm transfer, a supervisor who joins, hold. All in one conference.

The caller alone is moved by an order to the carrier; the counselor's own document follows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.contacts.operations import calls, legs
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import (
    BusyNow,
    CallRow,
    CallState,
    LegKind,
    LegRow,
    LegState,
    NotInACall,
)
from wellbeing.escalation import queries as pages
from wellbeing.hotline.voice import endings, ringing
from wellbeing.hotline.voice.saying import path, prompt
from wellbeing.messaging import operations as messaging
from wellbeing.messaging.rules import CallChange
from wellbeing.roster.queries import phones as roster
from wellbeing.telephony.steps import Document, HangUp, JoinConference

JOINED = "participant-join"
HEARD_WITHIN = timedelta(seconds=60)
"""A caller whose last talker left asks us for the next document at once, or is gone."""


class CannotBeReached(BusyNow):
    """This colleague has no phone that could ring now."""


def bring_in(*, contact_id: int, by: int, user_id: int, kind: LegKind, now: datetime) -> None:
    """Ring a colleague for a call that goes on; who brings them in stays until they leave.

    Raises:
        NotInACall: only whoever talks with the student brings somebody in.
        CannotBeReached: the colleague has no phone that could ring.
        BusyNow: the colleague is in a call.

    """
    call = _mine(contact_id, by)
    person = roster.reachable(user_id=user_id, at=now)
    if person is None:
        raise CannotBeReached
    if ringing.place(call=call, who=person, kind=kind, now=now) is None:
        raise BusyNow
    audit.record(
        action=AuditAction.BROUGHT_IN,
        subject=Subject(kind="contact", id=contact_id),
        actor=Actor(kind=ActorKind.USER, user_id=by),
        details={"user_id": user_id, "kind": kind.value},
        now=now,
    )


def accepted(*, leg: LegRow, call: CallRow, now: datetime) -> Document:
    """Let a colleague who was brought in into the conference; everybody else follows."""
    language = pages.language_of(user_id=leg.user_id)
    if call.state is not CallState.ANSWERED:
        ringing.end_leg(leg=leg, to=LegState.GONE, now=now)
        return (prompt("leg_caller_gone", language), HangUp())
    if leg.state is not LegState.TALKING:
        legs.move(leg=leg, to=LegState.TALKING, now=now)
        legs.join_conference(leg=queries.leg(leg_id=leg.leg_id))
        calls.let_in(contact_id=call.contact_id, user_id=leg.user_id, now=now)
        _confer(call, now)
    return (prompt("leg_connected_in", language), *conference(call=call, leg=leg))


def conference(*, call: CallRow, leg: LegRow) -> Document:
    """Give the conference as a counselor joins it: their leaving does not end it."""
    return (
        JoinConference(
            name=call.room,
            action=f"/twilio/leg/{leg.public_id}/done",
            ends_it=False,
            status=f"/twilio/conference/{call.public_id}",
        ),
    )


def moved(*, public_id: str, now: datetime) -> Document:
    """Give the caller who was moved the conference; if nobody is left in it, they wait again."""
    call = queries.by_public_id(public_id=public_id)
    if not _talking(call):
        return endings.reconnect(call=call, now=now)
    ringing.follow(call=call, not_before=now + endings.MEET_SOON, now=now)
    return (
        prompt("hold_moment" if call.is_on_hold else "transfer_moment", call.language),
        JoinConference(
            name=call.room,
            action=path(call, "left"),
            ends_it=True,
            status=f"/twilio/conference/{call.public_id}",
        ),
    )


def conference_event(
    *, public_id: str, conference_sid: str, event: str, call_sid: str, now: datetime
) -> None:
    """Keep the carrier's id of the conference; hold the caller who comes into it on hold."""
    call = queries.by_public_id(public_id=public_id)
    calls.note_conference(contact_id=call.contact_id, conference_sid=conference_sid)
    if event == JOINED and call_sid == call.call_sid and call.is_on_hold:
        _order_hold(call, conference_sid, now, held=True)


def hold(*, contact_id: int, by: int, held: bool, now: datetime) -> None:
    """Let the caller hear music for a while, or take them back.

    Raises:
        NotInACall: only whoever talks with the student holds them.

    """
    call = _mine(contact_id, by)
    if not calls.set_hold(contact_id=contact_id, held=held):
        return
    if call.conference_sid is not None:
        _order_hold(call, call.conference_sid, now, held=held)
    elif held:
        _confer(call, now)


def hang_up(*, contact_id: int, by: int, now: datetime) -> None:
    """End a call for everybody, because its counselor says that it is at its end.

    Raises:
        NotInACall: only whoever talks with the student ends it.

    """
    call = _mine(contact_id, by)
    if call.is_outgoing:
        _hang_up_legs(call, now)
    else:
        messaging.queue_end(
            call_sid=call.call_sid,
            purpose_id=contact_id,
            public_id=call.public_id,
            data_key_id=call.data_key_id,
            urgency=call.urgency,
            now=now,
        )
    endings.finish(call=call, now=now)
    if not call.is_outgoing:
        endings.release_unmet(call=call, now=now)


def leave(*, leg: LegRow, now: datetime) -> None:
    """See to a call that one of its talkers left: the contact goes on to whoever stays."""
    if not legs.move(leg=leg, to=LegState.ENDED, now=now):
        return
    call = queries.get(contact_id=leg.contact_id)
    if call.is_over:
        return
    if call.is_outgoing:
        endings.finish(call=call, now=now)
        return
    staying = _talking(call)
    if staying and call.claimed_by == leg.user_id:
        calls.hand_over(contact_id=call.contact_id, user_id=staying[0].user_id, now=now)
    elif not staying:
        calls.expect_caller(contact_id=call.contact_id, until=now + HEARD_WITHIN)
        if call.is_conference:
            # Nobody may be left alone in a conference: the caller waits for a human again.
            _move_caller(call, now)


def _mine(contact_id: int, by: int) -> CallRow:
    call = queries.get(contact_id=contact_id)
    if call.is_over or queries.talking_leg(contact_id=contact_id, user_id=by) is None:
        raise NotInACall
    return call


def _talking(call: CallRow) -> tuple[LegRow, ...]:
    found = queries.legs_of(contact_id=call.contact_id)
    return tuple(leg for leg in found if leg.state is LegState.TALKING)


def _confer(call: CallRow, now: datetime) -> None:
    if calls.confer(contact_id=call.contact_id):
        _move_caller(call, now)


def _move_caller(call: CallRow, now: datetime) -> None:
    messaging.queue_redirect(
        call_sid=call.call_sid,
        purpose_id=call.contact_id,
        public_id=call.public_id,
        data_key_id=call.data_key_id,
        urgency=call.urgency,
        now=now,
    )


def _order_hold(call: CallRow, conference_sid: str, now: datetime, *, held: bool) -> None:
    messaging.queue_hold(
        conference_sid=conference_sid,
        call_sid=call.call_sid,
        held=held,
        contact_id=call.contact_id,
        data_key_id=call.data_key_id,
        now=now,
    )


def _hang_up_legs(call: CallRow, now: datetime) -> None:
    for leg in _talking(call):
        if leg.outbound_id is not None:
            messaging.queue_call_change(
                outbound_id=leg.outbound_id, change=CallChange.HANG_UP, now=now
            )
