"""Pictures of unknown origin are drawn anew or refused."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wellbeing.foundation.pictures import NotAPicture, cleaned

SECRET = b"29.5630N 106.5516E"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **settings: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "orange").save(out, kind, **settings)
    return out.getvalue()


def size_of(drawn: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(drawn)) as opened:
        assert opened.format == "JPEG"
        return opened.size


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_what_can_be_shown_comes_out_as_jpeg(kind: str):
    assert size_of(cleaned(picture(kind))) == (40, 30)


def test_where_and_when_it_was_taken_is_gone():
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    raw = picture(exif=exif, comment=SECRET)
    assert SECRET in raw

    drawn = cleaned(raw)

    assert SECRET not in drawn
    with Image.open(BytesIO(drawn)) as opened:
        assert dict(opened.getexif()) == {}
        assert "comment" not in opened.info


def test_a_picture_held_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    assert size_of(cleaned(picture(exif=exif))) == (30, 40)


def test_a_large_picture_is_made_smaller():
    assert size_of(cleaned(picture(size=(4_000, 1_000)))) == (2_000, 500)


def test_what_hangs_behind_a_picture_is_cut_off():
    raw = picture() + b"PK\x03\x04 an archive behind a picture"

    assert b"PK\x03\x04" not in cleaned(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xd8\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><body>no</body></html>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n",
        b"\x00\x00\x00\x18ftypmp42" + bytes(64),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        picture("TIFF"),
        picture()[:200],
        picture("PNG")[:60],
    ],
    ids=["empty", "start", "svg", "html", "pdf", "vcard", "video", "eps", "tiff", "cut", "cut png"],
)
def test_everything_else_is_refused(raw: bytes):
    with pytest.raises(NotAPicture):
        cleaned(raw)


def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_unpacked():
    """60,000 by 60,000 dots said in a few bytes: unpacked they would be ten gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    raw = (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )

    with pytest.raises(NotAPicture):
        cleaned(raw)


@given(st.binary(max_size=300), st.sampled_from([b"", picture()[:60], picture("PNG")[:60]]))
def test_any_bytes_end_as_a_picture_or_are_refused(raw: bytes, start: bytes):
    try:
        drawn = cleaned(start + raw)
    except NotAPicture:
        return
    assert size_of(drawn)
