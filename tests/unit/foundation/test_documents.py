"""What a file is, its bytes tell; what might do harm is refused, whatever it is called."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.factories.documents import WORDS, office, packed, pdf
from tests.factories.pictures import WHERE, photograph
from wellbeing.foundation.documents import (
    Cleaned,
    DocumentKind,
    NotADocument,
    Unsafe,
    cleaned,
    safe_name,
)

BOMB = b"0" * (130 * 1024 * 1024)


def test_each_kind_is_told_by_its_bytes():
    kinds = [
        cleaned(raw=raw).kind
        for raw in (
            photograph(),
            pdf(),
            WORDS.encode(),
            office(),
            office(body="xl/workbook.xml"),
            office(body="ppt/presentation.xml"),
        )
    ]

    assert kinds == [
        DocumentKind.PICTURE,
        DocumentKind.PDF,
        DocumentKind.TEXT,
        DocumentKind.WORD,
        DocumentKind.SHEET,
        DocumentKind.SLIDES,
    ]


def test_a_picture_is_drawn_anew_without_its_place():
    found = cleaned(raw=photograph())

    assert WHERE.encode() not in found.content
    assert Image.open(BytesIO(found.content)).format == "JPEG"


def test_a_program_behind_a_picture_is_gone():
    behind = b"<script>alert(1)</script>PK\x03\x04"
    found = cleaned(raw=photograph() + behind)

    assert b"script" not in found.content
    assert b"PK\x03\x04" not in found.content


def test_text_of_a_chinese_windows_is_kept_as_utf_8():
    assert cleaned(raw=WORDS.encode("gb18030")) == Cleaned(
        kind=DocumentKind.TEXT, content=WORDS.encode()
    )
    assert cleaned(raw=b"\xef\xbb\xbf" + WORDS.encode()).content == WORDS.encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"a\x00b",
        b"   \n ",
        b"%PDF-1.7 and nothing more",
        b"PK\x03\x04 and nothing more",
        office(body="something/else.xml"),
        photograph()[:100],
        b"RIFF\x00\x00\x00\x00WAVEfmt \x01\x02",
    ],
)
def test_what_is_no_document_is_refused(raw: bytes):
    with pytest.raises(NotADocument):
        cleaned(raw=raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"<html><script>alert(1)</script>",
        b"  <!DOCTYPE html>",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "先说几句<SCRIPT>alert(1)</SCRIPT>".encode(),
    ],
)
def test_what_a_browser_would_run_is_refused(raw: bytes):
    with pytest.raises(Unsafe):
        cleaned(raw=raw)


@pytest.mark.parametrize(
    "raw",
    [
        pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
        pdf(b"<< /S /J#61vaScript /JS (app.alert(1)) >>"),
        pdf(b"<< /S /Launch /F (cmd.exe) >>"),
        pdf(b"<< /Names << /EmbeddedFiles 9 0 R >> >>"),
        pdf(packed(b"4 0 << /S /JavaScript /JS (app.alert(1)) >>")),
        pdf(packed(b"4 0 << /S /Launch >> endstream", head=b"/Type /ObjStm /Filter /Fl")),
        pdf(packed(b"", head=b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]")),
        pdf(packed(b"", head=b"/Type /ObjStm /DecodeParms << /Predictor 12 >>")),
        pdf(packed(b"0" * (65 * 1024 * 1024))),
        pdf().replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 8 0 R"),
        pdf() + office() + b"\n%%EOF",
    ],
)
def test_a_pdf_that_runs_hides_locks_or_swells_is_refused(raw: bytes):
    with pytest.raises(Unsafe):
        cleaned(raw=raw)


def test_a_pdf_with_pictures_and_links_is_kept():
    raw = pdf(
        b"<< /S /URI /URI (https://example.org) >>",
        b"<< /Filter /DCTDecode >>\nstream\n" + photograph() + b"\nendstream",
        packed(b"4 0 << /Type /Font >>"),
        packed(b"<< /JSON (x) /LaunchParty 1 >>"),
    )

    assert cleaned(raw=raw) == Cleaned(kind=DocumentKind.PDF, content=raw)


@pytest.mark.parametrize(
    "entries",
    [
        {"word/vbaProject.bin": b"macro"},
        {"word/activeX/activeX1.xml": b"control"},
        {"word/embeddings/oleObject1.bin": b"file"},
        {"xl/macrosheets/sheet1.xml": b"macro"},
        {"word/payload.exe": b"MZ"},
        {"../../etc/cron.d/x": b"out of the folder"},
        {"/etc/passwd": b"out of the folder"},
        {"word/media/bomb.bin": BOMB},
        {
            "word/_rels/settings.xml.rels": '<Relationships><Relationship Id="1" Type="http://s/'
            'attachedTemplate" Target="http://evil.example/t.dotm" TargetMode="External"/>'
        },
    ],
    ids=lambda entries: next(iter(entries)),
)
def test_an_office_file_that_runs_loads_or_swells_is_refused(entries: dict[str, str | bytes]):
    with pytest.raises(Unsafe):
        cleaned(raw=office(entries))


def test_an_office_file_with_a_link_to_read_is_kept():
    link = (
        '<Relationships><Relationship Id="1" Type="http://s/hyperlink" '
        'Target="https://example.org" TargetMode="External"/></Relationships>'
    )

    assert cleaned(raw=office({"word/_rels/document.xml.rels": link})).kind is DocumentKind.WORD


@pytest.mark.parametrize("raw", [office() + b"MZ", b"PK\x03\x04" + b"\0" * 30 + office()])
def test_a_second_file_before_or_behind_an_office_file_is_refused(raw: bytes):
    with pytest.raises(Unsafe):
        cleaned(raw=raw)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("回信.pdf", "回信.pdf"),
        ("photo.jpg", "photo.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\信.PDF", "信.pdf"),
        ("letter\u202efdp.exe", "letterfdp.exe.pdf"),
        ('a"; filename=evil.html', "a filename=evil.html.pdf"),
        ("line\r\nSet-Cookie: x", "lineSet-Cookie x.pdf"),
        ("长" * 300, "长" * 80 + ".pdf"),
        ("", ""),
        ("...", ""),
        (".pdf", ""),
        ("x\x00.pdf", "x.pdf"),
    ],
)
def test_a_name_keeps_no_path_and_ends_as_its_bytes_say(typed: str, shown: str):
    assert safe_name(typed=typed, kind=DocumentKind.PDF) == shown
