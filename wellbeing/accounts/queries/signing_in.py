"""Questions that sign-in asks: credentials, codes, and whether an attempt must wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from wellbeing.accounts.models import FAILURE, SESSION, USER
from wellbeing.accounts.rules.signing_in import (
    Credentials,
    Failures,
    SignInAttempt,
    SignInRefused,
    is_slowed,
)
from wellbeing.foundation.crypto import ring, sealed
from wellbeing.foundation.database import session
from wellbeing.policy import current as policy

TOTP_PLACE = "user.totp"


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
