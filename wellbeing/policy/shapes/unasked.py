"""What a text that nobody asked for may not say, because anybody may hold the phone. Pure.

The loader holds the templates to it; the outbox holds every such text to it, when it is written
and again when it is sent (product.md 2.7), whatever the template says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me", "Cn", "Co"})
"""Joiners, direction marks, strokes through letters: they hide a word from a search, not an eye."""
_SPELLED = re.compile(r"(?<![^ ])(?:[a-z0-9] ){2,}[a-z0-9](?![^ ])")
_FIRST_HAN = "\u2e80"


def leaks(
    *,
    text: str,
    words: Iterable[str] = (),
    patterns: Iterable[str] = (),
    names: Iterable[str] = (),
) -> tuple[str, ...]:
    """Name what a stranger would learn from a text: the words, names and patterns found in it.

    Width, case, marks, and what stands between the letters make no difference. `words` in Latin
    letters are found inside others (stems); a Latin name only as whole words, for "An" is in many.
    `patterns` are searched in the letters and digits alone, small, with nothing between them.
    """
    spaced = _spaced(text)
    tight = spaced.replace(" ", "")
    found = [word for word in words if _stands(_known(word), spaced, tight)]
    found += [one for one in names if _is_named(_spaced(one), spaced, tight)]
    found += [match.group() for one in patterns if (match := re.search(one, tight))]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1_000)
def _known(word: str) -> str:
    """Read a word of the policy once; names of people are never kept."""
    return _spaced(word)


def _spaced(text: str) -> str:
    """Give letters and digits alone, small, with one blank where anything else stood."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    seen = (letter for letter in plain if unicodedata.category(letter) not in _UNSEEN)
    words = "".join(letter if letter.isalnum() else " " for letter in seen).split()
    return _SPELLED.sub(lambda match: match.group().replace(" ", ""), " ".join(words))


def _stands(word: str, spaced: str, tight: str) -> bool:
    if not word:
        return False
    if _is_han(word):
        return word.replace(" ", "") in tight
    return word in spaced or word.replace(" ", "") in spaced


def _is_named(name: str, spaced: str, tight: str) -> bool:
    if not name:
        return False
    if _is_han(name):
        return name.replace(" ", "") in tight
    return f" {name} " in f" {spaced} " or f" {name.replace(' ', '')} " in f" {spaced} "


def _is_han(word: str) -> bool:
    return any(letter >= _FIRST_HAN for letter in word)
