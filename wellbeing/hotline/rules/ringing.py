"""Who is rung when: one decision at a time, out of a plan and who is free. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.policy.model import Language
from wellbeing.roster.rules.phones import Available

SILENT_AFTER = timedelta(seconds=60)
"""A caller for whom nobody is left hears of the lifeline at the next fetch; later they are gone."""
LOOK_AGAIN = timedelta(seconds=5)
"""How soon somebody who is busy now is looked for again."""
EVENING = time(18, 0)
LAST_EVENING_HOUR = 20
"""From this hour on "this evening" is tomorrow's."""


class Move(StrEnum):
    """What happens next for a waiting caller."""

    RING = "ring"
    WAIT = "wait"
    NEXT_STAGE = "next_stage"
    EXHAUSTED = "exhausted"
    """Nobody is left to be rung: the lifeline is next."""


class SafeTime(StrEnum):
    """When a student wants to be called back, by key."""

    NOW = "1"
    EVENING = "2"
    TOMORROW = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """Where a call stands in its plan; counts are of the present stage."""

    stage: int
    stages: int
    stage_ends_at: datetime | None
    ringing: int
    screening: int
    """Phones of any stage that were picked up and have not decided yet."""
    free: int
    """People of this stage who were not rung in it and are not in a call."""
    busy: int


def decide(*, at: Ringing, at_once: int, now: datetime) -> Move:
    """Decide what happens next for a waiting caller; an empty stage is skipped at once.

    Several ring together, at most `at_once`; the next stage begins when nobody of this one is
    left to wait for, or when its time is over.
    """
    if at.stage >= at.stages:
        return Move.WAIT if at.screening else Move.EXHAUSTED
    if at.stage < 0:
        return Move.NEXT_STAGE
    has_time = at.stage_ends_at is not None and now < at.stage_ends_at
    if has_time and at.free and at.ringing < at_once:
        return Move.RING
    if has_time and (at.ringing or at.busy):
        return Move.WAIT
    return Move.NEXT_STAGE


def look_again_at(*, at: Ringing, now: datetime) -> datetime:
    """Tell when a caller who waits is looked after next, if they do not ask before.

    After the last stage they wait for whoever picked up: who asks is there, silence is an end.
    """
    if at.stage >= at.stages:
        return now + SILENT_AFTER
    ends_at = at.stage_ends_at or now + LOOK_AGAIN
    return min(ends_at, now + LOOK_AGAIN) if at.busy else ends_at


def speakers_first(*, people: Iterable[Available], language: Language) -> tuple[Available, ...]:
    """Put those who speak the caller's language first; nobody is left out for it.

    Within both groups the order of the roster stands.
    """
    return tuple(sorted(people, key=lambda one: language not in one.languages))


def call_back_by(*, wish: SafeTime, within: timedelta, zone: str, now: datetime) -> datetime:
    """Tell by when a student is called back: at once, or when they said that it is safe."""
    if wish is SafeTime.NOW:
        return now + within
    local = now.astimezone(ZoneInfo(zone))
    is_late = local.hour >= LAST_EVENING_HOUR
    days = 1 if wish is SafeTime.TOMORROW or is_late else 0
    evening = datetime.combine(local.date() + timedelta(days=days), EVENING, local.tzinfo)
    soonest = now + timedelta(minutes=30)
    return max(evening.astimezone(now.tzinfo), soonest)
