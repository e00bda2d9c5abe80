"""What must be done before a contact is closed: a screener that is due, a level by hand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wellbeing.foundation.errors import DomainError
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules.screeners import OF_SUICIDE_RISK


class ScreenerDue(DomainError):
    """An answer about suicide asks for a C-SSRS or ASQ first; if need be record it as refused."""

    status = 409


class LevelDue(DomainError):
    """A screener found something, or was left unfinished: set the level with a reason first."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What the rule needs to know of a screening, in the order of time."""

    screener: str
    level: RiskLevel | None
    complete: bool
    asks_further: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A level that a person set, in the order of time."""

    level: RiskLevel
    at: datetime


def is_screener_due(*, screenings: Sequence[Screened]) -> bool:
    """Tell whether a tripwire was answered and no C-SSRS or ASQ was recorded after it."""
    tripped = [place for place, one in enumerate(screenings) if one.asks_further]
    if not tripped:
        return False
    return not any(one.screener in OF_SUICIDE_RISK for one in screenings[tripped[-1] + 1 :])


def is_level_due(*, screenings: Sequence[Screened], judged: Sequence[Judged]) -> bool:
    """Tell whether a screener waits for a person's level.

    One above blue needs a level by a person: as high at any time, or of their own judgement
    after it. One that was refused or left off needs a level by hand after it (facts.md 1.1).
    """
    return any(_waits(one, judged) for one in screenings)


def check(*, screenings: Sequence[Screened], judged: Sequence[Judged]) -> None:
    """Refuse to close a contact whose questions are open (facts.md 1.3 and 1.1).

    Raises:
        ScreenerDue: an answer about suicide asks for a C-SSRS or ASQ.
        LevelDue: nobody has set the level since.

    """
    if is_screener_due(screenings=screenings):
        raise ScreenerDue
    if is_level_due(screenings=screenings, judged=judged):
        raise LevelDue


def _waits(one: Screened, judged: Sequence[Judged]) -> bool:
    if any(person.at >= one.at for person in judged):
        return False
    if not one.complete and one.screener in OF_SUICIDE_RISK:
        return True
    found = one.level or RiskLevel.LOW
    return found > max((person.level for person in judged), default=RiskLevel.LOW)
