"""How the first sheet of a workbook (.xlsx) becomes lines of text, as a CSV file would hold them.

Pure; nothing of a workbook is run: a formula counts as the value that was saved with it. What the
lines mean is read in `rules.imports`.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

SIGNS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How workbooks begin: a zip, an empty zip, and the older kind (or one with a password)."""
MACROS = ("vbaproject", "macrosheets/")
MOST_BYTES = 32_000_000
"""A sheet of 5000 shifts unpacks to some 3 MB; far more is a mistake or an attack."""
LAST_ROW = 1_048_576
BROKEN = (
    BadZipFile, InvalidFileException, SyntaxError, LookupError, ValueError, TypeError,
    AttributeError, AssertionError, ArithmeticError, EOFError, OSError, RuntimeError, zlib.error,
)  # fmt: skip
"""What the library lets through, from whichever part of the workbook it stumbled on."""
HALF_A_SECOND = timedelta(milliseconds=500)

Line = tuple[int, list[str]]


class WorkbookRefused(ValueError):
    """The file cannot be taken as a workbook."""


class NotAWorkbook(WorkbookRefused):
    """It is broken, has a password, or is no .xlsx file."""


class HasMacros(WorkbookRefused):
    """It carries programs."""


class UnpacksTooLarge(WorkbookRefused):
    """It would fill the memory."""


def is_workbook(*, content: bytes) -> bool:
    """Tell by its first bytes whether a file means to be a workbook."""
    return content.startswith(SIGNS)


def sheet_lines(*, content: bytes, most: int) -> tuple[Line, ...]:
    """Read the lines of the first sheet that hold anything, by row number; `most` at most.

    The first line is the heading, and every line is as long as that or longer.

    Raises:
        WorkbookRefused: it is broken, carries macros, or unpacks to too much.

    """
    _check(content)
    try:
        with warnings.catch_warnings():
            # What the library cannot keep (styles, drop-down lists) is of no use here.
            warnings.simplefilter("ignore", UserWarning)
            return tuple(islice(_lines(_rows(content)), most))
    except BROKEN as error:
        raise NotAWorkbook from error


def _check(content: bytes) -> None:
    try:
        parts = ZipFile(io.BytesIO(content)).infolist()
    except BROKEN as error:
        raise NotAWorkbook from error
    if any(sign in part.filename.lower() for part in parts for sign in MACROS):
        raise HasMacros
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise UnpacksTooLarge


def _rows(content: bytes) -> Iterator[tuple[Any, ...]]:
    book = load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_vba=False, keep_links=False
    )
    sheet = book.worksheets[0]
    # Some programs write a wrong size into the sheet; lines beyond it would be lost unsaid.
    sheet.reset_dimensions()
    return islice(sheet.iter_rows(values_only=True), LAST_ROW)


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[Line]:
    width = 0
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if number == 1:
            width = len(cells)
        if number == 1 or cells:
            yield number, cells + [""] * (width - len(cells))


def _text(cell: object) -> str:
    """Write a cell as a CSV file would: a whole number without a point, a time to the second."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        # Workbooks count days; 08:00 may come back a few milliseconds short.
        return (cell + HALF_A_SECOND).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
