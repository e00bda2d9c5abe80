"""What an audit event is, its canonical bytes and the hash that chains it. No table here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64
"""What the first event of a chain names as the hash before it."""


class ActorKind(StrEnum):
    """Who can act at all."""

    USER = "user"
    SYSTEM = "system"
    CARRIER = "carrier"
    COMMAND = "command"


class AuditAction(StrEnum):
    """What was seen or done; rooms add a word here, never a free string."""

    OPENED_CONTACT = "opened_contact"
    OPENED_CASE = "opened_case"
    REVEALED_NUMBER = "revealed_number"
    REVEALED_IDENTITY = "revealed_identity"
    IDENTITY_CHANGED = "identity_changed"
    CONSENT_CHANGED = "consent_changed"
    PERSONS_LINKED = "persons_linked"
    LISTED = "listed"
    SEARCHED = "searched"
    PRINTED = "printed"
    EXPORTED = "exported"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    STEPPED_UP = "stepped_up"
    RECOVERY_CODE_USED = "recovery_code_used"
    REFUSED = "refused"
    RECEIVED_TEXT = "received_text"
    RECEIVED_CALL = "received_call"
    CALL_ANSWERED = "call_answered"
    CALL_ENDED = "call_ended"
    CALLED_STUDENT = "called_student"
    BROUGHT_IN = "brought_in"
    HEARD_RECORDING = "heard_recording"
    SAW_PICTURE = "saw_picture"
    SAW_DOCUMENT = "saw_document"
    DOCUMENT_CHANGED = "document_changed"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_DECIDED = "erasure_decided"
    LEGAL_HOLD_CHANGED = "legal_hold_changed"
    CLAIMED = "claimed"
    RETURNED = "returned"
    HANDED_OVER = "handed_over"
    WORD_AGREED = "word_agreed"
    CANNED_REPLY_CHANGED = "canned_reply_changed"
    REPLIED = "replied"
    CLOSED_CONTACT = "closed_contact"
    RECORDED_FACTS = "recorded_facts"
    RECORDED_ELSEWHERE = "recorded_elsewhere"
    SCREENED = "screened"
    ASSESSED = "assessed"
    CASE_OPENED = "case_opened"
    CASE_CHANGED = "case_changed"
    TAGS_CHANGED = "tags_changed"
    CASE_TRANSFERRED = "case_transferred"
    CASE_CLOSED = "case_closed"
    NOTE_WRITTEN = "note_written"
    DESK_TESTED = "desk_tested"
    PLAN_SAVED = "plan_saved"
    REFERRED = "referred"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    FOLLOW_UP_CHANGED = "follow_up_changed"
    DUTY_DONE = "duty_done"
    SHIFT_ADDED = "shift_added"
    SHIFT_REMOVED = "shift_removed"
    ROSTER_CHANGED = "roster_changed"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    USER_DISABLED = "user_disabled"
    SESSIONS_ENDED = "sessions_ended"
    ACCESS_ASKED = "access_asked"
    ACCESS_REFUSED = "access_refused"
    BROKE_GLASS = "broke_glass"
    EMERGENCY_REVIEWED = "emergency_reviewed"
    GRANT_GIVEN = "grant_given"
    GRANT_ENDED = "grant_ended"
    IMPORTED = "imported"
    SEEDED = "seeded"


class Problem(StrEnum):
    """What is wrong with a chain."""

    EDITED = "edited"
    """The event's content no longer gives its hash."""
    OUT_OF_ORDER = "out_of_order"
    """The event does not name the hash of the one before it."""
    GAP = "gap"
    """One or more events before this one are gone."""
    TAIL_CUT = "tail_cut"
    """The chain ends before the last event that was sealed or anchored."""
    ANCHOR_MISMATCH = "anchor_mismatch"
    """The event has another hash than the one written outside: the chain was made anew."""
    ANCHOR_MISSING = "anchor_missing"
    """Events are sealed, but nothing is written outside the database."""
    ANCHOR_DAMAGED = "anchor_damaged"
    """The file outside the database has a line that cannot be read."""
    UNSEALED_TOO_LONG = "unsealed_too_long"
    """An event waits for its seal for more than a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted; a user is named by id."""

    kind: ActorKind | str
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was seen or changed: the name of its table and its id."""

    kind: str
    id: int | None = None


SYSTEM = Actor(kind=ActorKind.SYSTEM)
CARRIER = Actor(kind=ActorKind.CARRIER)
COMMAND = Actor(kind=ActorKind.COMMAND)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventContent:
    """Everything of an event that its hash protects."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    action: str
    subject_kind: str | None
    subject_id: int | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The head of the chain at one moment, as written outside the database."""

    at: datetime
    sequence: int
    hash: str


class NotADetail(TypeError):
    """Details hold ids, filters and counts: things that JSON keeps as they are."""


def canonical(*, content: EventContent) -> bytes:
    """Write an event the one way that both databases and every Python give back."""
    fields = [
        content.id,
        content.at.astimezone(UTC).isoformat(timespec="microseconds"),
        content.actor_kind,
        content.actor_id,
        content.action,
        content.subject_kind,
        content.subject_id,
        content.details,
    ]
    return json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def chained_hash(*, content: EventContent, sequence: int, previous: str) -> str:
    """Hash an event at its place in the chain; 64 hexadecimal digits."""
    head = f"{sequence}\n{previous}\n".encode()
    return hashlib.sha256(head + canonical(content=content)).hexdigest()


def plain_details(*, details: Mapping[str, Any]) -> dict[str, Any]:
    """Give details as JSON will give them back, so that their hash can be repeated.

    Raises:
        NotADetail: something in them is not JSON.

    """
    try:
        plain = json.loads(json.dumps(dict(details), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise NotADetail("audit details must be JSON") from error
    return dict(plain)


def anchor_line(*, anchor: Anchor) -> str:
    """Write an anchor as `time sequence hash`."""
    return f"{anchor.at.astimezone(UTC).isoformat()} {anchor.sequence} {anchor.hash}\n"


def read_anchor(*, line: str) -> Anchor | None:
    """Read one line of the file outside the database; None when it is damaged."""
    parts = line.split(" ")
    if not line.endswith("\n") or len(parts) != len(("time", "sequence", "hash")):
        return None
    at, sequence, digest = parts[0], parts[1], parts[2].strip()
    try:
        return Anchor(at=datetime.fromisoformat(at), sequence=int(sequence), hash=digest)
    except ValueError:
        return None
