"""Words of several classes that mean danger together: [medicine] [many] [swallowed]. Pure.

Whoever writes puts them in an order and a sentence of their own, so no sentence is looked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from wellbeing.policy.model import CompositionRule
from wellbeing.triage.rules.lexicon import Compiled, Found

Span = tuple[int, int]

LATIN = 2
"""A Latin word takes more than twice the letters of a Chinese one: so much longer is a stretch."""
MARGIN = 12
"""Characters around a stretch in which a class of `without` still speaks against it."""


Hits = Mapping[str, Sequence[Span]]
"""Where the words of each class stand in a text, in their order."""


def hits_of(*, text: str, lexicon: Compiled) -> Hits:
    """Find the words of every class in a normalised text."""
    hits: dict[str, list[Span]] = {}
    for start, end, name in lexicon.classes.search(text=text):
        hits.setdefault(name, []).append((start, end))
    return hits


def compose(*, text: str, hits: Hits, lexicon: Compiled) -> Iterator[Found]:
    """Find each composition in a normalised text, at its tightest around its first parts."""
    known = hits.keys()
    for parts, rule in lexicon.compositions:
        if parts <= known:
            yield from _found(rule, hits, LATIN * rule.within if text.isascii() else rule.within)


def _found(rule: CompositionRule, hits: Hits, within: int) -> Iterator[Found]:
    read_to = 0
    for first in hits[rule.parts[0]]:
        if first[0] < read_to:
            # The stretch before says the same.
            continue
        chosen = _together(first, rule, hits, within)
        if chosen is None:
            continue
        start, end = _stretch(chosen)
        if not _is_spoken_against(start, end, rule, hits):
            read_to = end
            yield Found(start, end, rule, chosen)


def _together(
    first: Span, rule: CompositionRule, hits: Hits, within: int
) -> tuple[Span, ...] | None:
    """Choose for each part the hit that keeps the stretch shortest."""
    chosen: tuple[Span, ...] = (first,)
    for name in rule.parts[1:]:
        best = _nearest(hits[name], chosen, rule, within)
        if best is None:
            return None
        chosen = (*chosen, best)
    return chosen


def _nearest(
    spans: Sequence[Span], chosen: tuple[Span, ...], rule: CompositionRule, within: int
) -> Span | None:
    """Find the hit that lengthens the stretch least, beside what was chosen and not upon it."""
    start, end = _stretch(chosen)
    best, shortest = None, within + 1
    for one in _near(spans, chosen[0], within):
        length = (max(one[1], end)) - (min(one[0], start))
        if length >= shortest or (rule.ordered and one[0] < chosen[-1][1]):
            continue
        if not any(one[0] < other[1] and other[0] < one[1] for other in chosen):
            best, shortest = one, length
    return best


def _near(spans: Sequence[Span], first: Span, within: int) -> Sequence[Span]:
    """Leave out what is too far away to be meant together."""
    return spans[
        bisect_left(spans, (first[1] - within, 0)) : bisect_left(spans, (first[0] + within, 0))
    ]


def _stretch(spans: Sequence[Span]) -> Span:
    return min(start for start, _ in spans), max(end for _, end in spans)


def _is_spoken_against(start: int, end: int, rule: CompositionRule, hits: Hits) -> bool:
    return any(
        one[0] < end + MARGIN and start - MARGIN < one[1]
        for name in rule.without
        for one in hits.get(name, ())
    )
