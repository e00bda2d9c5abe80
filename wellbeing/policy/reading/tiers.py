"""Reads `tiers.toml`: clocks, the chain of who joins, paging."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType

from wellbeing.policy.model import (
    ChainStep,
    Clock,
    Counts,
    DrillPolicy,
    Language,
    PageOrder,
    PagingPolicy,
    RiskLevel,
    Tier,
    TierPolicy,
)
from wellbeing.policy.reading.desks import Desks, check_order, known_desk
from wellbeing.policy.reading.hours import hours, zone
from wellbeing.policy.reading.table import LEVELS, TIERS, Table, by_level, words_of

DAYS_OF_A_WEEK, A_WEEK = 7, timedelta(days=7)
_CHAIN_TIERS: Mapping[str, Tier | None] = MappingProxyType({**TIERS, "next": None})


def read_tiers(*, table: Table, desks: Desks) -> TierPolicy:
    """Read the whole file; mistakes go to the table's list."""
    school = table.table(key="school_hours")
    policy = TierPolicy(
        clocks=by_level(table=table, key="clocks", read=_clock),
        school_hours=hours(table=school, zone=zone(table=school)),
        chain=by_level(
            table=table, key="chain", read=lambda inner, name: _chain(inner, name, desks)
        ),
        paging=_paging(table=table.table(key="paging"), desks=desks),
        decline_needs_reason=table.flag(key="decline_needs_reason"),
        universities_escalate_to=table.word(key="universities_escalate_to", words=TIERS),
        overdue_duty_again=table.duration(key="overdue_duty_again"),
        round_after_last_answer=table.duration(key="round_after_last_answer"),
    )
    if policy.school_hours.ends < policy.school_hours.starts:
        school.wrong(key="ends", says="lies before starts")
    school.close()
    _check_clocks(table=table, clocks=policy.clocks)
    for level, steps in policy.chain.items():
        _check_chain(table=table, level=level, steps=steps, clock=policy.clocks[level])
    if policy.universities_escalate_to is Tier.SCHOOL:
        table.wrong(key="universities_escalate_to", says="a university stands on this tier itself")
    table.close()
    return policy


def _clock(table: Table, name: str) -> Clock:
    inner = table.table(key=name)
    found = Clock(
        acknowledge=inner.duration(key="acknowledge"),
        contact=inner.duration(key="contact"),
        counts=inner.word(key="counts", words=words_of(Counts)),
    )
    if name == "imminent" and found.counts is not Counts.ALWAYS:
        inner.wrong(key="counts", says="must be always: danger knows no holidays")
    if found.contact < found.acknowledge:
        inner.wrong(key="contact", says="is shorter than acknowledge")
    inner.close()
    return found


def _check_clocks(*, table: Table, clocks: Mapping[RiskLevel, Clock]) -> None:
    for lower, higher in pairwise(clocks):
        for key in ("acknowledge", "contact"):
            slow: timedelta = getattr(clocks[higher], key)
            if slow > getattr(clocks[lower], key):
                says = f"is longer than that of {lower.name.lower()}, a lower level"
                table.wrong(key=f"clocks.{higher.name.lower()}.{key}", says=says)


def _chain(table: Table, name: str, desks: Desks) -> tuple[ChainStep, ...]:
    return tuple(_step(table=entry, desks=desks) for entry in table.tables(key=name))


def _step(*, table: Table, desks: Desks) -> ChainStep:
    tier = table.word(key="tier", words=_CHAIN_TIERS)
    found = ChainStep(
        desk=known_desk(table=table, tier=tier, desks=desks),
        tier=tier,
        after=table.duration(key="after"),
    )
    table.close()
    return found


def _check_chain(
    *, table: Table, level: RiskLevel, steps: tuple[ChainStep, ...], clock: Clock
) -> None:
    key = f"chain.{level.name.lower()}"
    check_order(table=table, key=key, afters=[step.after for step in steps])
    if not steps:
        return
    if steps[0].after != clock.acknowledge:
        says = "nobody joins at the moment the acknowledgement is missed (clocks)"
        table.wrong(key=f"{key}[1].after", says=says)
    if steps[-1].tier is not Tier.MUNICIPAL:
        says = 'the last step must be a desk of the tier "municipal": nothing may end unheard'
        table.wrong(key=f"{key}[{len(steps)}].tier", says=says)


def _paging(*, table: Table, desks: Desks) -> PagingPolicy:
    quiet = table.table(key="quiet_hours")
    found = PagingPolicy(
        order=by_level(table=table, key="order", read=_order),
        text_first=table.flag(key="text_first"),
        call_after=by_level(table=table, key="call_after", read=_call_after),
        repeat_every=table.duration(key="repeat_every"),
        attempts_per_person=table.integer(key="attempts_per_person", least=1),
        next_person_after=table.duration(key="next_person_after"),
        ignores_quiet_hours=frozenset(table.word_list(key="ignores_quiet_hours", words=LEVELS)),
        quiet_hours=hours(table=quiet, zone=zone(table=quiet)),
        code_words=_code_words(table=table.table(key="code_words"), desks=desks),
        test=_drill(table=table.table(key="test"), zone=zone(table=quiet)),
    )
    quiet.close()
    if found.repeat_every * (found.attempts_per_person - 1) > found.next_person_after:
        says = "comes before the attempts of one person are over (repeat_every)"
        table.wrong(key="next_person_after", says=says)
    if RiskLevel.IMMINENT not in found.ignores_quiet_hours:
        table.wrong(key="ignores_quiet_hours", says="must name imminent: danger never waits")
    table.close()
    return found


def _drill(*, table: Table, zone: str) -> DrillPolicy:
    found = DrillPolicy(
        weekday=table.integer(key="weekday", least=1),
        at=table.moment(key="at"),
        zone=zone,
        silent_after=table.duration(key="silent_after"),
    )
    if found.weekday > DAYS_OF_A_WEEK:
        table.wrong(key="weekday", says="is no day of the week: 1 is Monday, 7 is Sunday")
    if found.silent_after <= A_WEEK:
        table.wrong(key="silent_after", says="must be longer than a week, or each test is late")
    table.close()
    return found


def _order(table: Table, name: str) -> PageOrder:
    found: PageOrder = table.word(key=name, words=words_of(PageOrder))
    return found


def _call_after(table: Table, name: str) -> timedelta:
    return table.duration(key=name, zero=True)


def _code_words(*, table: Table, desks: Desks) -> Mapping[str, Mapping[Language, str]]:
    found = {}
    for key in table.own_keys():
        inner = table.table(key=key)
        found[key] = MappingProxyType({one: inner.text(key=one.value) for one in Language})
        inner.close()
        if desks.entries and key not in desks.names():
            table.wrong(key=key, says="line.toml has no such desk")
    for key in sorted(desks.names() - found.keys()):
        table.wrong(key=key, says="missing key (the code word of this desk)")
    return MappingProxyType(found)
