"""Words and shapes of what comes with a text: pictures, and what is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_PER_TEXT = 10
"""So many the carrier lets through with one text."""


class MediumState(StrEnum):
    """Where a picture is."""

    AT_CARRIER = "at_carrier"
    """Noted, not fetched yet."""
    KEPT = "kept"
    """Drawn anew, sealed here, deleted there."""
    REFUSED = "refused"
    """No picture that can be shown safely: a sound, a film, a file, or made to do harm."""
    LOST = "lost"
    """The carrier will never give it to us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumRow:
    """One picture of a message; its dots stay sealed."""

    medium_id: int
    contact_id: int
    message_id: int
    state: MediumState
