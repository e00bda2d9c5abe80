"""When promises are due, tried again, missed, and how answers are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.followups import rules
from wellbeing.followups.rules import Answer, NoHourLeft
from wellbeing.policy.model import (
    AttemptPolicy,
    CheckInAnswer,
    Days,
    FollowUpKind,
    FollowUpPolicy,
    Holiday,
    Hours,
    MissedStep,
    MissedStepHolder,
    Promise,
    RiskLevel,
    SchoolCalendar,
)

ZONE = "Asia/Shanghai"
KINDS = FollowUpKind


def hours(starts: time, ends: time) -> Hours:
    return Hours(starts=starts, ends=ends, zone=ZONE)


def promise(first: int, last: int, kind: FollowUpKind, *, only_if_wanted: bool = False) -> Promise:
    return Promise(from_days=first, to_days=last, kind=kind, only_if_wanted=only_if_wanted)


CALENDAR = SchoolCalendar(
    years=frozenset({2026}),
    next_year_by=(12, 1),
    terms=(
        Days(first=date(2026, 3, 5), last=date(2026, 7, 8)),
        Days(first=date(2026, 9, 1), last=date(2027, 1, 31)),
    ),
    holidays=(
        Holiday(
            name_zh="国庆节",
            name_en="National Day",
            days=Days(first=date(2026, 10, 1), last=date(2026, 10, 7)),
        ),
    ),
    make_up_days=frozenset({date(2026, 10, 10)}),
)

POLICY = FollowUpPolicy(
    zone=ZONE,
    cadence={
        RiskLevel.IMMINENT: (
            promise(1, 1, KINDS.CALL),
            promise(2, 2, KINDS.CHECK_IN),
            promise(7, 7, KINDS.CALL),
        ),
        RiskLevel.HIGH: (promise(1, 1, KINDS.CALL),),
        RiskLevel.MODERATE: (promise(2, 3, KINDS.CHECK_IN),),
        RiskLevel.LOW: (promise(7, 14, KINDS.CHECK_IN, only_if_wanted=True),),
    },
    attempts={level: AttemptPolicy(count=3, within=timedelta(hours=24)) for level in RiskLevel},
    welfare_check_within={level: timedelta(hours=4) for level in RiskLevel},
    quiet_hours=hours(time(22), time(7)),
    class_hours=(hours(time(8), time(12)), hours(time(14), time(17, 30))),
    calendar=CALENDAR,
    check_in_answers={"1": CheckInAnswer.GOOD_TIME, "2": CheckInAnswer.NOT_NOW},
    missed_again=timedelta(hours=24),
    missed=(
        MissedStep(holder=MissedStepHolder.OWNER, after=timedelta()),
        MissedStep(holder=MissedStepHolder.SUPERVISOR, after=timedelta(hours=2)),
        MissedStep(holder=MissedStepHolder.NEXT_TIER, after=timedelta(hours=6)),
    ),
    forbidden_words=(),
    forbidden_patterns=(),
)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock moment in Chongqing in November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_red_is_called_the_next_evening_after_lessons():
    first, second, third = rules.plan(
        policy=POLICY, level=RiskLevel.IMMINENT, anchor=NOW, now=NOW, wanted=False
    )

    assert (first.kind, first.due_at) == (KINDS.CALL, local(24, 18))
    assert (first.window_start, first.window_end) == (NOW, NOW + timedelta(days=1))
    assert (second.kind, second.due_at) == (KINDS.CHECK_IN, local(25, 18))
    assert third.due_at == local(30, 18)


def test_on_a_day_without_lessons_the_morning_is_chosen():
    friday = local(27, 20)

    found = rules.plan(policy=POLICY, level=RiskLevel.HIGH, anchor=friday, now=friday, wanted=False)

    assert [one.due_at for one in found] == [local(28, 10)]


def test_a_blue_check_in_is_planned_only_if_it_is_wanted():
    unwanted = rules.plan(policy=POLICY, level=RiskLevel.LOW, anchor=NOW, now=NOW, wanted=False)
    wanted = rules.plan(policy=POLICY, level=RiskLevel.LOW, anchor=NOW, now=NOW, wanted=True)

    assert unwanted == ()
    assert [one.kind for one in wanted] == [KINDS.CHECK_IN]


def test_what_is_over_by_now_is_not_planned_again():
    found = rules.plan(
        policy=POLICY,
        level=RiskLevel.IMMINENT,
        anchor=NOW,
        now=NOW + timedelta(days=2),
        wanted=False,
    )

    assert [one.kind for one in found] == [KINDS.CALL]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (local(24, 6, 59), False),
        (local(24, 7), True),
        (local(24, 8), False),
        (local(24, 12, 30), True),
        (local(24, 17, 29), False),
        (local(24, 17, 30), True),
        (local(24, 22), False),
        (local(28, 9), True),
    ],
)
def test_quiet_hours_and_lessons_are_left_alone(moment: datetime, *, expected: bool):
    assert rules.is_allowed(policy=POLICY, moment=moment) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 10, 5, 2, tzinfo=UTC), True),  # a Monday of the National Day holiday
        (datetime(2026, 10, 8, 2, tzinfo=UTC), False),  # the Thursday after it, in a lesson
        (datetime(2026, 10, 10, 2, tzinfo=UTC), False),  # the make-up Saturday
        (datetime(2026, 7, 20, 2, tzinfo=UTC), True),  # a Monday of the summer vacation
        (datetime(2027, 3, 1, 2, tzinfo=UTC), False),  # a weekday of a year nobody entered
    ],
)
def test_lessons_are_where_the_calendar_of_the_schools_has_them(
    moment: datetime, *, expected: bool
):
    assert rules.is_allowed(policy=POLICY, moment=moment) is expected


def test_the_next_try_is_at_another_hour_of_the_day():
    first = local(24, 18)
    second = rules.next_try(policy=POLICY, level=RiskLevel.IMMINENT, tried=[first], now=first)

    assert second == local(25, 7)
    assert second is not None
    third = rules.next_try(
        policy=POLICY, level=RiskLevel.IMMINENT, tried=[first, second], now=second
    )
    assert third == local(25, 17, 30)


def test_after_three_tries_in_vain_there_is_no_fourth():
    tried = [local(24, 18), local(25, 7), local(25, 17, 30)]

    found = rules.next_try(policy=POLICY, level=RiskLevel.IMMINENT, tried=tried, now=tried[-1])

    assert found is None


def test_a_missed_promise_climbs_to_the_next_tier_and_is_told_there_each_day():
    tells = [rules.next_tell(policy=POLICY, window_end=NOW, told=told) for told in range(5)]

    assert [(one.holder, one.at - NOW) for one in tells] == [
        (MissedStepHolder.OWNER, timedelta()),
        (MissedStepHolder.SUPERVISOR, timedelta(hours=2)),
        (MissedStepHolder.NEXT_TIER, timedelta(hours=6)),
        (MissedStepHolder.NEXT_TIER, timedelta(hours=30)),
        (MissedStepHolder.NEXT_TIER, timedelta(hours=54)),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", Answer.GOOD_TIME),
        (" 1。", Answer.GOOD_TIME),
        ("2", Answer.NOT_NOW),
        ("\N{FULLWIDTH DIGIT TWO}", Answer.NOT_NOW),
        ("3", Answer.WORDS),
        ("12", Answer.WORDS),
        ("1点可以吗", Answer.WORDS),
        ("我不想活了", Answer.WORDS),
        ("", Answer.WORDS),
        ("²", Answer.WORDS),
        ("\N{CIRCLED DIGIT ONE}", Answer.WORDS),
    ],
)
def test_one_digit_is_an_answer_and_anything_else_is_words(text: str, expected: Answer):
    assert rules.answer_of(policy=POLICY, text=text) is expected


@settings(deadline=None)  # a shared machine is no measure
@given(text=st.text())
def test_any_text_at_all_can_be_read(text: str):
    assert rules.answer_of(policy=POLICY, text=text) in Answer


def test_a_policy_without_any_hour_left_is_refused():
    closed = replace(POLICY, quiet_hours=hours(time(7), time(7)))

    with pytest.raises(NoHourLeft):
        rules.sensible_moment(policy=closed, earliest=NOW, latest=NOW + timedelta(days=1))


moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
quiet = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(
    lambda ends: 2 <= (ends[0] - ends[1]) % 24 <= 20
)


@settings(deadline=None)  # a shared machine is no measure
@given(
    anchor=moments,
    level=st.sampled_from(list(RiskLevel)),
    ends=quiet,
    passed=st.timedeltas(timedelta(), timedelta(days=20)),
)
def test_promises_are_never_due_in_quiet_hours_or_lessons_and_windows_are_in_order(
    anchor: datetime, level: RiskLevel, ends: tuple[int, int], passed: timedelta
):
    policy = replace(
        POLICY, quiet_hours=hours(time(ends[0]), time(ends[1])), class_hours=POLICY.class_hours
    )
    now = anchor + passed

    try:
        found = rules.plan(policy=policy, level=level, anchor=anchor, now=now, wanted=True)
    except NoHourLeft:
        return

    for one in found:
        assert rules.is_allowed(policy=policy, moment=one.due_at)
        assert one.window_start <= one.due_at < one.window_end
        assert one.due_at >= now
        assert one.window_end > now
    assert [one.window_start for one in found] == sorted(one.window_start for one in found)


@settings(deadline=None)  # a shared machine is no measure
@given(anchor=moments, level=st.sampled_from(list(RiskLevel)))
def test_with_the_shipped_hours_each_promise_is_due_inside_its_own_days(
    anchor: datetime, level: RiskLevel
):
    found = rules.plan(policy=POLICY, level=level, anchor=anchor, now=anchor, wanted=True)

    for one, promised in zip(found, POLICY.cadence[level], strict=True):
        assert one.due_at >= anchor + timedelta(days=promised.from_days - 1)
        assert one.window_end == anchor + timedelta(days=promised.to_days)


@settings(deadline=None)  # a shared machine is no measure
@given(start=moments, level=st.sampled_from(list(RiskLevel)))
def test_tries_are_as_many_as_promised_at_allowed_and_different_hours(
    start: datetime, level: RiskLevel
):
    tried = [start]
    while following := rules.next_try(policy=POLICY, level=level, tried=tried, now=tried[-1]):
        tried.append(following)

    assert len(tried) == POLICY.attempts[level].count
    assert tried == sorted(tried)
    assert len({moment.astimezone(UTC).hour for moment in tried}) == len(tried)
    assert all(rules.is_allowed(policy=POLICY, moment=moment) for moment in tried[1:])
