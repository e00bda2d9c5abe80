"""Looks into an office file (a ZIP by ECMA-376) without trusting a word that it says of itself."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from enum import StrEnum
from io import BytesIO

HEAD = b"PK\x03\x04"
END = b"PK\x05\x06"
END_BYTES = 22
MOST_ENTRIES = 3_000
MOST_UNPACKED = 128 * 1024 * 1024
"""Bytes of all entries together; a small ZIP can hold a thousand times its size."""
MOST_RELATIONS = 4 * 1024 * 1024
CHUNK = 1 << 20
ENCRYPTED = 0x1
TYPES = "[Content_Types].xml"
PROGRAM = re.compile(
    r"(?:vbaproject|vbadata|/activex/|/embeddings/|/macrosheets/|/dialogsheets/|/customui"
    r"|\.(?:exe|dll|js|vbs|bat|cmd|ps1|hta|lnk|jar|scr|html?|svg|swf)$)",
    re.IGNORECASE,
)
"""Entries that run something, or carry a further file."""
OUTSIDE = re.compile(rb"""TargetMode\s*=\s*["']External["']""", re.IGNORECASE)
RELATION = re.compile(rb"<Relationship\b[^>]*>", re.IGNORECASE)
LINK = re.compile(rb"""Type\s*=\s*["'][^"']*/hyperlink["']""", re.IGNORECASE)


class Body(StrEnum):
    """Which entry makes the file what it is."""

    WORD = "word/document.xml"
    SHEET = "xl/workbook.xml"
    SLIDES = "ppt/presentation.xml"


STUMBLES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""All that unpacking a damaged file was seen to raise; RuntimeError tells of a password too."""


class NotAPackage(Exception):
    """These bytes are no office file, or a damaged one."""


class UnsafePackage(Exception):
    """The file holds a program, a further file, a lock, or far more than it seems to."""


def inspected(*, raw: bytes) -> Body:
    """Tell what an office file is, having unpacked all of it within a limit.

    Raises:
        NotAPackage: no office file, or damaged.
        UnsafePackage: macros, embedded files, references that load from elsewhere, a password,
            bytes before or behind it, or a bomb.

    """
    try:
        return _inspected(raw)
    except STUMBLES as error:
        raise NotAPackage from error


def _inspected(raw: bytes) -> Body:
    _check_ends(raw)
    with zipfile.ZipFile(BytesIO(raw)) as package:
        entries = package.infolist()
        names = [entry.filename for entry in entries]
        body = next((one for one in Body if one.value in names), None)
        if body is None or TYPES not in names:
            raise NotAPackage
        if len(entries) > MOST_ENTRIES or len(set(names)) != len(names):
            raise UnsafePackage
        left = MOST_UNPACKED
        for entry in entries:
            left -= _read(package, entry, left)
    return body


def _check_ends(raw: bytes) -> None:
    """Refuse what stands before or behind the ZIP: that could be a second file (a polyglot)."""
    end = raw.rfind(END)
    if end < 0 or len(raw) < end + END_BYTES:
        raise NotAPackage
    comment = struct.unpack("<H", raw[end + 20 : end + END_BYTES])[0]
    if comment or len(raw) != end + END_BYTES:
        raise UnsafePackage
    size, offset = struct.unpack("<II", raw[end + 12 : end + 20])
    if size + offset != end:
        raise UnsafePackage


def _read(package: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """Unpack one entry and give its size, whatever it claims that this is."""
    name = entry.filename
    is_odd = name.startswith("/") or "\\" in name or ".." in name.split("/")
    if is_odd or entry.flag_bits & ENCRYPTED or PROGRAM.search(f"/{name}"):
        raise UnsafePackage
    size, kept = 0, bytearray()
    is_relation = name.lower().endswith(".rels")
    with package.open(entry) as unpacked:
        while piece := unpacked.read(CHUNK):
            size += len(piece)
            if size > left:
                raise UnsafePackage
            if is_relation:
                kept += piece
                if len(kept) > MOST_RELATIONS:
                    raise UnsafePackage
    if is_relation and any(_loads(one) for one in RELATION.findall(bytes(kept))):
        raise UnsafePackage
    return size


def _loads(relation: bytes) -> bool:
    """Tell whether a reference is fetched from elsewhere when the file is opened."""
    return OUTSIDE.search(relation) is not None and LINK.search(relation) is None
