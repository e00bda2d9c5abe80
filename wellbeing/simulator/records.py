"""What the carrier remembers: calls, texts, phones, errors, and how a status may move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wellbeing.simulator.authenticator import Authenticator
from wellbeing.simulator.twiml import Element


class CallStatus(StrEnum):
    """The statuses of Twilio's `call_enum_status`."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


class MessageStatus(StrEnum):
    """The statuses of Twilio's `message_enum_status` that the simulator uses."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"
    CANCELED = "canceled"


class PhoneState(StrEnum):
    """What a phone on the desk is doing."""

    IDLE = "idle"
    CALLING = "calling"
    RINGING = "ringing"
    IN_CALL = "in call"


_ENDS = frozenset(
    {
        CallStatus.COMPLETED,
        CallStatus.BUSY,
        CallStatus.FAILED,
        CallStatus.NO_ANSWER,
        CallStatus.CANCELED,
    }
)
CALL_MOVES: dict[CallStatus, frozenset[CallStatus]] = {
    CallStatus.QUEUED: _ENDS | {CallStatus.RINGING},
    CallStatus.RINGING: _ENDS | {CallStatus.IN_PROGRESS},
    CallStatus.IN_PROGRESS: frozenset({CallStatus.COMPLETED, CallStatus.FAILED}),
    **dict.fromkeys(_ENDS, frozenset[CallStatus]()),
}
_TEXT_FAILS = frozenset({MessageStatus.FAILED, MessageStatus.UNDELIVERED})
MESSAGE_MOVES: dict[MessageStatus, frozenset[MessageStatus]] = {
    MessageStatus.SCHEDULED: frozenset({MessageStatus.QUEUED, MessageStatus.CANCELED}),
    MessageStatus.QUEUED: _TEXT_FAILS | {MessageStatus.SENDING, MessageStatus.CANCELED},
    MessageStatus.SENDING: _TEXT_FAILS | {MessageStatus.SENT},
    MessageStatus.SENT: _TEXT_FAILS | {MessageStatus.DELIVERED},
    MessageStatus.DELIVERED: frozenset(),
    MessageStatus.UNDELIVERED: frozenset(),
    MessageStatus.FAILED: frozenset(),
    MessageStatus.RECEIVED: frozenset(),
    MessageStatus.CANCELED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Hook:
    """A URL of the product and the method to use there; the URL keeps its overrides."""

    url: str
    method: str = "POST"


@dataclass(slots=True)
class Listening:
    """An open Gather: what it waits for, what was pressed, what it still has to say."""

    verb: Element
    prompts: list[Element]
    digits: str = ""


class Parting(StrEnum):
    """How a call leaves what it was taken up with, other than by its own end."""

    HUNG_UP = "hangup"
    REDIRECTED = "redirected"


def _alone() -> list[Call]:
    return []


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a call is taken up with beside its document: a queue, a Dial, a conference, a Record.

    `part` is called once, when the call hangs up or is led elsewhere by REST; `peers` are the
    calls that hear it and are heard, whoever is muted.
    """

    part: Callable[[Call, Parting], None]
    press: Callable[[Call, str], None] | None = None
    speak: Callable[[Call, str], None] | None = None
    peers: Callable[[], list[Call]] = _alone


@dataclass(frozen=True, slots=True)
class Scene:
    """A document inside another verb: what it may hold and what follows when it ends or fails."""

    allowed: frozenset[str]
    at_end: Callable[[Call], None]
    refusal: int
    on_error: Callable[[Call], None] | None = None
    fields: Callable[[Call], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class After:
    """Where a call goes on once a verb that took it over ends: the action, or the next verb."""

    action: Hook | None
    document_url: str | None
    method: str
    verbs: tuple[Element, ...]


@dataclass(slots=True)
class Run:
    """Where a call stands in its TwiML; a raised `epoch` makes everything planned before stale."""

    document_url: str | None = None
    method: str = "POST"
    verbs: list[Element] = field(default_factory=list)
    listening: Listening | None = None
    engagement: Engagement | None = None
    scene: Scene | None = None
    epoch: int = 0
    fetches: int = 0


@dataclass(slots=True)
class Call:
    """One leg between one of the account's numbers and a phone; a dialed one has a parent."""

    sid: str
    direction: str
    to: str
    from_: str
    created_at: datetime
    updated_at: datetime
    status: CallStatus = CallStatus.QUEUED
    queue_ms: int = 0
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    document: Hook | None = None
    twiml: str | None = None
    fallback: Hook | None = None
    status_callback: Hook | None = None
    events: frozenset[str] = frozenset({"completed"})
    ring_seconds: int = 60
    time_limit: int = 14400
    detects_machine: bool = False
    answered_by: str | None = None
    sequence: int = 0
    parent_sid: str | None = None
    picked_up: Callable[[Call], None] | None = None
    run: Run = field(default_factory=Run)

    @property
    def handset_number(self) -> str:
        """Give the number at the far end: the caller's if inbound, the callee's if outbound."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def is_over(self) -> bool:
        """Tell whether the call has ended in any way."""
        return self.status in _ENDS

    @property
    def seconds(self) -> int:
        """Give the length from answer to end; 0 if it was never answered."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0, round((self.ended_at - self.answered_at).total_seconds()))


@dataclass(slots=True)
class Message:
    """One text in either direction."""

    sid: str
    direction: str
    to: str
    from_: str
    body: str
    created_at: datetime
    updated_at: datetime
    segments: int
    status: MessageStatus
    media: int = 0
    service_sid: str | None = None
    status_callback: Hook | None = None
    sent_at: datetime | None = None
    error_code: int | None = None

    @property
    def is_final(self) -> bool:
        """Tell whether the status can no longer change."""
        return not MESSAGE_MOVES[self.status]


@dataclass(frozen=True, slots=True)
class Heard:
    """Something a phone heard: kind "say", "play", "tone", "beep", or the "voice" of a peer.

    `by` is the number of the peer who spoke.
    """

    text: str
    language: str
    kind: str
    call_sid: str
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class InboxText:
    """A text on a phone's screen; `direction` is "in" or "out" as the phone's owner sees it."""

    direction: str
    peer: str
    body: str
    sid: str
    at: datetime
    pictures: int = 0


@dataclass(slots=True)
class CallNote:
    """One line of a phone's call history."""

    sid: str
    direction: str
    peer: str
    at: datetime
    status: str
    pressed: str = ""


@dataclass(slots=True)
class Desk:
    """The state of one phone; `version` grows with every change, for whoever polls."""

    number: str
    label: str
    state: PhoneState = PhoneState.IDLE
    call_sid: str | None = None
    version: int = 0
    inbox: list[InboxText] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    said: list[Heard] = field(default_factory=list)
    history: list[CallNote] = field(default_factory=list)
    authenticator: Authenticator | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An error as Twilio's debugger would list it."""

    code: int
    sid: str
    url: str
    detail: str
    at: datetime
