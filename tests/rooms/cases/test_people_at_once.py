"""Two counselors at the same moment: nobody is written down twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.operations import people as operations
from wellbeing.cases.operations import reaching
from wellbeing.cases.queries import consents
from wellbeing.cases.queries import people as vault
from wellbeing.cases.rules.consents import ConsentStands
from wellbeing.cases.rules.people import (
    AlreadyRecorded,
    NewPerson,
    Permission,
    Relation,
    StalePermission,
    StalePerson,
    StudentKnown,
)
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import DomainError

CROWD = 4


def at_once(database: Flask, work: Callable[[int], object]) -> list[type[object]]:
    """Let a crowd do the same in the same moment; give how it went for each."""
    barrier = Barrier(CROWD)

    def one(number: int) -> type[object]:
        with database.app_context():
            barrier.wait()
            try:
                work(number)
            except DomainError as error:
                return type(error)
            return str

    with ThreadPoolExecutor(CROWD) as pool:
        return sorted(pool.map(one, range(CROWD)), key=lambda kind: kind is not str)


@pytest.mark.parametrize(
    ("relation", "refusal"),
    [(Relation.STUDENT, StudentKnown), (Relation.FRIEND, AlreadyRecorded)],
)
def test_a_form_sent_from_four_windows_writes_down_one_person(
    database: Flask, people: People, relation: Relation, refusal: type[object]
):
    case = factory.make_case(owner_id=people.district)

    went = at_once(
        database,
        lambda _: made.make_person(case_id=case.case_id, by=people.district, relation=relation),
    )

    assert went == [str, refusal, refusal, refusal]


def test_one_of_four_corrections_wins_and_the_others_see_it(database: Flask, people: People):
    case = factory.make_case(owner_id=people.district)
    person = made.make_person(case_id=case.case_id, by=people.district)

    def correct(number: int) -> None:
        with transaction():
            operations.edit_person(
                person=person,
                change=NewPerson(relation=Relation.STUDENT, name=f"示例{number}"),
                version=1,
                by=people.district,
                now=NOW,
            )

    went = at_once(database, correct)

    assert went == [str, StalePerson, StalePerson, StalePerson]


@pytest.mark.parametrize("version", [0, 1])
def test_one_of_four_ways_to_reach_somebody_wins(database: Flask, people: People, version: int):
    case = factory.make_case(owner_id=people.district)
    person = made.make_person(case_id=case.case_id, by=people.district)

    def agree(number: int, version: int = version) -> None:
        with transaction():
            reaching.set_permission(
                person=person,
                wish=Permission(safe_times=f"示例{number}"),
                version=version,
                by=people.district,
                now=NOW,
            )

    if version:
        agree(9, 0)

    went = at_once(database, agree)

    assert went == [str, StalePermission, StalePermission, StalePermission]


def test_one_of_four_consents_stands(database: Flask, people: People):
    case = factory.make_case(owner_id=people.district)

    went = at_once(database, lambda _: made.make_consent(case_id=case.case_id, by=people.district))

    assert went == [str, ConsentStands, ConsentStands, ConsentStands]
    assert len(consents.consents_of(case_id=case.case_id)) == 1


def test_a_number_written_down_four_times_stands_once(database: Flask, people: People):
    case = factory.make_case(owner_id=people.district)
    person = made.make_person(case_id=case.case_id, by=people.district)

    at_once(
        database,
        lambda _: made.make_number(person=person, typed="13900000001", by=people.district),
    )

    session().rollback()
    reader = accounts.scope_of(user_id=people.district)
    (card,) = vault.cards(case=case, scope=reader)
    assert len(card.numbers) == 1
