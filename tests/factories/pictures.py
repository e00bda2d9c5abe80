"""Invented pictures, and texts that bring them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

WHERE = "29.5630N 106.5516E"
"""What a phone writes into a picture without asking."""


def photograph(*, size: tuple[int, int] = (64, 48), color: str = "orange") -> bytes:
    """Make a JPEG as a phone does, with the place in its EXIF."""
    exif = Image.Exif()
    exif[0x010E] = WHERE
    out = BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG", exif=exif)
    return out.getvalue()
