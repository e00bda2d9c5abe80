"""Consent: for which purpose, on which ground of the law, given by whom. Pure.

Sources: Personal Information Protection Law (PIPL) articles 13, 15, 18, 23, 28, 29 and 31;
Regulation on the Protection of Minors in Cyberspace (2023) articles 34 and 36.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound

LATE_NOTICE = "late_notice"
"""Kind of the duty to tell the people concerned once the emergency is over (PIPL 18)."""


class Purpose(StrEnum):
    """What identity may be used for; each purpose is asked for by itself (PIPL 23, 29)."""

    KEEP_IDENTITY = "keep_identity"
    CONTACT_BY_TEXT = "contact_by_text"
    CONTACT_BY_CALL = "contact_by_call"
    NAME_TO_SCHOOL = "name_to_school"
    TELL_GUARDIAN = "tell_guardian"
    PASS_TO_HOSPITAL = "pass_to_hospital"  # noqa: S105 - a purpose, no secret


class Basis(StrEnum):
    """On which ground of PIPL 13 it rests."""

    CONSENT = "consent"
    """13 (1)."""
    STATUTORY_DUTY = "statutory_duty"
    """13 (3): a report that the law demands."""
    EMERGENCY = "emergency"
    """13 (4): to protect life or health; needs a reason, an approver and late notice (18)."""


class Giver(StrEnum):
    """Who agreed; nobody where the law or an emergency stands in."""

    STUDENT = "student"
    GUARDIAN = "guardian"
    BOTH = "both"
    NOBODY = "nobody"


GIVERS: Mapping[Basis, frozenset[Giver]] = {
    Basis.CONSENT: frozenset({Giver.STUDENT, Giver.GUARDIAN, Giver.BOTH}),
    Basis.STATUTORY_DUTY: frozenset({Giver.NOBODY}),
    Basis.EMERGENCY: frozenset({Giver.NOBODY}),
}
"""Who can have given what."""

WITH_GUARDIAN = frozenset({Giver.GUARDIAN, Giver.BOTH})
"""Who can agree for a student under 14 (PIPL 31; Law on the Protection of Minors 72)."""
STUDENTS_OWN = frozenset({Purpose.TELL_GUARDIAN})
"""Whether a guardian may be spoken with is the student's wish: no guardian can agree to that."""

NEEDS_REASON = frozenset({Basis.STATUTORY_DUTY, Basis.EMERGENCY})


class ConsentEntry(StrEnum):
    """What the timeline says of consents; facts: consent_id, purpose, basis, approver_id."""

    GIVEN = "consent_given"
    WITHDRAWN = "consent_withdrawn"
    EMERGENCY = "emergency_override"
    APPROVED = "emergency_approved"
    NOTICE_GIVEN = "late_notice_given"
    SUSPENDED = "consent_suspended"
    RESUMED = "consent_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """A consent as it is written down; `words` say how it was given, or the reason."""

    purpose: Purpose
    basis: Basis
    given_by: Giver
    given_at: datetime
    words: str = ""
    approver_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A consent, opened."""

    consent_id: int
    case_id: int
    purpose: Purpose
    basis: Basis
    given_by: Giver
    given_at: datetime
    words: str
    by_user_id: int
    at: datetime
    approver_id: int | None
    approved_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: int | None
    withdrawal: str
    suspended_at: datetime | None
    version: int

    @property
    def is_in_force(self) -> bool:
        """Tell whether it stands; one that is suspended stands, and nothing relies on it."""
        return self.withdrawn_at is None

    @property
    def is_relied_on(self) -> bool:
        """Tell whether it may be acted on."""
        return self.is_in_force and self.suspended_at is None

    @property
    def awaits_approval(self) -> bool:
        """Tell whether an emergency was not confirmed yet; it holds until then all the same."""
        is_emergency = self.basis is Basis.EMERGENCY
        return is_emergency and self.is_in_force and self.approved_at is None


class NoSuchConsent(NotFound):
    """There is no such consent in this case."""


class ConsentStands(Conflict):
    """This purpose is agreed already; withdraw that first if it changed."""


class AlreadyWithdrawn(Conflict):
    """This was withdrawn already."""


class AlreadyApproved(Conflict):
    """This was confirmed already."""


class WrongGiver(DomainError):
    """With consent somebody must have agreed; without it nobody did."""


class GuardianNeeded(DomainError):
    """Under 14 a guardian must agree too; if the guardian is the danger, choose another ground."""


class ReasonNeeded(DomainError):
    """Without consent the record needs a reason: what danger, or which law."""


class ApproverNeeded(DomainError):
    """An emergency needs somebody who answers for it: choose a supervisor whom you asked."""


class NotYourApproval(Conflict):
    """This is for somebody else to confirm."""


class NotYetGiven(DomainError):
    """A consent cannot be given in the future."""


def approval_kind(*, purpose: Purpose) -> str:
    """Name the kind of duty by which an approver confirms an emergency, one for each purpose."""
    return f"approve_{purpose.value}"


def is_settled_by_consent(*, kind: str) -> bool:
    """Tell whether a duty ends only by what it asks for: a notice given, an emergency decided."""
    return kind == LATE_NOTICE or kind in {approval_kind(purpose=one) for one in Purpose}


CLOCK_SKEW = timedelta(minutes=5)


def check_guardian(*, new: NewConsent, consents_alone: bool) -> None:
    """Refuse the consent of a student under 14 alone (PIPL 31); no duty or emergency waits for it.

    Raises:
        GuardianNeeded: no guardian agreed, and the student is known to be under 14.

    """
    if lacks_guardian(given=new, consents_alone=consents_alone):
        raise GuardianNeeded


def lacks_guardian(*, given: NewConsent | ConsentRow, consents_alone: bool) -> bool:
    """Tell whether a consent rests on a student under 14 alone: the age may be told later."""
    asks_consent = given.basis is Basis.CONSENT and given.purpose not in STUDENTS_OWN
    return asks_consent and not consents_alone and given.given_by not in WITH_GUARDIAN


def check_consent(*, new: NewConsent, by: int, approvers: frozenset[int], now: datetime) -> None:
    """Refuse a consent that the law would not know (facts.md 4).

    Raises:
        WrongGiver: the ground and the giver do not fit.
        ReasonNeeded: a duty or an emergency without a reason.
        ApproverNeeded: an emergency without a supervisor of the case's units other than `by`.
        NotYetGiven: its moment lies ahead.

    """
    if new.given_by not in GIVERS[new.basis]:
        raise WrongGiver
    if new.basis in NEEDS_REASON and not new.words.strip():
        raise ReasonNeeded
    is_emergency = new.basis is Basis.EMERGENCY
    if is_emergency and (new.approver_id == by or new.approver_id not in approvers):
        raise ApproverNeeded
    if new.given_at > now + CLOCK_SKEW:
        raise NotYetGiven
