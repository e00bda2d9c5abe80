"""The words that several rooms share, and the small shapes that every file uses.

Pure: durations are `timedelta`, wall times carry their zone, names come in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo


class PolicyError(Exception):
    """The policy is not usable; one line per problem, each naming file, table and key."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class RiskLevel(IntEnum):
    """How endangered; shown as 蓝 黄 橙 红. A contact's urgency uses the same scale."""

    LOW = 1
    MODERATE = 2
    HIGH = 3
    IMMINENT = 4


class Tier(IntEnum):
    """The level of duty of an organization; a university stands on the school's tier."""

    SCHOOL = 1
    DISTRICT = 2
    MUNICIPAL = 3


class Language(StrEnum):
    """What a person reads or hears; Chinese is the default everywhere."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something with a name for people in both languages."""

    name_zh: str
    name_en: str

    def name(self, *, language: Language) -> str:
        """Tell the name in the reader's language."""
        return self.name_zh if language is Language.ZH else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A stretch of every day by the wall clock of `zone`; it may run over midnight."""

    starts: time
    ends: time
    zone: str

    def covers(self, *, moment: datetime) -> bool:
        """Tell whether an aware moment lies inside; the end itself is outside."""
        local = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.starts < self.ends:
            return self.starts <= local < self.ends
        return local >= self.starts or local < self.ends
