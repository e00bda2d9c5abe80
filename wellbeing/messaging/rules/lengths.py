"""How long a text is: what the carrier bills, and where one that is too long is cut. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

PART_UNITS = 1_500
"""UTF-16 units; a body longer than this is split, for the carrier refuses 1,600 (21617)."""
LAST_BREAKS = re.compile(r"[\s。！？；.!?;]")
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
JOINER = "\N{ZERO WIDTH JOINER}"
FLAG_LETTERS = range(0x1F1E6, 0x1F200)
SKIN_TONES = range(0x1F3FB, 0x1F400)
TAGS = range(0xE0020, 0xE0080)


def segments(*, text: str) -> int:
    """Count what the carrier bills: GSM-7 160/153 characters, else UCS-2 70/67 code units.

    A letter of two places is never torn apart between two segments.
    """
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text):
        places, single, joined = [1 + (letter in GSM_EXTENDED) for letter in text], 160, 153
    else:
        places, single, joined = [_units(letter) for letter in text], 70, 67
    if sum(places) <= single:
        return 1
    count, used = 1, 0
    for place in places:
        if used + place > joined:
            count, used = count + 1, 0
        used += place
    return count


def parts(*, body: str) -> tuple[str, ...]:
    """Split a long body below the carrier's limit, after a sentence or blank where there is one.

    What is seen as one sign stays together: a family of joined emoji, a flag, an accent.
    """
    if _units(body) <= PART_UNITS:
        return (body,)
    found: list[str] = []
    part, units = "", 0
    for sign in _signs(body):
        size = _units(sign)
        if units + size > PART_UNITS:
            cut = _cut(part)
            found.append(part[:cut])
            part = part[cut:]
            units = _units(part)
        part += sign
        units += size
    return (*found, part)


def _cut(part: str) -> int:
    breaks = [match.end() for match in LAST_BREAKS.finditer(part)]
    return breaks[-1] if breaks and breaks[-1] > len(part) // 2 else len(part)


def _signs(body: str) -> Iterator[str]:
    """Cut between signs; one that is longer than a part itself is cut at its limit."""
    sign, units, flags = "", 0, 0
    for letter in body:
        size = _units(letter)
        joins = bool(sign) and _joins(sign, letter, flags)
        if sign and (not joins or units + size > PART_UNITS):
            yield sign
            sign, units, flags = "", 0, 0
        sign, units = sign + letter, units + size
        flags += ord(letter) in FLAG_LETTERS
    if sign:
        yield sign


def _joins(sign: str, letter: str, flags: int) -> bool:
    code = ord(letter)
    if sign[-1] == JOINER or letter == JOINER or code in SKIN_TONES or code in TAGS:
        return True
    if unicodedata.category(letter) in {"Mn", "Me", "Mc"}:
        return True
    return code in FLAG_LETTERS and flags % 2 == 1


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
