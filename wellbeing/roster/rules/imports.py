"""How a file of shifts is read: every mistake by line and column, nothing taken over by halves.

Pure; what stands already is compared in `operations.imports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

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
from wellbeing.roster.rules.rotations import DEFAULT_ZONE
from wellbeing.roster.rules.shifts import LAST_POSITION, NotAnInterval, check_interval

COLUMNS = ("organization_code", "desk", "username", "starts_at", "ends_at", "position")
NEEDED = COLUMNS[:-1]
MOST_ROWS = 5_000


class ShiftProblem(StrEnum):
    """What is wrong with a cell, as a sentence for whoever edits the file."""

    NOT_UTF8 = "The file is not UTF-8; save it as CSV UTF-8."
    NOT_CSV = "The file cannot be read as CSV from this line on."
    NOT_XLSX = "The workbook cannot be read; save it as .xlsx without a password."
    MACROS = "The workbook has macros; save it as .xlsx without them."
    TOO_LARGE = "The workbook unpacks to more than 32 MB; keep nothing but the shifts in it."
    TOO_MANY = "The file has more than 5000 lines; cut it into several."
    MISSING_COLUMN = "The file has no such column."
    UNKNOWN_COLUMN = "The file has a column that means nothing here."
    COLUMN_TWICE = "The file has this column twice."
    CELLS = "This line has more or fewer cells than the heading."
    MISSING = "This cell must not be empty."
    NOT_A_TIME = "This is not a time like 2026-12-01 08:00."
    NOT_AN_INTERVAL = "A shift ends after it begins, and within 400 days."
    NOT_A_POSITION = "This is not a number from 1 to 99."
    UNKNOWN_UNIT = "There is no such unit among yours."
    UNKNOWN_DESK = "This unit has no such desk."
    UNKNOWN_PERSON = "Nobody has this user name."
    CANNOT = "This person cannot be put on this desk."
    OVERLAPS_LINE = "This person is on this desk at that time on another line."
    OVERLAPS_SHIFT = "This person is on this desk at that time already."
    OVER = "This time is over; who was on call then stays known."


REFUSALS: dict[type[WorkbookRefused], ShiftProblem] = {
    NotAWorkbook: ShiftProblem.NOT_XLSX,
    HasMacros: ShiftProblem.MACROS,
    UnpacksTooLarge: ShiftProblem.TOO_LARGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftError:
    """One mistake of a file, by line (the heading is line 1) and column."""

    line: int
    column: str
    problem: ShiftProblem


class ShiftsRefused(DomainError):
    """The file has mistakes, so nothing of it was taken over."""

    def __init__(self, *, errors: Sequence[ShiftError]) -> None:
        super().__init__()
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftsImported:
    """What an import did, or would do."""

    added: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """One line whose cells can be read."""

    line: int
    organization_code: str
    desk: str
    username: str
    starts_at: datetime
    ends_at: datetime
    position: int


def read_shifts(*, content: bytes) -> tuple[tuple[ShiftLine, ...], tuple[ShiftError, ...]]:
    """Read a CSV file (UTF-8) or a workbook (.xlsx); times are Chongqing's unless they say so.

    Raises:
        ShiftsRefused: the file is neither, too long, or its heading is not ours.

    """
    is_workbook = sheets.is_workbook(content=content)
    (_, heading), *lines = _sheet(content) if is_workbook else _csv(content)
    mistakes = tuple(_heading_errors(heading))
    if mistakes:
        raise ShiftsRefused(errors=mistakes)
    if len(lines) > MOST_ROWS:
        raise _refused(MOST_ROWS + 2, ShiftProblem.TOO_MANY)
    return _read(heading, lines)


def doubles(*, lines: Iterable[ShiftLine]) -> tuple[ShiftError, ...]:
    """List the lines that put somebody on a desk at a time at which an earlier one does."""
    seen: dict[tuple[str, str, str], list[ShiftLine]] = {}
    errors: list[ShiftError] = []
    for one in lines:
        others = seen.setdefault((one.organization_code, one.desk, one.username), [])
        if any(one.starts_at < other.ends_at and other.starts_at < one.ends_at for other in others):
            errors.append(
                ShiftError(line=one.line, column="starts_at", problem=ShiftProblem.OVERLAPS_LINE)
            )
        others.append(one)
    return tuple(errors)


def _csv(content: bytes) -> list[Line]:
    try:
        return sheets.csv_lines(content=content, encodings=["utf-8-sig"])
    except NotText as error:
        raise _refused(1, ShiftProblem.NOT_UTF8) from error
    except NotCsv as error:
        raise _refused(error.line, ShiftProblem.NOT_CSV) from error


def _sheet(content: bytes) -> list[Line]:
    try:
        lines = sheets.sheet_lines(content=content, most=MOST_ROWS + 2)
    except WorkbookRefused as error:
        raise _refused(1, REFUSALS[type(error)]) from error
    return list(lines) or [(1, [])]


def _refused(line: int, problem: ShiftProblem) -> ShiftsRefused:
    return ShiftsRefused(errors=(ShiftError(line=line, column="", problem=problem),))


def _heading_errors(heading: list[str]) -> Iterator[ShiftError]:
    for column in NEEDED:
        if column not in heading:
            yield ShiftError(line=1, column=column, problem=ShiftProblem.MISSING_COLUMN)
    for place, column in enumerate(heading):
        if column not in COLUMNS:
            yield ShiftError(line=1, column=column, problem=ShiftProblem.UNKNOWN_COLUMN)
        elif column in heading[:place]:
            yield ShiftError(line=1, column=column, problem=ShiftProblem.COLUMN_TWICE)


def _read(
    heading: list[str], rows: Iterable[Line]
) -> tuple[tuple[ShiftLine, ...], tuple[ShiftError, ...]]:
    lines: list[ShiftLine] = []
    errors: list[ShiftError] = []
    for number, cells in rows:
        if len(cells) != len(heading):
            errors.append(ShiftError(line=number, column="", problem=ShiftProblem.CELLS))
            continue
        row = dict(zip(heading, (cell.strip() for cell in cells), strict=True))
        found = [
            ShiftError(line=number, column=column, problem=problem)
            for column, problem in _cell_errors(row)
        ]
        errors += found
        if not found:
            lines.append(_line(number, row))
    return tuple(lines), tuple(errors)


def _cell_errors(row: Mapping[str, str]) -> Iterator[tuple[str, ShiftProblem]]:
    for column in NEEDED:
        if not row[column]:
            yield column, ShiftProblem.MISSING
    times = [column for column in ("starts_at", "ends_at") if row[column]]
    wrong = [column for column in times if _time(row[column]) is None]
    yield from ((column, ShiftProblem.NOT_A_TIME) for column in wrong)
    if len(times) == len(("starts_at", "ends_at")) and not wrong:
        yield from _order_errors(row)
    if _position(row) is None:
        yield "position", ShiftProblem.NOT_A_POSITION


def _order_errors(row: Mapping[str, str]) -> Iterator[tuple[str, ShiftProblem]]:
    line = (_time(row["starts_at"]), _time(row["ends_at"]))
    try:
        check_interval(starts_at=_known(line[0]), ends_at=_known(line[1]))
    except NotAnInterval:
        yield "ends_at", ShiftProblem.NOT_AN_INTERVAL


def _line(number: int, row: Mapping[str, str]) -> ShiftLine:
    return ShiftLine(
        line=number,
        organization_code=row["organization_code"],
        desk=row["desk"],
        username=row["username"],
        starts_at=_known(_time(row["starts_at"])),
        ends_at=_known(_time(row["ends_at"])),
        position=_position(row) or 1,
    )


def _time(cell: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(DEFAULT_ZONE))


def _known(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("a checked cell holds a time")
    return moment


def _position(row: Mapping[str, str]) -> int | None:
    cell = row.get("position") or "1"
    if not (cell.isascii() and cell.isdigit()) or len(cell) > len(str(LAST_POSITION)):
        return None
    return int(cell) or None
