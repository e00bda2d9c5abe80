"""How a CSV file, or the first sheet of a workbook (.xlsx), becomes lines of text.

Pure; nothing of a workbook is run: a formula counts as the value that was saved with it, or is
shown as a formula to whoever refuses them. What the lines mean is read in the rooms.
"""

from __future__ import annotations

import csv
import io
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

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


class NotText(ValueError):
    """The file is in none of these encodings."""


class NotCsv(ValueError):
    """The file cannot be read as CSV from a line on; the heading is line 1."""

    def __init__(self, *, line: int) -> None:
        super().__init__(line)
        self.line = line


def csv_lines(*, content: bytes, encodings: Sequence[str]) -> list[Line]:
    """Read the heading and the lines of a CSV file that hold anything, by line number.

    Raises:
        NotText: it is in none of these encodings.
        NotCsv: it breaks off, or holds a NUL.

    """
    text = _decoded(content, encodings)
    before, nul, _ = text.partition("\0")
    if nul:
        raise NotCsv(line=before.count("\n") + 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [cell.strip() for cell in next(reader, [])]
        return [(1, heading), *((reader.line_num, cells) for cells in reader if any(cells))]
    except csv.Error as error:
        raise NotCsv(line=max(reader.line_num, 1)) from error


def _decoded(content: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotText


def is_workbook(*, content: bytes) -> bool:
    """Tell by its first bytes whether a file means to be a workbook."""
    return content.startswith(SIGNS)


def sheet_lines(*, content: bytes, most: int, show_formulas: bool = False) -> tuple[Line, ...]:
    """Read the lines of the first sheet that hold anything, by row number; `most` at most.

    The first line is the heading, and every line is as long as that or longer. A formula gives
    its saved value, or, if formulas are shown, a text that begins with "=".

    Raises:
        WorkbookRefused: it is broken, carries macros, or unpacks to too much.

    """
    _check(content)
    try:
        with warnings.catch_warnings():
            # What the library cannot keep (styles, drop-down lists) is of no use here.
            warnings.simplefilter("ignore", UserWarning)
            return tuple(islice(_lines(_rows(content, show_formulas)), most))
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


def _rows(content: bytes, show_formulas: bool) -> Iterator[tuple[Any, ...]]:  # noqa: FBT001 - private
    book = load_workbook(
        io.BytesIO(content),
        read_only=True,
        data_only=not show_formulas,
        keep_vba=False,
        keep_links=False,
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
    if isinstance(cell, ArrayFormula | DataTableFormula):
        return "="
    if isinstance(cell, datetime):
        # Workbooks count days; 08:00 may come back a few milliseconds short.
        return (cell + HALF_A_SECOND).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
