"""Returning callers: offered as perhaps the same person, decided by people, taken back whole."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.people import LINK, PERSON
from wellbeing.cases.operations import matching as operations
from wellbeing.cases.operations import people as people_operations
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import matching as queries
from wellbeing.cases.queries import people as people_queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.matching import (
    Likeness,
    LinkStands,
    NoSuchLink,
    NotTheSamePerson,
    Suggestion,
)
from wellbeing.cases.rules.people import PersonRow, Relation, Verdict
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import session, transaction

NUMBER = "13911112222"


def suggestions(case: CaseRow, user_id: int) -> tuple[Suggestion, ...]:
    reader = accounts.scope_of(user_id=user_id)
    return queries.suggestions(case=case, scope=reader, now=NOW)


def decide(one: PersonRow, other: PersonRow, verdict: Verdict, *, by: int) -> int:
    with transaction():
        return operations.decide(
            one=one, other=other, verdict=verdict, reason="虚构：声音一样", by=by, now=NOW
        )


def pair(people: People, **changes: str) -> tuple[PersonRow, PersonRow]:
    """Two students of two cases of the district, by name alike or not."""
    first, second = (factory.make_case(owner_id=people.district) for _ in range(2))
    return (
        made.make_person(case_id=first.case_id, by=people.district, name="示例甲"),
        made.make_person(
            case_id=second.case_id, by=people.district, **({"name": "示例甲"} | changes)
        ),
    )


def case_of(person: PersonRow) -> CaseRow:
    return cases.case_by_id(case_id=person.case_id)


def test_the_same_full_name_is_offered(people: People):
    one, other = pair(people)

    (found,) = suggestions(case_of(one), people.district)

    assert (found.our_id, found.their_id) == (one.person_id, other.person_id)
    assert found.likeness == {Likeness.NAME}
    assert found.reference == case_of(other).reference


def test_the_same_number_is_offered_and_both_reasons_stand_together(people: People):
    one, other = pair(people)
    made.make_number(person=one, typed=NUMBER, by=people.district)
    made.make_number(person=other, typed="+86 139-1111-2222", by=people.district)

    (found,) = suggestions(case_of(one), people.district)

    assert found.likeness == {Likeness.NAME, Likeness.NUMBER}


def test_the_callers_number_is_offered_where_it_is_written_down(people: People):
    _, other = pair(people, name="示例乙")
    made.make_number(person=other, typed=NUMBER, by=people.district)
    contact_id = make_contact(sender=f"+86{NUMBER}")
    case = factory.make_case(owner_id=people.district, contact_id=contact_id)

    (found,) = suggestions(case, people.district)

    assert (found.our_id, found.their_id) == (None, other.person_id)
    assert found.likeness == {Likeness.CALLER}


@pytest.mark.parametrize("name", ["示例乙", "示", "示例甲甲", ""])
def test_a_name_that_is_only_alike_is_not_offered(people: People, name: str):
    one, _ = pair(people, name=name)

    assert suggestions(case_of(one), people.district) == ()


def test_nobody_of_a_case_that_the_reader_may_not_open_is_offered(people: People):
    elsewhere = factory.make_case(owner_id=people.counselor)
    made.make_person(case_id=elsewhere.case_id, by=people.counselor)
    mine = factory.make_case(owner_id=people.district)
    made.make_person(case_id=mine.case_id, by=people.district)

    assert suggestions(mine, people.district) == ()
    assert len(suggestions(mine, people.supervisor)) == 1


def test_a_school_reader_is_offered_nobody_who_is_not_named_to_it(people: People):
    cases_of_school = [factory.make_case(owner_id=people.counselor) for _ in range(2)]
    for one in cases_of_school:
        made.make_person(case_id=one.case_id, by=people.district)

    assert suggestions(cases_of_school[0], people.counselor) == ()


def test_a_merge_keeps_both_records_and_both_timelines_tell_it(people: People):
    one, other = pair(people)

    decide(one, other, Verdict.SAME, by=people.district)

    for person in (one, other):
        kept = people_queries.person(person_id=person.person_id, case_id=person.case_id)
        entry = cases.timeline(case_id=person.case_id, limit=1)[0]
        assert kept == person
        assert (entry.kind, entry.actor_id) == ("persons_merged", people.district)
    assert suggestions(case_of(one), people.district) == ()


def test_the_reason_stays_in_the_case_where_it_was_written(people: People):
    """Whoever may open the other case alone must not read words of this one (promise P6)."""
    one, other = pair(people)

    decide(one, other, Verdict.SAME, by=people.district)

    here, there = (
        cases.timeline(case_id=person.case_id, limit=1)[0].details for person in (one, other)
    )
    assert (here, there) == ({"reason": "虚构：声音一样"}, {})


def test_the_other_case_is_named_only_to_those_who_may_open_it(people: People):
    mine = factory.make_case(owner_id=people.district)
    theirs = factory.make_case(owner_id=people.counselor)
    one = made.make_person(case_id=mine.case_id, by=people.district)
    other = made.make_person(case_id=theirs.case_id, by=people.counselor)
    decide(one, other, Verdict.SAME, by=people.supervisor)

    by_reader = {
        user_id: queries.links_of(case=mine, scope=accounts.scope_of(user_id=user_id), now=NOW)
        for user_id in (people.district, people.supervisor)
    }

    assert by_reader[people.district][0].reference is None
    assert by_reader[people.supervisor][0].reference == theirs.reference


def test_an_unmerge_leaves_everything_as_it_was(people: People):
    one, other = pair(people)
    before = session().execute(select(PERSON).order_by(PERSON.c.id)).all()
    link_id = decide(one, other, Verdict.SAME, by=people.district)

    with transaction():
        operations.take_back(
            link_id=link_id, case_id=other.case_id, reason="虚构", by=people.district, now=NOW
        )

    assert session().execute(select(PERSON).order_by(PERSON.c.id)).all() == before
    assert len(suggestions(case_of(one), people.district)) == 1
    assert [cases.timeline(case_id=p.case_id, limit=1)[0].kind for p in (one, other)] == [
        "persons_unmerged",
        "persons_unmerged",
    ]
    with pytest.raises(NoSuchLink), transaction():
        operations.take_back(
            link_id=link_id, case_id=one.case_id, reason="虚构", by=people.district, now=NOW
        )
    assert len(session().execute(select(LINK)).all()) == 1


def test_who_was_told_apart_is_not_offered_again(people: People):
    one, other = pair(people)

    decide(other, one, Verdict.DIFFERENT, by=people.district)

    assert suggestions(case_of(one), people.district) == ()
    assert (
        queries.links_of(
            case=case_of(one), scope=accounts.scope_of(user_id=people.district), now=NOW
        )
        == ()
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_stands_until_it_is_taken_back(people: People, verdict: Verdict):
    one, other = pair(people)
    decide(one, other, Verdict.SAME, by=people.district)

    with pytest.raises(LinkStands):
        decide(other, one, verdict, by=people.district)


def test_the_student_and_a_third_party_of_one_case_are_never_one(people: People):
    case = factory.make_case(owner_id=people.district)
    student = made.make_person(case_id=case.case_id, by=people.district)
    friend = made.make_person(case_id=case.case_id, by=people.district, relation=Relation.FRIEND)

    with pytest.raises(NotTheSamePerson):
        decide(student, friend, Verdict.SAME, by=people.district)
    with pytest.raises(NotTheSamePerson):
        decide(student, student, Verdict.SAME, by=people.district)


def test_a_link_of_other_cases_is_not_taken_back_from_here(people: People):
    one, other = pair(people)
    link_id = decide(one, other, Verdict.SAME, by=people.district)
    third = factory.make_case(owner_id=people.district)

    with pytest.raises(NoSuchLink), transaction():
        operations.take_back(
            link_id=link_id, case_id=third.case_id, reason="虚构", by=people.district, now=NOW
        )


def test_removing_somebody_ends_their_links(people: People):
    one, other = pair(people)
    decide(one, other, Verdict.SAME, by=people.district)

    with transaction():
        people_operations.remove_person(
            person=other, reason="虚构：写错", by=people.district, now=NOW
        )

    reader = accounts.scope_of(user_id=people.district)
    assert queries.links_of(case=case_of(one), scope=reader, now=NOW) == ()
    assert suggestions(case_of(one), people.district) == ()


def test_a_caller_finds_the_cases_in_which_their_number_is_written_down(people: People):
    one, _ = pair(people)
    made.make_number(person=one, typed=NUMBER, by=people.district)
    contact_id = make_contact(sender=f"+86{NUMBER}")
    withheld = make_contact(sender=None)
    with transaction():
        session().execute(update(CASE).where(CASE.c.id == one.case_id).values(level=1))
    caller, nobody = (
        contacts.contact_by_id(contact_id=contact_id).caller_id,
        contacts.contact_by_id(contact_id=withheld).caller_id,
    )

    def found(caller_id: int, user_id: int) -> list[str]:
        rows = queries.cases_of_caller(
            caller_id=caller_id, scope=accounts.scope_of(user_id=user_id), now=NOW
        )
        return [row.reference for row in rows]

    assert found(caller, people.district) == [case_of(one).reference]
    assert found(caller, people.counselor) == []
    assert found(nobody, people.district) == []
