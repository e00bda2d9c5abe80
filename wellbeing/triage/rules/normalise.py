"""A text as the word list reads it: one script, one case, no tricks between the letters. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import opencc

STOP = "。"
"""What ends a clause, whatever was typed: a context does not reach over it by accident."""
QUESTION_MARK = "?"
_CLAUSE_ENDS = frozenset("。,!;:\n\r()[]<>《》「」【】")
_APOSTROPHES = frozenset("'’‘`´")
_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_DROPPED = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_DENIALS = frozenset("不没别莫勿未")
LONGEST_CLAUSE = 16
"""Chinese characters shown on each side of what clues found, if its clause is longer."""
LONGEST_LATIN_CLAUSE = 40
_LONGEST_LATIN_RUN = 2
_SPELLED_OUT = re.compile(r"(?<![a-z0-9])[a-z](?: [a-z0-9]){2,}(?![a-z0-9])")
"""Single letters with blanks between them: k i l l, s u i c i d e, s u 1 c 1 d e."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """The text to match on, and for each of its characters where it stood in the original."""

    text: str
    places: tuple[int, ...]
    original: str

    def snippet(self, *, start: int, end: int) -> str:
        """Give the writer's own characters behind a stretch of the normalised text.

        Whoever reads it must be able to: words of Latin letters are given whole, and a denial
        right before it belongs to it (不想活了, never 想活了).
        """
        begin, last = self.places[start], self.places[end - 1] + 1
        while begin > 0 and self._is_inside(begin):
            begin -= 1
        while last < len(self.original) and self._is_inside(last):
            last += 1
        if begin > 0 and self.original[begin - 1] in _DENIALS:
            begin -= 1
        return self.original[begin:last]

    def clause(self, *, start: int, end: int) -> tuple[int, int]:
        """Widen a stretch to the clauses in which it lies, as far as a reader takes them in."""
        left = max(self.text.rfind(mark, 0, start) for mark in (STOP, QUESTION_MARK)) + 1
        ends = [at for mark in (STOP, QUESTION_MARK) if (at := self.text.find(mark, end)) >= 0]
        right = min(ends, default=len(self.text))
        longest = LONGEST_CLAUSE if any(map(is_han, self.text)) else LONGEST_LATIN_CLAUSE
        return max(left, start - longest), min(right, end + longest)

    def _is_inside(self, at: int) -> bool:
        """Tell whether the original is torn inside a word of Latin letters before `at`."""
        before, after = self.original[at - 1], self.original[at]
        return all(one.isascii() and one.isalnum() for one in (before, after))


def is_han(letter: str) -> bool:
    """Tell whether this is a Chinese character, rare ones included."""
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U000323af"


def is_word(letter: str) -> bool:
    """Tell whether this is a Latin letter or a digit, after folding."""
    return letter.isascii() and letter.isalnum()


def normalise(*, text: str, homophones: Mapping[str, str]) -> Normalised:
    """Fold full-width, traditional, upper-case, spaced-out, doubled and disguised writing.

    Invisible characters are dropped; blanks and dots between Chinese characters too (自.杀);
    a doubled Chinese character counts once; homophones become the word that is meant.
    """
    letters, places = _squeezed(text)
    plain, places = _joined("".join(letters), places)
    folded, moved = _replaced(plain, places, homophones)
    return Normalised(text=folded, places=tuple(moved), original=text)


def canonical(*, phrase: str) -> str:
    """Give a phrase of the word list the same shape as the texts it is looked for in."""
    letters, _ = _squeezed(phrase)
    return "".join(letters)


@lru_cache(maxsize=20_000)
def _folded(letter: str) -> str:
    plain = _TO_SIMPLIFIED.convert(unicodedata.normalize("NFKC", letter)).casefold()
    return "".join(_classed(_toneless(one)) for one in plain)


def _toneless(letter: str) -> str:
    """Take the accent off a Latin letter: pinyin with tones is pinyin."""
    bare = unicodedata.normalize("NFD", letter)[0]
    return bare if bare.isascii() else letter


def _classed(letter: str) -> str:
    """Give a letter itself, an end of a clause, a blank for what may be dropped, or nothing."""
    if letter == QUESTION_MARK:
        return letter
    if letter in _CLAUSE_ENDS:
        return STOP
    if letter in _APOSTROPHES or unicodedata.category(letter) in _DROPPED - {"Cc"}:
        return ""
    if is_han(letter) or is_word(letter) or unicodedata.category(letter) in {"So", "Ll", "Lo"}:
        return letter
    return " "


def _squeezed(text: str) -> tuple[list[str], list[int]]:
    letters: list[str] = []
    places: list[int] = []
    blank = False
    for place, raw in enumerate(text):
        for letter in STOP if _ends_sentence(text, place, letters) else _folded(raw):
            if letter == " ":
                blank = True
                continue
            # Latin words need their blanks; Chinese is read without.
            if blank and letters and is_word(letters[-1]) and is_word(letter):
                letters.append(" ")
                places.append(place)
            blank = False
            if not _repeats(letters, letter):
                letters.append(letter)
                places.append(place)
    return letters, places


def _ends_sentence(text: str, place: int, letters: list[str]) -> bool:
    """Tell whether a full stop stands between two English sentences, and not inside of a word."""
    return (
        text[place] == "."
        and text[place + 1 : place + 2] == " "
        and text[place - 1 : place] != "."
        and bool(letters)
        and is_word(letters[-1])
    )


def _joined(text: str, places: list[int]) -> tuple[str, list[int]]:
    """Put words together again that were spelled out letter by letter."""
    dropped = {
        at
        for match in _SPELLED_OUT.finditer(text)
        for at in range(match.start(), match.end())
        if text[at] == " "
    }
    if not dropped:
        return text, places
    kept = [at for at in range(len(text)) if at not in dropped]
    return "".join(text[at] for at in kept), [places[at] for at in kept]


def _repeats(letters: list[str], letter: str) -> bool:
    if not letters or letters[-1] != letter or letter.isdigit():
        return False
    if not is_word(letter):
        return True
    return letters[-_LONGEST_LATIN_RUN:] == [letter] * _LONGEST_LATIN_RUN


def _replaced(text: str, places: list[int], homophones: Mapping[str, str]) -> tuple[str, list[int]]:
    for written, meant in homophones.items():
        if written in text:
            text, places = _exchanged(text, places, written, meant)
    return text, places


def _exchanged(text: str, places: list[int], written: str, meant: str) -> tuple[str, list[int]]:
    """Put the word that is meant wherever its disguise stands, in one pass over the text."""
    pieces: list[str] = []
    moved: list[int] = []
    read_to = 0
    at = text.find(written)
    while at >= 0:
        end = at + len(written)
        if _stands_alone(text, at, end):
            # Every letter of the meant word points to the whole disguise.
            pieces += (text[read_to:at], meant)
            moved += places[read_to:at]
            moved += [places[at]] * (len(meant) - 1) + [places[end - 1]]
            read_to = end
        at = text.find(written, end)
    return "".join((*pieces, text[read_to:])), moved + places[read_to:]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether Latin letters or digits at an edge are not part of a longer word or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    torn_left = is_word(text[start]) and bool(before) and is_word(before)
    torn_right = is_word(text[end - 1]) and bool(after) and is_word(after)
    return not (torn_left or torn_right)
