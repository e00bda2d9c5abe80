"""Which of the signs in a text stand in the same words, at the cost of what stands near. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from wellbeing.policy.model import PhraseKind
from wellbeing.triage.rules.lexicon import Found

ALWAYS_COUNTED = (PhraseKind.ACT_NOW, PhraseKind.ABUSE)
"""Hurt and acts under way are told of whatever else the same words say."""
SURROUNDINGS = 64
"""Characters on each side of a sign that can change what it means (`context`), and some more."""

T = TypeVar("T")


class Placed(Generic[T]):
    """Things that each stand in a stretch of a text, found again by a stretch."""

    def __init__(self, *, found: Iterable[tuple[Found, T]]) -> None:
        """Put them in the order of their beginnings."""
        self._sorted = sorted(found, key=lambda pair: pair[0].start)
        self._starts = [one.start for one, _ in self._sorted]
        self._longest = max((one.end - one.start for one, _ in self._sorted), default=0)

    def beside(self, *, start: int, end: int) -> Iterator[T]:
        """Give those that share a character with a stretch."""
        first = bisect_left(self._starts, start - self._longest)
        for one, thing in self._sorted[first : bisect_left(self._starts, end)]:
            if start < one.end:
                yield thing


def without_refrains(*, found: Sequence[Found], text: str) -> list[Found]:
    """Keep one of the signs that stand in the very same surroundings: they are read alike.

    A sentence sent two hundred times in one text costs what it costs once.
    """
    seen: set[tuple[str, int, int, str]] = set()
    kept = []
    for one in found:
        begin = max(0, one.start - SURROUNDINGS)
        words = text[begin : one.end + SURROUNDINGS]
        alike = (one.rule.key, one.start - begin, one.end - begin, words)
        if alike not in seen:
            seen.add(alike)
            kept.append(one)
    return kept


def outermost(*, found: Sequence[Found]) -> list[Found]:
    """Leave out what lies inside a phrase that weighs at least as much (自杀 in 想自杀)."""
    inside: set[int] = set()
    reaching: list[int] = []
    for at in sorted(range(len(found)), key=lambda at: (found[at].start, -found[at].end)):
        # Whatever can cover this one began before it, or with it and is longer.
        reaching = [other for other in reaching if found[other].end > found[at].start]
        if any(_covers(found[other], found[at], is_earlier=other < at) for other in reaching):
            inside.add(at)
        reaching.append(at)
    return [one for at, one in enumerate(found) if at not in inside]


def _covers(other: Found, one: Found, *, is_earlier: bool) -> bool:
    """Tell whether one sign says nothing that the other does not; hurt and acts always count."""
    if one.rule.kind in ALWAYS_COUNTED and one.rule.kind is not other.rule.kind:
        return False
    if other.parts and not one.parts:
        # Between the parts of a composition a phrase of its own may stand: 以前想过自杀,现在想死.
        return False
    inside = other.start <= one.start and one.end <= other.end
    is_longer = other.end - other.start > one.end - one.start
    return inside and (is_longer or is_earlier) and other.rule.level >= one.rule.level
