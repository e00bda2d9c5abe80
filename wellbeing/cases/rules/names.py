"""How a sealed name is found again: tokens of a name, and of what somebody types. Pure.

Whoever searches has often only heard the name. So Chinese names are found by full name, by surname
and by pinyin with every reading of every character; names with a dot and Latin names by each part
and in either order. What is found is read by a human:
a name too many is better than a child missed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import opencc
from pypinyin import Style, pinyin

LONGEST_NAME = 100
"""Characters; the longest names of citizens have about half as many."""
READINGS_KEPT = 16
"""Of the ways to read a name aloud, so many at most are kept, the most usual ones first."""
READINGS_OF_ONE = 3
"""Of the ways to read one character; rarer ones than the third are not heard in names."""
LONGEST_HAN_NAME = 8
"""Beyond it Chinese characters are a phrase, of which nobody types the pinyin."""

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_HIDDEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"})
_DOTS = frozenset("·•‧・･∙⋅ᐧ.．｡")
"""What stands between the parts of 阿依古丽·买买提, whatever keyboard wrote it."""
_APOSTROPHES = frozenset("'’‘ʼ`")
_LATIN_FROM_PASSPORT = (("lyu", "lu"), ("nyu", "nu"), ("ü", "u"), ("v", "u"))
"""Passports write 吕 as LYU, keyboards as lv: one spelling for all of them."""

_COMPOUND = """
欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 夏侯 尉迟 皇甫 公孙 慕容 令狐 宇文 长孙 轩辕 端木 百里 呼延
东郭 南郭 西门 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 闾丘 鲜于 司空 司寇 子车 颛孙
巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁 段干 东门 即墨 第五 万俟 赫连 贺兰 完颜 纳兰 耶律
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "朴": "piao", "区": "ou",
    "盖": "ge", "员": "yun", "缪": "miao", "繁": "po", "种": "chong", "召": "shao", "乐": "yue",
    "黑": "he", "折": "she", "冼": "xian", "翟": "zhai", "尉": "wei", "宁": "ning", "燕": "yan",
    "覃": "qin", "洗": "xian", "秘": "bi", "那": "na", "逄": "pang", "佴": "nai", "钭": "tou",
    "尉迟": "yuchi", "万俟": "moqi", "单于": "chanyu", "澹台": "tantai", "长孙": "zhangsun",
    "令狐": "linghu", "颛孙": "zhuansun", "呼延": "huyan", "夏侯": "xiahou", "乐正": "yuezheng",
}  # fmt: skip
"""How these are read when they are surnames; other readings are kept beside it."""


class NameKind(StrEnum):
    """By what a name is found; each kind has blind indexes of its own."""

    FULL = "full"
    SURNAME = "surname"
    """A Chinese surname; each part of a name with a dot; each word of a Latin name."""
    PINYIN = "pinyin"
    PINYIN_SURNAME = "pinyin_surname"


Token = tuple[NameKind, str]
Piece = TypeVar("Piece", str, tuple[str, ...])


def tokens(*, name: str) -> frozenset[Token]:
    """Give everything by which a name is found; nothing for one without letters."""
    parts = _parts(name)
    if not parts:
        return frozenset()
    found: set[Token] = {(NameKind.FULL, _full(parts))}
    found |= {(NameKind.SURNAME, one) for one in _surnames(parts)}
    found |= {(NameKind.PINYIN, one) for one in _read_aloud(parts)}
    found |= {(NameKind.PINYIN_SURNAME, one) for one in _surnames_read_aloud(parts)}
    return frozenset(found)


def search_tokens(*, typed: str) -> frozenset[Token]:
    """Give the tokens of which a name needs one to be found by what was typed."""
    parts = _parts(typed)
    if not parts:
        return frozenset()
    whole = _full(parts)
    found: set[Token] = {(NameKind.FULL, whole)}
    if len(parts) == 1:
        found.add((NameKind.SURNAME, parts[0]))
    if all(one.isascii() for one in parts):
        # A foreign keyboard writes San Zhang for 张三.
        found |= {(NameKind.PINYIN, _spelled("".join(order))) for order in _orders(parts)}
        found.add((NameKind.PINYIN_SURNAME, _spelled("".join(parts))))
    return frozenset(found)


def same_name(*, name: str) -> frozenset[Token]:
    """Give the token that two records share only when they bear the same full name."""
    return frozenset({(NameKind.FULL, _full(parts))} if (parts := _parts(name)) else ())


def masked(*, name: str) -> str:
    """Show as much of a name as lists may: a Chinese surname, else the first letter."""
    shown = " ".join(_visible(name).split())
    if not shown:
        return "••"
    if not _is_han(shown[0]):
        return f"{shown[0]}••"
    head = shown[:2] if shown[:2] in COMPOUND_SURNAMES and len(shown) > len("欧阳") else shown[0]
    return f"{head}••"


