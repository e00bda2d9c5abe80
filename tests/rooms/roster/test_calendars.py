"""A calendar's secret address: one at a time, and none for who left."""

from __future__ import annotations

import pytest

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.organizations import City
from wellbeing.accounts.operations import people as accounts
from wellbeing.foundation.database import transaction
from wellbeing.roster.operations import calendars
from wellbeing.roster.queries import calendars as queries
from wellbeing.roster.rules.calendars import NoSuchCalendar


def renew(person: int) -> str:
    with transaction():
        return calendars.renew_calendar(user_id=person, now=NOW)


def test_an_address_shows_its_owners_calendar(city: City):
    person = make_counselor()

    token = renew(person)

    assert queries.calendar_owner(token=token) == person
    assert queries.calendar_made_at(user_id=person) == NOW
    assert len(token) >= 43


def test_a_new_address_ends_the_old_one(city: City):
    person = make_counselor()
    old = renew(person)

    new = renew(person)

    assert queries.calendar_owner(token=new) == person
    with pytest.raises(NoSuchCalendar):
        queries.calendar_owner(token=old)


def test_a_calendar_is_taken_off_the_net(city: City):
    person = make_counselor()
    token = renew(person)

    with transaction():
        was_there = calendars.end_calendar(user_id=person)
    with transaction():
        is_there = calendars.end_calendar(user_id=person)

    assert (was_there, is_there) == (True, False)
    with pytest.raises(NoSuchCalendar):
        queries.calendar_owner(token=token)


def test_somebody_who_left_has_no_calendar(city: City):
    person = make_counselor()
    token = renew(person)
    with transaction():
        accounts.disable_user(user_id=person, real_now=NOW)

    with pytest.raises(NoSuchCalendar):
        queries.calendar_owner(token=token)


@pytest.mark.parametrize("token", ["", "guess", "\ud800"])
def test_a_guess_finds_nothing(city: City, token: str):
    with pytest.raises(NoSuchCalendar):
        queries.calendar_owner(token=token)
