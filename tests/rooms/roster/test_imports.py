"""Shifts from a file: all of them or none, and twice is as once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.roster import EVERYWHERE, make_shift
from tests.factories.workbooks import make_workbook
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import Scope
from wellbeing.roster import queries
from wellbeing.roster.operations.imports import import_shifts
from wellbeing.roster.rules import Interval, ShiftRow
from wellbeing.roster.rules.imports import ShiftProblem, ShiftsImported, ShiftsRefused

HEADING = "organization_code,desk,username,starts_at,ends_at,position\n"
GOOD = "900000,line,heron,2026-12-01 08:00,2026-12-01 20:00,1\n"


def take(*lines: str, is_dry: bool = False, scope: Scope = EVERYWHERE) -> ShiftsImported:
    return take_file((HEADING + "".join(lines)).encode(), is_dry=is_dry, scope=scope)


def take_file(content: bytes, *, is_dry: bool = False, scope: Scope = EVERYWHERE) -> ShiftsImported:
    with transaction():
        return import_shifts(content=content, scope=scope, by=None, is_dry=is_dry, now=NOW)


def refused(*lines: str, scope: Scope = EVERYWHERE) -> list[tuple[int, str, ShiftProblem]]:
    with pytest.raises(ShiftsRefused) as refusal:
        take(*lines, scope=scope)
    return [(one.line, one.column, one.problem) for one in refusal.value.errors]


def shifts() -> tuple[ShiftRow, ...]:
    within = Interval(starts_at=NOW, ends_at=NOW + timedelta(days=60))
    return queries.shifts_between(scope=EVERYWHERE, within=within)


@pytest.fixture
def heron(city: City) -> int:
    return make_counselor(username="heron")


def test_a_file_puts_people_on_desks_by_the_clocks_of_chongqing(city: City, heron: int):
    result = take(GOOD, "900000,crisis,heron,2026-12-01T08:00:00Z,2026-12-01T20:00:00Z,2\n")

    (line, crisis) = sorted(shifts(), key=lambda one: one.position)
    assert result == ShiftsImported(added=2, unchanged=0)
    assert (line.user_id, line.desk) == (heron, "line")
    assert line.starts_at == datetime(2026, 12, 1, 0, tzinfo=UTC)
    assert crisis.starts_at == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_the_same_file_twice_makes_no_doubles(heron: int):
    take(GOOD)

    again = take(GOOD)

    assert again == ShiftsImported(added=0, unchanged=1)
    assert len(shifts()) == 1


def test_a_workbook_is_taken_over_as_the_same_csv_file_would_be(heron: int):
    day = datetime(2026, 12, 1)  # noqa: DTZ001 - a cell has no zone
    row = (900000, "line", "heron", day.replace(hour=8), day.replace(hour=20), 1)

    first = take_file(make_workbook(tuple(HEADING.strip().split(",")), row))
    as_csv = take(GOOD)

    assert first == ShiftsImported(added=1, unchanged=0)
    assert as_csv == ShiftsImported(added=0, unchanged=1)
    assert shifts()[0].starts_at == datetime(2026, 12, 1, 0, tzinfo=UTC)


def test_a_workbook_with_a_mistake_is_refused_as_a_whole(heron: int):
    heading = tuple(HEADING.strip().split(","))
    good = ("900000", "line", "heron", "2026-12-01 08:00", "2026-12-01 20:00", 1)

    with pytest.raises(ShiftsRefused) as refusal:
        take_file(make_workbook(heading, good, (*good[:2], "nobody", *good[3:])))

    found = [(one.line, one.column, one.problem) for one in refusal.value.errors]
    assert found == [(3, "username", ShiftProblem.UNKNOWN_PERSON)]
    assert shifts() == ()


def test_a_dry_run_tells_and_changes_nothing(heron: int):
    result = take(GOOD, is_dry=True)

    assert result == ShiftsImported(added=1, unchanged=0)
    assert shifts() == ()


def test_one_bad_line_refuses_the_whole_file_and_every_mistake_is_named(heron: int):
    found = refused(
        GOOD,
        "nowhere,line,heron,2026-12-02 08:00,2026-12-02 20:00,1\n",
        "900000,lighthouse,heron,2026-12-02 08:00,2026-12-02 20:00,1\n",
        "900000,line,nobody,2026-12-02 08:00,2026-12-02 20:00,1\n",
        "900000,line,heron,tomorrow,2026-12-02 20:00,0\n",
        "900000,line,,2026-12-02 20:00,2026-12-02 08:00,1\n",
        "900000,line,heron\n",
        "900000,line,heron,2026-12-01 19:00,2026-12-01 22:00,1\n",
        "900000,line,heron,2026-01-01 08:00,2026-01-01 20:00,1\n",
    )

    assert found == [
        (3, "organization_code", ShiftProblem.UNKNOWN_UNIT),
        (4, "desk", ShiftProblem.UNKNOWN_DESK),
        (5, "username", ShiftProblem.UNKNOWN_PERSON),
        (6, "position", ShiftProblem.NOT_A_POSITION),
        (6, "starts_at", ShiftProblem.NOT_A_TIME),
        (7, "ends_at", ShiftProblem.NOT_AN_INTERVAL),
        (7, "username", ShiftProblem.MISSING),
        (8, "", ShiftProblem.CELLS),
        (9, "starts_at", ShiftProblem.OVERLAPS_LINE),
        (10, "ends_at", ShiftProblem.OVER),
    ]
    assert shifts() == ()


def test_a_shift_that_stands_otherwise_is_named(city: City, heron: int):
    make_shift(
        user_id=heron,
        organization_id=city.municipality.id,
        starts_at=datetime(2026, 12, 1, 2, tzinfo=UTC),
        ends_at=datetime(2026, 12, 1, 4, tzinfo=UTC),
    )

    assert refused(GOOD) == [(2, "starts_at", ShiftProblem.OVERLAPS_SHIFT)]


def test_a_unit_that_is_not_the_readers_does_not_exist_for_them(city: City, heron: int):
    district = Scope(user_id=0, paths=(city.district.path,), permissions=frozenset())

    assert refused(GOOD, scope=district) == [(2, "organization_code", ShiftProblem.UNKNOWN_UNIT)]


def test_somebody_from_elsewhere_is_not_put_on_a_desk(city: City):
    make_counselor(username="heron", organization_id=city.school.id)

    assert refused(GOOD) == [(2, "username", ShiftProblem.CANNOT)]
