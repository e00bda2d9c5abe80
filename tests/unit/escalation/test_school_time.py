"""School days: what counts, what rests, and where a clock may end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellbeing.escalation.rules.school_time import SchoolTime
from wellbeing.policy.model import Days, Holiday, Hours, SchoolCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


def school(zone: str = "Asia/Shanghai") -> SchoolTime:
    return SchoolTime(
        calendar=SchoolCalendar(
            years=frozenset({2026}),
            next_year_by=(12, 1),
            terms=(Days(first=date(2026, 3, 1), last=date(2027, 1, 31)),),
            holidays=(
                Holiday(
                    name_zh="国庆节",
                    name_en="National Day",
                    days=Days(first=date(2026, 10, 1), last=date(2026, 10, 7)),
                ),
            ),
            make_up_days=frozenset({date(2026, 10, 10)}),
        ),
        hours=Hours(starts=time(8), ends=time(17, 30), zone=zone),
    )


def local(day: int, hour: int, minute: int = 0, *, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (local(8, 9), 4, local(8, 13)),
        (local(30, 16, month=9), 24, local(8, 16)),
        (local(8, 16), 3, local(9, 8)),
        (local(8, 2), 1, local(8, 8)),
        (local(3, 12), 0, local(8, 8)),
        (local(9, 12), 24, local(10, 12)),
    ],
    ids=["same day", "over a holiday", "after hours", "before hours", "in a holiday", "make-up"],
)
def test_only_time_of_school_days_counts(start: datetime, hours: int, expected: datetime):
    assert school().after(start=start, counted=timedelta(hours=hours)) == expected


def test_a_day_that_is_an_hour_longer_counts_its_hours_where_clocks_change():
    """Berlin puts its clocks back on Sunday 25 October 2026: a weekend counts no hour at all."""
    found = school("Europe/Berlin").after(
        start=datetime(2026, 10, 23, 10, 0, tzinfo=UTC), counted=timedelta(hours=24)
    )

    assert found == datetime(2026, 10, 26, 11, 0, tzinfo=UTC)


@settings(deadline=None)  # a shared machine is no measure
@given(
    start=st.datetimes(datetime(2026, 8, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    counted=st.timedeltas(timedelta(), timedelta(days=30)),
)
def test_a_clock_never_ends_early_and_ends_within_school_hours(start: datetime, counted: timedelta):
    found = school().after(start=start, counted=counted)

    assert found >= start + counted
    wall = found.astimezone(SHANGHAI)
    assert school().calendar.is_school_day(day=wall.date())
    assert time(8) <= wall.time() <= time(17, 30)
