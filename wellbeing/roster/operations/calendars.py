"""Give a calendar its secret address, a new one, or none."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete

from wellbeing.contacts.operations import conversations as contacts
from wellbeing.foundation.database import changed, session
from wellbeing.roster.models import CALENDAR
from wellbeing.roster.rules.calendars import token_hash

TOKEN_BYTES = 32


def renew_calendar(*, user_id: int, now: datetime) -> str:
    """Give a person's calendar a new secret; the old address ends. It is told this once only."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token_hash": token_hash(token=token), "made_at": now}
    statement = contacts.meeting(CALENDAR).values(user_id=user_id, **values)
    session().execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))
    return token


def end_calendar(*, user_id: int) -> bool:
    """Take a person's calendar off the net; tell whether there was one."""
    return changed(delete(CALENDAR).where(CALENDAR.c.user_id == user_id)) == 1
