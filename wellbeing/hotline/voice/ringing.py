"""The hunt for a human: stage by stage, several phones at once, each step repeated without harm.

The wait loop and the sweep both call `advance`; the one with the lock moves, the other sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wellbeing.contacts.operations import calls, legs
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import (
    MISSED,
    RINGING,
    CallRow,
    CallState,
    LegKind,
    LegRow,
    LegState,
    NewLeg,
    Stage,
)
from wellbeing.hotline import operations
from wellbeing.hotline.rules import ringing as rules
from wellbeing.hotline.rules.ringing import Move
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.messaging.rules import CallChange, DeliveryStatus, NewCall, Purpose
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language
from wellbeing.roster.operations import phones as roster_operations
from wellbeing.roster.queries import phones as roster
from wellbeing.roster.rules.phones import Available

logger = logging.getLogger(__name__)

SCREENS = 2
SPOKEN = timedelta(seconds=8)
"""A screening asks twice; its words take about so long each time."""
LATE_AFTER = timedelta(seconds=10)
"""A ring that could not go out for so long would ring beside the next stage's."""


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who could be rung for a stage now, and how many more would if they were not in a call."""

    free: tuple[Available, ...]
    busy: int


def advance(*, contact_id: int, now: datetime) -> CallRow:
    """Do what is due for a waiting caller, and give the call as it stands then. Idempotent."""
    call = calls.locked(contact_id=contact_id)
    rung = queries.legs_of(contact_id=contact_id)
    for _ in range(len(call.plan) + 3):
        if call.state is not CallState.QUEUED:
            return call
        crew = _crew(call, rung, now)
        standing = _standing(call, rung, crew, now)
        move = rules.decide(at=standing, at_once=_at_once(), now=now)
        if move is Move.RING:
            rung = (*rung, *_ring(call, crew.free[: _at_once() - standing.ringing], now))
        elif move is Move.NEXT_STAGE:
            call = _next_stage(call, rung, now)
        else:
            return _rest(call, standing, move, now)
    return call


def is_settled(*, call: CallRow, now: datetime) -> bool:
    """Tell, without a lock, that nothing is to be done for a waiting caller at this fetch.

    That is so at most of them: a stage rings, its time is not over, and either the sweep looks
    within seconds, or everybody was rung who is on call for it, or as many ring as may at once.
    """
    is_ringing = call.state is CallState.QUEUED and 0 <= call.stage < len(call.plan)
    if not is_ringing or call.next_step_at is None or call.next_step_at <= now:
        return False
    if call.next_step_at - now <= rules.LOOK_AGAIN:
        return True
    of_stage = [leg for leg in queries.legs_of(contact_id=call.contact_id) if _is_of(leg, call)]
    ringing = sum(leg.state in RINGING for leg in of_stage)
    return ringing > 0 and (ringing >= _at_once() or _is_all_rung(call, of_stage, now))


def _is_all_rung(call: CallRow, legs_of_stage: Iterable[LegRow], now: datetime) -> bool:
    stage = call.plan[call.stage]
    if stage.user_id is not None:
        return True
    places = [(one.organization_id, one.desk) for one in stage.places]
    on_call = roster.ids_on_call(places=places, at=now)
    return on_call <= {leg.user_id for leg in legs_of_stage}


def place(*, call: CallRow, who: Available, kind: LegKind, now: datetime) -> LegRow | None:
    """Ring one person for a call; None when they are in another one at this moment."""
    leg = legs.place(
        new=NewLeg(
            contact_id=call.contact_id,
            user_id=who.user_id,
            kind=kind,
            phone_kind=who.phone_kind.value,
            stage=call.stage,
        ),
        now=now,
    )
    if leg is None or call.is_direct:
        return leg
    ring = policy.current().line.voice.ring
    order = NewCall(
        to=who.address,
        from_number=call.line_number,
        purpose=Purpose.RING,
        purpose_id=leg.leg_id,
        public_id=leg.public_id,
        data_key_id=call.data_key_id,
        urgency=call.urgency,
        expires_at=now + ring + LATE_AFTER,
        ring_seconds=int(ring.total_seconds()),
    )
    legs.set_order(leg_id=leg.leg_id, outbound_id=messaging.queue_call(order=order, now=now))
    return leg


def stop(*, contact_id: int, besides: int | None, now: datetime) -> None:
    """Let the phones fall silent that still ring for a call; who picked up is told so."""
    for leg in queries.legs_of(contact_id=contact_id):
        is_silent = leg.state in {LegState.PLACING, LegState.RINGING}
        if leg.leg_id == besides or not is_silent:
            continue
        if legs.move(leg=leg, to=LegState.CANCELED, now=now) and leg.outbound_id is not None:
            messaging.withdraw(outbound_id=leg.outbound_id, now=now)


def end_direct(*, call: CallRow, now: datetime) -> None:
    """End the legs that the caller's own document rang: the carrier tells of them only there."""
    for leg in queries.legs_of(contact_id=call.contact_id):
        if leg.outbound_id is None and leg.is_active:
            is_talk = leg.state is LegState.TALKING
            legs.move(leg=leg, to=LegState.ENDED if is_talk else LegState.NO_ANSWER, now=now)


