"""From phrases to a level: of one message, and of the conversation it belongs to. Pure.

Everything here can be told in a sentence, because every decision is shown with its phrases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from types import MappingProxyType

from wellbeing.policy.model import (
    ContextKind,
    Lexicon,
    PhraseKind,
    RiskLevel,
    ScoringPolicy,
)
from wellbeing.triage.rules import clues, composition, context, overlaps
from wellbeing.triage.rules.clues import Hint
from wellbeing.triage.rules.lexicon import Compiled, Found, compiled, search
from wellbeing.triage.rules.normalise import Normalised, normalise
from wellbeing.triage.rules.overlaps import ALWAYS_COUNTED

OTHERS_COUNT = 0.5
"""Share with which further, different signs add to the strongest one: combinations tell more than
a single word (facts.md 6.3), but no list of complaints alone makes a red."""


_NOW = (PhraseKind.ACT_NOW, PhraseKind.FAREWELL)
_OWN_WISHES = (PhraseKind.INTENT, PhraseKind.PASSIVE, PhraseKind.FAREWELL)


GROWING_AFTER = 2
"""Messages with signs before this one, from which a direction can be seen."""


_WEAKENED = frozenset({
    ContextKind.NEGATION, ContextKind.HYPERBOLE, ContextKind.QUESTION, ContextKind.IDIOM,
})  # fmt: skip
_REMOVED = frozenset({ContextKind.THIRD_PERSON, ContextKind.PAST, ContextKind.NEGATION})
"""Somebody else's wish, one of last year, or none: its pieces do not make it red."""
SURER = 0.6
"""How sure clues must be beside a sign that a rule has weakened, 0 to 1."""
CLUE_SIGNS = MappingProxyType(
    {
        "danger": ("clues_of_danger", PhraseKind.DISTRESS, RiskLevel.HIGH),
        "red": ("clues_of_dying", PhraseKind.PASSIVE, RiskLevel.IMMINENT),
        "act_now": ("clues_of_an_act", PhraseKind.ACT_NOW, RiskLevel.IMMINENT),
        "abuse": ("clues_of_hurt", PhraseKind.ABUSE, RiskLevel.HIGH),
        "third_party": ("clues_of_worry", PhraseKind.METHOD, RiskLevel.HIGH),
    }
)
"""What each question of the clues adds when it is answered with yes."""
SOON = "within_hours"
"""The class of words for the hours to come; it says nothing by itself."""
SOON_RULE = "said_for_soon"
SOON_REACH = 30
"""Characters between a wish to die and the time it is said for."""
CLUE_RULES = frozenset(rule for rule, _, _ in CLUE_SIGNS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A sign of danger in a message: the rule, the writer's own words, and what they are worth."""

    rule: str
    kind: PhraseKind
    phrase: str
    contexts: tuple[ContextKind, ...]
    score: float
    level: RiskLevel
    of_another: bool = False
    """Somebody else is in danger; the writer worries."""

    @property
    def is_own_intent(self) -> bool:
        """Tell whether the writer speaks of dying as their own wish."""
        return self.is_plain and not self.of_another and self.kind in _OWN_WISHES

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing around it weakens it."""
        return not self.contexts


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A sign in an earlier message, and how many messages of the student came after it."""

    rule: str
    score: float
    messages_ago: int
    kind: PhraseKind | None = None
    level: RiskLevel = RiskLevel.LOW
    of_another: bool = False


def scan(*, text: str, lexicon: Lexicon) -> tuple[Match, ...]:
    """Find the signs of danger in a text; each rule counts once, at its strongest."""
    words = compiled(lexicon=lexicon)
    read = normalise(text=text, homophones=lexicon.homophones)
    hits = composition.hits_of(text=read.text, lexicon=words)
    found = [
        *search(text=read.text, lexicon=words),
        *composition.compose(text=read.text, hits=hits, lexicon=words),
    ]
    outermost = overlaps.outermost(found=overlaps.without_refrains(found=found, text=read.text))
    masks = context.masks_of(text=read.text, lexicon=words)
    unmasked = [one for one in outermost if not context.is_masked(found=one, masks=masks)]
    weighed = _without_echoes([(one, _weighed(read, one, words)) for one in unmasked])
    ruled = _strongest(weighed, length=len(read.text))
    # 我不想死, 累死了: what a rule has read as a denial or a joke needs surer clues than usual.
    is_wary = len(unmasked) < len(outermost) or any(
        _WEAKENED.intersection(one.contexts) for one in ruled
    )
    hinted = _heard(
        clues.hints(text=read.text, classes=hits, clues=words.source.clues),
        least=SURER if is_wary else 0.0,
        is_removed=any(_REMOVED.intersection(one.contexts) for one in ruled),
    )
    scoring = words.source.scoring
    times = hits.get(SOON, ())
    wishes = [
        (one.start, one.end, match.of_another) for one, match in weighed if _is_red_wish(one, match)
    ]
    ruled = (*_said_for_soon(read, ruled, wishes, times, scoring=scoring), *ruled)
    signs = (*ruled, *_signs_of(read, hinted, ruled, scoring=scoring))
    if not any(sign.rule == CLUE_SIGNS["red"][0] for sign in signs):
        return signs
    guessed = [(hint.start, hint.end, False) for hint in hinted if hint.head == "red"]
    return (*_said_for_soon(read, signs, guessed, times, scoring=scoring), *signs)


def _heard(hints: Iterable[Hint], *, least: float, is_removed: bool) -> Sequence[Hint]:
    """Leave out what clues are not sure of, and what contradicts itself.

    Whoever acts, dies or is hurt is in danger: without that answer no other is heard.
    """
    heard = [
        hint for hint in hints if hint.share >= least and not (is_removed and hint.head == "red")
    ]
    return heard if any(hint.head == "danger" for hint in heard) else ()


def _is_red_wish(one: Found, match: Match) -> bool:
    """Tell whether this is a wish to die in earnest, the writer's or that of somebody else."""
    is_earnest = not set(match.contexts) - {ContextKind.THIRD_PERSON}
    return is_earnest and one.rule.level is RiskLevel.IMMINENT and one.rule.kind in _OWN_WISHES


def _said_for_soon(
    read: Normalised,
    known: Sequence[Match],
    reds: Sequence[tuple[int, int, bool]],
    times: Sequence[tuple[int, int]],
    *,
    scoring: ScoringPolicy,
) -> Iterator[Match]:
    """Add an act that is near, where a wish to die stands beside tonight, ten minutes, 天亮就."""
    if is_act_now(matches=known):
        return
    for start, end, of_another in reds:
        for begin, last in times:
            if start - SOON_REACH < last and begin < end + SOON_REACH:
                yield Match(
                    rule=SOON_RULE,
                    kind=PhraseKind.ACT_NOW,
                    phrase=read.snippet(start=min(start, begin), end=max(end, last)),
                    contexts=(),
                    score=scoring.weights[RiskLevel.IMMINENT],
                    level=RiskLevel.IMMINENT,
                    of_another=of_another,
                )
                return


def _strongest(weighed: Sequence[tuple[Found, Match]], *, length: int) -> tuple[Match, ...]:
    """Keep each rule once, and the same words once; hurt and acts always count."""
    kept: dict[str, Match] = {}
    taken = bytearray(length)
    for one, match in sorted(weighed, key=lambda pair: -pair[1].score):
        is_said = one.rule.kind not in ALWAYS_COUNTED and taken.find(1, one.start, one.end) >= 0
        if match.rule in kept or is_said:
            continue
        kept[match.rule] = match
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    return tuple(kept.values())


def _signs_of(
    read: Normalised, hinted: Sequence[Hint], ruled: Sequence[Match], *, scoring: ScoringPolicy
) -> Iterator[Match]:
    """Add what the weighted clues tell beyond the rules; they take nothing away."""
    heads = {hint.head for hint in hinted}
    of_another = "third_party" in heads
    for hint in hinted:
        rule, kind, level = CLUE_SIGNS[hint.head]
        is_vague = hint.head == "danger" and len(heads) > 1
        is_theirs = hint.head == "red" and of_another
        if is_vague or is_theirs or any(_says_as_much(one, hint.head) for one in ruled):
            continue
        yield Match(
            rule=rule,
            kind=kind,
            phrase=_in_its_clause(read, hint),
            contexts=(),
            score=scoring.weights[level],
            level=level,
            of_another=of_another,
        )


def _in_its_clause(read: Normalised, hint: Hint) -> str:
    """Show what clues found inside of its clause: pieces of words explain nothing."""
    start, end = read.clause(start=hint.start, end=hint.end)
    return read.snippet(start=start, end=end)


def _without_echoes(weighed: Sequence[tuple[Found, Match]]) -> list[tuple[Found, Match]]:
    """Leave out what a rule has weakened and a plain sign says in the same words.

    不想活了，我在天台 is intent; that the parts 活 and 天台 are denied as another sign explains
    nothing to whoever reads it.
    """
    plain = overlaps.Placed(found=((one, match) for one, match in weighed if match.is_plain))
    return [
        (one, match)
        for one, match in weighed
        if match.is_plain
        or not any(
            stronger.level >= match.level
            and (match.kind not in ALWAYS_COUNTED or stronger.kind is match.kind)
            for stronger in plain.beside(start=one.start, end=one.end)
        )
    ]


def _says_as_much(one: Match, head: str) -> bool:
    """Tell whether a sign of a rule already answers a question of the clues."""
    _, kind, level = CLUE_SIGNS[head]
    if head == "third_party":
        return one.of_another and one.level >= level
    return one.level >= level and (kind not in ALWAYS_COUNTED or one.kind is kind)


def message_level(*, matches: Sequence[Match], scoring: ScoringPolicy) -> RiskLevel:
    """Tell how endangered the writer of one message seems."""
    return conversation_level(matches=matches, history=(), scoring=scoring)


def conversation_level(
    *, matches: Sequence[Match], history: Iterable[Earlier], scoring: ScoringPolicy
) -> RiskLevel:
    """Tell how endangered the writer seems after this message and all before it.

    The strongest sign counts in full, every other one by half; a sign fades by half with every
    `decay_half_life` messages; signs that keep growing add `rise`. A plain sign of a kind
    with a floor is never below that floor.
    """
    scores: dict[str, float] = {}
    before = tuple(history)
    for earlier in before:
        faded = earlier.score * 0.5 ** (earlier.messages_ago / scoring.decay_half_life)
        scores[earlier.rule] = max(scores.get(earlier.rule, 0.0), faded)
    for match in matches:
        scores[match.rule] = max(scores.get(match.rule, 0.0), match.score)
    strongest = max(scores.values(), default=0.0)
    total = strongest + OTHERS_COUNT * (sum(scores.values()) - strongest)
    if _is_rising(matches, before):
        total += scoring.rise
    floors = [match.level for match in matches if match.is_plain]
    return max([_level(total, scoring), *floors])


def is_act_now(*, matches: Sequence[Match]) -> bool:
    """Tell whether something is under way, is said for the hours to come, or a farewell is said.

    facts.md 6.4 counts a letter left, 今晚就 and 谢谢你们,再见 with the acts.
    """
    return any(match.kind in _NOW and match.is_plain for match in matches)


def is_abuse(*, matches: Sequence[Match]) -> bool:
    """Tell whether a child may be being hurt, so that a duty to report must be checked."""
    return any(
        match.kind is PhraseKind.ABUSE and ContextKind.NEGATION not in match.contexts
        for match in matches
    )


def is_third_party(*, matches: Sequence[Match]) -> bool:
    """Tell whether the writer worries about somebody else who may be in danger or hurt."""
    return any(
        match.of_another and match.level >= RiskLevel.MODERATE for match in matches
    ) and not any(match.is_own_intent for match in matches)


def _is_rising(matches: Sequence[Match], history: Sequence[Earlier]) -> bool:
    """Tell whether a new sign follows at least two messages with signs, none weaker than before."""
    known = {earlier.rule for earlier in history}
    if not any(match.rule not in known for match in matches):
        return False
    peaks: dict[int, float] = {}
    for earlier in history:
        peaks[earlier.messages_ago] = max(peaks.get(earlier.messages_ago, 0.0), earlier.score)
    steps = [peaks[ago] for ago in sorted(peaks, reverse=True)]
    steps.append(max(match.score for match in matches))
    return len(peaks) >= GROWING_AFTER and all(a <= b for a, b in pairwise(steps))


def _weighed(read: Normalised, found: Found, words: Compiled) -> Match:
    scoring = words.source.scoring
    contexts = context.around(text=read.text, found=found, lexicon=words)
    factor = prod(scoring.context_factors[kind] for kind in contexts)
    score = scoring.weights[found.rule.level] * factor
    if contexts == (ContextKind.THIRD_PERSON,):
        # A child in danger is orange whoever tells of it: the worry weakens red, nothing below it.
        score = max(score, min(scoring.weights[found.rule.level], scoring.weights[RiskLevel.HIGH]))
    floor = RiskLevel.LOW if contexts else scoring.floors.get(found.rule.kind, RiskLevel.LOW)
    return Match(
        rule=found.rule.key,
        kind=found.rule.kind,
        phrase=read.snippet(start=found.start, end=found.end),
        contexts=contexts,
        score=score,
        level=max(_level(score, scoring), floor),
        of_another=ContextKind.THIRD_PERSON in contexts
        if found.rule.kind in context.SOFTENS[ContextKind.THIRD_PERSON]
        else context.is_of_another(text=read.text, found=found, lexicon=words),
    )


def _level(score: float, scoring: ScoringPolicy) -> RiskLevel:
    return max(
        (level for level, least in scoring.thresholds.items() if score >= least),
        default=RiskLevel.LOW,
    )
