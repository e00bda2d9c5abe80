"""How the weights of the clues are learned from labelled messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wellbeing.policy.model import CLUE_HEADS, Lexicon, RiskLevel
from wellbeing.triage.rules import clues, composition, fitting
from wellbeing.triage.rules.lexicon import Compiled, compiled
from wellbeing.triage.rules.ngrams import TooFewLabels
from wellbeing.triage.rules.normalise import normalise
from wellbeing.triage.rules.tables import Labelled

LEAST_OF_EACH = 100
"""Messages in danger, and out of it, below which weights would say more of chance than of words."""
LEAST_WEIGHT = 0.2
"""Weights below this say nothing and are not written down."""


def learn(
    *, labelled: Sequence[Labelled], words: Lexicon
) -> tuple[tuple[float, ...], dict[str, tuple[float, ...]]]:
    """Learn biases and weights of every question from messages that persons labelled.

    A later turn carries the label of its conversation, which its own words need not tell
    (吃完了): only first turns are learned from.

    Raises:
        TooFewLabels: there are not enough messages in danger, or not enough out of it.

    """
    labelled = [one for one in labelled if one.text.turn == 1]
    urgent = sum(_answer("danger", one) for one in labelled)
    if min(urgent, len(labelled) - urgent) < LEAST_OF_EACH:
        raise TooFewLabels
    read = [_features_of(one, words, compiled(lexicon=words)) for one in labelled]
    fitted = [
        fitting.fit(
            examples=[
                (found, _answer(head, one)) for found, one in zip(read, labelled, strict=True)
            ]
        )
        for head in CLUE_HEADS
    ]
    pieces = {piece for _, weights in fitted for piece in weights}
    table = {
        piece: tuple(round(weights.get(piece, 0.0), 2) for _, weights in fitted)
        for piece in sorted(pieces)
    }
    kept = {
        piece: weights for piece, weights in table.items() if max(map(abs, weights)) >= LEAST_WEIGHT
    }
    return tuple(round(bias, 3) for bias, _ in fitted), kept


def _features_of(one: Labelled, words: Lexicon, searchable: Compiled) -> Mapping[str, float]:
    text = normalise(text=one.text.text, homophones=words.homophones).text[: clues.LONGEST]
    return clues.features(text=text, classes=composition.hits_of(text=text, lexicon=searchable))


def _answer(head: str, one: Labelled) -> bool:
    if head == "danger":
        return one.level >= RiskLevel.HIGH
    if head == "red":
        return one.level is RiskLevel.IMMINENT
    return head in one.marks
