"""What is in somebody's hands, across rooms, before they leave, move or lose the right to care."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from wellbeing.cases.models.cases import CASE, DUTY
from wellbeing.contacts.models import CONTACT
from wellbeing.contacts.rules.conversations import ContactState
from wellbeing.followups.models import FOLLOW_UP
from wellbeing.followups.rules import FollowUpState
from wellbeing.foundation.database import session
from wellbeing.worklists.rules import Holdings

PROMISED = tuple(
    one.value for one in (FollowUpState.PLANNED, FollowUpState.SENT, FollowUpState.ANSWERED)
)


def of(*, user_id: int) -> Holdings:
    """Count the living cases, promises, duties and conversations of one person, with one query."""
    counts = {
        "cases": (CASE.c.owner_id == user_id, CASE.c.closed_at.is_(None)),
        "promises": (FOLLOW_UP.c.owner_id == user_id, FOLLOW_UP.c.state.in_(PROMISED)),
        "duties": (DUTY.c.holder_id == user_id, DUTY.c.done_at.is_(None)),
        "conversations": (
            CONTACT.c.claimed_by == user_id,
            CONTACT.c.state != ContactState.CLOSED.value,
        ),
    }
    statement = select(*(_count(*which).label(name) for name, which in counts.items()))
    return Holdings(**session().execute(statement).mappings().one())


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(*conditions).scalar_subquery()
