"""Staff come, sign in, leave, and are granted records. Who did it is audited by the door.

Sign-in uses real time. A refusal carries its attempt: the door shows one message for all of them
and stores the attempt with `note_refusal` in a transaction of its own, so that it counts.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, update
from sqlalchemy.exc import IntegrityError

from wellbeing.accounts import queries
from wellbeing.accounts.models import FAILURE, GRANT, RECOVERY_CODE, SESSION, USER
from wellbeing.accounts.rules import (
    KNOWN_FOR,
    RECOVERY_CODES,
    SECOND_FACTOR_WITHIN,
    AlreadyEnrolled,
    GrantKind,
    NewUser,
    NoSuchUser,
    PhoneTaken,
    Role,
    SessionEnded,
    SignInAttempt,
    SignInRefused,
    StaleUser,
    UsernameTaken,
    check_new_password,
    hash_password,
    is_password,
    matching_step,
    new_recovery_code,
    new_totp_secret,
    normalised_code,
    normalised_username,
    token_hash,
)
from wellbeing.foundation import phone
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.organizations import queries as organizations
from wellbeing.policy import current as policy

TOUCH_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 32


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
        "totp_sealed": _sealed(new.totp_secret, key, queries.TOTP_PLACE),
        "must_enroll_totp": new.totp_secret is None,
        "data_key_id": key,
        "languages": [language.value for language in new.languages],
        "is_active": True,
        "created_at": now,
        "version": 1,
    } | _phone(new.phone, key)
    return _insert_user(values)


def check_password(*, username: str, password: str, address: str, real_now: datetime) -> int:
    """Give the id of whose name and password these are; every refusal looks and lasts alike.

    Call it outside `transaction()`: hashing takes its time and writes nothing.

    Raises:
        SignInRefused: whatever the reason; store its attempt with `note_refusal`.

    """
    found = queries.credentials(username=normalised_username(username=username))
    attempt = queries.attempt_at_password(
        username=normalised_username(username=username),
        user_id=found.user_id if found else None,
        address=address,
        real_now=real_now,
    )
    fits = is_password(password=password, hashed=found.password_hash if found else None)
    if found is None or not fits or not found.is_active:
        raise SignInRefused(attempt=attempt)
    return found.user_id


def confirm_totp(*, user_id: int, code: str, address: str, real_now: datetime) -> None:
    """Accept a one-time code, at most one step early or late, each step once; enrolls at first.

    Raises:
        SignInRefused: wrong, used, or tried too often; store its attempt with `note_refusal`.

    """
    attempt = queries.attempt_at_code(user_id=user_id, address=address, real_now=real_now)
    secret, last = queries.totp_of(user_id=user_id)
    step = secret and matching_step(secret=secret, code=code, at=real_now, last_step=last)
    if not step:
        raise SignInRefused(attempt=attempt)
    # Guarded again: the same code may arrive twice at once.
    unused = or_(USER.c.totp_last_step.is_(None), USER.c.totp_last_step < step)
    used = update(USER).where(USER.c.id == user_id, USER.c.is_active, unused)
    if changed(used.values(totp_last_step=step, must_enroll_totp=False)) != 1:
        raise SignInRefused(attempt=attempt)


def use_recovery_code(*, user_id: int, code: str, address: str, real_now: datetime) -> None:
    """Accept a recovery code instead of the one-time code; each works once.

    Raises:
        SignInRefused: unknown, used, or tried too often; store its attempt with `note_refusal`.

    """
    attempt = queries.attempt_at_code(user_id=user_id, address=address, real_now=real_now)
    unused = update(RECOVERY_CODE).where(
        RECOVERY_CODE.c.user_id == user_id,
        RECOVERY_CODE.c.code_hash == _code_hash(user_id, code),
        RECOVERY_CODE.c.used_at.is_(None),
    )
    is_active = queries.user(user_id=user_id).is_active
    if not is_active or changed(unused.values(used_at=real_now)) != 1:
        raise SignInRefused(attempt=attempt)


def note_refusal(*, attempt: SignInAttempt, real_now: datetime) -> None:
    """Count a refused attempt; one that was already slowed counts no further."""
    if attempt.counts:
        session().execute(insert(FAILURE), [{"key": key, "at": real_now} for key in attempt.keys])


def forget_refusals(*, real_now: datetime) -> int:
    """Delete the refused attempts that slow nobody down any more; give how many."""
    before = real_now - policy.current().privacy.sign_in.within
    return changed(delete(FAILURE).where(FAILURE.c.at <= before))


def forget_old_sessions(*, real_now: datetime) -> int:
    """Delete sessions whose address need not be known any more; give how many."""
    old = SESSION.c.created_at <= real_now - KNOWN_FOR
    # One that never showed its second factor made no address known: it goes when it is over.
    over = SESSION.c.created_at <= real_now - SECOND_FACTOR_WITHIN
    return changed(delete(SESSION).where(or_(old, over & SESSION.c.second_factor_at.is_(None))))


def begin_totp(*, user_id: int) -> str:
    """Give a fresh secret for the authenticator; `confirm_totp` with its code completes it.

    Raises:
        AlreadyEnrolled: the person has a second factor; a supervisor must reset it first.

    """
    secret = new_totp_secret()
    blob = _sealed(secret, queries.data_key_of(user_id=user_id), queries.TOTP_PLACE)
    begun = update(USER).where(USER.c.id == user_id, USER.c.is_active, USER.c.must_enroll_totp)
    if changed(begun.values(totp_sealed=blob, totp_last_step=None)) != 1:
        raise AlreadyEnrolled
    return secret


def make_recovery_codes(*, user_id: int) -> tuple[str, ...]:
    """Replace a person's recovery codes; the new ones are shown once and kept as hashes."""
    session().execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.user_id == user_id))
    codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
    rows = [{"user_id": user_id, "code_hash": _code_hash(user_id, code)} for code in codes]
    session().execute(insert(RECOVERY_CODE), rows)
    return codes


