"""Ready-made replies: proposed by one, approved by another, in both languages. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.policy.model import Language

LONGEST = 600
"""A ready-made reply is a beginning, not a letter: half of what one text may hold."""
_SHORTCUT = re.compile(r"[a-z0-9-]{1,20}")


class CannedState(StrEnum):
    """Where a ready-made reply stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    RETIRED = "retired"


class NoSuchReply(NotFound):
    """There is no such ready-made reply."""


class OwnProposal(DomainError):
    """Somebody else approves what you proposed: four eyes see more."""


class AlreadyDecided(Conflict):
    """This ready-made reply was decided on in the meantime."""


class ReplacedMeanwhile(Conflict):
    """What this was to replace is no longer in use; please look at what is in use now."""


class BothLanguages(DomainError):
    """A ready-made reply needs its words in Chinese and in English."""


class NotAShortcut(DomainError):
    """A shortcut is small letters, digits and hyphens, twenty at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCanned:
    """What somebody proposes; `replaces_id` is the reply that goes once this one is approved."""

    shortcut: str
    text_zh: str
    text_en: str
    replaces_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedRow:
    """A ready-made reply and who answers for it."""

    canned_id: int
    organization_id: int
    organization_path: str
    shortcut: str
    text_zh: str
    text_en: str
    state: CannedState
    proposed_by: int
    proposed_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    replaces_id: int | None

    def text(self, *, language: Language) -> str:
        """Give the words in a language."""
        return self.text_zh if language is Language.ZH else self.text_en


def check(*, new: NewCanned) -> None:
    """Hold a proposal to its form.

    Raises:
        BothLanguages: one of them is missing, or longer than 600 characters.
        NotAShortcut: the shortcut has other signs.

    """
    for words in (new.text_zh, new.text_en):
        if not 0 < len(words.strip()) <= LONGEST:
            raise BothLanguages
    if not _SHORTCUT.fullmatch(new.shortcut):
        raise NotAShortcut
