"""Which gaps somebody must be told about, and when a shift is handed over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.foundation.errors import Conflict
from wellbeing.roster.rules.shifts import Interval

ENDS_SOON = timedelta(minutes=30)
"""So long before its end a shift can be handed over."""
STILL_OPEN = timedelta(hours=12)
"""So long after its end somebody is still asked."""


class NotYetEnding(Conflict):
    """This shift does not end yet; it is handed over in its last half hour or after it."""


class HandedOver(Conflict):
    """This shift has been handed over already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskGap:
    """A stretch in which nobody is on a desk that must never be empty."""

    organization_id: int
    desk: str
    gap: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """A shift that was handed over, and to whom."""

    shift_id: int
    by_user_id: int
    to_user_id: int | None
    open_contacts: int
    at: datetime


def is_told(
    *, gap: Interval, now: datetime, empty_since: datetime | None, told: Iterable[datetime]
) -> bool:
    """Tell whether an alarm was raised for a gap already.

    One that runs now is the same as it was when it lay ahead: whatever was told since the desk was
    last covered (`empty_since`; None if it never was) is about it.
    """
    if gap.starts_at > now:
        return gap.starts_at in set(told)
    return any(empty_since is None or empty_since <= one <= now for one in told)


def can_hand_over(*, ends_at: datetime, now: datetime) -> bool:
    """Tell whether a shift is near enough to its end, or not long past it."""
    return ends_at - ENDS_SOON <= now < ends_at + STILL_OPEN
