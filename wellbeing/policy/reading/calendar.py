"""Reads `calendar.toml`: terms, holidays and make-up days, in order and inside known years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from wellbeing.policy.model import Days, Holiday, SchoolCalendar
from wellbeing.policy.reading.table import Table
from wellbeing.policy.shapes.calendar import FIRST_REST_DAY

_MONTH_AND_DAY = re.compile(r"(\d\d)-(\d\d)")
_LEAP_YEAR = 2024
"""February 29 is a day of some years: a month and day are checked in one that has it."""


def read_calendar(*, table: Table) -> SchoolCalendar:
    """Read the whole file; mistakes go to the table's list."""
    years = table.integers(key="years", least=2020)
    terms = _ordered(tables=table.tables(key="terms"), named=False)
    holidays = _ordered(tables=table.tables(key="holidays"), named=True)
    make_up = table.table(key="make_up")
    found = SchoolCalendar(
        years=frozenset(years),
        next_year_by=_month_and_day(table=table),
        terms=tuple(one.days for one in terms),
        holidays=holidays,
        make_up_days=frozenset(make_up.days(key="days")),
    )
    _check_make_up(table=make_up, calendar=found)
    make_up.close()
    for year in sorted(found.years):
        if not any(year in {one.days.first.year, one.days.last.year} for one in holidays):
            table.wrong(key="years", says=f"{year} has no holiday here")
    table.close()
    return found


def _ordered(*, tables: Sequence[Table], named: bool) -> tuple[Holiday, ...]:
    found = []
    for table in tables:
        days = Days(first=table.day(key="first"), last=table.day(key="last"))
        zh = table.text(key="name_zh") if named else ""
        en = table.text(key="name_en") if named else ""
        if days.last < days.first:
            table.wrong(key="last", says="lies before first")
        found.append(Holiday(name_zh=zh, name_en=en, days=days))
        table.close()
    for table, (before, after) in zip(tables[1:], pairwise(found), strict=True):
        if after.days.first <= before.days.last:
            table.wrong(key="first", says="lies before the end of the one before it")
    return tuple(found)


def _check_make_up(*, table: Table, calendar: SchoolCalendar) -> None:
    for day in sorted(calendar.make_up_days):
        if day.weekday() < FIRST_REST_DAY:
            table.wrong(key="days", says=f"{day} is no day of a weekend")
        if calendar.holiday_on(day=day) is not None:
            table.wrong(key="days", says=f"{day} is a holiday")


def _month_and_day(*, table: Table) -> tuple[int, int]:
    value = table.text(key="next_year_by")
    match = _MONTH_AND_DAY.fullmatch(value)
    try:
        day = date(_LEAP_YEAR, int(match[1]), int(match[2])) if match else None
    except ValueError:
        day = None
    if day is None:
        table.wrong(key="next_year_by", says='must be a month and day such as "12-01"')
        return (12, 1)
    return (day.month, day.day)
