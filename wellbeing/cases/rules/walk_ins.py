"""What is decided about a contact made elsewhere when it is written down. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wellbeing.contacts.rules.conversations import Disposition
from wellbeing.contacts.rules.walk_ins import WalkIn
from wellbeing.policy.model import RiskLevel

ENDINGS = (Disposition.SUPPORTED, Disposition.REFERRED)
"""How a contact made elsewhere can have ended; that a case was opened follows from the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWalkIn:
    """A contact made elsewhere, its level with the reason, and what becomes of it.

    Without an ending it stays with whoever wrote it down, who goes on in the workspace. A case
    begins with the level and the reason.
    """

    walk_in: WalkIn
    level: RiskLevel | None = None
    level_note: str = ""
    opens_case: bool = False
    ending: Disposition | None = None
    wrap_up: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where a contact was written down; nothing was written for a repeated one."""

    contact_id: int
    reference: str | None
    is_new: bool
