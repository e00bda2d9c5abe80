"""The shapes of `tiers.toml`: clocks, the chain of who joins, paging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.policy.shapes.words import Hours, Language, RiskLevel, Tier


class Counts(StrEnum):
    """Which time a clock counts: all of it, or that of school days (calendar.toml)."""

    ALWAYS = "always"
    SCHOOL_DAYS = "school_days"


class PageOrder(StrEnum):
    """Whether the people on call at a desk are rung one after the other, or all at once."""

    IN_TURN = "in_turn"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How soon an escalation is acknowledged and the student contacted, since it was sent."""

    acknowledge: timedelta
    contact: timedelta
    counts: Counts = Counts.ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """A desk that joins an unacknowledged escalation `after` it was sent.

    `tier` None means: the tier above the highest one that was asked so far (none left: skip).
    """

    desk: str
    tier: Tier | None
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPolicy:
    """The half hour of each week in which desks are tested, and how long none may confirm one."""

    weekday: int
    """1 is Monday."""
    at: time
    zone: str
    silent_after: timedelta

    def covers(self, *, moment: datetime) -> bool:
        """Tell whether the half hour of the test runs."""
        local = moment.astimezone(ZoneInfo(self.zone))
        begins = local.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        return local.isoweekday() == self.weekday and begins <= local < begins + HALF_AN_HOUR


HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingPolicy:
    """How a desk is paged: text, call, again, the next person; never a word about a student."""

    order: Mapping[RiskLevel, PageOrder]
    text_first: bool
    call_after: Mapping[RiskLevel, timedelta]
    repeat_every: timedelta
    attempts_per_person: int
    next_person_after: timedelta
    ignores_quiet_hours: frozenset[RiskLevel]
    quiet_hours: Hours
    code_words: Mapping[str, Mapping[Language, str]]
    """By desk key."""
    test: DrillPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPolicy:
    """Who is told at which level, how fast, and what happens when nobody answers."""

    clocks: Mapping[RiskLevel, Clock]
    school_hours: Hours
    chain: Mapping[RiskLevel, tuple[ChainStep, ...]]
    paging: PagingPolicy
    decline_needs_reason: bool
    universities_escalate_to: Tier
    overdue_duty_again: timedelta
    round_after_last_answer: timedelta
    """How far apart rounds are once the last desk of a chain has answered."""

    def slow_round(self, *, level: RiskLevel) -> timedelta:
        """Tell it for a level: never shorter than the time in which it is acknowledged."""
        return max(self.round_after_last_answer, self.clocks[level].acknowledge)
