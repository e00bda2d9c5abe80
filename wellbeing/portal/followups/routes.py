"""All routes of follow-ups on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.followups import by_hand, calendar, due, feed, keeping
from wellbeing.portal.followups.blueprint import blueprint

__all__ = ["blueprint", "by_hand", "calendar", "due", "feed", "keeping"]
