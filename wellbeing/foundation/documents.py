"""What a file really is, told by its own bytes, and whether it may be kept. No name is believed.

Kept are pictures (drawn anew), PDF, plain text and the office formats; refused is whatever holds
a program, hides a second file behind the first, is locked, or grows beyond measure when unpacked.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from wellbeing.foundation import packages, pictures

LONGEST_NAME = 80
"""Characters of a file's name without its ending."""
MOST_UNPACKED = 64 * 1024 * 1024
"""So many bytes of a PDF's packed streams are looked through; a letter has a hundredth of it."""
PDF_HEAD, PDF_END = b"%PDF-", b"%%EOF"
PDF_TAIL = 1024
STREAM = re.compile(rb"stream\r?\n")
PIECE = 1 << 16
HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
PROGRAMS = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)"
    rb"(?![A-Za-z0-9])"
)
"""Names of a PDF that run something, send something out or carry a further file (ISO 32000)."""
LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
PACKED_OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
OTHERWISE_PACKED = re.compile(
    rb"/(?:LZW|LZWDecode|AHx|ASCIIHexDecode|A85|ASCII85Decode|RL|RunLengthDecode|Crypt|Predictor)"
    rb"(?![A-Za-z0-9])"
)
"""Ways to pack a PDF's objects that no ordinary program uses: what they say would stay unseen."""
MARKUP = re.compile(
    rb"<\s*(?:!doctype|\?xml|html|head|body|script|svg|iframe|math)\b", re.IGNORECASE
)
END_OF_ZIP = b"PK\x05\x06"
CONTROLS = frozenset(chr(code) for code in range(32)) - {"\t", "\n", "\r", "\f"} | {"\x7f"}


class DocumentKind(StrEnum):
    """What a file is by its bytes."""

    PICTURE = "picture"
    PDF = "pdf"
    TEXT = "text"
    WORD = "word"
    SHEET = "sheet"
    SLIDES = "slides"


_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    DocumentKind.PICTURE: pictures.JPEG,
    DocumentKind.PDF: "application/pdf",
    DocumentKind.TEXT: "text/plain; charset=utf-8",
    DocumentKind.WORD: f"{_OFFICE}wordprocessingml.document",
    DocumentKind.SHEET: f"{_OFFICE}spreadsheetml.sheet",
    DocumentKind.SLIDES: f"{_OFFICE}presentationml.presentation",
}
ENDINGS = {
    DocumentKind.PICTURE: ".jpg",
    DocumentKind.PDF: ".pdf",
    DocumentKind.TEXT: ".txt",
    DocumentKind.WORD: ".docx",
    DocumentKind.SHEET: ".xlsx",
    DocumentKind.SLIDES: ".pptx",
}
_BY_BODY = {
    packages.Body.WORD: DocumentKind.WORD,
    packages.Body.SHEET: DocumentKind.SHEET,
    packages.Body.SLIDES: DocumentKind.SLIDES,
}


class NotADocument(Exception):
    """These bytes are of no kind that is kept."""


class Unsafe(Exception):
    """These bytes hold a program, a hidden file, a lock, or far more than they seem to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A file fit to be kept: what it is, and its bytes as they are stored."""

    kind: DocumentKind
    content: bytes


def cleaned(*, raw: bytes) -> Cleaned:
    """Tell what a file is and give the bytes to keep; a picture is drawn anew, text is UTF-8.

    Raises:
        NotADocument: it is of no known kind, or damaged.
        Unsafe: it is, and might do harm.

    """
    if raw.startswith(PDF_HEAD):
        return _pdf(raw)
    if raw.startswith(packages.HEAD):
        return _office(raw)
    try:
        return Cleaned(kind=DocumentKind.PICTURE, content=pictures.cleaned(raw))
    except pictures.NotAPicture:
        return _text(raw)


def safe_name(*, typed: str, kind: DocumentKind) -> str:
    """Give a name without path, control or turning characters, ending as its kind does.

    Empty where nothing of it is left but the ending: the page words that.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", typed))[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C")
    stem = re.sub(r'[<>:"|?*%;]', " ", shown).strip().rstrip(" .")
    for ending in sorted({*ENDINGS.values(), ".jpeg", ".png", ".gif", ".webp", ".bmp"}):
        stem = stem[: -len(ending)] if stem.lower().endswith(ending) else stem
    stem = " ".join(stem.split()).strip(" .")[:LONGEST_NAME].strip(" .")
    return f"{stem}{ENDINGS[kind]}" if stem else ""


def _pdf(raw: bytes) -> Cleaned:
    if PDF_END not in raw[-PDF_TAIL:]:
        raise NotADocument
    # A second file behind the first: unpackers look for a ZIP at the end.
    if END_OF_ZIP in raw[-(1 << 16) - 22 :]:
        raise Unsafe
    for piece in (raw, *_unpacked(raw)):
        plain = HEX_IN_NAME.sub(lambda found: bytes([int(found[1], 16)]), piece)
        if PROGRAMS.search(plain) or LOCKED.search(plain) or _hides_objects(plain):
            raise Unsafe
    return Cleaned(kind=DocumentKind.PDF, content=raw)


def _hides_objects(plain: bytes) -> bool:
    """Tell whether objects are packed in a way that is not looked through."""
    for found in PACKED_OBJECTS.finditer(plain):
        begin = max(plain.rfind(b"obj", 0, found.start()), 0)
        end = plain.find(b"stream", found.end())
        if OTHERWISE_PACKED.search(plain[begin : end if end >= 0 else len(plain)]):
            return True
    return False


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """Unpack each stream that is packed as a PDF's own objects are, within a limit for all."""
    left = MOST_UNPACKED
    for found in STREAM.finditer(raw):
        plain = _inflated(raw, found.end(), left)
        left -= len(plain)
        if left <= 0:
            raise Unsafe
        yield plain


def _inflated(raw: bytes, at: int, most: int) -> bytes:
    """Unpack from a place on, to the packing's own end: a false end in between hides nothing."""
    unpacking, out = zlib.decompressobj(), bytearray()
    view = memoryview(raw)
    try:
        while not unpacking.eof and at < len(raw) and len(out) < most:
            packed = unpacking.unconsumed_tail or view[at : at + PIECE]
            at += 0 if unpacking.unconsumed_tail else PIECE
            out += unpacking.decompress(packed, most - len(out))
    except zlib.error:
        pass  # A picture, a font, or damage: what came out until then is looked at all the same.
    return bytes(out)


def _office(raw: bytes) -> Cleaned:
    try:
        return Cleaned(kind=_BY_BODY[packages.inspected(raw=raw)], content=raw)
    except packages.NotAPackage as error:
        raise NotADocument from error
    except packages.UnsafePackage as error:
        raise Unsafe from error


def _text(raw: bytes) -> Cleaned:
    # What Windows writes in China without being asked is GB 18030.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            words = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NotADocument
    if not words.strip() or CONTROLS & set(words):
        raise NotADocument
    if MARKUP.search(raw[:4096]):
        raise Unsafe
    return Cleaned(kind=DocumentKind.TEXT, content=words.encode())
