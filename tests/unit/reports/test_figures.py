"""What one escalation counts as, how times are summed up, and what a tier may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wellbeing.policy.model import RiskLevel, SuppressionPolicy, Tier
from wellbeing.reports.rules.figures import (
    Fact,
    Figures,
    Measure,
    Percentiles,
    Row,
    Rules,
    Timing,
    figures,
    percentiles,
    rules_for,
    tally,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CITY = Rules(threshold=10, totals_only=False)
SENT = Fact(
    level=4,
    tier=3,
    from_tier=2,
    accepted_tier=None,
    sent_at=NOW - 60 * MINUTE,
    acknowledge_by=NOW + 15 * MINUTE,
    contact_by=NOW + 60 * MINUTE,
    acknowledged_at=None,
    accepted_at=None,
    read_back_at=None,
    contacted_at=None,
    declined_at=None,
    released_at=None,
    is_again=False,
)
ACCEPTED = replace(
    SENT,
    acknowledged_at=SENT.sent_at + 5 * MINUTE,
    accepted_at=SENT.sent_at + 10 * MINUTE,
    accepted_tier=3,
)


def counted(*facts: Fact) -> dict[Measure, int]:
    found = tally(facts=facts, now=NOW)
    return {measure: counter[4, 3] for measure, counter in found.counts.items() if counter}


def report(*facts: Fact, rules: Rules = CITY) -> Figures:
    return figures(counted=tally(facts=facts, now=NOW), rules=rules)


def row(found: Figures, level: RiskLevel | None, tier: Tier | None) -> Row:
    return next(one for one in found.rows if (one.level, one.tier) == (level, tier))


def test_one_that_waits_within_its_clocks_is_only_sent():
    assert counted(SENT) == {Measure.SENT: 1}


def test_a_clock_that_still_runs_is_missed_once_it_has_passed():
    late = replace(SENT, acknowledge_by=NOW - MINUTE, contact_by=NOW - MINUTE)

    assert counted(late) == {
        Measure.SENT: 1,
        Measure.ACKNOWLEDGE_MISSED: 1,
        Measure.CONTACT_MISSED: 1,
    }


def test_one_that_was_answered_after_its_time_is_missed_too():
    late = replace(ACCEPTED, acknowledge_by=SENT.sent_at + 4 * MINUTE)

    assert counted(late)[Measure.ACKNOWLEDGE_MISSED] == 1


def test_one_that_was_answered_in_time_is_not_missed_however_late_it_is_counted():
    kept = replace(ACCEPTED, acknowledge_by=SENT.sent_at + 5 * MINUTE)

    assert Measure.ACKNOWLEDGE_MISSED not in counted(kept)


def test_one_taken_back_in_time_misses_no_clock_afterwards():
    back = replace(SENT, released_at=SENT.sent_at + MINUTE, acknowledge_by=NOW - 30 * MINUTE)

    assert counted(back) == {Measure.SENT: 1, Measure.RELEASED: 1}


@pytest.mark.parametrize(
    ("seconds", "p50", "p90"),
    [
        ([7.0], 7.0, 7.0),
        ([3.0, 1.0], 1.0, 3.0),
        ([float(one) for one in range(10, 0, -1)], 5.0, 9.0),
        ([float(one) for one in range(1, 12)], 6.0, 10.0),
    ],
)
def test_percentiles_are_times_that_were_measured(seconds: list[float], p50: float, p90: float):
    assert percentiles(seconds=seconds) == Percentiles(p50=p50, p90=p90)


def test_ten_alike_are_shown_with_their_times():
    found = row(report(*[ACCEPTED] * 10), RiskLevel.IMMINENT, Tier.MUNICIPAL)

    assert found.counts[Measure.SENT] == 10
    assert found.times[Timing.ACKNOWLEDGE] == Percentiles(p50=300.0, p90=300.0)
    assert found.times[Timing.ACCEPT] == Percentiles(p50=600.0, p90=600.0)
    assert found.times[Timing.CONTACT] is None


def test_nine_are_hidden_in_every_total_and_so_are_their_times():
    found = report(*[ACCEPTED] * 9)

    shown = [one.counts[Measure.SENT] for one in found.rows]
    times = [time for one in found.rows for time in one.times.values()]
    assert set(shown) == {None, 0}
    assert set(times) == {None}
    assert found.total.counts[Measure.SENT] is None


def test_times_of_a_count_hidden_only_to_protect_another_are_hidden_too():
    small = [replace(ACCEPTED, tier=2)] * 3
    others = [replace(ACCEPTED, level=3), replace(ACCEPTED, level=3, tier=2)] * 15

    found = report(*small, *[ACCEPTED] * 12, *others)

    beside = row(found, RiskLevel.IMMINENT, Tier.MUNICIPAL)
    assert beside.counts[Measure.ACCEPTED] is None
    assert beside.times[Timing.ACCEPT] is None


def test_accepted_in_all_is_hidden_in_both_tables_or_in_neither():
    few = [replace(ACCEPTED, accepted_tier=2)] * 3

    found = report(*few)

    assert found.total.counts[Measure.ACCEPTED] is None
    assert found.flows[-1].accepted[None] is None


def test_flows_say_who_accepted_from_whom():
    found = report(*[ACCEPTED] * 11, *[replace(ACCEPTED, from_tier=1, accepted_tier=2)] * 12)

    accepted = {flow.sender: dict(flow.accepted) for flow in found.flows}
    assert accepted[Tier.DISTRICT] == {
        Tier.SCHOOL: 0,
        Tier.DISTRICT: 0,
        Tier.MUNICIPAL: 11,
        None: 11,
    }
    assert accepted[None][None] == 23


def test_a_school_sees_totals_alone_and_none_below_five():
    school = Rules(threshold=5, totals_only=True)

    found = report(*[ACCEPTED] * 5, replace(SENT, level=1), rules=school)

    assert len(found.rows) == 1
    assert found.flows == ()
    assert found.total.counts[Measure.SENT] == 6
    assert found.total.counts[Measure.ACCEPTED] == 5
    assert report(*[ACCEPTED] * 4, rules=school).total.counts[Measure.SENT] is None
    assert found.total.times[Timing.ACCEPT] is None


@pytest.mark.parametrize(
    ("tier", "rules"),
    [
        (Tier.MUNICIPAL, Rules(threshold=10, totals_only=False)),
        (Tier.DISTRICT, Rules(threshold=5, totals_only=False)),
        (Tier.SCHOOL, Rules(threshold=6, totals_only=True)),
    ],
)
def test_the_readers_tier_decides_what_is_small(tier: Tier, rules: Rules):
    policy = SuppressionPolicy(city=10, district=5, school=6)

    assert rules_for(tier=tier, policy=policy) == rules
