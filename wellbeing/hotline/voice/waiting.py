"""The wait loop is the clock: every fetch advances the plan, whether a job process lives or not.

With none alive the caller's own document rings people, one by one, and at last the lifeline.
"""

from __future__ import annotations

from datetime import datetime

from wellbeing.contacts.operations import calls, legs
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.calls import (
    RINGING,
    BusyNow,
    CallEnd,
    CallOver,
    CallRow,
    CallState,
    LegKind,
    LegState,
)
from wellbeing.foundation.errors import DomainError
from wellbeing.hotline import operations
from wellbeing.hotline.rules.ringing import SafeTime
from wellbeing.hotline.voice import arrival, endings, plans, ringing
from wellbeing.hotline.voice.saying import path, prompt
from wellbeing.messaging import operations as messaging
from wellbeing.messaging import queries as outbox
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.roster.queries import phones as roster
from wellbeing.roster.rules.phones import Available
from wellbeing.telephony.steps import Ask, Dial, Document, Go, Leave, Say

CALL_BACK = "2"
SPOKEN = 6
"""Seconds that the sentences of a wait take, roughly; the rest of the loop is listening."""
CHOICES_EVERY = 3
TOLD = "told"
"""What the address of the wait loop carries: how often the caller was told."""


class NoPhone(DomainError):
    """You have no phone that could ring."""


def look(*, public_id: str, told: int | None, now: datetime) -> Document | None:
    """Tell a waiting caller what is going on if nothing is due for them; None if something may be.

    Most fetches are so: they read, without a lock, and write nothing.
    """
    call = queries.by_public_id(public_id=public_id)
    has_heard = call.waited > 0 and not call.is_direct
    if not has_heard or not ringing.is_settled(call=call, now=now):
        return None
    if not outbox.is_delivery_alive(now=now):
        return None
    return _told(call, _turn(call, told))


def wait(*, public_id: str, told: int | None, now: datetime) -> Document:
    """Tell a waiting caller what is going on, and do what is due for them.

    `told` counts how often they heard it; the address carries it, so that no fetch writes it down.
    """
    call = queries.by_public_id(public_id=public_id)
    if call.is_over and call.ended_as is CallEnd.ABANDONED:
        # They were thought to be gone; whoever still asks is there.
        plan = plans.of_call(call=call, is_danger=call.is_danger, now=now)
        calls.again(contact_id=call.contact_id, plan=plan, next_step_at=now)
    elif _was_let_down(call):
        # Whoever won did not come to the queue, or is gone: the caller must not wait for them.
        endings.wait_again(call=call, next_step_at=now, now=now)
    call = ringing.advance(contact_id=call.contact_id, now=now)
    if ringing.is_exhausted(call=call, now=now):
        calls.leave(contact_id=call.contact_id, to=CallState.LIFELINE, now=now)
        return (Leave(),)
    if _nobody_delivers(call, now):
        calls.go_direct(contact_id=call.contact_id, until=now + ringing.one_by_hand())
        return (*_danger_words(call), Leave())
    if call.waited == 0:
        calls.note_told(contact_id=call.contact_id)
    return _told(call, _turn(call, told))


def wait_key(*, public_id: str, told: int | None, digits: str, now: datetime) -> Document:
    """Do what a waiting caller's key asks for; no key is no answer, and they wait on."""
    call = queries.by_public_id(public_id=public_id)
    if digits == arrival.DANGER:
        return (arrival.note_danger(call=call, now=now), Go(path(call, "wait")))
    if digits == CALL_BACK and operations.can_be_called_back(call=call):
        return (endings.ask_safe_time(call=call, step="wait-time"),)
    if digits == CALL_BACK:
        return (prompt("call_back_not_possible", call.language), Go(path(call, "wait")))
    return wait(public_id=public_id, told=told, now=now)


def safe_time_key(*, public_id: str, digits: str, now: datetime) -> Document:
    """Promise to call a waiting caller back; without a key, or once somebody is there, they wait.

    They are in the queue, where nobody can be dialled and nothing recorded.
    """
    call = queries.by_public_id(public_id=public_id)
    if digits not in set(SafeTime) or call.winner_leg_id is not None:
        return (Go(path(call, "wait")),)
    return endings.call_back(call=call, wish=SafeTime(digits), now=now)


