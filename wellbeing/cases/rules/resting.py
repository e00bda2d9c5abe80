"""When the record of a closed case is sealed (hotline guide 2021; PIPL 47). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRest:
    """That a sealed record exists; not a word of it, and nobody's name."""

    case_id: int
    reference: str
    organization_id: int
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The last record of a page; the next page begins after it."""

    closed_at: datetime
    case_id: int


def sealed_before(*, now: datetime, years: int) -> datetime:
    """Tell which cases are sealed now: those closed at that moment or before.

    Whole years of the calendar; what was closed on a leap day waits for the first of March.
    """
    if (now.month, now.day) == LEAP_DAY:
        return now.replace(year=now.year - years, day=28)
    return now.replace(year=now.year - years)
