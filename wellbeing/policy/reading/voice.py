"""Reads `line.toml`, table `[voice]`: times, promises, and ring plans without a gap.

Whether anybody stands on a desk that a plan names, only the roster can say (`doctor`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations, pairwise
from types import MappingProxyType

from wellbeing.policy.model import (
    Hours,
    LineNumber,
    RingPlace,
    RingPlan,
    RingStage,
    RiskLevel,
    Tier,
    VoicePolicy,
)
from wellbeing.policy.reading.desks import Desks, known_desk
from wellbeing.policy.reading.hours import hours, zone
from wellbeing.policy.reading.numbers import dialled_list
from wellbeing.policy.reading.table import TIERS, UNREADABLE, Table, by_level, repeated

_CARRIERS_LIMITS = MappingProxyType(
    {
        "menu_timeout": timedelta(minutes=1),
        "ring": timedelta(minutes=1),
        "screen": timedelta(minutes=1),
        "wait_loop": timedelta(minutes=1),
        "lifeline_ring": timedelta(minutes=10),
        "talk_limit": timedelta(hours=24),
        "voicemail_limit": timedelta(hours=1),
    }
)
"""The carrier's own, or less where a longer time would leave a caller in silence."""


def read_voice(*, table: Table, numbers: tuple[LineNumber, ...], desks: Desks) -> VoicePolicy:
    """Read the whole table; mistakes go to its list."""
    own = tuple(entry.number for entry in numbers)
    policy = VoicePolicy(
        menu_timeout=table.duration(key="menu_timeout"),
        ring=table.duration(key="ring"),
        screen=table.duration(key="screen"),
        legs_at_once=table.integer(key="legs_at_once", least=1),
        wait_loop=table.duration(key="wait_loop"),
        lifeline_ring=table.duration(key="lifeline_ring"),
        talk_limit=table.duration(key="talk_limit"),
        voicemail_limit=table.duration(key="voicemail_limit"),
        short_abandon=table.duration(key="short_abandon"),
        abandoned_call_back=table.flag(key="abandoned_call_back"),
        call_back_within=by_level(table=table, key="call_back_within", read=_within),
        missed_rings_until_away=table.integer(key="missed_rings_until_away", least=1),
        heartbeat_within=table.duration(key="heartbeat_within"),
        coverage_alarm_ahead=table.duration(key="coverage_alarm_ahead"),
        coverage_shown=table.duration(key="coverage_shown"),
        fallback_numbers=dialled_list(table=table, key="fallback_numbers"),
        plans=tuple(
            _plan(table=entry, own=own, desks=desks) for entry in table.tables(key="plans")
        ),
    )
    _check_times(table=table, policy=policy)
    _check_call_backs(table=table, policy=policy)
    for number in policy.fallback_numbers:
        if number in own:
            says = f"“{number}” is the line's own number: a call would loop"
            table.wrong(key="fallback_numbers", says=says)
    _check_plans(table=table, policy=policy, desks=desks)
    table.close()
    return policy


def _within(table: Table, name: str) -> timedelta:
    return table.duration(key=name)


def _plan(*, table: Table, own: tuple[str, ...], desks: Desks) -> RingPlan:
    found = RingPlan(
        key=table.text(key="key"),
        numbers=table.texts(key="numbers", may_be_empty=True),
        hours=_hours(table=table.table(key="hours")) if table.has(key="hours") else None,
        is_danger=table.flag(key="is_danger"),
        stages=tuple(_stage(table=entry, desks=desks) for entry in table.tables(key="stages")),
    )
    for number in found.numbers:
        if number not in own:
            table.wrong(key="numbers", says=f"“{number}” is not a number of the line (numbers)")
    _check_keys(table=table, key="stages", keys=[stage.key for stage in found.stages])
    table.close()
    return found


def _hours(*, table: Table) -> Hours:
    found = hours(table=table, zone=zone(table=table))
    table.close()
    return found


def _stage(*, table: Table, desks: Desks) -> RingStage:
    found = RingStage(
        key=table.text(key="key"),
        places=tuple(_place(table=entry, desks=desks) for entry in table.tables(key="places")),
        lasts=table.duration(key="lasts"),
    )
    if len(set(found.places)) < len(found.places):
        table.wrong(key="places", says="names a desk twice")
    table.close()
    return found


