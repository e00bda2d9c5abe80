"""Weighted clues: pieces of words and classes that tell of danger by their sum. Pure.

Rules find what somebody thought of; these weights were learned from invented messages and catch
what nobody thought of. Each weight stands in `config/clues.tsv` for anybody to read. They can only
add a sign, never take one away. The site's own model is another thing (`ngrams`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wellbeing.policy.model import CLUE_HEADS, Clues

LONGEST = 2_000
"""Characters read of a message; rules read all of it."""
LENGTHS = (1, 2, 3)
CLASS_SHARE = 0.7
"""What the classes of words weigh beside the pieces; found on messages kept out of the learning."""
FEW_CLASSES = 4


@dataclass(frozen=True, slots=True)
class Hint:
    """How sure the clues are of one question, and the stretch of the text that says most."""

    head: str
    share: float
    start: int
    end: int


def hints(*, text: str, classes: Iterable[str], clues: Clues) -> tuple[Hint, ...]:
    """Tell which questions the clues of a normalised text answer with yes."""
    text = text[:LONGEST]
    sums: dict[float, list[tuple[float, ...]]] = {}
    for piece, worth in features(text=text, classes=classes).items():
        if piece in clues.weights:
            sums.setdefault(worth, []).append(clues.weights[piece])
    totals = list(clues.biases)
    for worth, rows in sums.items():
        for place, column in enumerate(zip(*rows, strict=True)):
            totals[place] += worth * sum(column)
    shares = [1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) for total in totals]
    answered = [
        (place, head, share)
        for place, (head, share) in enumerate(zip(CLUE_HEADS, shares, strict=True))
        if share >= clues.thresholds[head]
    ]
    if not answered:
        return ()
    placed = _placed(text, clues)
    return tuple(
        Hint(head, share, *_strongest(len(text), place, placed)) for place, head, share in answered
    )


def features(*, text: str, classes: Iterable[str]) -> Mapping[str, float]:
    """Name the pieces of one to three letters of a normalised text, and its classes of words."""
    shaped = f"^{text}$"
    pieces = {
        shaped[start : start + length]
        for length in LENGTHS
        for start in range(len(shaped) - length + 1)
    }
    found = dict.fromkeys(pieces, 1 / math.sqrt(len(pieces)))
    names = set(classes)
    worth = CLASS_SHARE / math.sqrt(max(FEW_CLASSES, len(names)))
    return found | {f"{{{name}}}": worth for name in names}


def _placed(text: str, clues: Clues) -> list[tuple[int, int, tuple[float, ...]]]:
    """Find the pieces of a text that weigh anything: where each begins, its length, its weights."""
    return [
        (start, length, weights)
        for length in LENGTHS
        for start in range(len(text) - length + 1)
        if (weights := clues.weights.get(text[start : start + length]))
    ]


def _strongest(
    letters: int, place: int, placed: Sequence[tuple[int, int, tuple[float, ...]]]
) -> tuple[int, int]:
    """Find the stretch whose pieces weigh most together (Kadane's largest sum)."""
    worth = [0.0] * letters
    for start, length, weights in placed:
        each = weights[place] / length
        for at in range(start, start + length):
            worth[at] += each
    best = (0.0, 0, max(1, letters))
    total, since = 0.0, 0
    for at, one in enumerate(worth):
        if total <= 0:
            total, since = 0.0, at
        total += one
        if total > best[0]:
            best = (total, since, at + 1)
    return best[1], best[2]
