"""Questions about staff, their sessions and grants. Nothing is changed here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from wellbeing.accounts.models import FAILURE, GRANT, SESSION, USER
from wellbeing.accounts.rules import (
    ROLE_PERMISSIONS,
    SECOND_FACTOR_WITHIN,
    Credentials,
    Failures,
    NoSuchUser,
    Role,
    SessionRow,
    SignedIn,
    SignInAttempt,
    SignInRefused,
    is_slowed,
    session_starts_after,
    token_hash,
)
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.organizations.rules import Scope
from wellbeing.policy import current as policy
from wellbeing.policy.model import Language

PHONE_PLACE = "user.phone"
TOTP_PLACE = "user.totp"


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


_PERSON = select(USER, ORGANIZATION.c.path.label("organization_path")).join(
    ORGANIZATION, ORGANIZATION.c.id == USER.c.organization_id
)
_SIGNED_IN = (
    select(
        SESSION.c.id.label("session_id"),
        SESSION.c.seen_at,
        SESSION.c.second_factor_at,
        SESSION.c.stepped_up_at,
        USER.c.id.label("user_id"),
        USER.c.username,
        USER.c.display_name_zh,
        USER.c.display_name_en,
        USER.c.role,
        USER.c.organization_id,
        USER.c.must_enroll_totp,
        ORGANIZATION.c.path.label("organization_path"),
        ORGANIZATION.c.name_zh.label("organization_name_zh"),
        ORGANIZATION.c.name_en.label("organization_name_en"),
    )
    .join(USER, USER.c.id == SESSION.c.user_id)
    .join(ORGANIZATION, ORGANIZATION.c.id == USER.c.organization_id)
    .where(USER.c.is_active)
)


def by_session_token(*, token: str, real_now: datetime) -> SignedIn | None:
    """Give the person behind a session's token with one query; None when it is over."""
    statement = _SIGNED_IN.where(
        SESSION.c.token_hash == token_hash(token=token), is_live(real_now=real_now)
    )
    row = session().execute(statement).mappings().first()
    return _signed_in(row) if row else None


def is_live(*, real_now: datetime) -> ColumnElement[bool]:
    """Limit a statement to sessions within both limits of the policy, and not ended."""
    seen, created = session_starts_after(limits=policy.current().privacy.session, now=real_now)
    return and_(
        SESSION.c.ended_at.is_(None),
        SESSION.c.seen_at > seen,
        SESSION.c.created_at > created,
        or_(
            SESSION.c.second_factor_at.is_not(None),
            SESSION.c.created_at > real_now - SECOND_FACTOR_WITHIN,
        ),
    )


