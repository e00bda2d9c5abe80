"""Over which days a report counts, and with which days it is compared. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.foundation.errors import DomainError

DAY = timedelta(days=1)
LONGEST = timedelta(days=400)
"""A school year and a bit; longer ones are slips of the pen."""


class Preset(StrEnum):
    """The periods that are offered; a school term is given by its days."""

    TODAY = "today"
    SEVEN_DAYS = "seven_days"
    THIRTY_DAYS = "thirty_days"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    TERM = "term"


class NotAPeriod(DomainError):
    """A period ends on or after the day it begins, within 400 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days of the city from `first` to `last`, both included."""

    preset: Preset
    first: date
    last: date
    zone: str

    @property
    def since(self) -> datetime:
        """Give the moment at which the first day begins."""
        return self._midnight(self.first)

    @property
    def until(self) -> datetime:
        """Give the moment at which the last day is over."""
        return self._midnight(self.last + DAY)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def period_of(
    *,
    preset: Preset,
    now: datetime,
    zone: str,
    first: date | None = None,
    last: date | None = None,
) -> Period:
    """Give the days of a preset; `first` and `last` only matter for a term.

    Raises:
        NotAPeriod: the days of a term are missing, in the wrong order, or too many.

    """
    today = now.astimezone(ZoneInfo(zone)).date()
    this_month = today.replace(day=1)
    days: dict[Preset, tuple[date | None, date | None]] = {
        Preset.TODAY: (today, today),
        Preset.SEVEN_DAYS: (today - 6 * DAY, today),
        Preset.THIRTY_DAYS: (today - 29 * DAY, today),
        Preset.THIS_MONTH: (this_month, _month_end(this_month)),
        Preset.LAST_MONTH: (_month_before(this_month), this_month - DAY),
        Preset.TERM: (first, last),
    }
    begins, ends = days[preset]
    if begins is None or ends is None or not begins <= ends <= begins + LONGEST:
        raise NotAPeriod
    return Period(preset=preset, first=begins, last=ends, zone=zone)


def period_before(*, period: Period) -> Period:
    """Give what a period is compared with: the month before a month, else as many days before."""
    last = period.first - DAY
    first = period.first - (period.last - period.first + DAY)
    if period.preset in {Preset.THIS_MONTH, Preset.LAST_MONTH}:
        first = _month_before(period.first)
    return Period(preset=period.preset, first=first, last=last, zone=period.zone)


def _month_before(first_of_month: date) -> date:
    return (first_of_month - DAY).replace(day=1)


def _month_end(first_of_month: date) -> date:
    return (first_of_month + 31 * DAY).replace(day=1) - DAY
