"""Whom of a desk the line rings, on what, and who is left alone."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from tests.factories.accounts import make_counselor
from tests.factories.moments import NOW
from tests.factories.organizations import City
from tests.factories.roster import make_shift
from wellbeing.foundation.database import db, transaction
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.roster import operations, queries
from wellbeing.roster.models import STAFF_PHONE
from wellbeing.roster.operations import phones
from wellbeing.roster.queries import phones as phone_queries
from wellbeing.roster.rules import Available, AwayReason, PhoneKind
from wellbeing.roster.rules.phones import NoSuchPhone, NotAKeptPhone, Phone

MOBILE, LANDLINE = "+8613900000101", "+862367000001"


def on_line(city: City, *, at: timedelta = timedelta()) -> tuple[Available, ...]:
    return queries.available_at(organization_id=city.municipality.id, desk="line", at=NOW + at)


def on_duty(city: City, *, phone: str | None = MOBILE, position: int = 1) -> int:
    person = make_counselor(phone=phone)
    make_shift(user_id=person, organization_id=city.municipality.id, position=position)
    return person


def keep(person: int, kind: PhoneKind, number: str, *, position: int = 1) -> int:
    with transaction():
        new = Phone(kind=kind, number=number, position=position)
        return phones.set_phone(user_id=person, new=new, now=NOW)


def test_the_accounts_own_number_rings_where_no_telephone_is_set(city: City):
    person = on_duty(city)

    assert on_line(city) == (
        Available(user_id=person, position=1, phone_kind=PhoneKind.MOBILE, address=MOBILE),
    )


def test_people_are_rung_in_the_order_of_calling(city: City):
    second = on_duty(city, phone="+8613900000102", position=2)
    first = on_duty(city)

    assert [one.user_id for one in on_line(city)] == [first, second]


def test_a_telephone_of_the_roster_comes_before_the_accounts_number(city: City):
    person = on_duty(city)
    keep(person, PhoneKind.LANDLINE, "023-6700 0001")

    (found,) = on_line(city)

    assert (found.phone_kind, found.address) == (PhoneKind.LANDLINE, LANDLINE)


def test_a_mobile_comes_before_a_landline_unless_they_say_otherwise(city: City):
    person = on_duty(city)
    keep(person, PhoneKind.LANDLINE, LANDLINE)
    keep(person, PhoneKind.MOBILE, "+8613900000199")

    by_kind = on_line(city)
    keep(person, PhoneKind.MOBILE, "+8613900000199", position=2)
    by_wish = on_line(city)

    assert by_kind[0].address == "+8613900000199"
    assert by_wish[0].address == LANDLINE


def test_an_open_softphone_rings_first_while_it_beats(city: City):
    person = on_duty(city)
    with transaction():
        operations.beat(user_id=person, now=NOW)

    fresh, stale = on_line(city, at=timedelta(seconds=89)), on_line(city, at=timedelta(seconds=90))

    assert (fresh[0].phone_kind, fresh[0].address) == (
        PhoneKind.CLIENT,
        f"client:counselor_{person}",
    )
    assert stale[0].phone_kind is PhoneKind.MOBILE


def test_somebody_without_any_telephone_is_not_rung(city: City):
    person = on_duty(city, phone=None)

    assert on_line(city) == ()
    assert queries.reachable(user_id=person, at=NOW) is None


def test_somebody_away_is_on_call_but_not_rung(city: City):
    person = on_duty(city)
    with transaction():
        operations.go_away(user_id=person, now=NOW)

    assert on_line(city) == ()
    assert len(queries.on_call_at(organization_id=city.municipality.id, desk="line", at=NOW)) == 1
    assert queries.reachable(user_id=person, at=NOW) is not None


def test_somebody_who_comes_back_is_rung_again(city: City):
    person = on_duty(city)
    with transaction():
        operations.go_away(user_id=person, now=NOW)
    with transaction():
        operations.come_back(user_id=person, now=NOW)

    assert len(on_line(city)) == 1


def test_away_ends_with_the_shift_so_that_nobody_is_forgotten(city: City):
    person = on_duty(city)
    make_shift(
        user_id=person,
        organization_id=city.municipality.id,
        starts_at=NOW + timedelta(hours=8),
        ends_at=NOW + timedelta(hours=16),
    )
    with transaction():
        operations.go_away(user_id=person, now=NOW)

    assert on_line(city, at=timedelta(hours=7)) == ()
    assert len(on_line(city, at=timedelta(hours=9))) == 1


def test_three_missed_rings_in_a_row_send_a_person_away(city: City):
    """So that the next caller is not let wait for a telephone in an empty room."""
    person = on_duty(city)

    with transaction():
        told = [operations.note_missed_ring(user_id=person, now=NOW) for _ in range(3)]

    assert told == [False, False, True]
    assert on_line(city) == ()
    (presence,) = phone_queries.presence_of(user_ids=[person]).values()
    assert presence.away_reason is AwayReason.MISSED_RINGS


def test_an_answered_ring_forgives_the_missed_ones(city: City):
    person = on_duty(city)
    with transaction():
        operations.note_missed_ring(user_id=person, now=NOW)
        operations.note_missed_ring(user_id=person, now=NOW)
        operations.note_answered_ring(user_id=person, now=NOW)

        was_too_many = operations.note_missed_ring(user_id=person, now=NOW)

    assert was_too_many is False
    assert len(on_line(city)) == 1


def test_a_number_is_kept_sealed_and_shown_with_two_digits(city: City):
    person = on_duty(city)
    keep(person, PhoneKind.MOBILE, MOBILE)

    (shown,) = phone_queries.phones_of(user_id=person)
    with db.engine.connect() as connection:
        blob = connection.execute(STAFF_PHONE.select()).mappings().one()["number_sealed"]

    assert shown.masked_number == "•••• 01"
    assert b"13900000101" not in blob


def test_a_damaged_number_does_not_keep_the_others_from_ringing(
    city: City, caplog: pytest.LogCaptureFixture
):
    damaged = on_duty(city, phone=None)
    on_duty(city, phone="+8613900000102", position=2)
    keep(damaged, PhoneKind.MOBILE, MOBILE)
    with transaction() as session:
        session.execute(update(STAFF_PHONE).values(number_sealed=b"damaged"))

    with caplog.at_level(logging.ERROR):
        found = on_line(city)

    assert [one.address for one in found] == ["+8613900000102"]
    assert "a telephone of the staff does not open" in caplog.text


def test_a_telephone_is_taken_off_by_its_owner_alone(city: City):
    person, other = on_duty(city), make_counselor()
    phone_id = keep(person, PhoneKind.MOBILE, MOBILE)

    with pytest.raises(NoSuchPhone), transaction():
        phones.remove_phone(user_id=other, phone_id=phone_id)
    with transaction():
        phones.remove_phone(user_id=person, phone_id=phone_id)

    assert phone_queries.phones_of(user_id=person) == ()


@pytest.mark.parametrize(
    ("kind", "number", "refusal"),
    [
        (PhoneKind.CLIENT, MOBILE, NotAKeptPhone),
        (PhoneKind.MOBILE, "12356", NotAPhoneNumber),
    ],
)
def test_what_cannot_be_dialled_is_not_kept(
    city: City, kind: PhoneKind, number: str, refusal: type[Exception]
):
    person = on_duty(city)

    with pytest.raises(refusal):
        keep(person, kind, number)


def test_a_desk_with_many_people_costs_as_few_questions_as_one(city: City):
    for number in range(12):
        on_duty(city, phone=f"+86139000001{number:02d}", position=number + 1)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        found = on_line(city)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert len(found) == 12
    assert sum(one.startswith("SELECT") for one in seen) <= 3
