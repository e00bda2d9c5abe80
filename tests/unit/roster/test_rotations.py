"""Weekly patterns become moments: whose turn, and what the clocks do at night."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellbeing.roster.rules import Interval, NotAPosition, empty_times
from wellbeing.roster.rules.rotations import (
    Block,
    EndsBeforeItBegins,
    NobodyTakesTurns,
    NoSuchZone,
    NoTimes,
    Pattern,
    Slot,
    TimesOverlap,
    Turn,
    check_pattern,
    moment,
    slots,
)

HOUR = timedelta(hours=1)
EVERY_DAY = range(7)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
MORNING, EVENING = time(8), time(20)
MONDAY = date(2026, 11, 23)


def blocks(starts: time, ends: time, days: range = EVERY_DAY) -> tuple[Block, ...]:
    return tuple(Block(weekday=day, starts=starts, ends=ends) for day in days)


def pattern(**changes: object) -> Pattern:
    given_ = {
        "turn": Turn.DAY,
        "people": (1, 2, 3),
        "blocks": blocks(MORNING, MORNING),
        "valid_from": MONDAY,
    } | changes
    return Pattern(**given_)  # type: ignore[arg-type] # the parts are named by each test


def between(first: datetime, days: int) -> Interval:
    return Interval(starts_at=first, ends_at=first + timedelta(days=days))


def found(one: Pattern, *, days: int = 7, first: date = MONDAY) -> tuple[Slot, ...]:
    starts_at = datetime.combine(first, time(), ZoneInfo(one.zone))
    return slots(pattern=one, within=between(starts_at, days))


def hours(found_: tuple[Slot, ...]) -> list[float]:
    return [(one.ends_at - one.starts_at) / HOUR for one in found_]


def test_people_take_turns_by_the_day():
    assert [one.user_id for one in found(pattern(), days=5)] == [1, 2, 3, 1, 2]


def test_people_take_turns_by_the_week_from_monday_on():
    weekly = pattern(turn=Turn.WEEK, valid_from=date(2026, 11, 25))

    turns = {one.starts_at.date(): one.user_id for one in found(weekly, days=15)}

    assert turns[date(2026, 11, 29)] == 1
    assert turns[date(2026, 11, 30)] == 2
    assert turns[date(2026, 12, 7)] == 3


def test_a_night_belongs_to_the_day_on_which_it_begins():
    nights = pattern(blocks=blocks(EVENING, MORNING, range(5)))

    (first, *_rest) = found(nights)

    assert first.starts_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert first.ends_at == datetime(2026, 11, 24, 0, tzinfo=UTC)


def test_nothing_is_planned_outside_its_days():
    short = pattern(valid_until=date(2026, 11, 24))

    assert [one.user_id for one in found(short, days=30)] == [1, 2]


def test_on_a_holiday_somebody_else_or_nobody_comes_and_the_turns_go_on():
    with_holidays = pattern(holidays={date(2026, 11, 24): 9, date(2026, 11, 25): None})

    assert [one.user_id for one in found(with_holidays, days=4)] == [1, 9, 1]


def test_slots_are_given_whole_even_if_they_only_touch():
    now = datetime(2026, 11, 24, 23, 59, tzinfo=UTC)

    (running, following) = slots(pattern=pattern(), within=between(now, 1))

    assert running.starts_at == datetime(2026, 11, 24, 0, tzinfo=UTC)
    assert following.ends_at == datetime(2026, 11, 26, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 11.0),
        ("Europe/Berlin", date(2026, 10, 24), 13.0),
        ("America/New_York", date(2026, 3, 7), 11.0),
        ("America/New_York", date(2026, 10, 31), 13.0),
        ("Asia/Shanghai", date(2026, 3, 28), 12.0),
    ],
)
def test_a_night_is_as_long_as_the_clocks_make_it(zone: str, day: date, expected: float):
    nights = pattern(zone=zone, blocks=blocks(EVENING, MORNING), valid_from=day)

    assert hours(found(nights, days=1, first=day))[0] == expected


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_a_year_of_days_and_nights_has_neither_gap_nor_double(zone: str, year: int):
    both = (*blocks(MORNING, EVENING), *blocks(EVENING, MORNING))
    year_round = pattern(zone=zone, blocks=both, valid_from=date(year - 1, 12, 1))
    begins = datetime(year - 1, 12, 20, tzinfo=UTC)

    found_ = slots(pattern=year_round, within=between(begins, 390))

    assert all(one.ends_at == following.starts_at for one, following in pairwise(found_))


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30:00+00:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 1), "2026-03-08T07:00:00+00:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30:00+00:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(12), "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_skipped_time_is_the_end_of_the_skip_and_a_doubled_one_the_first(
    zone: str, day: date, wall: time, expected: str
):
    assert moment(day=day, wall=wall, zone=ZoneInfo(zone)).isoformat() == expected


walls = st.times().map(lambda one: one.replace(minute=one.minute // 5 * 5, second=0, microsecond=0))
days = st.dates(min_value=date(2025, 12, 1), max_value=date(2030, 1, 31))


@settings(max_examples=150)
@given(zone=st.sampled_from(ZONES), cuts=st.sets(walls, min_size=1, max_size=4), first=days)
def test_a_day_cut_anywhere_is_covered_once_at_every_moment(
    zone: str, cuts: set[time], first: date
):
    """No gap and no double coverage over the change of clocks and of the year, in any zone."""
    edges = sorted(cuts)
    cut = tuple(
        block
        for one, following in zip(edges, [*edges[1:], edges[0]], strict=True)
        for block in blocks(one, following)
    )
    whole = pattern(zone=zone, blocks=cut, valid_from=first - timedelta(days=3))
    check_pattern(pattern=whole)
    within = between(datetime.combine(first, time(), UTC), 10)

    found_ = slots(pattern=whole, within=within)

    as_intervals = [Interval(starts_at=one.starts_at, ends_at=one.ends_at) for one in found_]
    assert empty_times(shifts=as_intervals, within=within) == ()
    assert all(one.ends_at == following.starts_at for one, following in pairwise(found_))


@settings(max_examples=100)
@given(zone=st.sampled_from(ZONES), day=days, one=walls, other=walls)
def test_later_on_the_wall_is_never_earlier_in_truth(zone: str, day: date, one: time, other: time):
    first, second = sorted((one, other))

    clock = ZoneInfo(zone)

    assert moment(day=day, wall=first, zone=clock) <= moment(day=day, wall=second, zone=clock)


@settings(max_examples=60)
@given(zone=st.sampled_from(ZONES), first=days, length=st.integers(1, 40))
def test_hours_add_up_to_the_time_that_passed(zone: str, first: date, length: int):
    around_the_clock = pattern(
        zone=zone,
        blocks=blocks(time(), time()),
        valid_from=first,
        valid_until=first + timedelta(days=length - 1),
    )

    found_ = found(around_the_clock, days=length, first=first)

    clock = ZoneInfo(zone)
    begins = datetime.combine(first, time(), clock).astimezone(UTC)
    ends = datetime.combine(first + timedelta(days=length), time(), clock).astimezone(UTC)
    assert sum(hours(found_)) == (ends - begins) / HOUR


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"people": ()}, NobodyTakesTurns),
        ({"people": (1, 1)}, NobodyTakesTurns),
        ({"blocks": ()}, NoTimes),
        ({"zone": "Asia/Nowhere"}, NoSuchZone),
        ({"zone": "../secret"}, NoSuchZone),
        ({"zone": ""}, NoSuchZone),
        ({"position": 0}, NotAPosition),
        ({"valid_until": MONDAY - timedelta(days=1)}, EndsBeforeItBegins),
        ({"blocks": (*blocks(MORNING, EVENING), *blocks(time(19), time(21)))}, TimesOverlap),
        ({"blocks": (*blocks(EVENING, time(9), range(6, 7)), *blocks(MORNING, EVENING))},
         TimesOverlap),
    ],
)  # fmt: skip
def test_a_rotation_that_cannot_be_is_refused(changes: dict[str, object], refusal: type[Exception]):
    with pytest.raises(refusal):
        check_pattern(pattern=pattern(**changes))
