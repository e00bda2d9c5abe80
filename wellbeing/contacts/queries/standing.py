"""What is known of a sender at the moment a text comes in, asked with one statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, literal, or_, select

from wellbeing.contacts.models import CALLER, CONTACT, MESSAGE
from wellbeing.contacts.rules.conversations import Channel, ContactState, Standing
from wellbeing.foundation.database import session


def standing_of(*, number_index: bytes, line_number: str, sid: str, since: datetime) -> Standing:
    """Tell with one statement what is known of a sender when a text comes in.

    That is: the caller, the conversation that is open or was closed after `since`, and the message
    with this sid, if the carrier has told us of it before.
    """
    one = select(literal(1).label("one")).subquery()
    recent = or_(CONTACT.c.state != ContactState.CLOSED.value, CONTACT.c.ended_at > since)
    statement = (
        select(
            CALLER.c.id.label("caller_id"),
            CALLER.c.language,
            CALLER.c.word_sealed,
            CONTACT.c.id.label("contact_id"),
            (CONTACT.c.state == ContactState.CLOSED.value).label("is_closed"),
            MESSAGE.c.id.label("message_id"),
            MESSAGE.c.contact_id.label("repeat_of"),
        )
        .select_from(one)
        .outerjoin(CALLER, CALLER.c.number_index == number_index)
        .outerjoin(
            CONTACT,
            and_(
                CONTACT.c.caller_id == CALLER.c.id,
                CONTACT.c.line_number == line_number,
                CONTACT.c.channel == Channel.TEXT.value,
                recent,
            ),
        )
        .outerjoin(MESSAGE, MESSAGE.c.sid == sid)
        .order_by(CONTACT.c.id.desc())
        .limit(1)
    )
    return Standing(**session().execute(statement).mappings().one())
