"""The calendar of the schools: holidays, vacations, make-up days, and a year that is missing."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.policy.conftest import Spoil
from wellbeing.policy.model import Policy


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 26), True),  # a Thursday of the autumn term
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 10, 7), False),  # National Day
        (date(2026, 10, 10), True),  # the Saturday that makes up for it
        (date(2026, 9, 20), True),  # a Sunday that makes up for it
        (date(2026, 2, 28), False),  # a make-up Saturday, but the winter vacation
        (date(2026, 8, 3), False),  # the summer vacation
        (date(2027, 2, 1), True),  # a Monday nobody has entered
    ],
)
def test_school_days_of_chongqing(shipped: Policy, day: date, *, expected: bool):
    assert shipped.followups.calendar.is_school_day(day=day) is expected


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), 2027),
        (date(2027, 1, 1), 2027),
    ],
)
def test_the_next_year_is_missed_in_time(shipped: Policy, today: date, missing: int | None):
    assert shipped.followups.calendar.missing_year(today=today) == missing


MISTAKES = [
    ("years = [2026]", "years = []",
     "calendar.toml: years: must be a list of whole numbers of at least 2020"),
    ("years = [2026]", "years = [2026, 2026]", "calendar.toml: years: 2026 stands twice"),
    ("years = [2026]", "years = [2026, 2027]", "calendar.toml: years: 2027 has no holiday here"),
    ('next_year_by = "12-01"', 'next_year_by = "13-01"',
     'calendar.toml: next_year_by: must be a month and day such as "12-01"'),
    ("last = 2026-01-30", "last = 2025-01-30",
     "calendar.toml: terms[1].last: lies before first"),
    ("first = 2026-03-05", "first = 2026-01-05",
     "calendar.toml: terms[2].first: lies before the end of the one before it"),
    ("first = 2026-05-01", 'first = "2026-05-01"',
     "calendar.toml: holidays[4].first: must be a day such as 2026-10-01"),
    ("2026-10-10]", "2026-10-12]",
     "calendar.toml: make_up.days: 2026-10-12 is no day of a weekend"),
    ("2026-10-10]", "2026-10-04]", "calendar.toml: make_up.days: 2026-10-04 is a holiday"),
    ("2026-02-14, 2026-02-28", "2026-02-28, 2026-02-14",
     "calendar.toml: make_up.days: days must stand in order, none twice"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "says"), MISTAKES)
def test_a_mistake_is_named_by_table_and_key(
    problems_after: Spoil, before: str, after: str, says: str
):
    assert says in problems_after("calendar.toml", before, after)
