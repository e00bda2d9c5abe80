"""Questions about staff: names, numbers, how far they see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, select

from wellbeing.accounts.models import USER
from wellbeing.accounts.rules import roles
from wellbeing.accounts.rules.people import NoSuchUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Language

PHONE_PLACE = "user.phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """One person as other rooms and doors see them; the number shows two digits."""

    id: int
    username: str
    display_name_zh: str
    display_name_en: str
    role: Role
    organization_id: int
    organization_path: str
    phone_masked: str
    has_phone: bool
    languages: tuple[Language, ...]
    is_active: bool
    must_enroll_totp: bool
    version: int

    def display_name(self, *, language: Language) -> str:
        """Tell the name in the reader's language."""
        return self.display_name_zh if language is Language.ZH else self.display_name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class UserName:
    """What a list needs of a person."""

    id: int
    display_name_zh: str
    display_name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Somebody who can be texted and called: the opened number, languages, and their data key."""

    user_id: int
    phone: str
    languages: tuple[Language, ...]
    data_key_id: uuid.UUID


_PERSON = select(USER, ORGANIZATION.c.path.label("organization_path")).join(
    ORGANIZATION, ORGANIZATION.c.id == USER.c.organization_id
)


def user(*, user_id: int) -> UserRow:
    """Give one person, disabled or not.

    Raises:
        NoSuchUser: there is none with this id.

    """
    found = _people(_PERSON.where(USER.c.id == user_id))
    if not found:
        raise NoSuchUser
    return found[0]


def by_username(*, username: str) -> UserRow | None:
    """Find a person by the user name as it is stored; never show strangers whether one exists."""
    return next(iter(_people(_PERSON.where(USER.c.username == username))), None)


def user_by_phone(*, number: str) -> UserRow | None:
    """Find the active person whose number (E.164) this is."""
    index = ring.blind_index(purpose="phone", value=number)
    return next(iter(_people(_PERSON.where(USER.c.phone_index == index, USER.c.is_active))), None)


def users_of(*, organization_id: int, role: Role | None = None) -> tuple[UserRow, ...]:
    """List the active people of one organization (not of those under it), by user name."""
    statement = _PERSON.where(USER.c.organization_id == organization_id, USER.c.is_active)
    if role is not None:
        statement = statement.where(USER.c.role == role.value)
    return _people(statement.order_by(USER.c.username))


def people_where(*conditions: ColumnElement[bool], limit: int) -> tuple[UserRow, ...]:
    """List people, active or not, by user name; for the questions beside this module."""
    return _people(_PERSON.where(*conditions).order_by(USER.c.username).limit(limit))


def languages_of(*, user_ids: Iterable[int]) -> Mapping[int, tuple[Language, ...]]:
    """Tell what several people speak with students, preferred first; with one query."""
    statement = select(USER.c.id, USER.c.languages).where(USER.c.id.in_(set(user_ids)))
    return {
        row.id: tuple(Language(one) for one in row.languages)
        for row in session().execute(statement)
    }


_NAMES = select(USER.c.id, USER.c.display_name_zh, USER.c.display_name_en).where(
    USER.c.id.in_(bindparam("wanted", expanding=True))
)
"""Built once: nearly every page asks it."""


def names_of(*, user_ids: Iterable[int]) -> Mapping[int, UserName]:
    """Give the names of several people with one query, disabled ones too."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    rows = session().execute(_NAMES, {"wanted": list(wanted)}).mappings()
    return {row["id"]: UserName(**row) for row in rows}


def phone_of(*, user_id: int) -> str | None:
    """Open a person's number (E.164), to page them; None when they have none or left."""
    statement = select(USER.c.phone_sealed).where(USER.c.id == user_id, USER.c.is_active)
    blob = session().execute(statement).scalar()
    return sealed.open_sealed(blob, place=PHONE_PLACE) if blob else None


def reachable(*, user_ids: Iterable[int]) -> Mapping[int, Reachable]:
    """Open what is needed to text or call people, with one query; not of who left or has none."""
    statement = select(USER.c.id, USER.c.phone_sealed, USER.c.languages, USER.c.data_key_id).where(
        USER.c.id.in_(set(user_ids)), USER.c.is_active, USER.c.phone_sealed.is_not(None)
    )
    return {
        row.id: Reachable(
            user_id=row.id,
            phone=sealed.open_sealed(row.phone_sealed, place=PHONE_PLACE),
            languages=tuple(Language(one) for one in row.languages),
            data_key_id=row.data_key_id,
        )
        for row in session().execute(statement)
    }


def data_key_of(*, user_id: int) -> uuid.UUID:
    """Give the id of a person's data key, under which texts to them are sealed.

    Raises:
        NoSuchUser: there is none with this id.

    """
    key = session().execute(select(USER.c.data_key_id).where(USER.c.id == user_id)).scalar()
    if key is None:
        raise NoSuchUser
    return cast("uuid.UUID", key)


def scope_of(*, user_id: int) -> Scope:
    """Tell how far an active person sees, without a session.

    Raises:
        NoSuchUser: there is none, or they left.

    """
    found = user(user_id=user_id)
    if not found.is_active:
        raise NoSuchUser
    return roles.scope_of(user_id=user_id, path=found.organization_path, role=found.role)


def has_phone_index(*, phone_index: bytes) -> bool:
    """Tell whether an active person has the number behind a blind index."""
    statement = select(USER.c.id).where(USER.c.phone_index == phone_index, USER.c.is_active)
    return session().execute(statement).first() is not None


def _people(statement: Select[Any]) -> tuple[UserRow, ...]:
    rows = session().execute(statement).mappings().all()
    sealed.prefetch(key_ids=[row["data_key_id"] for row in rows if row["phone_sealed"]])
    return tuple(_person(row) for row in rows)


def _person(row: Mapping[Any, Any]) -> UserRow:
    blob = row["phone_sealed"]
    number = sealed.open_sealed(blob, place=PHONE_PLACE) if blob else None
    return UserRow(
        id=row["id"],
        username=row["username"],
        display_name_zh=row["display_name_zh"],
        display_name_en=row["display_name_en"],
        role=Role(row["role"]),
        organization_id=row["organization_id"],
        organization_path=row["organization_path"],
        phone_masked=phone.masked(number),
        has_phone=number is not None,
        languages=tuple(Language(one) for one in row["languages"]),
        is_active=row["is_active"],
        must_enroll_totp=row["must_enroll_totp"],
        version=row["version"],
    )
