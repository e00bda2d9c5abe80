"""Why somebody may open a record: standing, asked for, or broken into. No table here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound


class GrantKind(StrEnum):
    """Why somebody may open a record."""

    ASSIGNMENT = "assignment"
    ESCALATION = "escalation"
    REQUEST = "request"
    BREAK_GLASS = "break_glass"


OWN_KINDS = (GrantKind.REQUEST, GrantKind.BREAK_GLASS)
"""Given to somebody for what they are; a new role or place ends them."""


class RequestState(StrEnum):
    """What became of a request for access; one that nobody decides runs out by its time."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a supervisor thinks of an emergency view afterwards."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequestRow:
    """Somebody asks to open a record; `subject_id` None: what they named does not exist."""

    request_id: int
    user_id: int
    subject_kind: str
    subject_id: int | None
    asked_for: str
    reason: str
    asked_at: datetime
    waits_until: datetime
    state: RequestState
    decided_by: int | None
    decided_at: datetime | None
    decision: str
    ends_at: datetime | None

    def is_waiting(self, *, now: datetime) -> bool:
        """Tell whether it can still be decided."""
        return self.state is RequestState.WAITING and now < self.waits_until


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRow:
    """A record that somebody opened in an emergency, and what a supervisor thought of it."""

    view_id: int
    user_id: int
    subject_kind: str
    subject_id: int
    reason: str
    opened_at: datetime
    ends_at: datetime
    review_by: datetime
    overdue_at: datetime | None
    reviewed_by: int | None
    reviewed_at: datetime | None
    verdict: Verdict | None
    review: str

    @property
    def is_reviewed(self) -> bool:
        """Tell whether a supervisor has looked at it."""
        return self.reviewed_at is not None


class NoSuchRequest(NotFound):
    """There is no such request that you may decide."""


class NoSuchView(NotFound):
    """There is no such emergency view that you may review."""


class ReasonMissing(DomainError):
    """Please give a reason; whoever decides or reviews reads it."""


class TooManyRequests(Conflict):
    """You have as many requests waiting as one person may have; withdraw one or wait."""


class AskedAlready(Conflict):
    """You have asked for this already; the decision is still to come."""


class RequestSettled(Conflict):
    """This request was decided or has run out in the meantime."""


class OwnRequest(Conflict):
    """Nobody decides on their own request, nor reviews their own emergency view."""


class ReviewedAlready(Conflict):
    """Somebody has reviewed this in the meantime."""
