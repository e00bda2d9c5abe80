"""Periods are whole days of the city, and so is what they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from wellbeing.reports.rules.periods import NotAPeriod, Period, Preset, period_before, period_of

LATE_EVENING = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
"""Half past one of the 24th in Chongqing."""
ZONE = "Asia/Shanghai"


def of(preset: Preset, **days: date | None) -> Period:
    return period_of(preset=preset, now=LATE_EVENING, zone=ZONE, **days)


def test_today_is_the_citys_day_not_that_of_greenwich():
    found = of(Preset.TODAY)

    assert found.first == date(2026, 11, 24)
    assert found.since == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert found.until == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        (Preset.SEVEN_DAYS, date(2026, 11, 18), date(2026, 11, 24)),
        (Preset.THIRTY_DAYS, date(2026, 10, 26), date(2026, 11, 24)),
        (Preset.THIS_MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (Preset.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_a_preset_gives_its_days(preset: Preset, first: date, last: date):
    found = of(preset)

    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        (Preset.TODAY, date(2026, 11, 23), date(2026, 11, 23)),
        (Preset.SEVEN_DAYS, date(2026, 11, 11), date(2026, 11, 17)),
        (Preset.THIS_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        (Preset.LAST_MONTH, date(2026, 9, 1), date(2026, 9, 30)),
    ],
)
def test_the_period_before_ends_where_the_period_begins(preset: Preset, first: date, last: date):
    found = period_before(period=of(preset))

    assert (found.first, found.last) == (first, last)


def test_a_term_is_compared_with_as_many_days_before():
    term = of(Preset.TERM, first=date(2026, 9, 1), last=date(2026, 9, 10))

    found = period_before(period=term)

    assert (found.first, found.last) == (date(2026, 8, 22), date(2026, 8, 31))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, date(2026, 9, 1)),
        (date(2026, 9, 1), None),
        (date(2026, 9, 2), date(2026, 9, 1)),
        (date(2024, 1, 1), date(2026, 1, 1)),
    ],
)
def test_days_that_make_no_term_are_refused(first: date | None, last: date | None):
    with pytest.raises(NotAPeriod):
        of(Preset.TERM, first=first, last=last)
