"""Who joins an escalation, in which order and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.moments import NOW
from wellbeing.escalation.rules import chain
from wellbeing.escalation.rules.chain import Counting, Rung
from wellbeing.escalation.rules.school_time import SchoolTime
from wellbeing.escalation.rules.words import NobodyAbove, Place
from wellbeing.policy.model import (
    ChainStep,
    Clock,
    Counts,
    Days,
    DeskPolicy,
    Hours,
    RiskLevel,
    SchoolCalendar,
    Tier,
)

DISTRICT = Rung(organization_id=4, tier=Tier.DISTRICT)
CITY = Rung(organization_id=1, tier=Tier.MUNICIPAL)
RED = (
    ChainStep(desk="line", tier=None, after=timedelta(minutes=15)),
    ChainStep(desk="duty_lead", tier=Tier.MUNICIPAL, after=timedelta(minutes=15)),
    ChainStep(desk="director", tier=Tier.MUNICIPAL, after=timedelta(minutes=30)),
)
LADDER = ("supervisor", "duty_lead", "director")


SCHOOL = SchoolTime(
    calendar=SchoolCalendar(
        years=frozenset({2026}),
        next_year_by=(12, 1),
        terms=(Days(first=date(2026, 9, 1), last=date(2027, 1, 31)),),
        holidays=(),
        make_up_days=frozenset(),
    ),
    hours=Hours(starts=time(8), ends=time(17, 30), zone="Asia/Shanghai"),
)
CLOCK = Clock(acknowledge=timedelta(minutes=15), contact=timedelta(hours=1))
ALWAYS = Counting(clock=CLOCK, school=SCHOOL)


def built(*, above: tuple[Rung, ...], first: Rung, steps: tuple[ChainStep, ...]):
    return chain.build_chain(above=above, first=first, steps=steps, counting=ALWAYS, sent_at=NOW)


def place(organization_id: int, desk: str, minutes: int) -> Place:
    return Place(
        organization_id=organization_id, desk=desk, planned_at=NOW + timedelta(minutes=minutes)
    )


def desk(key: str, tier: Tier) -> DeskPolicy:
    return DeskPolicy(key=key, tier=tier, name_zh="台", name_en="desk", around_the_clock=True)


DESKS = (
    desk("supervisor", Tier.DISTRICT),
    desk("supervisor", Tier.MUNICIPAL),
    desk("duty_lead", Tier.MUNICIPAL),
    desk("director", Tier.MUNICIPAL),
)


def test_a_school_climbs_to_its_district_then_the_city_the_duty_lead_and_the_director():
    found = built(above=(DISTRICT, CITY), first=DISTRICT, steps=RED)

    assert found == (
        place(4, "line", 0),
        place(1, "line", 15),
        place(1, "duty_lead", 15),
        place(1, "director", 30),
    )


def test_a_university_meets_the_city_first_and_asks_no_desk_twice():
    found = built(above=(CITY,), first=CITY, steps=RED)

    assert found == (place(1, "line", 0), place(1, "duty_lead", 15), place(1, "director", 30))


def test_the_next_tier_is_asked_unless_one_is_named():
    above = (DISTRICT, CITY)

    assert chain.receiver(above=above, to_tier=None) == DISTRICT
    assert chain.receiver(above=above, to_tier=Tier.MUNICIPAL) == CITY


@pytest.mark.parametrize("to_tier", [None, Tier.DISTRICT])
def test_there_is_nobody_above_the_city(to_tier: Tier | None):
    with pytest.raises(NobodyAbove):
        chain.receiver(above=(), to_tier=to_tier)


def test_both_clocks_count_from_sending():
    found = chain.deadlines(counting=ALWAYS, sent_at=NOW)

    assert found.acknowledge_by == NOW + timedelta(minutes=15)
    assert found.contact_by == NOW + timedelta(hours=1)


def test_the_next_receiver_waits_for_its_time_unless_the_last_desk_was_empty():
    places = (place(4, "line", 0), place(1, "line", 15))

    assert not chain.is_due(chain=places, joined=1, now=NOW, at_once=False)
    assert chain.is_due(chain=places, joined=1, now=NOW, at_once=True)
    assert chain.is_due(chain=places, joined=1, now=NOW + timedelta(minutes=15), at_once=False)
    assert not chain.is_due(chain=places, joined=2, now=NOW + timedelta(days=1), at_once=True)


@pytest.mark.parametrize(
    ("joined", "level", "expected"),
    [
        (1, RiskLevel.IMMINENT, True),
        (2, RiskLevel.IMMINENT, False),
        (1, RiskLevel.HIGH, False),
        (3, RiskLevel.IMMINENT, False),
    ],
)
def test_only_red_hurries_and_the_director_keeps_their_time(
    joined: int, level: RiskLevel, *, expected: bool
):
    places = (place(4, "line", 0), place(1, "duty_lead", 15), place(1, "director", 30))
    by = NOW + timedelta(minutes=15)

    assert chain.may_hurry(chain=places, joined=joined, level=level, by=by) is expected


def test_everybody_is_rung_again_when_the_chain_is_through():
    places = (place(1, "line", 0), place(1, "director", 30))
    later = NOW + timedelta(minutes=30)

    found = chain.next_step_at(
        chain=places,
        joined=2,
        by=NOW + timedelta(minutes=15),
        again=timedelta(minutes=15),
        now=later,
    )

    assert found == NOW + timedelta(minutes=45)


def test_an_early_joined_chain_still_moves_when_the_acknowledgement_is_missed():
    places = (place(1, "line", 0), place(1, "duty_lead", 15), place(1, "director", 30))

    found = chain.next_step_at(
        chain=places,
        joined=2,
        by=NOW + timedelta(minutes=15),
        again=timedelta(minutes=15),
        now=NOW + timedelta(minutes=4),
    )

    assert found == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("desk_key", "rung", "above", "expected"),
    [
        ("supervisor", DISTRICT, (CITY,), (1, "supervisor")),
        ("supervisor", CITY, (), (1, "duty_lead")),
        ("duty_lead", CITY, (), (1, "director")),
        ("director", CITY, (), None),
        ("line", CITY, (), (1, "supervisor")),
    ],
)
def test_an_unanswered_desk_is_followed_by_the_one_above(
    desk_key: str, rung: Rung, above: tuple[Rung, ...], expected: tuple[int, str] | None
):
    found = chain.desk_above(desk=desk_key, rung=rung, above=above, desks=DESKS, ladder=LADDER)

    assert found == expected


def test_a_school_has_no_supervisor_so_its_district_is_asked():
    school = Rung(organization_id=18, tier=Tier.SCHOOL)

    found = chain.lowest_with_desk(desk="supervisor", rungs=(school, DISTRICT, CITY), desks=DESKS)

    assert found == 4


steps = st.lists(
    st.builds(
        ChainStep,
        desk=st.sampled_from(["line", "duty_lead", "director", "supervisor"]),
        tier=st.sampled_from([None, Tier.DISTRICT, Tier.MUNICIPAL]),
        after=st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=14)),
    ),
    max_size=6,
).map(lambda found: tuple(sorted(found, key=lambda step: step.after)))


@settings(deadline=None)  # a shared machine is no measure
@given(steps=steps)
def test_a_chain_is_in_order_and_asks_nobody_twice(steps: tuple[ChainStep, ...]):
    found = built(above=(DISTRICT, CITY), first=DISTRICT, steps=steps)

    times = [one.planned_at for one in found]
    desks = [(one.organization_id, one.desk) for one in found]
    assert times == sorted(times)
    assert len(set(desks)) == len(desks)
    assert found[0] == place(4, "line", 0)


@settings(deadline=None)  # a shared machine is no measure
@given(
    steps=steps,
    joined=st.integers(min_value=1, max_value=7),
    passed=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=30)),
)
def test_an_open_escalation_always_has_a_later_step(
    steps: tuple[ChainStep, ...], joined: int, passed: timedelta
):
    """Promise P8: nobody is left."""
    places = built(above=(DISTRICT, CITY), first=DISTRICT, steps=steps)

    found = chain.next_step_at(
        chain=places,
        joined=min(joined, len(places)),
        by=NOW + timedelta(minutes=15),
        again=timedelta(minutes=15),
        now=NOW + passed,
    )

    assert found > NOW + passed


def test_a_clock_of_school_days_rests_on_the_weekend():
    friday_noon = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
    school = Clock(
        acknowledge=timedelta(days=1), contact=timedelta(days=2), counts=Counts.SCHOOL_DAYS
    )

    found = chain.deadlines(counting=Counting(clock=school, school=SCHOOL), sent_at=friday_noon)

    assert found.acknowledge_by == datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
    assert found.contact_by == datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def test_a_level_that_rises_brings_everybody_forward_who_is_still_to_come():
    slow = (place(4, "line", 0), place(1, "line", 240), place(1, "director", 480))
    later = NOW + timedelta(minutes=60)

    found = chain.sharpened(chain=slow, joined=1, steps=RED, counting=ALWAYS, now=later)

    assert found == (place(4, "line", 0), place(1, "line", 75), place(1, "director", 90))


def test_a_level_that_rises_puts_nobody_off():
    soon = (place(4, "line", 0), place(1, "line", 15), place(1, "director", 30))

    found = chain.sharpened(
        chain=soon, joined=1, steps=RED, counting=ALWAYS, now=NOW + timedelta(minutes=10)
    )

    assert found == soon


def test_a_desk_that_the_new_level_does_not_know_keeps_its_time():
    places = (place(4, "line", 0), replace(place(1, "line", 240), desk="crisis"))

    found = chain.sharpened(chain=places, joined=1, steps=RED, counting=ALWAYS, now=NOW)

    assert found == places
