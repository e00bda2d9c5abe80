"""What can have happened to an escalation or a page; ids, levels and times only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.policy.model import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSent:
    """A case was passed on; its owner stays the sender until somebody accepts."""

    escalation_id: int
    case_id: int
    level: RiskLevel
    from_organization_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAcknowledged:
    """Somebody of a receiver heard of it."""

    escalation_id: int
    case_id: int
    user_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAccepted:
    """A receiver took the case over and owns it now."""

    escalation_id: int
    case_id: int
    by_user_id: int
    organization_id: int
    level: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationDeclined:
    """Every receiver that was asked declined; the sender's supervisor has been paged."""

    escalation_id: int
    case_id: int
    by_user_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationReleased:
    """The sender took it back before anybody accepted."""

    escalation_id: int
    case_id: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentContactMissed:
    """The tier that accepted did not reach the student in time; its supervisor has been paged."""

    escalation_id: int
    case_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAcknowledged:
    """Somebody who was rung, or opened it in the portal, said that they heard it.

    `subject_kind` is a value of `rules.words.PageSubjectKind`.
    """

    page_id: int
    subject_kind: str
    subject_id: int
    user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUnanswered:
    """Everybody on the list was rung, or nobody was on call, and none acknowledged."""

    page_id: int
    subject_kind: str
    subject_id: int
    organization_id: int
    desk: str
    at: datetime
