"""Files of contacts: what is understood, and what is refused by line and column."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.workbooks import make_workbook, rewritten
from wellbeing.cases.rules import contact_files
from wellbeing.cases.rules.contact_cells import HEADINGS, answers_of
from wellbeing.cases.rules.contact_files import ContactProblem, ContactsRefused
from wellbeing.contacts.rules.conversations import Channel, Disposition
from wellbeing.policy.model import RiskLevel

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
ANSWERS = answers_of(
    words={
        "channel": {"walk_in": ("当面", "In person"), "letter": ("来信", "By letter")},
        "language": {"zh": ("中文",), "en": ("英语",)},
        "ending": {"supported": ("倾听与支持",), "referred": ("转介",)},
        "caller_type": {"self": ("本人", "Self"), "parent": ("家长", "Parent")},
        "age_band": {"12-14": ("初中",)},
        "reasons": {"bullying": ("校园欺凌", "School bullying"), "sleep": ("睡眠", "Sleep, rest")},
        "level": {"1": ("LOW", "蓝", "Blue"), "4": ("IMMINENT", "红", "Red")},
    }
)
HEADING = "happened_at,channel,ending"
LINE = "2026-11-25 14:30,walk_in,supported"


def read(content: bytes | str, *, now: datetime = NOW) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return contact_files.read_contacts(content=raw, answers=ANSWERS, zone=ZONE, now=now)


def wrong(heading: str, line: str) -> list[tuple[int, str, ContactProblem]]:
    _, errors = read(f"{heading}\n{line}")
    return [(one.line, one.column, one.problem) for one in errors]


def refusal(content: bytes | str) -> list[tuple[int, str, ContactProblem]]:
    with pytest.raises(ContactsRefused) as refused:
        read(content)
    return [(one.line, one.column, one.problem) for one in refused.value.errors]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_files_are_read_as_spreadsheets_save_them(encoding: str):
    heading = "时间,方式,结果,来访者,来访原因,小结"
    text = f"{heading}\n2026/11/25 14:30,当面,转介,本人,校园欺凌、睡眠,他说“没事”"

    (line,), errors = read(text.encode(encoding))

    assert errors == ()
    assert line.cells.happened_at == datetime(2026, 11, 25, 14, 30, tzinfo=ZONE)
    assert (line.cells.channel, line.cells.ending) == (Channel.WALK_IN, Disposition.REFERRED)
    assert line.cells.facts.reasons == ("bullying", "sleep")
    assert line.cells.wrap_up == "他说“没事”"


def test_every_column_is_understood_by_its_key_and_both_its_names():
    for key, names in HEADINGS.items():
        assert {contact_files.column_of(typed=one.upper()) for one in (key, *names)} == {key}


def test_a_workbook_is_read_like_a_file_of_text():
    moment = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - workbooks know no zone
    content = make_workbook(
        ("时间", "方式", "结果", "时长（分钟）"), (moment, "来信", "转介", 40.0)
    )

    (line,), errors = read(content)

    assert errors == ()
    assert line.cells.minutes == 40
    assert line.cells.channel is Channel.LETTER


@pytest.mark.parametrize(
    ("columns", "cells", "column", "problem"),
    [
        ("", "", "happened_at", ContactProblem.MISSING),
        ("minutes", "1441", "minutes", ContactProblem.NOT_A_NUMBER),
        ("minutes", "-5", "minutes", ContactProblem.NOT_A_NUMBER),
        ("minutes", "９", "minutes", ContactProblem.NOT_A_NUMBER),
        ("distress_start", "101", "distress_start", ContactProblem.NOT_A_NUMBER),
        ("number", "12356", "number", ContactProblem.NOT_A_PHONE),
        ("caller_type", "ghost", "caller_type", ContactProblem.NOT_A_CHOICE),
        ("reasons", "school bullying;ghosts", "reasons", ContactProblem.NOT_A_CHOICE),
        ("level", "purple", "level", ContactProblem.NOT_A_CHOICE),
        ("level", "red", "level_note", ContactProblem.REASON_MISSING),
        ("case", "maybe", "case", ContactProblem.NOT_A_CHOICE),
        ("wrap_up", "x" * 4_001, "wrap_up", ContactProblem.TOO_LONG),
        ("wrap_up", "=1+1", "wrap_up", ContactProblem.FORMULA),
        ("wrap_up", "\"=cmd|' /C calc'!A0\"", "wrap_up", ContactProblem.FORMULA),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(
    columns: str, cells: str, column: str, problem: ContactProblem
):
    if not columns:
        found = wrong(HEADING, ",walk_in,supported")
    else:
        found = wrong(f"{HEADING},{columns}", f"{LINE},{cells}")

    assert found == [(2, column, problem)]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("yesterday", ContactProblem.NOT_A_TIME),
        ("2026-11-31 10:00", ContactProblem.NOT_A_TIME),
        ("0001-01-01T00:00+14:00", ContactProblem.TOO_LONG_AGO),
        ("2025-11-01 10:00", ContactProblem.TOO_LONG_AGO),
        ("2026-11-26 12:01", ContactProblem.NOT_YET),
    ],
)
def test_a_time_that_cannot_be_is_refused(typed: str, problem: ContactProblem):
    assert wrong(HEADING, f"{typed},walk_in,supported") == [(2, "happened_at", problem)]


def test_a_contact_that_would_end_in_the_future_is_refused():
    found = wrong(f"{HEADING},minutes", "2026-11-26 11:45,walk_in,supported,30")

    assert found == [(2, "happened_at", ContactProblem.NOT_YET)]


def test_a_case_needs_level_and_reason():
    found = wrong(f"{HEADING},case", f"{LINE},是")

    assert found == [
        (2, "level", ContactProblem.LEVEL_MISSING),
        (2, "level_note", ContactProblem.REASON_MISSING),
    ]


def test_level_case_and_reason_are_taken():
    (line,), errors = read(f"{HEADING},level,level_note,case\n{LINE},红,示例：站在楼顶,yes")

    assert errors == ()
    assert (line.cells.level, line.cells.opens_case) == (RiskLevel.IMMINENT, True)


def test_a_reason_whose_own_name_holds_a_comma_is_one_reason():
    (line,), errors = read(f'{HEADING},reasons\n{LINE},"Sleep, rest"')

    assert errors == ()
    assert line.cells.facts.reasons == ("sleep",)


def test_a_formula_in_a_workbook_is_refused_also_where_a_value_was_saved_with_it():
    content = make_workbook(tuple(HEADING.split(",")), ("2026-11-25 14:30", "walk_in", "=A1"))

    _, errors = read(content)

    assert [(one.line, one.column, one.problem) for one in errors] == [
        (2, "ending", ContactProblem.FORMULA)
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "problem"),
    [
        (b"\xff\xff\xff", 1, "", ContactProblem.NOT_TEXT),
        (b"", 1, "happened_at", ContactProblem.MISSING_COLUMN),
        (f"{HEADING}\n2026,\0walk_in,x".encode(), 2, "", ContactProblem.NOT_CSV),
        (f'{HEADING}\n"2026'.encode(), 2, "", ContactProblem.NOT_CSV),
        (f"{HEADING},姓名\n".encode(), 1, "姓名", ContactProblem.UNKNOWN_COLUMN),
        (f"{HEADING},方式\n{LINE},x".encode(), 1, "channel", ContactProblem.COLUMN_TWICE),
        (f"{HEADING}\n".encode(), 1, "", ContactProblem.EMPTY),
        (b"PK\x03\x04broken", 1, "", ContactProblem.NOT_XLSX),
        (b"x" * 180_001, 1, "", ContactProblem.TOO_LARGE_FILE),
        ("\n".join([HEADING, *([LINE] * 501)]).encode(), 502, "", ContactProblem.TOO_MANY),
    ],
    ids=[
        "no text", "empty", "nul", "open quote", "names", "column twice", "no contact",
        "broken workbook", "huge", "too many",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_as_a_whole(
    content: bytes, line: int, column: str, problem: ContactProblem
):
    assert (line, column, problem) in refusal(content)


def test_a_workbook_with_macros_is_refused():
    content = make_workbook(tuple(HEADING.split(",")), tuple(LINE.split(",")))

    found = refusal(rewritten(content=content, changes={"xl/vbaProject.bin": b"macro"}))

    assert found == [(1, "", ContactProblem.MACROS)]


def test_a_line_with_too_few_cells_is_named():
    assert wrong(HEADING, "2026-11-25 14:30,walk_in") == [(2, "", ContactProblem.CELLS)]


def test_the_same_line_twice_in_a_file_is_a_mistake():
    lines, errors = read(f"{HEADING}\n{LINE}\n{LINE}")

    assert errors == ()
    assert [(one.line, one.problem) for one in contact_files.doubles(lines=lines)] == [
        (3, ContactProblem.TWICE)
    ]


def test_a_line_is_known_again_whatever_else_the_file_holds():
    (alone,), _ = read(f"{HEADING}\n{LINE}")
    (_, again), _ = read(
        f"{HEADING},wrap_up\n2026-11-24 10:00,letter,referred,示例\n{LINE},", now=NOW + timedelta(1)
    )

    assert again.origin == alone.origin
