"""All routes of cases on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.cases import (
    assigning,
    care,
    changes,
    closing,
    consents,
    deciding,
    documents,
    drafting,
    escalating,
    lists,
    matching,
    notes,
    people,
    reaching,
    record,
    referring,
    rescue,
    resting,
    revealing,
    safety,
    search,
)
from wellbeing.portal.cases.blueprint import blueprint

__all__ = [
    "assigning",
    "blueprint",
    "care",
    "changes",
    "closing",
    "consents",
    "deciding",
    "documents",
    "drafting",
    "escalating",
    "lists",
    "matching",
    "notes",
    "people",
    "reaching",
    "record",
    "referring",
    "rescue",
    "resting",
    "revealing",
    "safety",
    "search",
]
