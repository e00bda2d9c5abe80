"""Logistic regression in plain Python, for the clues and for a site's own model. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import TypeVar

ROUNDS = 12
PACE = 0.5
SHRINK = 1e-5

Key = TypeVar("Key", int, str)
"""A hashed place, or a piece of writing itself."""


def fit(*, examples: list[tuple[Mapping[Key, float], bool]]) -> tuple[float, dict[Key, float]]:
    """Fit a logistic regression, one example at a time; seeded, so a training can be repeated."""
    order = random.Random(0)  # noqa: S311 - an order of examples, not a secret
    bias = 0.0
    weights: dict[Key, float] = {}
    for turn in range(ROUNDS):
        pace = PACE * 10 / (1 + turn)
        order.shuffle(examples)
        for found, wanted in examples:
            total = bias + sum(weights.get(place, 0.0) * worth for place, worth in found.items())
            error = wanted - 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
            bias += pace * error * 0.1
            for place, worth in found.items():
                known = weights.get(place, 0.0)
                weights[place] = known + pace * (error * worth - SHRINK * known)
    return bias, weights
