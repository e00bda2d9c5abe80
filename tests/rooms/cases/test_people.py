"""The people of a case: sealed, found again, changed by one at a time, erased alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories import cases as factory
from tests.factories import people as made
from tests.factories.contacts import make_contact
from tests.factories.moments import NOW
from tests.factories.statements import counted
from tests.rooms.cases.conftest import People
from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.models.cases import CASE, ENTRY
from wellbeing.cases.models.people import NAME_INDEX, NUMBER, PERMISSION, PERSON
from wellbeing.cases.operations import people as operations
from wellbeing.cases.operations import reaching
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.cases import CaseIsClosed, CaseRow
from wellbeing.cases.rules.people import (
    AlreadyRecorded,
    CodeWordCheck,
    Details,
    NameTooLong,
    NewPerson,
    NoSuchNumber,
    NoSuchPerson,
    NumberKnown,
    Permission,
    PersonRow,
    ReasonMissing,
    Relation,
    Reveal,
    RevealReason,
    Safety,
    StalePermission,
    StalePerson,
    StudentKnown,
    Wish,
)
from wellbeing.contacts.models import CONTACT
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.crypto.ring import Unreadable
from wellbeing.foundation.database import session, transaction
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import RiskLevel

SECRET = "虚构独特姓名"


@pytest.fixture
def case(people: People) -> CaseRow:
    """Give a blue case of the district."""
    return factory.make_case(owner_id=people.district)


def scope(user_id: int) -> Scope:
    return accounts.scope_of(user_id=user_id)


def edit(person: PersonRow, *, by: int, version: int = 1, **changes: Any) -> int:
    with transaction():
        return operations.edit_person(
            person=person,
            change=NewPerson(**{"relation": person.relation, "name": person.name} | changes),
            version=version,
            by=by,
            now=NOW + timedelta(minutes=5),
        )


def found_by(typed: str, user_id: int) -> list[int]:
    statement = queries.case_ids_by_name(typed=typed, scope=scope(user_id))
    return sorted(set(session().execute(statement).scalars()))


def found_by_number(typed: str, user_id: int) -> list[int]:
    statement = queries.case_ids_by_number(typed=typed, scope=scope(user_id))
    return sorted(set(session().execute(statement).scalars()))


def test_a_person_is_read_as_they_were_written_down(people: People, case: CaseRow):
    details = {"called": "小雨", "school": "示例中学", "grade": "初二", "remark": "第二行\n🌱"}

    person = made.make_person(
        case_id=case.case_id, by=people.district, name=" 示例  甲 ", details=details
    )

    assert (person.name, person.details) == ("示例 甲", Details(**details))
    assert (person.relation, person.version) == (Relation.STUDENT, 1)


def test_a_card_shows_no_more_than_a_list_may(people: People, case: CaseRow):
    person = made.make_person(
        case_id=case.case_id, by=people.district, name="欧阳示例", details={"address": "示例路1号"}
    )
    made.make_number(person=person, typed="13900000001", by=people.district, is_shared=True)

    (card,) = queries.cards(case=case, scope=scope(people.district))

    assert card.masked_name == "欧阳••"
    assert [one.masked for one in card.numbers] == ["•••• 01"]
    assert card.numbers[0].is_shared
    assert "示例路" not in repr(card)


def test_no_table_holds_a_name_or_number_in_the_clear(people: People, case: CaseRow):
    person = made.make_person(
        case_id=case.case_id, by=people.district, name=SECRET, details={"address": SECRET}
    )
    made.make_number(person=person, typed="13912345678", by=people.district)
    with transaction():
        reaching.set_permission(
            person=person,
            wish=Permission(code_word=SECRET, safe_times=SECRET),
            version=0,
            by=people.district,
            now=NOW,
        )

    tables = (PERSON, NAME_INDEX, NUMBER, PERMISSION, ENTRY)
    stored = b" ".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in tables
        for row in session().execute(select(table))
        for value in row
    )
    assert SECRET.encode() not in stored
    assert b"13912345678" not in stored


def test_one_case_has_one_student(people: People, case: CaseRow):
    made.make_person(case_id=case.case_id, by=people.district)

    with pytest.raises(StudentKnown):
        made.make_person(case_id=case.case_id, by=people.district, name="示例乙")


def test_a_form_sent_twice_writes_down_one_person(people: People, case: CaseRow):
    friend = {"relation": Relation.FRIEND, "name": "示例乙"}
    made.make_person(case_id=case.case_id, by=people.district, **friend)

    with pytest.raises(AlreadyRecorded):
        made.make_person(case_id=case.case_id, by=people.district, **friend)


def test_somebody_without_a_name_can_be_written_down_once(people: People, case: CaseRow):
    mother = {"relation": Relation.MOTHER, "name": ""}
    made.make_person(case_id=case.case_id, by=people.district, **mother)

    with pytest.raises(AlreadyRecorded):
        made.make_person(case_id=case.case_id, by=people.district, **mother)

    (card,) = queries.cards(case=case, scope=scope(people.district))
    assert card.masked_name == ""


def test_a_third_party_cannot_become_a_second_student(people: People, case: CaseRow):
    made.make_person(case_id=case.case_id, by=people.district)
    friend = made.make_person(
        case_id=case.case_id, by=people.district, relation=Relation.FRIEND, name="示例乙"
    )

    with pytest.raises(StudentKnown):
        edit(friend, by=people.district, relation=Relation.STUDENT)


def test_a_name_has_at_most_a_hundred_characters(people: People, case: CaseRow):
    with pytest.raises(NameTooLong):
        made.make_person(case_id=case.case_id, by=people.district, name="示" * 101)


@pytest.mark.parametrize(
    "name", ["<b>示例</b>", "=HYPERLINK(1)", "👨‍👩‍👧 示例", "\u202e例示", "示" * 100]
)
def test_a_strange_name_is_kept_as_it_is(people: People, case: CaseRow, name: str):
    person = made.make_person(case_id=case.case_id, by=people.district, name=name)

    assert person.name == name


def test_two_editors_of_one_person_see_both_versions(people: People, case: CaseRow):
    person = made.make_person(case_id=case.case_id, by=people.district)
    edit(person, by=people.district, name="示例乙")

    with pytest.raises(StalePerson) as refused:
        edit(person, by=people.supervisor, name="示例丙")

    assert refused.value.saved.name == "示例乙"
    assert refused.value.yours.name == "示例丙"
    assert queries.person(person_id=person.person_id, case_id=case.case_id).name == "示例乙"


def test_a_changed_name_is_found_by_the_new_one_alone(people: People, case: CaseRow):
    person = made.make_person(case_id=case.case_id, by=people.district, name="欧阳示例")

    edit(person, by=people.district, name="单示例")

    assert found_by("欧阳", people.district) == []
    assert found_by("shan", people.district) == [case.case_id]


def test_a_case_is_found_by_nickname_and_by_number(people: People, case: CaseRow):
    person = made.make_person(case_id=case.case_id, by=people.district, details={"called": "Luna"})
    made.make_number(person=person, typed="139 0000 0001", by=people.district)

    assert found_by("luna", people.district) == [case.case_id]
    assert found_by_number("+86 139-0000-0001", people.district) == [case.case_id]
    assert found_by_number("１３９０００００００１", people.district) == [case.case_id]
    assert found_by_number("13900000002", people.district) == []
    assert found_by_number("12356", people.district) == []
    assert found_by("", people.district) == []


def test_a_person_of_another_case_is_not_found(people: People, case: CaseRow):
    other = factory.make_case(owner_id=people.district)
    person = made.make_person(case_id=other.case_id, by=people.district)

    with pytest.raises(NoSuchPerson):
        queries.person(person_id=person.person_id, case_id=case.case_id)


def test_a_number_of_another_person_is_not_removed(people: People, case: CaseRow):
    student = made.make_person(case_id=case.case_id, by=people.district)
    friend = made.make_person(
        case_id=case.case_id, by=people.district, relation=Relation.FRIEND, name="示例乙"
    )
    number_id = made.make_number(person=student, typed="13900000001", by=people.district)

    with pytest.raises(NoSuchNumber), transaction():
        reaching.remove_number(person=friend, number_id=number_id, by=people.district, now=NOW)


def test_a_number_stands_once_with_a_person_and_may_stand_with_two(people: People, case: CaseRow):
    student = made.make_person(case_id=case.case_id, by=people.district)
    mother = made.make_person(
        case_id=case.case_id, by=people.district, relation=Relation.MOTHER, name="示例乙"
    )
    made.make_number(person=student, typed="13900000001", by=people.district)
    made.make_number(person=mother, typed="13900000001", by=people.district)

    with pytest.raises(NumberKnown):
        made.make_number(person=student, typed="+8613900000001", by=people.district)
    with pytest.raises(NotAPhoneNumber):
        made.make_number(person=student, typed="12356", by=people.district)


def test_a_removed_person_can_never_be_read_or_found_again(people: People, case: CaseRow):
    person = made.make_person(case_id=case.case_id, by=people.district, name="欧阳示例")
    made.make_number(person=person, typed="13900000001", by=people.district)
    blob = session().execute(select(PERSON.c.name_sealed)).scalar_one()

    with transaction():
        operations.remove_person(
            person=person, reason="虚构：写错了人", by=people.district, now=NOW
        )

    with pytest.raises(Unreadable):
        sealed.open_sealed(blob, place=queries.NAME_PLACE)
    assert queries.cards(case=case, scope=scope(people.district)) == ()
    assert found_by("欧阳", people.district) == []
    assert found_by_number("13900000001", people.district) == []
    entry = cases.timeline(case_id=case.case_id, limit=1)[0]
    assert (entry.kind, entry.details) == ("person_removed", {"reason": "虚构：写错了人"})


def test_erasing_a_case_erases_everybody_in_it(people: People, case: CaseRow):
    made.make_person(case_id=case.case_id, by=people.district, name="欧阳示例")
    made.make_person(
        case_id=case.case_id, by=people.district, relation=Relation.FRIEND, name="示例乙"
    )

    with transaction():
        count = operations.erase_people_of(case_id=case.case_id, now=NOW)

    assert count == 2
    assert session().execute(select(NAME_INDEX)).all() == []
    assert {row.name_sealed for row in session().execute(select(PERSON))} == {None}


def test_a_reveal_stands_in_the_timeline_with_its_reason(people: People, case: CaseRow):
    person = made.make_person(case_id=case.case_id, by=people.district)
    other = Reveal(why=RevealReason.OTHER, words=" ")
    asked = Reveal(why=RevealReason.CALL, words="虚构：约好今晚打")

    with pytest.raises(ReasonMissing), transaction():
        operations.reveal_person(person=person, reveal=other, by=people.supervisor, now=NOW)
    with transaction():
        operations.reveal_person(person=person, reveal=asked, by=people.supervisor, now=NOW)

    entry = cases.timeline(case_id=case.case_id, limit=1)[0]
    assert (entry.kind, entry.actor_id) == ("person_revealed", people.supervisor)
    assert entry.facts == {"person_id": person.person_id, "relation": "student", "why": "call"}
    assert entry.details == {"reason": "虚构：约好今晚打"}


def test_what_somebody_allowed_is_kept_with_the_code_word(people: People, case: CaseRow):
    person = made.make_person(case_id=case.case_id, by=people.district)
    wish = Permission(
        safety=Safety.UNSAFE,
        may_text=Wish.NO,
        may_call=Wish.YES,
        safe_times="周末晚上",
        care="父亲会看手机",
        code_word="蓝色雨伞",
    )

    with transaction():
        version = reaching.set_permission(
            person=person, wish=wish, version=0, by=people.district, now=NOW
        )
        reaching.note_code_word(
            person=person, check=CodeWordCheck.DIFFERENT, by=people.district, now=NOW
        )

    (card,) = queries.cards(case=case, scope=scope(people.district))
    assert (version, card.permission.wish, card.permission.version) == (1, wish, 1)
    assert card.permission.wish.forbids_texts
    assert cases.timeline(case_id=case.case_id, limit=1)[0].facts["check"] == "different"


@pytest.mark.parametrize("version", [0, 1])
def test_two_editors_of_a_permission_see_both_versions(people: People, case: CaseRow, version: int):
    person = made.make_person(case_id=case.case_id, by=people.district)
    for step in range(version + 1):
        with transaction():
            reaching.set_permission(
                person=person,
                wish=Permission(safe_times=f"虚构{step}"),
                version=step,
                by=people.district,
                now=NOW,
            )

    with pytest.raises(StalePermission) as refused, transaction():
        reaching.set_permission(
            person=person,
            wish=Permission(safe_times="虚构：我的"),
            version=version,
            by=people.supervisor,
            now=NOW,
        )

    assert refused.value.saved.wish.safe_times == f"虚构{version}"
    assert refused.value.yours.safe_times == "虚构：我的"


@pytest.mark.parametrize("status", ["sealed", "erased"])
def test_a_shut_case_takes_nobody_in(people: People, case: CaseRow, status: str):
    with transaction():
        session().execute(update(CASE).values(status=status, closed_at=NOW))

    with pytest.raises(CaseIsClosed):
        made.make_person(case_id=case.case_id, by=people.district)


def school_case(people: People, level: RiskLevel = RiskLevel.LOW, caller: str = "self") -> CaseRow:
    """A case at the school whose student the district wrote down."""
    contact_id = make_contact(sender="+8613977777777")
    with transaction():
        session().execute(update(CONTACT).values(caller_type=caller))
    made_case = factory.make_case(owner_id=people.counselor, contact_id=contact_id, level=level)
    made.make_person(case_id=made_case.case_id, by=people.district, name="欧阳示例")
    return made_case


@pytest.mark.parametrize("level", [RiskLevel.LOW, RiskLevel.MODERATE])
@pytest.mark.parametrize("caller", ["self", "parent", "friend", "other", None])
def test_below_orange_the_school_learns_no_name(
    people: People, level: RiskLevel, caller: str | None
):
    """product.md 5.2; who brought the student counts only if it was the school itself."""
    case = school_case(people, level, caller)  # type: ignore[arg-type]

    (card,) = queries.cards(case=case, scope=scope(people.counselor))

    assert card.hidden
    assert (card.masked_name, card.school, card.numbers) == ("", "", ())
    assert found_by("欧阳", people.counselor) == []
    assert queries.masked_students(cases=[case], scope=scope(people.counselor)) == {}


@pytest.mark.parametrize(
    ("level", "caller"),
    [(RiskLevel.HIGH, "self"), (RiskLevel.IMMINENT, None), (RiskLevel.LOW, "teacher")],
)
def test_from_orange_or_when_the_school_sent_them_it_knows(
    people: People, level: RiskLevel, caller: str
):
    case = school_case(people, level, caller)

    (card,) = queries.cards(case=case, scope=scope(people.counselor))

    assert card.masked_name == "欧阳••"
    assert found_by("ouyang", people.counselor) == [case.case_id]
    assert queries.masked_students(cases=[case], scope=scope(people.counselor)) == {
        case.case_id: "欧阳••"
    }


def test_above_the_school_a_name_is_read_at_any_level(people: People):
    case = school_case(people)

    assert queries.cards(case=case, scope=scope(people.district))[0].masked_name == "欧阳••"
    assert found_by("欧阳", people.supervisor) == [case.case_id]


def test_a_school_counselor_sees_whom_they_wrote_down_themselves(people: People):
    case = factory.make_case(owner_id=people.counselor)
    made.make_person(case_id=case.case_id, by=people.counselor, name="欧阳示例")

    assert queries.cards(case=case, scope=scope(people.counselor))[0].masked_name == "欧阳••"
    assert queries.cards(case=case, scope=scope(people.colleague))[0].hidden
    assert found_by("欧阳", people.counselor) == [case.case_id]
    assert found_by("欧阳", people.colleague) == []


def test_whoever_works_nowhere_reads_no_name(people: People):
    case = school_case(people)
    nobody = Scope(user_id=0, paths=(), permissions=frozenset())

    assert queries.cards(case=case, scope=nobody)[0].hidden


def test_a_list_of_people_costs_the_same_for_one_and_for_many(people: People, case: CaseRow):
    made.make_person(case_id=case.case_id, by=people.district)
    reader = scope(people.district)
    sealed._cache._keys.clear()
    with counted() as one:
        queries.cards(case=case, scope=reader)
    for number in range(9):
        friend = made.make_person(
            case_id=case.case_id,
            by=people.district,
            relation=Relation.FRIEND,
            name=f"示例{number}",
        )
        made.make_number(person=friend, typed=f"1390000000{number}", by=people.district)
    reader = scope(people.district)
    sealed._cache._keys.clear()

    with counted() as ten:
        queries.cards(case=case, scope=reader)

    assert len(ten) == len(one)
