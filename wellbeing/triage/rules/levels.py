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
    """A red level that a person set can be lowered only by a supervisor; you can propose it."""


class AnotherSupervisorNeeded(SupervisorNeeded):
    """You set this red yourself: somebody else decides whether it may fall."""


class OnlyCounselorLowers(DomainError):
    """A level is lowered only by a counselor's own judgement, not by a screener or a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who sets a level, and whether with a supervisor's standing."""

    user_id: int
    is_supervisor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The level that stands; `set_by` None when no person judged it, as after a screener."""

    level: RiskLevel
    set_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A level that was set, in the order of time."""

    level: RiskLevel
    source: Source
    by_user_id: int
    at: datetime


def standing_of(*, assessments: Sequence[Assessed]) -> Standing | None:
    """Tell the level that stands; None before the first human assessment.

    The latest one stands, because a lower one is only ever stored when it was allowed to lower
    (`check_assessment`); signals from words never count here (product.md 4.3).
    """
    if not assessments:
        return None
    last = assessments[-1]
    is_judged = last.source is not Source.SCREENER
    return Standing(level=last.level, set_by=last.by_user_id if is_judged else None)


def effective_level(*, assessments: Sequence[Assessed]) -> RiskLevel | None:
    """Tell the level that stands; None before the first human assessment."""
    found = standing_of(assessments=assessments)
    return found.level if found else None


def raised_by_screener(
    *, standing: RiskLevel | None, suggested: RiskLevel | None
) -> RiskLevel | None:
    """Tell the level that a screener raises at once; None when it only suggests.

    Before the first human assessment it only suggests; from then on the highest stands
    (product.md 4.3).
    """
    if standing is None or suggested is None or suggested <= standing:
        return None
    return suggested


def check_assessment(
    *, standing: Standing | None, level: RiskLevel, source: Source, note: str, by: Decider
) -> None:
    """Refuse what product.md 4.3 does not allow: up at once, down only with a counselor's note.

    Raises:
        NoteMissing: no reason is given.
        OnlyCounselorLowers: a screener or a third party's report would lower the level.
        SupervisorNeeded: a counselor would lower a red that a person set.
        AnotherSupervisorNeeded: a supervisor would lower a red that they set themselves.

    """
    if not note.strip():
        raise NoteMissing
    if standing is None or level >= standing.level:
        return
    if source is not Source.COUNSELOR:
        raise OnlyCounselorLowers
    check_leaving_red(standing=standing, by=by)


def check_leaving_red(*, standing: Standing, by: Decider) -> None:
    """Let a red that a person set fall only by a second pair of eyes, a supervisor's.

    Raises:
        SupervisorNeeded: a counselor would lower it alone.
        AnotherSupervisorNeeded: they set it themselves.

    """
    if standing.level is not RiskLevel.IMMINENT or standing.set_by is None:
        return
    if not by.is_supervisor:
        raise SupervisorNeeded
    if standing.set_by == by.user_id:
        raise AnotherSupervisorNeeded
