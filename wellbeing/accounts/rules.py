"""Roles and permissions, fit passwords, one-time codes, when sign-in slows. No table here."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from threading import BoundedSemaphore

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wellbeing.foundation.errors import Conflict, DomainError, NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import Language, SessionPolicy, SignInPolicy


class Role(StrEnum):
    """What a person is to the service; nobody has two."""

    COUNSELOR = "counselor"
    SUPERVISOR = "supervisor"
    PRINCIPAL = "principal"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a door may ask for."""

    ANSWER_LINE = "answer_line"
    SEE_QUEUE = "see_queue"
    OPEN_CONTACT = "open_contact"
    OPEN_CASE = "open_case"
    EDIT_CASE = "edit_case"
    SEE_CASE_EXISTS = "see_case_exists"
    RECEIVE_ESCALATION = "receive_escalation"
    ESCALATE = "escalate"
    SUPERVISE = "supervise"
    SEE_REPORTS = "see_reports"
    MANAGE_PEOPLE = "manage_people"
    SEE_POLICY = "see_policy"
    SEE_AUDIT = "see_audit"


_CARE = frozenset({
    Permission.ANSWER_LINE, Permission.SEE_QUEUE, Permission.OPEN_CONTACT, Permission.OPEN_CASE,
    Permission.EDIT_CASE, Permission.RECEIVE_ESCALATION, Permission.ESCALATE,
})  # fmt: skip

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.COUNSELOR: _CARE,
    Role.SUPERVISOR: _CARE | {Permission.SUPERVISE, Permission.SEE_REPORTS},
    Role.PRINCIPAL: frozenset({Permission.SEE_CASE_EXISTS}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE, Permission.SEE_POLICY}),
    Role.AUDITOR: frozenset({Permission.SEE_AUDIT, Permission.SEE_POLICY}),
}
"""Principals read no narrative; administrators and auditors open no record (product.md 10)."""


class GrantKind(StrEnum):
    """Why somebody may open a record."""

    ASSIGNMENT = "assignment"
    ESCALATION = "escalation"
    REQUEST = "request"
    BREAK_GLASS = "break_glass"


class NoSuchUser(NotFound):
    """There is no such person."""


class UsernameTaken(Conflict):
    """Somebody has this user name already."""


class PhoneTaken(Conflict):
    """Somebody has this phone number already."""


class StaleUser(Conflict):
    """Somebody else changed this person in the meantime."""


class AlreadyEnrolled(Conflict):
    """This person has a second factor already."""


class SessionEnded(NotFound):
    """This session has ended; sign in again."""


class UnfitPassword(DomainError):
    """This password cannot be used."""


class PasswordTooShort(UnfitPassword):
    """A password has at least 12 characters; a short sentence is fine."""


class PasswordTooLong(UnfitPassword):
    """A password has at most 256 characters."""


class PasswordTooCommon(UnfitPassword):
    """Many people use this password, so it is tried first; choose another."""


class PasswordHoldsName(UnfitPassword):
    """A password must not contain the user name."""


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
class NewUser:
    """A person to be added; `totp_secret` only where the second factor is known beforehand."""

    username: str
    display_name_zh: str
    display_name_en: str
    role: Role
    organization_id: int
    password: str
    phone: str | None = None
    languages: tuple[Language, ...] = (Language.ZH,)
    totp_secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The person behind a session, as a door needs them; one query gives it."""

    session_id: int
    user_id: int
    username: str
    display_name_zh: str
    display_name_en: str
    role: Role
    organization_id: int
    organization_path: str
    organization_name_zh: str
    organization_name_en: str
    permissions: frozenset[Permission]
    second_factor_done: bool
    must_enroll_totp: bool
    stepped_up_at: datetime | None
    seen_at: datetime
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a password is checked against; it stays inside this room."""

    user_id: int
    password_hash: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One live session, for the person whose it is."""

    session_id: int
    created_at: datetime
    seen_at: datetime
    second_factor_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How often something was refused lately, and when last."""

    count: int
    latest: datetime


