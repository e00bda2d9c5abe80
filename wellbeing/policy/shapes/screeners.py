"""The shapes of `screeners/*.toml`: questions, answers, bands of a note, what leads further.

Which level follows from the answers is a rule of the room `triage`, not of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wellbeing.policy.shapes.words import Language, Named


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenerAnswer(Named):
    """One answer that questions offer; `points` only in a note that is summed."""

    key: str
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenerBand(Named):
    """A band of a note's sum, from so many points up to the next band; never a level."""

    key: str
    from_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenerItem:
    """One question and the keys of its possible answers, in the order shown.

    An answer of `tripwire` makes a screener of suicide risk due in the same contact.
    """

    key: str
    text_zh: str
    text_en: str
    answers: tuple[str, ...]
    tripwire: tuple[str, ...]

    def text(self, *, language: Language) -> str:
        """Tell the question in the reader's language."""
        return self.text_zh if language is Language.ZH else self.text_en


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenerDefinition:
    """A screener's wording; its branching and result are rules of `triage`.

    `bands` only where the answers are summed, as in a note that sets no level.
    """

    key: str
    version: str
    offered: bool
    title_zh: str
    title_en: str
    source_zh: str
    source_en: str
    answers: Mapping[str, ScreenerAnswer]
    items: tuple[ScreenerItem, ...]
    bands: tuple[ScreenerBand, ...]

    def title(self, *, language: Language) -> str:
        """Tell the title in the reader's language."""
        return self.title_zh if language is Language.ZH else self.title_en
