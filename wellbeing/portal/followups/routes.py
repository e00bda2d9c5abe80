"""All routes of follow-ups on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.followups import calendar, due, keeping
from wellbeing.portal.followups.blueprint import blueprint

__all__ = ["blueprint", "calendar", "due", "keeping"]