SECOND_FACTOR_WITHIN = timedelta(minutes=10)
"""A session without its second factor ends by itself after this time."""
KNOWN_FOR = timedelta(days=90)
"""An address stays known to sign-in so long after a session; then the session is forgotten."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
SHORTEST_NAME = 4
"""Shorter names are contained in many words by chance."""

_COMMON = r"""
123456789012 1234567890123 12345678901234 123456789123 123456123456 012345678910 987654321098
0987654321098 111222333444 112233445566 123123123123 123321123321 147258369147 159753159753
password1234 password12345 password123456 password2024 password2025 password2026 passw0rd1234
p@ssw0rd1234 p@ssword1234 passwordpassword mypassword123 newpassword1 newpassword123 changeme1234
changemeplease letmein12345 letmeinletmein welcome12345 welcome123456 welcome@1234 administrator
administrator1 admin1234567 admin12345678 admin123456789 adminadmin123 admin@123456 root12345678
rootroot1234 test12345678 testtest1234 guest1234567 default12345 secret123456 qwerty123456
qwerty12345678 qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiop[]\ 1qaz2wsx3edc
1qaz2wsx3edc4rfv 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i zaq12wsxcde3 qazwsxedcrfv
qazwsxedc123 asdfghjkl123 asdfghjkl1234 zxcvbnm12345 zxcvbnmasdfgh qweasdzxc123 q1w2e3r4t5y6
abcd12345678 abc123456789 a123456789012 aa1234567890 a1b2c3d4e5f6 abcdefghijkl abcdefghijklmnop
iloveyou1234 iloveyou12345 iloveyouforever iloveyou5201314 woaini1314520 woaini5201314
woaini520520 woaini123456 5201314woaini 520131452013 131452013145 wojiushiwo123 woshishui123
zhongguo1234 zhongguo12345 chongqing123 chongqing1234 chongqing2024 chongqing2025 chongqing2026
xinlijiankang xinlijiankang1 zhuguangchengzhang sunshine1234 princess1234 football1234
baseball1234 superman1234 dragon123456 monkey123456 master123456 shadow123456 michael12345
trustno1trustno1 correcthorsebatterystaple teacher12345 teacher123456 student12345 school123456
counselor123 counselor1234 helpline12356 hotline12356 wellbeing1234 summer202412 spring202512
1234567890qwerty qwerty1234567890 1234qwerasdf 1234qwerasdfzxcv q1w2e3r4t5y6u7i8
"""
COMMON_PASSWORDS = frozenset(_COMMON.split())
"""Of the passwords that breaches and local habit bring up most, those that are long enough."""

_hasher = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
HASHES_AT_ONCE = 4
"""Each takes 46 MiB for its time; a flood of attempts must not take the machine's memory."""
_places = BoundedSemaphore(HASHES_AT_ONCE)

NOBODYS_HASH = (
    "$argon2id$v=19$m=47104,t=2,p=1$AAECAwQFBgcICQoLDA0ODw"
    "$qvV2xd7Jd9hrx1kHqDqW0mLwz8Tm3u5sJqkXbW5mQ0E"
)
"""Verified for unknown names, so that they take as long; no password gives it."""

TOTP_STEP_SECONDS = 30
CODE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXZ"
CODE_GROUPS, CODE_GROUP = 4, 4
RECOVERY_CODES = 10


def normalised_username(*, username: str) -> str:
    """Write a user name the one way it is stored and looked up."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def normalised_password(*, password: str) -> str:
    """Write a password the same on every keyboard; nothing is cut off."""
    return unicodedata.normalize("NFKC", password)


def check_new_password(*, password: str, username: str) -> None:
    """Refuse a password that is guessed first; there are no rules of composition (ASVS 6.2).

    Raises:
        UnfitPassword: too short, too long, common, a plain pattern, or it holds the user name.

    """
    text = normalised_password(password=password).casefold()
    if len(text) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    if len(text) > LONGEST_PASSWORD:
        raise PasswordTooLong
    name = normalised_username(username=username)
    if len(name) >= SHORTEST_NAME and name in text:
        raise PasswordHoldsName
    if text in COMMON_PASSWORDS or _is_repeated(text) or _is_counted(text):
        raise PasswordTooCommon


def hash_password(*, password: str) -> str:
    """Hash a password with Argon2id; waits for a place among the concurrent hashes."""
    with _places:
        return _hasher.hash(normalised_password(password=password))


def is_password(*, password: str, hashed: str | None) -> bool:
    """Tell whether a password gives a hash; without a hash it takes as long and is never so."""
    with _places:
        try:
            _hasher.verify(hashed or NOBODYS_HASH, normalised_password(password=password))
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


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


def token_hash(*, token: str) -> bytes:
    """Hash a session token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def is_slowed(
    *, failures: Failures | None, allowed: int, limits: SignInPolicy, now: datetime
) -> bool:
    """Tell whether the next attempt must wait; nothing is ever locked, only slowed."""
    if failures is None or failures.count < allowed:
        return False
    return now < failures.latest + limits.slowed_for


def session_starts_after(*, limits: SessionPolicy, now: datetime) -> tuple[datetime, datetime]:
    """Give the oldest moments at which a live session was last seen and was started."""
    return now - limits.idle, now - limits.absolute


def _is_repeated(text: str) -> bool:
    """`aaaaaaaaaaaa` and `abcabcabcabc`: a short piece, again and again."""
    return any(
        text == (text[:length] * len(text))[: len(text)] for length in range(1, len(text) // 3 + 1)
    )


def _is_counted(text: str) -> bool:
    """`123456789abc…`: each character follows the one before it."""
    steps = {ord(right) - ord(left) for left, right in pairwise(text)}
    return steps in ({1}, {-1})
