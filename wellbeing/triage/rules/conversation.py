"""A conversation read turn by turn: what stands after each message. Pure.

The level of one message is a rule of `score`; here it never falls again, because only a person
lowers what was once said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wellbeing.policy.model import Lexicon, RiskLevel
from wellbeing.triage.rules import completing, score
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
    thread = Thread()
    return tuple(thread.read(message=message, lexicon=lexicon) for message in messages)


@dataclass(slots=True)
class Thread:
    """A conversation as far as it was read."""

    standing: Turn | None = None
    count: int = 0
    seen: list[tuple[int, Match]] = field(default_factory=list)

    def read(self, *, message: str, lexicon: Lexicon) -> Turn:
        """Read the next message and tell what stands after it."""
        history = [
            Earlier(
                rule=match.rule,
                score=match.score,
                messages_ago=self.count - at,
                kind=match.kind,
                level=match.level,
                of_another=match.of_another,
            )
            for at, match in self.seen
        ]
        matches = completing.completed(
            text=message,
            matches=score.scan(text=message, lexicon=lexicon),
            history=history,
            lexicon=lexicon,
        )
        level = score.conversation_level(matches=matches, history=history, scoring=lexicon.scoring)
        self.standing = _after(self.standing, level, matches)
        self.seen += [(self.count, match) for match in matches]
        self.count += 1
        return self.standing


def read_all(*, texts: Iterable[Text], lexicon: Lexicon) -> tuple[Turn, ...]:
    """Read many messages, each in its conversation by turn; the answer keeps their order."""
    kept = tuple(texts)
    return tuple(turn for _, turn in read_again(texts=lambda: iter(kept), lexicon=lexicon))


def read_again(
    *, texts: Callable[[], Iterator[Text]], lexicon: Lexicon
) -> Iterator[tuple[Text, Turn]]:
    """Read messages that can be gone through again, in their order, each in its conversation.

    A file may be larger than the memory: only conversations whose turns stand in a wrong order are
    held, and of the others what was found so far, until their last message.
    """
    counts, shuffled = _looked_over(texts())
    ready = _put_in_order(texts(), shuffled, lexicon) if shuffled else {}
    threads: dict[str, Thread] = {}
    for text in texts():
        name = text.conversation
        if name in shuffled:
            yield text, ready[name].popleft()
            continue
        # A message without a conversation is one of its own.
        thread = threads.setdefault(name, Thread()) if name else Thread()
        yield text, thread.read(message=text.text, lexicon=lexicon)
        if thread.count == counts.get(name):
            threads.pop(name, None)


def _looked_over(texts: Iterator[Text]) -> tuple[Mapping[str, int], frozenset[str]]:
    """Count the messages of each conversation, and name those whose turns go backwards."""
    counts: dict[str, int] = {}
    latest: dict[str, int] = {}
    shuffled: set[str] = set()
    for text in texts:
        name = text.conversation
        if not name:
            continue
        counts[name] = counts.get(name, 0) + 1
        if text.turn < latest.get(name, text.turn):
            shuffled.add(name)
        latest[name] = text.turn
    return counts, frozenset(shuffled)


def _put_in_order(
    texts: Iterator[Text], names: frozenset[str], lexicon: Lexicon
) -> dict[str, deque[Turn]]:
    held: dict[str, list[Text]] = {}
    for text in texts:
        if text.conversation in names:
            held.setdefault(text.conversation, []).append(text)
    ready: dict[str, deque[Turn]] = {}
    for name, thread in held.items():
        order = sorted(range(len(thread)), key=lambda place: thread[place].turn)
        turns = read_turns(messages=[thread[place].text for place in order], lexicon=lexicon)
        by_place = dict(zip(order, turns, strict=True))
        ready[name] = deque(by_place[place] for place in range(len(thread)))
    return ready


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
