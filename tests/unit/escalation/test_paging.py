"""Who is rung next, how and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.escalation.rules import paging
from wellbeing.escalation.rules.paging import PagePlan, Tried
from wellbeing.escalation.rules.words import PageChannel
from wellbeing.policy.model import PageOrder, RiskLevel

TEXT, CALL = PageChannel.TEXT, PageChannel.CALL
POLICY = PagePlan(
    order=dict.fromkeys(RiskLevel, PageOrder.IN_TURN),
    text_first=True,
    call_after={
        RiskLevel.LOW: timedelta(minutes=2),
        RiskLevel.MODERATE: timedelta(minutes=2),
        RiskLevel.HIGH: timedelta(minutes=2),
        RiskLevel.IMMINENT: timedelta(),
    },
    repeat_every=timedelta(minutes=2),
    attempts_per_person=2,
    next_person_after=timedelta(minutes=4),
)


def run(
    on_call: tuple[int, ...],
    *,
    urgency: RiskLevel = RiskLevel.IMMINENT,
    policy: PagePlan = POLICY,
) -> tuple[list[tuple[float, int, PageChannel]], float]:
    """Play a page nobody answers: minute, person and channel of each ring, and its end."""
    tried: list[Tried] = []
    rings: list[tuple[float, int, PageChannel]] = []
    now = NOW
    while True:
        step = paging.next_rings(
            paging=policy, urgency=urgency, tried=tried, on_call=on_call, now=now
        )
        minute = (now - NOW) / timedelta(minutes=1)
        for channel in step.channels:
            for user_id in step.user_ids:
                rings.append((minute, user_id, channel))
                tried.append(Tried(user_id=user_id, at=now))
        if step.next_at is None:
            return rings, minute
        assert step.next_at >= now
        now = step.next_at


def test_in_imminent_danger_text_and_call_come_at_once_then_again_then_the_next_person():
    rings, end = run((7, 8))

    assert rings == [
        (0, 7, TEXT), (0, 7, CALL), (2, 7, CALL),
        (4, 8, TEXT), (4, 8, CALL), (6, 8, CALL),
    ]  # fmt: skip
    assert end == 8


def test_at_lower_levels_the_call_follows_the_text():
    rings, end = run((7,), urgency=RiskLevel.HIGH)

    assert rings == [(0, 7, TEXT), (2, 7, CALL), (4, 7, CALL)]
    assert end == 6


def test_without_text_first_the_text_goes_beside_the_first_call():
    rings, _ = run((7,), urgency=RiskLevel.HIGH, policy=replace(POLICY, text_first=False))

    assert rings == [(0, 7, TEXT), (0, 7, CALL), (2, 7, CALL)]


def test_a_dead_phone_costs_no_time():
    tried = [Tried(user_id=7, at=NOW), Tried(user_id=7, at=NOW, is_dead=True)]
    soon = NOW + timedelta(seconds=3)

    step = paging.next_rings(
        paging=POLICY, urgency=RiskLevel.IMMINENT, tried=tried, on_call=(7, 8), now=soon
    )

    assert (step.user_ids, step.channels) == ((8,), (TEXT, CALL))


def test_where_nobody_is_on_call_the_page_is_over_at_once():
    assert run(()) == ([], 0)


def test_a_process_that_comes_late_does_not_ring_twice_at_once():
    tried = [Tried(user_id=7, at=NOW), Tried(user_id=7, at=NOW)]
    late = NOW + timedelta(hours=3)

    step = paging.next_rings(
        paging=POLICY, urgency=RiskLevel.IMMINENT, tried=tried, on_call=(7, 8), now=late
    )

    assert (step.user_ids, step.channels) == ((7,), (CALL,))
    assert step.next_at == late + timedelta(minutes=2)


def test_whoever_came_on_call_meanwhile_is_rung_too():
    tried = [Tried(user_id=7, at=NOW)] * 3
    later = NOW + timedelta(minutes=4)

    step = paging.next_rings(
        paging=POLICY, urgency=RiskLevel.IMMINENT, tried=tried, on_call=(9,), now=later
    )

    assert step.user_ids == (9,)


policies = st.builds(
    lambda first, repeat, attempts, after, wait: replace(
        POLICY,
        text_first=first,
        repeat_every=repeat,
        attempts_per_person=attempts,
        next_person_after=after,
        call_after=dict.fromkeys(RiskLevel, wait),
    ),
    st.booleans(),
    st.timedeltas(min_value=timedelta(seconds=10), max_value=timedelta(minutes=10)),
    st.integers(min_value=1, max_value=4),
    st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(minutes=40)),
    st.timedeltas(min_value=timedelta(), max_value=timedelta(minutes=10)),
)


@settings(deadline=None)  # a shared machine is no measure
@given(policy=policies, people=st.lists(st.integers(1, 99), max_size=5, unique=True))
def test_everybody_is_rung_in_order_by_every_means_and_the_page_ends(
    policy: PagePlan, people: list[int]
):
    rings, end = run(tuple(people), policy=policy)

    minutes = [minute for minute, _, _ in rings]
    order = list(dict.fromkeys(user for _, user, _ in rings))
    assert order == people
    assert minutes == sorted(minutes)
    assert len(rings) == len(people) * (policy.attempts_per_person + 1)
    assert end >= (minutes[-1] if minutes else 0)


def test_patience_leaves_the_last_call_its_time():
    assert paging.patience(paging=POLICY, urgency=RiskLevel.HIGH) == timedelta(minutes=6)


TOGETHER = replace(POLICY, order=dict.fromkeys(RiskLevel, PageOrder.TOGETHER))


def test_together_everybody_on_call_is_rung_at_once_and_again():
    rings, end = run((7, 8), policy=TOGETHER)

    assert rings == [
        (0, 7, TEXT), (0, 8, TEXT), (0, 7, CALL), (0, 8, CALL),
        (2, 7, CALL), (2, 8, CALL),
    ]  # fmt: skip
    assert end == 4


def test_together_a_dead_phone_is_left_out_and_the_others_are_rung_again():
    tried = [
        Tried(user_id=7, at=NOW), Tried(user_id=8, at=NOW),
        Tried(user_id=7, at=NOW, is_dead=True), Tried(user_id=8, at=NOW),
    ]  # fmt: skip

    step = paging.next_rings(
        paging=TOGETHER, urgency=RiskLevel.IMMINENT, tried=tried, on_call=(7, 8),
        now=NOW + timedelta(minutes=2),
    )  # fmt: skip

    assert (step.user_ids, step.channels) == ((8,), (CALL,))


def test_together_whoever_came_on_call_meanwhile_is_rung_too():
    tried = [Tried(user_id=one, at=NOW) for one in (7, 8, 7, 8)]
    tried += [Tried(user_id=one, at=NOW + timedelta(minutes=2)) for one in (7, 8)]

    step = paging.next_rings(
        paging=TOGETHER, urgency=RiskLevel.IMMINENT, tried=tried, on_call=(7, 8, 9),
        now=NOW + timedelta(minutes=4),
    )  # fmt: skip

    assert (step.user_ids, step.channels) == ((9,), (TEXT, CALL))


@settings(deadline=None)
@given(policy=policies, people=st.lists(st.integers(1, 99), max_size=5, unique=True))
def test_together_everybody_is_rung_by_every_means_and_the_page_ends(
    policy: PagePlan, people: list[int]
):
    rings, _ = run(tuple(people), policy=replace(policy, order=TOGETHER.order))

    for user_id in people:
        mine = [channel for _, user, channel in rings if user == user_id]
        assert len(mine) == policy.attempts_per_person + 1
    assert {minute for minute, _, _ in rings} == {
        minute for minute, user, _ in rings if user == (people[0] if people else None)
    }


@given(policy=policies)
def test_a_plan_is_kept_as_it_was(policy: PagePlan):
    assert paging.read(stored=json.loads(json.dumps(paging.kept(plan=policy)))) == policy
