"""Makes a picture of unknown origin safe to keep and show; everything else is refused.

What comes out was drawn anew from the dots alone: no place, device or time of day (EXIF), no
comment, no profile, no second picture behind the first, nothing that a viewer could run.
"""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
"""Read by their own bytes, whatever the sender calls them; no format that can hold a program."""
MOST_DOTS = 40_000_000
"""Looked at before anything is unpacked: a small file can hold a picture of many gigabytes."""
LONGEST_EDGE = 2_000
QUALITY = 85
JPEG = "image/jpeg"


class NotAPicture(Exception):
    """These bytes are no picture that can be shown, or one that is made to do harm."""


def cleaned(raw: bytes) -> bytes:
    """Draw a picture anew as a JPEG of at most 2,000 dots on its longer side.

    Raises:
        NotAPicture: not one of the known kinds, damaged, cut off, or far too large.

    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _redrawn(raw)
    except NotAPicture:
        raise
    except Exception as error:
        # The edge of a foreign decoder: whatever it stumbles over, the bytes are not shown.
        raise NotAPicture from error


def _redrawn(raw: bytes) -> bytes:
    with Image.open(BytesIO(raw), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > MOST_DOTS:
            raise NotAPicture
        opened.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        opened.load()
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    # On white, as a phone shows what is see-through.
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    out = BytesIO()
    flat.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
