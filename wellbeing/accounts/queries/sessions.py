"""Questions about live sessions and the people behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from wellbeing.accounts.models import SESSION, USER
from wellbeing.accounts.rules import roles
from wellbeing.accounts.rules.roles import ROLE_PERMISSIONS, Role
from wellbeing.accounts.rules.sessions import (
    SECOND_FACTOR_WITHIN,
    SessionRow,
    SignedIn,
    session_starts_after,
    token_hash,
)
from wellbeing.foundation.database import UtcDateTime, session
from wellbeing.organizations.models import ORGANIZATION
from wellbeing.policy import current as policy
from wellbeing.policy.model import Tier

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
        ORGANIZATION.c.tier.label("organization_tier"),
        ORGANIZATION.c.name_zh.label("organization_name_zh"),
        ORGANIZATION.c.name_en.label("organization_name_en"),
    )
    .join(USER, USER.c.id == SESSION.c.user_id)
    .join(ORGANIZATION, ORGANIZATION.c.id == USER.c.organization_id)
    .where(USER.c.is_active)
)


def _live(after: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(
        SESSION.c.ended_at.is_(None),
        SESSION.c.seen_at > after["seen_after"],
        SESSION.c.created_at > after["made_after"],
        or_(SESSION.c.second_factor_at.is_not(None), SESSION.c.created_at > after["fresh_after"]),
    )


_LIMITS = ("seen_after", "made_after", "fresh_after")
_IS_LIVE = _live({name: bindparam(name, type_=UtcDateTime()) for name in _LIMITS})
_BY_TOKEN = _SIGNED_IN.where(SESSION.c.token_hash == bindparam("token"), _IS_LIVE)
"""Built once: every request asks it."""


def by_session_token(*, token: str, real_now: datetime) -> SignedIn | None:
    """Give the person behind a session's token with one query; None when it is over."""
    given = {"token": token_hash(token=token)} | _limits(real_now)
    row = session().execute(_BY_TOKEN, given).mappings().first()
    return _signed_in(row) if row else None


def is_live(*, real_now: datetime) -> ColumnElement[bool]:
    """Limit a statement to sessions within both limits of the policy, and not ended."""
    return _live(_limits(real_now))


def sessions_of(*, user_id: int, real_now: datetime) -> tuple[SessionRow, ...]:
    """List a person's live sessions, newest first."""
    statement = (
        select(SESSION).where(SESSION.c.user_id == user_id, _IS_LIVE).order_by(SESSION.c.id.desc())
    )
    return tuple(
        SessionRow(
            session_id=row["id"],
            created_at=row["created_at"],
            seen_at=row["seen_at"],
            second_factor_done=row["second_factor_at"] is not None,
        )
        for row in session().execute(statement, _limits(real_now)).mappings()
    )


def _limits(real_now: datetime) -> dict[str, Any]:
    seen, made = session_starts_after(limits=policy.current().privacy.session, now=real_now)
    return {
        "seen_after": seen,
        "made_after": made,
        "fresh_after": real_now - SECOND_FACTOR_WITHIN,
    }


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
        scope=roles.scope_of(
            user_id=row["user_id"],
            path=row["organization_path"],
            role=role,
            tier=Tier(row["organization_tier"]),
        ),
        **plain,
    )