def release(*, call: CallRow, not_before: datetime, now: datetime) -> None:
    """Let colleagues hear that the caller is gone whom they wait for where nobody comes any more.

    Without it a counselor sits in silence: in front of an empty queue until the dial gives up, in
    a conference without a caller for ever. A talk that ended by itself takes no harm from it.
    """
    for leg in queries.legs_of(contact_id=call.contact_id):
        if leg.state is LegState.TALKING and leg.kind is not LegKind.OUT:
            _lead_on(leg, not_before, now)


def follow(*, call: CallRow, not_before: datetime, now: datetime) -> None:
    """Let colleagues come after a caller who was led into a conference.

    Whose talk ends by it comes by themselves; who accepted and had not met the caller yet stands
    at a queue that stays empty.
    """
    for leg in queries.legs_of(contact_id=call.contact_id):
        if leg.state is LegState.TALKING and not leg.is_in_conference:
            _lead_on(leg, not_before, now)


def has_followed(*, leg: LegRow, now: datetime) -> None:
    """Take back what would lead a colleague on who has come already."""
    messaging.withdraw_redirect(purpose=Purpose.RING, purpose_id=leg.leg_id, now=now)


def note_moved(*, leg_id: int, status: DeliveryStatus, now: datetime) -> None:
    """Take note that a phone rings; that it was picked up its own document tells."""
    if status is DeliveryStatus.RINGING:
        legs.move(leg=queries.leg(leg_id=leg_id), to=LegState.RINGING, now=now)


def end_leg(*, leg: LegRow, to: LegState, now: datetime) -> bool:
    """End a leg, count a missed ring, and ring whoever is next; tell whether this ended it."""
    if not legs.move(leg=leg, to=to, now=now):
        return False
    if to in MISSED and leg.kind is LegKind.RING:
        roster_operations.note_missed_ring(user_id=leg.user_id, now=now)
    if leg.kind is LegKind.RING and to is not LegState.ENDED:
        advance(contact_id=leg.contact_id, now=now)
    return True


def people_of(*, stage: Stage, language: Language, now: datetime) -> tuple[Available, ...]:
    """List who can be rung for a stage now, those who speak the caller's language first."""
    if stage.user_id is not None:
        one = roster.reachable(user_id=stage.user_id, at=now)
        return (one,) if one is not None else ()
    found: dict[int, Available] = {}
    for where in stage.places:
        for person in roster.available_at(
            organization_id=where.organization_id, desk=where.desk, at=now
        ):
            found.setdefault(person.user_id, person)
    return rules.speakers_first(people=found.values(), language=language)


def is_exhausted(*, call: CallRow, now: datetime) -> bool:
    """Tell whether a waiting caller has nobody left to wait for: nobody's phone is picked up."""
    if call.state is not CallState.QUEUED or call.stage < len(call.plan):
        return False
    return not any(_screens(leg, now) for leg in queries.legs_of(contact_id=call.contact_id))


def one_by_hand() -> timedelta:
    """Tell how long a ring by the caller's own document takes at most, until they are gone."""
    return policy.current().line.voice.ring + _window() + rules.SILENT_AFTER


