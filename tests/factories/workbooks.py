"""Workbooks (.xlsx) as somebody would save them."""

from __future__ import annotations

import io
from zipfile import ZipFile

from openpyxl import Workbook


def make_workbook(*rows: tuple[object, ...]) -> bytes:
    """Write rows into the first sheet of a workbook; a second sheet is somebody's notes."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.create_sheet("notes").append(("not shifts",))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rewritten(*, content: bytes, changes: dict[str, bytes]) -> bytes:
    """Give a workbook with parts of it replaced or put in."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(file, "w") as new:
        parts = {name: old.read(name) for name in old.namelist()}
        for name, part in {**parts, **changes}.items():
            new.writestr(name, part)
    return file.getvalue()
