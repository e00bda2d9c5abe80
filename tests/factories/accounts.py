"""Invented staff, added by the real operations; they all have one password and one secret."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

import pyotp

from tests.factories.moments import NOW
from wellbeing.accounts.operations import people as operations
from wellbeing.accounts.operations import sessions
from wellbeing.accounts.rules.people import NewUser
from wellbeing.accounts.rules.roles import Role
from wellbeing.foundation.database import transaction
from wellbeing.organizations import queries as organizations

PASSWORD = "lantern by the river"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = "192.0.2.1"

_numbers = count(1)


def make_user(**changes: Any) -> int:
    """Add a counselor of the municipality; give the id. The municipality must stand."""
    now = changes.pop("now", NOW)
    number = next(_numbers)
    new = {
        "username": f"invented{number}",
        "display_name_zh": f"虚构咨询员{number}",
        "display_name_en": f"Invented Counselor {number}",
        "role": Role.COUNSELOR,
        "password": PASSWORD,
        "totp_secret": TOTP_SECRET,
    } | changes
    if "organization_id" not in new:
        new["organization_id"] = organizations.municipality().id
    with transaction():
        return operations.create_user(new=NewUser(**new), now=now)


def make_counselor(**changes: Any) -> int:
    """Add a counselor."""
    return make_user(**{"role": Role.COUNSELOR} | changes)


def make_supervisor(**changes: Any) -> int:
    """Add a supervisor."""
    return make_user(**{"role": Role.SUPERVISOR} | changes)


def sign_in(*, user_id: int, real_now: datetime, address: str = ADDRESS) -> str:
    """Start a session with both factors done; give its token."""
    with transaction():
        return sessions.start_session(
            user_id=user_id, address=address, real_now=real_now, second_factor_done=True
        )


def code_at(moment: datetime, *, secret: str = TOTP_SECRET) -> str:
    """Read the authenticator at a moment."""
    return pyotp.TOTP(secret).at(moment)
