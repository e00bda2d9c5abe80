"""All routes of escalations on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.escalations import answers, inbox, reached, record, stepping
from wellbeing.portal.escalations.blueprint import blueprint

__all__ = ["answers", "blueprint", "inbox", "reached", "record", "stepping"]
