"""What may become of a referral, and by when its next answer is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import ReferralKind

HOLD = "referral"
"""Kind of the hold that keeps a case from closing until the outcome is known."""
OVERDUE_DUTY = "referral_overdue"


class ReferralState(StrEnum):
    """What is known of a referral."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ATTENDED = "attended"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """We took it back: sent by mistake, or not needed any more."""


STEPS: Mapping[ReferralState, frozenset[ReferralState]] = {
    ReferralState.SENT: frozenset({
        ReferralState.ACCEPTED, ReferralState.ATTENDED, ReferralState.DECLINED,
        ReferralState.WITHDRAWN,
    }),
    ReferralState.ACCEPTED: frozenset({
        ReferralState.ATTENDED, ReferralState.DECLINED, ReferralState.WITHDRAWN,
    }),
    ReferralState.ATTENDED: frozenset(),
    ReferralState.DECLINED: frozenset(),
    ReferralState.WITHDRAWN: frozenset(),
}  # fmt: skip
"""An outcome is final; a new try is a new referral."""
NEEDS_WORDS = frozenset({ReferralState.DECLINED, ReferralState.WITHDRAWN})


class Agreed(StrEnum):
    """Who agreed that the student's name goes to somebody else (PIPL 23, 29)."""

    STUDENT = "student"
    GUARDIAN = "guardian"
    DANGER = "danger"
    """Nobody: a life is in danger (PIPL 13); the reason must say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReferral:
    """A student about to be sent on."""

    case_id: int
    kind: str
    to: str
    reason: str
    agreed: Agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """A referral, opened; `outcome` are the words that came with its last step."""

    referral_id: int
    case_id: int
    kind: str
    state: ReferralState
    agreed: Agreed
    to: str
    reason: str
    outcome: str
    by_user_id: int
    sent_at: datetime
    due_at: datetime | None
    overdue_since: datetime | None
    settled_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        """Tell whether its outcome is still unknown."""
        return bool(STEPS[self.state])


class NoSuchReferral(NotFound):
    """This case has no such referral."""


class NoSuchReferralKind(DomainError):
    """There is no such place to refer to."""


class ReferralNotFilled(DomainError):
    """A referral says where the student is sent and why."""


class OutcomeNeedsWords(DomainError):
    """Say in a few words why it did not come about."""


class ReferralOver(DomainError):
    """This referral cannot take that step any more."""

    status = 409


class StaleReferral(Conflict):
    """Somebody else changed this referral in the meantime."""


def check_step(*, old: ReferralState, new: ReferralState, words: str) -> None:
    """Refuse a step that is not in the table, or one without the words it needs.

    Raises:
        ReferralOver: there is no such step from here.
        OutcomeNeedsWords: it did not come about, and nothing says why.

    """
    if new not in STEPS[old]:
        raise ReferralOver
    if new in NEEDS_WORDS and not words.strip():
        raise OutcomeNeedsWords


def due_at(*, state: ReferralState, kind: ReferralKind, since: datetime) -> datetime | None:
    """Tell by when the next answer is due, counted from the step before; None when it is over."""
    if not STEPS[state]:
        return None
    wait = kind.answer_within if state is ReferralState.SENT else kind.attend_within
    return since + wait
