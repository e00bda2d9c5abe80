"""Dial with Conference: calls meet, one of them starts it, it ends; its events are told in order.

What REST does to a conference and its participants is here, too; how it looks is in `resources`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from wellbeing.simulator import desks
from wellbeing.simulator.callbacks import Notice
from wellbeing.simulator.catalogue import rfc2822
from wellbeing.simulator.places import Conference, Participant
from wellbeing.simulator.records import After, Call, Engagement, Parting, Scene
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.twiml import UNKNOWN_WORD, Element
from wellbeing.simulator.vocabulary import CONFERENCE_WAIT_VERBS

_ENOUGH = 2
_MOST = 250
_RUNNING = "in-progress"
_DONE = "completed"
_EVENTS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
}
_BY_ITS_ENDER = "participant-with-end-conference-on-exit-left"
_BY_THE_LAST = "last-participant-left"
BY_REST = "conference-ended-via-api"


def begin(stage: Stage, call: Call, element: Element, noun: Element) -> None:
    """Bring the call into the conference of this name; one that is over is not met again."""
    board = stage.board
    after = stage.after(call=call, element=element)
    hook = {"url": "statusCallback", "method": "statusCallbackMethod"}
    told = stage.hook(call=call, element=noun, **hook)
    stage.lifecycle.answered(call=call)
    conference = _open_one(board, noun.text)
    attributes = noun.attributes
    if len(conference.participants) >= int(attributes.get("maxParticipants", _MOST)):
        stage.go_on(call=call, after=after, fields={"DialCallStatus": "failed"})
        return
    if not conference.participants:
        conference.status_callback = told
        conference.events = frozenset(attributes.get("statusCallbackEvent", "").split())
    participant = _participant(call, after, noun, board.agenda.time())
    conference.participants.append(participant)
    call.run.engagement = Engagement(
        part=partial(_part, stage, conference, participant),
        press=_star(stage, conference, participant, element),
        speak=partial(_speak, board, conference),
        peers=lambda: _peers(conference, call),
    )
    tell(stage=stage, conference=conference, event="participant-join", about=participant)
    _start(stage, conference)
    if conference.status != _RUNNING:
        _wait(stage, participant, noun)


def put_out(*, stage: Stage, conference: Conference, participant: Participant) -> None:
    """Let a participant go on after its Dial; the conference may end with it."""
    _leave(stage, conference, participant)
    _go_on(stage, participant)


def end(*, stage: Stage, conference: Conference, reason: str, by: str | None = None) -> None:
    """End the conference: everybody still there goes on after the Dial."""
    if conference.status == _DONE:
        return
    conference.status = _DONE
    conference.reason_ended = reason
    conference.ended_by = by
    left, conference.participants = conference.participants, []
    for participant in left:
        tell(stage=stage, conference=conference, event="participant-leave", about=participant)
        _go_on(stage, participant)
    tell(stage=stage, conference=conference, event="conference-end")


def mute(*, stage: Stage, conference: Conference, participant: Participant, muted: bool) -> None:
    """Let the others hear this participant no longer, or again."""
    if participant.is_muted != muted:
        participant.is_muted = muted
        event = "participant-mute" if muted else "participant-unmute"
        tell(stage=stage, conference=conference, event=event, about=participant)


def hold(*, stage: Stage, conference: Conference, participant: Participant, held: bool) -> None:
    """Take this participant aside, so that it neither hears nor is heard, or bring it back."""
    if participant.is_held != held:
        participant.is_held = held
        event = "participant-hold" if held else "participant-unhold"
        tell(stage=stage, conference=conference, event=event, about=participant)


def tell(
    *, stage: Stage, conference: Conference, event: str, about: Participant | None = None
) -> None:
    """Tell an event if the first participant asked for it; phones look again in any case."""
    board = stage.board
    now = board.agenda.time()
    conference.updated_at = now
    for participant in conference.participants:
        desks.changed(board=board, call=participant.call)
    if conference.status_callback is None or _EVENTS[event] not in conference.events:
        return
    fields = {
        "ConferenceSid": conference.sid,
        "FriendlyName": conference.name,
        "AccountSid": board.settings.account_sid,
        "SequenceNumber": str(conference.sequence),
        "Timestamp": rfc2822(at=now) or "",
        "StatusCallbackEvent": event,
    }
    conference.sequence += 1
    if about is not None:
        about.updated_at = now
        fields |= _about(about)
    if event == "participant-leave" and about is not None:
        fields |= {
            "ReasonParticipantLeft": _reason_left(conference, about),
            "ParticipantCallStatus": about.call.status.value,
        }
    if event == "conference-end":
        fields["ReasonConferenceEnded"] = conference.reason_ended or ""
        if conference.ended_by is not None:
            fields["CallSidEndingConference"] = conference.ended_by
    hook = conference.status_callback
    numbers = () if about is None else (about.call.to, about.call.from_)
    stage.lifecycle.send(notice=Notice(conference.sid, numbers, hook, fields))


def _about(participant: Participant) -> dict[str, str]:
    fields = {
        "CallSid": participant.call.sid,
        "Muted": _truth(participant.is_muted),
        "Hold": _truth(participant.is_held),
        "Coaching": "false",
        "StartConferenceOnEnter": _truth(participant.starts_it),
        "EndConferenceOnExit": _truth(participant.ends_it),
    }
    if participant.label is not None:
        fields["ParticipantLabel"] = participant.label
    return fields


def _truth(value: bool) -> str:  # noqa: FBT001 - one word for a form field
    return "true" if value else "false"


def _reason_left(conference: Conference, participant: Participant) -> str:
    if participant.call.is_over:
        return "participant_hung_up"
    over = conference.status == _DONE
    return (
        "conference_ended_via_api"
        if over and conference.reason_ended == BY_REST
        else ("moderator_ended_conference" if over else "participant_updated_via_api")
    )


def _participant(call: Call, after: After, noun: Element, now: datetime) -> Participant:
    attributes = noun.attributes
    return Participant(
        call=call,
        after=after,
        created_at=now,
        updated_at=now,
        label=attributes.get("participantLabel"),
        starts_it=attributes.get("startConferenceOnEnter", "true") == "true",
        ends_it=attributes.get("endConferenceOnExit") == "true",
        is_muted=attributes.get("muted") == "true",
    )


def _open_one(board: Switchboard, name: str) -> Conference:
    for conference in board.conferences.values():
        if conference.name == name and conference.status != _DONE:
            return conference
    now = board.agenda.time()
    made = Conference(name, now, now)
    board.conferences[made.sid] = made
    return made


def _start(stage: Stage, conference: Conference) -> None:
    present = conference.participants
    has_starter = any(participant.starts_it for participant in present)
    if conference.status != "init" or len(present) < _ENOUGH or not has_starter:
        return
    conference.status = _RUNNING
    for participant in present:
        participant.call.run.scene = None
        stage.interrupt(call=participant.call)
    tell(stage=stage, conference=conference, event="conference-start")


def _wait(stage: Stage, participant: Participant, noun: Element) -> None:
    call = participant.call
    hook = stage.hook(call=call, element=noun, url="waitUrl", method="waitMethod")
    if hook is None:
        return
    call.run.scene = Scene(
        allowed=CONFERENCE_WAIT_VERBS,
        at_end=lambda same: stage.fetch(call=same, hook=hook),
        refusal=UNKNOWN_WORD,
        on_error=lambda _call: None,
    )
    stage.fetch(call=call, hook=hook)


def _star(
    stage: Stage, conference: Conference, participant: Participant, verb: Element
) -> Callable[[Call, str], None]:
    is_wanted = verb.attributes.get("hangupOnStar") == "true"

    def press(_call: Call, key: str) -> None:
        if is_wanted and key == "*":
            put_out(stage=stage, conference=conference, participant=participant)

    return press


def _part(
    stage: Stage, conference: Conference, participant: Participant, call: Call, how: Parting
) -> None:
    if how is Parting.HUNG_UP:
        stage.tell(call=call, after=participant.after, fields=_dial_fields())
    _leave(stage, conference, participant)


def _leave(stage: Stage, conference: Conference, participant: Participant) -> None:
    if participant not in conference.participants:
        return
    conference.participants.remove(participant)
    tell(stage=stage, conference=conference, event="participant-leave", about=participant)
    sid = participant.call.sid
    if participant.ends_it:
        end(stage=stage, conference=conference, reason=_BY_ITS_ENDER, by=sid)
    elif not conference.participants:
        end(stage=stage, conference=conference, reason=_BY_THE_LAST, by=sid)


def _go_on(stage: Stage, participant: Participant) -> None:
    stage.go_on(call=participant.call, after=participant.after, fields=_dial_fields())
    desks.changed(board=stage.board, call=participant.call)


def _dial_fields() -> dict[str, str]:
    return {"DialCallStatus": "answered"}


def _is_heard(conference: Conference, call: Call) -> bool:
    return any(
        participant.call is call and not participant.is_muted
        for participant in conference.participants
    )


def _peers(conference: Conference, call: Call) -> list[Call]:
    together = [each.call for each in conference.participants if not each.is_held]
    if conference.status != _RUNNING or call not in together:
        return []
    return [other for other in together if other is not call]


def _speak(board: Switchboard, conference: Conference, call: Call, text: str) -> None:
    if _is_heard(conference, call):
        for peer in _peers(conference, call):
            desks.hears_voice(board=board, call=peer, text=text, by=call)
