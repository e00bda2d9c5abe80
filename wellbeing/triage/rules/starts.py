"""Many patterns looked for at once, by the letter that each can begin with. Pure.

A text has some thirty letters and the word list some thousands of patterns; a pattern is only tried
where one of its first letters stands, so a text costs what stands in it and not what could.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Generic, TypeVar

from wellbeing.triage.rules.normalise import is_word

_SPECIAL: Final = frozenset(r"\.^$*+?{}[]|()")
_LOOKS: Final = ("(?=", "(?!", "(?<=", "(?<!")
_REPEATS: Final = re.compile(r"\{(\d*)(?:,\d*)?\}")


_ANY: Final = "any"
"""Stands among the first letters of a pattern that may begin with any letter."""

T = TypeVar("T")


def first_letters(*, pattern: str) -> frozenset[str]:
    """Name the letters that a match can begin with; empty when it may be any."""
    letters, may_be_empty, _ = _choice(pattern, 0)
    return frozenset() if may_be_empty or _ANY in letters else frozenset(letters)


@dataclass(frozen=True, slots=True)
class Index(Generic[T]):
    """Patterns by first letter; what a pattern stands for comes back with each match."""

    at_words: dict[str, list[tuple[str, T]]] = field(default_factory=dict)
    """Patterns that begin at the start of a Latin word."""
    anywhere: dict[str, list[tuple[str, T]]] = field(default_factory=dict)
    rest: list[tuple[str, T]] = field(default_factory=list)
    """Patterns that may begin with any letter."""
    _ready: dict[tuple[str, bool], tuple[re.Pattern[str], tuple[tuple[str, T], ...]]] = field(
        default_factory=dict
    )
    """What can begin with a letter, inside of a Latin word or not: all at once, and one by one."""

    def add(self, *, pattern: str, meaning: T) -> None:
        """Add a pattern; it is compiled when a text first has one of its letters."""
        letters = first_letters(pattern=pattern)
        if not letters:
            self.rest.append((pattern, meaning))
        by_letter = self.at_words if pattern.startswith(r"\b") else self.anywhere
        for letter in letters:
            by_letter.setdefault(letter, []).append((pattern, meaning))

    def search(self, *, text: str) -> Iterator[tuple[int, int, T]]:
        """Find every match of every pattern, also where one begins inside another."""
        before = ""
        for place, letter in enumerate(text):
            if letter in self.anywhere or letter in self.at_words:
                at_word = not (before and is_word(before))
                any_of_them, each = self._ready.get((letter, at_word)) or self._prepared(
                    letter, at_word=at_word
                )
                # Nearly always nothing begins here; one look at all of them tells.
                for pattern, meaning in each if any_of_them.match(text, place) else ():
                    match = _compiled(pattern).match(text, place)
                    if match and match.end() > place:
                        yield place, match.end(), meaning
            before = letter
        for pattern, meaning in self.rest:
            for match in _compiled(pattern).finditer(text):
                if match.end() > match.start():
                    yield match.start(), match.end(), meaning

    def _prepared(
        self, letter: str, *, at_word: bool
    ) -> tuple[re.Pattern[str], tuple[tuple[str, T], ...]]:
        at_words = self.at_words.get(letter, ()) if at_word else ()
        known = (*self.anywhere.get(letter, ()), *at_words)
        together = "|".join(f"(?:{pattern})" for pattern, _ in known) or "(?!)"
        self._ready[letter, at_word] = ready = (_compiled(together), known)
        return ready


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile; ASCII: a Latin word beside a Chinese character still begins and ends there."""
    return re.compile(pattern, re.ASCII)


def _choice(pattern: str, at: int) -> tuple[set[str], bool, int]:
    """Read alternatives up to a closing bracket; tell first letters, emptiness, and the end."""
    letters: set[str] = set()
    may_be_empty = False
    while True:
        found, empty, at = _sequence(pattern, at)
        letters |= found
        may_be_empty = may_be_empty or empty
        if at >= len(pattern) or pattern[at] == ")":
            return letters, may_be_empty, at
        at += 1


def _sequence(pattern: str, at: int) -> tuple[set[str], bool, int]:
    letters: set[str] = set()
    is_open = True
    while at < len(pattern) and pattern[at] not in "|)":
        found, empty, at = _atom(pattern, at)
        optional, at = _repeat(pattern, at)
        if is_open:
            letters |= found
            is_open = empty or optional
    return letters, is_open, at


def _atom(pattern: str, at: int) -> tuple[set[str], bool, int]:
    letter = pattern[at]
    if letter == "(":
        return _group(pattern, at)
    if letter == "[":
        return _letters_of_class(pattern, at)
    if letter == "\\":
        return _escaped(pattern, at)
    if letter in "^$":
        return set(), True, at + 1
    if letter in _SPECIAL:
        return {_ANY}, False, at + 1
    return {letter}, False, at + 1


def _escaped(pattern: str, at: int) -> tuple[set[str], bool, int]:
    letter = pattern[at + 1]
    if letter == "b":
        return set(), True, at + 2
    if letter.isalnum():
        return {_ANY}, False, at + 2
    return {letter}, False, at + 2


def _group(pattern: str, at: int) -> tuple[set[str], bool, int]:
    look = next((one for one in _LOOKS if pattern.startswith(one, at)), None)
    if look:
        return set(), True, _closing(pattern, at) + 1
    inside = at + (3 if pattern.startswith("(?:", at) else 1)
    letters, empty, end = _choice(pattern, inside)
    return letters, empty, end + 1


def _closing(pattern: str, at: int) -> int:
    """Find the bracket that closes the one here; what is inside does not count as a beginning."""
    depth = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            at += 1
        elif letter == "[":
            at = pattern.index("]", at + 2)
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                return at
        at += 1
    return at


def _letters_of_class(pattern: str, at: int) -> tuple[set[str], bool, int]:
    end = pattern.index("]", at + 2)
    inside = pattern[at + 1 : end]
    if inside.startswith("^") or "\\" in inside:
        return {_ANY}, False, end + 1
    letters: set[str] = set()
    place = 0
    while place < len(inside):
        if inside[place + 1 : place + 2] == "-" and place + 2 < len(inside):
            first, last = ord(inside[place]), ord(inside[place + 2])
            if last - first > 100:  # noqa: PLR2004 - all of Chinese is any letter
                return {_ANY}, False, end + 1
            letters |= {chr(code) for code in range(first, last + 1)}
            place += 3
        else:
            letters.add(inside[place])
            place += 1
    return letters, False, end + 1


def _repeat(pattern: str, at: int) -> tuple[bool, int]:
    """Read a quantifier; tell whether it allows nothing at all."""
    optional = False
    while at < len(pattern):
        counted = _REPEATS.match(pattern, at)
        if pattern[at] in "*?+":
            optional = optional or pattern[at] in "*?"
            at += 1
        elif counted:
            optional = optional or int(counted[1] or 0) == 0
            at = counted.end()
        else:
            break
    return optional, at
