"""Time that counts on school days only, and ends when a school can be expected to answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wellbeing.policy.model import Hours, SchoolCalendar

ONE_DAY = timedelta(days=1)
SEARCHED_DAYS = 400
"""Longer than any vacation: after so many days without school, time counts all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolTime:
    """The days on which schools work, and the hours in which somebody answers there."""

    calendar: SchoolCalendar
    hours: Hours

    def after(self, *, start: datetime, counted: timedelta) -> datetime:
        """Go on from `start` by so much time of school days, to a moment within school hours.

        A day without school does not count; an end before or after the hours of its day waits for
        the next opening. Never earlier than `start + counted`.
        """
        left = counted
        for day in self._days(start):
            since = max(start, self._at(day, time()))
            there = self._at(day + ONE_DAY, time()) - since
            if not self.calendar.is_school_day(day=day):
                continue
            if left < there:
                return self._within_hours(since + left)
            left -= there
        return start + counted

    def _within_hours(self, moment: datetime) -> datetime:
        for day in self._days(moment):
            opens, closes = self._at(day, self.hours.starts), self._at(day, self.hours.ends)
            if self.calendar.is_school_day(day=day) and moment < closes:
                return max(moment, opens)
        return moment

    def _at(self, day: date, wall: time) -> datetime:
        local = datetime.combine(day, wall, tzinfo=ZoneInfo(self.hours.zone))
        # Through UTC: differences of wall times would not see a change of the clock.
        return local.astimezone(UTC)

    def _days(self, moment: datetime) -> Iterator[date]:
        first = moment.astimezone(ZoneInfo(self.hours.zone)).date()
        return (first + timedelta(days=number) for number in range(SEARCHED_DAYS))
