"""Shapes of shifts, what a shift may be, and where a desk stands empty. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.foundation.errors import Conflict, DomainError, NotFound

LONGEST_SHIFT = timedelta(days=400)
"""A year and a bit, for desks with one person; longer ones are slips of the pen."""
LAST_POSITION = 99


class NoSuchShift(NotFound):
    """There is no such shift in your units."""


class NoSuchDesk(DomainError):
    """This unit has no such desk."""


class NotAnInterval(DomainError):
    """A shift ends after it begins, and within 400 days."""


class NotAPosition(DomainError):
    """The place in the order of calling is a number from 1 to 99."""


class CannotBeOnCall(DomainError):
    """This person cannot be put on this desk."""


class AlreadyOnCall(Conflict):
    """This person is on this desk at that time already."""


class ShiftOver(Conflict):
    """This shift is over; it stays as it was."""


class FromRotation(DomainError):
    """This shift comes from a rotation; end that, set a holiday, or put somebody else in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShift:
    """A shift to be added; `desk` is a key of the policy at the tier of its organization."""

    organization_id: int
    desk: str
    user_id: int
    starts_at: datetime
    ends_at: datetime
    by_user_id: int
    position: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Somebody on call, and at which place in the order of calling."""

    user_id: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """One shift as doors and higher rooms see it."""

    shift_id: int
    organization_id: int
    desk: str
    user_id: int
    starts_at: datetime
    ends_at: datetime
    position: int
    rotation_id: int | None = None
    override_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From a moment until another, the end not included."""

    starts_at: datetime
    ends_at: datetime


def check_shift(*, new: NewShift) -> None:
    """Refuse a shift that cannot be, whoever takes it.

    Raises:
        NotAnInterval: it ends before it begins, or lasts too long.
        NotAPosition: its place in the order is out of range.

    """
    check_interval(starts_at=new.starts_at, ends_at=new.ends_at)
    if not 1 <= new.position <= LAST_POSITION:
        raise NotAPosition


def check_interval(*, starts_at: datetime, ends_at: datetime) -> None:
    """Refuse times that no shift can have.

    Raises:
        NotAnInterval: it ends before it begins, or lasts too long.

    """
    if not timedelta() < ends_at - starts_at <= LONGEST_SHIFT:
        raise NotAnInterval


def empty_times(*, shifts: Iterable[Interval], within: Interval) -> tuple[Interval, ...]:
    """Find the times within which nobody is on a desk, in order; shifts may overlap."""
    empty: list[Interval] = []
    covered_until = within.starts_at
    for shift in sorted(shifts, key=lambda one: one.starts_at):
        if shift.starts_at >= within.ends_at:
            break
        if shift.starts_at > covered_until:
            empty.append(Interval(starts_at=covered_until, ends_at=shift.starts_at))
        covered_until = max(covered_until, shift.ends_at)
    if covered_until < within.ends_at:
        empty.append(Interval(starts_at=covered_until, ends_at=within.ends_at))
    return tuple(empty)


def in_order(*, found: Iterable[OnCall]) -> tuple[OnCall, ...]:
    """Name each person once, at their first place; given in the order of calling."""
    once: dict[int, OnCall] = {}
    for one in found:
        once.setdefault(one.user_id, one)
    return tuple(once.values())