def direct(*, public_id: str, turn: int, is_over: bool, now: datetime) -> Document:
    """Ring the next person by the caller's own document; after the last one, the lifeline.

    Nobody is rung for a caller who is gone (`is_over`): that ring would never end.
    """
    call = queries.by_public_id(public_id=public_id)
    ringing.end_direct(call=call, now=now)
    if is_over or call.is_over:
        return endings.left(public_id=public_id, result="", is_over=True, now=now)
    if call.winner_leg_id is not None:
        # Somebody talked with them; if they are still there, it was the counselor's line.
        return endings.left(public_id=public_id, result="bridged", is_over=False, now=now)
    _give_up_ringing(call, now)
    person = _next_person(call, now)
    if person is None:
        return endings.lifeline(call=call, now=now)
    leg = ringing.place(call=call, who=person, kind=LegKind.RING, now=now)
    if leg is None:
        return endings.lifeline(call=call, now=now)
    calls.go_direct(contact_id=call.contact_id, until=now + ringing.one_by_hand())
    rules = policy.current().line.voice
    # One ring after the other without a word sounds as if nobody were there.
    said = (prompt("still_waiting", call.language),) if turn else ()
    return (
        *said,
        Dial(
            number=person.address,
            caller_id=call.line_number,
            action=path(call, f"direct/{turn + 1}"),
            timeout_s=int(rules.ring.total_seconds()),
            limit_s=int(rules.talk_limit.total_seconds()),
            screen=f"/twilio/leg/{leg.public_id}/direct",
        ),
    )


def take(*, contact_id: int, scope: Scope, user_id: int, now: datetime) -> None:
    """Ring a counselor's own phone for a caller who waits, because they want to take the call.

    Raises:
        NotFound: no such contact in their units.
        CallOver: the caller is gone, or a colleague has them.
        NoPhone: no phone of theirs can be rung.
        BusyNow: their phone rings or talks already.

    """
    contacts.state_of(contact_id=contact_id, scope=scope)
    call = calls.locked(contact_id=contact_id)
    if call.state is not CallState.QUEUED:
        raise CallOver
    person = roster.reachable(user_id=user_id, at=now)
    if person is None:
        raise NoPhone
    if ringing.place(call=call, who=person, kind=LegKind.RING, now=now) is None:
        raise BusyNow


def _turn(call: CallRow, told: int | None) -> int:
    """Count the turn of the loop; a queue that asks from the start says nothing twice."""
    return told or min(call.waited, 1)


def _told(call: CallRow, turn: int) -> Document:
    is_first = turn == 0
    said = [*_danger_words(call)] or [
        prompt("calling_now" if is_first else "still_waiting", call.language)
    ]
    if is_first:
        said.append(prompt("confidentiality", call.language))
    if turn % CHOICES_EVERY == 0:
        said.append(prompt("wait_choices", call.language))
    loop = int(policy.current().line.voice.wait_loop.total_seconds())
    following = f"?{TOLD}={turn + 1}"
    return (
        Ask(
            prompts=tuple(said),
            digits=1,
            timeout_s=max(loop - SPOKEN, 2),
            action=path(call, f"wait-key{following}"),
        ),
        Go(path(call, f"wait{following}")),
    )


def _danger_words(call: CallRow) -> tuple[Say, ...]:
    """Say once to whoever pressed 9 before they waited what they can do meanwhile."""
    is_due = call.is_danger and call.waited == 0
    return (prompt("danger_noted", call.language),) if is_due else ()


def _was_let_down(call: CallRow) -> bool:
    if call.state is not CallState.ANSWERED or call.winner_leg_id is None or call.is_conference:
        return False
    return not queries.leg(leg_id=call.winner_leg_id).is_active


def _nobody_delivers(call: CallRow, now: datetime) -> bool:
    """Tell whether legs wait in the outbox and no job process is alive to place them."""
    if call.state is not CallState.QUEUED or outbox.is_delivery_alive(now=now):
        return False
    rung = queries.legs_of(contact_id=call.contact_id)
    return all(leg.state is not LegState.SCREENING for leg in rung)


def _give_up_ringing(call: CallRow, now: datetime) -> None:
    """Take back the rings that nobody placed: who was not rung has not failed to answer."""
    for leg in queries.legs_of(contact_id=call.contact_id):
        if leg.state not in RINGING or not legs.move(leg=leg, to=LegState.CANCELED, now=now):
            continue
        if leg.outbound_id is not None:
            messaging.withdraw(outbound_id=leg.outbound_id, now=now)


def _next_person(call: CallRow, now: datetime) -> Available | None:
    """Name the next one to be rung by hand: in the order of the plan, each once."""
    rung = [
        leg
        for leg in queries.legs_of(contact_id=call.contact_id)
        if leg.outbound_id is None and leg.leg_id > call.rung_before
    ]
    done = {leg.user_id for leg in rung}
    for stage in call.plan:
        found = ringing.people_of(stage=stage, language=call.language, now=now)
        people = [one for one in found if one.user_id not in done]
        busy = queries.busy_ids(user_ids=[one.user_id for one in people])
        for one in people:
            if one.user_id not in busy:
                return one
    return None