def _lead_on(leg: LegRow, not_before: datetime, now: datetime) -> None:
    """Have a colleague's call ask for its document of that moment."""
    if leg.outbound_id is None:
        return
    if outbox.is_redirect_under_way(purpose=Purpose.RING, purpose_id=leg.leg_id):
        # Told twice, they would hear the same words from the start again.
        return
    try:
        messaging.queue_call_change(
            outbound_id=leg.outbound_id,
            change=CallChange.REDIRECT,
            not_before=not_before,
            now=now,
        )
    except messaging.NoSuchCall:
        # The carrier's answer to our order is still under way: the dial itself gives up.
        logger.warning("a leg could not be told", extra={"leg_id": leg.leg_id})


def _window() -> timedelta:
    return (policy.current().line.voice.screen + SPOKEN) * SCREENS


def _screens(leg: LegRow, now: datetime) -> bool:
    """Tell whether somebody picked up and still may press a key; a lost end is waited for no more.

    They keep their window whatever stage has passed: a hand on the phone is worth the seconds.
    """
    if leg.state is not LegState.SCREENING or leg.kind is not LegKind.RING:
        return False
    return leg.answered_at is None or now - leg.answered_at < _window()


def _at_once() -> int:
    return policy.current().line.voice.legs_at_once


def _crew(call: CallRow, rung: Iterable[LegRow], now: datetime) -> _Crew:
    if not 0 <= call.stage < len(call.plan):
        return _Crew((), 0)
    people = people_of(stage=call.plan[call.stage], language=call.language, now=now)
    done = {leg.user_id for leg in rung if _is_of(leg, call)}
    left = tuple(one for one in people if one.user_id not in done)
    taken = queries.busy_ids(user_ids=[one.user_id for one in left])
    free = tuple(one for one in left if one.user_id not in taken)
    return _Crew(free, len(left) - len(free))


def _standing(call: CallRow, rung: Sequence[LegRow], crew: _Crew, now: datetime) -> rules.Ringing:
    active = [leg for leg in rung if leg.state in RINGING and leg.kind is LegKind.RING]
    return rules.Ringing(
        stage=call.stage,
        stages=len(call.plan),
        stage_ends_at=call.stage_ends_at,
        ringing=sum(_is_of(leg, call) for leg in active),
        screening=sum(_screens(leg, now) for leg in active),
        free=len(crew.free),
        busy=crew.busy,
    )


def _is_of(leg: LegRow, call: CallRow) -> bool:
    """Tell whether a leg was rung in the present stage of the present plan."""
    is_new = leg.leg_id > call.rung_before
    return is_new and leg.stage == call.stage and leg.kind is LegKind.RING


def _ring(call: CallRow, people: Iterable[Available], now: datetime) -> tuple[LegRow, ...]:
    placed = (place(call=call, who=one, kind=LegKind.RING, now=now) for one in people)
    return tuple(leg for leg in placed if leg is not None)


def _next_stage(call: CallRow, rung: Iterable[LegRow], now: datetime) -> CallRow:
    """Go on to the next stage; one where nobody is on call raises an alarm and is skipped."""
    following = replace(
        call, stage=call.stage + 1, stage_ends_at=None, next_step_at=now + rules.SILENT_AFTER
    )
    if following.stage < len(call.plan):
        stage = call.plan[following.stage]
        ends_at = now + stage.lasts
        following = replace(following, stage_ends_at=ends_at, next_step_at=ends_at)
        crew = _crew(following, rung, now)
        if not crew.free and not crew.busy:
            following = replace(following, stage_ends_at=now, next_step_at=now)
            _alarm(call, stage, now)
    calls.set_stage(
        contact_id=call.contact_id,
        stage=following.stage,
        ends_at=following.stage_ends_at,
        next_step_at=following.next_step_at,
    )
    return following


def _alarm(call: CallRow, stage: Stage, now: datetime) -> None:
    for where in stage.places:
        operations.note_empty_desk(
            contact_id=call.contact_id,
            organization_id=where.organization_id,
            desk=where.desk,
            now=now,
        )


def _rest(call: CallRow, standing: rules.Ringing, move: Move, now: datetime) -> CallRow:
    if move is Move.EXHAUSTED:
        return call
    at = rules.look_again_at(at=standing, now=now)
    if at == call.next_step_at:
        # Most fetches change nothing: no write, and no open screen looks again for it.
        return call
    calls.set_stage(
        contact_id=call.contact_id, stage=call.stage, ends_at=call.stage_ends_at, next_step_at=at
    )
    return replace(call, next_step_at=at)
