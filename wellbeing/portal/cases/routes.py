"""All routes of cases on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.cases import (
    changes,
    consents,
    escalating,
    lists,
    matching,
    notes,
    people,
    reaching,
    record,
    revealing,
)
from wellbeing.portal.cases.blueprint import blueprint

__all__ = [
    "blueprint",
    "changes",
    "consents",
    "escalating",
    "lists",
    "matching",
    "notes",
    "people",
    "reaching",
    "record",
    "revealing",
]
