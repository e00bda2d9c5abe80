"""How old a student is, as far as it was said: for the law's edge at 14. Pure.

Source: Personal Information Protection Law (PIPL) articles 28 and 31; Law on the Protection of
Minors article 72: whoever is under 14 consents with a guardian.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

CONSENTS_ALONE_FROM = 14
"""Years (PIPL 31)."""
OLDEST = 120
_ABOUT = r"(?:约|大约|大概|about |age |aged )?"
_ONES = "[一二三四五六七八九]"
_AGE = re.compile(
    rf"{_ABOUT}(\d{{1,3}}|{_ONES}?十{_ONES}?|{_ONES})"
    r" ?(?:周?岁|岁半|years?(?: old)?|years? of age|yo)?",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"(?:生于|出生于|born |born in |born on )?((?:19|20)\d{2})"
    r"(?: ?[-/.年] ?(?:(\d{1,2})(?: ?[-/.月] ?(?:(\d{1,2}) ?日?)?)?)?)?(?: ?(?:出?生|年生))?",
    re.IGNORECASE,
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}


def years_old(*, said: str, said_on: date, today: date) -> int | None:
    """Tell how old somebody is by the age or the date of birth that was said of them.

    The most that fits: an age counts on from the day it was said, a year or month of birth as if
    the birthday had passed. None where the words say neither, or two ages at once.
    """
    words = unicodedata.normalize("NFKC", said).strip()
    if found := _BORN.fullmatch(words):
        return _since(found, today)
    if found := _AGE.fullmatch(words):
        years = counted_on(years=_number(found[1]), said_on=said_on, today=today)
        return years if years <= OLDEST else None
    return None


def counted_on(*, years: int, said_on: date, today: date) -> int:
    """Count an age on by the full years since it was said."""
    return years + max(0, _full_years(said_on, today))


def consents_alone(*, years: int | None) -> bool:
    """Tell whether a student may agree without a guardian; whose age nobody knows may."""
    return years is None or years >= CONSENTS_ALONE_FROM


def _since(found: re.Match[str], today: date) -> int | None:
    year, month, day = (int(one) if one else None for one in found.groups())
    try:
        born = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    years = _full_years(born, today)
    return years if 0 <= years <= OLDEST else None


def _full_years(since: date, today: date) -> int:
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def _number(sign: str) -> int:
    if sign.isdecimal():
        return int(sign)
    tens, ten, ones = sign.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
