"""A counselor's phone is picked up: a key decides, so that no voicemail ever answers a child.

Of several who accept at once one wins, by one guarded UPDATE; the others hear so.
"""

from __future__ import annotations

from datetime import datetime

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import Actor, ActorKind, AuditAction, Subject
from wellbeing.contacts.operations import calls, legs
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import (
    CallEnd,
    CallRow,
    CallState,
    LegKind,
    LegRow,
    LegState,
    NoSuchCall,
)
from wellbeing.escalation import queries as pages
from wellbeing.hotline.rules.texts import LINE_DESK
from wellbeing.hotline.voice import bringing_in, endings, outgoing, ringing
from wellbeing.hotline.voice.saying import prompt
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import DeliveryStatus
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.roster.operations import phones as roster
from wellbeing.roster.rules.phones import PhoneKind
from wellbeing.telephony.steps import Ask, ConnectWaiting, Document, HangUp, Say, Stay

ACCEPT, DECLINE = "1", "2"
LAST_TURN = 1
QUEUE_PATIENCE_S = 10
"""How long a counselor waits for a caller who was in the queue a moment ago."""
SCREENS = {
    LegKind.RING: "leg_screen",
    LegKind.TRANSFER: "leg_screen_transfer",
    LegKind.JOIN: "leg_screen_transfer",
    LegKind.OUT: "leg_screen_outgoing",
}

CARRIER_SAYS = {
    DeliveryStatus.BUSY: LegState.BUSY,
    DeliveryStatus.NO_ANSWER: LegState.NO_ANSWER,
    DeliveryStatus.FAILED: LegState.FAILED,
    DeliveryStatus.CANCELED: LegState.CANCELED,
}


def answered(*, leg_id: str, call_sid: str, now: datetime) -> Document:
    """Ask whoever picked up for a key; in the browser the click was the key."""
    leg, call = _found(leg_id, call_sid)
    if not leg.is_active or call.is_over:
        return _too_late(leg, call, now)
    if leg.state is LegState.TALKING and call.is_conference:
        # They stood at the queue while their caller was led into the conference.
        legs.join_conference(leg=leg)
        return bringing_in.conference(call=call, leg=leg)
    if leg.phone_kind == PhoneKind.CLIENT.value:
        return _accept(leg, call, now)
    legs.move(leg=leg, to=LegState.SCREENING, now=now)
    return (_ask(leg, call, f"/twilio/leg/{leg.public_id}/key/0"),)


def key(*, leg_id: str, turn: int, digits: str, call_sid: str, now: datetime) -> Document:
    """Do what the key asks for; without one it is asked once more, then this leg alone ends."""
    leg, call = _found(leg_id, call_sid)
    if digits == ACCEPT:
        return _accept(leg, call, now)
    if digits == DECLINE:
        ringing.end_leg(leg=leg, to=LegState.DECLINED, now=now)
        return _last_word(leg, "leg_declined")
    if turn < LAST_TURN and leg.is_active:
        return (_ask(leg, call, f"/twilio/leg/{leg.public_id}/key/{turn + 1}"),)
    ringing.end_leg(leg=leg, to=LegState.NO_ANSWER, now=now)
    return _last_word(leg, "leg_no_key")


def done(*, leg_id: str, now: datetime) -> Document:
    """Go on with a counselor whose bridge ended: into the conference, or to the end."""
    leg = queries.leg_by_public_id(public_id=leg_id)
    call = queries.get(contact_id=leg.contact_id)
    goes_on = call.is_conference and not call.is_over
    if goes_on and leg.state is LegState.TALKING and legs.join_conference(leg=leg):
        ringing.has_followed(leg=leg, now=now)
        return bringing_in.conference(call=call, leg=leg)
    bringing_in.leave(leg=leg, now=now)
    return _last_word(leg, "leg_caller_gone")


def leg_settled(*, leg_id: int, status: DeliveryStatus, now: datetime) -> None:
    """Take note that a leg is over at the carrier, and go on at once for the caller."""
    leg = queries.leg(leg_id=leg_id)
    if leg.state is LegState.TALKING:
        bringing_in.leave(leg=leg, now=now)
    elif leg.is_active:
        # Picked up and put down without a key is a voicemail, or a pocket.
        ringing.end_leg(leg=leg, to=CARRIER_SAYS.get(status, LegState.NO_ANSWER), now=now)
        if leg.kind is LegKind.OUT:
            call = queries.get(contact_id=leg.contact_id)
            endings.settle(call=call, ended_as=CallEnd.FAILED, now=now)


