"""What can have happened to a roster; ids and times only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGapAhead:
    """A desk that must never be empty will stand empty from `starts_at`, or does so already."""

    organization_id: int
    desk: str
    starts_at: datetime
    at: datetime
