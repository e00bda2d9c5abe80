"""What is known of a sender at the moment a text comes in, and whether a contact still goes on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, bindparam, literal, or_, select

from wellbeing.contacts.models import CALLER, CONTACT, MESSAGE
from wellbeing.contacts.rules.conversations import Channel, ContactState, Standing
from wellbeing.foundation.database import session

STANDING = (
    select(
        CALLER.c.id.label("caller_id"),
        CALLER.c.language,
        CALLER.c.word_sealed,
        CONTACT.c.id.label("contact_id"),
        (CONTACT.c.state == ContactState.CLOSED.value).label("is_closed"),
        MESSAGE.c.id.label("message_id"),
        MESSAGE.c.contact_id.label("repeat_of"),
    )
    .select_from(select(literal(1).label("one")).subquery())
    .outerjoin(CALLER, CALLER.c.number_index == bindparam("number"))
    .outerjoin(
        CONTACT,
        and_(
            CONTACT.c.caller_id == CALLER.c.id,
            CONTACT.c.line_number == bindparam("line"),
            CONTACT.c.channel == Channel.TEXT.value,
            or_(
                CONTACT.c.state != ContactState.CLOSED.value,
                CONTACT.c.ended_at > bindparam("since"),
            ),
        ),
    )
    .outerjoin(MESSAGE, MESSAGE.c.sid == bindparam("sid"))
    .order_by(CONTACT.c.id.desc())
    .limit(1)
)
"""Built once: it runs with every text."""


def standing_of(*, number_index: bytes, line_number: str, sid: str, since: datetime) -> Standing:
    """Tell with one statement what is known of a sender when a text comes in.

    That is: the caller, the conversation that is open or was closed after `since`, and the message
    with this sid, if the carrier has told us of it before.
    """
    values = {"number": number_index, "line": line_number, "sid": sid, "since": since}
    return Standing(**session().execute(STANDING, values).mappings().one())


def is_any_open(*, contact_ids: Collection[int]) -> bool:
    """Tell whether one of several contacts still goes on."""
    statement = select(CONTACT.c.id).where(
        CONTACT.c.id.in_(contact_ids), CONTACT.c.state != ContactState.CLOSED.value
    )
    return session().execute(statement.limit(1)).first() is not None
