"""Invented shifts, rotations and replacements, added by the real operations."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from tests.factories.moments import NOW
from wellbeing.foundation.database import transaction
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.rules import Scope
from wellbeing.roster import operations
from wellbeing.roster.operations import overrides, rotations
from wellbeing.roster.rules import NewShift
from wellbeing.roster.rules.overrides import NewOverride
from wellbeing.roster.rules.rotations import Block, NewRotation, Pattern, Turn

EVERYWHERE = Scope(user_id=0, paths=("/",), permissions=frozenset())


def make_shift(*, user_id: int, organization_id: int, **changes: Any) -> int:
    """Put a person on the line desk of an organization from two hours ago until in eight."""
    now = changes.pop("now", NOW)
    new = {
        "user_id": user_id,
        "organization_id": organization_id,
        "desk": "line",
        "starts_at": NOW - timedelta(hours=2),
        "ends_at": NOW + timedelta(hours=8),
        "by_user_id": user_id,
    } | changes
    with transaction():
        return operations.add_shift(new=NewShift(**new), now=now)


def make_rotation(*, people: tuple[int, ...], **changes: Any) -> int:
    """Let people take turns by the day, each from 8 to 8 in Chongqing, at the city's line desk."""
    now = changes.pop("now", NOW)
    place = changes.pop("organization_id", None) or organizations.municipality().id
    desk = changes.pop("desk", "line")
    pattern = {
        "turn": Turn.DAY,
        "people": people,
        "blocks": tuple(Block(weekday=day, starts=time(8), ends=time(8)) for day in range(7)),
        "valid_from": date(2026, 11, 23),
    } | changes
    new = NewRotation(
        organization_id=place, desk=desk, pattern=Pattern(**pattern), by_user_id=people[0]
    )
    with transaction():
        return rotations.add_rotation(new=new, scope=EVERYWHERE, now=now)


def make_override(*, user_id: int, replaced_id: int | None, **changes: Any) -> int:
    """Put somebody in another's place at the city's line desk from in one hour until in four."""
    now = changes.pop("now", NOW)
    new = {
        "desk": "line",
        "starts_at": NOW + timedelta(hours=1),
        "ends_at": NOW + timedelta(hours=4),
        "user_id": user_id,
        "replaced_id": replaced_id,
        "by_user_id": user_id,
    } | changes
    if "organization_id" not in new:
        new["organization_id"] = organizations.municipality().id
    with transaction():
        return overrides.add_override(new=NewOverride(**new), scope=EVERYWHERE, now=now)
