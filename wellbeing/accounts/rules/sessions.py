"""How long a session lives and what it tells a door about its person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from wellbeing.accounts.rules.roles import Permission, Role
from wellbeing.foundation.errors import NotFound
from wellbeing.organizations.rules import Scope
from wellbeing.policy.model import SessionPolicy, StepUpPolicy


class SessionEnded(NotFound):
    """This session has ended; sign in again."""


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
class SessionRow:
    """One live session, for the person whose it is."""

    session_id: int
    created_at: datetime
    seen_at: datetime
    second_factor_done: bool


SECOND_FACTOR_WITHIN = timedelta(minutes=10)
"""A session without its second factor ends by itself after this time."""
KNOWN_FOR = timedelta(days=90)
"""An address stays known to sign-in so long after a session; then the session is forgotten."""


def token_hash(*, token: str) -> bytes:
    """Hash a session token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def session_starts_after(*, limits: SessionPolicy, now: datetime) -> tuple[datetime, datetime]:
    """Give the oldest moments at which a live session was last seen and was started."""
    return now - limits.idle, now - limits.absolute


def is_fresh(*, stepped_up_at: datetime | None, limits: StepUpPolicy, real_now: datetime) -> bool:
    """Tell whether somebody proved lately enough who they are (ASVS 7.5.3)."""
    return stepped_up_at is not None and real_now - limits.within <= stepped_up_at
