"""Which numbers the carrier takes, and the magic ones that always fail the same way."""

from __future__ import annotations

import re
from collections.abc import Collection

from wellbeing.simulator.catalogue import RestError

MAGIC_SENDER = "+15005550006"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_CLIENT = re.compile(r"client:[A-Za-z0-9_]{1,250}")
_TEXT_FROM = {
    "+15005550001": 21212,
    "+15005550007": 21606,
    "+15005550008": 21611,
}
_TEXT_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_CALL_TO = {
    "+15005550001": 21217,
    "+15005550002": 21214,
    "+15005550003": 21215,
    "+15005550004": 21216,
}


def check_text_sender(*, number: str, ours: Collection[str]) -> None:
    """Refuse a sender of texts that is not the account's.

    Raises:
        RestError: 21603 missing, 21212 malformed, 21606 not ours, 21611 queue full (magic).

    """
    if not number:
        raise RestError(code=21603)
    if number in ours or number == MAGIC_SENDER:
        return
    malformed = _E164.fullmatch(number) is None
    raise RestError(code=_TEXT_FROM.get(number, 21212 if malformed else 21606), what=number)


def check_text_recipient(*, number: str) -> None:
    """Refuse a recipient that no text can reach.

    Raises:
        RestError: 21604 missing, 21211 malformed, or the magic number's own code.

    """
    if not number:
        raise RestError(code=21604)
    if number in _TEXT_TO:
        raise RestError(code=_TEXT_TO[number], what=number)
    if _E164.fullmatch(number) is None:
        raise RestError(code=21211, what=number)


def check_caller(*, number: str, ours: Collection[str]) -> None:
    """Refuse a caller ID that is not the account's.

    Raises:
        RestError: 21213 missing, 21212 malformed, 21210 not ours.

    """
    if not number:
        raise RestError(code=21213)
    if number in ours or number == MAGIC_SENDER:
        return
    is_magic_invalid = number == "+15005550001"
    malformed = is_magic_invalid or _E164.fullmatch(number) is None
    raise RestError(code=21212 if malformed else 21210, what=number)


def check_callee(*, number: str) -> None:
    """Refuse a number or client that cannot be called.

    Raises:
        RestError: 21201 missing, 21211 malformed, or the magic number's own code.

    """
    if not number:
        raise RestError(code=21201)
    if number in _CALL_TO:
        raise RestError(code=_CALL_TO[number], what=number)
    if _E164.fullmatch(number) is None and _CLIENT.fullmatch(number) is None:
        raise RestError(code=21211, what=number)
