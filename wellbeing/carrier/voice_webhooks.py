"""The carrier's webhooks of a call: the caller's own, its legs', its conference's. No rule here.

A caller always hears a valid document, also for an address that we do not know: nobody in need is
sent away with an error. The blueprint is that of `webhooks`; here it gets the rest of its routes.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from wellbeing.carrier import answering
from wellbeing.carrier.answering import field, number
from wellbeing.carrier.signature import signed
from wellbeing.carrier.statuses import is_call_over, was_bridged
from wellbeing.carrier.webhooks import blueprint
from wellbeing.foundation import clock
from wellbeing.hotline.voice import (
    arrival,
    bringing_in,
    endings,
    outgoing,
    screening,
    waiting,
)
from wellbeing.telephony.steps import Document

__all__ = ["blueprint"]


@blueprint.post("/voice/in")
@signed
def voice_in() -> Response:
    """Answer a call to the line."""
    call = arrival.InboundCall(
        call_sid=field("CallSid"), sender=field("From"), line_number=field("To")
    )
    return _to_caller(lambda: arrival.inbound_call(call=call, now=clock.now()))


@blueprint.post("/voice/status")
@signed
def voice_status() -> Response:
    """Settle a call to the line that is over; it was recorded when it came in."""
    if not is_call_over(field("CallStatus")):
        return answering.done()
    call_sid = field("CallSid")
    return answering.note(lambda: endings.caller_hung_up(call_sid=call_sid, now=clock.now()))


@blueprint.post("/call/<public_id>/menu/<int:turn>")
@signed
def menu(public_id: str, turn: int) -> Response:
    """Take a caller's key in the menu; none at all is an answer, too."""
    digits = field("Digits")
    return _to_caller(
        lambda: arrival.menu_key(public_id=public_id, turn=turn, digits=digits, now=clock.now())
    )


@blueprint.post("/call/<public_id>/wait")
@signed
def wait(public_id: str) -> Response:
    """Speak to a waiting caller, and let what is due for them happen."""
    told = answering.counted(waiting.TOLD)
    return answering.speak(
        lambda: waiting.wait(public_id=public_id, told=told, now=clock.now()),
        fallback=answering.waiting_fallback,
        look=lambda: waiting.look(public_id=public_id, told=told, now=clock.now()),
    )


@blueprint.post("/call/<public_id>/wait-key")
@signed
def wait_key(public_id: str) -> Response:
    """Take a waiting caller's key."""
    digits, told = field("Digits"), answering.counted(waiting.TOLD)
    return _to_waiting(
        lambda: waiting.wait_key(public_id=public_id, told=told, digits=digits, now=clock.now())
    )


@blueprint.post("/call/<public_id>/left")
@signed
def left(public_id: str) -> Response:
    """Go on with a caller who left the queue or a conference."""
    result, is_over = field("QueueResult"), is_call_over(field("CallStatus"))
    return _to_caller(
        lambda: endings.left(public_id=public_id, result=result, is_over=is_over, now=clock.now())
    )


@blueprint.post("/call/<public_id>/lifeline")
@signed
def lifeline(public_id: str) -> Response:
    """Go on with a caller after the lifeline was rung."""
    answered = _was_bridged()
    return _to_caller(
        lambda: endings.after_lifeline(public_id=public_id, was_answered=answered, now=clock.now())
    )


@blueprint.post("/call/<public_id>/offer")
@signed
def offer(public_id: str) -> Response:
    """Take the key for a message or a call-back."""
    digits = field("Digits")
    return _to_caller(
        lambda: endings.offer_key(public_id=public_id, digits=digits, now=clock.now())
    )


@blueprint.post("/call/<public_id>/safe-time")
@signed
def safe_time(public_id: str) -> Response:
    """Take the key for when it is safe to call back."""
    digits = field("Digits")
    return _to_caller(
        lambda: endings.safe_time_key(public_id=public_id, digits=digits, now=clock.now())
    )


@blueprint.post("/call/<public_id>/wait-time")
@signed
def wait_time(public_id: str) -> Response:
    """Take the same key of a caller who still waits in the queue."""
    digits = field("Digits")
    return _to_waiting(
        lambda: waiting.safe_time_key(public_id=public_id, digits=digits, now=clock.now())
    )


