"""Questions about who may open which record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from wellbeing.accounts.models import GRANT
from wellbeing.accounts.rules.grants import GrantKind
from wellbeing.foundation.database import session


def has_grant(*, user_id: int, subject_kind: str, subject_id: int, now: datetime) -> bool:
    """Tell whether a person has a grant in force on one record."""
    held = select(GRANT.c.id).where(*_in_force(user_id, subject_kind, now))
    statement = held.where(GRANT.c.subject_id == subject_id).limit(1)
    return session().execute(statement).first() is not None


def had_grant(
    *, user_id: int, subject_kind: str, subject_id: int, kind: GrantKind, since: datetime
) -> bool:
    """Tell whether a person held a grant of this kind on one record that ended after `since`."""
    ended = select(GRANT.c.id).where(
        GRANT.c.user_id == user_id,
        GRANT.c.subject_kind == subject_kind,
        GRANT.c.subject_id == subject_id,
        GRANT.c.kind == kind.value,
        GRANT.c.ended_at > since,
    )
    return session().execute(ended.limit(1)).first() is not None


def grants_subquery(
    *,
    user_id: int | ColumnElement[int],
    subject_kind: str,
    now: datetime | ColumnElement[datetime],
    kind: GrantKind | None = None,
) -> Select[int]:
    """Give a SELECT of the ids a person has grants on, for `.in_()` in a higher room's query."""
    held = select(GRANT.c.subject_id).where(*_in_force(user_id, subject_kind, now))
    return held if kind is None else held.where(GRANT.c.kind == kind.value)


def granted_ids(*, user_id: int, subject_kind: str, now: datetime) -> tuple[int, ...]:
    """List the ids a person has grants on."""
    statement = grants_subquery(user_id=user_id, subject_kind=subject_kind, now=now)
    return tuple(session().execute(statement.distinct().order_by(GRANT.c.subject_id)).scalars())


def holders_of(*, subject_kind: str, subject_id: int, now: datetime) -> tuple[int, ...]:
    """List the people who have a grant in force on a record."""
    subject = (GRANT.c.subject_kind == subject_kind, GRANT.c.subject_id == subject_id)
    held = select(GRANT.c.user_id).where(*subject, *_at(now)).distinct()
    return tuple(session().execute(held.order_by(GRANT.c.user_id)).scalars())


def _in_force(
    user_id: int | ColumnElement[int], subject_kind: str, now: datetime | ColumnElement[datetime]
) -> tuple[ColumnElement[bool], ...]:
    return (GRANT.c.user_id == user_id, GRANT.c.subject_kind == subject_kind, *_at(now))


def _at(now: datetime | ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    return (
        GRANT.c.ended_at.is_(None),
        GRANT.c.starts_at <= now,
        or_(GRANT.c.ends_at.is_(None), GRANT.c.ends_at > now),
    )
