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
class CompositionRule:
    """Words of several classes that mean danger when they stand together, in whatever sentence."""

    key: str
    level: RiskLevel
    kind: PhraseKind
    parts: tuple[str, ...]
    """Names of classes, each of which must stand in the stretch."""
    within: int
    """Characters that the whole stretch may take."""
    without: tuple[str, ...]
    """Classes that make it something else: vitamins, a game."""
    ordered: bool
    """Whether the parts must stand in this order."""
    of_another: bool
    """Whether it always speaks of somebody else."""


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


CLUE_HEADS = ("danger", "red", "act_now", "abuse", "third_party")
"""The questions that the weighted clues answer, in the order of the columns of `clues.tsv`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """Weights of pieces of words and of `{classes}`, one for each of `CLUE_HEADS`."""

    thresholds: Mapping[str, float]
    """Between 0 and 1: how sure the clues must be before they add a sign."""
    biases: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Whole messages that say "it is done", where danger was spoken of shortly before."""

    within: int
    """The student's messages back to which danger is looked for."""
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The explainable word list: phrases, classes that combine, clues, and how they add up."""

    phrases: tuple[PhraseRule, ...]
    classes: Mapping[str, tuple[str, ...]]
    """Patterns of one meaning by name: medicine, quantities, places from which one can fall."""
    compositions: tuple[CompositionRule, ...]
    clues: Clues
    completion: Completion
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
