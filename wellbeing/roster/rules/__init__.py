"""What rosters decide: shifts, phones, rotations, overrides, coverage. Pure.

Other rooms know the names given on here; the rest stays inside this room and the portal.
"""

from __future__ import annotations

from wellbeing.roster.rules.phones import Available, AwayReason, PhoneKind
from wellbeing.roster.rules.shifts import (
    LAST_POSITION,
    AlreadyOnCall,
    CannotBeOnCall,
    FromRotation,
    Interval,
    NewShift,
    NoSuchDesk,
    NoSuchShift,
    NotAnInterval,
    NotAPosition,
    OnCall,
    ShiftOver,
    ShiftRow,
    check_shift,
    empty_times,
    in_order,
)

__all__ = [
    "LAST_POSITION",
    "AlreadyOnCall",
    "Available",
    "AwayReason",
    "CannotBeOnCall",
    "FromRotation",
    "Interval",
    "NewShift",
    "NoSuchDesk",
    "NoSuchShift",
    "NotAPosition",
    "NotAnInterval",
    "OnCall",
    "PhoneKind",
    "ShiftOver",
    "ShiftRow",
    "check_shift",
    "empty_times",
    "in_order",
]
