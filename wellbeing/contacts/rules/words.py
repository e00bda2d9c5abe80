"""The agreed word, by which a student shows that they hold the phone (product.md 2.7). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wellbeing.foundation.errors import Conflict, DomainError
from wellbeing.policy.model import leaks

SHORTEST, LONGEST = 2, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedWord:
    """A word, and when it was agreed; both empty where none is. The version counts changes."""

    word: str
    at: datetime | None
    version: int

    def __bool__(self) -> bool:
        """Tell whether a word is agreed."""
        return bool(self.word)


class NotAWord(DomainError):
    """The agreed word needs two letters at least, and none that stand in every message."""


class StaleWord(Conflict):
    """Somebody else changed the agreed word in the meantime; both words are shown."""


def check(*, word: str) -> str:
    """Give the word without the blanks around it.

    Raises:
        NotAWord: too short, too long, or nothing but marks.

    """
    bare = word.strip()
    letters = sum(letter.isalnum() for letter in bare)
    if letters < SHORTEST or len(bare) > LONGEST:
        raise NotAWord
    return bare


def is_said(*, word: str, text: str) -> bool:
    """Tell whether a text says the word, whatever its width, case and the marks between."""
    return bool(leaks(text=text, names=(word,)))
