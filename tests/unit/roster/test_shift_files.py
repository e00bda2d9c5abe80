"""Files that are no files of shifts are refused before a line of them is believed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.roster.rules.imports import ShiftProblem, ShiftsRefused, read_shifts

HEADING = "organization_code,desk,username,starts_at,ends_at,position\n"


@pytest.mark.parametrize(
    ("content", "line", "column", "problem"),
    [
        (b"\xff\xfe", 1, "", ShiftProblem.NOT_UTF8),
        (HEADING.encode() + b'"open', 2, "", ShiftProblem.NOT_CSV),
        (HEADING.encode() + b"A,line,her\0n", 2, "", ShiftProblem.NOT_CSV),
        (HEADING.replace("desk,", "").encode(), 1, "desk", ShiftProblem.MISSING_COLUMN),
        (HEADING.replace("desk", "desk,mood").encode(), 1, "mood", ShiftProblem.UNKNOWN_COLUMN),
        (HEADING.replace("desk", "desk,desk").encode(), 1, "desk", ShiftProblem.COLUMN_TWICE),
        (HEADING.encode() + b"a,b,c,d,e,f\n" * 5_001, 5_002, "", ShiftProblem.TOO_MANY),
    ],
)
def test_what_is_no_file_of_shifts_is_refused(
    content: bytes, line: int, column: str, problem: ShiftProblem
):
    with pytest.raises(ShiftsRefused) as refusal:
        read_shifts(content=content)

    found = refusal.value.errors[0]
    assert (found.line, found.column, found.problem) == (line, column, problem)


def test_a_position_may_be_left_out():
    heading = HEADING.replace(",position", "")

    lines, errors = read_shifts(
        content=f"{heading}A,line,b,2026-12-01 08:00,2026-12-01 20:00\n".encode("utf-8-sig")
    )

    assert (lines[0].position, errors) == (1, ())


@pytest.mark.parametrize("position", ["0", "100", "-1", "1.5", "0099999999", "１", "=1+1"])
def test_a_position_out_of_range_is_named(position: str):
    row = f"A,line,b,2026-12-01 08:00,2026-12-01 20:00,{position}\n"

    lines, errors = read_shifts(content=(HEADING + row).encode())

    assert (lines, errors[0].problem) == ((), ShiftProblem.NOT_A_POSITION)


@given(content=st.binary(max_size=400))
def test_whatever_is_sent_is_read_or_refused(content: bytes):
    for one in (content, HEADING.encode() + content):
        with suppress(ShiftsRefused):
            lines, errors = read_shifts(content=one)
            assert {error.line for error in errors}.isdisjoint(line.line for line in lines)
