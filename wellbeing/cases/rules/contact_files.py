"""How a file of contacts made elsewhere is read: every mistake by line and column. Pure.

What a school keeps in its own book comes as CSV or .xlsx, its headings and its answers in Chinese,
in English or as keys. What stands already is compared in `operations.contact_files`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.cases.rules.contact_cells import COLUMNS, NEEDED, Answers, Cells, column_of, parsed
from wellbeing.foundation import sheets
from wellbeing.foundation.errors import DomainError
from wellbeing.foundation.sheets import (
    HasMacros,
    Line,
    NotAWorkbook,
    NotCsv,
    NotText,
    UnpacksTooLarge,
    WorkbookRefused,
)

MOST_ROWS = 500
MOST_BYTES = 180_000
"""Hundreds of contacts with long notes; a larger file is a mistake or an attack."""
ENCODINGS = ("utf-8-sig", "gb18030")
"""As spreadsheets in China save CSV; GB18030 holds GBK and GB2312."""


class ContactProblem(StrEnum):
    """What is wrong with a cell or a file, as a sentence for whoever edits the file."""

    TOO_LARGE_FILE = "The file is larger than 180 KB; cut it into several."
    NOT_TEXT = "The file is neither UTF-8 nor GBK; save it as CSV UTF-8 or as .xlsx."
    NOT_CSV = "The file cannot be read as CSV from this line on."
    NOT_XLSX = "The workbook cannot be read; save it as .xlsx without a password."
    MACROS = "The workbook has macros; save it as .xlsx without them."
    TOO_LARGE = "The workbook unpacks to more than 32 MB; keep nothing but the contacts in it."
    TOO_MANY = "The file has more than 500 contacts; cut it into several."
    EMPTY = "The file holds no contact."
    MISSING_COLUMN = "The file has no such column."
    UNKNOWN_COLUMN = "The file has a column that means nothing here."
    COLUMN_TWICE = "The file has this column twice."
    CELLS = "This line has more or fewer cells than the heading."
    FORMULA = "This cell holds a formula; write its value instead."
    MISSING = "This cell must not be empty."
    NOT_A_TIME = "This is not a time like 2026-11-20 14:30."
    NOT_YET = "This time has not come yet."
    TOO_LONG_AGO = "This is more than a year ago."
    NOT_A_NUMBER = "This is not a whole number that can be here."
    NOT_A_PHONE = "This is not a phone number that can be dialled."
    NOT_A_CHOICE = "This is none of the possible answers."
    TOO_LONG = "This is too long; please shorten it to 4,000 characters."
    REASON_MISSING = "A level or a case needs a reason beside it."
    LEVEL_MISSING = "A case needs a level."
    UNKNOWN_UNIT = "There is no such unit among yours."
    TWICE = "This very contact stands on another line."


REFUSALS: dict[type[WorkbookRefused], ContactProblem] = {
    NotAWorkbook: ContactProblem.NOT_XLSX,
    HasMacros: ContactProblem.MACROS,
    UnpacksTooLarge: ContactProblem.TOO_LARGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactError:
    """One mistake of a file, by line (the heading is line 1) and column."""

    line: int
    column: str
    problem: ContactProblem


class ContactsRefused(DomainError):
    """The file has mistakes, so nothing of it was taken over."""

    def __init__(self, *, errors: Sequence[ContactError]) -> None:
        super().__init__()
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """One line whose cells can be read; `origin` is the same whenever the same line comes."""

    line: int
    origin: str
    cells: Cells


def read_contacts(
    *, content: bytes, answers: Answers, zone: ZoneInfo, now: datetime
) -> tuple[tuple[ContactLine, ...], tuple[ContactError, ...]]:
    """Read a CSV file (UTF-8 or GBK) or a workbook; times are the zone's unless they say so.

    Raises:
        ContactsRefused: the file is neither, too long, or its heading is not ours.

    """
    if len(content) > MOST_BYTES:
        raise _refused(1, ContactProblem.TOO_LARGE_FILE)
    is_workbook = sheets.is_workbook(content=content)
    (_, typed), *lines = _sheet(content) if is_workbook else _csv(content)
    heading = [column_of(typed=one) for one in typed]
    mistakes = tuple(_heading_errors(typed, heading))
    if mistakes:
        raise ContactsRefused(errors=mistakes)
    if not lines:
        raise _refused(1, ContactProblem.EMPTY)
    if len(lines) > MOST_ROWS:
        raise _refused(MOST_ROWS + 2, ContactProblem.TOO_MANY)
    return _read(heading, lines, _Reading(answers=answers, zone=zone, now=now))


def doubles(*, lines: Iterable[ContactLine]) -> tuple[ContactError, ...]:
    """List the lines that say word for word what an earlier one says."""
    seen: set[str] = set()
    errors: list[ContactError] = []
    for one in lines:
        if one.origin in seen:
            errors.append(ContactError(line=one.line, column="", problem=ContactProblem.TWICE))
        seen.add(one.origin)
    return tuple(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    answers: Answers
    zone: ZoneInfo
    now: datetime


def _csv(content: bytes) -> list[Line]:
    try:
        return sheets.csv_lines(content=content, encodings=ENCODINGS)
    except NotText as error:
        raise _refused(1, ContactProblem.NOT_TEXT) from error
    except NotCsv as error:
        raise _refused(error.line, ContactProblem.NOT_CSV) from error


def _sheet(content: bytes) -> list[Line]:
    try:
        lines = sheets.sheet_lines(content=content, most=MOST_ROWS + 2, show_formulas=True)
    except WorkbookRefused as error:
        raise _refused(1, REFUSALS[type(error)]) from error
    return list(lines) or [(1, [])]


def _refused(line: int, problem: ContactProblem) -> ContactsRefused:
    return ContactsRefused(errors=(ContactError(line=line, column="", problem=problem),))


def _heading_errors(typed: Sequence[str], heading: Sequence[str]) -> Iterator[ContactError]:
    for column in NEEDED:
        if column not in heading:
            yield ContactError(line=1, column=column, problem=ContactProblem.MISSING_COLUMN)
    for place, column in enumerate(heading):
        if column not in COLUMNS:
            shown = typed[place][:40]
            yield ContactError(line=1, column=shown, problem=ContactProblem.UNKNOWN_COLUMN)
        elif column in heading[:place]:
            yield ContactError(line=1, column=column, problem=ContactProblem.COLUMN_TWICE)


def _read(
    heading: Sequence[str], rows: Iterable[Line], reading: _Reading
) -> tuple[tuple[ContactLine, ...], tuple[ContactError, ...]]:
    lines: list[ContactLine] = []
    errors: list[ContactError] = []
    for number, typed in rows:
        if len(typed) != len(heading):
            errors.append(ContactError(line=number, column="", problem=ContactProblem.CELLS))
            continue
        row = dict(zip(heading, (cell.strip() for cell in typed), strict=True))
        cells, wrong = _parsed(row, reading)
        errors += [
            ContactError(line=number, column=column, problem=ContactProblem[name])
            for column, name in wrong
        ]
        if cells is not None:
            lines.append(ContactLine(line=number, origin=_origin(row), cells=cells))
    return tuple(lines), tuple(errors)


def _parsed(
    row: Mapping[str, str], reading: _Reading
) -> tuple[Cells | None, list[tuple[str, str]]]:
    formulas = [(column, "FORMULA") for column, cell in row.items() if cell.startswith("=")]
    if formulas:
        return None, formulas
    return parsed(row=row, answers=reading.answers, zone=reading.zone, now=reading.now)


def _origin(row: Mapping[str, str]) -> str:
    said = {column: cell for column, cell in row.items() if cell}
    return "file:" + json.dumps(said, ensure_ascii=False, sort_keys=True)
