"""All routes of the workspace on one blueprint; importing this module completes it."""

from __future__ import annotations

from wellbeing.portal.contacts import (
    conversation,
    deciding,
    drafting,
    elsewhere,
    facts,
    handing_over,
    importing,
    pictures,
    record,
    screening,
    words,
)
from wellbeing.portal.contacts.blueprint import blueprint

__all__ = [
    "blueprint",
    "conversation",
    "deciding",
    "drafting",
    "elsewhere",
    "facts",
    "handing_over",
    "importing",
    "pictures",
    "record",
    "screening",
    "words",
]
