"""Four eyes for leaving red: one person proposes, a supervisor decides (product.md 4.3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.levels import Decider, NoteMissing, SupervisorNeeded

DUTY = "level_decision"
"""Kind of the duty by which a supervisor sees that a decision waits."""


class Outcome(StrEnum):
    """How a proposal ended; overtaken means that the level was set anew before it was decided."""

    LOWERED = "lowered"
    KEPT = "kept"
    OVERTAKEN = "overtaken"


class Done(StrEnum):
    """What became of the wish to set a level."""

    SET = "set"
    UNCHANGED = "unchanged"
    PROPOSED = "proposed"


class NoSuchLowering(NotFound):
    """There is no such proposal that you may see."""


class AlreadyProposed(Conflict):
    """Lowering this level is proposed already; a supervisor decides."""


class AlreadyDecided(Conflict):
    """Somebody else decided this in the meantime."""


class OwnProposal(DomainError):
    """What you proposed yourself is decided by another supervisor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose level it is: a case's, or that of a contact without regard to its case."""

    case_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweringRow:
    """A proposal to leave red, and what became of it; words opened."""

    lowering_id: int
    about: About
    to_level: RiskLevel
    reason: str
    proposed_by: int
    proposed_at: datetime
    decide_by: datetime
    decided_by: int | None
    decided_at: datetime | None
    outcome: Outcome | None
    decision_note: str

    @property
    def is_open(self) -> bool:
        """Tell whether a supervisor still has to decide."""
        return self.decided_at is None


def check_decision(*, row: LoweringRow, note: str, by: Decider) -> None:
    """Refuse a decision that would not be a second pair of eyes.

    Raises:
        SupervisorNeeded: only a supervisor decides.
        OwnProposal: they proposed it themselves.
        NoteMissing: no reason is given.
        AlreadyDecided: it is over.

    """
    if not by.is_supervisor:
        raise SupervisorNeeded
    if row.proposed_by == by.user_id:
        raise OwnProposal
    if not note.strip():
        raise NoteMissing
    if not row.is_open:
        raise AlreadyDecided
