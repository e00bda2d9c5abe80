"""Who receives an escalation and by when: the chain as a snapshot, its deadlines, its next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wellbeing.escalation.rules.school_time import SchoolTime
from wellbeing.escalation.rules.words import LINE_DESK, NobodyAbove, Place
from wellbeing.policy.model import (
    ChainStep,
    Clock,
    Counts,
    DeskPolicy,
    RiskLevel,
    Tier,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """An organization above the sender, and its tier."""

    organization_id: int
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """By when an escalation is acknowledged and the student contacted (product.md 5.4)."""

    acknowledge_by: datetime
    contact_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """A level's clock, and the school time by which it counts where it leaves out days."""

    clock: Clock
    school: SchoolTime

    def due(self, *, start: datetime, within: timedelta) -> datetime:
        """Tell when so much of the time that counts has passed since `start`."""
        if self.clock.counts is Counts.ALWAYS:
            return start + within
        return self.school.after(start=start, counted=within)


def deadlines(*, counting: Counting, sent_at: datetime) -> Deadlines:
    """Count both clocks from the moment of sending."""
    return Deadlines(
        acknowledge_by=counting.due(start=sent_at, within=counting.clock.acknowledge),
        contact_by=counting.due(start=sent_at, within=counting.clock.contact),
    )


def receiver(*, above: Sequence[Rung], to_tier: Tier | None) -> Rung:
    """Choose who is asked first: the next tier above, or the one that was named.

    Raises:
        NobodyAbove: there is no such tier above the sender.

    """
    for rung in above:
        if to_tier is None or rung.tier is to_tier:
            return rung
    raise NobodyAbove


def build_chain(
    *,
    above: Sequence[Rung],
    first: Rung,
    steps: Iterable[ChainStep],
    counting: Counting,
    sent_at: datetime,
) -> tuple[Place, ...]:
    """Snapshot the receivers in the order in which they join; later edits of policy bend nothing.

    A step for the `next` tier above the highest one is left out where there is none, and so is a
    desk that was asked before.
    """
    places = [Place(organization_id=first.organization_id, desk=LINE_DESK, planned_at=sent_at)]
    highest = first.tier
    for step in steps:
        target = _target(above, step, highest)
        if target is None:
            continue
        highest = max(highest, target.tier)
        asked = {(place.organization_id, place.desk) for place in places}
        if (target.organization_id, step.desk) not in asked:
            place = Place(
                organization_id=target.organization_id,
                desk=step.desk,
                planned_at=counting.due(start=sent_at, within=step.after),
            )
            places.append(place)
    return tuple(places)


def sharpened(
    *,
    chain: Sequence[Place],
    joined: int,
    steps: Iterable[ChainStep],
    counting: Counting,
    now: datetime,
) -> tuple[Place, ...]:
    """Bring forward who is still to come, because the level rose; nobody is put off or left out.

    A place of the snapshot whose desk the new level knows comes within its time from now.
    """
    within = {step.desk: step.after for step in reversed(tuple(steps))}

    def sooner(place: Place) -> Place:
        if place.desk not in within:
            return place
        due = counting.due(start=now, within=within[place.desk])
        return replace(place, planned_at=min(place.planned_at, due))

    return tuple(
        place if position < joined else sooner(place) for position, place in enumerate(chain)
    )


def late_chain(
    *, chain: Sequence[Place], acknowledge_by: datetime, contact_by: datetime, counting: Counting
) -> tuple[Place, ...]:
    """Plan the same desks for a student who was not contacted: as long after that deadline.

    A desk that joins some time after a missed acknowledgement joins so long after a missed contact.
    """

    def again(place: Place) -> Place:
        after = max(place.planned_at - acknowledge_by, timedelta())
        due = counting.due(start=contact_by + after, within=timedelta())
        return replace(place, planned_at=due)

    return tuple(again(place) for place in chain)


def first_above(*, chain: Sequence[Place], organization_id: int) -> int:
    """Tell from which place of the chain the desks stand above whoever accepted for a unit."""
    here = [at for at, place in enumerate(chain) if place.organization_id == organization_id]
    lines = [at for at in here if chain[at].desk == LINE_DESK]
    return 1 + max(lines, default=min(here, default=-1))


def is_due(*, chain: Sequence[Place], joined: int, now: datetime, at_once: bool) -> bool:
    """Tell whether the next receiver joins now: its time has come, or the last desk was empty."""
    return joined < len(chain) and (at_once or chain[joined].planned_at <= now)


def may_hurry(*, chain: Sequence[Place], joined: int, level: RiskLevel, by: datetime) -> bool:
    """Tell whether the next receiver joins as soon as everybody on the lists was rung in vain.

    Only in imminent danger, and only those who join when the acknowledgement is missed: the
    director keeps a time of their own, and at lower levels the clock leaves room for an answer.
    """
    return level is RiskLevel.IMMINENT and joined < len(chain) and chain[joined].planned_at <= by


def next_step_at(
    *, chain: Sequence[Place], joined: int, by: datetime, again: timedelta, now: datetime
) -> datetime:
    """Tell when an unanswered escalation moves next; there is always such a moment (promise P8).

    The next receiver's time, the acknowledgement deadline, or, when both are past, `again` from
    now: then everybody on the chain is rung once more.
    """
    coming = [place.planned_at for place in chain[joined:]] + [by]
    return min((moment for moment in coming if moment > now), default=now + again)


def desk_above(
    *,
    desk: str,
    rung: Rung,
    above: Sequence[Rung],
    desks: Iterable[DeskPolicy],
    ladder: Iterable[str],
) -> tuple[int, str] | None:
    """Find who is rung when a desk does not answer: the same desk one tier up, then the ladder.

    `ladder` names the desks of the highest tier in their order; None after the last of them.
    """
    known = {(one.tier, one.key) for one in desks}
    for higher in above:
        if (higher.tier, desk) in known:
            return higher.organization_id, desk
    top = above[-1] if above else rung
    steps = [step for step in ladder if (top.tier, step) in known]
    later = steps[steps.index(desk) + 1 :] if desk in steps else steps
    return (top.organization_id, later[0]) if later else None


def lowest_with_desk(
    *, desk: str, rungs: Iterable[Rung], desks: Iterable[DeskPolicy]
) -> int | None:
    """Find the first of the organizations whose tier has a desk of this kind."""
    known = {(one.tier, one.key) for one in desks}
    return next((rung.organization_id for rung in rungs if (rung.tier, desk) in known), None)


def _target(above: Sequence[Rung], step: ChainStep, highest: Tier) -> Rung | None:
    for rung in above:
        if rung.tier is step.tier or (step.tier is None and rung.tier > highest):
            return rung
    return None
