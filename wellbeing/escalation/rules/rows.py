"""The shapes in which escalations and pages are shown; opened words come apart, on their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wellbeing.escalation.rules.paging import PagePlan, read
from wellbeing.escalation.rules.words import (
    AcknowledgedVia,
    Agreement,
    AttemptOutcome,
    Direction,
    EscalationState,
    PageChannel,
    PageState,
    PageSubject,
    PageSubjectKind,
    Place,
)
from wellbeing.policy.model import Language, RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRow:
    """An escalation without any narrative: what a receiver sees before acknowledging."""

    escalation_id: int
    case_id: int
    direction: Direction
    state: EscalationState
    level: RiskLevel
    agreement: Agreement
    from_organization_id: int
    from_user_id: int
    chain: tuple[Place, ...]
    step: int
    next_step_at: datetime | None
    sent_at: datetime
    acknowledge_by: datetime
    contact_by: datetime
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    acknowledge_missed_at: datetime | None
    accepted_at: datetime | None
    accepted_by: int | None
    accepted_organization_id: int | None
    declined_at: datetime | None
    declined_by: int | None
    released_at: datetime | None
    contacted_at: datetime | None
    contact_missed_at: datetime | None
    read_back_at: datetime | None
    again_s: int | None
    slow_again_s: int | None
    version: int

    @property
    def is_warm(self) -> bool:
        """Tell whether the sender heard it read back (facts.md 5); else it is a mere ticket."""
        return self.read_back_at is not None

    @property
    def is_late(self) -> bool:
        """Tell whether it was accepted, and the student not contacted in time, nor since then."""
        return (
            self.state is EscalationState.ACCEPTED
            and self.contact_missed_at is not None
            and self.contacted_at is None
            and self.next_step_at is not None
        )

    @property
    def is_open(self) -> bool:
        """Tell whether it still waits for somebody to accept."""
        return self.state in {EscalationState.SENT, EscalationState.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationWords:
    """What the sender wrote, opened for those who may read the case."""

    reason: str
    safety_plan: str
    may_be_told: str
    skip_reason: str
    decline_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverRow:
    """One place of the chain: planned, and what came of it; `joined_at` None is still to come."""

    organization_id: int
    desk: str
    planned_at: datetime
    joined_at: datetime | None
    is_covered: bool | None
    declined_at: datetime | None
    declined_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One calling of a desk."""

    page_id: int
    subject: PageSubject
    organization_id: int
    desk: str
    urgency: RiskLevel
    case_id: int | None
    last_resort: bool
    state: PageState
    step: int
    next_step_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    acknowledged_via: AcknowledgedVia | None
    plan: PagePlan | None
    """How it rings, as the policy stood when it began; None on pages from before that was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One ring of one person, planned and made; `outcome` None while nothing is known of it."""

    page_id: int
    organization_id: int
    desk: str
    user_id: int
    channel: PageChannel
    planned_at: datetime
    at: datetime
    outcome: AttemptOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCall:
    """What a call about a page says, and to whom; nothing of a student is in it."""

    page: PageRow
    user_id: int
    language: Language
    code_word: str


def escalation_row(row: Any) -> EscalationRow:
    """Read a row of the table; sealed words stay sealed."""
    plain = {
        name: row[name]
        for name in EscalationRow.__dataclass_fields__
        if name not in {"escalation_id", "direction", "state", "level", "agreement", "chain"}
    }
    return EscalationRow(
        escalation_id=row["id"],
        direction=Direction(row["direction"]),
        state=EscalationState(row["state"]),
        level=RiskLevel(row["level"]),
        agreement=Agreement(row["agreement"]),
        chain=tuple(place(entry) for entry in row["chain"]),
        **plain,
    )


def place(entry: dict[str, Any]) -> Place:
    """Read one entry of the chain's snapshot."""
    return Place(
        organization_id=entry["organization_id"],
        desk=entry["desk"],
        planned_at=datetime.fromisoformat(entry["planned_at"]),
    )


def snapshot(one: Place) -> dict[str, Any]:
    """Write one place of a chain as it is kept; the reverse of `place`."""
    return {
        "organization_id": one.organization_id,
        "desk": one.desk,
        "planned_at": one.planned_at.isoformat(),
    }


def page_row(row: Any) -> PageRow:
    """Read a row of the table of pages."""
    via = row["acknowledged_via"]
    return PageRow(
        page_id=row["id"],
        subject=PageSubject(kind=PageSubjectKind(row["subject_kind"]), id=row["subject_id"]),
        organization_id=row["organization_id"],
        desk=row["desk"],
        urgency=RiskLevel(row["urgency"]),
        case_id=row["case_id"],
        last_resort=row["last_resort"],
        state=PageState(row["state"]),
        step=row["step"],
        next_step_at=row["next_step_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_via=AcknowledgedVia(via) if via else None,
        plan=read(stored=row["plan"]) if row["plan"] else None,
    )


def attempt_row(row: Any) -> AttemptRow:
    """Read one ring, joined with the desk of its page."""
    outcome = row["outcome"]
    return AttemptRow(
        page_id=row["page_id"],
        organization_id=row["organization_id"],
        desk=row["desk"],
        user_id=row["user_id"],
        channel=PageChannel(row["channel"]),
        planned_at=row["planned_at"],
        at=row["at"],
        outcome=AttemptOutcome(outcome) if outcome else None,
    )


def receiver_row(planned: Place, joined: Any | None) -> ReceiverRow:
    """Read one place of the chain and what came of it, if it has joined."""
    came = joined or {}
    return ReceiverRow(
        organization_id=planned.organization_id,
        desk=planned.desk,
        planned_at=came.get("planned_at", planned.planned_at),
        joined_at=came.get("joined_at"),
        is_covered=came.get("is_covered"),
        declined_at=came.get("declined_at"),
        declined_by=came.get("declined_by"),
    )
