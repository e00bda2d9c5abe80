"""Words, shapes and decisions of contacts: states, rows, what may be written. Pure."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError
from wellbeing.policy.model import Language, RiskLevel, TriagePolicy

BODY_LIMIT = 10_000
"""Characters kept of one text; the carrier itself joins at most 1,600."""
QUEUE_SHARDS = 16
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
SURROGATES = re.compile(r"[\ud800-\udfff]")


class Channel(StrEnum):
    """How somebody reached us."""

    TEXT = "text"
    VOICE = "voice"
    WALK_IN = "walk_in"
    LETTER = "letter"

    @property
    def is_on_line(self) -> bool:
        """Tell whether it came over the line; the others were made elsewhere and written down."""
        return self in (Channel.TEXT, Channel.VOICE)


class ContactState(StrEnum):
    """Where a contact stands."""

    CALLING = "calling"
    """Somebody is on the line and no counselor has answered: the call itself says what is next."""
    WAITING = "waiting"
    IN_CONVERSATION = "in_conversation"
    CLOSED = "closed"


class Direction(StrEnum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"


class Author(StrEnum):
    """Who wrote a message."""

    STUDENT = "student"
    COUNSELOR = "counselor"
    AUTOMATIC = "automatic"


class BodyFlag(StrEnum):
    """What was done to a text at the door, so that nobody takes it for the student's writing."""

    CONTROLS_REMOVED = "controls_removed"
    SURROGATES_REPLACED = "surrogates_replaced"
    CUT = "cut"
    EMPTY = "empty"
    AGREED_WORD = "agreed_word"
    """It says the word agreed with this person."""
    MEDIA = "media"
    """Something came with it; what can be shown is a `Medium` of the message."""


class Disposition(StrEnum):
    """How a contact ended."""

    SUPPORTED = "supported"
    REFERRED = "referred"
    CASE_OPENED = "case_opened"
    NO_REPLY = "no_reply"
    NON_DATA = "non_data"
    OPTED_OUT = "opted_out"
    CHECK_IN_ANSWERED = "check_in_answered"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    CALL_BACK = "call_back"
    LIFELINE = "lifeline"


BY_COUNSELORS = (
    Disposition.SUPPORTED,
    Disposition.REFERRED,
    Disposition.CASE_OPENED,
    Disposition.NO_REPLY,
    Disposition.NON_DATA,
)
"""How a counselor may end a contact; the others are written by the line itself."""


class AlreadyClaimed(Conflict):
    """A colleague has taken this contact."""


class NobodyWaits(DomainError):
    """Nobody is waiting."""

    status = 404


class NotYours(Conflict):
    """This contact is not yours to answer now."""


class StaleContact(Conflict):
    """Somebody else changed this contact in the meantime."""


class NothingToSend(DomainError):
    """There is nothing to send."""


class NoNumber(DomainError):
    """This contact came without a number; it cannot be answered by text."""


class TooManyConversations(DomainError):
    """You are holding as many conversations as one person can."""

    status = 409


class SameCounselor(DomainError):
    """You hold this conversation yourself."""


class TheirHandsAreFull(Conflict):
    """This colleague is holding as many conversations as one person can."""


class NotAnAnswer(DomainError):
    """Some of these answers are not among the choices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A text made safe to store, and what had to be done to it."""

    text: str
    flags: tuple[BodyFlag, ...]


