"""The shapes of `tiers.toml`: clocks, the chain of who joins, paging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from wellbeing.policy.shapes.words import Hours, Language, RiskLevel, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How soon an escalation is acknowledged and the student contacted, since it was sent."""

    acknowledge: timedelta
    contact: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """A desk that joins an unacknowledged escalation `after` it was sent.

    `tier` None means: the tier above the highest one that was asked so far (none left: skip).
    """

    desk: str
    tier: Tier | None
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingPolicy:
    """How a desk is paged: text, call, again, the next person; never a word about a student."""

    text_first: bool
    call_after: Mapping[RiskLevel, timedelta]
    repeat_every: timedelta
    attempts_per_person: int
    next_person_after: timedelta
    ignores_quiet_hours: frozenset[RiskLevel]
    quiet_hours: Hours
    code_words: Mapping[str, Mapping[Language, str]]
    """By desk key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPolicy:
    """Who is told at which level, how fast, and what happens when nobody answers."""

    clocks: Mapping[RiskLevel, Clock]
    chain: Mapping[RiskLevel, tuple[ChainStep, ...]]
    paging: PagingPolicy
    decline_needs_reason: bool
    universities_escalate_to: Tier
