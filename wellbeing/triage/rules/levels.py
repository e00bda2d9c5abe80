"""Which risk level stands: who may set it, when it may fall, what counts highest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import DomainError
from wellbeing.policy.model import RiskLevel


class Source(StrEnum):
    """Where an assessed level comes from."""

    SCREENER = "screener"
    COUNSELOR = "counselor"
    THIRD_PARTY = "third_party"


class NoteMissing(DomainError):
    """A level needs its reason in a note."""


class SupervisorNeeded(DomainError):
    """A red level that a person set can be lowered only by a supervisor."""


class OnlyCounselorLowers(DomainError):
    """A level is lowered only by a counselor's own judgement, not by a screener or a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who sets a level, and whether with a supervisor's standing."""

    user_id: int
    is_supervisor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A level that a person set, in the order of time."""

    level: RiskLevel
    source: Source
    by_user_id: int
    at: datetime


def effective_level(*, assessments: Sequence[Assessed]) -> RiskLevel | None:
    """Tell the level that stands; None before the first human assessment.

    The latest one stands, because a lower one is only ever stored when it was allowed to lower
    (`check_assessment`); signals from words never count here (product.md 4.3).
    """
    return assessments[-1].level if assessments else None


def check_assessment(
    *, standing: RiskLevel | None, level: RiskLevel, source: Source, note: str, by: Decider
) -> None:
    """Refuse what product.md 4.3 does not allow: up at once, down only with a counselor's note.

    Raises:
        NoteMissing: no reason is given.
        OnlyCounselorLowers: a screener or a third party's report would lower the level.
        SupervisorNeeded: a counselor would lower a red that a person set.

    """
    if not note.strip():
        raise NoteMissing
    if standing is None or level >= standing:
        return
    if source is not Source.COUNSELOR:
        raise OnlyCounselorLowers
    if standing is RiskLevel.IMMINENT and not by.is_supervisor:
        raise SupervisorNeeded
