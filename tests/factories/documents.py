"""Invented files: whole ones, and ones that are made to do harm."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

from tests.factories.moments import NOW
from wellbeing.cases.operations import documents as operations
from wellbeing.cases.queries import documents as queries
from wellbeing.cases.rules.documents import DocumentRow
from wellbeing.foundation.database import transaction

WORDS = "示例：医院的回信，下周三复诊。"
TYPES = '<?xml version="1.0"?><Types/>'


def pdf(*objects: bytes) -> bytes:
    """Make a small PDF with further objects in it."""
    middle = b"\n".join(b"%d 0 obj\n%s\nendobj" % (n, one) for n, one in enumerate(objects, 3))
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
        + middle
        + b"\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    )


def packed(words: bytes, *, head: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    """Make an object whose words are packed, as PDF 1.5 packs other objects."""
    return b"<< %s >>\nstream\n%s\nendstream" % (head, zlib.compress(words))


def office(
    entries: dict[str, str | bytes] | None = None, *, body: str = "word/document.xml"
) -> bytes:
    """Make a small office file with further entries in it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {"[Content_Types].xml": TYPES, body: WORDS, **(entries or {})}.items():
            package.writestr(name, content)
    return out.getvalue()


def make_document(
    *, case_id: int, by: int, raw: bytes = WORDS.encode(), name: str = "示例回信.txt"
) -> DocumentRow:
    """Keep a document with a case."""
    new = operations.inspected(raw=raw, name=name)
    with transaction():
        made = operations.add(case_id=case_id, new=new, by=by, now=NOW)
    return queries.get(document_id=made, case_id=case_id, is_supervisor=True)
