"""Invented shifts, added by the real operation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.factories.moments import NOW
from wellbeing.foundation.database import transaction
from wellbeing.roster import operations
from wellbeing.roster.rules import NewShift


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
