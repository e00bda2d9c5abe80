"""Whose calendar a secret address shows. Nothing is changed here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from wellbeing.accounts.models import USER
from wellbeing.foundation.database import session
from wellbeing.roster.models import CALENDAR
from wellbeing.roster.rules.calendars import NoSuchCalendar, token_hash


def calendar_owner(*, token: str) -> int:
    """Tell whose shifts a secret address shows; whoever left has no calendar.

    Raises:
        NoSuchCalendar: there is none, or its address was renewed.

    """
    statement = (
        select(CALENDAR.c.user_id)
        .join(USER, USER.c.id == CALENDAR.c.user_id)
        .where(CALENDAR.c.token_hash == token_hash(token=token), USER.c.is_active)
    )
    found = session().execute(statement).scalar()
    if found is None:
        raise NoSuchCalendar
    return int(found)


def calendar_made_at(*, user_id: int) -> datetime | None:
    """Tell when a person's calendar got its address; None if it has none."""
    statement = select(CALENDAR.c.made_at).where(CALENDAR.c.user_id == user_id)
    return session().execute(statement).scalar()
