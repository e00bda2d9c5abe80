"""The shapes of `line.toml`, table `[voice]`: how a call waits, who is rung, how it may end.

Which plan holds for a call is asked here; what is done with it is decided in `hotline`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.policy.shapes.words import Hours, PolicyError, RiskLevel, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class RingPlace:
    """A desk that a stage rings; its organization follows from the number or the open case."""

    desk: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class RingStage:
    """Desks rung together, for at most `lasts`; an empty stage is passed over at once."""

    key: str
    places: tuple[RingPlace, ...]
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RingPlan:
    """Who is rung for a call, in which order; no `numbers` and no `hours` mean all of them."""

    key: str
    numbers: tuple[str, ...]
    hours: Hours | None
    is_danger: bool
    stages: tuple[RingStage, ...]

    def holds(self, *, number: str, is_danger: bool, moment: datetime) -> bool:
        """Tell whether this plan is for a call to `number` at an aware moment."""
        return (
            self.is_danger is is_danger
            and (not self.numbers or number in self.numbers)
            and (self.hours is None or self.hours.covers(moment=moment))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePolicy:
    """How long each part of a call lasts, what a caller is promised, and who is rung."""

    menu_timeout: timedelta
    ring: timedelta
    screen: timedelta
    legs_at_once: int
    wait_loop: timedelta
    lifeline_ring: timedelta
    talk_limit: timedelta
    voicemail_limit: timedelta
    short_abandon: timedelta
    abandoned_call_back: bool
    call_back_within: Mapping[RiskLevel, timedelta]
    missed_rings_until_away: int
    heartbeat_within: timedelta
    coverage_alarm_ahead: timedelta
    coverage_shown: timedelta
    fallback_numbers: tuple[str, ...]
    """Dialled by the carrier, one after the other, while we are down; then the lifeline."""
    plans: tuple[RingPlan, ...]

    def plan_for(self, *, number: str, is_danger: bool, moment: datetime) -> RingPlan:
        """Find the first plan that holds; the loader saw to it that one does.

        Raises:
            PolicyError: none holds, which only a policy built by hand can bring about.

        """
        for plan in self.plans:
            if plan.holds(number=number, is_danger=is_danger, moment=moment):
                return plan
        raise PolicyError(f"line.toml: voice.plans: none holds for {number}")
