"""When a case may be closed (product.md 5.7; facts.md 5, closure). Pure: facts in, checks out.

What other rooms hold a case open for is named by the kind of their hold; its words are theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from wellbeing.foundation.errors import Conflict, DomainError
from wellbeing.policy.model import ClosingPolicy, RiskLevel


class Rule(StrEnum):
    """What closing asks for by itself, besides that nothing holds the case open."""

    LEVEL = "level"
    """At most the lowest level."""
    CALM = "calm"
    """Two contacts at that level, far enough apart."""
    SAFETY_PLAN = "safety_plan"
    """A safety plan, if it was ever above the lowest level."""
    TOLD = "told"
    """The student knows how to come back."""


class MomentKind(StrEnum):
    """What happened when the student and we met, or did not want to."""

    REACHED = "reached"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """That a level was set, and when."""

    level: RiskLevel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that closing looks at. `since` is when the case was opened, or opened again last.

    `levels` are all ever set, oldest first; `met` and `declined` are moments; `signed_at` is the
    newest signature of a supervisor who does not own the case.
    """

    since: datetime
    level: RiskLevel
    levels: tuple[LevelStep, ...]
    met: tuple[datetime, ...]
    declined: tuple[datetime, ...]
    signed_at: datetime | None
    has_safety_plan: bool
    held_by: tuple[str, ...]
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule and whether it is met."""

    rule: Rule
    is_met: bool


class NotDeclinedOften(DomainError):
    """A signature needs that the student declined often enough; write each time down first."""


class OwnerCannotSign(Conflict):
    """Whoever owns a case cannot sign its closing; a supervisor who does not own it can."""


class SupervisorSigns(DomainError):
    """Only a supervisor can sign."""


class MomentInFuture(DomainError):
    """That moment has not come yet."""


class MomentTooOld(DomainError):
    """That was before this case was opened."""


def checks(*, facts: Facts, policy: ClosingPolicy) -> tuple[Check, ...]:
    """Tell for each rule whether it is met, in the order in which one works on them.

    A student who declined often enough, with a supervisor's signature, stands for level and calm
    (facts.md 5), but never while the level is the highest.
    """
    signed = _is_signed(facts, policy)
    is_low = facts.level is RiskLevel.LOW
    may_stay = signed and facts.level is not RiskLevel.IMMINENT
    was_higher = any(one.level > RiskLevel.LOW for one in facts.levels)
    return (
        Check(rule=Rule.LEVEL, is_met=is_low or may_stay),
        Check(rule=Rule.CALM, is_met=may_stay or (is_low and _is_calm(facts, policy))),
        Check(rule=Rule.SAFETY_PLAN, is_met=facts.has_safety_plan or not was_higher),
        Check(rule=Rule.TOLD, is_met=facts.told),
    )


def unmet(*, facts: Facts, policy: ClosingPolicy) -> tuple[str, ...]:
    """Name what stops a case from closing: rules first, then each kind of hold once."""
    missing = [one.rule.value for one in checks(facts=facts, policy=policy) if not one.is_met]
    return tuple(chain(missing, sorted(set(facts.held_by))))


def calm_since(*, facts: Facts) -> datetime | None:
    """Tell since when the level has been the lowest without a break; None when it is not."""
    if facts.level is not RiskLevel.LOW:
        return None
    since = facts.since
    for before, after in zip((None, *facts.levels), facts.levels, strict=False):
        if before is not None and before.level > RiskLevel.LOW:
            since = max(facts.since, after.at)
    return since


def calm_moments(*, facts: Facts, policy: ClosingPolicy) -> tuple[datetime, ...]:
    """List the contacts that count as calm, oldest first."""
    since = calm_since(facts=facts)
    if since is None:
        return ()
    # A counselor talks first and sets the level afterwards: that talk was the first calm one.
    return tuple(sorted(one for one in facts.met if one >= since - policy.assessed_within))


def declines(*, facts: Facts, policy: ClosingPolicy) -> tuple[datetime, ...]:
    """List each no of the student that counts, oldest first; a no said again soon is the same."""
    counted: list[datetime] = []
    for moment in sorted(facts.declined):
        if moment < facts.since:
            continue
        if not counted or moment - counted[-1] >= policy.declines_apart:
            counted.append(moment)
    return tuple(counted)


def check_signature(*, facts: Facts, policy: ClosingPolicy) -> None:
    """Refuse a signature before the student declined often enough.

    Raises:
        NotDeclinedOften: the student did not.

    """
    if len(declines(facts=facts, policy=policy)) < policy.declines:
        raise NotDeclinedOften


def _is_calm(facts: Facts, policy: ClosingPolicy) -> bool:
    moments = calm_moments(facts=facts, policy=policy)
    return len(moments) > 1 and moments[-1] - moments[0] >= policy.calm_apart


def _is_signed(facts: Facts, policy: ClosingPolicy) -> bool:
    counted = declines(facts=facts, policy=policy)
    if facts.signed_at is None or len(counted) < policy.declines:
        return False
    # A level that rose after the signature is news that the supervisor had not seen.
    rose = [
        after.at
        for before, after in zip(facts.levels, facts.levels[1:], strict=False)
        if after.level > before.level
    ]
    return facts.signed_at >= max([counted[policy.declines - 1], *rose])
