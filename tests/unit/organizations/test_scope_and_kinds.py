"""Scopes, kinds and the reading of files; no database."""

from __future__ import annotations

from datetime import date

import pytest

from wellbeing.organizations.rules import (
    ImportRefused,
    Known,
    NewOrganization,
    OrganizationKind,
    RowError,
    RowProblem,
    Scope,
    chain_kinds,
    check_rows,
    is_valid_on,
    path_ids,
    read_rows,
)

HEADING = "code,kind,parent_code,name_zh,name_en,region_group,valid_from,valid_to\n"
CITY = "900000,municipality,,虚构市,Invented City,,,\n"


def scope(*paths: str) -> Scope:
    return Scope(user_id=7, paths=paths, permissions=frozenset({"open_case"}))


def mistakes(text: str, known: dict[str, Known] | None = None) -> list[tuple[int, str, RowProblem]]:
    rows = read_rows(content=(HEADING + text).encode())
    return [(one.line, one.column, one.problem) for one in check_rows(rows=rows, known=known or {})]


@pytest.mark.parametrize("path", ["/1/4/", "/1/4/18/"])
def test_a_scope_covers_its_subtree(path: str):
    assert scope("/1/4/").covers(path)


@pytest.mark.parametrize("path", ["/1/41/", "/1/5/4/", "/1/"])
def test_a_scope_covers_no_neighbour_and_nothing_above(path: str):
    assert not scope("/1/4/").covers(path)


def test_a_scope_without_paths_covers_nothing():
    assert not scope().covers("/1/")


def test_a_scope_tells_what_its_reader_may_do():
    assert scope().may("open_case")
    assert not scope().may("supervise")


def test_a_school_answers_to_its_district_and_the_municipality():
    assert chain_kinds(kind=OrganizationKind.SCHOOL) == (
        OrganizationKind.DISTRICT,
        OrganizationKind.MUNICIPALITY,
    )


def test_a_university_has_no_district_above_it():
    assert chain_kinds(kind=OrganizationKind.UNIVERSITY) == (OrganizationKind.MUNICIPALITY,)


def test_a_path_names_the_highest_first():
    assert path_ids(path="/1/4/18/") == (1, 4, 18)


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2025, 11, 5)])
def test_the_last_day_of_a_district_still_counts(day: date):
    assert is_valid_on(day=day, valid_from=None, valid_to=date(2025, 11, 5))


@pytest.mark.parametrize("day", [date(2025, 11, 5), date(2025, 12, 1)])
def test_a_district_is_not_there_before_its_first_nor_after_its_last_day(day: date):
    assert not is_valid_on(day=day, valid_from=date(2025, 11, 6), valid_to=date(2025, 11, 30))


def test_a_row_is_read_with_its_dates():
    rows = read_rows(
        content=(HEADING + "CQ-LJ,district,900000,新区,New Area,core,2025-11-06,\n").encode()
    )

    assert rows[0].new == NewOrganization(
        code="CQ-LJ",
        kind=OrganizationKind.DISTRICT,
        parent_code="900000",
        name_zh="新区",
        name_en="New Area",
        region_group="core",
        valid_from=date(2025, 11, 6),
    )


def test_a_mark_at_the_beginning_of_the_file_is_fine():
    assert len(read_rows(content=b"\xef\xbb\xbf" + (HEADING + CITY).encode())) == 1


def test_a_parent_may_stand_below_its_children():
    assert mistakes("D1,district,900000,甲区,A,,,\n" + CITY) == []


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (",district,900000,甲区,A,,,", "code", RowProblem.MISSING),
        ("D1,district,900000,,A,,,", "name_zh", RowProblem.MISSING),
        ("D1,borough,900000,甲区,A,,,", "kind", RowProblem.UNKNOWN_KIND),
        ("D1,district,900000,甲区,A,,2025-02-30,", "valid_from", RowProblem.NOT_A_DATE),
        ("D1,district,900000,甲区,A,,2025-02-03,2025-02-02", "valid_to", RowProblem.ENDS_EARLY),
        ("D1,district,900000,甲\x07区,A,,,", "name_zh", RowProblem.UNPRINTABLE),
        (f"D1,district,900000,{'区' * 121},A,,,", "name_zh", RowProblem.TOO_LONG),
        ("D1,district,900000,甲区", "", RowProblem.CELLS),
        ("D1,district,nowhere,甲区,A,,,", "parent_code", RowProblem.UNKNOWN_PARENT),
        ("S1,school,900000,一中,A,,,", "parent_code", RowProblem.WRONG_PARENT),
        ("D1,district,,甲区,A,,,", "parent_code", RowProblem.WRONG_PARENT),
        ("900000,municipality,,又一市,A,,,", "code", RowProblem.TWICE),
        ("900001,municipality,,又一市,A,,,", "kind", RowProblem.SECOND_MUNICIPALITY),
    ],
)
def test_a_mistake_is_named_by_line_and_column(row: str, column: str, problem: RowProblem):
    assert mistakes(f"{CITY}{row}\n") == [(3, column, problem)]


def known(kind: OrganizationKind, parent: str | None) -> Known:
    return Known(id=1, path="/1/", kind=kind, parent_code=parent, details=())


def test_an_import_does_not_move_an_organization():
    standing = {
        "900000": known(OrganizationKind.MUNICIPALITY, None),
        "D1": known(OrganizationKind.DISTRICT, "900000"),
        "D2": known(OrganizationKind.DISTRICT, "900000"),
        "S1": known(OrganizationKind.SCHOOL, "D1"),
    }

    assert mistakes("S1,school,D2,一中,A,,,\n", standing) == [
        (2, "parent_code", RowProblem.OTHER_PARENT)
    ]


def test_an_import_does_not_turn_a_school_into_a_district():
    standing = {
        "900000": known(OrganizationKind.MUNICIPALITY, None),
        "S1": known(OrganizationKind.SCHOOL, "D1"),
    }

    assert mistakes("S1,district,900000,一中,A,,,\n", standing) == [
        (2, "kind", RowProblem.OTHER_KIND)
    ]


def test_a_file_in_another_encoding_is_refused_in_words():
    with pytest.raises(ImportRefused) as refused:
        read_rows(content=(HEADING + CITY).encode("gb18030"))

    assert refused.value.errors == (RowError(line=1, column="", problem=RowProblem.NOT_UTF8),)


def test_a_heading_names_its_missing_and_its_unknown_columns():
    heading = HEADING.replace("region_group", "region")

    with pytest.raises(ImportRefused) as refused:
        read_rows(content=heading.encode())

    assert refused.value.errors == (
        RowError(line=1, column="region_group", problem=RowProblem.MISSING_COLUMN),
        RowError(line=1, column="region", problem=RowProblem.UNKNOWN_COLUMN),
    )
