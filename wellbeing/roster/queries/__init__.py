"""Questions to the roster: who is on call, who can be rung, what is planned, where nobody is.

Other rooms know the questions given on here; the rest is asked by this room and the portal.
"""

from __future__ import annotations

from wellbeing.roster.queries.phones import available_at, reachable
from wellbeing.roster.queries.shifts import (
    desks_covered,
    desks_of,
    gaps,
    on_call_at,
    overlapping,
    shift,
    shifts_between,
)

__all__ = [
    "available_at",
    "desks_covered",
    "desks_of",
    "gaps",
    "on_call_at",
    "overlapping",
    "reachable",
    "shift",
    "shifts_between",
]