def spoken(*, name: str) -> tuple[str, ...]:
    """Give how somebody may be named in a sentence: in full, and each part that names alone.

    Of 王小明 also 小明; of a name with a dot or in Latin letters each part. A single Chinese
    character stands in too many words, a single letter in all of them.
    """
    whole = " ".join(_visible(name).split())
    parts = _parts(name)
    heads = _surnames(parts) if len(parts) == 1 and _is_han(parts[0][0]) else ()
    given = [parts[0].removeprefix(head) for head in heads]
    said = (whole, *parts, *given)
    return tuple(dict.fromkeys(one for one in said if len(one) > 1 or one == whole))


@lru_cache(maxsize=2_000)
def _parts(name: str) -> tuple[str, ...]:
    """Cut a name into the pieces that its writer set apart, in one script and one case."""
    folded = unicodedata.normalize("NFKD", _visible(name)).casefold()
    plain = "".join(one for one in folded if unicodedata.category(one) not in _HIDDEN)
    plain = _TO_SIMPLIFIED.convert(unicodedata.normalize("NFC", plain))
    spaced = "".join(one if one.isalnum() else " " for one in plain if one not in _APOSTROPHES)
    words = [piece for one in spaced.split() for piece in _runs(one)]
    if any(one in _DOTS for one in plain) or not all(_is_han(one[0]) for one in words):
        return tuple(words)
    # 王 小 明 is one name: a blank between Chinese characters is only layout.
    return ("".join(words),) if words else ()


def _visible(name: str) -> str:
    joined = name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    whole = unicodedata.normalize("NFKC", joined[:LONGEST_NAME])
    kept = (one for one in whole if one.isspace() or unicodedata.category(one) not in _HIDDEN)
    return "".join(kept)


def _runs(word: str) -> Iterator[str]:
    """Set Chinese characters apart from letters that touch them: 王Tom."""
    start = 0
    for place in range(1, len(word) + 1):
        if place == len(word) or _is_han(word[place]) != _is_han(word[start]):
            yield word[start:place]
            start = place


def _full(parts: Iterable[str]) -> str:
    """Join the parts, Latin words in alphabetical order: Li Ming and Ming Li are one name."""
    pieces = tuple(parts)
    if any(_is_han(one[0]) for one in pieces):
        return "".join(pieces)
    return " ".join(sorted(pieces))


def _surnames(parts: tuple[str, ...]) -> set[str]:
    if len(parts) > 1 or not _is_han(parts[0][0]):
        return set(parts)
    name = parts[0]
    return {name[0], name[:2]} if name[:2] in COMPOUND_SURNAMES else {name[0]}


def _read_aloud(parts: tuple[str, ...]) -> set[str]:
    if len(parts) == 1 and _is_han(parts[0][0]):
        return set(_name_readings(parts[0]))
    spoken = tuple(_word_readings(one) for one in parts)
    return {_spelled("".join(one)) for order in _orders(spoken) for one in _usual(order)}


def _surnames_read_aloud(parts: tuple[str, ...]) -> set[str]:
    if len(parts) > 1 or not _is_han(parts[0][0]):
        return {_spelled(one) for part in parts for one in _word_readings(part)}
    return {one for surname in _surnames(parts) for one in _surname_readings(surname)}


def _name_readings(name: str) -> Iterator[str]:
    """Read a Chinese name in every way, its surname as surnames are read first of all."""
    if len(name) > LONGEST_HAN_NAME:
        return
    for surname in sorted(_surnames((name,)), key=len, reverse=True):
        heads = list(_surname_readings(surname))
        rest = [_readings(one) for one in name[len(surname) :]]
        yield from ("".join(one) for one in _usual([heads, *rest]))


def _surname_readings(surname: str) -> Iterator[str]:
    special = SURNAME_READINGS.get(surname)
    if special:
        yield special
    yield from ("".join(one) for one in _usual([_readings(one) for one in surname]))


def _word_readings(word: str) -> tuple[str, ...]:
    if not _is_han(word[0]) or len(word) > LONGEST_HAN_NAME:
        return (word,)
    return tuple("".join(one) for one in _usual([_readings(one) for one in word]))


@lru_cache(maxsize=2_000)
def _readings(letter: str) -> tuple[str, ...]:
    found = pinyin(letter, style=Style.NORMAL, heteronym=True)[0]
    return tuple(dict.fromkeys(_spelled(one) for one in found))[:READINGS_OF_ONE]


def _spelled(latin: str) -> str:
    for written, one in _LATIN_FROM_PASSPORT:
        latin = latin.replace(written, one)
    return latin


def _orders(parts: tuple[Piece, ...]) -> set[tuple[Piece, ...]]:
    """Give the orders in which a name is said: as written, first part last, last part first."""
    return {parts, parts[1:] + parts[:1], parts[-1:] + parts[:-1]}


def _usual(choices: Iterable[Iterable[str]]) -> list[tuple[str, ...]]:
    """Combine one reading of each part, the combinations of usual readings first."""
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for readings in choices:
        grown = [
            (rank + place, (*head, one))
            for rank, head in best
            for place, one in enumerate(readings)
        ]
        # Cut at every step: a name of fifty parts must not take the machine's memory.
        best = sorted(grown, key=lambda one: one[0])[:READINGS_KEPT]
    return [one for _rank, one in best]


def _is_han(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U000323af"
