"""What can have happened to a promise to get back; ids, levels and times only.

`case_id` is None for a call-back to somebody who has no case; `contact_id` names whom a call-back
is for, and is None for the promises of a case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.policy.model import MissedStepHolder, RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpAnswered:
    """A student answered a check-in text; `answer` is a value of `rules.Answer`."""

    follow_up_id: int
    case_id: int | None
    owner_id: int
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpMissed:
    """The window of a promise passed; `holder` is who must know now."""

    follow_up_id: int
    case_id: int | None
    contact_id: int | None
    owner_id: int
    organization_id: int
    holder: MissedStepHolder
    level: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentUnreachable:
    """Every attempt of a promise was made in vain; a supervisor decides on a welfare check."""

    follow_up_id: int
    case_id: int | None
    contact_id: int | None
    owner_id: int
    organization_id: int
    level: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentReached:
    """A student was reached, by whatever promise it was."""

    follow_up_id: int
    case_id: int | None
    contact_id: int | None
    by_user_id: int
    has_declined: bool
    """They were reached, and wanted no more of us."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesChanged:
    """A person made, moved or decided about a promise of a case: its next step may be another."""

    case_id: int
    at: datetime