def sessions_of(*, user_id: int, real_now: datetime) -> tuple[SessionRow, ...]:
    """List a person's live sessions, newest first."""
    statement = (
        select(SESSION)
        .where(SESSION.c.user_id == user_id, is_live(real_now=real_now))
        .order_by(SESSION.c.id.desc())
    )
    return tuple(
        SessionRow(
            session_id=row["id"],
            created_at=row["created_at"],
            seen_at=row["seen_at"],
            second_factor_done=row["second_factor_at"] is not None,
        )
        for row in session().execute(statement).mappings()
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


def names_of(*, user_ids: Iterable[int]) -> Mapping[int, UserName]:
    """Give the names of several people with one query, disabled ones too."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    statement = select(USER.c.id, USER.c.display_name_zh, USER.c.display_name_en)
    rows = session().execute(statement.where(USER.c.id.in_(wanted))).mappings()
    return {row["id"]: UserName(**row) for row in rows}


def phone_of(*, user_id: int) -> str | None:
    """Open a person's number (E.164), to page them; None when they have none or left."""
    statement = select(USER.c.phone_sealed).where(USER.c.id == user_id, USER.c.is_active)
    blob = session().execute(statement).scalar()
    return sealed.open_sealed(blob, place=PHONE_PLACE) if blob else None


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
    return _scope(user_id, found.organization_path, found.role)


def has_grant(*, user_id: int, subject_kind: str, subject_id: int, now: datetime) -> bool:
    """Tell whether a person has a grant in force on one record."""
    held = select(GRANT.c.id).where(*_in_force(user_id, subject_kind, now))
    statement = held.where(GRANT.c.subject_id == subject_id).limit(1)
    return session().execute(statement).first() is not None


def grants_subquery(*, user_id: int, subject_kind: str, now: datetime) -> Select[int]:
    """Give a SELECT of the ids a person has grants on, for `.in_()` in a higher room's query."""
    return select(GRANT.c.subject_id).where(*_in_force(user_id, subject_kind, now))


def granted_ids(*, user_id: int, subject_kind: str, now: datetime) -> tuple[int, ...]:
    """List the ids a person has grants on."""
    statement = grants_subquery(user_id=user_id, subject_kind=subject_kind, now=now)
    return tuple(session().execute(statement.distinct().order_by(GRANT.c.subject_id)).scalars())


def holders_of(*, subject_kind: str, subject_id: int, now: datetime) -> tuple[int, ...]:
    """List the people who have a grant in force on a record."""
    subject = (GRANT.c.subject_kind == subject_kind, GRANT.c.subject_id == subject_id)
    held = select(GRANT.c.user_id).where(*subject, *_at(now)).distinct()
    return tuple(session().execute(held.order_by(GRANT.c.user_id)).scalars())


def credentials(*, username: str) -> Credentials | None:
    """Give what a password is checked against, for a user name as it is stored."""
    statement = select(USER.c.id, USER.c.password_hash, USER.c.is_active)
    row = session().execute(statement.where(USER.c.username == username)).first()
    return Credentials(user_id=row[0], password_hash=row[1], is_active=row[2]) if row else None


def totp_of(*, user_id: int) -> tuple[str | None, int | None]:
    """Give a person's one-time secret and the last step used; None where none is set."""
    statement = select(USER.c.totp_sealed, USER.c.totp_last_step).where(USER.c.id == user_id)
    row = session().execute(statement).first()
    if row is None or row[0] is None:
        return None, None
    return sealed.open_sealed(row[0], place=TOTP_PLACE), row[1]


def has_phone_index(*, phone_index: bytes) -> bool:
    """Tell whether an active person has the number behind a blind index."""
    statement = select(USER.c.id).where(USER.c.phone_index == phone_index, USER.c.is_active)
    return session().execute(statement).first() is not None


def attempt_at_password(
    *, username: str, user_id: int | None, address: str, real_now: datetime
) -> SignInAttempt:
    """Allow an attempt by name and address; only this name from this address is slowed soon.

    An address from which the person signed in before is not slowed by what others do there, so
    that a flood, from one address or from thousands, never keeps the right person out.

    Raises:
        SignInRefused: this must wait.

    """
    limits = policy.current().privacy.sign_in
    pair, place = _key("password", username, address), address_key(address=address)
    allowed = {pair: limits.failures_per_account, place: limits.failures_per_address}
    return _attempt(allowed, shared=place, place=place, user_id=user_id, real_now=real_now)


def attempt_at_code(*, user_id: int, address: str, real_now: datetime) -> SignInAttempt:
    """Allow an attempt at the second factor; whoever makes one knows the password already.

    Raises:
        SignInRefused: this must wait.

    """
    limits = policy.current().privacy.sign_in
    pair, person = _key("code", str(user_id), address), _key("code", str(user_id))
    allowed = {pair: limits.failures_per_account, person: limits.failures_per_address}
    place = address_key(address=address)
    return _attempt(allowed, shared=person, place=place, user_id=user_id, real_now=real_now)


def address_key(*, address: str) -> bytes:
    """Give the keyed hash under which an address is remembered; never the address itself."""
    return _key("address", address)


def _attempt(
    allowed: Mapping[bytes, int],
    *,
    shared: bytes,
    place: bytes,
    user_id: int | None,
    real_now: datetime,
) -> SignInAttempt:
    """Refuse if one of the keys is slowed; the `shared` one counts only at unknown addresses."""
    limits = policy.current().privacy.sign_in
    counted = (
        select(FAILURE.c.key, func.count(), func.max(FAILURE.c.at))
        .where(FAILURE.c.key.in_(list(allowed)), FAILURE.c.at > real_now - limits.within)
        .group_by(FAILURE.c.key)
    )
    is_known = _knows_address(place, user_id)
    for key, count, latest in session().execute(counted):
        failures = Failures(count=count, latest=latest)
        slowed = is_slowed(failures=failures, allowed=allowed[key], limits=limits, now=real_now)
        if slowed and not (key == shared and is_known):
            raise SignInRefused(attempt=SignInAttempt(keys=tuple(allowed), counts=False))
    return SignInAttempt(keys=tuple(allowed), counts=True)


def _knows_address(place: bytes, user_id: int | None) -> bool:
    statement = select(SESSION.c.id).where(
        SESSION.c.user_id == (user_id or 0),
        SESSION.c.address_index == place,
        SESSION.c.second_factor_at.is_not(None),
    )
    return session().execute(statement.limit(1)).first() is not None


def _key(*parts: str) -> bytes:
    return ring.blind_index(purpose="sign_in", value="\0".join(parts))


def _in_force(user_id: int, subject_kind: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (GRANT.c.user_id == user_id, GRANT.c.subject_kind == subject_kind, *_at(now))


def _at(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        GRANT.c.ended_at.is_(None),
        GRANT.c.starts_at <= now,
        or_(GRANT.c.ends_at.is_(None), GRANT.c.ends_at > now),
    )


def _scope(user_id: int, path: str, role: Role) -> Scope:
    return Scope(user_id=user_id, paths=(path,), permissions=frozenset(ROLE_PERMISSIONS[role]))


def _signed_in(row: Mapping[Any, Any]) -> SignedIn:
    role = Role(row["role"])
    plain = {
        name: row[name]
        for name in SignedIn.__dataclass_fields__
        if name not in {"role", "permissions", "second_factor_done", "scope"}
    }
    return SignedIn(
        role=role,
        permissions=ROLE_PERMISSIONS[role],
        second_factor_done=row["second_factor_at"] is not None,
        scope=_scope(row["user_id"], row["organization_path"], role),
        **plain,
    )


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
