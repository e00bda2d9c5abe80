"""Ring plans: which one holds for a call, and that no call is left without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.unit.policy.conftest import Spoil
from wellbeing.policy.model import (
    Hours,
    Policy,
    PolicyError,
    RingPlace,
    RingPlan,
    RingStage,
    RiskLevel,
    Tier,
    VoicePolicy,
)

CITY, DISTRICT = "+862300000000", "+862300000103"
NOON = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 9, 18, 0, tzinfo=UTC)
LAST = '[[voice.plans]]\nkey = "danger"'
ORDINARY = '[[voice.plans]]\nkey = "ordinary"\nnumbers = []'


def plan(
    *, key: str, numbers: tuple[str, ...] = (), hours: Hours | None = None, danger: bool = False
) -> RingPlan:
    stage = RingStage(
        key="desk",
        places=(RingPlace(desk="line", tier=Tier.MUNICIPAL),),
        lasts=timedelta(seconds=25),
    )
    return RingPlan(key=key, numbers=numbers, hours=hours, is_danger=danger, stages=(stage,))


def with_plans(policy: Policy, *plans: RingPlan) -> VoicePolicy:
    return replace(policy.line.voice, plans=plans)


def another_plan(*, key: str, numbers: str = "[]", more: str = "") -> str:
    return (
        f'[[voice.plans]]\nkey = "{key}"\nnumbers = {numbers}\nis_danger = false\n{more}\n'
        '[[voice.plans.stages]]\nkey = "only"\nlasts = "30 s"\n'
        'places = [{ desk = "line", tier = "municipal" }]\n\n'
    )


def test_an_ordinary_call_rings_the_district_beside_the_city_and_then_the_city(shipped: Policy):
    """product.md 1.2: the district desk beside the municipal desk, then the municipal desk."""
    found = shipped.line.voice.plan_for(number=DISTRICT, is_danger=False, moment=NOON)

    assert [stage.places for stage in found.stages] == [
        (
            RingPlace(desk="line", tier=Tier.DISTRICT),
            RingPlace(desk="line", tier=Tier.MUNICIPAL),
        ),
        (RingPlace(desk="line", tier=Tier.MUNICIPAL),),
    ]
    assert [stage.lasts for stage in found.stages] == [timedelta(seconds=25)] * 2


def test_danger_rings_the_municipal_crisis_desk_at_once(shipped: Policy):
    """product.md 1.2: danger goes to the municipal crisis desk at once."""
    found = shipped.line.voice.plan_for(number=CITY, is_danger=True, moment=NIGHT)

    assert found.key == "danger"
    assert RingPlace(desk="crisis", tier=Tier.MUNICIPAL) in found.stages[0].places
    assert RingPlace(desk="duty_lead", tier=Tier.MUNICIPAL) in found.stages[1].places


def test_call_backs_are_promised_by_level(shipped: Policy):
    assert shipped.line.voice.call_back_within == {
        RiskLevel.IMMINENT: timedelta(minutes=15),
        RiskLevel.HIGH: timedelta(hours=1),
        RiskLevel.MODERATE: timedelta(hours=4),
        RiskLevel.LOW: timedelta(hours=24),
    }


def test_the_words_on_which_the_carrier_blocks_are_all_stop_words(shipped: Policy):
    """Chinese carriers take TD and T for unsubscribing, as the texts of companies teach."""
    assert {"stop", "td", "t", "退订"} <= set(shipped.line.text.stop_words)


@pytest.mark.parametrize(
    ("number", "moment", "expected"),
    [
        (DISTRICT, NOON, "district by day"),
        (DISTRICT, NIGHT, "rest"),
        (CITY, NOON, "rest"),
    ],
)
def test_the_first_plan_that_fits_number_and_hour_holds(
    shipped: Policy, number: str, moment: datetime, expected: str
):
    day = Hours(starts=time(8), ends=time(18), zone="Asia/Shanghai")
    voice = with_plans(
        shipped, plan(key="district by day", numbers=(DISTRICT,), hours=day), plan(key="rest")
    )

    assert voice.plan_for(number=number, is_danger=False, moment=moment).key == expected


def test_a_policy_built_by_hand_without_a_plan_says_so(shipped: Policy):
    voice = with_plans(shipped, plan(key="danger", danger=True))

    with pytest.raises(PolicyError, match=r"^line\.toml: voice\.plans: none holds for \+8623"):
        voice.plan_for(number=CITY, is_danger=False, moment=NOON)


MISTAKES = [
    # times
    ('menu_timeout = "6 s"', 'menu_timeout = "0 s"',
     ("line.toml: voice.menu_timeout: "
     'must be a duration such as "15 min", longer than nothing')),
    ('ring = "20 s"', 'ring = "26 s"',
     ("line.toml: voice.plans[1].stages[1].lasts: "
     "is shorter than voice.ring: phones would be cut off while they ring")),
    ('wait_loop = "12 s"', 'wait_loop = "5 min"',
     "line.toml: voice.wait_loop: is longer than 60 s"),
    ('coverage_shown = "14 d"', 'coverage_shown = "12 h"',
     "line.toml: voice.coverage_shown: is shorter than coverage_alarm_ahead"),
    ('high = "1 h"', 'high = "5 h"',
     ("line.toml: voice.call_back_within.high: "
     "is longer than that of moderate, a lower level")),
    ("legs_at_once = 4", "legs_at_once = 0",
     "line.toml: voice.legs_at_once: must be a whole number of at least 1"),
    # numbers
    ("fallback_numbers = []", 'fallback_numbers = ["12356"]',
     ("line.toml: voice.fallback_numbers: "
     "“12356” is a short code; a carrier dials only a full number (+86…)")),
    ("fallback_numbers = []", 'fallback_numbers = ["+862300000103"]',
     ("line.toml: voice.fallback_numbers: "
     "“+862300000103” is the line's own number: a call would loop")),
    (ORDINARY, ORDINARY.replace("[]", '["+862399999999"]'),
     ("line.toml: voice.plans[1].numbers: "
     "“+862399999999” is not a number of the line (numbers)")),
    # desks
    ('{ desk = "crisis", tier = "municipal" }', '{ desk = "crisis", tier = "district" }',
     ("line.toml: voice.plans[2].stages[1].places[1].desk: "
     "line.toml has no desk “crisis” on the tier district")),
    ('{ desk = "line", tier = "district" }', '{ desk = "line", tier = "school" }',
     ("line.toml: voice.plans[1].stages[1].places[1].tier: "
     "a school is rung only when the caller asks for it, never by a plan")),
    ('{ desk = "line", tier = "district" }', '{ desk = "line", tier = "municipal" }',
     "line.toml: voice.plans[1].stages[1].places: names a desk twice"),
    ('{ desk = "line", tier = "district" }', '{ desk = "line", level = "district" }',
     "line.toml: voice.plans[1].stages[1].places[1].level: unknown key"),
    # gaps and overlaps
    ("is_danger = true", "is_danger = false",
     ("line.toml: voice.plans: the last plan with is_danger = true must be for all numbers "
     "and hours, or a call rings nobody")),
    (ORDINARY, ORDINARY.replace("[]", '["+862300000000"]'),
     ("line.toml: voice.plans[1]: the last plan with is_danger = false must be for all numbers "
     "and hours, or a call rings nobody")),
    (LAST, another_plan(key="late") + LAST,
     "line.toml: voice.plans[2]: is never reached: “ordinary” above it takes all its calls"),
    (ORDINARY, another_plan(key="ordinary", numbers='["+862300000000"]') + ORDINARY,
     "line.toml: voice.plans: the key “ordinary” stands twice"),
    ('key = "municipal"\nplaces', 'key = "desk"\nplaces',
     "line.toml: voice.plans[1].stages: the key “desk” stands twice"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "problem"), MISTAKES)
def test_a_mistake_in_the_voice_line_is_named(
    problems_after: Spoil, before: str, after: str, problem: str
):
    problems = problems_after("line.toml", before, after)

    assert problem in problems


def test_hours_of_plans_for_the_same_number_do_not_overlap(problems_after: Spoil):
    day = 'hours = { starts = "08:00", ends = "18:00", zone = "Asia/Shanghai" }'
    night = 'hours = { starts = "17:30", ends = "08:00", zone = "Asia/Shanghai" }'
    plans = another_plan(key="day", more=day) + another_plan(key="night", more=night)

    problems = problems_after("line.toml", ORDINARY, plans + ORDINARY)

    assert problems == (
        "line.toml: voice.plans[2].hours: overlaps the hours of “day” for the same number",
    )


def test_every_plan_rings_a_municipal_desk_that_never_closes(problems_after: Spoil):
    plans = another_plan(key="day", numbers='["+862300000103"]').replace("municipal", "district")

    problems = problems_after("line.toml", ORDINARY, plans + ORDINARY)

    assert problems == (
        (
            "line.toml: voice.plans[1].stages: rings no municipal desk that is there around "
            "the clock: at night nobody answers"
        ),
    )
