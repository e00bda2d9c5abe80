"""Why somebody may open a record. Who holds what is asked in queries."""

from __future__ import annotations

from enum import StrEnum


class GrantKind(StrEnum):
    """Why somebody may open a record."""

    ASSIGNMENT = "assignment"
    ESCALATION = "escalation"
    REQUEST = "request"
    BREAK_GLASS = "break_glass"
