"""Questions about the people of a case: masked for pages, in the clear for a reveal; by name.

Nothing here decides who may open a case; `identity` decides who may read the names in it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from wellbeing.cases.models.cases import CASE
from wellbeing.cases.models.people import NAME_INDEX, NUMBER, PERMISSION, PERSON
from wellbeing.cases.queries import identity
from wellbeing.cases.rules import names
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.names import Token
from wellbeing.cases.rules.people import (
    Details,
    NoSuchNumber,
    NoSuchPerson,
    NumberKind,
    NumberRow,
    Permission,
    PermissionRow,
    PersonCard,
    PersonRow,
    Relation,
    Safety,
    Wish,
)
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.foundation.phone import NotAPhoneNumber
from wellbeing.organizations.rules import Scope

NAME_PLACE = "person.name"
DETAILS_PLACE = "person.details"
NUMBER_PLACE = "person_number.number"
WORDS_PLACE = "contact_permission.words"
_AS_STORED = ("case_id", "is_guardian", "is_caller", "data_key_id", "by_user_id", "at",
              "edited_by", "edited_at", "version")  # fmt: skip


def cards(*, case: CaseRow, scope: Scope) -> tuple[PersonCard, ...]:
    """Show the people of a case as lists may: masked, and hidden where not even that is allowed.

    The student stands first. A reader always sees whom they wrote down themselves.
    """
    rows = _people(PERSON.c.case_id == case.case_id)
    sealed.prefetch(key_ids=[row["data_key_id"] for row in rows])
    is_named = identity.is_named(case=case, scope=scope) if rows else True
    numbers = _numbers(row["id"] for row in rows)
    permissions = permissions_of(person_ids=[row["id"] for row in rows])
    found = [
        _card(
            row,
            numbers.get(row["id"], ()),
            permissions[row["id"]],
            is_hidden=not is_named and row["by_user_id"] != scope.user_id,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one.relation is not Relation.STUDENT))


def person(*, person_id: int, case_id: int) -> PersonRow:
    """Give a person of a case in the clear; whoever asks has to audit it.

    Raises:
        NoSuchPerson: this case has no such person.

    """
    found = _people(PERSON.c.id == person_id, PERSON.c.case_id == case_id)
    if not found:
        raise NoSuchPerson
    return _opened(found[0])


def numbers_in_clear(*, person_id: int) -> Mapping[int, str]:
    """Give the numbers of a person in the clear, by id; whoever asks has to audit it."""
    statement = (
        select(NUMBER.c.id, NUMBER.c.number_sealed)
        .where(NUMBER.c.person_id == person_id, NUMBER.c.removed_at.is_(None))
        .order_by(NUMBER.c.id)
    )
    return {
        number_id: sealed.open_sealed(blob, place=NUMBER_PLACE)
        for number_id, blob in session().execute(statement)
    }


def names_in(*, case_id: int) -> frozenset[str]:
    """Give every name, nickname and number that stands in a case, in the clear; for its erasure."""
    rows = _people(PERSON.c.case_id == case_id, PERSON.c.removed_at.is_(None))
    found = {_name(row) for row in rows} | {_details(row).called for row in rows}
    for row in rows:
        found |= set(numbers_in_clear(person_id=row["id"]).values())
    return frozenset(one for one in found if one)


def number(*, number_id: int, person_id: int) -> NumberRow:
    """Give one number of a person, masked.

    Raises:
        NoSuchNumber: this person has no such number.

    """
    for one in _numbers([person_id]).get(person_id, ()):
        if one.number_id == number_id:
            return one
    raise NoSuchNumber


def permissions_of(*, person_ids: Iterable[int]) -> Mapping[int, PermissionRow]:
    """Open how people may be reached; version 0 for those whom nobody asked."""
    wanted = tuple(person_ids)
    statement = select(PERMISSION).where(PERMISSION.c.person_id.in_(wanted))
    rows = session().execute(statement).mappings() if wanted else ()
    found = {row["person_id"]: _permission(row) for row in rows}
    return {one: found.get(one) or _nobody_asked(one) for one in wanted}


def never_said_about(*, case_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Give what no unasked text may say of the people of cases: names, and where they learn.

    Not a read of anybody: nobody is shown it; messages are held against it (product.md 2.7).
    """
    found: dict[int, dict[str, None]] = {one: {} for one in case_ids}
    rows = _people(PERSON.c.case_id.in_(found))
    sealed.prefetch(key_ids=[row["data_key_id"] for row in rows])
    for row in rows:
        details = _details(row)
        said = (*names.spoken(name=_name(row)), *names.spoken(name=details.called))
        found[row["case_id"]] |= dict.fromkeys((*said, details.school))
    return {one: tuple(name for name in names_ if name) for one, names_ in found.items()}


def masked_students(*, cases: Iterable[CaseRow], scope: Scope) -> Mapping[int, str]:
    """Name the students of several cases, masked, by case; hidden and unnamed ones are left out."""
    wanted = [one.case_id for one in cases]
    if not wanted:
        return {}
    statement = (
        select(PERSON.c.case_id, PERSON.c.name_sealed, PERSON.c.data_key_id)
        .join(CASE, CASE.c.id == PERSON.c.case_id)
        .where(
            PERSON.c.case_id.in_(wanted),
            PERSON.c.relation == Relation.STUDENT.value,
            PERSON.c.removed_at.is_(None),
            PERSON.c.name_sealed.is_not(None),
            _readable(scope),
        )
    )
    rows = session().execute(statement).mappings().all()
    sealed.prefetch(key_ids=[row["data_key_id"] for row in rows])
    return {
        row["case_id"]: names.masked(name=sealed.open_sealed(row["name_sealed"], place=NAME_PLACE))
        for row in rows
    }


