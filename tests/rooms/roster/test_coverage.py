"""Gaps are told before they happen, once each; a shift is handed over at its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.roster import make_rotation, make_shift
from wellbeing.foundation import events
from wellbeing.foundation.database import transaction
from wellbeing.organizations.rules import Scope
from wellbeing.reactions.table import REACTIONS
from wellbeing.roster.events import CoverageGapAhead
from wellbeing.roster.operations import coverage
from wellbeing.roster.queries import coverage as queries
from wellbeing.roster.rules import Interval, NoSuchShift
from wellbeing.roster.rules.coverage import HandedOver, NotYetEnding

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DESKS = ("line", "crisis", "supervisor", "duty_lead", "director")


@pytest.fixture(autouse=True)
def told(database: Flask) -> Iterator[list[CoverageGapAhead]]:
    seen: list[CoverageGapAhead] = []
    events.install(reactions={**REACTIONS, CoverageGapAhead: (seen.append,)})
    yield seen
    events.install(reactions=REACTIONS)


def staffed(city: City, *, besides: tuple[str, ...] = ()) -> int:
    """Put one person on every desk that must never be empty."""
    person = make_counselor()
    for desk in DESKS:
        if desk not in besides:
            make_rotation(people=(person,), desk=desk, valid_from=date(2026, 11, 1))
    return person


def on_line(city: City, person: int, *, until: timedelta) -> int:
    return make_shift(user_id=person, organization_id=city.municipality.id, ends_at=NOW + until)


def alarms(*, at: datetime = NOW) -> list[tuple[str, datetime]]:
    with transaction():
        return [(one.desk, one.starts_at) for one in coverage.due_coverage_alarms(now=at)]


def test_a_staffed_city_raises_no_alarm(city: City):
    staffed(city)

    assert alarms() == []


def test_a_gap_is_told_a_day_before_it_happens_and_once(city: City, told: list[CoverageGapAhead]):
    person = staffed(city, besides=("line",))
    on_line(city, person, until=36 * HOUR)

    too_early = alarms()
    a_day_before = alarms(at=NOW + 13 * HOUR)
    again = alarms(at=NOW + 14 * HOUR)
    while_it_lasts = alarms(at=NOW + 40 * HOUR)

    assert a_day_before == [("line", NOW + 36 * HOUR)]
    assert (too_early, again, while_it_lasts) == ([], [], [])
    assert [one.organization_id for one in told] == [city.municipality.id]


def test_a_desk_that_was_never_staffed_is_told_once(city: City):
    staffed(city, besides=("line",))

    first, second = alarms(), alarms(at=NOW + HOUR)

    assert first == [("line", NOW)]
    assert second == []


def test_the_next_gap_is_told_again(city: City):
    person = staffed(city, besides=("line",))
    on_line(city, person, until=HOUR)
    alarms()
    make_shift(
        user_id=person,
        organization_id=city.municipality.id,
        starts_at=NOW + 2 * HOUR,
        ends_at=NOW + 3 * HOUR,
    )

    assert alarms(at=NOW + HOUR) == [("line", NOW + 3 * HOUR)]


def test_desks_that_may_be_empty_are_left_alone(city: City):
    staffed(city)

    found = queries.desk_gaps(within=Interval(starts_at=NOW, ends_at=NOW + DAY))

    assert found == ()


def test_gaps_are_shown_within_ones_own_units(city: City):
    within = Interval(starts_at=NOW, ends_at=NOW + DAY)
    district = Scope(user_id=0, paths=(city.district.path,), permissions=frozenset())

    everywhere = queries.desk_gaps(within=within)
    of_a_district = queries.desk_gaps(within=within, scope=district)

    assert {one.desk for one in everywhere} == set(DESKS)
    assert of_a_district == ()


def test_a_shift_is_handed_over_in_its_last_half_hour_to_whoever_follows(city: City):
    person, following = make_counselor(), make_counselor()
    shift_id = on_line(city, person, until=HOUR)
    make_shift(user_id=following, organization_id=city.municipality.id, starts_at=NOW + HOUR)

    early = queries.ending_soon(user_id=person, now=NOW)
    soon = queries.ending_soon(user_id=person, now=NOW + 0.5 * HOUR)
    with transaction():
        coverage.hand_over(shift_id=shift_id, user_id=person, open_contacts=2, now=NOW + 0.5 * HOUR)

    assert (early, [one.shift_id for one in soon]) == ((), [shift_id])
    found = queries.handover(shift_id=shift_id)
    assert found is not None
    assert (found.to_user_id, found.open_contacts) == (following, 2)
    assert queries.ending_soon(user_id=person, now=NOW + HOUR) == ()


def test_somebody_is_still_asked_after_the_end(city: City):
    person = make_counselor()
    shift_id = on_line(city, person, until=HOUR)

    later = queries.ending_soon(user_id=person, now=NOW + 12 * HOUR)
    much_later = queries.ending_soon(user_id=person, now=NOW + 13 * HOUR)

    assert ([one.shift_id for one in later], much_later) == ([shift_id], ())
    assert queries.handover(shift_id=shift_id) is None


def test_who_goes_on_at_the_same_desk_has_nothing_to_hand_over(city: City):
    person = make_counselor()
    on_line(city, person, until=HOUR)
    make_shift(user_id=person, organization_id=city.municipality.id, starts_at=NOW + HOUR)

    assert queries.ending_soon(user_id=person, now=NOW + HOUR) == ()


def test_a_shift_is_handed_over_once_by_its_own_person_near_its_end(city: City):
    person, other = make_counselor(), make_counselor()
    shift_id = on_line(city, person, until=HOUR)

    def hand_over(by: int, at: datetime) -> None:
        with transaction():
            coverage.hand_over(shift_id=shift_id, user_id=by, open_contacts=0, now=at)

    with pytest.raises(NoSuchShift):
        hand_over(other, NOW + HOUR)
    with pytest.raises(NotYetEnding):
        hand_over(person, NOW)
    hand_over(person, NOW + HOUR)
    with pytest.raises(HandedOver):
        hand_over(person, NOW + HOUR)
