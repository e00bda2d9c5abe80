"""What stands around a phrase and changes what it means: negation, jokes, others, past. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from wellbeing.policy.model import CompositionRule, ContextKind, PhraseKind
from wellbeing.triage.rules.lexicon import Compiled, Found
from wellbeing.triage.rules.normalise import QUESTION_MARK, STOP

LONGEST_DENIAL = 40
"""Characters before a phrase in which its denial begins: i am not really thinking about."""

SOFTENS: dict[ContextKind, frozenset[PhraseKind]] = {
    ContextKind.NEGATION: frozenset(PhraseKind),
    # An act under way is believed whoever tells of it, and however lightly.
    ContextKind.THIRD_PERSON: frozenset(PhraseKind) - {PhraseKind.ACT_NOW, PhraseKind.ABUSE},
    ContextKind.PAST: frozenset({
        PhraseKind.INTENT, PhraseKind.ACT_NOW, PhraseKind.METHOD, PhraseKind.PASSIVE,
    }),
    ContextKind.QUESTION: frozenset({
        PhraseKind.INTENT, PhraseKind.METHOD, PhraseKind.PASSIVE, PhraseKind.ABUSE,
    }),
    ContextKind.HYPERBOLE: frozenset({PhraseKind.PASSIVE, PhraseKind.DISTRESS}),
    ContextKind.IDIOM: frozenset({PhraseKind.PASSIVE, PhraseKind.METHOD, PhraseKind.DISTRESS}),
}  # fmt: skip
"""Which kinds of phrase a context nearby can weaken."""

FIRST_PERSON = re.compile(
    r"(?<![跟对和向给诉])我(?!的?(?:同学|朋友|室友|闺蜜|兄弟|弟|妹|哥|姐|孩子|学生|女儿|儿子|班))"
    r"|本人|\bi\b|\bim\b|\bive\b"
)
"""The writer as the one who acts: 我, but not 跟我说 and not 我同学."""
TOLD = re.compile(r"[说讲他她]|告诉|ta|\b(?:said|says|told|she|he|they)\b")
"""What carries the subject over into the next clause: 我室友哭了,说不想活了."""
VICTIM_IS_WRITER = re.compile(r"我(?!们?班|同|朋|表|妹|弟|姐|哥|室|闺|妈(?!的))|\b(?:me|my|i|im)\b")
VICTIM_IS_OTHER = re.compile(
    r"(?:他|她|同学|表妹|表弟|朋友|女生|男生|小孩|孩子|弟|妹|邻居).{0,6}(?:被|遭)|\b(?:her|him|them|kids?)\b"
)
PRESENT = re.compile(
    r"现在|今天|今晚|今早|最近|这几天|又|还想|还是|\b(?:now|today|tonight|again|still)\b"
)


def masks_of(*, text: str, lexicon: Compiled) -> bytes:
    """Mark each character with 1 where an idiom or plain exaggeration stands (累死了, 死机)."""
    marks = bytearray(len(text))
    for kind in (ContextKind.IDIOM, ContextKind.HYPERBOLE):
        for match in lexicon.contexts[kind].finditer(text):
            marks[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    return bytes(marks)


def is_masked(*, found: Found, masks: bytes) -> bool:
    """Tell whether a phrase is only a piece of an idiom or of plain exaggeration."""
    return any(masks.find(1, start, end) >= 0 for start, end in found.pieces)


def around(*, text: str, found: Found, lexicon: Compiled) -> tuple[ContextKind, ...]:
    """Name the contexts that weaken a phrase where it stands."""
    window = lexicon.source.scoring.context_window
    before = text[max(0, found.core - window) : found.core]
    after = text[found.end : found.end + window]
    tests: dict[ContextKind, Callable[[], bool]] = {
        ContextKind.NEGATION: lambda: _is_denied(text, found, lexicon),
        ContextKind.HYPERBOLE: lambda: _is_near(before, after, ContextKind.HYPERBOLE, lexicon),
        ContextKind.IDIOM: lambda: _is_near(before, after, ContextKind.IDIOM, lexicon),
        ContextKind.THIRD_PERSON: lambda: is_of_another(text=text, found=found, lexicon=lexicon),
        ContextKind.PAST: lambda: _is_past(before, text[found.start : found.end], after, lexicon),
        ContextKind.QUESTION: lambda: _is_asked(before, after, found, lexicon),
    }
    return tuple(
        kind for kind, test in tests.items() if found.rule.kind in SOFTENS[kind] and test()
    )


def is_of_another(*, text: str, found: Found, lexicon: Compiled) -> bool:
    """Tell whether somebody else is in danger; a child that tells of its own hurt is not."""
    if found.rule.kind is PhraseKind.ABUSE and VICTIM_IS_WRITER.search(
        text, found.start, found.end + 2
    ):
        return False
    if isinstance(found.rule, CompositionRule) and found.rule.of_another:
        return True
    window = lexicon.source.scoring.context_window
    before = text[max(0, found.core - window) : found.core]
    inside = text[found.start : found.end]
    if found.rule.kind is PhraseKind.ABUSE and VICTIM_IS_OTHER.search(inside):
        return True
    return _is_of_another(before, lexicon)


def _clause(before: str) -> str:
    """Give the part of the text before a phrase that belongs to its own clause."""
    return before[max(before.rfind(STOP), before.rfind(QUESTION_MARK)) + 1 :]


def _is_denied(text: str, found: Found, lexicon: Compiled) -> bool:
    """Tell whether a denial ends right where a piece begins; its patterns end with `$`."""
    return any(
        _ends_in_denial(_clause(text[max(0, at - LONGEST_DENIAL) : at]), at, found, lexicon)
        for at, _ in found.pieces
    )


def _ends_in_denial(before: str, at: int, found: Found, lexicon: Compiled) -> bool:
    denial = lexicon.contexts[ContextKind.NEGATION].search(before)
    if denial is None:
        return False
    start = at - len(before) + denial.start()
    # 不想 + 活: what denies one part and is the other is no denial, it is what was said.
    return not any(start < end and begin < at for begin, end in found.pieces if begin != at)


def _is_near(before: str, after: str, kind: ContextKind, lexicon: Compiled) -> bool:
    pattern = lexicon.contexts[kind]
    return bool(pattern.search(before) or pattern.search(after))


def _is_of_another(before: str, lexicon: Compiled) -> bool:
    """Tell whether somebody else is the one who acts; from an earlier clause only if told so."""
    others = list(lexicon.contexts[ContextKind.THIRD_PERSON].finditer(before))
    if not others:
        return False
    between = before[others[-1].end() :]
    if FIRST_PERSON.search(between):
        return False
    return between == _clause(between) or bool(TOLD.search(between))


def _is_past(before: str, phrase: str, after: str, lexicon: Compiled) -> bool:
    pattern = lexicon.contexts[ContextKind.PAST]
    pasts = list(pattern.finditer(before))
    if pasts:
        return not PRESENT.search(before, pasts[-1].end())
    rest = after.partition(STOP)[0]
    return bool(pattern.search(phrase) or (pattern.search(rest) and not PRESENT.search(rest)))


def _is_asked(before: str, after: str, found: Found, lexicon: Compiled) -> bool:
    pattern = lexicon.contexts[ContextKind.QUESTION]
    if found.rule.kind is PhraseKind.METHOD and pattern.match(after):
        # 自杀的小说: only named, and as a topic, whoever reads it.
        return True
    asked = list(pattern.finditer(before))
    if asked:
        return not FIRST_PERSON.search(before, asked[-1].end())
    return bool(pattern.search(after)) and not FIRST_PERSON.search(_clause(before))
