"""Words and shapes of calls: where a call stands, its legs, its recording. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, NotFound
from wellbeing.policy.model import Language, RiskLevel


class CallState(StrEnum):
    """Where a call stands."""

    MENU = "menu"
    QUEUED = "queued"
    ANSWERED = "answered"
    LIFELINE = "lifeline"
    VOICEMAIL = "voicemail"
    ENDED = "ended"


class CallEnd(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    LIFELINE = "lifeline"
    VOICEMAIL = "voicemail"
    CALL_BACK = "call_back"
    FAILED = "failed"


class LegKind(StrEnum):
    """Why somebody's phone rings."""

    RING = "ring"
    """A caller waits."""
    TRANSFER = "transfer"
    """A colleague brings them into a call."""
    JOIN = "join"
    """A supervisor is brought into a call."""
    OUT = "out"
    """They call a student; their own phone rings first."""


class LegState(StrEnum):
    """Where a leg stands; everything from `declined` on is an end."""

    PLACING = "placing"
    RINGING = "ringing"
    SCREENING = "screening"
    TALKING = "talking"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELED = "canceled"
    LATE = "late"
    """A colleague was faster."""
    GONE = "gone"
    """The caller was gone."""
    ENDED = "ended"


RINGING = (LegState.PLACING, LegState.RINGING, LegState.SCREENING)
ACTIVE = (*RINGING, LegState.TALKING)
MISSED = (LegState.NO_ANSWER, LegState.FAILED)
"""Ends that count towards being away: declining is an answer, and a busy person is at work."""
LEG_MOVES: dict[LegState, tuple[LegState, ...]] = {
    LegState.RINGING: (LegState.PLACING,),
    LegState.SCREENING: (LegState.PLACING, LegState.RINGING),
    LegState.TALKING: RINGING,
    **dict.fromkeys(
        (
            LegState.DECLINED,
            LegState.NO_ANSWER,
            LegState.BUSY,
            LegState.FAILED,
            LegState.CANCELED,
            LegState.LATE,
            LegState.GONE,
        ),
        RINGING,
    ),
    LegState.ENDED: ACTIVE,
}
"""From which states a leg may come to each; no callback out of order turns one back (P4)."""


class NoSuchCall(NotFound):
    """There is no such call."""


class CallOver(Conflict):
    """This call is over."""


class NotInACall(Conflict):
    """You are not talking to anybody in this call."""


class BusyNow(Conflict):
    """This colleague is in a call or being rung right now."""


class RecordingState(StrEnum):
    """Where a recording is: at the carrier, or here and nowhere else."""

    AT_CARRIER = "at_carrier"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A desk of an organization, to be rung."""

    organization_id: int
    desk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who is rung together, for how long; as the ring plan said when the call came in.

    `user_id` is somebody who talked to the caller a moment ago and lost the line.
    """

    key: str
    places: tuple[Place, ...]
    lasts: timedelta
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A call that came in; nothing was written for a repeated webhook."""

    contact_id: int
    public_id: str
    language: Language | None
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call with what everybody needs of its contact."""

    contact_id: int
    public_id: str
    call_sid: str
    caller_id: int
    line_number: str
    organization_id: int
    language: Language
    urgency: RiskLevel
    data_key_id: uuid.UUID
    has_number: bool
    arrived_at: datetime
    claimed_by: int | None
    is_outgoing: bool
    state: CallState
    is_danger: bool
    is_direct: bool
    """Nobody delivers: the caller's own document rings people, one after the other."""
    plan: tuple[Stage, ...]
    stage: int
    stage_ends_at: datetime | None
    rung_before: int
    next_step_at: datetime | None
    waited: int
    winner_leg_id: int | None
    answered_at: datetime | None
    left_at: datetime | None
    ended_at: datetime | None
    ended_as: CallEnd | None
    is_conference: bool
    conference_sid: str | None
    is_on_hold: bool

    @property
    def room(self) -> str:
        """Name the carrier's queue, and conference, of this call."""
        return f"c-{self.public_id}"

    @property
    def is_over(self) -> bool:
        """Tell whether the call has ended."""
        return self.state is CallState.ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One ring of one person."""

    leg_id: int
    public_id: str
    contact_id: int
    user_id: int
    kind: LegKind
    phone_kind: str
    stage: int
    outbound_id: int | None
    state: LegState
    is_in_conference: bool
    placed_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether this phone rings or talks."""
        return self.state in ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeg:
    """A ring to be placed."""

    contact_id: int
    user_id: int
    kind: LegKind
    phone_kind: str
    stage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A call that goes on, as the live queue shows it: not a word, and no number."""

    contact_id: int
    public_id: str
    state: CallState
    is_outgoing: bool
    urgency: RiskLevel
    organization_id: int
    language: Language
    masked_number: str
    arrived_at: datetime
    answered_at: datetime | None
    stage: int
    stages: int
    next_step_at: datetime | None
    winner_user_id: int | None
    is_danger: bool
    is_on_hold: bool
    legs: tuple[LegRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """A voicemail; its sound is opened by `audio_of`."""

    recording_id: int
    contact_id: int
    sid: str
    seconds: int
    state: RecordingState
    at: datetime
