"""What the shipped configuration promises, in literal figures with their sources."""

from __future__ import annotations

from datetime import timedelta

from wellbeing.policy.model import (
    FollowUpKind,
    Language,
    MissedStepHolder,
    Policy,
    RiskLevel,
    Tier,
)

LOW, MODERATE, HIGH, IMMINENT = RiskLevel


def test_an_escalation_is_acknowledged_by_the_clock_of_its_level(shipped: Policy):
    """product.md 5.4: red 15 min, orange 4 h, yellow 24 h, blue 7 d (after NHS England)."""
    clocks = {level: clock.acknowledge for level, clock in shipped.tiers.clocks.items()}

    assert clocks == {
        IMMINENT: timedelta(minutes=15),
        HIGH: timedelta(hours=4),
        MODERATE: timedelta(hours=24),
        LOW: timedelta(days=7),
    }


def test_a_student_is_contacted_by_the_clock_of_the_level(shipped: Policy):
    """product.md 5.4: 1 h, 24 h, 72 h, 14 d to contact the student."""
    clocks = {level: clock.contact for level, clock in shipped.tiers.clocks.items()}

    assert clocks == {
        IMMINENT: timedelta(hours=1),
        HIGH: timedelta(hours=24),
        MODERATE: timedelta(hours=72),
        LOW: timedelta(days=14),
    }


def test_red_climbs_to_the_duty_lead_at_15_minutes_and_to_the_director_at_30(shipped: Policy):
    """facts.md 5: 15 min without acknowledgement, the municipal duty lead; 30 min, the director."""
    steps = [(step.desk, step.tier, step.after) for step in shipped.tiers.chain[IMMINENT]]

    assert steps == [
        ("line", None, timedelta(minutes=15)),
        ("duty_lead", Tier.MUNICIPAL, timedelta(minutes=15)),
        ("director", Tier.MUNICIPAL, timedelta(minutes=30)),
    ]


def test_a_red_page_calls_at_once_and_ignores_quiet_hours(shipped: Policy):
    paging = shipped.tiers.paging

    assert paging.call_after[IMMINENT] == timedelta()
    assert paging.call_after[HIGH] == timedelta(minutes=2)
    assert paging.ignores_quiet_hours == {HIGH, IMMINENT}


def test_a_university_escalates_straight_to_the_municipal_center(shipped: Policy):
    """facts.md 3.3: universities are supervised by the municipal commission directly."""
    assert shipped.tiers.universities_escalate_to is Tier.MUNICIPAL


def test_follow_ups_come_on_the_days_of_the_level(shipped: Policy):
    """product.md 7; facts.md 5: the default schedule by level."""
    days = {
        level: [(promise.from_days, promise.to_days) for promise in promises]
        for level, promises in shipped.followups.cadence.items()
    }

    assert days[IMMINENT] == [(day, day) for day in (1, 2, 3, 7, 14, 21, 28, 30, 90, 180, 365)]
    assert days[HIGH] == [(day, day) for day in (1, 3, 7, 14, 21, 30, 90)]
    assert days[MODERATE] == [(2, 3), (7, 7), (14, 14), (30, 30)]
    assert days[LOW] == [(7, 14)]


def test_a_blue_follow_up_is_planned_only_if_wanted(shipped: Policy):
    wanted = {
        level: {promise.only_if_wanted for promise in promises}
        for level, promises in shipped.followups.cadence.items()
    }

    assert wanted == {IMMINENT: {False}, HIGH: {False}, MODERATE: {False}, LOW: {True}}


def test_the_first_day_after_red_and_orange_is_a_persons_call(shipped: Policy):
    """facts.md 1.7: the first day is when harm happens."""
    assert shipped.followups.cadence[IMMINENT][0].kind is FollowUpKind.CALL
    assert shipped.followups.cadence[HIGH][0].kind is FollowUpKind.CALL


