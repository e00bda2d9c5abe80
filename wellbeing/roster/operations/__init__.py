"""What is done with rosters. Other rooms know what is given on here; the portal knows it all."""

from __future__ import annotations

from wellbeing.roster.operations.phones import (
    beat,
    come_back,
    go_away,
    note_answered_ring,
    note_missed_ring,
)
from wellbeing.roster.operations.shifts import add_shift, remove_shift

__all__ = [
    "add_shift",
    "beat",
    "come_back",
    "go_away",
    "note_answered_ring",
    "note_missed_ring",
    "remove_shift",
]
