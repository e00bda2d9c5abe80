"""A weekly pattern becomes moments: whose turn it is, by the wall clock of a zone. Pure.

Every edge of a block is found by the same function, so that one block ends at the very moment at
which the next begins, whatever the clocks do on that night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.roster.rules.shifts import LAST_POSITION, Interval, NotAPosition

DEFAULT_ZONE = "Asia/Shanghai"
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY
MOST_PEOPLE = 100
AROUND = timedelta(days=2)
"""A block may begin a day before the stretch that is looked at, and a zone lies a day apart."""


class Turn(StrEnum):
    """How long somebody keeps the desk before the next person takes over."""

    DAY = "day"
    WEEK = "week"


class NoSuchRotation(NotFound):
    """There is no such rotation in your units."""


class NoSuchZone(DomainError):
    """There is no such time zone."""


class NobodyTakesTurns(DomainError):
    """A rotation needs at least one person, and nobody in it twice."""


class NoTimes(DomainError):
    """A rotation needs at least one time of the week."""


class TimesOverlap(DomainError):
    """Two times of this rotation overlap."""


class EndsBeforeItBegins(DomainError):
    """The last day of a rotation is not before its first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch that begins on one weekday (0 is Monday); until its start or before: next day."""

    weekday: int
    starts: time
    ends: time

    @property
    def runs_over_midnight(self) -> bool:
        """Tell whether it ends on the day after it began."""
        return self.ends <= self.starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A rotation as it is resolved; its last day still counts.

    `holidays` names who takes what begins on a day instead, None for nobody.
    """

    turn: Turn
    people: tuple[int, ...]
    blocks: tuple[Block, ...]
    valid_from: date
    valid_until: date | None = None
    zone: str = DEFAULT_ZONE
    position: int = 1
    holidays: Mapping[date, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRotation:
    """A rotation to be added at a desk."""

    organization_id: int
    desk: str
    pattern: Pattern
    by_user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRow:
    """A rotation as doors see it."""

    rotation_id: int
    organization_id: int
    desk: str
    pattern: Pattern
    by_user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Somebody at a desk from a moment until another, not yet written down."""

    starts_at: datetime
    ends_at: datetime
    user_id: int
    position: int
    override_id: int | None = None


def check_pattern(*, pattern: Pattern) -> None:
    """Refuse a rotation that cannot be, whoever takes part.

    Raises:
        NoSuchZone: the zone is unknown.
        NotAPosition: its place in the order is out of range.
        NobodyTakesTurns, NoTimes: it would never put anybody on the desk.
        TimesOverlap: two of its times would, at once.
        EndsBeforeItBegins: it is over before its first day.

    """
    check_zone(zone=pattern.zone)
    if not 1 <= pattern.position <= LAST_POSITION:
        raise NotAPosition
    people = pattern.people
    if not 1 <= len(people) <= MOST_PEOPLE or len(set(people)) != len(people):
        raise NobodyTakesTurns
    if not pattern.blocks:
        raise NoTimes
    if _overlap(pattern):
        raise TimesOverlap
    if pattern.valid_until is not None and pattern.valid_until < pattern.valid_from:
        raise EndsBeforeItBegins


def check_zone(*, zone: str) -> None:
    """Refuse a zone that the clock does not know.

    Raises:
        NoSuchZone: it is unknown.

    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NoSuchZone from error


def slots(*, pattern: Pattern, within: Interval) -> tuple[Slot, ...]:
    """Resolve a rotation: every stretch, uncut, that touches an interval, in order."""
    zone = ZoneInfo(pattern.zone)
    first = max(within.starts_at.astimezone(zone).date() - AROUND, pattern.valid_from)
    last = within.ends_at.astimezone(zone).date() + DAY
    if pattern.valid_until is not None:
        last = min(last, pattern.valid_until)
    found = [
        slot
        for day in _days(first, last)
        for slot in _of_day(pattern, day, zone)
        if slot.starts_at < within.ends_at and slot.ends_at > within.starts_at
    ]
    return tuple(sorted(found, key=lambda one: one.starts_at))


def on_turn(*, pattern: Pattern, day: date) -> int | None:
    """Tell who takes what begins on a day; None on a holiday without anybody."""
    if day in pattern.holidays:
        return pattern.holidays[day]
    turns = (day - pattern.valid_from) // DAY
    if pattern.turn is Turn.WEEK:
        turns = (_monday(day) - _monday(pattern.valid_from)) // WEEK
    return pattern.people[turns % len(pattern.people)]


def moment(*, day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Find the moment of a wall time: of two the first, of a skipped one the end of the skip."""
    local = datetime.combine(day, wall, zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    return _end_of_skip(after=local.replace(fold=1).astimezone(UTC), before=found, zone=zone)


def _end_of_skip(*, after: datetime, before: datetime, zone: ZoneInfo) -> datetime:
    """Search for the second at which the clocks were put forward, between two moments."""
    offset = after.astimezone(zone).utcoffset()
    low, high = int(after.timestamp()), int(before.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _of_day(pattern: Pattern, day: date, zone: ZoneInfo) -> Iterator[Slot]:
    person = on_turn(pattern=pattern, day=day)
    if person is None:
        return
    for block in pattern.blocks:
        if block.weekday != day.weekday():
            continue
        last_day = day + DAY if block.runs_over_midnight else day
        starts_at = moment(day=day, wall=block.starts, zone=zone)
        ends_at = moment(day=last_day, wall=block.ends, zone=zone)
        if starts_at < ends_at:
            yield Slot(
                starts_at=starts_at, ends_at=ends_at, user_id=person, position=pattern.position
            )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first) // DAY + 1))


def _monday(day: date) -> date:
    return day - DAY * day.weekday()


def _overlap(pattern: Pattern) -> bool:
    """Lay the blocks on the week as on a ring; none may reach the beginning of the next."""
    stretches = sorted(_stretch(block) for block in pattern.blocks)
    around = [*stretches, (stretches[0][0] + MINUTES_OF_WEEK, 0)]
    return any(one[1] > following[0] for one, following in pairwise(around))


def _stretch(block: Block) -> tuple[int, int]:
    starts = block.weekday * MINUTES_OF_DAY + minutes(wall=block.starts)
    ends = block.weekday * MINUTES_OF_DAY + minutes(wall=block.ends)
    return starts, ends + MINUTES_OF_DAY if block.runs_over_midnight else ends


def minutes(*, wall: time) -> int:
    """Write a wall time as minutes after midnight."""
    return wall.hour * 60 + wall.minute


def wall_time(*, minutes: int) -> time:
    """Read minutes after midnight as a wall time."""
    return time(*divmod(minutes, 60))
