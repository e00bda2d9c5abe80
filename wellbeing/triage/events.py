"""What triage tells upward; ids and levels only, never an answer or a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.policy.model import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelAssessed:
    """A contact's level was set by a person, or raised by a screener that a person filled in.

    `source` is a value of `rules.levels.Source`.
    """

    contact_id: int
    level: RiskLevel
    source: str
    by_user_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AbuseSuspected:
    """A student's words may tell of abuse: whether a report is due must be decided by a person."""

    contact_id: int
    message_id: int
    at: datetime
