"""The policy's word list made ready to search, and the search itself. Contexts are in `context`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from wellbeing.policy.model import CompositionRule, ContextKind, Language, Lexicon, PhraseRule
from wellbeing.triage.rules.normalise import canonical, is_han, is_word
from wellbeing.triage.rules.starts import Index

MAX_SYLLABLES = 6
_DOUBLED_HAN = re.compile(r"([\u3400-\u9fff])\1+")
_LATIN_ONLY = re.compile(r"[a-z ]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a normalised text in which a rule's phrase stands."""

    start: int
    end: int
    rule: PhraseRule | CompositionRule
    parts: tuple[tuple[int, int], ...] = ()
    """Where the parts of a composition stand, the first of its rule first; none for a phrase."""

    @property
    def core(self) -> int:
        """Tell where the word stands that the rule is about."""
        return self.pieces[0][0]

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]:
        """Name the stretches that carry the meaning."""
        return self.parts or ((self.start, self.end),)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A word list by first letter and by sound; contexts as one pattern per kind."""

    source: Lexicon
    literals: dict[str, tuple[tuple[str, PhraseRule], ...]]
    patterns: Index[PhraseRule]
    sounds: dict[str, tuple[tuple[tuple[str, ...], PhraseRule], ...]]
    classes: Index[str]
    compositions: tuple[tuple[frozenset[str], CompositionRule], ...]
    contexts: dict[ContextKind, re.Pattern[str]]


_latest: list[Compiled] = []


def compiled(*, lexicon: Lexicon) -> Compiled:
    """Make a word list searchable; the work is done once for each policy in force."""
    for known in _latest:
        if known.source is lexicon:
            return known
    fresh = _compile(lexicon)
    _latest[:] = [fresh, *_latest[:3]]
    return fresh


def search(*, text: str, lexicon: Compiled) -> Iterator[Found]:
    """Find every phrase in a normalised text: as written, by pattern, and by sound (zi sha)."""
    for start, letter in enumerate(text):
        for phrase, rule in lexicon.literals.get(letter, ()):
            if text.startswith(phrase, start) and _is_whole(text, start, start + len(phrase)):
                yield Found(start, start + len(phrase), rule)
    for start, end, rule in lexicon.patterns.search(text=text):
        yield Found(start, end, rule)
    yield from _by_sound(text, lexicon)


def is_pinyin(*, words: Iterable[str]) -> bool:
    """Tell whether Latin words are Chinese spelled out: every one splits into syllables."""
    return all(_split(word.casefold()) for word in words)


def _compile(lexicon: Lexicon) -> Compiled:
    literals: dict[str, tuple[tuple[str, PhraseRule], ...]] = {}
    sounds: dict[str, tuple[tuple[tuple[str, ...], PhraseRule], ...]] = {}
    patterns: Index[PhraseRule] = Index()
    for rule in lexicon.phrases:
        if rule.regex:
            for pattern in rule.phrases:
                patterns.add(pattern=_single(pattern), meaning=rule)
            continue
        for phrase in map(_shaped, rule.phrases):
            if rule.language is Language.ZH and _LATIN_ONLY.fullmatch(phrase):
                syllables = tuple(phrase.split())[:MAX_SYLLABLES]
                sounds[syllables[0]] = (*sounds.get(syllables[0], ()), (syllables, rule))
            else:
                literals[phrase[0]] = (*literals.get(phrase[0], ()), (phrase, rule))
    return Compiled(
        source=lexicon,
        literals=literals,
        patterns=patterns,
        sounds=sounds,
        classes=_classes(lexicon),
        compositions=tuple((frozenset(rule.parts), rule) for rule in lexicon.compositions),
        contexts={kind: _context(lexicon, kind) for kind in ContextKind},
    )


def _classes(lexicon: Lexicon) -> Index[str]:
    index: Index[str] = Index()
    for name, patterns in lexicon.classes.items():
        for pattern in patterns:
            index.add(pattern=_single(pattern), meaning=name)
    return index


def _shaped(phrase: str) -> str:
    return canonical(phrase=phrase)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    single = map(_single, patterns)
    # ASCII: a Latin word beside a Chinese character still begins and ends there.
    return re.compile("|".join(f"(?:{pattern})" for pattern in single), re.ASCII)


def _single(pattern: str) -> str:
    """Write doubled characters once, as the texts have them."""
    return _DOUBLED_HAN.sub(r"\1", pattern)


def _context(lexicon: Lexicon, kind: ContextKind) -> re.Pattern[str]:
    patterns: list[str] = []
    for rule in lexicon.contexts:
        if rule.kind is kind:
            patterns += rule.patterns if rule.regex else map(re.escape, map(_shaped, rule.patterns))
    return _any_of(patterns or ["(?!)"])


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether a Latin phrase is not a piece of a longer word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    torn_left = bool(before) and is_word(before) and is_word(text[start])
    torn_right = bool(after) and is_word(after) and is_word(text[end - 1])
    return not (torn_left or torn_right)


def _by_sound(text: str, lexicon: Compiled) -> Iterator[Found]:
    if not lexicon.sounds or not any(letter.isascii() and letter.isalpha() for letter in text):
        return
    spoken = list(_spoken(text))
    for at, one in enumerate(spoken):
        for syllables, rule in lexicon.sounds.get(one.syllable, ()):
            part = spoken[at : at + len(syllables)]
            if _sounds_like(part, syllables):
                yield Found(part[0].start, part[-1].end, rule)


@dataclass(frozen=True, slots=True)
class _Syllable:
    syllable: str
    start: int
    end: int
    is_latin: bool


def _sounds_like(part: Sequence[_Syllable], syllables: tuple[str, ...]) -> bool:
    """Tell whether a stretch is these syllables, at least one of them spelled out in Latin.

    Chinese characters of the same sound alone are ordinary words far too often (字啥, 真相似).
    """
    return tuple(one.syllable for one in part) == syllables and any(one.is_latin for one in part)


def _spoken(text: str) -> Iterator[_Syllable]:
    place = 0
    while place < len(text):
        letter = text[place]
        end = place + 1
        if is_han(letter):
            yield _Syllable(_sound_of(letter), place, end, is_latin=False)
        elif letter.isascii() and letter.isalpha():
            while end < len(text) and text[end].isascii() and text[end].isalpha():
                end += 1
            yield from _spelled(text[place:end], place)
        elif letter != " ":
            yield _Syllable("", place, end, is_latin=False)
        place = end


def _spelled(word: str, place: int) -> Iterator[_Syllable]:
    syllables = _split(word)
    if not syllables:
        yield _Syllable("", place, place + len(word), is_latin=True)
    for syllable in syllables:
        yield _Syllable(syllable, place, place + len(syllable), is_latin=True)
        place += len(syllable)


@lru_cache(maxsize=20_000)
def _sound_of(letter: str) -> str:
    return lazy_pinyin(letter)[0]


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    toned = {reading for readings in PINYIN_DICT.values() for reading in readings.split(",")}
    found = {to_normal(reading) for reading in toned}
    return frozenset(one for one in found if one.isascii() and one.isalpha())


LONGEST_WORD = 60
"""Ten syllables without a blank; ten thousand letters in a row are no word of any language."""


@lru_cache(maxsize=20_000)
def _split(word: str) -> tuple[str, ...]:
    """Split a word into pinyin syllables, the longest first; empty when it is not pinyin."""
    if not word or len(word) > LONGEST_WORD:
        return ()
    for length in range(min(6, len(word)), 0, -1):
        head, rest = word[:length], word[length:]
        if head in _syllables():
            tail = _split(rest)
            if tail or not rest:
                return (head, *tail)
    return ()
