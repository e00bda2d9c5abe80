"""One function per TwiML verb and the table that names them; the grammar is in `twiml`.

A new verb is a row here and a row there.
"""

from __future__ import annotations

from wellbeing.simulator import dials, gather, queues, recordings
from wellbeing.simulator.records import Call, CallStatus, Hook
from wellbeing.simulator.speech import utter
from wellbeing.simulator.stage import Stage, Verb
from wellbeing.simulator.twiml import Element


def _speak(stage: Stage, call: Call, element: Element) -> float:
    return utter(board=stage.board, call=call, element=element)


def _redirect(stage: Stage, call: Call, element: Element) -> None:
    url = stage.resolve(call=call, url=element.text)
    stage.fetch(call=call, hook=Hook(url, element.attributes.get("method", "POST")))


def _hang_up(stage: Stage, call: Call, _element: Element) -> None:
    stage.lifecycle.ended(call=call, status=CallStatus.COMPLETED)


def _reject(stage: Stage, call: Call, element: Element) -> None:
    is_waiting = call.direction == "inbound" and call.status is CallStatus.RINGING
    busy = element.attributes.get("reason") == "busy"
    refused = CallStatus.BUSY if busy else CallStatus.NO_ANSWER
    stage.lifecycle.ended(call=call, status=refused if is_waiting else CallStatus.COMPLETED)


VERBS: dict[str, Verb] = {
    "Say": Verb(_speak),
    "Play": Verb(_speak),
    # Twilio waits before it picks up if Pause comes first.
    "Pause": Verb(_speak, answers=False),
    "Gather": Verb(gather.begin),
    "Enqueue": Verb(queues.begin),
    "Leave": Verb(queues.leave, answers=False),
    "Dial": Verb(dials.begin, answers=False),
    "Record": Verb(recordings.begin),
    "Redirect": Verb(_redirect, answers=False),
    "Hangup": Verb(_hang_up),
    "Reject": Verb(_reject, answers=False),
}
