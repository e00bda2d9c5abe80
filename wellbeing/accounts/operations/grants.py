"""Records are granted and taken back. Who did it is audited by the door."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update

from wellbeing.accounts.models import GRANT
from wellbeing.accounts.rules.grants import OWN_KINDS, GrantKind
from wellbeing.foundation.database import changed, session


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


def end_own_grants(*, user_id: int, now: datetime) -> int:
    """End what a person was given for what they are: by request or in an emergency; give how many.

    What they are assigned is handed over by higher rooms.
    """
    own = update(GRANT).where(
        GRANT.c.user_id == user_id,
        GRANT.c.kind.in_([kind.value for kind in OWN_KINDS]),
        GRANT.c.ended_at.is_(None),
    )
    return changed(own.values(ended_at=now))


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
