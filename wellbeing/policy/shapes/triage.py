"""The shapes of `triage.toml`: levels, word list, lists of the contact record.

How words become a level is a rule of the room `triage`, not of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wellbeing.policy.shapes.screeners import ScreenerDefinition
from wellbeing.policy.shapes.words import Language, Named, RiskLevel


class PhraseKind(StrEnum):
    """What a matched phrase is about; `intent`, `act_now` and `abuse` carry a floor."""

    INTENT = "intent"
    ACT_NOW = "act_now"
    ABUSE = "abuse"
    DISTRESS = "distress"
    FAREWELL = "farewell"
    METHOD = "method"
    PASSIVE = "passive"


class ContextKind(StrEnum):
    """What changes the weight of a phrase near it."""

    NEGATION = "negation"
    HYPERBOLE = "hyperbole"
    THIRD_PERSON = "third_person"
    PAST = "past"
    QUESTION = "question"
    IDIOM = "idiom"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPolicy(Named):
    """How a risk level is named, and its colour token: blue, yellow, orange or red."""

    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """Phrases of one meaning; `level` is what one clear match alone is worth."""

    key: str
    level: RiskLevel
    kind: PhraseKind
    language: Language
    phrases: tuple[str, ...]
    regex: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRule:
    """Words that change what a phrase near them means."""

    key: str
    kind: ContextKind
    language: Language
    patterns: tuple[str, ...]
    regex: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringPolicy:
    """From matches to a score over the conversation: max with decay, then thresholds."""

    decay_half_life: int
    """Messages after which a match counts half."""
    context_window: int
    """Characters around a phrase in which a context rule applies."""
    rise: float
    """What is added while the signs of a conversation keep growing."""
    weights: Mapping[RiskLevel, float]
    thresholds: Mapping[RiskLevel, float]
    floors: Mapping[PhraseKind, RiskLevel]
    context_factors: Mapping[ContextKind, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The explainable word list: phrases, what bends them, and how they add up."""

    phrases: tuple[PhraseRule, ...]
    contexts: tuple[ContextRule, ...]
    homophones: Mapping[str, str]
    scoring: ScoringPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Named):
    """One entry of a list that a counselor picks from."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Choice):
    """A local reason for contact, counted under one of the eleven international groups."""

    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBand(Choice):
    """Ages in whole years, both ends included; the last band is open (`to_years` None)."""

    from_years: int
    to_years: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteModel:
    """Whether the site's own model may raise the order of waiting messages, and its file."""

    enabled: bool
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagePolicy:
    """Levels, word list, screeners, and the lists of the contact record."""

    levels: Mapping[RiskLevel, LevelPolicy]
    lexicon: Lexicon
    model: SiteModel
    screeners: Mapping[str, ScreenerDefinition]
    reason_groups: tuple[Choice, ...]
    reasons: tuple[Reason, ...]
    caller_types: tuple[Choice, ...]
    age_bands: tuple[AgeBand, ...]
    non_data_kinds: tuple[Choice, ...]
