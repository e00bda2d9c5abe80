"""The shapes of `safety.toml`: leaving red, the steps of a rescue, reports required by law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.policy.shapes.words import Named


class RescueStep(StrEnum):
    """The steps of a rescue, in their order (product.md 4.4, facts.md 1.8)."""

    CONSULTED = "consulted"
    LEAST_INVASIVE = "least_invasive"
    CALLED = "called"
    LOCATED = "located"
    REACHED = "reached"
    TOLD = "told"
    REVIEWED = "reviewed"


class StepHolder(StrEnum):
    """Who has to do a step: the owner of the case, or the supervisors of its unit."""

    OWNER = "owner"
    SUPERVISOR = "supervisor"


class Rung(StrEnum):
    """Who hears of a late step."""

    OWNER = "owner"
    SUPERVISOR = "supervisor"
    NEXT_TIER = "next_tier"
    DUTY_LEAD = "duty_lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweringPolicy:
    """How soon a supervisor decides whether a red may fall."""

    decide_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPolicy:
    """How soon a step is done, counted from the beginning of the rescue, and by whom."""

    within: timedelta
    holder: StepHolder


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimbPolicy:
    """Who hears of a late step, `after` it was due."""

    to: Rung
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RescuePolicy:
    """The clocks of a rescue; the last rung is called `again` until the step is done."""

    steps: Mapping[RescueStep, StepPolicy]
    climb: tuple[ClimbPolicy, ...]
    again: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation(Named):
    """A situation that the law wants reported."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ(Named):
    """Whom a report goes to, and the number that staff dial."""

    key: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPolicy:
    """The nine situations, to whom they are reported, and how soon."""

    decide_within: timedelta
    at_least: timedelta
    zone: ZoneInfo
    climb_every: timedelta
    situations: tuple[Situation, ...]
    organs: tuple[Organ, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyPolicy:
    """Everything about imminent danger and the law."""

    lowering: LoweringPolicy
    rescue: RescuePolicy
    report: ReportPolicy