def clean_body(*, raw: str, media_count: int = 0) -> Body:
    """Make a text storable everywhere: no NUL, no control characters, no lone surrogates, capped.

    Line breaks, tabs, emoji, joiners and direction marks are the student's and stay.
    """
    flags = []
    # Through UTF-16 two halves of a character that arrived apart become one again.
    joined = raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if SURROGATES.search(raw) and "\N{REPLACEMENT CHARACTER}" in joined:
        flags.append(BodyFlag.SURROGATES_REPLACED)
    cleaned = CONTROLS.sub("", joined)
    if cleaned != joined:
        flags.append(BodyFlag.CONTROLS_REMOVED)
    if len(cleaned) > BODY_LIMIT:
        cleaned = cleaned[:BODY_LIMIT]
        flags.append(BodyFlag.CUT)
    if not cleaned.strip():
        flags.append(BodyFlag.EMPTY)
    if media_count:
        flags.append(BodyFlag.MEDIA)
    return Body(text=cleaned, flags=tuple(flags))


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingText:
    """A text as it reached us; `sender` is E.164, another address, or None when withheld.

    `language` is what the text itself is written in; None where it does not tell.
    """

    sid: str
    sender: str | None
    line_number: str
    body: str
    organization_id: int
    organization_path: str
    language: Language | None
    media_count: int = 0
    media_sids: tuple[str, ...] = ()
    """What came with it, by the carrier's ids; never an address that somebody told us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """A call as it reached us; `sender` as for texts."""

    call_sid: str
    sender: str | None
    line_number: str
    organization_id: int
    organization_path: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Where a text was stored; nothing was written for a repeated one."""

    contact_id: int
    message_id: int
    data_key_id: uuid.UUID
    language: Language
    urgency: RiskLevel
    state: ContactState
    is_new_caller: bool
    is_new_contact: bool
    is_reopened: bool
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a sender at the moment a text comes in; each may be unknown."""

    caller_id: int | None
    language: str | None
    contact_id: int | None
    is_closed: bool | None
    message_id: int | None
    repeat_of: int | None
    word_sealed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """What the contact record says besides the words; None means not known.

    `reasons`, `caller_type`, `age_band` and `non_data_kind` are keys of the policy; distress,
    intent and hope run from 0 to 100, at the start and at the end.
    """

    caller_type: str | None = None
    age_band: str | None = None
    reasons: tuple[str, ...] = ()
    non_data_kind: str | None = None
    distress_start: int | None = None
    distress_end: int | None = None
    intent_start: int | None = None
    intent_end: int | None = None
    hope_start: int | None = None
    hope_end: int | None = None


MEASURES = (
    "distress_start",
    "distress_end",
    "intent_start",
    "intent_end",
    "hope_start",
    "hope_end",
)
MEASURE_LIMIT = 100


def wrong_answers(*, facts: ContactFacts, choices: TriagePolicy) -> tuple[str, ...]:
    """Name the fields whose value is not a key of the policy, or a measure not from 0 to 100."""
    measures = {name: getattr(facts, name) for name in MEASURES}
    wrong = [
        name
        for name, value in measures.items()
        if value is not None and not 0 <= value <= MEASURE_LIMIT
    ]
    keyed = (
        ("caller_type", facts.caller_type, choices.caller_types),
        ("age_band", facts.age_band, choices.age_bands),
        ("non_data_kind", facts.non_data_kind, choices.non_data_kinds),
        *(("reasons", reason, choices.reasons) for reason in facts.reasons),
    )
    for name, value, allowed in keyed:
        if value is not None and value not in {choice.key for choice in allowed}:
            wrong.append(name)
    return tuple(dict.fromkeys(wrong))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact as doors and higher rooms see it; the number is masked."""

    contact_id: int
    public_id: str
    caller_id: int
    channel: Channel
    line_number: str
    organization_id: int
    organization_path: str
    urgency: RiskLevel
    urgency_at: datetime
    state: ContactState
    language: Language
    data_key_id: uuid.UUID
    masked_number: str
    has_number: bool
    arrived_at: datetime
    waiting_since: datetime | None
    claimed_by: int | None
    claimed_at: datetime | None
    first_human_reply_at: datetime | None
    last_inbound_at: datetime | None
    unanswered_since: datetime | None
    returned_at: datetime | None
    ended_at: datetime | None
    next_page_at: datetime | None
    disposition: str | None
    facts: ContactFacts
    wrap_up: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of a thread, opened."""

    message_id: int
    direction: Direction
    author: Author
    author_id: int | None
    body: str
    outbound_id: int | None
    at: datetime
    flags: tuple[BodyFlag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A waiting or engaged contact in the live queue: not a word of the student."""

    contact_id: int
    public_id: str
    caller_id: int
    channel: Channel
    organization_id: int
    urgency: RiskLevel
    state: ContactState
    language: Language
    masked_number: str
    arrived_at: datetime
    waiting_since: datetime | None
    claimed_by: int | None
    unanswered_since: datetime | None
    returned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """A waiting contact whose next paging step is due."""

    contact_id: int
    organization_id: int
    urgency: RiskLevel
    urgency_at: datetime
    page_step: int
    next_page_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A contact that left its counselor, and who that was."""

    contact_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """What a counselor was typing."""

    body: str
    saved_at: datetime
