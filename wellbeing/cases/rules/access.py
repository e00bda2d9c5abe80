"""Access to a case beyond its owner: what the timeline says of it, what waits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wellbeing.accounts.rules.grants import AccessRequestRow, EmergencyRow
from wellbeing.cases.rules.cases import CaseRow, CaseStatus
from wellbeing.foundation.errors import Conflict, DomainError, NotFound

REVIEW_DUTY = "break_glass_review"
"""Kind of the duty of whoever must look at an emergency view that nobody reviewed in time."""
SHUT_FOR_GOOD = frozenset({CaseStatus.SEALED, CaseStatus.ERASED})
CHOICES = (timedelta(hours=8), timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""For how long access may be given; the policy's limit cuts the longer ones off."""


class AccessEntry(StrEnum):
    """What the timeline says of access beyond the owner's.

    Facts by kind: asked(user_id; details: reason); given(user_id, until; details: reason);
    refused(user_id; details: reason); broken(user_id, until; details: reason);
    reviewed(user_id, verdict; details: review).
    """

    ASKED = "access_asked"
    GIVEN = "access_given"
    REFUSED = "access_refused"
    BROKEN = "access_broken"
    REVIEWED = "access_reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItem:
    """A request and the case that it concerns, for whoever may decide it."""

    row: AccessRequestRow
    case: CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewItem:
    """An emergency view and its case, for whoever may review it or owns the case."""

    row: EmergencyRow
    case: CaseRow


class MayOpenAlready(Conflict):
    """You may open this case already."""


class SealedOpensInEmergency(Conflict):
    """This record is sealed: it opens only in an emergency, with a reason and a review."""


class NotAReference(DomainError):
    """A reference looks like WB-7K3M9Q; please check what you were given."""


class NoCaseNamed(NotFound):
    """No case has this reference; please check it."""
