"""Who is on call, in which order, and what a roster refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.accounts import make_counselor, make_user
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.roster import make_shift
from wellbeing.accounts.operations import people as accounts
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import Scope
from wellbeing.roster import operations, queries
from wellbeing.roster.rules import (
    AlreadyOnCall,
    CannotBeOnCall,
    Interval,
    NoSuchDesk,
    NoSuchShift,
    OnCall,
    ShiftOver,
)

HOUR = timedelta(hours=1)


def on_line(city: City, *, at: timedelta = timedelta()) -> tuple[OnCall, ...]:
    return queries.on_call_at(organization_id=city.municipality.id, desk="line", at=NOW + at)


def scope_of(path: str) -> Scope:
    return Scope(user_id=0, paths=(path,), permissions=frozenset())


def test_people_on_call_are_named_in_the_order_of_calling(city: City):
    second, first = make_counselor(), make_counselor()
    make_shift(user_id=second, organization_id=city.municipality.id, position=2)
    make_shift(user_id=first, organization_id=city.municipality.id, position=1)

    found = on_line(city)

    assert found == (OnCall(user_id=first, position=1), OnCall(user_id=second, position=2))


def test_a_shift_counts_from_its_first_moment_until_just_before_its_last(city: City):
    person = make_counselor()
    make_shift(user_id=person, organization_id=city.municipality.id)

    found = [len(on_line(city, at=at)) for at in (-2.1 * HOUR, -2 * HOUR, 7.9 * HOUR, 8 * HOUR)]

    assert found == [0, 1, 1, 0]


def test_somebody_who_left_is_not_on_call(city: City):
    person = make_counselor()
    make_shift(user_id=person, organization_id=city.municipality.id)
    with transaction():
        accounts.disable_user(user_id=person, real_now=NOW)

    assert on_line(city) == ()
    assert queries.desks_covered(organization_id=city.municipality.id, at=NOW) == frozenset()


def test_another_desk_and_another_unit_are_not_mixed_up(city: City):
    person = make_counselor()
    make_shift(user_id=person, organization_id=city.municipality.id, desk="crisis")
    make_shift(user_id=person, organization_id=city.district.id)

    assert on_line(city) == ()
    assert queries.desks_of(user_id=person, at=NOW) == (
        (city.municipality.id, "crisis"),
        (city.district.id, "line"),
    )


def test_gaps_are_known_before_they_happen(city: City):
    person = make_counselor()
    make_shift(user_id=person, organization_id=city.municipality.id)
    ahead = Interval(starts_at=NOW, ends_at=NOW + 24 * HOUR)

    found = queries.gaps(organization_id=city.municipality.id, desk="line", within=ahead)

    assert found == (Interval(starts_at=NOW + 8 * HOUR, ends_at=NOW + 24 * HOUR),)


def test_a_desk_that_the_policy_does_not_know_at_this_tier_is_refused(city: City):
    person = make_counselor()

    with pytest.raises(NoSuchDesk):
        make_shift(user_id=person, organization_id=city.district.id, desk="director")


def test_a_school_counselor_cannot_be_put_on_the_desk_of_the_district(city: City):
    person = make_counselor(organization_id=city.school.id)

    with pytest.raises(CannotBeOnCall):
        make_shift(user_id=person, organization_id=city.district.id)


def test_a_principal_cannot_be_on_call(city: City):
    person = make_user(role=Role.PRINCIPAL, organization_id=city.school.id)

    with pytest.raises(CannotBeOnCall):
        make_shift(user_id=person, organization_id=city.school.id)


def test_nobody_is_on_one_desk_twice_at_the_same_time(city: City):
    person = make_counselor()
    make_shift(user_id=person, organization_id=city.municipality.id)

    with pytest.raises(AlreadyOnCall):
        make_shift(user_id=person, organization_id=city.municipality.id, starts_at=NOW + 7 * HOUR)


def test_a_running_shift_ends_now_and_stays_known(city: City):
    person = make_counselor()
    shift_id = make_shift(user_id=person, organization_id=city.municipality.id)
    scope = scope_of(city.municipality.path)

    with transaction():
        operations.remove_shift(shift_id=shift_id, scope=scope, now=NOW)

    assert on_line(city) == ()
    assert queries.shift(shift_id=shift_id, scope=scope).ends_at == NOW


def test_a_shift_to_come_is_taken_off_the_roster(city: City):
    person = make_counselor()
    shift_id = make_shift(
        user_id=person, organization_id=city.municipality.id, starts_at=NOW + HOUR
    )
    scope = scope_of(city.municipality.path)

    with transaction():
        operations.remove_shift(shift_id=shift_id, scope=scope, now=NOW)

    ahead = Interval(starts_at=NOW, ends_at=NOW + 24 * HOUR)
    assert queries.shifts_between(scope=scope, within=ahead) == ()


def test_a_past_shift_cannot_be_removed(city: City):
    person = make_counselor()
    shift_id = make_shift(user_id=person, organization_id=city.municipality.id)
    scope = scope_of(city.municipality.path)

    with pytest.raises(ShiftOver), transaction():
        operations.remove_shift(shift_id=shift_id, scope=scope, now=NOW + 9 * HOUR)


def test_the_roster_of_another_district_is_neither_listed_nor_changed(city: City):
    person = make_counselor()
    shift_id = make_shift(user_id=person, organization_id=city.district.id)
    stranger = scope_of(city.other_district.path)
    ahead = Interval(starts_at=NOW, ends_at=NOW + 24 * HOUR)

    listed = queries.shifts_between(scope=stranger, within=ahead)

    assert listed == ()
    with pytest.raises(NoSuchShift), transaction():
        operations.remove_shift(shift_id=shift_id, scope=stranger, now=NOW)
