"""What can have happened to a case; ids, levels and times only, never a word of a student."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.policy.model import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A concern is followed from now on; its first level came with it."""

    case_id: int
    contact_id: int
    owner_id: int
    organization_id: int
    level: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttached:
    """A further contact of the student joined a case."""

    case_id: int
    contact_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened:
    """A closed case lives again, because the student came back or work was left."""

    case_id: int
    owner_id: int
    organization_id: int
    level: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChanged:
    """The level of a case rose or fell; the first one is told by `CaseOpened`."""

    case_id: int
    level: RiskLevel
    previous: RiskLevel
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChanged:
    """A case went from one owner to another; there was never a moment with none or two."""

    case_id: int
    from_user_id: int
    from_organization_id: int
    user_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """The work on a case ended."""

    case_id: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseErased:
    """A record was destroyed; whoever keeps a number or a word of it forgets that now."""

    case_id: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpenedInEmergency:
    """Somebody without a grant opened a case in an emergency; its owner must hear of it."""

    case_id: int
    view_id: int
    user_id: int
    owner_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyReviewMissed:
    """Nobody looked in time at a case that was opened in an emergency."""

    case_id: int
    view_id: int
    user_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyOpened:
    """Somebody must do something by a time that is not a promise to a student."""

    duty_id: int
    kind: str
    case_id: int | None
    contact_id: int | None
    holder_id: int
    organization_id: int
    by_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DutySettled:
    """What somebody had to do is done."""

    duty_id: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsForbidden:
    """The student must not be texted any more: consent was withdrawn, or it is not safe."""

    case_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweringProposed:
    """Somebody proposed to let a red fall; a supervisor has to decide."""

    lowering_id: int
    case_id: int | None
    contact_id: int | None
    organization_id: int
    by_user_id: int
    decide_by: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweringDecided:
    """A proposal to leave red is decided, or overtaken; `outcome` as in `rules.lowerings`."""

    lowering_id: int
    case_id: int | None
    contact_id: int | None
    outcome: str
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueStarted:
    """The rescue of a student in imminent danger began."""

    rescue_id: int
    case_id: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueStepRecorded:
    """A step of a rescue is done or left out; whether another one is late still."""

    rescue_id: int
    case_id: int
    is_late_still: bool
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueStepLate:
    """A step was not done in time; `rung` (policy.model.Rung) hears of it now."""

    rescue_id: int
    case_id: int
    step: str
    rung: str
    owner_id: int
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueEnded:
    """A rescue was reviewed and is over."""

    rescue_id: int
    case_id: int
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOpened:
    """A report may be due by law; a supervisor has to decide."""

    report_id: int
    case_id: int | None
    contact_id: int | None
    organization_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLate:
    """A report was not decided or made in time; `calls` counts how often this is told."""

    report_id: int
    case_id: int | None
    organization_id: int
    calls: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportClosed:
    """A report is made, or was decided not to be due."""

    report_id: int
    by_user_id: int | None
    at: datetime
