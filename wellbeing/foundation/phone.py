"""Phone numbers: read, normalise, mask. Short codes and withheld numbers are told apart here."""

from __future__ import annotations

import unicodedata

import phonenumbers

from wellbeing.foundation.errors import DomainError

ANONYMOUS = frozenset({
    "anonymous", "unknown", "restricted", "unavailable", "private", "",
    "+266696687", "+86266696687", "266696687", "+7378742833", "+2562533", "+8656696", "+464",
})  # fmt: skip
"""What carriers send for a withheld number; +266696687 spells ANONYMOUS on a keypad."""

SHORTEST_NATIONAL = 7
"""Shorter ones are short codes (12356), which no carrier dials from abroad."""


class NotAPhoneNumber(DomainError):
    """This is not a phone number that can be dialled."""


def normalised(raw: str, *, region: str = "CN") -> str:
    """Turn what a person typed or a carrier sent into E.164; full-width digits are fine.

    Raises:
        NotAPhoneNumber: it cannot be dialled from abroad (a short code, for example).

    """
    text = unicodedata.normalize("NFKC", raw).strip()
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise NotAPhoneNumber from error
    if (
        phonenumbers.is_possible_number_with_reason(number)
        != phonenumbers.ValidationResult.IS_POSSIBLE
        or len(str(number.national_number)) < SHORTEST_NATIONAL
    ):
        raise NotAPhoneNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_landline(*, number: str) -> bool:
    """Tell whether a number (E.164) is surely a landline, which takes no texts.

    Where a country's numbers do not tell the two apart (the United States), it says no.
    """
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return bool(kind == phonenumbers.PhoneNumberType.FIXED_LINE)


def sender(raw: str, *, region: str = "CN") -> str | None:
    """Tell who a carrier says is calling: E.164, a short code or SIP address as sent, or None.

    None means withheld. Never raises: whoever reaches us is let in.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.lower() in ANONYMOUS:
        return None
    try:
        return normalised(text, region=region)
    except NotAPhoneNumber:
        return text[:256]


def masked(number: str | None) -> str:
    """Show only the last two digits, for lists and logs."""
    if not number:
        return "—"
    return f"•••• {number[-2:]}"
