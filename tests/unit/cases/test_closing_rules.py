"""When a case may be closed: each rule refuses and allows, whatever order things happened in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.cases.rules.closing import (
    Facts,
    LevelStep,
    NotDeclinedOften,
    Rule,
    calm_since,
    check_signature,
    checks,
    unmet,
)
from wellbeing.policy.model import ClosingPolicy, RiskLevel

DAY = timedelta(days=1)
OPENED = datetime(2027, 3, 1, 8, tzinfo=UTC)
POLICY = ClosingPolicy(calm_apart=7 * DAY, assessed_within=DAY, declines=2, declines_apart=DAY)
READY = Facts(
    since=OPENED,
    level=RiskLevel.LOW,
    levels=(LevelStep(level=RiskLevel.LOW, at=OPENED),),
    met=(OPENED, OPENED + 7 * DAY),
    declined=(),
    signed_at=None,
    has_safety_plan=False,
    held_by=(),
    told=True,
)
MOMENTS = st.datetimes(
    min_value=datetime(2027, 3, 1),  # noqa: DTZ001 - its zone is given beside
    max_value=datetime(2027, 6, 1),  # noqa: DTZ001 - its zone is given beside
    timezones=st.just(UTC),
)
STEPS = st.lists(
    st.builds(LevelStep, level=st.sampled_from(RiskLevel), at=MOMENTS), min_size=1, max_size=6
).map(lambda steps: tuple(sorted(steps, key=lambda one: one.at)))
ANY = st.builds(
    Facts,
    since=st.just(OPENED),
    level=st.sampled_from(RiskLevel),
    levels=STEPS,
    met=st.lists(MOMENTS, max_size=5).map(tuple),
    declined=st.lists(MOMENTS, max_size=4).map(tuple),
    signed_at=st.none() | MOMENTS,
    has_safety_plan=st.booleans(),
    held_by=st.lists(st.sampled_from(["duty", "rescue", "other"]), max_size=3).map(tuple),
    told=st.booleans(),
).map(lambda facts: replace(facts, level=facts.levels[-1].level))


def missing(**changes: object) -> tuple[str, ...]:
    return unmet(facts=replace(READY, **changes), policy=POLICY)  # type: ignore[arg-type]  # names of Facts


def levels(*steps: tuple[RiskLevel, int]) -> tuple[LevelStep, ...]:
    return tuple(LevelStep(level=level, at=OPENED + days * DAY) for level, days in steps)


def test_a_case_that_was_blue_for_two_contacts_a_week_apart_may_close():
    assert missing() == ()


@pytest.mark.parametrize(
    ("met", "found"),
    [
        ((), ("calm",)),
        ((OPENED,), ("calm",)),
        ((OPENED, OPENED + 7 * DAY - timedelta(seconds=1)), ("calm",)),
        ((OPENED, OPENED + 7 * DAY), ()),
        ((OPENED + 30 * DAY, OPENED), ()),
    ],
)
def test_two_contacts_must_lie_far_enough_apart(met: tuple[datetime, ...], found: object):
    assert missing(met=met) == found


def test_contacts_before_the_level_fell_do_not_count():
    fell = levels((RiskLevel.MODERATE, 0), (RiskLevel.LOW, 10))

    early = missing(levels=fell, has_safety_plan=True, met=(OPENED, OPENED + 12 * DAY))
    later = missing(levels=fell, has_safety_plan=True, met=(OPENED + 9 * DAY, OPENED + 16 * DAY))

    assert early == ("calm",)
    assert later == ()


def test_a_level_that_rose_in_between_begins_anew():
    rose = levels((RiskLevel.LOW, 0), (RiskLevel.HIGH, 3), (RiskLevel.LOW, 8))

    assert missing(levels=rose, has_safety_plan=True) == ("calm",)
    assert calm_since(facts=replace(READY, levels=rose)) == OPENED + 8 * DAY


def test_a_case_that_was_ever_yellow_needs_a_safety_plan():
    was_yellow = levels((RiskLevel.MODERATE, 0), (RiskLevel.LOW, 0))

    assert missing(levels=was_yellow) == ("safety_plan",)
    assert missing(levels=was_yellow, has_safety_plan=True) == ()


def test_the_student_must_have_been_told():
    assert missing(told=False) == ("told",)


def test_everything_that_holds_it_is_named_once_after_the_rules():
    found = missing(held_by=("rescue", "duty", "duty"), told=False)

    assert found == ("told", "duty", "rescue")


YELLOW = {
    "level": RiskLevel.MODERATE,
    "levels": levels((RiskLevel.MODERATE, 0)),
    "has_safety_plan": True,
    "met": (),
}


@pytest.mark.parametrize(
    ("declined", "signed", "found"),
    [
        ((1, 2), 2, ()),
        ((1, 2), None, ("level", "calm")),
        ((1,), 3, ("level", "calm")),
        ((1, 1.5), 3, ("level", "calm")),
        ((1, 2), 1.9, ("level", "calm")),
        ((-3, -1), 3, ("level", "calm")),
    ],
)
def test_who_declined_twice_may_go_when_a_supervisor_signed_after_it(
    declined: tuple[float, ...], signed: float | None, found: tuple[str, ...]
):
    said = tuple(OPENED + days * DAY for days in declined)
    signed_at = None if signed is None else OPENED + signed * DAY

    assert missing(**YELLOW, declined=said, signed_at=signed_at) == found


def test_a_signature_stands_until_the_level_rises():
    rose = levels((RiskLevel.LOW, 0), (RiskLevel.MODERATE, 5))
    said = (OPENED + DAY, OPENED + 2 * DAY)

    found = missing(**(YELLOW | {"levels": rose}), declined=said, signed_at=OPENED + 3 * DAY)

    assert found == ("level", "calm")


def test_nobody_in_imminent_danger_is_closed_by_declining():
    red = YELLOW | {"level": RiskLevel.IMMINENT, "levels": levels((RiskLevel.IMMINENT, 0))}
    said = (OPENED + DAY, OPENED + 2 * DAY)

    assert missing(**red, declined=said, signed_at=OPENED + 3 * DAY) == ("level", "calm")


def test_nobody_signs_before_the_student_declined_often_enough():
    with pytest.raises(NotDeclinedOften):
        check_signature(facts=replace(READY, declined=(OPENED, OPENED)), policy=POLICY)

    check_signature(facts=replace(READY, declined=(OPENED, OPENED + DAY)), policy=POLICY)


@given(facts=ANY)
def test_what_may_close_is_never_red_never_held_and_always_told(facts: Facts):
    if unmet(facts=facts, policy=POLICY) == ():
        assert facts.level is not RiskLevel.IMMINENT
        assert facts.held_by == ()
        assert facts.told
        assert facts.has_safety_plan or {one.level for one in facts.levels} == {RiskLevel.LOW}
        assert facts.level is RiskLevel.LOW or facts.signed_at is not None


@given(facts=ANY, hold=st.sampled_from(["duty", "escalation", "anything"]))
def test_a_hold_never_makes_closing_easier(facts: Facts, hold: str):
    held = replace(facts, held_by=(*facts.held_by, hold))

    assert set(unmet(facts=facts, policy=POLICY)) <= set(unmet(facts=held, policy=POLICY))
    assert hold in unmet(facts=held, policy=POLICY)


@given(facts=ANY, at=MOMENTS)
def test_one_more_contact_never_undoes_a_rule(facts: Facts, at: datetime):
    more = replace(facts, met=(*facts.met, at))

    before = {one.rule for one in checks(facts=facts, policy=POLICY) if one.is_met}
    after = {one.rule for one in checks(facts=more, policy=POLICY) if one.is_met}

    assert before <= after


@given(facts=ANY)
def test_every_rule_is_shown_in_the_order_of_work(facts: Facts):
    assert [one.rule for one in checks(facts=facts, policy=POLICY)] == list(Rule)
