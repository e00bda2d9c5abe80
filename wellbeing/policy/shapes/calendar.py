"""The shape of `calendar.toml`: which days pupils sit in lessons. Decided by dates alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from wellbeing.policy.shapes.words import Named

FIRST_REST_DAY = 5
"""Saturday, as `date.weekday()` counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days from the first to the last, both included."""

    first: date
    last: date

    def holds(self, *, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday(Named):
    """A public holiday with its days off."""

    days: Days


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCalendar:
    """Terms, holidays and make-up days (调休) of the years that were entered in full.

    `next_year_by` is the month and day from which on the next year must stand in it.
    """

    years: frozenset[int]
    next_year_by: tuple[int, int]
    terms: tuple[Days, ...]
    holidays: tuple[Holiday, ...]
    make_up_days: frozenset[date]

    def is_school_day(self, *, day: date) -> bool:
        """Tell whether pupils have lessons; a weekday of an unknown year counts, to be careful."""
        if not self._is_in_term(day) or self.holiday_on(day=day) is not None:
            return False
        return day.weekday() < FIRST_REST_DAY or day in self.make_up_days

    def holiday_on(self, *, day: date) -> Holiday | None:
        """Name the public holiday of a day."""
        return next((one for one in self.holidays if one.days.holds(day=day)), None)

    def missing_year(self, *, today: date) -> int | None:
        """Name the year whose holidays should stand here by today and do not."""
        if today.year not in self.years:
            return today.year
        is_late = (today.month, today.day) >= self.next_year_by
        return today.year + 1 if is_late and today.year + 1 not in self.years else None

    def _is_in_term(self, day: date) -> bool:
        # Between two known terms is a vacation; before the first and after the last nothing is
        # known, and a lesson that is not disturbed in vain does no harm.
        if day.year not in self.years or day > self.terms[-1].last or day < self.terms[0].first:
            return True
        return any(term.holds(day=day) for term in self.terms)
