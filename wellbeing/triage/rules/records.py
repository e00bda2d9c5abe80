"""What triage hands to doors and higher rooms: signals, screenings, assessments as rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wellbeing.policy.model import RiskLevel, ScreenerDefinition
from wellbeing.triage.rules.levels import Source
from wellbeing.triage.rules.score import Match

OF_ANOTHER = "of_another"
"""Stands among a stored sign's contexts when somebody else is in danger than the writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A student's message as triage reads it."""

    contact_id: int
    message_id: int
    text: str
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalResult:
    """What a message adds: the conversation's level, and what must be looked into."""

    level: RiskLevel
    act_now: bool
    abuse: bool
    third_party: bool
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """A stored sign with the student's own words; for those who may open the contact."""

    signal_id: int
    message_id: int
    level: RiskLevel
    kind: str
    rule: str
    contexts: tuple[str, ...]
    of_another: bool
    phrase: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningRow:
    """A screener as it was filled in, with the wording that it was asked with.

    `definition` is None only for one from before wordings were kept.
    """

    screening_id: int
    contact_id: int
    screener: str
    wording: str
    answers: Mapping[str, str]
    result: str
    complete: bool
    suggested_level: RiskLevel | None
    by_user_id: int
    at: datetime
    asks_further: bool = False
    definition: ScreenerDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRow:
    """A level that a person set with the reason, or that a screening raised by itself."""

    assessment_id: int
    contact_id: int
    level: RiskLevel
    source: Source
    note: str
    by_user_id: int
    at: datetime
    screening_id: int | None = None
