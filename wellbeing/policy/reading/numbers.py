"""Numbers that a carrier is to dial: full and international. None is looked up."""

from __future__ import annotations

import re

import phonenumbers

from wellbeing.policy.reading.table import UNREADABLE, Table


def dialled(*, table: Table, key: str) -> str:
    """Read one number."""
    text = table.text(key=key)
    if text != UNREADABLE:
        _check(table=table, key=key, text=text)
    return text


def dialled_list(*, table: Table, key: str) -> tuple[str, ...]:
    """Read a list of numbers that may be empty."""
    found = table.texts(key=key, may_be_empty=True)
    for text in found:
        _check(table=table, key=key, text=text)
    return found


def _check(*, table: Table, key: str, text: str) -> None:
    if len(re.sub(r"\D", "", text)) <= len("123456"):
        table.wrong(
            key=key, says=f"“{text}” is a short code; a carrier dials only a full number (+86…)"
        )
    elif not _is_e164(text=text):
        table.wrong(key=key, says=f"“{text}” is not a full international number such as +8623…")


def _is_e164(*, text: str) -> bool:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        return False
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)