def direct(*, leg_id: str, call_sid: str, now: datetime) -> Document:
    """Ask whoever was rung by the caller's own document for a key."""
    del call_sid
    leg = queries.leg_by_public_id(public_id=leg_id)
    call = queries.get(contact_id=leg.contact_id)
    if leg.phone_kind == PhoneKind.CLIENT.value:
        return (Stay(),) if _wins(leg, call, now) else (HangUp(),)
    if not leg.is_active or call.is_over:
        return (HangUp(),)
    legs.move(leg=leg, to=LegState.SCREENING, now=now)
    return (_ask(leg, call, f"/twilio/leg/{leg.public_id}/direct-key"),)


def direct_key(*, leg_id: str, digits: str, call_sid: str, now: datetime) -> Document:
    """Let the bridge come about, or hang this leg up: the caller's document goes on."""
    del call_sid
    leg = queries.leg_by_public_id(public_id=leg_id)
    call = queries.get(contact_id=leg.contact_id)
    if digits == ACCEPT and _wins(leg, call, now):
        return (Stay(),)
    legs.move(leg=leg, to=LegState.DECLINED, now=now)
    return (HangUp(),)


def _found(leg_id: str, call_sid: str) -> tuple[LegRow, CallRow]:
    """Give leg and call; a call that we did not place for this leg knows neither."""
    leg = queries.leg_by_public_id(public_id=leg_id)
    order = outbox.order(outbound_id=leg.outbound_id) if leg.outbound_id is not None else None
    if order is not None and order.sid is not None and order.sid != call_sid:
        raise NoSuchCall
    return leg, queries.get(contact_id=leg.contact_id)


def _accept(leg: LegRow, call: CallRow, now: datetime) -> Document:
    if leg.kind is LegKind.OUT:
        return outgoing.accepted(leg=leg, call=call, now=now)
    if leg.kind is not LegKind.RING:
        return bringing_in.accepted(leg=leg, call=call, now=now)
    if not _wins(leg, call, now):
        return _too_late(leg, call, now)
    voice = policy.current().line.voice
    return (
        prompt("leg_connected_in", _language(leg)),
        ConnectWaiting(
            queue=call.room,
            action=f"/twilio/leg/{leg.public_id}/done",
            timeout_s=QUEUE_PATIENCE_S,
            limit_s=int(voice.talk_limit.total_seconds()),
        ),
    )


def _wins(leg: LegRow, call: CallRow, now: datetime) -> bool:
    """Let one guarded UPDATE decide; the winner asking again has won, unless the caller left."""
    if leg.state is LegState.TALKING:
        return not call.is_over
    if not leg.is_active or not calls.win(
        call=call, leg_id=leg.leg_id, user_id=leg.user_id, now=now
    ):
        return False
    legs.move(leg=leg, to=LegState.TALKING, now=now)
    ringing.stop(contact_id=call.contact_id, besides=leg.leg_id, now=now)
    roster.note_answered_ring(user_id=leg.user_id, now=now)
    audit.record(
        action=AuditAction.CALL_ANSWERED,
        subject=Subject(kind="contact", id=call.contact_id),
        actor=Actor(kind=ActorKind.USER, user_id=leg.user_id),
        now=now,
    )
    return True


def _too_late(leg: LegRow, call: CallRow, now: datetime) -> Document:
    if leg.leg_id == call.winner_leg_id:
        bringing_in.leave(leg=leg, now=now)
        return _last_word(leg, "leg_caller_gone")
    is_taken = call.winner_leg_id is not None or call.state is CallState.ANSWERED
    ringing.end_leg(leg=leg, to=LegState.LATE if is_taken else LegState.GONE, now=now)
    return _last_word(leg, "leg_already_taken" if is_taken else "leg_caller_gone")


def _ask(leg: LegRow, call: CallRow, action: str) -> Ask:
    language = _language(leg)
    sentence = SCREENS[leg.kind]
    if leg.kind is LegKind.RING and call.is_danger:
        sentence = "leg_screen_danger"
    word = pages.code_word(desk=LINE_DESK, language=language)
    screen = policy.current().line.voice.screen
    return Ask(
        prompts=(prompt(sentence, language, code_word=word),),
        digits=1,
        timeout_s=int(screen.total_seconds()),
        action=action,
    )


def _language(leg: LegRow) -> Language:
    return pages.language_of(user_id=leg.user_id)


def _last_word(leg: LegRow, sentence: str) -> tuple[Say, HangUp]:
    return (prompt(sentence, _language(leg)), HangUp())