def _place(*, table: Table, desks: Desks) -> RingPlace:
    tier = table.word(key="tier", words=TIERS)
    if tier is Tier.SCHOOL and table.values.get("tier") == "school":
        says = "a school is rung only when the caller asks for it, never by a plan"
        table.wrong(key="tier", says=says)
    found = RingPlace(desk=known_desk(table=table, tier=tier, desks=desks), tier=tier)
    table.close()
    return found


def _check_keys(*, table: Table, key: str, keys: Sequence[str]) -> None:
    for name in repeated(items=keys):
        if name != UNREADABLE:
            table.wrong(key=key, says=f"the key “{name}” stands twice")


def _check_times(*, table: Table, policy: VoicePolicy) -> None:
    for key, longest in _CARRIERS_LIMITS.items():
        if getattr(policy, key) > longest:
            table.wrong(key=key, says=f"is longer than {longest.total_seconds():.0f} s")
    if policy.coverage_shown < policy.coverage_alarm_ahead:
        table.wrong(key="coverage_shown", says="is shorter than coverage_alarm_ahead")
    for place, plan in enumerate(policy.plans, start=1):
        for step, stage in enumerate(plan.stages, start=1):
            if stage.lasts < policy.ring:
                says = "is shorter than voice.ring: phones would be cut off while they ring"
                table.wrong(key=f"plans[{place}].stages[{step}].lasts", says=says)


def _check_call_backs(*, table: Table, policy: VoicePolicy) -> None:
    for lower, higher in pairwise(RiskLevel):
        if policy.call_back_within[higher] > policy.call_back_within[lower]:
            says = f"is longer than that of {lower.name.lower()}, a lower level"
            table.wrong(key=f"call_back_within.{higher.name.lower()}", says=says)


def _check_plans(*, table: Table, policy: VoicePolicy, desks: Desks) -> None:
    _check_keys(table=table, key="plans", keys=[plan.key for plan in policy.plans])
    for is_danger in (False, True) if policy.plans else ():
        alike = [(n, p) for n, p in enumerate(policy.plans, 1) if p.is_danger is is_danger]
        _check_no_gap(table=table, alike=alike, is_danger=is_danger)
        for (_, first), (place, second) in combinations(alike, 2):
            _check_pair(table=table, place=place, first=first, second=second)
    for place, plan in enumerate(policy.plans, start=1):
        if desks.entries and plan.stages and not any(_always_there(plan=plan, desks=desks)):
            says = "rings no municipal desk that is there around the clock: at night nobody answers"
            table.wrong(key=f"plans[{place}].stages", says=says)


def _check_no_gap(*, table: Table, alike: Sequence[tuple[int, RingPlan]], is_danger: bool) -> None:
    if alike and not alike[-1][1].numbers and alike[-1][1].hours is None:
        return
    key = f"plans[{alike[-1][0]}]" if alike else "plans"
    which = "is_danger = true" if is_danger else "is_danger = false"
    says = f"the last plan with {which} must be for all numbers and hours, or a call rings nobody"
    table.wrong(key=key, says=says)


def _check_pair(*, table: Table, place: int, first: RingPlan, second: RingPlan) -> None:
    wider = not first.numbers or (second.numbers and set(second.numbers) <= set(first.numbers))
    if wider and first.hours is None:
        says = f"is never reached: “{first.key}” above it takes all its calls"
        table.wrong(key=f"plans[{place}]", says=says)
    alike = first.numbers == second.numbers or set(first.numbers) & set(second.numbers)
    if alike and first.hours and second.hours and _overlap(first.hours, second.hours):
        says = f"overlaps the hours of “{first.key}” for the same number"
        table.wrong(key=f"plans[{place}].hours", says=says)


def _overlap(one: Hours, other: Hours) -> bool:
    """Two stretches of a day meet if one of them covers the start of the other."""
    return one.zone == other.zone and (
        _inside(one, other) or _inside(other, one) or one.starts == other.starts
    )


def _inside(one: Hours, other: Hours) -> bool:
    if one.starts < one.ends:
        return one.starts <= other.starts < one.ends
    return other.starts >= one.starts or other.starts < one.ends


def _always_there(*, plan: RingPlan, desks: Desks) -> Iterator[bool]:
    always = {(desk.key, desk.tier) for desk in desks.entries if desk.around_the_clock}
    for stage in plan.stages:
        for place in stage.places:
            yield place.tier is Tier.MUNICIPAL and (place.desk, place.tier) in always
