"""Passwords and codes are checked, in real time.

A refusal carries its attempt: the door shows one message for all of them and stores the attempt
with `note_refusal` in a transaction of its own, so that it counts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, or_, update

from wellbeing.accounts.models import FAILURE, RECOVERY_CODE, USER
from wellbeing.accounts.queries import people, signing_in
from wellbeing.accounts.rules.passwords import is_password
from wellbeing.accounts.rules.people import normalised_username
from wellbeing.accounts.rules.signing_in import (
    RECOVERY_CODES,
    AlreadyEnrolled,
    SignInAttempt,
    SignInRefused,
    matching_step,
    new_recovery_code,
    new_totp_secret,
    normalised_code,
)
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import changed, session
from wellbeing.policy import current as policy


def check_password(*, username: str, password: str, address: str, real_now: datetime) -> int:
    """Give the id of whose name and password these are; every refusal looks and lasts alike.

    Call it outside `transaction()`: hashing takes its time and writes nothing.

    Raises:
        SignInRefused: whatever the reason; store its attempt with `note_refusal`.

    """
    found = signing_in.credentials(username=normalised_username(username=username))
    attempt = signing_in.attempt_at_password(
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
    attempt = signing_in.attempt_at_code(user_id=user_id, address=address, real_now=real_now)
    secret, last = signing_in.totp_of(user_id=user_id)
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
    attempt = signing_in.attempt_at_code(user_id=user_id, address=address, real_now=real_now)
    unused = update(RECOVERY_CODE).where(
        RECOVERY_CODE.c.user_id == user_id,
        RECOVERY_CODE.c.code_hash == _code_hash(user_id, code),
        RECOVERY_CODE.c.used_at.is_(None),
    )
    is_active = people.user(user_id=user_id).is_active
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


def begin_totp(*, user_id: int) -> str:
    """Give a fresh secret for the authenticator; `confirm_totp` with its code completes it.

    Raises:
        AlreadyEnrolled: the person has a second factor; a supervisor must reset it first.

    """
    secret = new_totp_secret()
    key = people.data_key_of(user_id=user_id)
    blob = sealed.seal(secret, key_id=key, place=signing_in.TOTP_PLACE)
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


def _code_hash(user_id: int, code: str) -> bytes:
    value = f"{user_id}\0{normalised_code(code=code)}"
    return ring.blind_index(purpose="recovery_code", value=value)
