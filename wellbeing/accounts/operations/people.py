"""Staff come, change and leave. Who did it is audited by the door."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from wellbeing.accounts.models import USER
from wellbeing.accounts.operations import grants, sessions
from wellbeing.accounts.queries import people, signing_in
from wellbeing.accounts.rules.passwords import check_new_password, hash_password
from wellbeing.accounts.rules.people import (
    NewUser,
    NoLanguage,
    NoSuchUser,
    PhoneTaken,
    StaleUser,
    UsernameTaken,
    normalised_username,
)
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.policy.model import Language


def create_user(*, new: NewUser, now: datetime) -> int:
    """Add a person; without a known second factor they set one up at their first sign-in.

    Raises:
        UnfitPassword: the password is too short, too common or holds the user name.
        UsernameTaken: somebody has this name, even somebody who left.
        PhoneTaken: an active person has this number.
        NotAPhoneNumber: the number cannot be dialled.
        NoSuchOrganization: they would belong nowhere.

    """
    username = normalised_username(username=new.username)
    check_new_password(password=new.password, username=username)
    key = sealed.create_data_key(now=now)
    values = {
        "username": username,
        "display_name_zh": new.display_name_zh,
        "display_name_en": new.display_name_en,
        "role": Role(new.role).value,
        "organization_id": organizations.get(organization_id=new.organization_id).id,
        "password_hash": hash_password(password=new.password),
        "totp_sealed": _sealed(new.totp_secret, key, signing_in.TOTP_PLACE),
        "must_enroll_totp": new.totp_secret is None,
        "data_key_id": key,
        "languages": [language.value for language in new.languages],
        "is_active": True,
        "created_at": now,
        "version": 1,
    } | _phone(new.phone, key)
    return _insert_user(values)


def disable_user(*, user_id: int, real_now: datetime) -> None:
    """Take a person's access away at once: no sign-in, no sessions, no pages.

    What they hold must be handed over first; that is the work of higher rooms.

    Raises:
        NoSuchUser: there is none, or they were disabled already.

    """
    _change_user(user_id, is_active=False, disabled_at=real_now, version=USER.c.version + 1)
    sessions.end_all_sessions(user_id=user_id, real_now=real_now)
    grants.end_own_grants(user_id=user_id, now=real_now)


def change_role(
    *, user_id: int, role: Role, organization_id: int, version: int, real_now: datetime
) -> None:
    """Give a person another role or place; they must sign in again with what it allows.

    Raises:
        StaleUser: somebody changed the person in the meantime.

    """
    seen = (USER.c.id == user_id, USER.c.version == version, USER.c.is_active)
    values = {"role": role.value, "organization_id": organization_id, "version": version + 1}
    if changed(update(USER).where(*seen).values(values)) != 1:
        raise StaleUser
    sessions.end_all_sessions(user_id=user_id, real_now=real_now)
    grants.end_own_grants(user_id=user_id, now=real_now)


def set_languages(*, user_id: int, languages: Sequence[Language]) -> None:
    """Keep what somebody speaks with students; pages reach them in the first.

    Raises:
        NoLanguage: none was named.
        NoSuchUser: there is none, or they left.

    """
    if not languages:
        raise NoLanguage
    _change_user(user_id, languages=[language.value for language in dict.fromkeys(languages)])


def set_password(*, user_id: int, password: str, real_now: datetime) -> None:
    """Set a new password; every session ends, so that a thief's does too.

    Raises:
        UnfitPassword: it cannot be used.
        NoSuchUser: there is no such active person.

    """
    check_new_password(password=password, username=people.user(user_id=user_id).username)
    _change_user(user_id, password_hash=hash_password(password=password))
    sessions.end_all_sessions(user_id=user_id, real_now=real_now)


def _insert_user(values: dict[str, Any]) -> int:
    try:
        with session().begin_nested():
            made = insert(USER).values(values).returning(USER.c.id)
            return int(session().execute(made).scalar_one())
    except IntegrityError as error:
        if signing_in.credentials(username=values["username"]) is not None:
            raise UsernameTaken from error
        if (index := values["phone_index"]) and people.has_phone_index(phone_index=index):
            raise PhoneTaken from error
        raise


def _sealed(text: str | None, key: uuid.UUID, place: str) -> bytes | None:
    return sealed.seal(text, key_id=key, place=place) if text else None


def _phone(raw: str | None, key: uuid.UUID) -> dict[str, bytes | None]:
    number = phone.normalised(raw) if raw else None
    return {
        "phone_sealed": _sealed(number, key, people.PHONE_PLACE),
        "phone_index": ring.blind_index(purpose="phone", value=number) if number else None,
    }


def _change_user(user_id: int, **values: object) -> None:
    if changed(update(USER).where(USER.c.id == user_id, USER.c.is_active).values(values)) != 1:
        raise NoSuchUser
