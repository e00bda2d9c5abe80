"""The vocabulary of TwiML as Twilio publishes it: verbs, nouns, attributes; nothing is parsed here.

What is published but not simulated is left out, so that a document that counts on it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_LANGUAGE = re.compile(r"[a-z]{2,3}(-([A-Z]{2}|\d{3}))?(-WLS)?")
_DIGITS = re.compile(r"[0-9*#wW]+")
_KEYS = re.compile(r"[0-9*#]*")

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Spec:
    """What the vocabulary allows for a verb; `instead` may stand for the content."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False
    needs_content: bool = False
    instead: str = ""


def _anything(_value: str) -> bool:
    return True


def _filled(value: str) -> bool:
    return bool(value.strip())


def _method(value: str) -> bool:
    return value in {"GET", "POST"}


def _truth(value: str) -> bool:
    return value in {"true", "false"}


def _whole(least: int, most: int) -> Check:
    return lambda value: value.isascii() and value.isdigit() and least <= int(value) <= most


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _some_of(*words: str) -> Check:
    return lambda value: bool(value.split()) and set(value.split()) <= set(words)


def _pattern(pattern: re.Pattern[str]) -> Check:
    return lambda value: pattern.fullmatch(value) is not None


def _auto_or_whole(value: str) -> bool:
    return value == "auto" or _whole(1, 3600)(value)


_SPEECH = frozenset({"Say", "Play", "Pause"})
_DIALED: dict[str, Check] = {
    "url": _filled,
    "method": _method,
    "statusCallback": _filled,
    "statusCallbackMethod": _method,
    "statusCallbackEvent": _some_of("initiated", "ringing", "answered", "completed"),
}
_CONFERENCE_EVENTS = _some_of("start", "end", "join", "leave", "mute", "hold")

VOICE: dict[str, Spec] = {
    "Say": Spec(
        attributes={
            "voice": _filled,
            "language": _pattern(_LANGUAGE),
            "loop": _whole(0, 1000),
        },
        text=True,
        needs_content=True,
    ),
    "Play": Spec(
        attributes={"loop": _whole(0, 1000), "digits": _pattern(_DIGITS)},
        text=True,
        needs_content=True,
        instead="digits",
    ),
    "Pause": Spec(attributes={"length": _whole(0, 3600)}),
    "Gather": Spec(
        attributes={
            "input": _one_of("dtmf", "speech", "dtmf speech", "speech dtmf"),
            "action": _filled,
            "method": _method,
            "timeout": _auto_or_whole,
            "speechTimeout": _auto_or_whole,
            "maxSpeechTime": _whole(1, 3600),
            "profanityFilter": _truth,
            "finishOnKey": _pattern(_KEYS),
            "numDigits": _whole(1, 10_000),
            "partialResultCallback": _filled,
            "partialResultCallbackMethod": _method,
            "language": _anything,
            "hints": _anything,
            "bargeIn": _truth,
            "debug": _truth,
            "actionOnEmptyResult": _truth,
            "dtmfDetection": _filled,
            "speechModel": _filled,
            "enhanced": _truth,
        },
        children=_SPEECH,
    ),
    "Redirect": Spec(attributes={"method": _method}, text=True, needs_content=True),
    "Hangup": Spec(),
    "Leave": Spec(),
    "Enqueue": Spec(
        attributes={
            "action": _filled,
            "method": _method,
            "waitUrl": _anything,
            "waitUrlMethod": _method,
            "maxQueueSize": _whole(1, 5000),
        },
        text=True,
        needs_content=True,
    ),
    "Dial": Spec(
        attributes={
            "action": _filled,
            "method": _method,
            "timeout": _whole(1, 600),
            "timeLimit": _whole(1, 14400),
            "callerId": _filled,
            "answerOnBridge": _truth,
            "hangupOnStar": _truth,
            "record": _one_of("do-not-record", "false"),
        },
        children=frozenset({"Number", "Client", "Queue", "Conference"}),
        text=True,
        needs_content=True,
    ),
    "Number": Spec(attributes=_DIALED, text=True, needs_content=True),
    "Client": Spec(attributes=_DIALED, text=True, needs_content=True),
    "Queue": Spec(attributes={"url": _filled, "method": _method}, text=True, needs_content=True),
    "Conference": Spec(
        attributes={
            "muted": _truth,
            "beep": _one_of("true", "false", "onEnter", "onExit"),
            "startConferenceOnEnter": _truth,
            "endConferenceOnExit": _truth,
            "maxParticipants": _whole(2, 250),
            "participantLabel": _filled,
            "waitUrl": _anything,
            "waitMethod": _method,
            "statusCallback": _filled,
            "statusCallbackMethod": _method,
            "statusCallbackEvent": _CONFERENCE_EVENTS,
            "record": _one_of("do-not-record"),
        },
        text=True,
        needs_content=True,
    ),
    "Record": Spec(
        attributes={
            "action": _filled,
            "method": _method,
            "timeout": _whole(0, 3600),
            "finishOnKey": _pattern(_KEYS),
            "maxLength": _whole(1, 14400),
            "playBeep": _truth,
            "trim": _one_of("trim-silence", "do-not-trim"),
            "recordingStatusCallback": _filled,
            "recordingStatusCallbackMethod": _method,
            "recordingStatusCallbackEvent": _some_of("in-progress", "completed", "absent"),
            "transcribe": _one_of("false"),
        }
    ),
    "Reject": Spec(attributes={"reason": _one_of("rejected", "busy")}),
}

TEXT: dict[str, Spec] = {
    "Message": Spec(
        attributes={
            "to": _filled,
            "from": _filled,
            "action": _filled,
            "method": _method,
            "statusCallback": _filled,
        },
        children=frozenset({"Body", "Media"}),
        text=True,
        needs_content=True,
    ),
    "Body": Spec(text=True),
    "Media": Spec(text=True, needs_content=True),
    "Redirect": Spec(attributes={"method": _method}, text=True, needs_content=True),
}
_NOUNS = frozenset({"Number", "Client", "Queue", "Conference"})
VOICE_VERBS = frozenset(VOICE) - _NOUNS - {"Leave"}
TEXT_VERBS = frozenset({"Message", "Redirect"})
WAIT_VERBS = _SPEECH | {"Gather", "Redirect", "Hangup", "Leave"}
"""What may stand in the document of a queue's waitUrl."""
CONFERENCE_WAIT_VERBS = _SPEECH | {"Redirect"}
SCREEN_VERBS = _SPEECH | {"Gather", "Redirect", "Hangup"}
"""What may stand in the document that one side runs before a Dial joins it."""