@blueprint.post("/call/<public_id>/recorded")
@signed
def recorded(public_id: str) -> Response:
    """Go on with a caller who left a message."""
    return _to_caller(lambda: endings.recorded(public_id=public_id, now=clock.now()))


@blueprint.post("/call/<public_id>/recording")
@signed
def recording(public_id: str) -> Response:
    """Take note that a message can be fetched, or that there is none."""
    sid, seconds = field("RecordingSid"), number("RecordingDuration") or 0
    is_complete = field("RecordingStatus") == "completed"
    return answering.note(
        lambda: endings.recording_ready(
            public_id=public_id,
            sid=sid,
            seconds=seconds,
            is_complete=is_complete,
            now=clock.now(),
        )
    )


@blueprint.post("/call/<public_id>/moved")
@signed
def moved(public_id: str) -> Response:
    """Tell a caller whom we moved where they are now."""
    return _to_caller(lambda: bringing_in.moved(public_id=public_id, now=clock.now()))


@blueprint.post("/call/<public_id>/direct/<int:turn>")
@signed
def direct(public_id: str, turn: int) -> Response:
    """Ring the next person by the caller's own document, while no process delivers."""
    is_over = is_call_over(field("CallStatus"))
    return _to_caller(
        lambda: waiting.direct(public_id=public_id, turn=turn, is_over=is_over, now=clock.now())
    )


@blueprint.post("/call/<public_id>/outcome")
@signed
def outcome(public_id: str) -> Response:
    """Go on with a counselor after the student was rung."""
    answered = _was_bridged()
    return _to_colleague(
        lambda: outgoing.after_dial(public_id=public_id, was_answered=answered, now=clock.now())
    )


@blueprint.post("/conference/<public_id>")
@signed
def conference(public_id: str) -> Response:
    """Take note of what happens in a conference."""
    sid, event, call_sid = (
        field("ConferenceSid"), field("StatusCallbackEvent"), field("CallSid"),
    )  # fmt: skip
    return answering.note(
        lambda: bringing_in.conference_event(
            public_id=public_id,
            conference_sid=sid,
            event=event,
            call_sid=call_sid,
            now=clock.now(),
        )
    )


@blueprint.post("/leg/<leg_id>/answer")
@signed
def leg_answer(leg_id: str) -> Response:
    """Ask a colleague who picked up whether it is them, and whether they can."""
    call_sid = field("CallSid")
    return _to_colleague(
        lambda: screening.answered(leg_id=leg_id, call_sid=call_sid, now=clock.now())
    )


@blueprint.post("/leg/<leg_id>/key/<int:turn>")
@signed
def leg_key(leg_id: str, turn: int) -> Response:
    """Take the key of a colleague; a voicemail presses none."""
    digits, call_sid = field("Digits"), field("CallSid")
    return _to_colleague(
        lambda: screening.key(
            leg_id=leg_id, turn=turn, digits=digits, call_sid=call_sid, now=clock.now()
        )
    )


@blueprint.post("/leg/<leg_id>/done")
@signed
def leg_done(leg_id: str) -> Response:
    """Go on with a colleague whose talk is over."""
    return _to_colleague(lambda: screening.done(leg_id=leg_id, now=clock.now()))


@blueprint.post("/leg/<leg_id>/direct")
@signed
def leg_direct(leg_id: str) -> Response:
    """Ask as for any leg, where the caller's own document rang."""
    call_sid = field("CallSid")
    return _to_colleague(
        lambda: screening.direct(leg_id=leg_id, call_sid=call_sid, now=clock.now())
    )


@blueprint.post("/leg/<leg_id>/direct-key")
@signed
def leg_direct_key(leg_id: str) -> Response:
    """Take the key of a colleague whom the caller's own document rang."""
    digits, call_sid = field("Digits"), field("CallSid")
    return _to_colleague(
        lambda: screening.direct_key(
            leg_id=leg_id, digits=digits, call_sid=call_sid, now=clock.now()
        )
    )


def _to_caller(step: Callable[[], Document]) -> Response:
    return answering.speak(step, fallback=answering.caller_fallback)


def _to_waiting(step: Callable[[], Document]) -> Response:
    return answering.speak(step, fallback=answering.waiting_fallback)


def _to_colleague(step: Callable[[], Document]) -> Response:
    return answering.speak(step, fallback=answering.staff_fallback)


def _was_bridged() -> bool:
    return was_bridged(status=field("DialCallStatus"), bridged=field("DialBridged"))
