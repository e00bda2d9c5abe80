"""Words, shapes and errors of escalations and pages. What is decided with them stands beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.telephony.gateway import DeliveryStatus

LINE_DESK = "line"
SUPERVISOR_DESK = "supervisor"
DUTY_LEAD_DESK = "duty_lead"
DIRECTOR_DESK = "director"


class EscalationState(StrEnum):
    """Where an escalation stands; the sender owns the case until it is accepted."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RELEASED = "released"


OPEN_STATES = (EscalationState.SENT, EscalationState.ACKNOWLEDGED)


class Direction(StrEnum):
    """Up to a higher tier, or stepped down to a lower one with a plan."""

    UP = "up"
    DOWN = "down"


class Agreement(StrEnum):
    """What the student said about being passed on."""

    AGREED = "agreed"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"


class Entry(StrEnum):
    """What an escalation writes into the timeline of its case; facts by kind, words sealed.

    All carry escalation_id. sent(organization_id, desk, level, acknowledge_by, contact_by;
    details: reason); joined(organization_id, desk, planned_at, is_covered);
    acknowledgement_missed(acknowledge_by); acknowledged(organization_id, via);
    accepted(organization_id); declined(organization_id; details: reason); released();
    contacted(contact_by); contact_missed(contact_by, organization_id); read_back(user_id);
    sharpened(level, acknowledge_by, contact_by); told_late(organization_id, desk, planned_at,
    is_covered); taken_over(organization_id).
    `nobody_on_call` carries organization_id and desk, and comes from any page of the case.
    """

    SENT = "escalation_sent"
    JOINED = "escalation_joined"
    ACKNOWLEDGEMENT_MISSED = "acknowledgement_missed"
    ACKNOWLEDGED = "escalation_acknowledged"
    ACCEPTED = "escalation_accepted"
    DECLINED = "escalation_declined"
    RELEASED = "escalation_released"
    CONTACTED = "student_contacted"
    CONTACT_MISSED = "student_contact_missed"
    TOLD_LATE = "student_contact_climbed"
    TAKEN_OVER = "escalation_taken_over"
    READ_BACK = "escalation_read_back"
    SHARPENED = "escalation_sharpened"
    NOBODY_ON_CALL = "nobody_on_call"


class DutyKind(StrEnum):
    """Duties that escalations open for a supervisor."""

    COVERAGE_GAP = "coverage_gap"
    ESCALATION_DECLINED = "escalation_declined"
    CONTACT_MISSED = "student_contact_missed"
    STEP_DOWN_UNANSWERED = "step_down_unanswered"


HOLD = "escalation"
"""Kind of the hold that keeps a case from closing while it is being passed on."""


class PageState(StrEnum):
    """Where a page stands; an answer that comes late is still an answer."""

    PAGING = "paging"
    ACKNOWLEDGED = "acknowledged"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"


class PageSubjectKind(StrEnum):
    """What a desk is called for."""

    ESCALATION = "escalation"
    CONTACT = "contact"
    FOLLOW_UP = "follow_up"
    DUTY = "duty"
    TEST = "test"
    RESCUE = "rescue"
    REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSubject:
    """What a desk is called for, by kind and id."""

    kind: PageSubjectKind
    id: int


class AcknowledgedVia(StrEnum):
    """How somebody said "I heard you"."""

    KEY = "key"
    TEXT = "text"
    PORTAL = "portal"


class PageChannel(StrEnum):
    """How one person is rung."""

    TEXT = "text"
    CALL = "call"


class AttemptOutcome(StrEnum):
    """What became of one ring; `answered` is a picked-up phone, not yet an acknowledgement."""

    ACKNOWLEDGED = "acknowledged"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


OUTCOMES: Mapping[DeliveryStatus, AttemptOutcome] = {
    DeliveryStatus.DELIVERED: AttemptOutcome.DELIVERED,
    DeliveryStatus.UNDELIVERED: AttemptOutcome.FAILED,
    DeliveryStatus.FAILED: AttemptOutcome.FAILED,
    DeliveryStatus.COMPLETED: AttemptOutcome.ANSWERED,
    DeliveryStatus.BUSY: AttemptOutcome.BUSY,
    DeliveryStatus.NO_ANSWER: AttemptOutcome.NO_ANSWER,
    DeliveryStatus.CANCELED: AttemptOutcome.WITHDRAWN,
}
"""What a final status of a text or call says about the ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEscalation:
    """What the sender says; `to_tier` None means the next tier above.

    `skip_reason` is needed where a tier is left out, and only a supervisor may do that.
    """

    case_id: int
    reason: str
    safety_plan: str = ""
    agreement: Agreement = Agreement.NOT_ASKED
    may_be_told: str = ""
    to_tier: Tier | None = None
    skip_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """A desk to be called; `last_resort` rings the supervisors where nobody is on call."""

    subject: PageSubject
    organization_id: int
    desk: str
    urgency: RiskLevel
    case_id: int | None = None
    last_resort: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedPage:
    """A page that rings, or one that found nobody on call."""

    page_id: int
    is_covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One receiver of the chain: a desk of an organization, and when it joins at the latest."""

    organization_id: int
    desk: str
    planned_at: datetime


class NoSuchEscalation(NotFound):
    """There is no such escalation that you may open."""


class NoSuchPage(NotFound):
    """There is no such page."""


class AlreadyEscalated(Conflict):
    """This case is being passed on already."""


class AlreadyAccepted(Conflict):
    """Another organization has accepted this escalation already."""


class EscalationOver(Conflict):
    """This escalation is over."""


class NobodyAbove(DomainError):
    """There is no tier that this case could be passed on to."""


class NotBelow(DomainError):
    """A case can be stepped down only to an organization below yours."""


class SkipNotAllowed(DomainError):
    """Only a supervisor may skip a tier, and must say why."""


class ReasonNeeded(DomainError):
    """Say why, in a few words."""


class NobodyHeardYet(Conflict):
    """Nobody has acknowledged it yet, so nobody can have read it back."""


class NotTheSender(Conflict):
    """Only the owner of the case or a supervisor of it may do this."""