def case_ids_by_name(*, typed: str, scope: Scope) -> Select[Any]:
    """Select the ids of cases in which somebody bears this name, surname or pinyin.

    A part of a larger statement: it limits to names that the reader may read (a search must not
    tell what a page hides), not to cases that they may open; `visibility.scoped` does that.
    """
    wanted = token_hmacs(tokens=names.search_tokens(typed=typed))
    statement = select(NAME_INDEX.c.case_id).where(
        NAME_INDEX.c.token_hmac.in_(wanted) if wanted else false()
    )
    return _only_readable(statement, NAME_INDEX.c.person_id, scope)


def case_ids_by_number(*, typed: str, scope: Scope) -> Select[Any]:
    """Select the ids of cases in which somebody has this number, as `case_ids_by_name` does."""
    index = number_index(typed=typed)
    statement = select(PERSON.c.case_id).join(NUMBER, NUMBER.c.person_id == PERSON.c.id)
    found = NUMBER.c.number_index == index if index is not None else false()
    statement = statement.where(found, NUMBER.c.removed_at.is_(None))
    return _only_readable(statement, PERSON.c.id, scope)


def number_index(*, typed: str) -> bytes | None:
    """Give the blind index of a number however it was typed; None when it cannot be one."""
    try:
        return ring.blind_index(purpose="phone", value=phone.normalised(typed))
    except NotAPhoneNumber:
        return None


def token_hmacs(*, tokens: Iterable[Token]) -> tuple[bytes, ...]:
    """Give the blind indexes of tokens of a name, in the order given."""
    return tuple(token_hmac(token=one) for one in tokens)


def token_hmac(*, token: Token) -> bytes:
    """Give the blind index of one token; kinds never meet each other's values."""
    kind, text = token
    return ring.blind_index(purpose=f"name.{kind.value}", value=text)


def _only_readable(
    statement: Select[Any], person_id: ColumnElement[int], scope: Scope
) -> Select[Any]:
    if not identity.is_school_reader(scope=scope):
        return statement
    readable = select(PERSON.c.id).join(CASE, CASE.c.id == PERSON.c.case_id).where(_readable(scope))
    return statement.where(person_id.in_(readable))


def _readable(scope: Scope) -> ColumnElement[bool]:
    return or_(identity.named(scope=scope), PERSON.c.by_user_id == scope.user_id)


def _people(*conditions: ColumnElement[bool]) -> list[Mapping[Any, Any]]:
    statement = select(PERSON).where(*conditions, PERSON.c.removed_at.is_(None))
    return list(session().execute(statement.order_by(PERSON.c.id)).mappings())


def _numbers(person_ids: Iterable[int]) -> Mapping[int, tuple[NumberRow, ...]]:
    wanted = tuple(person_ids)
    if not wanted:
        return {}
    statement = (
        select(NUMBER)
        .where(NUMBER.c.person_id.in_(wanted), NUMBER.c.removed_at.is_(None))
        .order_by(NUMBER.c.id)
    )
    found: dict[int, list[NumberRow]] = defaultdict(list)
    for row in session().execute(statement).mappings():
        found[row["person_id"]].append(_number(row))
    return {person_id: tuple(rows) for person_id, rows in found.items()}


def _number(row: Mapping[Any, Any]) -> NumberRow:
    return NumberRow(
        number_id=row["id"],
        person_id=row["person_id"],
        masked=phone.masked(sealed.open_sealed(row["number_sealed"], place=NUMBER_PLACE)),
        kind=NumberKind(row["kind"]),
        is_shared=row["is_shared"],
        at=row["at"],
    )


def _card(
    row: Mapping[Any, Any],
    numbers: tuple[NumberRow, ...],
    permission: PermissionRow,
    *,
    is_hidden: bool,
) -> PersonCard:
    details = Details() if is_hidden else _details(row)
    return PersonCard(
        person_id=row["id"],
        relation=Relation(row["relation"]),
        is_guardian=row["is_guardian"],
        is_caller=row["is_caller"],
        hidden=is_hidden,
        masked_name="" if is_hidden or not row["name_sealed"] else names.masked(name=_name(row)),
        school=details.school,
        grade=details.grade,
        numbers=() if is_hidden else numbers,
        permission=permission,
        by_user_id=row["by_user_id"],
        at=row["at"],
        version=row["version"],
    )


def _opened(row: Mapping[Any, Any]) -> PersonRow:
    return PersonRow(
        person_id=row["id"],
        relation=Relation(row["relation"]),
        name=_name(row),
        details=_details(row),
        **{name: row[name] for name in _AS_STORED},
    )


def _name(row: Mapping[Any, Any]) -> str:
    blob = row["name_sealed"]
    return sealed.open_sealed(blob, place=NAME_PLACE) if blob else ""


def _details(row: Mapping[Any, Any]) -> Details:
    blob = row["details_sealed"]
    return (
        Details(**json.loads(sealed.open_sealed(blob, place=DETAILS_PLACE))) if blob else Details()
    )


def _nobody_asked(person_id: int) -> PermissionRow:
    return PermissionRow(
        person_id=person_id, wish=Permission(), by_user_id=None, at=None, version=0
    )


def _permission(row: Mapping[Any, Any]) -> PermissionRow:
    blob = row["words_sealed"]
    words = json.loads(sealed.open_sealed(blob, place=WORDS_PLACE)) if blob else {}
    wish = Permission(
        safety=Safety(row["safety"]),
        may_text=Wish(row["may_text"]),
        may_call=Wish(row["may_call"]),
        may_leave_message=Wish(row["may_leave_message"]),
        **words,
    )
    return PermissionRow(
        person_id=row["person_id"],
        wish=wish,
        by_user_id=row["by_user_id"],
        at=row["at"],
        version=row["version"],
    )
