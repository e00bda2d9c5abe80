"""Write down the people of a case, change, remove and reveal them. Numbers: `numbers`.

Each person has a data key of their own; erasing it erases whatever named them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.people import LINK, NAME_INDEX, NUMBER, PERMISSION, PERSON
from wellbeing.cases.operations import entries, guardians
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules import names
from wellbeing.cases.rules.cases import CaseIsClosed, CaseStatus
from wellbeing.cases.rules.people import (
    PEOPLE_LIMIT,
    About,
    AlreadyRecorded,
    Details,
    NameTooLong,
    NewPerson,
    PeopleEntry,
    PersonRow,
    Relation,
    Reveal,
    StalePerson,
    StudentKnown,
    TooMany,
    check_reason,
)
from wellbeing.contacts.rules.conversations import clean_body
from wellbeing.foundation.crypto import sealed
from wellbeing.foundation.database import changed, session
from wellbeing.foundation.errors import NotFound

SHUT = frozenset({CaseStatus.SEALED.value, CaseStatus.ERASED.value})


def add_person(*, case_id: int, new: NewPerson, by: int, now: datetime) -> int:
    """Write down somebody in or around a case; give their id.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: it is sealed or erased.
        StudentKnown: its student is written down already.
        AlreadyRecorded: so is this person: the same relation and the same name.
        TooMany: the case holds `PEOPLE_LIMIT` people.
        NameTooLong: the name is longer than a name.

    """
    lock_case(case_id=case_id)
    cleaned = _cleaned(new)
    _refuse_twice(case_id, cleaned)
    key_id = sealed.create_data_key(now=now)
    values = _sealed(cleaned, key_id) | {
        "case_id": case_id,
        "data_key_id": key_id,
        "by_user_id": by,
        "at": now,
        "version": 1,
    }
    made = session().execute(insert(PERSON).values(values).returning(PERSON.c.id))
    person_id = int(made.scalar_one())
    _index(person_id, case_id, cleaned)
    about = About(case_id=case_id, person_id=person_id, relation=cleaned.relation)
    note(about=about, kind=PeopleEntry.ADDED, by=by, now=now)
    guardians.hold_to_age(case_id=case_id, by=by, now=now)
    return person_id


def edit_person(
    *, person: PersonRow, change: NewPerson, version: int, by: int, now: datetime
) -> int:
    """Change what is written down of somebody; give the new version.

    Raises:
        StalePerson: it was changed since `version`; carries what is saved and what was typed.
        StudentKnown: somebody else is the student of this case.
        CaseIsClosed: the case is sealed or erased.
        NameTooLong: the name is longer than a name.

    """
    lock_case(case_id=person.case_id)
    cleaned = _cleaned(change)
    if cleaned.relation is Relation.STUDENT and person.relation is not Relation.STUDENT:
        _refuse_second_student(person.case_id)
    statement = (
        update(PERSON)
        .where(
            PERSON.c.id == person.person_id,
            PERSON.c.version == version,
            PERSON.c.removed_at.is_(None),
        )
        .values(
            **_sealed(cleaned, person.data_key_id),
            edited_by=by,
            edited_at=now,
            version=version + 1,
        )
    )
    if changed(statement) != 1:
        saved = queries.person(person_id=person.person_id, case_id=person.case_id)
        raise StalePerson(saved=saved, yours=change)
    _index(person.person_id, person.case_id, cleaned)
    about = replace(person.about, relation=cleaned.relation)
    note(about=about, kind=PeopleEntry.CHANGED, by=by, now=now)
    guardians.hold_to_age(case_id=person.case_id, by=by, now=now)
    return version + 1


def remove_person(*, person: PersonRow, reason: str, by: int, now: datetime) -> None:
    """Take somebody out of a case for good: their key is destroyed, their indexes deleted.

    Raises:
        ReasonMissing: nothing says why.
        CaseIsClosed: the case is sealed or erased.

    """
    lock_case(case_id=person.case_id)
    why = check_reason(reason=reason)
    erase_person(person_id=person.person_id, now=now)
    note(about=person.about, kind=PeopleEntry.REMOVED, by=by, reason=why, now=now)
    guardians.hold_to_age(case_id=person.case_id, by=by, now=now)


def erase_person(*, person_id: int, now: datetime) -> None:
    """Destroy whatever names a person; a row without words stays, so that history holds."""
    statement = select(PERSON.c.data_key_id).where(PERSON.c.id == person_id)
    key_id = session().execute(statement).scalar()
    if key_id is None:
        raise NotFound
    for table in (NAME_INDEX, NUMBER, PERMISSION):
        session().execute(delete(table).where(table.c.person_id == person_id))
    session().execute(
        update(LINK)
        .where((LINK.c.one_id == person_id) | (LINK.c.other_id == person_id))
        .where(LINK.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    session().execute(
        update(PERSON)
        .where(PERSON.c.id == person_id)
        .values(name_sealed=None, details_sealed=None, removed_at=now)
    )
    sealed.erase_data_key(key_id=key_id, now=now)


def erase_people_of(*, case_id: int, now: datetime) -> int:
    """Destroy whatever names anybody in a case, as its erasure must; give how many they were."""
    statement = select(PERSON.c.id).where(
        PERSON.c.case_id == case_id, PERSON.c.removed_at.is_(None)
    )
    found = session().execute(statement).scalars().all()
    for person_id in found:
        erase_person(person_id=person_id, now=now)
    return len(found)


def reveal_person(*, person: PersonRow, reveal: Reveal, by: int, now: datetime) -> None:
    """Write into the timeline that a person is shown in the clear, and why.

    Raises:
        ReasonMissing: another reason has no words.

    """
    note(
        about=person.about,
        kind=PeopleEntry.REVEALED,
        by=by,
        reason=clean(text=reveal.reason()),
        now=now,
        why=reveal.why.value,
    )


def lock_case(*, case_id: int) -> None:
    """Let one transaction at a time change the people of a case; refuse one that is shut.

    Raises:
        NotFound: there is no such case.
        CaseIsClosed: it is sealed or erased.

    """
    statement = select(CASE.c.status).where(CASE.c.id == case_id).with_for_update()
    status = session().execute(statement).scalar()
    if status is None:
        raise NotFound
    if status in SHUT:
        raise CaseIsClosed


def note(
    *, about: About, kind: PeopleEntry, by: int, now: datetime, reason: str = "", **facts: Any
) -> None:
    """Write into the timeline what happened to a person; never who they are."""
    entries.add_entry(
        case_id=about.case_id,
        kind=kind,
        actor_id=by,
        facts={"person_id": about.person_id, "relation": about.relation.value} | facts,
        details={"reason": reason},
        now=now,
    )


def clean(*, text: str) -> str:
    """Make one typed word storable everywhere, without blanks around it."""
    return clean_body(raw=text).text.strip()


def _cleaned(new: NewPerson) -> NewPerson:
    name = " ".join(clean(text=new.name).split())
    if len(name) > names.LONGEST_NAME:
        raise NameTooLong
    details = Details(**{key: clean(text=text) for key, text in asdict(new.details).items()})
    return replace(new, name=name, details=details)


def _refuse_twice(case_id: int, new: NewPerson) -> None:
    if new.relation is Relation.STUDENT:
        _refuse_second_student(case_id)
    standing = PERSON.c.case_id == case_id, PERSON.c.removed_at.is_(None)
    count = session().execute(select(func.count()).select_from(PERSON).where(*standing))
    if count.scalar_one() >= PEOPLE_LIMIT:
        raise TooMany
    alike = select(PERSON.c.id).where(*standing, PERSON.c.relation == new.relation.value)
    wanted = queries.token_hmacs(tokens=names.same_name(name=new.name))
    if wanted:
        bearers = select(NAME_INDEX.c.person_id).where(NAME_INDEX.c.token_hmac.in_(wanted))
        alike = alike.where(PERSON.c.id.in_(bearers))
    else:
        alike = alike.where(PERSON.c.name_sealed.is_(None))
    if session().execute(alike).first() is not None:
        raise AlreadyRecorded


def _refuse_second_student(case_id: int) -> None:
    statement = select(PERSON.c.id).where(
        PERSON.c.case_id == case_id,
        PERSON.c.relation == Relation.STUDENT.value,
        PERSON.c.removed_at.is_(None),
    )
    if session().execute(statement).first() is not None:
        raise StudentKnown


def _sealed(new: NewPerson, key_id: UUID) -> dict[str, Any]:
    words = {key: text for key, text in asdict(new.details).items() if text}
    details = json.dumps(words, ensure_ascii=False)
    return {
        "relation": new.relation.value,
        "is_guardian": new.is_guardian,
        "is_caller": new.is_caller,
        "name_sealed": sealed.seal(new.name, key_id=key_id, place=queries.NAME_PLACE)
        if new.name
        else None,
        "details_sealed": sealed.seal(details, key_id=key_id, place=queries.DETAILS_PLACE)
        if words
        else None,
    }


def _index(person_id: int, case_id: int, new: NewPerson) -> None:
    """Replace the tokens by which somebody is found; a nickname finds them as a name does."""
    session().execute(delete(NAME_INDEX).where(NAME_INDEX.c.person_id == person_id))
    found = names.tokens(name=new.name) | names.tokens(name=new.details.called)
    rows = [
        {
            "person_id": person_id,
            "case_id": case_id,
            "kind": token[0].value,
            "token_hmac": queries.token_hmac(token=token),
        }
        for token in sorted(found)
    ]
    if rows:
        session().execute(insert(NAME_INDEX), rows)
