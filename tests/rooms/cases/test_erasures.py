"""Erasure: asked by one, decided by another, refused while anything stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.factories import cases as factory
from tests.factories.accounts import make_supervisor
from tests.factories.documents import make_document
from tests.factories.moments import NOW
from tests.factories.people import make_person
from tests.rooms.cases.conftest import People
from wellbeing.cases.models.cases import HOLD
from wellbeing.cases.operations import erasures as operations
from wellbeing.cases.operations import resting
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import erasures as queries
from wellbeing.cases.rules.cases import CaseRow, CaseStatus
from wellbeing.cases.rules.erasures import (
    AskedAlready,
    ErasureSettled,
    Ground,
    HeldAlready,
    MustStay,
    NotHeld,
    Obstacle,
    OwnErasure,
)
from wellbeing.cases.rules.people import ReasonMissing
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Erased
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.errors import NotFound

LATER = NOW + timedelta(days=3 * 366)
WHY = "虚构：学生本人来信，已核对身份。"


@pytest.fixture
def case(people: People) -> CaseRow:
    """Give a case that was closed, with its conversation, three years ago."""
    made = factory.make_case(owner_id=people.counselor)
    make_person(case_id=made.case_id, by=people.counselor)
    make_document(case_id=made.case_id, by=people.counselor)
    factory.close(case=made)
    factory.end_contacts(case=made)
    return cases.case_by_id(case_id=made.case_id)


def ask(case: CaseRow, by: int, *, now: object = LATER, reason: str = WHY) -> int:
    with transaction():
        return operations.ask(case=case, ground=Ground.STUDENT_ASKS, reason=reason, by=by, now=now)


def carry_out(erasure_id: int, case: CaseRow, by: int) -> None:
    (row,) = [one for one in queries.of_case(case_id=case.case_id) if one.erasure_id == erasure_id]
    with transaction():
        operations.carry_out(row=row, by=by, now=LATER)


def test_two_people_destroy_a_record_and_no_key_of_it_is_left(people: People, case: CaseRow):
    second = make_supervisor(organization_id=people.city.municipality.id)
    made = ask(case, people.supervisor)

    carry_out(made, case, second)

    assert cases.case_by_id(case_id=case.case_id).status is CaseStatus.ERASED
    with pytest.raises(Erased):
        sealed.seal("x", key_id=case.data_key_id, place="anywhere")
    (row,) = queries.of_case(case_id=case.case_id)
    assert (row.decided_by, row.reason, row.decision) == (second, "", "")


def test_nobody_decides_what_they_asked_for(people: People, case: CaseRow):
    made = ask(case, people.supervisor)

    with pytest.raises(OwnErasure):
        carry_out(made, case, people.supervisor)


def test_it_is_decided_once(people: People, case: CaseRow):
    second = make_supervisor(organization_id=people.city.municipality.id)
    made = ask(case, people.supervisor)
    carry_out(made, case, second)

    with pytest.raises(ErasureSettled):
        carry_out(made, case, second)


def test_a_refusal_says_why_and_another_wish_may_follow(people: People, case: CaseRow):
    second = make_supervisor(organization_id=people.city.municipality.id)
    ask(case, people.supervisor)
    with pytest.raises(AskedAlready):
        ask(case, second)
    (row,) = queries.of_case(case_id=case.case_id)
    with pytest.raises(ReasonMissing), transaction():
        operations.refuse(row=row, case=case, reason=" ", by=second, now=LATER)
    with transaction():
        operations.refuse(row=row, case=case, reason="虚构：仍有投诉。", by=second, now=LATER)
    with pytest.raises(ErasureSettled):
        carry_out(row.erasure_id, case, second)
    ask(case, second)

    assert [one.decision for one in queries.of_case(case_id=case.case_id)] == [
        "",
        "虚构：仍有投诉。",
    ]


def test_only_the_asker_takes_it_back(people: People, case: CaseRow):
    ask(case, people.supervisor)
    (row,) = queries.of_case(case_id=case.case_id)

    with pytest.raises(ErasureSettled), transaction():
        operations.withdraw(row=row, by=people.counselor, now=LATER)
    with transaction():
        operations.withdraw(row=row, by=people.supervisor, now=LATER)
    with pytest.raises(ErasureSettled):
        carry_out(row.erasure_id, case, people.counselor)


def test_the_law_keeps_it_for_three_years(people: People, case: CaseRow):
    with pytest.raises(MustStay) as refused:
        ask(case, people.supervisor, now=NOW + timedelta(days=3 * 365 - 1))

    assert refused.value.obstacles == (Obstacle.LAW_KEEPS,)


def test_a_case_that_is_open_stays(people: People):
    living = factory.make_case(owner_id=people.counselor)

    found = queries.obstacles_of(case=living, now=LATER)

    assert found == (Obstacle.STILL_OPEN, Obstacle.LAW_KEEPS, Obstacle.IN_CONVERSATION)


@pytest.mark.parametrize("kind", ["escalation", "follow_up", "rescue", "report"])
def test_whatever_another_room_holds_it_for_stops_it(people: People, case: CaseRow, kind: str):
    second = make_supervisor(organization_id=people.city.municipality.id)
    made = ask(case, people.supervisor)
    # As one left over: nobody holds a closed case, but if somebody did, it would count.
    row = {"case_id": case.case_id, "kind": kind, "source_id": 1, "placed_at": LATER}
    with transaction():
        session().execute(insert(HOLD), row)

    with pytest.raises(MustStay) as refused:
        carry_out(made, case, second)
    assert refused.value.obstacles == (Obstacle.SOMETHING_OPEN,)
    assert cases.case_by_id(case_id=case.case_id).status is CaseStatus.CLOSED


def test_an_open_duty_stops_it(people: People, case: CaseRow):
    factory.make_duty(
        holder_id=people.counselor,
        organization_id=case.organization_id,
        case_id=case.case_id,
    )

    assert queries.obstacles_of(case=case, now=LATER) == (Obstacle.SOMETHING_OPEN,)


def test_a_hold_for_the_law_stops_it_until_it_is_lifted(people: People, case: CaseRow):
    with transaction():
        operations.hold(case=case, reason="虚构：法院来函。", by=people.supervisor, now=LATER)
    with pytest.raises(HeldAlready), transaction():
        operations.hold(case=case, reason="又一次", by=people.supervisor, now=LATER)
    with pytest.raises(MustStay) as refused:
        ask(case, people.supervisor)
    assert refused.value.obstacles == (Obstacle.LEGAL_HOLD,)

    with transaction():
        operations.release(case=case, by=people.supervisor, now=LATER)
    with pytest.raises(NotHeld), transaction():
        operations.release(case=case, by=people.supervisor, now=LATER)
    ask(case, people.supervisor)


def test_a_sealed_record_is_destroyed_as_a_closed_one(people: People, case: CaseRow):
    second = make_supervisor(organization_id=people.city.municipality.id)
    with transaction():
        assert resting.advance(case.case_id, now=LATER)
    sealed_case = cases.case_by_id(case_id=case.case_id)

    carry_out(ask(sealed_case, people.supervisor), sealed_case, second)

    assert cases.case_by_id(case_id=case.case_id).status is CaseStatus.ERASED


def test_a_caller_with_another_conversation_is_not_forgotten(people: People, case: CaseRow):
    """Whoever writes again is another matter: only what belongs to this record goes."""
    second = make_supervisor(organization_id=people.city.municipality.id)
    (contact_id,) = cases.contacts_of(case_id=case.case_id)
    again = factory.contact_again(contact_id=contact_id)

    carry_out(ask(case, people.supervisor), case, second)

    assert contacts.contact_by_id(contact_id=again).has_number
    assert contacts.thread(contact_id=again)[0].body == "虚构：我又来了。"


def test_who_may_know_of_a_record_at_rest(people: People, case: CaseRow, scope_of: object):
    made = ask(case, people.supervisor)
    other = make_supervisor(organization_id=people.city.other_district.id)
    scopes = {one: scope_of(one) for one in (people.supervisor, people.counselor, other)}

    for user in (people.counselor, other):
        with pytest.raises(NotFound):
            queries.at_rest(reference=case.reference, scope=scopes[user])
        with pytest.raises(NotFound):
            queries.get(erasure_id=made, scope=scopes[user])
        assert queries.waiting(scope=scopes[user], limit=9) == ()
    found = queries.waiting(scope=scopes[people.supervisor], limit=9)
    assert [one.row.erasure_id for one in found] == [made]
