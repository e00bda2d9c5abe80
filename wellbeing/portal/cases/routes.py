"""All routes of cases on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.cases import changes, escalating, lists, notes, record
from wellbeing.portal.cases.blueprint import blueprint

__all__ = ["blueprint", "changes", "escalating", "lists", "notes", "record"]