def start_session(
    *, user_id: int, address: str, real_now: datetime, second_factor_done: bool = False
) -> str:
    """Start a session and give its token, which exists nowhere else; put it into the cookie."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {
        "token_hash": token_hash(token=token),
        "user_id": user_id,
        "address_index": queries.address_key(address=address),
        "created_at": real_now,
        "seen_at": real_now,
        "second_factor_at": real_now if second_factor_done else None,
        "stepped_up_at": real_now if second_factor_done else None,
    }
    session().execute(insert(SESSION).values(values))
    return token


def complete_second_factor(*, session_id: int, real_now: datetime) -> str:
    """Mark the second factor as done and give the session a new token; the old one is void.

    Raises:
        SessionEnded: it is over.

    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _change_live(
        session_id,
        real_now,
        token_hash=token_hash(token=token),
        created_at=real_now,
        seen_at=real_now,
        second_factor_at=real_now,
        stepped_up_at=real_now,
    )
    return token


def step_up(*, session_id: int, real_now: datetime) -> None:
    """Mark that the person proved themselves again just now.

    Raises:
        SessionEnded: it is over.

    """
    _change_live(session_id, real_now, stepped_up_at=real_now)


def touch_session(*, session_id: int, real_now: datetime) -> bool:
    """Prolong a session's idle limit, at most once a minute; False when it was not due."""
    due = (
        SESSION.c.id == session_id,
        SESSION.c.seen_at <= real_now - TOUCH_EVERY,
        queries.is_live(real_now=real_now),
    )
    return changed(update(SESSION).where(*due).values(seen_at=real_now)) == 1


def end_session(*, session_id: int, real_now: datetime) -> None:
    """End one session; its token opens nothing from now on."""
    _end_sessions(SESSION.c.id == session_id, real_now=real_now)


def end_all_sessions(
    *, user_id: int, real_now: datetime, except_session_id: int | None = None
) -> int:
    """End a person's sessions, all or all but the one they act from; give how many."""
    others = SESSION.c.id != (except_session_id or 0)
    return _end_sessions(SESSION.c.user_id == user_id, others, real_now=real_now)


def disable_user(*, user_id: int, real_now: datetime) -> None:
    """Take a person's access away at once: no sign-in, no sessions, no pages.

    What they hold must be handed over first; that is the work of higher rooms.

    Raises:
        NoSuchUser: there is none, or they were disabled already.

    """
    _change_user(user_id, is_active=False, disabled_at=real_now, version=USER.c.version + 1)
    end_all_sessions(user_id=user_id, real_now=real_now)


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
    end_all_sessions(user_id=user_id, real_now=real_now)


