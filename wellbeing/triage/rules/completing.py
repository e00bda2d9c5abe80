"""A few words that say "it is done", and what they mean after what was said before. Pure.

Alone they mean nothing: 吃了 is what one answers to "have you eaten". After 我想吃药死 they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from wellbeing.policy.model import Lexicon, PhraseKind, RiskLevel
from wellbeing.triage.rules.normalise import STOP, normalise
from wellbeing.triage.rules.score import CLUE_RULES, Earlier, Match, is_act_now

RULE = "said_and_done"
LONGEST = 40
"""Characters; whoever says more says it in words of their own, which other rules read."""
_OF_DYING = frozenset(
    {
        PhraseKind.INTENT,
        PhraseKind.PASSIVE,
        PhraseKind.METHOD,
        PhraseKind.FAREWELL,
        PhraseKind.ACT_NOW,
    }
)


def may_complete(*, text: str, lexicon: Lexicon) -> bool:
    """Tell whether a whole message says only that something is done."""
    if len(text) > LONGEST:
        return False
    read = normalise(text=text, homophones=lexicon.homophones).text.strip(STOP + " ")
    pattern = _compiled(lexicon.completion.patterns)
    return bool(read) and pattern.fullmatch(read) is not None


def completed(
    *, text: str, matches: Iterable[Match], history: Iterable[Earlier], lexicon: Lexicon
) -> tuple[Match, ...]:
    """Give the signs of a message, with an act under way where it ends what was spoken of before.

    Whoever was in danger before is in danger now: the writer, or the one they worried about.
    Where nothing was spoken of, clues guess from too little: 我吃了 alone is a meal.
    """
    found = tuple(matches)
    if not may_complete(text=text, lexicon=lexicon):
        return found
    spoken_of = [
        one
        for one in history
        if one.kind in _OF_DYING
        and one.level >= RiskLevel.HIGH
        and one.messages_ago <= lexicon.completion.within
    ]
    ruled = tuple(one for one in found if one.rule not in CLUE_RULES)
    if not spoken_of or is_act_now(matches=ruled):
        return ruled
    latest = min(spoken_of, key=lambda one: (one.messages_ago, one.of_another))
    said = Match(
        rule=RULE,
        kind=PhraseKind.ACT_NOW,
        phrase=text.strip(),
        contexts=(),
        score=lexicon.scoring.weights[RiskLevel.IMMINENT],
        level=RiskLevel.IMMINENT,
        of_another=latest.of_another,
    )
    return (said, *ruled)


@lru_cache(maxsize=16)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns))
