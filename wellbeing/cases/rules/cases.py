"""What a case may become, who may lower its level, when it may close; its shapes. Pure."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import (
    Decider,
    NoteMissing,
    Source,
    Standing,
    check_leaving_red,
)

PREFIX = "WB-"
ALPHABET = "2345679CDFGHJKMNPQRTVWX"
"""No vowels, and of each pair of look-alikes at most one: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V."""
REFERENCE_LENGTH = 6
COUNT_CAP = 1_000
"""Lists count no further, so that a count costs the same over a thousand and a million cases."""


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    IN_CARE = "in_care"
    WAITING = "waiting"
    CLOSED = "closed"
    SEALED = "sealed"
    ERASED = "erased"


TRANSITIONS: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.OPEN: frozenset({CaseStatus.IN_CARE, CaseStatus.WAITING, CaseStatus.CLOSED}),
    CaseStatus.IN_CARE: frozenset({CaseStatus.OPEN, CaseStatus.WAITING, CaseStatus.CLOSED}),
    CaseStatus.WAITING: frozenset({CaseStatus.OPEN, CaseStatus.IN_CARE, CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset({CaseStatus.OPEN, CaseStatus.SEALED, CaseStatus.ERASED}),
    CaseStatus.SEALED: frozenset({CaseStatus.ERASED}),
    CaseStatus.ERASED: frozenset(),
}
"""Every change of status that there is; nothing leads back from erased."""

LIVING = (CaseStatus.OPEN, CaseStatus.IN_CARE, CaseStatus.WAITING)
"""Statuses of a case that is worked on; only these are chosen by hand."""


class NoteKind(StrEnum):
    """Whose note it is."""

    NOTE = "note"
    SUPERVISION = "supervision"


class EntryKind(StrEnum):
    """What happened to a case by this room's own doing; higher rooms add words of their own.

    Facts by kind: opened(contact_id, level, organization_id); contact_attached(contact_id);
    note_added(note_id, note_kind); note_changed(note_id; details: before);
    level_changed(from_level, to_level; details: note); status_changed(from_status, to_status;
    details: note); closed(from_status; details: note); reopened(from_status);
    transferred(from_user_id, to_user_id, from_organization_id, to_organization_id);
    duty_opened(duty_id, duty_kind, holder_id, by_at); duty_done(duty_id, duty_kind);
    plan_saved(plan_kind, plan_version); referred(referral_id, referral_kind, referral_state);
    referral_moved(as referred); student_declined(declined_at; details: note);
    closing_signed(details: reason); assigned(to_user_id; details: reason);
    tagged(tag); untagged(tag); sealed(closed_at);
    lowering_proposed(to_level, by_at; details: note); lowering_refused(to_level; details: note).
    """

    OPENED = "opened"
    CONTACT_ATTACHED = "contact_attached"
    NOTE_ADDED = "note_added"
    NOTE_CHANGED = "note_changed"
    LEVEL_CHANGED = "level_changed"
    STATUS_CHANGED = "status_changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    TRANSFERRED = "transferred"
    DUTY_OPENED = "duty_opened"
    DUTY_DONE = "duty_done"
    PLAN_SAVED = "plan_saved"
    REFERRED = "referred"
    REFERRAL_MOVED = "referral_moved"
    STUDENT_DECLINED = "student_declined"
    CLOSING_SIGNED = "closing_signed"
    ASSIGNED = "assigned"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    LOWERING_PROPOSED = "lowering_proposed"
    LOWERING_REFUSED = "lowering_refused"
    SEALED = "sealed"


DUTY_HOLD = "duty"
DECIDED_ELSEWHERE = frozenset({"level_decision"})
"""Kinds of duties that nobody ends by saying that they are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case as doors and higher rooms see it; no word of anybody."""

    case_id: int
    reference: str
    organization_id: int
    organization_path: str
    owner_id: int
    owned_since: datetime
    level: RiskLevel
    level_set_by: int | None
    status: CaseStatus
    data_key_id: uuid.UUID
    opened_at: datetime
    closed_at: datetime | None
    next_step_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """Which cases are listed; `reference` as typed, `open_only` leaves out closed ones."""

    level: RiskLevel | None = None
    status: CaseStatus | None = None
    owner_id: int | None = None
    reference: str | None = None
    open_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last case of a page; the next page begins after it."""

    opened_at: datetime
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """A note, opened."""

    note_id: int
    case_id: int
    kind: NoteKind
    body: str
    by_user_id: int
    at: datetime
    edited_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry of a timeline; `details` are words, opened."""

    entry_id: int
    case_id: int
    at: datetime
    kind: str
    actor_id: int | None
    facts: Mapping[str, Any]
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChangeRow:
    """A level that a person set, with the reason; `previous` None is the first."""

    previous: RiskLevel | None
    level: RiskLevel
    by_user_id: int
    note: str
    at: datetime
    source: Source = Source.COUNSELOR
    proposed_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """What stops a case from closing."""

    kind: str
    source_id: int
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDuty:
    """Something to be done by a time, for one case or one contact."""

    kind: str
    case_id: int | None = None
    contact_id: int | None = None
    holder_id: int
    organization_id: int
    by_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """A duty as doors and higher rooms see it; `reference` of its case, if it has one."""

    duty_id: int
    kind: str
    case_id: int | None
    contact_id: int | None
    reference: str | None
    holder_id: int
    organization_id: int
    by_at: datetime
    opened_at: datetime
    done_at: datetime | None


class AlreadyACase(Conflict):
    """This contact belongs to a case already."""

    def __init__(self, *, reference: str) -> None:
        super().__init__(reference=reference)
        self.reference = reference


class StaleCase(Conflict):
    """Somebody else changed this case in the meantime."""


class StaleNote(Conflict):
    """Somebody else changed this note in the meantime; both versions are shown."""

    def __init__(self, *, saved: NoteRow, yours: str) -> None:
        super().__init__(note_id=saved.note_id, version=saved.version)
        self.saved = saved
        self.yours = yours


class OwnedBySomebodyElse(Conflict):
    """This case belongs to somebody else by now."""


class NotYourNote(Conflict):
    """A note is changed only by its writer; write one of your own."""


class NothingWritten(DomainError):
    """A note needs words."""


class IllegalTransition(DomainError):
    """A case cannot go from its present status to that one."""


class NotByHand(DomainError):
    """Closing, sealing and erasing have ways of their own."""


class CaseIsClosed(Conflict):
    """This case is closed."""


class HoldsRemain(DomainError):
    """This case cannot be closed yet."""

    status = 409

    def __init__(self, *, kinds: tuple[str, ...]) -> None:
        super().__init__(kinds=kinds)
        self.kinds = kinds


class NoSuchDuty(NotFound):
    """There is no such duty that you may see."""


class DecidedElsewhere(Conflict):
    """This ends with a decision on the page of the case or conversation, not here."""


class DutyDone(Conflict):
    """This duty is done already."""


def new_reference() -> str:
    """Make a case's reference from the system's randomness; there are 148 million."""
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(REFERENCE_LENGTH))


def normalised_reference(*, typed: str) -> str | None:
    """Read a reference however it was typed, prefix or not; None when it cannot be one."""
    text = unicodedata.normalize("NFKC", typed).upper()
    letters = "".join(letter for letter in text if letter.isalnum())
    plain = letters.removeprefix("WB")
    if len(plain) != REFERENCE_LENGTH or not set(plain) <= set(ALPHABET):
        return None
    return PREFIX + plain


def check_level(*, standing: Standing, level: RiskLevel, note: str, by: Decider) -> None:
    """Refuse what product.md 4.3 does not allow: up at once, down only with a note.

    Raises:
        NoteMissing: it would fall without a reason.
        SupervisorNeeded: a counselor would lower a red that a person set, or a supervisor one
            that they set themselves.

    """
    if level >= standing.level:
        return
    if not note.strip():
        raise NoteMissing
    check_leaving_red(standing=standing, by=by)


def check_transition(*, old: CaseStatus, new: CaseStatus) -> None:
    """Refuse a change of status that is not in the table.

    Raises:
        IllegalTransition: there is no such step.

    """
    if new not in TRANSITIONS[old]:
        raise IllegalTransition


def note_kind(*, owner_id: int, by: Decider) -> NoteKind:
    """Tell supervision from casework: a supervisor who writes on somebody else's case."""
    is_supervision = by.is_supervisor and by.user_id != owner_id
    return NoteKind.SUPERVISION if is_supervision else NoteKind.NOTE


def choices_from(*, status: CaseStatus) -> tuple[CaseStatus, ...]:
    """List the statuses that a person may choose now, in the order of work."""
    return tuple(one for one in LIVING if one in TRANSITIONS[status])


def may_reopen(*, closed_at: datetime, within: timedelta, now: datetime) -> bool:
    """Tell whether a contact may still join a closed case, up to and on the last day."""
    return now <= closed_at + within
