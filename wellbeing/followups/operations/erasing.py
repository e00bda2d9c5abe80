"""Forget whom promises of an erased case were kept to; that they were, and when, stays."""

from __future__ import annotations

from sqlalchemy import select, update

from wellbeing.followups.models import FOLLOW_UP, FOLLOW_UP_ATTEMPT
from wellbeing.foundation.database import session
from wellbeing.messaging.operations import erasing as messages


def forget_case(*, case_id: int) -> None:
    """Forget numbers and words of every promise of a case and of what was sent for it."""
    mine = FOLLOW_UP.c.case_id == case_id
    promised = select(FOLLOW_UP.c.id).where(mine)
    sent = [
        *session().execute(select(FOLLOW_UP.c.outbound_id).where(mine)).scalars(),
        *session()
        .execute(
            select(FOLLOW_UP_ATTEMPT.c.outbound_id).where(
                FOLLOW_UP_ATTEMPT.c.follow_up_id.in_(promised)
            )
        )
        .scalars(),
    ]
    messages.forget_orders(outbound_ids=[one for one in sent if one is not None])
    session().execute(update(FOLLOW_UP).where(mine).values(number_index=None, reason_sealed=None))
    session().execute(
        update(FOLLOW_UP_ATTEMPT)
        .where(FOLLOW_UP_ATTEMPT.c.follow_up_id.in_(promised))
        .values(note_sealed=None)
    )
