"""The shapes of `followups.toml`: promises by level, attempts, hours, what happens if missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wellbeing.policy.shapes.calendar import SchoolCalendar
from wellbeing.policy.shapes.words import Hours, RiskLevel


class FollowUpKind(StrEnum):
    """How a promise to get back is kept."""

    CALL = "call"
    TEXT = "text"
    CHECK_IN = "check_in"
    CARING_CONTACT = "caring_contact"


class CheckInAnswer(StrEnum):
    """What a student's one-key answer to a check-in text means."""

    GOOD_TIME = "good_time"
    NOT_NOW = "not_now"


class MissedStepHolder(StrEnum):
    """Who is told that a promise to a student was missed."""

    OWNER = "owner"
    SUPERVISOR = "supervisor"
    NEXT_TIER = "next_tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise to get back, kept between two days (24 h each) after the start."""

    from_days: int
    to_days: int
    kind: FollowUpKind
    only_if_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPolicy:
    """How often a student who does not answer is tried, and within which time."""

    count: int
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedStep:
    """Who is told `after` the end of the window in which a promise was not kept."""

    holder: MissedStepHolder
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPolicy:
    """Promises by level, when a scheduled message may go out, and what it may never say."""

    zone: str
    cadence: Mapping[RiskLevel, tuple[Promise, ...]]
    attempts: Mapping[RiskLevel, AttemptPolicy]
    welfare_check_within: Mapping[RiskLevel, timedelta]
    quiet_hours: Hours
    class_hours: tuple[Hours, ...]
    calendar: SchoolCalendar
    check_in_answers: Mapping[str, CheckInAnswer]
    missed: tuple[MissedStep, ...]
    missed_again: timedelta
    forbidden_words: tuple[str, ...]
    forbidden_patterns: tuple[str, ...]
