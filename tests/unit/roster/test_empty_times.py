"""Where a desk stands empty, whatever its shifts look like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.roster.rules import (
    Interval,
    NewShift,
    NotAnInterval,
    NotAPosition,
    check_shift,
    empty_times,
)


def hours(start: float, end: float) -> Interval:
    return Interval(starts_at=NOW + timedelta(hours=start), ends_at=NOW + timedelta(hours=end))


intervals = st.tuples(st.integers(-5, 30), st.integers(1, 12)).map(
    lambda drawn: hours(drawn[0], drawn[0] + drawn[1])
)


def test_a_desk_without_shifts_is_empty_all_the_time():
    assert empty_times(shifts=[], within=hours(0, 24)) == (hours(0, 24),)


def test_shifts_that_touch_leave_no_gap():
    found = empty_times(shifts=[hours(8, 16), hours(0, 8), hours(16, 24)], within=hours(0, 24))

    assert found == ()


def test_the_hours_between_two_shifts_are_empty():
    found = empty_times(shifts=[hours(0, 8), hours(10, 24)], within=hours(0, 24))

    assert found == (hours(8, 10),)


def test_a_short_shift_inside_a_long_one_makes_no_gap():
    found = empty_times(shifts=[hours(0, 20), hours(2, 4)], within=hours(0, 24))

    assert found == (hours(20, 24),)


@given(st.lists(intervals, max_size=8))
def test_every_hour_is_either_covered_or_named_as_empty(shifts: list[Interval]):
    gaps = empty_times(shifts=shifts, within=hours(0, 24))

    for hour in range(24):
        moment = NOW + timedelta(hours=hour, minutes=30)
        covered = any(one.starts_at <= moment < one.ends_at for one in shifts)
        named = any(one.starts_at <= moment < one.ends_at for one in gaps)
        assert covered is not named


def shift(**changes: object) -> NewShift:
    values = {
        "organization_id": 1,
        "desk": "line",
        "user_id": 1,
        "by_user_id": 1,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=8),
    } | changes
    return NewShift(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [timedelta(), timedelta(hours=-1), timedelta(days=401)])
def test_a_shift_that_takes_no_time_or_more_than_a_year_is_refused(length: timedelta):
    with pytest.raises(NotAnInterval):
        check_shift(new=shift(ends_at=NOW + length))


@pytest.mark.parametrize("position", [0, 100])
def test_a_place_in_the_order_out_of_range_is_refused(position: int):
    with pytest.raises(NotAPosition):
        check_shift(new=shift(position=position))
