"""One-time codes, recovery codes, and when attempts are slowed."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import pyotp

from wellbeing.foundation.errors import Conflict, DomainError
from wellbeing.policy.model import SignInPolicy


class AlreadyEnrolled(Conflict):
    """This person has a second factor already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAttempt:
    """Whom and where an attempt concerns, as keyed hashes; `counts` if it was really tried."""

    keys: tuple[bytes, ...]
    counts: bool


class SignInRefused(DomainError):
    """That did not match, or there were too many attempts; wait half a minute and try again."""

    def __init__(self, *, attempt: SignInAttempt) -> None:
        super().__init__()
        self.attempt = attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a password is checked against; it stays inside this room."""

    user_id: int
    password_hash: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How often something was refused lately, and when last."""

    count: int
    latest: datetime


TOTP_STEP_SECONDS = 30
CODE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXZ"
CODE_GROUPS, CODE_GROUP = 4, 4
RECOVERY_CODES = 10


def matching_step(*, secret: str, code: str, at: datetime, last_step: int | None) -> int | None:
    """Find the 30-second step that a code belongs to, one early or late; each counts once."""
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    now = int(at.timestamp()) // TOTP_STEP_SECONDS
    for step in (now, now - 1, now + 1):
        expected = pyotp.TOTP(secret).generate_otp(step)
        is_fresh = last_step is None or step > last_step
        if hmac.compare_digest(expected.encode(), digits.encode()) and is_fresh:
            return step
    return None


def new_totp_secret() -> str:
    """Make a secret of 160 random bits for an authenticator app."""
    return pyotp.random_base32()


def new_recovery_code() -> str:
    """Make a recovery code of 75 random bits, without look-alikes: `7KPM-…`."""
    groups = (
        "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_GROUP))
        for _ in range(CODE_GROUPS)
    )
    return "-".join(groups)


def normalised_code(*, code: str) -> str:
    """Read a recovery code however it was typed."""
    text = unicodedata.normalize("NFKC", code).upper()
    return "".join(letter for letter in text if letter in CODE_ALPHABET)


def is_slowed(
    *, failures: Failures | None, allowed: int, limits: SignInPolicy, now: datetime
) -> bool:
    """Tell whether the next attempt must wait; nothing is ever locked, only slowed."""
    if failures is None or failures.count < allowed:
        return False
    return now < failures.latest + limits.slowed_for
