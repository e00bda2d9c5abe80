"""The tree of organizations on both databases: adding, importing, asking."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.moments import NOW
from tests.factories.organizations import make_city, make_organization
from wellbeing.foundation.database import transaction
from wellbeing.organizations import operations, queries
from wellbeing.organizations.rules import (
    CodeTaken,
    ImportRefused,
    ImportResult,
    NoSuchOrganization,
    OrganizationKind,
    RowError,
    RowProblem,
    Scope,
    SecondMunicipality,
    WrongParent,
)
from wellbeing.policy.model import Tier

DISTRICTS = Path(__file__).parents[3] / "config" / "organizations" / "chongqing.csv"
HEADING = "code,kind,parent_code,name_zh,name_en,region_group,valid_from,valid_to\n"
CITY = "900000,municipality,,虚构市,Invented City,,,\nD1,district,900000,甲区,A,,,\n"


def scope(*paths: str) -> Scope:
    return Scope(user_id=1, paths=paths, permissions=frozenset())


def imported(path: Path, text: str) -> ImportResult:
    path.write_text(HEADING + text, encoding="utf-8")
    with transaction():
        return operations.import_organizations(path=path, now=NOW)


def test_a_path_leads_from_the_root_to_the_organization(database: Flask):
    city = make_city()

    assert city.school.path == f"/{city.municipality.id}/{city.district.id}/{city.school.id}/"
    assert city.school.tier is Tier.SCHOOL


def test_the_chain_above_a_school_is_its_district_then_the_municipality(database: Flask):
    city = make_city()

    chain = queries.chain_above(organization_id=city.school.id)

    assert [one.code for one in chain] == ["900101", "900000"]


def test_above_a_university_is_only_the_municipality(database: Flask):
    city = make_city()

    chain = queries.chain_above(organization_id=city.university.id)

    assert [one.code for one in chain] == ["900000"]


def test_above_the_municipality_is_nobody(database: Flask):
    city = make_city()

    assert queries.chain_above(organization_id=city.municipality.id) == ()


def test_a_reader_lists_their_subtree_page_by_page(database: Flask):
    city = make_city()
    reader = scope(city.district.path)

    first = queries.list_within(scope=reader, limit=1)
    second = queries.list_within(scope=reader, after_id=first[0].id, limit=5)

    assert [one.code for one in (*first, *second)] == ["900101", "S1"]


def test_a_reader_without_a_path_lists_nothing(database: Flask):
    make_city()

    assert queries.list_within(scope=scope(), limit=5) == ()


def test_a_subtree_holds_itself_and_what_is_under_it(database: Flask):
    city = make_city()

    assert queries.subtree_ids(path=city.district.path) == (city.district.id, city.school.id)


def test_a_code_is_given_once(database: Flask):
    make_organization()

    with pytest.raises(CodeTaken):
        make_organization()


def test_there_is_one_municipality(database: Flask):
    make_organization()

    with pytest.raises(SecondMunicipality):
        make_organization(code="900001")


def test_a_school_cannot_hang_under_the_municipality(database: Flask):
    make_organization()

    with pytest.raises(WrongParent):
        make_organization(code="S1", kind=OrganizationKind.SCHOOL, parent_code="900000")


def test_an_unknown_organization_is_not_found(database: Flask):
    with pytest.raises(NoSuchOrganization):
        queries.get(organization_id=4711)


def test_the_districts_of_the_city_are_imported_with_their_dates(database: Flask):
    with transaction():
        result = operations.import_districts(path=DISTRICTS, now=NOW)
    city = queries.municipality()
    before = queries.children(organization_id=city.id, on=date(2025, 11, 5))
    after = queries.children(organization_id=city.id, on=date(2025, 11, 6))

    assert result == ImportResult(added=42, updated=0, unchanged=0)
    assert (len(before), len(after)) == (40, 39)
    assert {one.name_zh for one in before} - {one.name_zh for one in after} == {"江北区", "渝北区"}
    assert {one.name_zh for one in after} - {one.name_zh for one in before} == {"两江新区"}


def test_an_import_done_twice_is_as_done_once(database: Flask):
    with transaction():
        operations.import_districts(path=DISTRICTS, now=NOW)

    with transaction():
        again = operations.import_districts(path=DISTRICTS, now=NOW)

    assert again == ImportResult(added=0, updated=0, unchanged=42)


def test_a_changed_name_is_taken_over(database: Flask, tmp_path: Path):
    imported(tmp_path / "city.csv", CITY)

    result = imported(tmp_path / "city.csv", CITY.replace("甲区", "甲新区"))

    assert result == ImportResult(added=0, updated=1, unchanged=1)
    assert queries.by_code(code="D1").name_zh == "甲新区"


def test_one_bad_row_changes_nothing(database: Flask, tmp_path: Path):
    with pytest.raises(ImportRefused) as refused:
        imported(tmp_path / "city.csv", f"{CITY}S1,school,D9,一中,School 1,,,\n")

    assert refused.value.errors == (
        RowError(line=4, column="parent_code", problem=RowProblem.UNKNOWN_PARENT),
    )
    with pytest.raises(NoSuchOrganization):
        queries.by_code(code="D1")


def test_a_school_in_the_file_of_districts_is_a_mistake(database: Flask, tmp_path: Path):
    path = tmp_path / "districts.csv"
    path.write_text(f"{HEADING}{CITY}S1,school,D1,一中,School 1,,,\n", encoding="utf-8")

    with pytest.raises(ImportRefused) as refused, transaction():
        operations.import_districts(path=path, now=NOW)

    assert refused.value.errors == (
        RowError(line=4, column="kind", problem=RowProblem.UNKNOWN_KIND),
    )


def test_a_whole_city_of_schools_is_imported_in_batches(database: Flask, tmp_path: Path):
    schools = "".join(f"S{one},school,D1,虚构{one}中,School {one},,,\n" for one in range(2_500))
    path = tmp_path / "city.csv"
    path.write_text(HEADING + CITY + schools, encoding="utf-8")
    told: list[tuple[int, int]] = []

    with transaction():
        result = operations.import_organizations(
            path=path, now=NOW, progress=lambda done, total: told.append((done, total))
        )

    district, last = queries.by_code(code="D1"), queries.by_code(code="S2499")
    assert result == ImportResult(added=2_502, updated=0, unchanged=0)
    assert told[-1] == (2_502, 2_502)
    assert len(told) > 3
    assert last.path == f"{district.path}{last.id}/"
