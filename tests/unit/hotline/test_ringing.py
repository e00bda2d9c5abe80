"""Who is rung when: the decision by itself, and that it always comes to an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.hotline.rules.ringing import (
    Move,
    Ringing,
    SafeTime,
    call_back_by,
    decide,
    look_again_at,
    speakers_first,
)
from wellbeing.policy.model import Language
from wellbeing.roster.rules.phones import Available, PhoneKind

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
FIRST = Ringing(
    stage=0,
    stages=2,
    stage_ends_at=NOW + timedelta(seconds=25),
    ringing=0,
    screening=0,
    free=0,
    busy=0,
)


def move(now: datetime = NOW, **changes: object) -> Move:
    return decide(at=replace(FIRST, **changes), at_once=4, now=now)  # type: ignore[arg-type]


def test_a_call_begins_with_its_first_stage():
    assert move(stage=-1, stage_ends_at=None) is Move.NEXT_STAGE


def test_whoever_is_free_is_rung():
    assert move(free=3) is Move.RING


def test_no_more_ring_at_once_than_the_policy_says():
    assert move(free=3, ringing=4) is Move.WAIT


def test_an_empty_stage_is_skipped_at_once():
    assert move() is Move.NEXT_STAGE


def test_a_stage_in_which_all_are_busy_waits_for_one_to_be_free():
    assert move(busy=2) is Move.WAIT


def test_when_all_have_declined_nobody_waits_for_the_end_of_the_stage():
    assert move(ringing=0, free=0) is Move.NEXT_STAGE


def test_a_stage_whose_time_is_over_is_left_while_phones_still_ring():
    assert move(now=NOW + timedelta(seconds=25), ringing=2, free=1) is Move.NEXT_STAGE


def test_after_the_last_stage_nobody_is_left():
    assert move(stage=2) is Move.EXHAUSTED


def test_who_has_picked_up_may_still_press_a_key():
    assert move(stage=2, screening=1) is Move.WAIT


def test_busy_people_are_looked_for_again_soon():
    assert look_again_at(at=replace(FIRST, busy=1), now=NOW) == NOW + timedelta(seconds=5)
    assert look_again_at(at=replace(FIRST, ringing=1), now=NOW) == FIRST.stage_ends_at


def test_after_the_last_stage_a_minute_of_silence_is_an_end():
    """Whoever asks is there; somebody who picked up may still press a key."""
    over = replace(FIRST, stage=2, stage_ends_at=None, screening=1)

    assert look_again_at(at=over, now=NOW) == NOW + timedelta(seconds=60)


@given(
    stages=st.integers(0, 4),
    crews=st.lists(st.integers(0, 6), min_size=5, max_size=5),
    seconds=st.integers(0, 40),
)
def test_however_nobody_answers_the_caller_comes_to_the_end_of_the_plan(
    stages: int, crews: list[int], seconds: int
):
    """Promise P8: each decision either rings somebody new, waits until a set time, or goes on."""
    at, now = replace(FIRST, stage=-1, stages=stages, stage_ends_at=None), NOW
    free = 0
    for _ in range(200):
        decided = decide(at=replace(at, free=free), at_once=2, now=now)
        if decided is Move.EXHAUSTED:
            break
        if decided is Move.NEXT_STAGE:
            at = replace(at, stage=at.stage + 1, ringing=0)
            at = replace(at, stage_ends_at=now + timedelta(seconds=seconds))
            free = crews[at.stage] if at.stage < stages else 0
        elif decided is Move.RING:
            rung = min(free, 2 - at.ringing)
            free, at = free - rung, replace(at, ringing=at.ringing + rung)
        else:
            now = look_again_at(at=at, now=now)
            at = replace(at, ringing=0)
    else:
        pytest.fail("the plan never ends")

    assert now - NOW <= timedelta(seconds=seconds * max(stages, 1))


@pytest.mark.parametrize(
    ("wish", "local_hour", "expected"),
    [
        (SafeTime.NOW, 12, datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
        (SafeTime.EVENING, 12, datetime(2026, 3, 2, 10, 0, tzinfo=UTC)),
        (SafeTime.EVENING, 21, datetime(2026, 3, 3, 10, 0, tzinfo=UTC)),
        (SafeTime.TOMORROW, 12, datetime(2026, 3, 3, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_call_back_is_due_when_the_student_said_that_it_is_safe(
    wish: SafeTime, local_hour: int, expected: datetime
):
    now = datetime(2026, 3, 2, local_hour - 8, 0, tzinfo=UTC)

    due = call_back_by(wish=wish, within=timedelta(hours=2), zone="Asia/Shanghai", now=now)

    assert due == expected


def test_this_evening_is_never_in_the_past():
    now = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)

    due = call_back_by(
        wish=SafeTime.EVENING, within=timedelta(hours=1), zone="Asia/Shanghai", now=now
    )

    assert due == now + timedelta(minutes=30)


def speaker(user_id: int, *languages: Language) -> Available:
    return Available(
        user_id=user_id,
        position=user_id,
        phone_kind=PhoneKind.MOBILE,
        address=f"+86139000000{user_id:02d}",
        languages=languages,
    )


def test_a_caller_reaches_somebody_of_their_language_first_and_nobody_is_left_out():
    people = [
        speaker(1, Language.ZH),
        speaker(2, Language.ZH, Language.EN),
        speaker(3, Language.ZH),
        speaker(4, Language.EN),
    ]

    assert [one.user_id for one in speakers_first(people=people, language=Language.EN)] == [
        2, 4, 1, 3,
    ]  # fmt: skip
    assert [one.user_id for one in speakers_first(people=people, language=Language.ZH)] == [
        1, 2, 3, 4,
    ]  # fmt: skip
