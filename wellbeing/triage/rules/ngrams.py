"""A small linear model over runs of characters, taught by a site's own labels. Pure.

It gives a number between 0 and 1 that may only raise a waiting message in its own level's order.
It decides nothing, and no text of the site is kept in it: features are hashed to places.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wellbeing.foundation.errors import DomainError
from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules import fitting
from wellbeing.triage.rules.evaluation import Figures
from wellbeing.triage.rules.normalise import canonical
from wellbeing.triage.rules.tables import Labelled

FORMAT = "ngram-logistic-1"
MODEL_KIND = "model"
"""Marks a stored hint of the model among the signs of the word list."""
PLACES = 1 << 18
"""Places that features are hashed to; with a site's few thousand messages hardly two collide."""
LENGTHS = (1, 2, 3)
HELD_SHARE = 5
"""One in so many messages is held back and never learned from."""
LEAST_OF_EACH = 20
LONGEST = 2_000
"""Characters read of a message; the start of a very long one says enough for its order."""
THRESHOLD = 0.5


class TooFewLabels(DomainError):
    """There are not enough labelled messages of each sort to learn from."""


class NotAModel(DomainError):
    """A model file cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights by place, and what the model card says of their making."""

    bias: float
    weights: Mapping[int, float]
    learned_from: int
    held: int
    recall: float
    precision: float


def train(*, labelled: Sequence[Labelled]) -> Model:
    """Learn "orange or above" from four fifths of the labels, and test it on the last fifth.

    The parts are drawn by a hash of the conversation or the id, so they never drift, and no
    conversation stands on both sides.

    Raises:
        TooFewLabels: either part has too few messages of a sort.

    """
    held = [one for one in labelled if is_held(one=one)]
    learned = [one for one in labelled if not is_held(one=one)]
    for part, least in ((learned, LEAST_OF_EACH), (held, 1)):
        urgent = sum(one.level >= RiskLevel.HIGH for one in part)
        if min(urgent, len(part) - urgent) < least:
            raise TooFewLabels
    bias, weights = fitting.fit(
        examples=[(features(text=one.text.text), _is_urgent(one)) for one in learned]
    )
    figures = _figures(bias, weights, held)
    return Model(
        bias=bias,
        weights=weights,
        learned_from=len(learned),
        held=len(held),
        recall=figures.recall or 0.0,
        precision=figures.precision or 0.0,
    )


def evaluate(*, model: Model, labelled: Sequence[Labelled]) -> Figures:
    """Compare what a model would put first with what persons called orange or above."""
    return _figures(model.bias, model.weights, labelled)


def score(*, model: Model, text: str) -> float:
    """Tell between 0 and 1 how much a message resembles those that the site called urgent."""
    return _score(model.bias, model.weights, text)


def is_held(*, one: Labelled) -> bool:
    """Tell whether a message belongs to the part that is only tested on."""
    key = one.text.conversation or one.text.id
    return hashlib.sha256(key.encode()).digest()[0] % HELD_SHARE == 0


def features(*, text: str) -> Mapping[int, float]:
    """Count runs of one to three characters at their hashed places; the whole has length 1."""
    shaped = f"^{canonical(phrase=text[:LONGEST])}$"
    places = {
        zlib.crc32(shaped[start : start + length].encode()) % PLACES
        for length in LENGTHS
        for start in range(len(shaped) - length + 1)
    }
    worth = 1 / math.sqrt(len(places))
    return dict.fromkeys(places, worth)


def to_document(*, model: Model) -> dict[str, object]:
    """Write a model as plain values; weights that say nothing are left out."""
    return {
        "format": FORMAT,
        "bias": round(model.bias, 6),
        "weights": {
            str(place): round(weight, 5)
            for place, weight in sorted(model.weights.items())
            if abs(weight) >= 1e-3  # noqa: PLR2004 - far below what moves a score by a percent
        },
        "learned_from": model.learned_from,
        "held": model.held,
        "recall": round(model.recall, 4),
        "precision": round(model.precision, 4),
    }


def from_document(*, document: object) -> Model:
    """Read a model back.

    Raises:
        NotAModel: the document is of another kind, or broken.

    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotAModel
    try:
        return Model(
            bias=float(document["bias"]),
            weights={int(place): float(one) for place, one in document["weights"].items()},
            learned_from=int(document["learned_from"]),
            held=int(document["held"]),
            recall=float(document["recall"]),
            precision=float(document["precision"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotAModel from error


def _figures(bias: float, weights: Mapping[int, float], labelled: Sequence[Labelled]) -> Figures:
    found = [
        (_is_urgent(one), _score(bias, weights, one.text.text) >= THRESHOLD) for one in labelled
    ]
    return Figures(
        hits=sum(wanted and flagged for wanted, flagged in found),
        missed=sum(wanted and not flagged for wanted, flagged in found),
        false=sum(flagged and not wanted for wanted, flagged in found),
    )


def _is_urgent(one: Labelled) -> bool:
    return one.level >= RiskLevel.HIGH


def _score(bias: float, weights: Mapping[int, float], text: str) -> float:
    found = features(text=text)
    total = bias + sum(weights.get(place, 0.0) * worth for place, worth in found.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