def set_password(*, user_id: int, password: str, real_now: datetime) -> None:
    """Set a new password; every session ends, so that a thief's does too.

    Raises:
        UnfitPassword: it cannot be used.
        NoSuchUser: there is no such active person.

    """
    check_new_password(password=password, username=queries.user(user_id=user_id).username)
    _change_user(user_id, password_hash=hash_password(password=password))
    end_all_sessions(user_id=user_id, real_now=real_now)


def grant_access(
    *,
    user_id: int,
    subject_kind: str,
    subject_id: int,
    kind: GrantKind,
    now: datetime,
    ends_at: datetime | None = None,
) -> int:
    """Let a person open a record; granted again, it is the same one with the new end."""
    same = (
        GRANT.c.user_id == user_id,
        GRANT.c.subject_kind == subject_kind,
        GRANT.c.subject_id == subject_id,
        GRANT.c.kind == GrantKind(kind).value,
        GRANT.c.ended_at.is_(None),
    )
    # One that ran out by itself makes room for a new one.
    session().execute(update(GRANT).where(*same, GRANT.c.ends_at <= now).values(ended_at=now))
    again = update(GRANT).where(*same).values(ends_at=ends_at).returning(GRANT.c.id)
    held = session().execute(again).scalar()
    if held is not None:
        return int(held)
    values = {
        "user_id": user_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "kind": GrantKind(kind).value,
        "starts_at": now,
        "ends_at": ends_at,
    }
    return int(session().execute(insert(GRANT).values(values).returning(GRANT.c.id)).scalar_one())


def end_grants(
    *,
    subject_kind: str,
    subject_id: int,
    now: datetime,
    user_id: int | None = None,
    kind: GrantKind | None = None,
) -> int:
    """End the grants on a record, of everybody or of one person, of every kind or one."""
    ended = update(GRANT).where(
        GRANT.c.subject_kind == subject_kind,
        GRANT.c.subject_id == subject_id,
        GRANT.c.ended_at.is_(None),
    )
    if user_id is not None:
        ended = ended.where(GRANT.c.user_id == user_id)
    if kind is not None:
        ended = ended.where(GRANT.c.kind == kind.value)
    return changed(ended.values(ended_at=now))


def _insert_user(values: dict[str, Any]) -> int:
    try:
        with session().begin_nested():
            made = insert(USER).values(values).returning(USER.c.id)
            return int(session().execute(made).scalar_one())
    except IntegrityError as error:
        if queries.credentials(username=values["username"]) is not None:
            raise UsernameTaken from error
        if (index := values["phone_index"]) and queries.has_phone_index(phone_index=index):
            raise PhoneTaken from error
        raise


def _sealed(text: str | None, key: uuid.UUID, place: str) -> bytes | None:
    return sealed.seal(text, key_id=key, place=place) if text else None


def _phone(raw: str | None, key: uuid.UUID) -> dict[str, bytes | None]:
    number = phone.normalised(raw) if raw else None
    return {
        "phone_sealed": _sealed(number, key, queries.PHONE_PLACE),
        "phone_index": ring.blind_index(purpose="phone", value=number) if number else None,
    }


def _code_hash(user_id: int, code: str) -> bytes:
    value = f"{user_id}\0{normalised_code(code=code)}"
    return ring.blind_index(purpose="recovery_code", value=value)


def _change_live(session_id: int, real_now: datetime, **values: object) -> None:
    live = (SESSION.c.id == session_id, queries.is_live(real_now=real_now))
    if changed(update(SESSION).where(*live).values(values)) != 1:
        raise SessionEnded


def _end_sessions(*which: ColumnElement[bool], real_now: datetime) -> int:
    ended = update(SESSION).where(*which, SESSION.c.ended_at.is_(None))
    return changed(ended.values(ended_at=real_now))


def _change_user(user_id: int, **values: object) -> None:
    if changed(update(USER).where(USER.c.id == user_id, USER.c.is_active).values(values)) != 1:
        raise NoSuchUser
