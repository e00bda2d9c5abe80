"""How a call ends, and that every ending is settled: a human's note, a promise, or a page.

A caller who was not answered leaves a contact all the same (product.md 1.6).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from wellbeing.audit import operations as audit
from wellbeing.audit.rules import CARRIER, AuditAction, Subject
from wellbeing.contacts.operations import calls, recordings
from wellbeing.contacts.queries import calls as queries
from wellbeing.contacts.rules.calls import CallEnd, CallRow, CallState, NoSuchCall
from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.followups.rules import CallBackReason
from wellbeing.hotline import operations
from wellbeing.hotline.rules.ringing import SafeTime, call_back_by
from wellbeing.hotline.voice import plans, ringing
from wellbeing.hotline.voice.saying import farewell, hold, path, prompt
from wellbeing.messaging import operations as messaging
from wellbeing.policy import current as policy
from wellbeing.telephony.steps import Ask, Dial, Document, Go, Record, Stay

logger = logging.getLogger(__name__)

LEAVE_A_MESSAGE, BE_CALLED_BACK = "1", "2"
SECONDS_FOR_A_KEY = 8
STAYS_AFTER = timedelta(seconds=15)
NEVER_MET = "hangup"
"""They hung up in the queue: whoever won them stands before an empty one."""
MEET_WITHIN, MEET_SOON = timedelta(seconds=15), timedelta(seconds=2)
"""A winner stands at the queue for ten seconds at most; a talk that ended by itself tells so."""
SAYS_GOODBYE = timedelta(seconds=5)
"""How long a conference that its caller left takes to end by itself, and the words after it."""
OURS = frozenset({"redirected", "redirected-from-bridged"})
"""We moved the caller ourselves: whoever asked for it has settled everything."""


def left(*, public_id: str, result: str, is_over: bool, now: datetime) -> Document:
    """Go on with a caller who left the queue or a conference, in whichever way."""
    call = queries.by_public_id(public_id=public_id)
    if call.is_over:
        # The document that led them there was late: their queue was made again after its end.
        _forget_queue(call, now)
    if result in OURS and not is_over:
        return (Stay(),)
    if is_over or result == NEVER_MET:
        finish(call=call, now=now)
        if result == NEVER_MET:
            ringing.release(call=call, not_before=now, now=now)
        return (Stay(),)
    if call.winner_leg_id is not None:
        return _after_talk(call, result, now)
    if call.is_direct:
        return (Go(path(call, "direct/0")),)
    return lifeline(call=call, now=now)


def lifeline(*, call: CallRow, now: datetime) -> Document:
    """Connect a caller whom nobody of ours can answer with the outside lifeline."""
    if not calls.leave(contact_id=call.contact_id, to=CallState.LIFELINE, now=now):
        return hold(call)
    ringing.stop(contact_id=call.contact_id, besides=None, now=now)
    rules = policy.current().line
    return (
        prompt("lifeline_connecting", call.language),
        Dial(
            number=rules.lifeline.dialled,
            caller_id=call.line_number,
            action=path(call, "lifeline"),
            timeout_s=int(rules.voice.lifeline_ring.total_seconds()),
            limit_s=int(rules.voice.talk_limit.total_seconds()),
        ),
    )


def after_lifeline(*, public_id: str, was_answered: bool, now: datetime) -> Document:
    """Offer a message or a call-back to whoever is still on the line after the lifeline."""
    del now
    call = queries.by_public_id(public_id=public_id)
    said = () if was_answered else (prompt("lifeline_no_answer", call.language),)
    return (*said, _offer(call))


def offer_key(*, public_id: str, digits: str, now: datetime) -> Document:
    """Take a message, or ask when to call back; without a key the call ends kindly."""
    del now
    call = queries.by_public_id(public_id=public_id)
    if digits == LEAVE_A_MESSAGE:
        return _voicemail(call)
    if digits == BE_CALLED_BACK and operations.can_be_called_back(call=call):
        return (ask_safe_time(call=call, step="safe-time"),)
    if digits == BE_CALLED_BACK:
        return (prompt("call_back_not_possible", call.language), _offer(call))
    return farewell(call, "goodbye")


def ask_safe_time(*, call: CallRow, step: str) -> Ask:
    """Ask when it is safe to call back: the phone may be shared. `step` takes the answer."""
    return Ask(
        prompts=(prompt("call_back_safe_time", call.language),),
        digits=1,
        timeout_s=SECONDS_FOR_A_KEY,
        action=path(call, step),
    )


def safe_time_key(*, public_id: str, digits: str, now: datetime) -> Document:
    """Promise to call back when the caller said; without a key they are offered it again."""
    call = queries.by_public_id(public_id=public_id)
    if digits not in set(SafeTime):
        return (_offer(call),)
    return call_back(call=call, wish=SafeTime(digits), now=now)


def call_back(*, call: CallRow, wish: SafeTime, now: datetime) -> Document:
    """Promise to call back, and say goodbye."""
    is_now = wish is SafeTime.NOW
    _promise(call, CallBackReason.ASKED if is_now else CallBackReason.APPOINTED, wish, now)
    settle(call=call, ended_as=CallEnd.CALL_BACK, now=now)
    return farewell(call, "call_back_promised", "goodbye")


def recorded(*, public_id: str, now: datetime) -> Document:
    """Thank for a message; what was said is fetched when the carrier has it."""
    del now
    return farewell(queries.by_public_id(public_id=public_id), "voicemail_thanks", "goodbye")


def recording_ready(
    *, public_id: str, sid: str, seconds: int, is_complete: bool, now: datetime
) -> None:
    """Have a voicemail fetched, once, and promise to call back; repeated, nothing happens."""
    call = queries.by_public_id(public_id=public_id)
    if not is_complete:
        logger.warning("a recording failed", extra={"contact_id": call.contact_id})
        return
    recording_id = recordings.note(call=call, sid=sid, seconds=seconds, now=now)
    if recording_id is None:
        return
    messaging.queue_recording_fetch(
        sid=sid, recording_id=recording_id, data_key_id=call.data_key_id, now=now
    )
    settle(call=call, ended_as=CallEnd.VOICEMAIL, now=now)
    _promise(call, CallBackReason.VOICEMAIL, SafeTime.NOW, now)


def keep_recording(*, recording_id: int, media: bytes, now: datetime) -> None:
    """Seal a voicemail that was fetched, and have it deleted at the carrier."""
    row = recordings.keep(recording_id=recording_id, media=media)
    if row is not None:
        messaging.queue_recording_deletion(
            sid=row.sid,
            recording_id=recording_id,
            data_key_id=queries.get(contact_id=row.contact_id).data_key_id,
            now=now,
        )


def caller_hung_up(*, call_sid: str, now: datetime) -> None:
    """Settle a call of which the carrier says that it is over; told twice, it is settled once."""
    try:
        call = queries.by_sid(call_sid=call_sid)
    except NoSuchCall:
        logger.warning("the end of an unknown call was told", extra={"sid": call_sid})
        return
    finish(call=call, now=now)
    if not call.is_over:
        release_unmet(call=call, now=now)


def release_unmet(*, call: CallRow, now: datetime) -> None:
    """Let a winner hear that the caller is gone whom they perhaps never met.

    What the queue itself tells of its caller may be lost, and of who was not in it yet it tells
    nothing.
    """
    if call.answered_at is not None and now - call.answered_at < MEET_WITHIN:
        ringing.release(call=call, not_before=now + MEET_SOON, now=now)


def advance(contact_id: int, *, now: datetime) -> bool:
    """Do what is due for a call by itself; a caller who fell silent in any state is settled."""
    call = calls.locked(contact_id=contact_id)
    if call.next_step_at is None or call.next_step_at > now:
        return False
    is_hunted = call.state is CallState.QUEUED and not call.is_direct
    if is_hunted and not ringing.is_exhausted(call=call, now=now):
        ringing.advance(contact_id=contact_id, now=now)
        return True
    finish(call=call, now=now)
    return True


def finish(*, call: CallRow, now: datetime) -> None:
    """Settle a call whose caller is gone; what it ended as follows from where it stood."""
    if call.answered_at is not None or call.is_outgoing:
        settle(call=call, ended_as=CallEnd.ANSWERED, now=now)
    elif call.state is CallState.LIFELINE:
        settle(call=call, ended_as=CallEnd.LIFELINE, now=now)
    elif call.state is CallState.VOICEMAIL:
        # They may have hung up before the tone: what the carrier recorded only adds to this.
        if settle(call=call, ended_as=CallEnd.VOICEMAIL, now=now):
            _abandoned(call, now)
    elif settle(call=call, ended_as=CallEnd.ABANDONED, now=now):
        _abandoned(call, now)


def settle(*, call: CallRow, ended_as: CallEnd, now: datetime) -> bool:
    """End a call once: silence its phones, clear its queue away, see to its contact."""
    # Fence first, then silence: whoever picks up late hears that the caller is gone.
    if not calls.end(contact_id=call.contact_id, ended_as=ended_as, now=now):
        return False
    ringing.stop(contact_id=call.contact_id, besides=None, now=now)
    ringing.end_direct(call=call, now=now)
    if call.is_conference:
        # Who hung up before they were moved into it ends it for nobody.
        ringing.release(call=call, not_before=now + SAYS_GOODBYE, now=now)
    _forget_queue(call, now)
    audit.record(
        action=AuditAction.CALL_ENDED,
        subject=Subject(kind="contact", id=call.contact_id),
        actor=CARRIER,
        details={"as": ended_as.value},
        now=now,
    )
    if ended_as is CallEnd.ANSWERED:
        return True
    if call.is_danger and ended_as is not CallEnd.CALL_BACK:
        # A child in danger whom nobody answered waits for a human until one has acted.
        calls.leave_waiting(contact_id=call.contact_id, now=now)
    else:
        disposition = DISPOSITIONS[ended_as]
        calls.close_unanswered(contact_id=call.contact_id, disposition=disposition, now=now)
    return True


def _forget_queue(call: CallRow, now: datetime) -> None:
    messaging.queue_queue_deletion(
        name=call.room, contact_id=call.contact_id, data_key_id=call.data_key_id, now=now
    )


DISPOSITIONS = {
    CallEnd.ABANDONED: Disposition.ABANDONED,
    CallEnd.LIFELINE: Disposition.LIFELINE,
    CallEnd.VOICEMAIL: Disposition.VOICEMAIL,
    CallEnd.CALL_BACK: Disposition.CALL_BACK,
    CallEnd.FAILED: Disposition.ABANDONED,
}


def reconnect(*, call: CallRow, now: datetime) -> Document:
    """Let a caller wait again whose counselor's line broke; that counselor is rung first."""
    # Nobody is rung before the caller has heard it and stayed: who had finished hangs up now.
    wait_again(call=call, next_step_at=now + STAYS_AFTER, now=now)
    return hold(call, prompt("reconnecting", call.language))


