"""How many segments a text takes on the air: GSM 03.38 or UCS-2."""

from __future__ import annotations

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


def count_segments(*, body: str) -> int:
    """Count segments: GSM-7 160 alone and 153 joined, UCS-2 70 and 67; an empty text takes one."""
    if all(char in _GSM_BASIC or char in _GSM_EXTENDED for char in body):
        length, alone, joined = sum(1 + (char in _GSM_EXTENDED) for char in body), 160, 153
    else:
        length, alone, joined = len(body.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)
