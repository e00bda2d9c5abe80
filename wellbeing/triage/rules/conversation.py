"""A conversation read turn by turn: what stands after each message. Pure.

The level of one message is a rule of `score`; here it never falls again, because only a person
lowers what was once said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wellbeing.policy.model import Lexicon, RiskLevel
from wellbeing.triage.rules import score
from wellbeing.triage.rules.score import Earlier, Match
from wellbeing.triage.rules.tables import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What stands after a message: level and marks of the conversation, signs of the message."""

    level: RiskLevel
    act_now: bool
    abuse: bool
    third_party: bool
    matches: tuple[Match, ...]


def read_turns(*, messages: Sequence[str], lexicon: Lexicon) -> tuple[Turn, ...]:
    """Read the messages of one conversation in their order."""
    turns: list[Turn] = []
    seen: list[tuple[int, Match]] = []
    for place, message in enumerate(messages):
        matches = score.scan(text=message, lexicon=lexicon)
        history = [
            Earlier(rule=match.rule, score=match.score, messages_ago=place - at)
            for at, match in seen
        ]
        level = score.conversation_level(matches=matches, history=history, scoring=lexicon.scoring)
        turns.append(_after(turns[-1] if turns else None, level, matches))
        seen += [(place, match) for match in matches]
    return tuple(turns)


def read_all(*, texts: Iterable[Text], lexicon: Lexicon) -> tuple[Turn, ...]:
    """Read many messages, each in its conversation by turn; the answer keeps their order."""
    numbered = list(enumerate(texts))
    threads: dict[tuple[str, int], list[tuple[int, Text]]] = {}
    for place, text in numbered:
        # A message without a conversation is one of its own.
        key = (text.conversation, -1) if text.conversation else ("", place)
        threads.setdefault(key, []).append((place, text))
    found: dict[int, Turn] = {}
    for thread in threads.values():
        ordered = sorted(thread, key=lambda pair: pair[1].turn)
        turns = read_turns(messages=[text.text for _, text in ordered], lexicon=lexicon)
        found |= {place: turn for (place, _), turn in zip(ordered, turns, strict=True)}
    return tuple(found[place] for place, _ in numbered)


def marks_of(*, turn: Turn) -> Mapping[str, bool]:
    """Name the marks of a turn as the tables do."""
    return {"act_now": turn.act_now, "abuse": turn.abuse, "third_party": turn.third_party}


def _after(before: Turn | None, level: RiskLevel, matches: tuple[Match, ...]) -> Turn:
    here = Turn(
        level=level,
        act_now=score.is_act_now(matches=matches),
        abuse=score.is_abuse(matches=matches),
        third_party=score.is_third_party(matches=matches),
        matches=matches,
    )
    if before is None:
        return here
    return Turn(
        level=max(before.level, here.level),
        act_now=before.act_now or here.act_now,
        abuse=before.abuse or here.abuse,
        third_party=before.third_party or here.third_party,
        matches=matches,
    )
