"""Calling back: by when, from when on, and how two promises to one caller become one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.followups.rules import CallBack, CallBackReason, call_back
from wellbeing.policy.model import Hours, RiskLevel

QUIET = Hours(starts=time(22), ends=time(7), zone="Asia/Shanghai")
EVENING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""20:00 in Chongqing."""
NIGHT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""01:00 in Chongqing."""
SEVEN = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
EIGHT = SEVEN + timedelta(hours=1)
"""08:00 of the next morning."""
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001  # the zone is given beside
    max_value=datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
PROMISES = st.builds(
    CallBack,
    window_start=MOMENTS,
    due_at=MOMENTS,
    level=st.sampled_from(RiskLevel),
    reason=st.sampled_from(CallBackReason),
)


def promised(*, now: datetime, within: timedelta, **changes: object) -> CallBack:
    wanted = {"reason": CallBackReason.ASKED, "level": RiskLevel.MODERATE} | changes
    return call_back(quiet_hours=QUIET, due_at=now + within, now=now, **wanted)


@pytest.mark.parametrize("reason", [CallBackReason.ASKED, CallBackReason.VOICEMAIL])
def test_who_asks_at_night_is_called_at_night(reason: CallBackReason):
    found = promised(now=NIGHT, within=timedelta(hours=4), reason=reason)

    assert (found.window_start, found.due_at) == (NIGHT, NIGHT + timedelta(hours=4))


def test_who_hung_up_at_night_is_not_woken():
    found = promised(now=NIGHT, within=timedelta(hours=4), reason=CallBackReason.ABANDONED)

    assert (found.window_start, found.due_at) == (SEVEN, EIGHT)


def test_who_hung_up_in_the_evening_may_be_called_at_once_or_in_the_morning():
    found = promised(now=EVENING, within=timedelta(hours=4), reason=CallBackReason.ABANDONED)

    assert (found.window_start, found.due_at) == (EVENING, EIGHT)


@pytest.mark.parametrize("level", [RiskLevel.HIGH, RiskLevel.IMMINENT])
def test_in_danger_nobody_waits_for_the_morning(level: RiskLevel):
    within = timedelta(minutes=15)

    found = promised(now=NIGHT, within=within, reason=CallBackReason.ABANDONED, level=level)

    assert (found.window_start, found.due_at) == (NIGHT, NIGHT + within)


@given(
    now=MOMENTS,
    minutes=st.integers(min_value=-600, max_value=3000),
    level=st.sampled_from(RiskLevel),
    reason=st.sampled_from(CallBackReason),
)
def test_a_window_never_ends_before_it_begins_nor_before_its_deadline(
    now: datetime, minutes: int, level: RiskLevel, reason: CallBackReason
):
    within = timedelta(minutes=minutes)

    found = promised(now=now, within=within, level=level, reason=reason)

    assert found.window_start <= found.due_at
    assert found.due_at >= now + within


@given(
    now=MOMENTS,
    minutes=st.integers(min_value=1, max_value=3000),
    level=st.sampled_from([RiskLevel.LOW, RiskLevel.MODERATE]),
)
def test_nobody_who_did_not_ask_is_due_in_the_night(now: datetime, minutes: int, level: RiskLevel):
    within = timedelta(minutes=minutes)

    found = promised(now=now, within=within, level=level, reason=CallBackReason.ABANDONED)

    assert not QUIET.covers(moment=found.due_at)
    assert not QUIET.covers(moment=found.window_start)


@given(one=PROMISES, other=PROMISES)
def test_two_promises_to_one_caller_become_the_better_of_both(one: CallBack, other: CallBack):
    found = one.joined(other)

    assert found == other.joined(one)
    assert found.due_at == min(one.due_at, other.due_at)
    assert found.level == max(one.level, other.level)


@given(one=PROMISES)
def test_a_promise_repeated_is_the_same_promise(one: CallBack):
    assert one.joined(one) == one


def test_a_voicemail_stays_a_voicemail_when_the_caller_also_hung_up():
    heard = promised(now=EVENING, within=timedelta(hours=4), reason=CallBackReason.VOICEMAIL)
    hung_up = promised(now=EVENING, within=timedelta(hours=1), reason=CallBackReason.ABANDONED)

    assert hung_up.joined(heard).reason is CallBackReason.VOICEMAIL


def test_who_said_when_it_is_safe_is_not_called_before():
    found = promised(now=EVENING, within=timedelta(hours=20), reason=CallBackReason.APPOINTED)

    assert found.window_start == EVENING + timedelta(hours=19)
    assert found.due_at == EVENING + timedelta(hours=20)
