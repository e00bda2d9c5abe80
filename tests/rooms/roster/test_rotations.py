"""Rotations become shifts, some weeks ahead; what is over stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.roster import EVERYWHERE, make_override, make_rotation, make_shift
from wellbeing.accounts.operations import people as accounts
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import NoSuchOrganization, Scope
from wellbeing.roster import operations, queries
from wellbeing.roster.operations import rotations
from wellbeing.roster.queries import rotations as rotation_queries
from wellbeing.roster.rules import CannotBeOnCall, FromRotation, Interval, NoSuchDesk, ShiftRow
from wellbeing.roster.rules.rotations import EndsBeforeItBegins, NoSuchRotation

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 11, 23)


def stranger(city: City) -> Scope:
    return Scope(user_id=0, paths=(city.other_district.path,), permissions=frozenset())


def shifts(*, days: int = 60, after: timedelta = timedelta()) -> tuple[ShiftRow, ...]:
    within = Interval(starts_at=NOW + after, ends_at=NOW + timedelta(days=days))
    return queries.shifts_between(scope=EVERYWHERE, within=within)


def on_line(city: City, *, at: timedelta) -> list[int]:
    found = queries.on_call_at(organization_id=city.municipality.id, desk="line", at=NOW + at)
    return [one.user_id for one in found]


def test_a_rotation_puts_people_on_call_in_turn(city: City):
    first, second = make_counselor(), make_counselor()

    make_rotation(people=(first, second))

    assert [on_line(city, at=at) for at in (0 * DAY, DAY, 2 * DAY)] == [[first], [second], [first]]


def test_a_rotation_covers_its_desk_five_weeks_ahead(city: City):
    make_rotation(people=(make_counselor(),))
    ahead = Interval(starts_at=NOW, ends_at=NOW + timedelta(days=35))

    assert queries.gaps(organization_id=city.municipality.id, desk="line", within=ahead) == ()


def test_writing_it_again_changes_nothing(city: City):
    rotation_id = make_rotation(people=(make_counselor(), make_counselor()))
    before = shifts()

    with transaction():
        changed = rotations.advance(rotation_id, now=NOW)

    assert changed == 0
    assert shifts() == before


def test_a_sweep_writes_further_ahead_when_half_a_day_has_passed(city: City):
    rotation_id = make_rotation(people=(make_counselor(),))
    count = len(shifts())

    early = rotation_queries.due_ids(now=NOW + 12 * HOUR, limit=9)
    due = rotation_queries.due_ids(now=NOW + 13 * HOUR, limit=9)
    with transaction():
        rotations.materialise(now=NOW + DAY)

    assert (early, due) == ((), (rotation_id,))
    assert len(shifts()) == count + 1
    assert rotation_queries.due_ids(now=NOW + DAY, limit=9) == ()


def test_a_rotation_that_ended_long_ago_is_not_swept(city: City):
    make_rotation(people=(make_counselor(),), valid_until=TODAY)

    assert rotation_queries.due_ids(now=NOW + 2 * DAY, limit=9) != ()
    assert rotation_queries.due_ids(now=NOW + 5 * DAY, limit=9) == ()
    assert rotation_queries.next_due_at(now=NOW + 5 * DAY) is None


def test_the_next_sweep_is_known_beforehand(city: City):
    make_rotation(people=(make_counselor(),))

    assert rotation_queries.next_due_at(now=NOW) == NOW + 12 * HOUR


def test_an_edit_changes_the_future_alone(city: City):
    old, new = make_counselor(), make_counselor()
    rotation_id = make_rotation(people=(old,))
    later = NOW + 2 * DAY

    with transaction():
        rotations.change_people(rotation_id=rotation_id, people=(new,), scope=EVERYWHERE, now=later)

    assert on_line(city, at=DAY) == [old]
    assert on_line(city, at=2 * DAY - timedelta(seconds=1)) == [old]
    assert on_line(city, at=2 * DAY) == [new]


def test_a_rotation_ends_with_its_last_day(city: City):
    person = make_counselor()
    rotation_id = make_rotation(people=(person,))

    with transaction():
        rotations.end_rotation(rotation_id=rotation_id, last_day=TODAY, scope=EVERYWHERE, now=NOW)

    assert on_line(city, at=9 * HOUR) == [person]
    assert on_line(city, at=11 * HOUR) == []
    assert rotation_queries.rotations(scope=EVERYWHERE, today=TODAY + DAY) == ()


def test_a_rotation_does_not_end_before_it_began(city: City):
    rotation_id = make_rotation(people=(make_counselor(),))

    with pytest.raises(EndsBeforeItBegins), transaction():
        rotations.end_rotation(
            rotation_id=rotation_id, last_day=TODAY - DAY, scope=EVERYWHERE, now=NOW
        )


def test_a_holiday_has_its_own_people_and_can_be_taken_back(city: City):
    person, other = make_counselor(), make_counselor()
    rotation_id = make_rotation(people=(person,))
    first, second = TODAY + DAY, TODAY + 2 * DAY
    given = {"rotation_id": rotation_id, "scope": EVERYWHERE, "now": NOW}

    with transaction():
        rotations.set_holiday(day=first, user_id=other, **given)
        rotations.set_holiday(day=second, user_id=None, **given)
    on_holidays = [on_line(city, at=DAY), on_line(city, at=2 * DAY)]
    with transaction():
        rotations.clear_holiday(day=second, **given)

    assert on_holidays == [[other], []]
    assert on_line(city, at=2 * DAY) == [person]


def test_shifts_entered_by_hand_stay_as_they_are(city: City):
    person = make_counselor()
    shift_id = make_shift(user_id=person, organization_id=city.municipality.id)

    make_rotation(people=(make_counselor(),), position=2)

    assert shifts(days=1)[0].user_id == person
    assert queries.shift(shift_id=shift_id, scope=EVERYWHERE).rotation_id is None


def test_a_shift_of_a_rotation_is_not_removed_by_hand(city: City):
    """Its rotation would only write it down again."""
    make_rotation(people=(make_counselor(),))
    shift = shifts(days=1)[0]

    with pytest.raises(FromRotation), transaction():
        operations.remove_shift(shift_id=shift.shift_id, scope=EVERYWHERE, now=NOW)


def test_somebody_who_left_leaves_a_gap_that_is_seen(city: City):
    first, second = make_counselor(), make_counselor()
    make_rotation(people=(first, second))
    with transaction():
        accounts.disable_user(user_id=second, real_now=NOW)
    ahead = Interval(starts_at=NOW, ends_at=NOW + 2 * DAY)

    (gap,) = queries.gaps(organization_id=city.municipality.id, desk="line", within=ahead)

    assert gap.ends_at - gap.starts_at == DAY


def test_an_override_cuts_the_shifts_of_a_rotation_and_survives_the_next_sweep(city: City):
    person, substitute = make_counselor(), make_counselor()
    rotation_id = make_rotation(people=(person,))

    make_override(user_id=substitute, replaced_id=person)
    with transaction():
        changed = rotations.advance(rotation_id, now=NOW + 2 * HOUR)

    assert changed == 0
    assert [on_line(city, at=at * HOUR) for at in (0.5, 1, 3.9, 4)] == [
        [person], [substitute], [substitute], [person],
    ]  # fmt: skip


def test_another_district_neither_sees_nor_changes_a_rotation(city: City):
    person = make_counselor()
    rotation_id = make_rotation(people=(person,), organization_id=city.district.id)
    scope = stranger(city)

    assert rotation_queries.rotations(scope=scope, today=TODAY) == ()
    with pytest.raises(NoSuchRotation):
        rotation_queries.rotation(rotation_id=rotation_id, scope=scope)
    with pytest.raises(NoSuchRotation), transaction():
        rotations.end_rotation(rotation_id=rotation_id, last_day=TODAY, scope=scope, now=NOW)
    with pytest.raises(NoSuchRotation), transaction():
        rotations.change_people(rotation_id=rotation_id, people=(person,), scope=scope, now=NOW)
    with pytest.raises(NoSuchRotation), transaction():
        rotations.set_holiday(
            rotation_id=rotation_id, day=TODAY, user_id=None, scope=scope, now=NOW
        )
    with pytest.raises(NoSuchRotation), transaction():
        rotations.clear_holiday(rotation_id=rotation_id, day=TODAY, scope=scope, now=NOW)


def test_a_rotation_is_added_in_ones_own_units_alone(city: City):
    person = make_counselor()
    rotation_id = make_rotation(people=(person,))
    found = rotation_queries.rotation(rotation_id=rotation_id, scope=EVERYWHERE)
    new = rotations.NewRotation(
        organization_id=city.district.id,
        desk="line",
        pattern=found.pattern,
        by_user_id=person,
    )

    with pytest.raises(NoSuchOrganization), transaction():
        rotations.add_rotation(new=new, scope=stranger(city), now=NOW)


def test_a_rotation_wants_a_known_desk_and_people_of_the_unit(city: City):
    at_school = make_counselor(organization_id=city.school.id)

    with pytest.raises(NoSuchDesk):
        make_rotation(people=(at_school,), desk="lighthouse")
    with pytest.raises(CannotBeOnCall):
        make_rotation(people=(at_school,))
