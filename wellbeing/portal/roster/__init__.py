"""Pages of the duty roster: what is planned, for supervisors; one's own duty, for everybody."""

from __future__ import annotations

from wellbeing.portal.roster import calendar, mine, overrides, own_changes, rotations, shifts
from wellbeing.portal.roster.planning import blueprint

__all__ = [
    "blueprint",
    "calendar",
    "mine",
    "overrides",
    "own_changes",
    "rotations",
    "shifts",
]