def test_an_unreachable_student_is_tried_as_often_as_the_level_asks(shipped: Policy):
    """facts.md 5: red 3 in 24 h, orange 3 in 48 h, yellow 3 in 7 d, blue once."""
    attempts = {
        level: (policy.count, policy.within) for level, policy in shipped.followups.attempts.items()
    }

    assert attempts == {
        IMMINENT: (3, timedelta(hours=24)),
        HIGH: (3, timedelta(hours=48)),
        MODERATE: (3, timedelta(days=7)),
        LOW: (1, timedelta(days=7)),
    }


def test_a_missed_promise_goes_to_owner_then_supervisor_then_next_tier(shipped: Policy):
    holders = [step.holder for step in shipped.followups.missed]

    assert holders == [
        MissedStepHolder.OWNER,
        MissedStepHolder.SUPERVISOR,
        MissedStepHolder.NEXT_TIER,
    ]


def test_a_text_contact_waits_three_minutes_for_its_counselor(shipped: Policy):
    """product.md 2.1 and 2.3; 30 s without acceptance is a phone page (9)."""
    assert shipped.line.text.contact_reopens_within == timedelta(hours=24)
    assert shipped.line.text.unanswered_after == timedelta(minutes=3)
    assert shipped.line.text.unanswered_levels == {HIGH, IMMINENT}
    assert shipped.line.accept_within == timedelta(seconds=30)


def test_the_lifeline_is_spoken_short_and_dialled_long(shipped: Policy):
    assert shipped.line.lifeline.spoken == "12356"
    assert shipped.line.lifeline.dialled.startswith("+86")
    assert shipped.line.emergency_numbers == ("110", "120")


def test_records_are_kept_three_years_and_small_groups_hidden(shipped: Policy):
    """Hotline guide 2021: at least 3 years. product.md 8 and 10: k, break-glass, 30 days."""
    assert shipped.privacy.retention_years == 3
    assert shipped.privacy.reopen_within == timedelta(days=30)
    assert shipped.privacy.suppression.city == 10
    assert shipped.privacy.suppression.district == 5
    assert shipped.privacy.suppression.school == 5
    assert shipped.privacy.break_glass.lasts == timedelta(minutes=60)
    assert shipped.privacy.break_glass.review_within == timedelta(hours=24)


def test_levels_carry_the_four_colours_of_the_schools(shipped: Policy):
    shown = {level: (one.name_zh, one.colour) for level, one in shipped.triage.levels.items()}

    assert shown == {
        LOW: ("蓝", "blue"),
        MODERATE: ("黄", "yellow"),
        HIGH: ("橙", "orange"),
        IMMINENT: ("红", "red"),
    }


def test_reasons_fall_into_the_eleven_international_groups(shipped: Policy):
    """Child Helpline International's data framework (facts.md 1.10)."""
    assert [group.key for group in shipped.triage.reason_groups] == [
        "missing_children",
        "violence",
        "mental_health",
        "physical_health",
        "accessibility",
        "discrimination",
        "family",
        "peers",
        "education",
        "sexuality",
        "non_counseling",
    ]


def test_screeners_say_that_their_wording_is_a_paraphrase(shipped: Policy):
    screeners = shipped.triage.screeners

    assert list(screeners) == ["cssrs", "asq", "beijing", "phq9", "phqa", "gad7"]
    assert all("official translation" in one.source_en for one in screeners.values())
    assert all("转述" in one.source_zh for one in screeners.values())


def test_a_name_comes_in_the_readers_language(shipped: Policy):
    red = shipped.triage.levels[IMMINENT]
    item = shipped.triage.screeners["cssrs"].items[0]

    assert red.name(language=Language.ZH) == "红"
    assert red.name(language=Language.EN) == "Red"
    assert item.text(language=Language.EN).startswith("In the past month")
    assert shipped.triage.screeners["asq"].title(language=Language.ZH).endswith("（ASQ）")
