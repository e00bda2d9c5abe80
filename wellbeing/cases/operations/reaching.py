"""How people are reached: their numbers, what they allowed, the code word. Nothing is sent here."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from wellbeing.cases.events import TextsForbidden
from wellbeing.cases.models.people import NUMBER, PERMISSION
from wellbeing.cases.operations import people
from wellbeing.cases.queries import people as queries
from wellbeing.cases.rules.people import (
    NUMBERS_LIMIT,
    CodeWordCheck,
    NumberKind,
    NumberKnown,
    PeopleEntry,
    Permission,
    PersonRow,
    StalePermission,
    TooMany,
)
from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation import events, phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session


def add_number(
    *, person: PersonRow, typed: str, kind: NumberKind, is_shared: bool, by: int, now: datetime
) -> int:
    """Write down a number of a person; give its id. A shared phone is never proof of anybody.

    Raises:
        NotAPhoneNumber: it cannot be dialled.
        NumberKnown: it stands with this person already.
        TooMany: the person has `NUMBERS_LIMIT` numbers.
        CaseIsClosed: the case is sealed or erased.

    """
    people.lock_case(case_id=person.case_id)
    number = phone.normalised(typed)
    standing = NUMBER.c.person_id == person.person_id, NUMBER.c.removed_at.is_(None)
    count = session().execute(select(func.count()).select_from(NUMBER).where(*standing))
    if count.scalar_one() >= NUMBERS_LIMIT:
        raise TooMany
    statement = contacts.meeting(NUMBER).values(
        person_id=person.person_id,
        number_sealed=sealed.seal(number, key_id=person.data_key_id, place=queries.NUMBER_PLACE),
        number_index=ring.blind_index(purpose="phone", value=number),
        kind=kind.value,
        is_shared=is_shared,
        by_user_id=by,
        at=now,
    )
    made = session().execute(statement.on_conflict_do_nothing().returning(NUMBER.c.id)).scalar()
    if made is None:
        raise NumberKnown
    people.note(
        about=person.about,
        kind=PeopleEntry.NUMBER_ADDED,
        by=by,
        now=now,
        number_kind=kind.value,
    )
    return int(made)


def remove_number(*, person: PersonRow, number_id: int, by: int, now: datetime) -> None:
    """Take a number away for good, its blind index with it.

    Raises:
        NoSuchNumber: this person has no such number.
        CaseIsClosed: the case is sealed or erased.

    """
    people.lock_case(case_id=person.case_id)
    found = queries.number(number_id=number_id, person_id=person.person_id)
    session().execute(delete(NUMBER).where(NUMBER.c.id == found.number_id))
    people.note(
        about=person.about,
        kind=PeopleEntry.NUMBER_REMOVED,
        by=by,
        now=now,
        number_kind=found.kind.value,
    )


def set_permission(
    *, person: PersonRow, wish: Permission, version: int, by: int, now: datetime
) -> int:
    """Write down how a person may be reached; give the new version. 0 is the first.

    Raises:
        StalePermission: it was changed since `version`; carries what is saved and what was typed.
        CaseIsClosed: the case is sealed or erased.

    """
    people.lock_case(case_id=person.case_id)
    values = _sealed(person, wish) | {"by_user_id": by, "at": now, "version": version + 1}
    if not (_change(person, values, version) if version else _insert(person, values)):
        saved = queries.permissions_of(person_ids=[person.person_id])[person.person_id]
        raise StalePermission(saved=saved, yours=wish)
    people.note(
        about=person.about,
        kind=PeopleEntry.PERMISSION_SET,
        by=by,
        now=now,
        safety=wish.safety.value,
    )
    if wish.forbids_texts:
        events.publish(TextsForbidden(case_id=person.case_id, at=now))
    return version + 1


def note_code_word(*, person: PersonRow, check: CodeWordCheck, by: int, now: datetime) -> None:
    """Write down how it went to ask for the code word; it opens and closes nothing."""
    people.lock_case(case_id=person.case_id)
    people.note(
        about=person.about,
        kind=PeopleEntry.CODE_WORD_CHECKED,
        by=by,
        now=now,
        check=check.value,
    )


def _sealed(person: PersonRow, wish: Permission) -> dict[str, Any]:
    words = {
        "safe_times": people.clean(text=wish.safe_times),
        "care": people.clean(text=wish.care),
        "code_word": people.clean(text=wish.code_word),
    }
    text = json.dumps({key: one for key, one in words.items() if one}, ensure_ascii=False)
    return {
        "safety": wish.safety.value,
        "may_text": wish.may_text.value,
        "may_call": wish.may_call.value,
        "may_leave_message": wish.may_leave_message.value,
        "words_sealed": sealed.seal(text, key_id=person.data_key_id, place=queries.WORDS_PLACE),
    }


def _insert(person: PersonRow, values: dict[str, Any]) -> bool:
    if queries.permissions_of(person_ids=[person.person_id])[person.person_id].version:
        return False
    session().execute(insert(PERMISSION).values(person_id=person.person_id, **values))
    return True


def _change(person: PersonRow, values: dict[str, Any], version: int) -> bool:
    statement = update(PERMISSION).where(
        PERMISSION.c.person_id == person.person_id, PERMISSION.c.version == version
    )
    return changed(statement.values(**values)) == 1
