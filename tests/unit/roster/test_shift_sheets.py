"""A workbook of shifts is read as a CSV file would be; nothing in it is run."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from datetime import UTC, date, datetime, time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.workbooks import make_workbook, rewritten
from wellbeing.roster.rules.imports import ShiftProblem, ShiftsRefused, read_shifts

HEADING = ("organization_code", "desk", "username", "starts_at", "ends_at", "position")
MORNING, EVENING = datetime(2026, 12, 1, 8), datetime(2026, 12, 1, 20)  # noqa: DTZ001 - a cell has no zone
GOOD = (900000, "line", "heron", MORNING, EVENING, 1)
FIRST_SHEET = "xl/worksheets/sheet1.xml"
WHOLE = make_workbook(HEADING, GOOD)


def part(content: bytes, name: str = FIRST_SHEET) -> bytes:
    with ZipFile(io.BytesIO(content)) as file:
        return file.read(name)


def refusal(content: bytes) -> tuple[int, str, ShiftProblem]:
    with pytest.raises(ShiftsRefused) as refused:
        read_shifts(content=content)
    found = refused.value.errors[0]
    return found.line, found.column, found.problem


def test_date_cells_are_times_by_the_clocks_of_chongqing():
    lines, errors = read_shifts(content=make_workbook(HEADING, GOOD))

    assert errors == ()
    assert lines[0].starts_at == datetime(2026, 12, 1, 0, tzinfo=UTC)
    assert lines[0].ends_at == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert (lines[0].line, lines[0].organization_code, lines[0].position) == (2, "900000", 1)


def test_times_may_be_text_and_a_position_may_be_left_out():
    row = ("A", "line", "heron", "2026-12-01 08:00", "2026-12-01T20:00:00Z")

    lines, errors = read_shifts(content=make_workbook(HEADING[:-1], row))

    assert (lines[0].ends_at, errors) == (datetime(2026, 12, 1, 20, tzinfo=UTC), ())


def test_a_time_that_is_a_few_milliseconds_short_is_the_full_hour():
    short = datetime(2026, 12, 1, 7, 59, 59, 971000)  # noqa: DTZ001 - a cell has no zone

    lines, _ = read_shifts(content=make_workbook(HEADING, (*GOOD[:3], short, EVENING, 1)))

    assert lines[0].starts_at == datetime(2026, 12, 1, 0, tzinfo=UTC)


def test_mistakes_are_named_by_the_rows_of_the_sheet():
    content = make_workbook(
        HEADING,
        GOOD,
        (),
        (*GOOD[:3], time(8), EVENING, 1.5),
        (*GOOD[:3], MORNING, None, True),
        (*GOOD, "much ado"),
        (*GOOD[:3], date(2026, 12, 1), 46357.5, 2),
    )

    lines, errors = read_shifts(content=content)

    assert [one.line for one in lines] == [2]
    assert [(one.line, one.column, one.problem) for one in errors] == [
        (4, "starts_at", ShiftProblem.NOT_A_TIME),
        (4, "position", ShiftProblem.NOT_A_POSITION),
        (5, "ends_at", ShiftProblem.MISSING),
        (5, "position", ShiftProblem.NOT_A_POSITION),
        (6, "", ShiftProblem.CELLS),
        (7, "ends_at", ShiftProblem.NOT_A_TIME),
    ]


def test_a_formula_is_never_run_and_counts_as_the_value_saved_with_it():
    content = make_workbook(HEADING, (*GOOD[:2], "=LOWER(HERON)", *GOOD[3:]))
    saved = re.sub(
        rb'"C2"><f>(.+?)</f><v ?/?>(</v>)?',
        rb'"C2" t="str"><f>\1</f><v>heron</v>',
        part(content),
    )

    _, errors = read_shifts(content=content)
    lines, _ = read_shifts(content=rewritten(content=content, changes={FIRST_SHEET: saved}))

    assert [(one.column, one.problem) for one in errors] == [("username", ShiftProblem.MISSING)]
    assert lines[0].username == "heron"


def test_a_sheet_that_tells_a_wrong_size_is_read_to_its_end():
    content = make_workbook(HEADING, GOOD)
    small = part(content).replace(b'ref="A1:F2"', b'ref="A1"')

    lines, _ = read_shifts(content=rewritten(content=content, changes={FIRST_SHEET: small}))

    assert b'ref="A1"' in small
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("heading", "column", "problem"),
    [
        ((), "organization_code", ShiftProblem.MISSING_COLUMN),
        ((*HEADING, "mood"), "mood", ShiftProblem.UNKNOWN_COLUMN),
        ((*HEADING, "desk"), "desk", ShiftProblem.COLUMN_TWICE),
    ],
)
def test_a_heading_that_is_not_ours_is_refused(
    heading: tuple[str, ...], column: str, problem: ShiftProblem
):
    assert refusal(make_workbook(heading, GOOD)) == (1, column, problem)


def test_a_sheet_that_is_too_long_is_refused():
    content = make_workbook(HEADING, *[("A",)] * 5_001)

    assert refusal(content) == (5_002, "", ShiftProblem.TOO_MANY)


def test_a_workbook_with_macros_is_refused():
    content = make_workbook(HEADING, GOOD)

    macros = rewritten(content=content, changes={"xl/vbaProject.bin": b"Sub Auto_Open()"})

    assert refusal(macros) == (1, "", ShiftProblem.MACROS)


def test_a_workbook_that_would_fill_the_memory_is_refused():
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as bomb:
        bomb.writestr(FIRST_SHEET, b"0" * 32_000_001)

    assert refusal(file.getvalue()) == (1, "", ShiftProblem.TOO_LARGE)


@pytest.mark.parametrize(
    "content",
    [
        make_workbook(HEADING, GOOD)[:-200],
        make_workbook(HEADING, GOOD)[:2_000],
        rewritten(content=make_workbook(HEADING), changes={FIRST_SHEET: b"<worksheet><row"}),
        rewritten(content=make_workbook(HEADING), changes={"xl/workbook.xml": b"<html/>"}),
        rewritten(content=make_workbook(HEADING), changes={"[Content_Types].xml": b"<Types/>"}),
        b"PK\x05\x06" + b"\0" * 18,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504,
    ],
    ids=["cut", "half", "sheet", "book", "types", "empty", "old"],
)
def test_a_broken_or_locked_workbook_is_refused(content: bytes):
    assert refusal(content) == (1, "", ShiftProblem.NOT_XLSX)


@settings(deadline=None, max_examples=50)
@given(at=st.integers(0, 10_000), put=st.binary(min_size=1, max_size=8))
def test_however_a_workbook_is_damaged_it_is_read_or_refused(at: int, put: bytes):
    at %= len(WHOLE)

    with suppress(ShiftsRefused):
        read_shifts(content=WHOLE[:at] + put + WHOLE[at + len(put) :])


@settings(deadline=None, max_examples=50)
@given(sheet=st.text(st.sampled_from('<>/="0129AFZrctvsx &;'), max_size=80))
def test_whatever_a_sheet_says_it_is_read_or_refused(sheet: str):
    content = make_workbook(HEADING, GOOD)
    rows = part(content).replace(b"</sheetData>", sheet.encode() + b"</sheetData>")

    with suppress(ShiftsRefused):
        read_shifts(content=rewritten(content=content, changes={FIRST_SHEET: rows}))