def wait_again(*, call: CallRow, next_step_at: datetime, now: datetime) -> None:
    """Begin the plan anew for a caller, with the counselor first who talked to them last."""
    plan = plans.of_call(call=call, is_danger=call.is_danger, now=now)
    if call.claimed_by is not None:
        plan = plans.with_person(plan=plan, user_id=call.claimed_by)
    calls.again(contact_id=call.contact_id, plan=plan, next_step_at=next_step_at)


def _after_talk(call: CallRow, result: str, now: datetime) -> Document:
    """Tell a caller who left the queue for a counselor from one whose counselor is gone."""
    winner = call.winner_leg_id
    if winner is not None and queries.leg(leg_id=winner).is_active and result == "leave":
        # They left and were taken at the same moment: their counselor waits at the queue.
        return hold(call)
    if call.is_over:
        return farewell(call, "goodbye")
    return reconnect(call=call, now=now)


def _abandoned(call: CallRow, now: datetime) -> None:
    """Promise to call back whoever waited and hung up, where that cannot harm them."""
    rules = policy.current().line.voice
    if call.is_danger or not rules.abandoned_call_back:
        return
    if now - call.arrived_at >= rules.short_abandon:
        _promise(call, CallBackReason.ABANDONED, SafeTime.NOW, now)


def _promise(call: CallRow, reason: CallBackReason, wish: SafeTime, now: datetime) -> None:
    current = policy.current()
    by = call_back_by(
        wish=wish,
        within=current.line.voice.call_back_within[call.urgency],
        zone=current.followups.quiet_hours.zone,
        now=now,
    )
    operations.promise_call_back(call=call, reason=reason, due_at=by, now=now)


def _offer(call: CallRow) -> Ask:
    """Say it twice while listening; who is upset does not find the key at once."""
    said = prompt("voicemail_offer", call.language)
    return Ask(
        prompts=(said, said),
        digits=1,
        timeout_s=SECONDS_FOR_A_KEY,
        action=path(call, "offer"),
    )


def _voicemail(call: CallRow) -> Document:
    calls.take_message(contact_id=call.contact_id)
    limit = policy.current().line.voice.voicemail_limit
    return (
        prompt("voicemail_leave", call.language),
        Record(
            action=path(call, "recorded"),
            stored=path(call, "recording"),
            limit_s=int(limit.total_seconds()),
        ),
    )
